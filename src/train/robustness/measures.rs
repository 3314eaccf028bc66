//! What disguises cost in recall, and how innocent words fare.

use super::attack::{Attack, attack, attack_first};
use crate::train::dice::Dice;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{
    fmt::{self, Write as _},
    ops::Range,
};

/// One in so many of the texts without the attribute may score over the threshold: 5 %.
const NEGATIVES_PER_FLAGGED: usize = 20;
/// How many innocent texts are named.
const WORST_MAX: usize = 8;

/// A text, and whether it carries the attribute.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// The text.
    pub text: &'a str,
    /// Whether it carries the attribute.
    pub truth: bool,
}

/// What to measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// One word in so many is disguised.
    pub every: usize,
    /// What decides on chance.
    pub seed: u64,
    /// How often the texts are drawn anew for the interval of a ratio.
    pub resamples: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self { every: 3, seed: 1, resamples: 1_000 }
    }
}

/// Who chooses the words to disguise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Chance.
    Chance,
    /// An attacker who knows which words raise the score most.
    Attacker,
}

impl Strategy {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Chance, Self::Attacker];

    /// Returns the name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chance => "chance",
            Self::Attacker => "attacker",
        }
    }
}

/// What disguises cost on some texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RobustnessReport {
    /// What was asked for.
    pub plan: Plan,
    /// Texts that carry the attribute.
    pub positives: usize,
    /// Texts that don't.
    pub negatives: usize,
    /// A text is found where it scores more than this: at most 5 % of the negatives do, as they are.
    pub threshold: f32,
    /// Share of the positives found as they are.
    pub recall: f64,
    /// Share of the negatives found as they are.
    pub false_positives: f64,
    /// One entry for each attack and strategy.
    pub attacks: Vec<AttackReport>,
}

/// What one kind of disguise costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttackReport {
    /// How words are disguised.
    pub attack: Attack,
    /// Who chooses the words.
    pub strategy: Strategy,
    /// Share of the positives found in disguise, at the threshold for texts as they are.
    pub recall: f64,
    /// What is kept of the recall.
    pub kept: f64,
    /// Where 95 % of the ratios lie when positives are drawn anew while the threshold stays; `None` without resamples.
    pub kept_interval: Option<[f64; 2]>,
    /// Share of the negatives found in disguise, at the same threshold.
    pub false_positives: f64,
}

impl RobustnessReport {
    /// Measures `score` on texts as they are and in every disguise.
    ///
    /// `order` lists a text's words for an attacker, by what they add to the score. `None` where either kind of text
    /// is missing or no positive is found as it is.
    pub fn measure(
        texts: &[Text<'_>],
        plan: &Plan,
        score: impl Fn(&str) -> f32 + Sync,
        order: impl Fn(&str) -> Vec<Range<usize>> + Sync,
    ) -> Option<Self> {
        let (positives, negatives): (Vec<Text<'_>>, Vec<Text<'_>>) = texts.iter().partition(|text| text.truth);
        let clean = |texts: &[Text<'_>]| -> Vec<f32> { texts.par_iter().map(|text| score(text.text)).collect() };
        let negative_scores = clean(&negatives);
        let threshold = threshold(&negative_scores)?;
        let found = over(&clean(&positives), threshold);
        if !found.contains(&true) {
            return None;
        }
        let recall = share(&found);
        let disguised = |texts: &[Text<'_>], kind: Attack, strategy: Strategy| {
            let disguise = |(at, text): (usize, &Text<'_>)| {
                let seed = plan.seed.wrapping_add((at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                score(&match strategy {
                    Strategy::Chance => attack(text.text, kind, plan.every, seed),
                    Strategy::Attacker => attack_first(text.text, kind, &order(text.text), plan.every, seed),
                })
            };
            over(&texts.par_iter().enumerate().map(disguise).collect::<Vec<f32>>(), threshold)
        };
        let attacks = Strategy::ALL.iter().flat_map(|&strategy| Attack::ALL.map(|attack| (attack, strategy)));
        let attacks = attacks.map(|(attack, strategy)| {
            let still = disguised(&positives, attack, strategy);
            AttackReport {
                attack,
                strategy,
                recall: share(&still),
                kept: share(&still) / recall,
                kept_interval: interval(&found, &still, plan),
                false_positives: share(&disguised(&negatives, attack, strategy)),
            }
        });
        Some(Self {
            plan: plan.clone(),
            positives: positives.len(),
            negatives: negatives.len(),
            threshold,
            recall,
            false_positives: share(&over(&negative_scores, threshold)),
            attacks: attacks.collect(),
        })
    }

    /// Returns the attack of one strategy that leaves the least of the recall.
    pub fn worst(&self, strategy: Strategy) -> Option<&AttackReport> {
        let attacks = self.attacks.iter().filter(|report| report.strategy == strategy);
        attacks.min_by(|a, b| a.kept.total_cmp(&b.kept))
    }

    /// Renders the report as a table in Markdown, with a sentence that explains it.
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "Of {} texts with the attribute, {} are found where {} of {} others are flagged. With one word in {} in \
             disguise, at the same threshold:\n\n\
             | disguise | words chosen by | found | kept (95 % interval) | others flagged |\n|---|---|---|---|---|\n",
            self.positives,
            percent(self.recall),
            percent(self.false_positives),
            self.negatives,
            self.plan.every,
        );
        for report in &self.attacks {
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} ({}) | {} |",
                report.attack,
                report.strategy.name(),
                percent(report.recall),
                percent(report.kept),
                report.interval(),
                percent(report.false_positives),
            );
        }
        out
    }
}

