//! Generators, stages and a sans-IO protocol on wasm32-unknown-unknown: each scene adds lines to a text, which
//! `run.mjs` prints.
//!
//! `.ci/deep wasm` compares it with `expected.txt`.

#[path = "../../../examples/sans_io/client.rs"]
mod client;
#[path = "../../../examples/sans_io/memory.rs"]
mod memory;
#[path = "../../../examples/sans_io/server.rs"]
mod server;
#[path = "../../../examples/sans_io/wire.rs"]
mod wire;

use std::error::Error;
use std::fmt::Write as _;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use cogen::pipeline::{Pipeline, source};
use cogen::{BoxGen, Generator, GeneratorExit, RecursiveCo, generator, recursive};

type Scene = fn(&mut String) -> Result<(), Box<dyn Error>>;

static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Makes the text and gives its address; the text is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> *const u8 {
    let text = text().leak();
    LENGTH.store(text.len(), Ordering::Relaxed);
    text.as_ptr()
}

/// The length of the text.
#[unsafe(no_mangle)]
pub extern "C" fn length() -> usize {
    LENGTH.load(Ordering::Relaxed)
}

fn text() -> String {
    let mut text = String::new();
    let scenes: [(&str, Scene); 4] = [
        ("protocol", protocol),
        ("calls", calls),
        ("stages", stages),
        ("sans-IO", sans_io),
    ];
    for (name, scene) in scenes {
        text += &format!("{name}:\n");
        if let Err(error) = scene(&mut text) {
            text += &format!("error: {error}\n");
        }
    }
    text
}

fn protocol(text: &mut String) -> Result<(), Box<dyn Error>> {
    let mut sum = pin!(generator(|co| async move {
        let mut sum = 0;
        loop {
            match co.catch_as::<GeneratorExit, _>(co.yield_(sum)).await {
                Ok(n) => sum += n,
                Err(_closed) => return sum,
            }
        }
    }));
    writeln!(text, "{:?}", sum.start()?)?;
    writeln!(text, "{:?}", sum.send(20)?)?;
    writeln!(text, "{:?}", sum.send(22)?)?;
    writeln!(text, "{:?}", sum.close()?)?;

    let mut words: BoxGen<'_, &str, (), usize> = generator(|co| async move {
        let mut count = 0;
        for word in "one two three".split(' ') {
            co.yield_(word).await;
            count += 1;
        }
        count
    })
    .boxed();
    for word in &mut words {
        writeln!(text, "{word}")?;
    }
    writeln!(text, "{:?}", words.take_return())?;

    let mut broken: BoxGen<'_, (), ()> =
        generator(|co| async move { co.raise(std::fmt::Error).await }).boxed();
    writeln!(text, "{}", broken.start().unwrap_err())?;
    Ok(())
}

fn calls(text: &mut String) -> Result<(), Box<dyn Error>> {
    async fn down(co: RecursiveCo<'_, u32>, n: u32) {
        if n > 0 {
            co.call(down(co, n - 1)).await;
            co.yield_(n).await;
        }
    }
    let sum: u32 = pin!(recursive(|co| down(co, 10_000))).iter().sum();
    writeln!(text, "{sum}")?;
    Ok(())
}

fn stages(text: &mut String) -> Result<(), Box<dyn Error>> {
    let paragraphs = source("one\ntwo\n\nthree".lines())
        .stage(|io| async move {
            let mut paragraph = String::new();
            while let Some(line) = io.recv().await {
                if line.is_empty() {
                    io.emit(std::mem::take(&mut paragraph)).await;
                } else {
                    paragraph.push_str(line);
                }
            }
            io.emit(paragraph).await;
        })
        .map(|paragraph: String| paragraph.to_uppercase());
    writeln!(text, "{:?}", paragraphs.collect::<Vec<_>>()?)?;
    Ok(())
}

fn sans_io(text: &mut String) -> Result<(), Box<dyn Error>> {
    for reply in memory::talk(&["SET language Rust", "GET language", "QUIT"])? {
        writeln!(text, "{reply}")?;
    }
    Ok(())
}
