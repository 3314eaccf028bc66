//! How fairly a model scores sentences that name an identity, term by term and context by context.
//!
//! Three areas under the ROC curve say where a term goes wrong (Borkan et al., 2019): within its own sentences
//! (subgroup), its benign ones against the attacks on others (BPSN: background positive, subgroup negative; low where
//! the word alone counts as an attack), and its hateful ones against what is benign about others (BNSP; low where
//! attacks on it go unseen).

use super::Context;
use crate::train::{
    metrics::{Scored, Share, roc_auc},
    report::figure,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

/// One scored sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// What the model says.
    pub score: f32,
    /// Whether the sentence carries the attribute.
    pub truth: bool,
    /// The identity it names, if any.
    pub term: Option<&'a str>,
    /// What the sentence does.
    pub context: Context,
}

/// How one term fares. A figure that takes rows of both kinds is missing where there is one kind only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermReport {
    /// The term.
    pub term: String,
    /// Its benign sentences.
    pub benign: usize,
    /// Its hateful sentences.
    pub hateful: usize,
    /// The area under the ROC curve within its sentences.
    pub subgroup_auc: Option<f64>,
    /// The same for its benign sentences against attacks elsewhere.
    pub bpsn_auc: Option<f64>,
    /// The same for its hateful sentences against benign ones elsewhere.
    pub bnsp_auc: Option<f64>,
    /// How many of its benign sentences reach the threshold.
    pub false_positives: Option<Share>,
}

/// How one kind of sentence fares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextReport {
    /// What the sentences do.
    pub context: Context,
    /// Whether they carry the attribute.
    pub truth: bool,
    /// How many there are.
    pub rows: usize,
    /// The share that is on the right side of the threshold.
    pub right: Option<Share>,
    /// The area under the ROC curve against all sentences of the other truth.
    pub roc_auc: Option<f64>,
}

/// How a model fares on sentences about people, for one attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityReport {
    /// The attribute's wire name.
    pub attribute: String,
    /// From this score on, a sentence counts as flagged.
    pub threshold: f32,
    /// How many sentences there are.
    pub rows: usize,
    /// The area under the ROC curve over the sentences that name an identity.
    pub roc_auc: Option<f64>,
    /// How many benign sentences that name an identity reach the threshold.
    pub false_positives: Option<Share>,
    /// The highest false positive rate of any term.
    pub worst_false_positive_rate: Option<f64>,
    /// The term that it belongs to.
    pub worst_term: Option<String>,
    /// The mean over the terms.
    pub mean_subgroup_auc: Option<f64>,
    /// The mean over the terms.
    pub mean_bpsn_auc: Option<f64>,
    /// The mean over the terms.
    pub mean_bnsp_auc: Option<f64>,
    /// Every term, the one with the most false positives first.
    pub terms: Vec<TermReport>,
    /// Every kind of sentence, in the order of [`Context::ALL`].
    pub contexts: Vec<ContextReport>,
}

