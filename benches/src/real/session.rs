//! Sessions: each greets and sends seven items in a scope that catches what is thrown, and takes leave.

use super::{Done, Input, Way, Work};
use cogen::{BoxGen, Co, Generator, GeneratorExt, Step, generator};
use futures_lite::StreamExt;
use futures_lite::future::block_on;
use std::hint::black_box;
use std::pin::pin;

pub(super) const WORK: Work = Work {
    name: "session",
    item: "item",
    prepare: Input::items,
    ways: &[
        Way {
            name: "hand",
            run: hand,
        },
        Way {
            name: "pinned",
            run: pinned,
        },
        Way {
            name: "boxed",
            run: boxed,
        },
        Way {
            name: "anext",
            run: anext,
        },
        Way {
            name: "stream",
            run: stream,
        },
    ],
};

/// Of a session.
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

/// The data after that one.
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

fn sessions(input: &Input) -> u32 {
    black_box(u32::try_from(input.items / ITEMS).expect("few enough"))
}

/// The same, written by hand.
struct Sessions {
    session: u32,
    end: u32,
    /// How many items of it there were.
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
    let mut done = Done::NOTHING;
    let all = Sessions {
        session: 0,
        end: sessions(input),
        at: 0,
        data: 1,
    };
    for item in all {
        done.item(item);
    }
    done
}

fn pinned(input: &'static Input) -> Done {
    let end = sessions(input);
    let mut done = Done::NOTHING;
    let mut generator = pin!(generator(|co: Co<'_, Item>| sessions!(co, end)));
    for item in generator.iter() {
        done.item(item);
    }
    done
}

fn boxed(input: &'static Input) -> Done {
    let end = sessions(input);
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, Item>| sessions!(co, end);
    let mut generator: BoxGen<'_, Item> = black_box(generator(body).boxed());
    for item in &mut generator {
        done.item(item);
    }
    done
}

fn anext(input: &'static Input) -> Done {
    let end = sessions(input);
    block_on(async {
        let mut done = Done::NOTHING;
        let mut generator = pin!(generator(|co: Co<'_, Item>| sessions!(co, end)));
        while let Ok(Step::Yielded(item)) = generator.anext().await {
            done.item(item);
        }
        done
    })
}

fn stream(input: &'static Input) -> Done {
    let end = sessions(input);
    block_on(async {
        let mut done = Done::NOTHING;
        let body = |co: Co<'_, Item>| sessions!(co, end);
        let mut stream = pin!(generator(body).into_stream());
        while let Some(item) = stream.next().await {
            done.item(item);
        }
        done
    })
}
