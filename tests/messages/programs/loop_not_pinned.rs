//! `iter` of a type parameter that may have to be pinned.

use cogen::Generator;

fn sum<G: Generator<Yield = u32, Resume = ()>>(mut g: G) -> u32 {
    g.iter().sum()
}

fn main() {
    println!("{}", sum(cogen::from_iter(1..3)));
}
