//! The `softac` command.
fn main() {}
