//! Sessions: each one greets, sends seven items in a scope that catches exceptions, and says goodbye.

use super::each::each;
use super::{Done, Input, Work};
use std::hint::black_box;

macro_rules! sessions {
    ($co:ident, $sessions:ident) => {
        async move {
            let mut data = 1_u64;
            for session in 0..$sessions {
                let mut inside = data;
                let caught = $co.catch(async move {
                    $co.yield_(Item::Greeting(session)).await;
                    for _ in 0..ITEMS - 2 {
                        inside = after(inside);
                        $co.yield_(item_of(inside)).await;
                    }
                    inside
                });
                if let Ok(last) = caught.await {
                    data = last;
                }
                $co.yield_(Item::Leave(session)).await;
            }
        }
    };
}

mod ours;

pub(super) const WORK: Work = Work {
    name: "session",
    item: "item",
    prepare: Input::items,
    ways: ways! { hand; ours::{pinned, boxed, anext, stream} },
};

/// Items in a session.
const ITEMS: usize = 9;

#[derive(Clone, Copy, Debug)]
enum Item {
    Greeting(u32),
    Data(u64),
    Pause,
    Leave(u32),
}

impl Done {
    #[inline]
    fn item(&mut self, item: Item) {
        self.add(match item {
            Item::Greeting(session) => u64::from(session),
            Item::Data(data) => data,
            Item::Pause => 1,
            Item::Leave(session) => u64::from(session) + 3,
        });
    }
}

/// The data after `data`.
#[inline]
fn after(data: u64) -> u64 {
    data.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1)
}

#[inline]
fn item_of(data: u64) -> Item {
    if data >> 60 == 3 {
        Item::Pause
    } else {
        Item::Data(data >> 32)
    }
}

fn sessions(input: &Input) -> u32 {
    black_box(u32::try_from(input.items / ITEMS).expect("few enough"))
}

/// The same, written by hand.
struct Sessions {
    session: u32,
    end: u32,
    /// How many of the session's items there have been.
    at: usize,
    data: u64,
}

impl Iterator for Sessions {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.session == self.end {
            return None;
        }
        let at = self.at;
        self.at += 1;
        Some(match at {
            0 => Item::Greeting(self.session),
            1..=7 => {
                self.data = after(self.data);
                item_of(self.data)
            }
            _ => {
                self.at = 0;
                self.session += 1;
                Item::Leave(self.session - 1)
            }
        })
    }
}

fn hand(input: &'static Input) -> Done {
    let all = Sessions {
        session: 0,
        end: sessions(input),
        at: 0,
        data: 1,
    };
    each(all, Done::item)
}
