//! The tables of the page.

use super::{Account, Contradiction, Example, Pair, plot, sentence};
use crate::train::house::gates::{Comparison, Metric, Outcome, TermComparison, Verdict, WordChange};
use maud::{Markup, html};

/// So many words of each direction are shown.
const WORDS_MAX: usize = 15;
/// So many terms are shown.
const TERMS_MAX: usize = 10;

/// Writes a number with its sign.
pub(super) fn signed(value: f64) -> String {
    // What rounds to nothing has no sign.
    if value.abs() < 0.0005 { "0.000".to_owned() } else { format!("{value:+.3}").replace('-', "−") }
}

/// Writes a sentence, with what stands between backticks as code.
pub(super) fn with_code(sentence: &str) -> Markup {
    html! {
        @for (at, part) in sentence.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Refused => "refused",
        Outcome::Skipped => "skipped",
    }
}

fn ruling(rejected: bool) -> Markup {
    html! { @if rejected { span class="tag reject" { "rejected" } } @else { span class="tag publish" { "approved" } } }
}

pub(super) fn gates(account: &Account) -> Markup {
    let row = |verdict: &Verdict| {
        html! {
            tr {
                th scope="row" { (sentence::question(verdict.gate)) }
                td { span class={ "tag " (class(verdict.outcome)) } { (sentence::word(verdict.outcome)) } }
                td class="reason" { (verdict.reason) }
            }
        }
    };
    html! {
        section aria-labelledby="gates" {
            h2 id="gates" { "Gates" }
            div class="scroll" {
                table {
                    caption { "What each gate says. One that refuses is enough to keep the champion." }
                    thead { tr { th scope="col" { "gate" } th scope="col" { "verdict" } th scope="col" { "why" } } }
                    tbody { @for verdict in &account.gates { (row(verdict)) } }
                }
            }
        }
    }
}

pub(super) fn differently(account: &Account) -> Markup {
    let found = &account.differently;
    let row = |one: &Example| {
        html! {
            tr {
                td class="text" { (one.text) }
                td { (ruling(one.rejected)) }
                td class="number" { (format!("{:.2}", one.champion)) }
                td class="number" { (format!("{:.2}", one.challenger)) }
                td { code { (one.comment) } }
            }
        }
    };
    let table = |caption: &str, righted: bool| {
        let of = || found.examples.iter().filter(move |one| one.righted == righted);
        html! {
            @if of().next().is_some() {
                div class="scroll" {
                    table {
                        caption { (caption) }
                        thead {
                            tr {
                                th scope="col" { "comment" } th scope="col" { "moderator" } th scope="col" class="number" { "champion" }
                                th scope="col" class="number" { "challenger" } th scope="col" { "id" }
                            }
                        }
                        tbody { @for one in of() { (row(one)) } }
                    }
                }
            }
        }
    };
    html! {
        section aria-labelledby="differently" {
            h2 id="differently" { "What would be decided otherwise" }
            p class="lead" {
                "Of " (account.labels.held_out) " comments held out, " (found.comments) " fall on the other side of "
                (format!("{:.2}", found.threshold)) "; of these the challenger decides " (found.righted)
                " as the moderator did, and " (found.comments - found.righted) " otherwise."
            }
            (table("The challenger agrees with the moderator, and the champion does not", true))
            (table("The champion agrees with the moderator, and the challenger does not", false))
        }
    }
}

pub(super) fn comparisons(account: &Account) -> Markup {
    let rows: Vec<&Comparison> = account.others().collect();
    if rows.is_empty() {
        return html! {};
    }
    let ends = |one: &&Comparison| one.interval.map_or(0.0, |interval| interval.low.abs().max(interval.high.abs()));
    let span = rows.iter().map(ends).fold(0.05, f64::max);
    let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    let row = |one: &Comparison| {
        html! {
            tr {
                th scope="row" {
                    (one.name)
                    @if one.metric == Metric::CalibrationError { " " span class="soft" { "calibration error" } }
                }
                td class="number" { (one.rows) }
                td class="number" { (figure(one.champion)) }
                td class="number" { (figure(one.challenger)) }
                @if let (Some(interval), Some(before), Some(now)) = (one.interval, one.champion, one.challenger) {
                    td class="number" { (signed(interval.low)) " to " (signed(interval.high)) }
                    td { (plot::range(now - before, (interval.low, interval.high), span)) }
                } @else { td {} td {} }
            }
        }
    };
    html! {
        section aria-labelledby="slices" {
            h2 id="slices" { "Part by part" }
            div class="scroll" {
                table {
                    caption {
                        "Average precision on parts of the held-out comments, with the change that lies in this range with 95 % \
                         confidence; to the right of the line the challenger is better."
                    }
                    thead {
                        tr {
                            th scope="col" { "part" } th scope="col" class="number" { "labels" }
                            th scope="col" class="number" { "champion" } th scope="col" class="number" { "challenger" }
                            th scope="col" class="number" { "change" } th scope="col" { span class="soft" { "in a picture" } }
                        }
                    }
                    tbody { @for one in rows { (row(one)) } }
                }
            }
        }
    }
}

