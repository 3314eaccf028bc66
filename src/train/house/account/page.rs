//! The page of a retraining: one file of HTML, with its style and its plots in it, and without a script.

use super::{
    Account, parts,
    plot::{Curve, Plot, Reference, swatch},
};
use crate::classify::house::Learned;
use crate::train::house::gates::{Comparison, Curves, Metric};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A range of scores that stands for fewer comments says nothing.
const BIN_MIN: f64 = 4.0;
const STYLE: &str = include_str!("page.css");

/// Returns the page.
pub fn page(account: &Account) -> String {
    let class = match (account.passed, account.labels_needed) {
        (true, _) => "passed",
        (false, 0) => "refused",
        (false, _) => "waits",
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { "Retraining: " (account.challenger) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "Retraining report" }
                    p class={ "verdict " (class) } { (parts::with_code(&account.summary)) }
                    (cards(account))
                    (parts::gates(account))
                    (plots(account))
                    (parts::differently(account))
                    (parts::comparisons(account))
                    (parts::words(account))
                    (parts::identity(account))
                    (parts::contradictions(account))
                    (parts::facts(account))
                }
            }
        }
    };
    page.into_string()
}

/// The figures that matter most.
fn cards(account: &Account) -> Markup {
    let card = |what: &str, figure: Option<&Comparison>| {
        let Some(Comparison { champion: Some(before), challenger: Some(now), interval, .. }) = figure else {
            return html! {};
        };
        html! {
            li {
                span class="what" { (what) }
                span class="figure" { (format!("{now:.3}")) " " small { "before " (format!("{before:.3}")) } }
                @if let Some(interval) = interval {
                    span class="range-text" { "change " (parts::signed(interval.low)) " to " (parts::signed(interval.high)) }
                }
            }
        }
    };
    let labels = &account.labels;
    html! {
        ul class="cards" {
            (card("Average precision, more is better", account.figure(Metric::AveragePrecision)))
            (card("Calibration error, less is better", account.figure(Metric::CalibrationError)))
            li {
                span class="what" { "Labels learned from" }
                span class="figure" { (labels.learned.map_or(0, Learned::labels)) }
                span class="range-text" { (labels.learned.map_or(0, |learned| learned.rejected)) " to be rejected" }
            }
            li {
                span class="what" { "Newest labels, held out to judge by" }
                span class="figure" { (labels.held_out) }
                span class="range-text" { (labels.held_out_rejected) " to be rejected" }
            }
        }
    }
}

fn plots(account: &Account) -> Markup {
    let [champion, challenger] = &account.curves;
    if champion.points.is_empty() || challenger.points.is_empty() {
        return html! {};
    }
    let both = |points: &dyn Fn(&Curves) -> Vec<(f64, f64)>| {
        [("champion", champion), ("challenger", challenger)].map(|(class, curves)| Curve {
            class,
            points: points(curves),
            sizes: Vec::new(),
        })
    };
    let precision = account.figure(Metric::AveragePrecision);
    let told = precision.and_then(|one| Some((one.champion?, one.challenger?)));
    let told = told.map_or_else(String::new, |(before, now)| {
        format!(" Average precision: {before:.3} of the champion, {now:.3} of the challenger.")
    });
    let share = champion.points.last().map_or(0.0, |last| last.precision);
    let figure = |plot: Plot<'_>, caption: &str| {
        html! { figure { h3 { (plot.title) } (plot.draw()) figcaption { (caption) } } }
    };
    let recall = both(&|curves| curves.points.iter().map(|one| (one.recall, one.precision)).collect());
    let rates = both(&|curves| {
        let points = curves.points.iter().map(|one| (one.false_positive_rate, one.recall));
        [(0.0, 0.0)].into_iter().chain(points).collect()
    });
    html! {
        section aria-labelledby="curves" {
            h2 id="curves" { "How well each model tells apart" }
            p class="lead" { "On the newest labels, which neither model has learned from." }
            ul class="legend" {
                li { (swatch("challenger")) span { "challenger, the new model" } }
                li { (swatch("champion")) span { "champion, which decides now" } }
            }
            div class="plots" {
                (figure(Plot {
                    id: "precision", title: "Precision and recall", across: "share of what is rejected that is found",
                    up: "share of what is found that is rejected",
                    description: &format!("Precision over recall of champion and challenger, the challenger's in full.{told}"),
                    reference: Some(Reference { from: (0.0, share), to: (1.0, share) }),
                    curves: recall.into(),
                }, "Higher is better. The dotted line is a model that guesses."))
                (figure(Plot {
                    id: "roc", title: "ROC", across: "share of the harmless that is flagged",
                    up: "share of what is rejected that is found",
                    description: "Share of rejected comments that are found, over the share of harmless ones that are flagged \
                                  with them, of champion and challenger.",
                    reference: Some(Reference { from: (0.0, 0.0), to: (1.0, 1.0) }),
                    curves: rates.into(),
                }, "Closer to the upper left is better. The dotted line is a model that guesses."))
                (figure(Plot {
                    id: "reliability", title: "Reliability", across: "score", up: "share that moderators rejected",
                    description: "Of the comments of each range of scores, the share that moderators rejected, of champion and \
                                  challenger.",
                    reference: Some(Reference { from: (0.0, 0.0), to: (1.0, 1.0) }),
                    curves: vec![reliability("champion", champion), reliability("challenger", challenger)],
                }, "Closer to the dotted line is better: there, a score of 0.8 means that eight of ten are rejected. Larger marks \
                    stand for more comments; ranges of fewer than four are left out."))
            }
        }
    }
}

fn reliability(class: &'static str, curves: &Curves) -> Curve {
    let bins = || curves.reliability.iter().filter(|bin| bin.weight >= BIN_MIN);
    let most = bins().map(|bin| bin.weight).fold(f64::MIN_POSITIVE, f64::max);
    Curve {
        class,
        points: bins().map(|bin| (bin.score, bin.share)).collect(),
        sizes: bins().map(|bin| bin.weight / most).collect(),
    }
}
