//! The embedded engine keeps the promises of every engine.

use crate::support::TempPlace;

ombud::store_conformance!(TempPlace::new());
