//! The one sentence that an account begins with.

use super::{File, Metric, Report};
use crate::domain::LIKELY_TO_REJECT;
use crate::train::house::gates::{Gate, Needed, Outcome};

/// How many digits of a hash people are shown.
const SHORT: usize = 12;

/// Returns how many more labels it takes at least before the challenger can pass.
pub(super) fn needed(report: &Report) -> Needed {
    let needed = report.refusals().map(|verdict| Needed { labels: verdict.needed, kinds: verdict.needed_kinds });
    needed.fold(Needed::default(), Needed::and)
}

/// Says whether the challenger may take the champion's place, and what to do next.
pub(super) fn summary(report: &Report, file: Option<&File>) -> String {
    let needed = needed(report);
    if needed.labels > 0 {
        return format!(
            "Not yet: there are too few labels, and the champion stays. It takes about {}; rule on more comments, then \
             run `ombud retrain` again.",
            needed.in_words()
        );
    }
    let Some(file) = file.filter(|_| report.passed()) else {
        let mut named: Vec<&str> = Vec::new();
        for gate in report.refusals().map(|verdict| of(verdict.gate)) {
            if !named.contains(&gate) {
                named.push(gate);
            }
        }
        return format!(
            "Not passed, and the champion stays: the new model {}. Look at what the gates say, at the comments that would be \
             decided otherwise, and at verdicts that contradict each other.",
            named.join(", and ")
        );
    };
    let figure = |metric| report.comparisons.iter().find(|one| one.name == LIKELY_TO_REJECT && one.metric == metric);
    let precision = figure(Metric::AveragePrecision).and_then(|one| Some((one.champion?, one.challenger?)));
    let gain = precision.map_or_else(String::new, |(before, now)| {
        let than = if now >= before { "better than" } else { "as well as chance lets us tell from" };
        format!(
            "; it finds what your moderators reject {than} the champion (average precision {now:.3}, before {before:.3})"
        )
    });
    let hash: String = file.sha256.chars().take(SHORT).collect();
    format!(
        "Passed: the new model may take the champion's place{gain}. Once the server has it, `ombud models promote {hash}` lets it \
         decide."
    )
}

/// Says what a gate that refuses has found.
fn of(gate: Gate) -> &'static str {
    match gate {
        Gate::Learned => "has learned from too few labels",
        Gate::HeldOut => "can be judged by too few labels",
        Gate::AveragePrecision => "finds what your moderators reject worse",
        Gate::Calibration => "gives probabilities that are farther from the truth",
        Gate::Attributes => "scores attributes worse",
        Gate::Slices => "is much worse on a part of the comments",
        Gate::Identity => "flags harmless sentences about people",
    }
}

/// Says what a gate asks, for people.
pub fn question(gate: Gate) -> &'static str {
    match gate {
        Gate::Learned => "Enough labels to learn from",
        Gate::HeldOut => "Enough labels to judge by",
        Gate::AveragePrecision => "Finds what is rejected",
        Gate::Calibration => "Its probabilities hold",
        Gate::Attributes => "Attributes are not worse",
        Gate::Slices => "No part is much worse",
        Gate::Identity => "Fair to words for people",
    }
}

/// Says what a verdict is, for people.
pub fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Refused => "refused",
        Outcome::Skipped => "not judged",
    }
}
