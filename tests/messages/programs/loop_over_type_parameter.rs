//! `for` over a type parameter, and over `impl Generator`: `g.iter()`, or `g.into_iterator()`.

use cogen::Generator;

fn sum<G: Generator<Yield = u32, Resume = ()> + Unpin>(mut g: G) -> u32 {
    let mut sum = 0;
    for n in &mut g {
        sum += n;
    }
    sum
}

fn count() -> impl Generator<Yield = u32, Resume = (), Return = ()> + Unpin {
    cogen::from_iter(1..3)
}

fn main() {
    println!("{}", sum(count()));
    for n in count() {
        println!("{n}");
    }
}
