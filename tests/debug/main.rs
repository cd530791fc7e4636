//! What `Debug` shows of each type that does not simply derive it: exactly that, and whatever it holds need not have
//! `Debug` itself, except where its value is shown. (Those of processes are in `tests/process`.)

mod adapt;
#[cfg(feature = "aio")]
mod aio;
mod context;
mod generator;
mod pipeline;

/// Has no `Debug`.
struct Plain;

/// Each text is what `Debug` shows of the value, with `#` for numbers that differ from run to run.
macro_rules! shows {
    ($($value:expr => $text:literal),* $(,)?) => {
        $(crate::assert_shown(&$value, $text, stringify!($value));)*
    };
}
use shows;

fn assert_shown(value: &dyn std::fmt::Debug, text: &str, expression: &str) {
    assert_eq!(with_marks(&format!("{value:?}")), text, "{expression}");
}

/// With `#` for the number of an id, and for the line and column of a place in a file.
fn with_marks(shown: &str) -> String {
    let mut marked = String::new();
    for c in shown.chars() {
        let is_number = c.is_ascii_digit();
        if is_number && (marked.ends_with("id: ") || marked.ends_with(':')) {
            marked.push('#');
        } else if !(is_number && marked.ends_with('#')) {
            marked.push(c);
        }
    }
    marked
}
