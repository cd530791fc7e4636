//! Queues with three orders.

use std::cmp::Ordering;

use cogen::aio::{Error, LifoQueue, PriorityQueue, Queue};
use serde_json::{Value as Json, json};

use super::{Object, Waiting};
use crate::error::Exc;

/// An item, ordered as Python orders numbers, strings and lists of them.
#[derive(PartialEq, Eq)]
pub(super) struct Ordered(Json);

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn compare(one: &Json, other: &Json) -> Ordering {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one.as_i64().cmp(&other.as_i64()),
        (Json::String(one), Json::String(other)) => one.cmp(other),
        (Json::Array(one), Json::Array(other)) => {
            let unequal = one
                .iter()
                .zip(other)
                .map(|(one, other)| compare(one, other));
            let first = unequal.into_iter().find(|order| order.is_ne());
            first.unwrap_or_else(|| one.len().cmp(&other.len()))
        }
        (one, other) => panic!("Python does not order {one} and {other}"),
    }
}

impl From<Ordered> for Json {
    fn from(ordered: Ordered) -> Self {
        ordered.0
    }
}

macro_rules! object {
    ($type:ty, $item:expr) => {
        impl Object for $type {
            fn put(&self, item: Json) -> Waiting<'_> {
                Box::pin(async {
                    self.put($item(item)).await.map_err(Error::from)?;
                    Ok(Json::Null)
                })
            }

            fn get(&self) -> Waiting<'_> {
                Box::pin(async { Ok(self.get().await.map_err(Error::from)?.into()) })
            }

            fn join(&self) -> Waiting<'_> {
                Box::pin(async {
                    self.join().await;
                    Ok(Json::Null)
                })
            }

            fn put_nowait(&self, item: Json) -> Result<(), Exc> {
                Ok(self.put_nowait($item(item)).map_err(Error::from)?)
            }

            fn get_nowait(&self) -> Result<Json, Exc> {
                Ok(self.get_nowait().map_err(Error::from)?.into())
            }

            fn task_done(&self) -> Result<(), Exc> {
                Ok(self.task_done()?)
            }

            fn query(&self, what: &str) -> Json {
                match what {
                    "qsize" => json!(self.qsize()),
                    "empty" => json!(self.empty()),
                    "full" => json!(self.full()),
                    other => panic!("a queue has no {other}"),
                }
            }
        }
    };
}

object!(Queue<Json>, std::convert::identity);
object!(LifoQueue<Json>, std::convert::identity);
object!(PriorityQueue<Ordered>, Ordered);
