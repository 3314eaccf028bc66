//! The `ombud` program.

fn main() {}
