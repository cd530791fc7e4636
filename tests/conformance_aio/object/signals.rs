//! Objects that are waited for, but not acquired: events and barriers.

use cogen::aio::{Barrier, Error, Event};
use serde_json::{Value as Json, json};

use super::{Object, Waiting};

impl Object for Event {
    fn wait(&self) -> Waiting<'_> {
        Box::pin(async {
            self.wait().await;
            Ok(json!(true))
        })
    }

    fn set(&self) {
        self.set();
    }

    fn clear(&self) {
        self.clear();
    }

    fn query(&self, _what: &str) -> Json {
        json!(self.is_set())
    }
}

impl Object for Barrier {
    fn wait(&self) -> Waiting<'_> {
        Box::pin(async { Ok(json!(self.wait().await.map_err(Error::from)?)) })
    }

    fn reset(&self) -> Waiting<'_> {
        Box::pin(async {
            self.reset().await;
            Ok(Json::Null)
        })
    }

    fn abort(&self) -> Waiting<'_> {
        Box::pin(async {
            self.abort().await;
            Ok(Json::Null)
        })
    }

    fn query(&self, what: &str) -> Json {
        match what {
            "n_waiting" => json!(self.n_waiting()),
            "broken" => json!(self.broken()),
            other => panic!("a barrier has no {other}"),
        }
    }
}
