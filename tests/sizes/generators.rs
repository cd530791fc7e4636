//! The functions of a generator's body, and of a stage's.