pub(super) fn words(account: &Account) -> Markup {
    if account.words.is_empty() {
        return html! {};
    }
    let span = account.words.iter().map(|one| one.change.abs()).fold(0.1, f64::max);
    let row = |one: &WordChange| {
        html! {
            tr {
                th scope="row" { (one.word) }
                td class="number" { (one.texts) }
                td class="number" { (format!("{:+.2}", one.change).replace('-', "−")) }
                td { (plot::bar(one.change, span)) }
            }
        }
    };
    let table = |caption: &str, words: Vec<&WordChange>| {
        html! {
            @if !words.is_empty() {
                div class="scroll" {
                    table {
                        caption { (caption) }
                        thead {
                            tr {
                                th scope="col" { "word" } th scope="col" class="number" { "comments" }
                                th scope="col" class="number" { "change" } th scope="col" { span class="soft" { "in a picture" } }
                            }
                        }
                        tbody { @for word in words { (row(word)) } }
                    }
                }
            }
        }
    };
    let of = |more: bool| account.words.iter().filter(move |one| (one.change > 0.0) == more).take(WORDS_MAX).collect();
    html! {
        section aria-labelledby="words" {
            h2 id="words" { "Words that changed most" }
            p class="lead" { "What a word adds to the score, in logits, on average over the held-out comments that have it." }
            div class="pair" {
                (table("Now speak more for rejecting", of(true)))
                (table("Now speak less for rejecting", of(false)))
            }
        }
    }
}

pub(super) fn identity(account: &Account) -> Markup {
    let found = &account.identity;
    let [champion, challenger] = found.flagged.map(|share| format!("{:.1} %", share * 100.0));
    let row = |term: &TermComparison| {
        html! {
            tr {
                th scope="row" { (term.term) }
                td class="number" { (term.sentences) }
                td class="number" { (term.flagged[0]) }
                td class="number" { (term.flagged[1]) }
            }
        }
    };
    html! {
        section aria-labelledby="identity" {
            h2 id="identity" { "Words for people" }
            p class="lead" {
                "Of " (found.sentences) " harmless sentences about people the challenger flags " (challenger) " from a score of "
                (format!("{:.2}", found.threshold)) " on, the champion " (champion)
                " where it flags as many of the newsroom's comments."
            }
            @if !found.terms.is_empty() {
                div class="scroll" {
                    table {
                        caption { "The terms of which the challenger flags most, at the same score for both models" }
                        thead {
                            tr {
                                th scope="col" { "term" } th scope="col" class="number" { "sentences" }
                                th scope="col" class="number" { "champion flags" } th scope="col" class="number" { "challenger flags" }
                            }
                        }
                        tbody { @for term in found.terms.iter().take(TERMS_MAX) { (row(term)) } }
                    }
                }
            }
        }
    }
}

pub(super) fn contradictions(account: &Account) -> Markup {
    let found = &account.contradictions;
    let pair = |one: &Pair| {
        html! { tr { td { (one.rejected_by) } td { (one.approved_by) } td class="number" { (one.texts) } } }
    };
    let text = |one: &Contradiction| {
        html! {
            tr {
                td class="text" { (one.text) }
                td class="number" { (one.comments) }
                td { (one.rejected_by.join(", ")) }
                td { (one.approved_by.join(", ")) }
            }
        }
    };
    html! {
        section aria-labelledby="contradictions" {
            h2 id="contradictions" { "Moderators who contradict each other" }
            @if found.texts == 0 {
                p class="lead" { "No text was rejected by one moderator and approved by another." }
            } @else {
                p class="lead" {
                    (found.texts) " texts, near-copies taken together, were rejected by some and approved by others. The model learns \
                     from both verdicts and can settle none of them: agree on a rule, and the next one will be better."
                }
                div class="scroll" {
                    table {
                        caption { "Who contradicts whom" }
                        thead { tr { th scope="col" { "rejected by" } th scope="col" { "approved by" } th scope="col" class="number" { "texts" } } }
                        tbody { @for one in &found.pairs { (pair(one)) } }
                    }
                }
                div class="scroll" {
                    table {
                        caption { "The newest of these texts" }
                        thead {
                            tr {
                                th scope="col" { "comment" } th scope="col" class="number" { "copies" } th scope="col" { "rejected by" }
                                th scope="col" { "approved by" }
                            }
                        }
                        tbody { @for one in &found.examples { (text(one)) } }
                    }
                }
            }
        }
    }
}

pub(super) fn facts(account: &Account) -> Markup {
    let (labels, asked) = (&account.labels, &account.asked);
    let sources: Vec<String> = labels.by_source.iter().map(|(source, count)| format!("{count} {source}")).collect();
    let between = |from: &Option<String>, to: &Option<String>| match (from, to) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        _ => "none".to_owned(),
    };
    let settings = serde_json::to_string(&account.settings).unwrap_or_default();
    let limits = serde_json::to_string(&account.limits).unwrap_or_default();
    html! {
        section aria-labelledby="facts" {
            h2 id="facts" { "What this rests on" }
            dl class="facts" {
                dt { "labels looked at" } dd { (labels.looked_at) " (" (sources.join(", ")) ")" }
                dt { "asked for" }
                dd {
                    (asked.site.as_deref().map_or("all sites".to_owned(), |site| format!("site {site}"))) ", "
                    (asked.since.as_deref().map_or("since ever".to_owned(), |since| format!("since {since}")))
                }
                dt { "given" } dd { (between(&labels.oldest, &labels.newest)) }
                dt { "held out from" } dd { (labels.held_out_from.as_deref().unwrap_or("–")) }
                @for file in &asked.base_data { dt { "data set" } dd { (file.name) ", " (file.rows) " comments, SHA-256 " code { (file.sha256) } } }
                dt { "champion" } dd { code { (account.champion) } }
                dt { "challenger" } dd { code { (account.challenger) } }
                @if let Some(file) = &account.file { dt { "its file" } dd { code { (file.sha256) ".house" } ", " (file.bytes) " bytes" } }
                @if let Some(chosen) = &account.chosen {
                    dt { "chosen by cross-validation" }
                    dd { "L1 " (chosen.strength.l1) ", L2 " (chosen.strength.l2) ", head " (chosen.head_strength) }
                }
                dt { "settings" } dd { code { (settings) } }
                dt { "limits of the gates" } dd { code { (limits) } }
            }
        }
    }
}