impl IdentityReport {
    /// Measures scored sentences; those from `threshold` on count as flagged.
    pub fn new(attribute: &str, threshold: f32, rows: &[Row<'_>]) -> Self {
        let named: Vec<&Row<'_>> = rows.iter().filter(|row| row.term.is_some()).collect();
        let mut terms: Vec<TermReport> = terms(&named, threshold);
        let rate = |term: &TermReport| term.false_positives.map_or(-1.0, |share| share.share);
        terms.sort_by(|a, b| rate(b).total_cmp(&rate(a)).then_with(|| a.term.cmp(&b.term)));
        let worst = terms.first().filter(|term| term.false_positives.is_some());
        Self {
            attribute: attribute.to_owned(),
            threshold,
            rows: rows.len(),
            roc_auc: roc_auc(&scored(named.iter().copied())),
            false_positives: false_positives(named.iter().copied(), threshold),
            worst_false_positive_rate: worst.map(rate),
            worst_term: worst.map(|term| term.term.clone()),
            mean_subgroup_auc: mean(terms.iter().map(|term| term.subgroup_auc)),
            mean_bpsn_auc: mean(terms.iter().map(|term| term.bpsn_auc)),
            mean_bnsp_auc: mean(terms.iter().map(|term| term.bnsp_auc)),
            contexts: contexts(rows, threshold),
            terms,
        }
    }

    /// Writes the report as the tables of a model card.
    ///
    /// # Errors
    ///
    /// Fails where `out` does.
    pub fn write_markdown(&self, out: &mut impl Write) -> fmt::Result {
        writeln!(
            out,
            "| term | benign | hateful | subgroup AUC | BPSN AUC | BNSP AUC | false positives | 95 % interval |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
        )?;
        for term in &self.terms {
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                term.term,
                term.benign,
                term.hateful,
                cell(term.subgroup_auc),
                cell(term.bpsn_auc),
                cell(term.bnsp_auc),
                percent(term.false_positives),
                interval(term.false_positives)
            )?;
        }
        writeln!(
            out,
            "\n| kind of sentence | is {} | sentences | right at the threshold | ROC AUC |\n\
             | --- | --- | ---: | ---: | ---: |",
            self.attribute
        )?;
        for context in &self.contexts {
            writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                context.context,
                if context.truth { "yes" } else { "no" },
                context.rows,
                percent(context.right),
                cell(context.roc_auc)
            )?;
        }
        Ok(())
    }
}

fn terms(named: &[&Row<'_>], threshold: f32) -> Vec<TermReport> {
    let mut by_term: BTreeMap<&str, Vec<&Row<'_>>> = BTreeMap::new();
    for row in named {
        by_term.entry(row.term.unwrap_or_default()).or_default().push(row);
    }
    let report = |(name, own): (&str, Vec<&Row<'_>>)| {
        let mixed = |own_truth: bool| {
            let own = own.iter().copied().filter(|row| row.truth == own_truth);
            let others = named.iter().copied().filter(|row| row.term != Some(name) && row.truth != own_truth);
            roc_auc(&scored(own.chain(others)))
        };
        TermReport {
            term: name.to_owned(),
            benign: own.iter().filter(|row| !row.truth).count(),
            hateful: own.iter().filter(|row| row.truth).count(),
            subgroup_auc: roc_auc(&scored(own.iter().copied())),
            bpsn_auc: mixed(false),
            bnsp_auc: mixed(true),
            false_positives: false_positives(own.iter().copied(), threshold),
        }
    };
    by_term.into_iter().map(report).collect()
}

fn contexts(rows: &[Row<'_>], threshold: f32) -> Vec<ContextReport> {
    let report = |(context, truth): (Context, bool)| {
        let own = || rows.iter().filter(move |row| row.context == context && row.truth == truth);
        let count = own().count();
        let right = own().filter(|row| (row.score >= threshold) == truth).count();
        (count > 0).then(|| ContextReport {
            context,
            truth,
            rows: count,
            right: Share::of(right, count),
            roc_auc: roc_auc(&scored(own().chain(rows.iter().filter(|row| row.truth != truth)))),
        })
    };
    Context::ALL.into_iter().flat_map(|context| [(context, false), (context, true)]).filter_map(report).collect()
}

fn scored<'a>(rows: impl Iterator<Item = &'a Row<'a>>) -> Vec<Scored> {
    rows.map(|row| (row.score, row.truth)).collect()
}

fn false_positives<'a>(rows: impl Iterator<Item = &'a Row<'a>>, threshold: f32) -> Option<Share> {
    let (mut flagged, mut benign) = (0, 0);
    for row in rows.filter(|row| !row.truth) {
        benign += 1;
        flagged += usize::from(row.score >= threshold);
    }
    Share::of(flagged, benign)
}

