//! The store from outside: what any engine promises, and what the embedded one does when its files are hurt.

mod conformance;
mod support;
