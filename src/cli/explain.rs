//! Shows what each word adds to a score: the text in colours, and the words that weigh most. The same for what is explained
//! here and for what a server explains.

use super::json;
use super::output;
use crate::classify::Explanation;
use crate::config::{Flags, load};
use crate::domain::{Attribute, Score, Span};
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::io::{self, Write};

/// Words that are listed with their contributions; the others are summed.
pub(crate) const WORDS_MAX: usize = 8;
/// What is said of what belongs to no word.
pub(crate) const LOOK: &str = "the look of the whole: capitals, punctuation, links";
pub(crate) const BIAS: &str = "bias, the same for every text";
/// Characters of a word that are shown in the list.
const WORD_CHARS_MAX: usize = 40;

/// One attribute's score, taken apart.
pub(crate) struct Parts {
    /// The attribute.
    pub(crate) attribute: String,
    /// Its score.
    pub(crate) score: f32,
    /// The number that calibration turns into it.
    pub(crate) logit: f32,
    /// What is the same for every text.
    pub(crate) bias: f32,
    /// What the look of the whole adds.
    pub(crate) style: f32,
    /// What each word adds, in the order of the text.
    pub(crate) spans: Vec<Span>,
    /// How many words were left out, and what they add together.
    pub(crate) omitted: (u32, f32),
}

impl Parts {
    fn of(explanation: &Explanation, attribute: Attribute) -> Self {
        let place = attribute.index();
        Self {
            attribute: attribute.name().to_owned(),
            score: explanation.scores.get(attribute).get(),
            logit: explanation.logits[place],
            bias: explanation.biases[place],
            style: explanation.styles[place],
            spans: explanation.spans(attribute).collect(),
            omitted: (0, 0.0),
        }
    }

    /// Returns what programs get to read.
    pub(crate) fn for_programs(self) -> Explained {
        let Self { attribute, logit, bias, style, spans, omitted: (omitted_spans, omitted_contribution), .. } = self;
        let spans = spans.into_iter().map(json::span).collect();
        Explained { attribute, logit, bias, style, spans, omitted_spans, omitted_contribution }
    }
}

/// One attribute's logit, taken apart, for programs.
#[derive(Serialize)]
pub(crate) struct Explained {
    attribute: String,
    logit: f32,
    bias: f32,
    style: f32,
    spans: Vec<json::Span>,
    #[serde(skip_serializing_if = "json::is_zero")]
    omitted_spans: u32,
    #[serde(skip_serializing_if = "is_nothing")]
    omitted_contribution: f32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_nothing(sum: &f32) -> bool {
    *sum == 0.0
}

/// Which attributes to explain: those that were asked for or, where none were, the one that scores highest and every
/// one that would be held by default.
pub(crate) struct Choice {
    asked: Vec<Attribute>,
    holds: [Option<f32>; Attribute::COUNT],
}

impl Choice {
    pub(crate) fn new(asked: &[Attribute]) -> anyhow::Result<Self> {
        let defaults = load(None, [], &Flags::default())?.settings.below.common.thresholds;
        let hold = |attribute| defaults.get(attribute).hold.map(Score::get);
        Ok(Self { asked: asked.to_vec(), holds: Attribute::ALL.map(hold) })
    }

