//! cogen's ways.

use super::{ITEMS, Item, after, item_of, sessions};
use crate::real::{Done, Input};
use cogen::{BoxGen, Co, Generator, GeneratorExt, Step, generator};
use futures_lite::StreamExt;
use futures_lite::future::block_on;
use std::hint::black_box;
use std::pin::pin;

pub(super) fn pinned(input: &'static Input) -> Done {
    let end = sessions(input);
    let mut done = Done::NOTHING;
    let mut generator = pin!(generator(|co: Co<'_, Item>| sessions!(co, end)));
    for item in generator.iter() {
        done.item(item);
    }
    done
}

pub(super) fn boxed(input: &'static Input) -> Done {
    let end = sessions(input);
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, Item>| sessions!(co, end);
    let mut generator: BoxGen<'_, Item> = black_box(generator(body).boxed());
    for item in &mut generator {
        done.item(item);
    }
    done
}

pub(super) fn anext(input: &'static Input) -> Done {
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

pub(super) fn stream(input: &'static Input) -> Done {
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
