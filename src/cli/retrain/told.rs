//! What a retraining found, for a terminal.

use crate::classify::house::Learned;
use crate::cli::output::{shorten, visible};
use crate::train::house::{
    Account,
    account::{Example, gate_question, outcome_word},
    gates::{Comparison, Gate, Metric, Outcome, Verdict, WordChange},
};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

/// How many of each are shown; the page has more.
const EXAMPLES_MAX: usize = 4;
const WORDS_MAX: usize = 8;
const SLICES_MAX: usize = 12;
const PAIRS_MAX: usize = 5;
/// What a reason begins with that speaks of all comments.
const LIKELY: &str = "LIKELY_TO_REJECT: ";
/// Characters of a text that are shown on one line.
const TEXT_CHARS: usize = 72;

pub(super) fn tell(out: &mut impl Write, account: &Account) -> io::Result<()> {
    let style = style(if account.passed { Outcome::Passed } else { Outcome::Refused });
    writeln!(out, "{style}{}{style:#}\n", account.summary)?;
    labels(out, account)?;
    figures(out, account)?;
    gates(out, account)?;
    differently(out, account)?;
    words(out, account)?;
    contradictions(out, account)
}

fn style(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Passed => AnsiColor::Green.on_default().bold(),
        Outcome::Refused => AnsiColor::Red.on_default().bold(),
        Outcome::Skipped => AnsiColor::Yellow.on_default(),
    }
}

fn labels(out: &mut impl Write, account: &Account) -> io::Result<()> {
    let (labels, asked) = (&account.labels, &account.asked);
    let sources: Vec<String> = labels.by_source.iter().map(|(source, count)| format!("{count} {source}")).collect();
    let sources = if sources.is_empty() { String::new() } else { format!(" ({})", sources.join(", ")) };
    let site = asked.site.as_deref().map(|site| format!(" of site {}", visible(site))).unwrap_or_default();
    let since = asked.since.as_deref().map(|since| format!(" since {since}")).unwrap_or_default();
    writeln!(out, "labels      {}{sources}{site}{since}", labels.looked_at)?;
    if let (Some(oldest), Some(newest)) = (&labels.oldest, &labels.newest) {
        writeln!(out, "            given from {oldest} to {newest}")?;
    }
    let learned = labels.learned.map_or(0, Learned::labels);
    writeln!(out, "            {learned} learned from, the newest {} held out to judge by", labels.held_out)?;
    for file in &asked.base_data {
        writeln!(out, "data set    {}, {} comments", visible(&file.name), file.rows)?;
    }
    writeln!(out, "champion    {}", account.champion)?;
    writeln!(out, "challenger  {}\n", account.challenger)
}

fn figures(out: &mut impl Write, account: &Account) -> io::Result<()> {
    let figures: Vec<(String, &Comparison)> =
        [(Metric::AveragePrecision, "average precision"), (Metric::CalibrationError, "calibration error")]
            .into_iter()
            .filter_map(|(metric, name)| Some((name.to_owned(), account.figure(metric)?)))
            .chain(account.others().take(SLICES_MAX).map(|one| (format!("  {}", visible(&one.name)), one)))
            .collect();
    if figures.is_empty() {
        return Ok(());
    }
    writeln!(out, "{:<26} {:>8} {:>11}   difference, 95 %", "", "champion", "challenger")?;
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    for (name, one) in figures {
        let interval = one.interval.map(|interval| format!("{:+.3} to {:+.3}", interval.low, interval.high));
        writeln!(
            out,
            "{:<26} {:>8} {:>11}   {}",
            shorten(&name, 26),
            figure(one.champion),
            figure(one.challenger),
            interval.unwrap_or_default()
        )?;
    }
    writeln!(out)
}

fn gates(out: &mut impl Write, account: &Account) -> io::Result<()> {
    writeln!(out, "Gates")?;
    // The figures above say it of each part that passed.
    let is_long = |verdict: &&Verdict| verdict.gate == Gate::Slices && verdict.outcome == Outcome::Passed;
    let parts = account.gates.iter().filter(is_long).count();
    let mut told: Vec<Verdict> = account.gates.iter().filter(|verdict| !is_long(verdict)).cloned().collect();
    if parts > 0 {
        let of_parts = account.gates.iter().find(is_long).cloned();
        told.extend(
            of_parts.map(|verdict| Verdict { reason: format!("{parts} parts of the comments were judged"), ..verdict }),
        );
    }
    for verdict in &told {
        let style = style(verdict.outcome);
        writeln!(
            out,
            "  {style}{:<10}{style:#} {}: {}",
            outcome_word(verdict.outcome),
            gate_question(verdict.gate),
            visible(verdict.reason.strip_prefix(LIKELY).unwrap_or(&verdict.reason))
        )?;
    }
    writeln!(out)
}

fn differently(out: &mut impl Write, account: &Account) -> io::Result<()> {
    let found = &account.differently;
    if found.comments == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "{} of {} held-out comments would fall on the other side of {:.2}; {} of them as the moderator ruled",
        found.comments, account.labels.held_out, found.threshold, found.righted
    )?;
    for righted in [true, false] {
        let examples: Vec<&Example> =
            found.examples.iter().filter(|one| one.righted == righted).take(EXAMPLES_MAX).collect();
        if !examples.is_empty() {
            writeln!(out, "  {}", if righted { "the challenger is right" } else { "the champion is right" })?;
        }
        for one in examples {
            let ruled = if one.rejected { "rejected" } else { "approved" };
            let text = shorten(&visible(&one.text), TEXT_CHARS);
            writeln!(out, "    {ruled}  {:.2} -> {:.2}  {text}", one.champion, one.challenger)?;
        }
    }
    writeln!(out)
}

fn words(out: &mut impl Write, account: &Account) -> io::Result<()> {
    for (more, what) in [(true, "more"), (false, "less")] {
        let words: Vec<&WordChange> =
            account.words.iter().filter(|one| (one.change > 0.0) == more).take(WORDS_MAX).collect();
        if words.is_empty() {
            continue;
        }
        let words: Vec<String> =
            words.into_iter().map(|one| format!("{} {:+.1}", shorten(&visible(&one.word), 24), one.change)).collect();
        writeln!(out, "Words that speak {what} for rejecting now: {}", words.join(", "))?;
    }
    if account.words.is_empty() { Ok(()) } else { writeln!(out) }
}

fn contradictions(out: &mut impl Write, account: &Account) -> io::Result<()> {
    let found = &account.contradictions;
    if found.texts == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "Moderators contradict each other on {} texts; a rule that they agree on makes a better model",
        found.texts
    )?;
    for pair in found.pairs.iter().take(PAIRS_MAX) {
        let (rejected_by, approved_by) = (visible(&pair.rejected_by), visible(&pair.approved_by));
        writeln!(out, "  {rejected_by} rejected what {approved_by} approved: {}", pair.texts)?;
    }
    if let Some(newest) = found.examples.first() {
        writeln!(out, "  such as: {}", shorten(&visible(&newest.text), TEXT_CHARS))?;
    }
    Ok(())
}