    fn attributes(&self, explanation: &Explanation) -> Vec<Attribute> {
        if !self.asked.is_empty() {
            return self.asked.clone();
        }
        let score = |attribute: Attribute| explanation.scores.get(attribute).get();
        let top = Attribute::ALL.into_iter().max_by(|a, b| score(*a).total_cmp(&score(*b)));
        let held = |attribute: &Attribute| self.holds[attribute.index()].is_some_and(|hold| score(*attribute) >= hold);
        Attribute::ALL.into_iter().filter(|attribute| Some(*attribute) == top || held(attribute)).collect()
    }
}

/// Returns what programs get to read: every attribute, or those that were asked for.
pub(crate) fn for_programs(explanation: &Explanation, asked: &[Attribute]) -> Vec<Explained> {
    let wanted = |attribute: &Attribute| asked.is_empty() || asked.contains(attribute);
    let explain = |attribute: Attribute| Parts::of(explanation, attribute).for_programs();
    Attribute::ALL.into_iter().filter(wanted).map(explain).collect()
}

/// Writes for people what each word of `text` adds to the attributes of `choice`.
pub(crate) fn print(
    out: &mut impl Write,
    text: &str,
    explanation: &Explanation,
    choice: &Choice,
    coloured: bool,
) -> io::Result<()> {
    let mut attributes = choice.attributes(explanation).into_iter();
    attributes.try_for_each(|attribute| print_parts(out, text, Parts::of(explanation, attribute), coloured))
}

/// Writes for people what each word of `text` adds to one attribute.
///
/// Without colours the text would be the same for every attribute, so then only the words are listed.
pub(crate) fn print_parts(out: &mut impl Write, text: &str, parts: Parts, coloured: bool) -> io::Result<()> {
    let Parts { attribute, score, logit, bias, style, spans, omitted } = parts;
    let strongest = strongest(&spans);
    writeln!(out, "\n  {attribute}")?;
    if coloured {
        writeln!(out, "  {}", painted(text, &spans, strongest))?;
    }
    list(out, text, spans, omitted, strongest)?;
    writeln!(out, "  {style:>+7.2}  {LOOK}")?;
    writeln!(out, "  {bias:>+7.2}  {BIAS}")?;
    writeln!(out, "  {logit:>+7.2}  sum: the logit, which calibration turns into {score:.2}")
}

/// Returns how much the word that weighs most adds or takes away.
pub(crate) fn strongest(spans: &[Span]) -> f32 {
    spans.iter().map(|span| span.contribution.abs()).fold(0.0, f32::max)
}

/// Returns a word of a text, as people get to read it.
pub(crate) fn word(text: &str, begin: u32, end: u32) -> String {
    let word = text.get(begin as usize..end as usize).unwrap_or_default();
    output::shorten(&output::visible(word), WORD_CHARS_MAX)
}

/// Says how many words were not listed.
pub(crate) fn others(count: u32) -> String {
    format!("{count} other {}", if count == 1 { "word" } else { "words" })
}

/// Lists the words that weigh most, whichever way, and what the others add together.
fn list(
    out: &mut impl Write,
    text: &str,
    mut spans: Vec<Span>,
    (omitted, omitted_sum): (u32, f32),
    strongest: f32,
) -> io::Result<()> {
    spans.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    let rest = spans.split_off(spans.len().min(WORDS_MAX));
    for span in spans {
        let style = style(span.contribution, strongest);
        let word = word(text, span.begin, span.end);
        writeln!(out, "  {style}{:>+7.2}{style:#}  {word}", span.contribution)?;
    }
    let count = u32::try_from(rest.len()).unwrap_or(u32::MAX).saturating_add(omitted);
    if count > 0 {
        let sum: f32 = rest.iter().map(|span| span.contribution).sum::<f32>() + omitted_sum;
        writeln!(out, "  {sum:>+7.2}  {}", others(count))?;
    }
    Ok(())
}

/// Colours each word of `text` by what it adds.
pub(crate) fn painted(text: &str, spans: &[Span], strongest: f32) -> String {
    let mut shown = String::new();
    let mut done = 0;
    let between = |from, to| output::visible(text.get(from..to).unwrap_or_default());
    for span in spans {
        let (begin, end) = (span.begin as usize, span.end as usize);
        let style = style(span.contribution, strongest);
        shown.push_str(&between(done, begin));
        shown.push_str(&format!("{style}{}{style:#}", between(begin, end)));
        done = end;
    }
    shown.push_str(&between(done, text.len()));
    shown
}

/// Returns a red for what raises a score and a blue for what lowers it; bold for much of the strongest word's
/// contribution, faint for little, and nothing for next to nothing.
pub(crate) fn style(contribution: f32, strongest: f32) -> Style {
    let color = if contribution > 0.0 { AnsiColor::Red } else { AnsiColor::Cyan };
    match contribution.abs() / strongest {
        share if share >= 0.5 => color.on_default().bold(),
        share if share >= 0.2 => color.on_default(),
        share if share >= 0.05 => color.on_default().dimmed(),
        _ => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(begin: u32, end: u32, contribution: f32) -> Span {
        Span { begin, end, contribution }
    }

    #[test]
    fn words_are_painted_by_what_they_add() {
        let text = "a\u{1b}[2Jb, (so) what";
        let spans = [span(0, 6, 1.0), span(9, 11, -0.3), span(13, 17, 0.01)];
        let shown = painted(text, &spans, 1.0);
        assert_eq!(shown, "\u{1b}[1m\u{1b}[31ma\u{fffd}[2Jb\u{1b}[0m, (\u{1b}[36mso\u{1b}[0m) what");
        assert_eq!(painted("so", &[span(0, 2, 0.0)], 0.0), "so", "a model without weights paints nothing");
    }

    #[test]
    fn the_words_that_weigh_most_come_first_and_the_others_are_summed() {
        let text = "aa bb cc dd ee ff gg hh ii jj";
        let words = (0..10_u8).map(|word| span(u32::from(word) * 3, u32::from(word) * 3 + 2, f32::from(word) - 4.0));
        let mut out = Vec::new();
        list(&mut out, text, words.collect(), (3, 0.5), 1000.0).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.lines().map(str::trim).collect();
        assert_eq!(lines[..3], ["+5.00  jj", "-4.00  aa", "+4.00  ii"]);
        assert_eq!(lines[8..], ["+1.50  5 other words"]);
    }
}