impl AttackReport {
    fn interval(&self) -> String {
        let shown = self.kept_interval.map(|[low, high]| format!("{} to {}", percent(low), percent(high)));
        shown.unwrap_or_else(|| "-".to_owned())
    }
}

impl fmt::Display for RobustnessReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, by: &str, figures: [&str; 4]| {
            let [found, kept, interval, others] = figures;
            writeln!(f, "{name:<16} {by:<9} {found:>8}  {kept:>8}  {interval:>18}  {others:>14}")
        };
        let title = format!("1 word in {}", self.plan.every);
        row(&title, "chosen by", ["found", "kept", "95 % interval", "others flagged"])?;
        row("as they are", "", [&percent(self.recall), "", "", &percent(self.false_positives)])?;
        for report in &self.attacks {
            let figures = [percent(report.recall), percent(report.kept), report.interval()];
            let [found, kept, interval] = &figures;
            let others = percent(report.false_positives);
            row(report.attack.name(), report.strategy.name(), [found, kept, interval, &others])?;
        }
        Ok(())
    }
}

/// How innocent texts that look bad fare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InnocentsReport {
    /// Which texts they are, such as `held out`.
    pub part: String,
    /// How many there are.
    pub texts: usize,
    /// From this score on a text is held.
    pub hold: f32,
    /// How many of the texts are held.
    pub held: usize,
    /// The texts that score highest, the highest first, held or not.
    pub worst: Vec<Innocent>,
}

/// An innocent text with its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Innocent {
    /// The text.
    pub text: String,
    /// Its score.
    pub score: f32,
}

impl InnocentsReport {
    /// Scores innocent texts; where several attributes may hold a text, `score` returns the one that matters most.
    pub fn measure(part: &str, texts: &[String], hold: f32, score: impl Fn(&str) -> f32 + Sync) -> Self {
        let scored = texts.par_iter().map(|text| Innocent { text: text.clone(), score: score(text) });
        let mut worst: Vec<Innocent> = scored.collect();
        let held = worst.iter().filter(|innocent| innocent.score >= hold).count();
        worst.sort_by(|a, b| b.score.total_cmp(&a.score));
        worst.truncate(WORST_MAX);
        Self { part: part.to_owned(), texts: texts.len(), hold, held, worst }
    }

    /// Returns the share of the texts that are held; zero where there is none.
    #[expect(clippy::cast_precision_loss, reason = "there are fewer texts than a double has whole numbers")]
    pub fn share_held(&self) -> f64 {
        self.held as f64 / self.texts.max(1) as f64
    }

    /// Renders the report as a sentence in Markdown.
    pub fn markdown(&self) -> String {
        let worst = self.worst.iter().map(|innocent| format!("\"{}\" {:.3}", innocent.text, innocent.score));
        format!(
            "Of {} innocent look-alikes ({}), {} are held ({}). Highest: {}.\n",
            self.texts,
            self.part,
            self.held,
            percent(self.share_held()),
            worst.collect::<Vec<_>>().join(", ")
        )
    }
}

impl fmt::Display for InnocentsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "innocent look-alikes, {}: {} of {} held ({}), from {:.3} on",
            self.part,
            self.held,
            self.texts,
            percent(self.share_held()),
            self.hold
        )?;
        for innocent in &self.worst {
            let held = if innocent.score >= self.hold { "  held" } else { "" };
            writeln!(f, "  {:.3}  {}{held}", innocent.score, innocent.text)?;
        }
        Ok(())
    }
}

/// Returns the lowest threshold that at most one negative in [`NEGATIVES_PER_FLAGGED`] scores over.
fn threshold(negatives: &[f32]) -> Option<f32> {
    let mut falling = negatives.to_vec();
    falling.sort_unstable_by(|a, b| b.total_cmp(a));
    falling.get(negatives.len() / NEGATIVES_PER_FLAGGED).copied()
}

fn over(scores: &[f32], threshold: f32) -> Vec<bool> {
    scores.iter().map(|score| *score > threshold).collect()
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer texts than a double has whole numbers")]
fn share(found: &[bool]) -> f64 {
    found.iter().filter(|found| **found).count() as f64 / found.len() as f64
}

/// Returns the middle 95 % of what is kept of the recall (percentile bootstrap), drawing each text with its disguise.
#[expect(clippy::cast_precision_loss, reason = "there are fewer texts than a double has whole numbers")]
fn interval(found: &[bool], still: &[bool], plan: &Plan) -> Option<[f64; 2]> {
    let pairs: Vec<(u32, u32)> = found.iter().zip(still).map(|(a, b)| (u32::from(*a), u32::from(*b))).collect();
    let resample = |round: usize| {
        let mut dice = Dice::new(plan.seed, round as u64);
        let drawn = (0..pairs.len()).map(|_| pairs[dice.below(pairs.len())]);
        let (found, still) = drawn.fold((0, 0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
        (found > 0).then(|| f64::from(still) / f64::from(found))
    };
    let mut ratios: Vec<f64> = (0..plan.resamples).into_par_iter().filter_map(resample).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let last = ratios.len().checked_sub(1)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
    let at = |share: f64| ratios[(last as f64 * share).round() as usize];
    Some([at(0.025), at(0.975)])
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests;
