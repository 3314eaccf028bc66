//! Whatever somebody may send.

use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::Value;
use tokio::{runtime::Handle, task::block_in_place};

/// Any JSON, of which many objects have some of these keys.
pub fn json(keys: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        prop::sample::select(keys).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let key = prop_oneof![3 => prop::sample::select(keys).prop_map(str::to_owned), 1 => "\\PC{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Checks so many values, and shows the smallest that fails. It takes a runtime of several threads.
pub fn for_all<S: Strategy>(strategy: &S, cases: u32, check: impl AsyncFn(S::Value) -> Result<(), String>) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let run = || runner.run(strategy, |value| Handle::current().block_on(check(value)).map_err(TestCaseError::fail));
    block_in_place(run).unwrap_or_else(|failure| panic!("{failure}"));
}
