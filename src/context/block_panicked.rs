/// What [`Context::exit`](super::Context::exit) is given if the block panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the block panicked")]
pub struct BlockPanicked;
