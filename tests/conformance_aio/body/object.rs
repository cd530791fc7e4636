//! Statements about objects.

use serde_json::Value as Json;

use super::{Body, Outcome, Scope};
use crate::error::Exc;
use crate::object::Object;
use crate::statement::{Act, Block, WaitOn};

impl Body {
    pub(super) fn act(
        &self,
        object: &dyn Object,
        act: &'static Act,
        scope: &Scope,
    ) -> Result<Json, Exc> {
        match act {
            Act::Release => object.release()?,
            Act::Set => object.set(),
            Act::Clear => object.clear(),
            Act::Notify(how_many) => {
                let how_many = self.value(how_many, scope).as_u64().unwrap_or(0);
                object.notify(usize::try_from(how_many).unwrap_or(usize::MAX))?;
            }
            Act::NotifyAll => object.notify_all()?,
            Act::PutNowait(item) => object.put_nowait(self.value(item, scope))?,
            Act::GetNowait => return object.get_nowait(),
            Act::TaskDone => object.task_done()?,
        }
        Ok(Json::Null)
    }

    pub(super) async fn wait_on(
        &self,
        object: &dyn Object,
        wait: &'static WaitOn,
        scope: &Scope,
    ) -> Result<Json, Exc> {
        match wait {
            WaitOn::Acquire => object.acquire().await,
            WaitOn::Wait => object.wait().await,
            WaitOn::WaitFor(until) => object.wait_for(&|| self.value(until, scope)).await,
            WaitOn::Reset => object.reset().await,
            WaitOn::Abort => object.abort().await,
            WaitOn::Put(item) => object.put(self.value(item, scope)).await,
            WaitOn::Get => object.get().await,
            WaitOn::Join => object.join().await,
        }
    }

    /// `async with`.
    pub(super) async fn with(
        &self,
        object: &dyn Object,
        body: &'static Block,
        scope: &Scope,
    ) -> Outcome {
        object.acquire().await?;
        let outcome = Self::attempt(self.block(body, scope)).await;
        object.release()?;
        outcome
    }
}
