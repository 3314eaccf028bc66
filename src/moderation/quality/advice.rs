//! One sentence of advice: whether it is time to learn again, and why.

use super::drift::Period;
use super::estimate::Estimate;
use crate::domain::Criterion;

/// Fewer verdicts than that say nothing of how often models and moderators agree.
const VERDICTS_MIN: u64 = 50;
/// By custom, an index above it says that scores lie elsewhere.
const INDEX_MAX: f64 = 0.25;
/// So much larger may the share of unknown n-grams be than it was.
const UNSEEN_RISE_MAX: f64 = 0.05;

/// What to do.
pub(super) struct Advice {
    pub(super) sentence: String,
    pub(super) is_due: bool,
}

/// Judges the last week by the four weeks before it, or by itself where there is nothing before it.
pub(super) fn advise(recent: &Period, before: &Period) -> Advice {
    let due = |why: String| Advice {
        sentence: format!("It is time to learn again with `ombud retrain`: {why}."),
        is_due: true,
    };
    let fine = |why: String| Advice { sentence: format!("Nothing asks for learning again: {why}."), is_due: false };
    if recent.comments == 0 {
        return fine("no comments came in the last seven days".to_owned());
    }
    let (now, then) = (agreement(recent), agreement(before));
    if now.ruled >= VERDICTS_MIN && then.ruled >= VERDICTS_MIN && now.high < then.low {
        let why = "moderators agree with the model in";
        return due(format!(
            "{why} {} of verdicts on the last seven days' comments, and did in {} before",
            share(now),
            share(then)
        ));
    }
    if let (Some(now), Some(then)) = (recent.unseen_ngrams, before.unseen_ngrams)
        && now - then > UNSEEN_RISE_MAX
    {
        let (now, then) = (100.0 * now, 100.0 * then);
        return due(format!("{now:.0} % of what readers write is new to the model, and {then:.0} % was before"));
    }
    let moved = recent.criteria.iter().filter_map(|one| Some((one.criterion, one.stability_index?)));
    let before_of = |criterion: Criterion| before.criteria.iter().find(|one| one.criterion == criterion);
    let farther = |(criterion, index): &(Criterion, f64)| {
        before_of(*criterion).and_then(|then| then.stability_index).is_some_and(|then| index - then > INDEX_MAX)
    };
    if let Some((criterion, index)) = moved.filter(farther).max_by(|a, b| a.1.total_cmp(&b.1)) {
        return due(format!(
            "scores of {criterion} lie farther from where they did in training, by an index of {index:.2}"
        ));
    }
    if now.ruled < VERDICTS_MIN {
        let missing = VERDICTS_MIN - now.ruled;
        return fine(format!(
            "scores and words are as they were, and it takes {missing} more verdicts in seven days to say more"
        ));
    }
    if then.ruled < VERDICTS_MIN {
        return fine(format!(
            "moderators agree with the model in {} of verdicts, and there is nothing before to hold that against",
            share(now)
        ));
    }
    fine(format!("moderators agree with the model in {} of verdicts, as before", share(now)))
}

fn agreement(period: &Period) -> Estimate {
    let likely = period.criteria.iter().find(|one| one.criterion == Criterion::LikelyToReject);
    likely.map(|one| one.agreement).unwrap_or_default()
}

fn share(estimate: Estimate) -> String {
    format!("{:.0} %", 100.0 * estimate.share)
}
