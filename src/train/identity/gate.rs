//! The gate that every training passes: a model that takes words for people for attacks is not good enough.
//!
//! No term may have more than 15 % of its benign sentences flagged. The limit of the area keeps what was reached: the
//! hateful sentences that are measured on hold no word of hate that was learned. A model that learns from collected
//! data alone is far outside of both.

use super::measures::IdentityReport;
use serde::{Deserialize, Serialize};

/// The least area under the ROC curve over held-out sentences that name an identity.
pub const ROC_AUC_MIN: f64 = 0.68;
/// The most of any held-out term's benign sentences that may be flagged, at the threshold that flags
/// [`ORDINARY_SHARE`] of ordinary comments without the attribute.
pub const FALSE_POSITIVE_RATE_MAX: f64 = 0.15;
/// The share of ordinary comments without the attribute that the threshold flags.
pub const ORDINARY_SHARE: f64 = 0.05;

/// What a model has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The least area under the ROC curve.
    pub roc_auc_min: f64,
    /// The highest false positive rate that any term may have.
    pub false_positive_rate_max: f64,
}

impl Default for Gate {
    fn default() -> Self {
        Self { roc_auc_min: ROC_AUC_MIN, false_positive_rate_max: FALSE_POSITIVE_RATE_MAX }
    }
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the model passes.
    pub passed: bool,
    /// Why, a sentence for each limit.
    pub reasons: Vec<String>,
}

impl Gate {
    /// Judges a report that was made at the threshold [`threshold`] gives. A figure that is missing fails.
    pub fn judge(&self, report: &IdentityReport) -> Verdict {
        let auc = report.roc_auc;
        let mut passed = auc.is_some_and(|auc| auc >= self.roc_auc_min);
        let mut reasons = vec![match auc {
            Some(auc) => format!(
                "{}: the ROC AUC over sentences that name an identity is {auc:.3}; the least is {:.3}",
                report.attribute, self.roc_auc_min
            ),
            None => format!("{}: there are no sentences of both kinds that name an identity", report.attribute),
        }];
        let limit = self.false_positive_rate_max;
        let mut within = report.worst_false_positive_rate.is_some();
        for term in &report.terms {
            let Some(rate) = term.false_positives.filter(|rate| rate.share > limit) else { continue };
            within = false;
            reasons.push(format!(
                "{}: {:.1} % of the benign sentences about \"{}\" are flagged; the most is {:.1} %",
                report.attribute,
                rate.share * 100.0,
                term.term,
                limit * 100.0
            ));
        }
        if within {
            reasons.push(format!(
                "{}: no term has more than {:.1} % of its benign sentences flagged; the most is {:.1} %",
                report.attribute,
                report.worst_false_positive_rate.unwrap_or_default() * 100.0,
                limit * 100.0
            ));
        }
        passed &= within;
        Verdict { passed, reasons }
    }
}

/// Returns the least score that at most `share` of the scores reach: the highest of them that may not be flagged is
/// just below. `None` without scores.
pub fn threshold(scores: &[f32], share: f64) -> Option<f32> {
    let mut falling = scores.to_vec();
    falling.sort_unstable_by(|a, b| b.total_cmp(a));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "in 0 to the number of scores, which is far below 2^52"
    )]
    let flagged = (share.clamp(0.0, 1.0) * falling.len() as f64).floor() as usize;
    match falling.get(flagged) {
        // Ties with the first that may not be flagged are not flagged either.
        Some(first_below) => Some(first_below.next_up()),
        None => falling.last().copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::identity::{Context, measures::Row};

    fn report(benign: &[f32], hateful: &[f32]) -> IdentityReport {
        let row = |truth, context| move |&score: &f32| Row { score, truth, term: Some("deaf"), context };
        let mut rows: Vec<Row<'_>> = benign.iter().map(row(false, Context::News)).collect();
        rows.extend(hateful.iter().map(row(true, Context::Blame)));
        IdentityReport::new("TOXICITY", 0.5, &rows)
    }

    #[test]
    fn a_model_passes_within_both_limits_and_is_told_why() {
        let verdict = Gate::default().judge(&report(&[0.1, 0.2], &[0.9]));
        assert!(verdict.passed);
        assert_eq!(verdict.reasons.len(), 2, "{:?}", verdict.reasons);
        assert!(verdict.reasons[1].contains("no term has more than 0.0 %"), "{:?}", verdict.reasons);
    }

    #[test]
    fn one_term_over_the_limit_fails_the_model() {
        // All pairs are in order, but half of the benign sentences are flagged.
        let verdict = Gate::default().judge(&report(&[0.1, 0.6], &[0.9]));
        assert!(!verdict.passed);
        assert!(verdict.reasons[1].contains("50.0 % of the benign sentences about \"deaf\""), "{:?}", verdict.reasons);
    }

    #[test]
    fn the_limits_themselves_pass() {
        // 68 of 100 pairs are in order, and 15 of 100 benign sentences are flagged.
        let benign = [vec![0.1; 68], vec![0.4; 17], vec![0.6; 15]].concat();
        assert!(Gate::default().judge(&report(&benign, &[0.3])).passed);
        assert!(!Gate::default().judge(&report(&benign[1..], &[0.3])).passed);
    }

    #[test]
    fn a_low_area_or_nothing_to_judge_fails() {
        assert!(!Gate::default().judge(&report(&[0.1, 0.2], &[0.15])).passed);
        assert!(!Gate::default().judge(&report(&[], &[])).passed);
        assert!(!Gate::default().judge(&report(&[0.1], &[])).passed);
    }

    #[test]
    fn the_threshold_flags_no_more_than_its_share() {
        let scores: Vec<f32> = (0..100_u8).map(f32::from).collect();
        let at = threshold(&scores, 0.05).unwrap();
        assert_eq!(scores.iter().filter(|score| **score >= at).count(), 5);
        let tied = threshold(&[0.5; 10], 0.05).unwrap();
        assert!(tied > 0.5);
        assert!(threshold(&[0.5; 10], 1.0).unwrap() <= 0.5);
        assert_eq!(threshold(&[], 0.05), None);
    }
}