/// Returns the mean of what is known.
fn mean(figures: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, count) = figures.flatten().fold((0.0, 0.0), |(sum, count), figure| (sum + figure, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

fn cell(value: Option<f64>) -> String {
    figure(value).trim().to_owned()
}

fn percent(share: Option<Share>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share.share * 100.0))
}

fn interval(share: Option<Share>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} to {:.1} %", share.low * 100.0, share.high * 100.0))
}

impl fmt::Display for IdentityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} on {} sentences of the project's own, threshold {:.3}\n  ROC AUC {}, false positives {} ({}), worst term {} \
             ({})\n\n  {:<22} benign  hateful  subgroup   BPSN   BNSP  false positives",
            self.attribute,
            self.rows,
            self.threshold,
            cell(self.roc_auc),
            percent(self.false_positives),
            interval(self.false_positives),
            self.worst_term.as_deref().unwrap_or("-"),
            self.worst_false_positive_rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.1} %", rate * 100.0)),
            "term"
        )?;
        for term in &self.terms {
            writeln!(
                f,
                "  {:<22} {:>6}  {:>7}     {}  {}  {}  {:>6} ({})",
                term.term,
                term.benign,
                term.hateful,
                figure(term.subgroup_auc),
                figure(term.bpsn_auc),
                figure(term.bnsp_auc),
                percent(term.false_positives),
                interval(term.false_positives)
            )?;
        }
        writeln!(
            f,
            "  {:<38}     {}  {}  {}\n\n  {:<36} true   rows    right  ROC AUC",
            "mean",
            figure(self.mean_subgroup_auc),
            figure(self.mean_bpsn_auc),
            figure(self.mean_bnsp_auc),
            "kind of sentence"
        )?;
        for context in &self.contexts {
            writeln!(
                f,
                "  {:<36} {:<4} {:>6}  {:>7}    {}",
                context.context,
                if context.truth { "yes" } else { "no" },
                context.rows,
                percent(context.right),
                figure(context.roc_auc)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(score: f32, truth: bool, term: Option<&str>) -> Row<'_> {
        let context = match (term, truth) {
            (Some(_), true) => Context::Disgust,
            (Some(_), false) => Context::Short,
            (None, true) => Context::Individual,
            (None, false) => Context::Things,
        };
        Row { score, truth, term, context }
    }

    /// Two terms: the model takes the word "gay" for an attack, and is right about "tall".
    fn rows() -> Vec<Row<'static>> {
        vec![
            row(0.9, true, Some("gay")),
            row(0.6, false, Some("gay")),
            row(0.7, false, Some("gay")),
            row(0.2, false, Some("gay")),
            row(0.65, true, Some("tall")),
            row(0.3, true, Some("tall")),
            row(0.1, false, Some("tall")),
            row(0.25, false, Some("tall")),
            row(0.95, true, None),
            row(0.55, false, None),
        ]
    }

    fn check(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
    }

    #[test]
    fn areas_of_each_term_are_as_worked_by_hand() {
        let report = IdentityReport::new("TOXICITY", 0.5, &rows());
        let names: Vec<&str> = report.terms.iter().map(|term| term.term.as_str()).collect();
        assert_eq!(names, ["gay", "tall"], "the worst first");
        let (gay, tall) = (&report.terms[0], &report.terms[1]);
        assert_eq!((gay.benign, gay.hateful, tall.benign, tall.hateful), (3, 1, 2, 2));
        // 0.9 is above all three; 0.65 and 0.3 are above 0.1 and 0.25.
        check(gay.subgroup_auc, 1.0);
        check(tall.subgroup_auc, 1.0);
        // Of gay's 0.6, 0.7 and 0.2, two are below tall's 0.65 and one below its 0.3: three of six pairs are in order.
        check(gay.bpsn_auc, 3.0 / 6.0);
        check(tall.bpsn_auc, 1.0);
        check(gay.bnsp_auc, 1.0);
        // Tall's 0.65 is above gay's 0.6 and 0.2, its 0.3 above 0.2.
        check(tall.bnsp_auc, 3.0 / 6.0);
        check(report.mean_bpsn_auc, 0.75);
        check(report.mean_bnsp_auc, 0.75);
        check(report.mean_subgroup_auc, 1.0);
        // All pairs of three hateful and five benign: 5 + 4 + 3 of 15.
        check(report.roc_auc, 12.0 / 15.0);
    }

    #[test]
    fn rates_count_benign_sentences_from_the_threshold_on() {
        let report = IdentityReport::new("TOXICITY", 0.6, &rows());
        check(report.terms[0].false_positives.map(|share| share.share), 2.0 / 3.0);
        check(report.terms[1].false_positives.map(|share| share.share), 0.0);
        check(report.false_positives.map(|share| share.share), 0.4);
        check(report.worst_false_positive_rate, 2.0 / 3.0);
        assert_eq!(report.worst_term.as_deref(), Some("gay"));
    }

    #[test]
    fn contexts_are_measured_against_all_of_the_other_kind() {
        let report = IdentityReport::new("TOXICITY", 0.5, &rows());
        let find = |context| report.contexts.iter().find(|report| report.context == context).unwrap();
        assert_eq!(report.contexts.len(), 4);
        // Short: 0.6 and 0.7 are flagged, 0.2, 0.1 and 0.25 are not.
        check(find(Context::Short).right.map(|share| share.share), 0.6);
        // Disgust: 0.9 and 0.65 are found, 0.3 is not.
        check(find(Context::Disgust).right.map(|share| share.share), 2.0 / 3.0);
        // 0.55 is below the attacks 0.9, 0.65 and 0.95 and above 0.3.
        check(find(Context::Things).roc_auc, 0.75);
        check(find(Context::Individual).roc_auc, 1.0);
        assert!(find(Context::Individual).truth && !find(Context::Things).truth);
    }

    #[test]
    fn wilsons_interval_is_as_worked_by_hand() {
        // 1 of 10: centre (0.1 + 3.8415/20) / 1.38415 = 0.21101, half 1.95996/1.38415 * sqrt(0.009 + 0.0096037) = 0.19314.
        let share = Share::of(1, 10).unwrap();
        check(Some(share.share), 0.1);
        check(Some(share.low), 0.017_876);
        check(Some(share.high), 0.404_150);
        let none = Share::of(0, 120).unwrap();
        assert!(none.low.abs() < 1e-12 && none.high > 0.03 && none.high < 0.032);
        check(Share::of(4, 4).map(|share| share.high), 1.0);
        assert_eq!(Share::of(0, 0), None);
    }

    #[test]
    fn nothing_to_measure_gives_no_figure() {
        let report = IdentityReport::new("TOXICITY", 0.5, &[]);
        assert_eq!((report.roc_auc, report.worst_term, report.mean_bpsn_auc), (None, None, None));
        let report = IdentityReport::new("TOXICITY", 0.5, &[row(0.9, true, Some("gay"))]);
        assert_eq!((report.worst_false_positive_rate, report.terms[0].subgroup_auc), (None, None));
    }

    #[test]
    fn tables_have_a_line_for_each_term_and_context_and_the_report_survives_json() {
        let report = IdentityReport::new("TOXICITY", 0.6, &rows());
        let mut card = String::new();
        report.write_markdown(&mut card).unwrap();
        assert!(card.contains("| gay | 3 | 1 | 1.000 | 0.500 | 1.000 | 66.7 % | 20.8 to 93.9 % |\n"), "{card}");
        assert!(card.contains("| disgust | yes | 3 | 66.7 % |"), "{card}");
        assert_eq!(card.lines().count(), 2 + 2 + 1 + 2 + 4);
        let shown = report.to_string();
        assert!(shown.contains("worst term gay (66.7 %)") && shown.contains("rage at things"), "{shown}");
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<IdentityReport>(&json).unwrap().to_string(), shown);
    }
}
