//! Writes for people: bars, words, and text that can't harm a terminal.

use super::Ended;
use crate::domain::Attribute;
use crate::grpc::pb;
use anstyle::{AnsiColor, Style};
use std::io::{self, Write as _};

/// Cells of a score's bar.
const BAR_CELLS: usize = 10;

/// Words that a reason names.
const WORDS_MAX: usize = 3;

/// Writes bytes to standard output as they are.
pub(crate) fn write(bytes: &[u8]) -> anyhow::Result<Ended> {
    io::stdout().lock().write_all(bytes)?;
    Ok(Ended::Done)
}

/// Writes a time for people: in UTC, to the second.
pub(crate) fn time(time: Option<prost_types::Timestamp>) -> Option<String> {
    jiff::Timestamp::from_second(time?.seconds).ok().map(|time| time.to_string())
}

/// Leaves out the parts of a second of a time as programs read it.
pub(crate) fn to_the_second(time: &str) -> String {
    time.split_once('.').map_or_else(|| time.to_owned(), |(whole, _)| format!("{whole}Z"))
}

/// Writes one line of JSON to `out`.
pub(crate) fn json_line(out: &mut impl io::Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    // Through a string: a write that fails keeps its own kind of error.
    let line = serde_json::to_string(value)?;
    writeln!(out, "{line}")?;
    Ok(())
}

/// Returns the style that an outcome is shown in.
pub(crate) fn outcome_style(outcome: pb::Outcome) -> Style {
    let color = match outcome {
        pb::Outcome::Publish => AnsiColor::Green,
        pb::Outcome::Hold => AnsiColor::Yellow,
        pb::Outcome::Reject | pb::Outcome::Unspecified => AnsiColor::Red,
    };
    color.on_default().bold()
}

/// Draws a score in [0, 1] as a bar with its number.
pub(crate) fn bar(score: f32) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
    let full = ((score * BAR_CELLS as f32).round() as usize).min(BAR_CELLS);
    format!("{}{} {score:.2}", "█".repeat(full), "░".repeat(BAR_CELLS - full))
}

/// Returns the attribute with the highest score.
pub(crate) fn top_score(decision: &pb::Decision) -> Option<(Attribute, f32)> {
    let known = Attribute::ALL.into_iter();
    let scored = known.filter_map(|attribute| Some((attribute, *decision.scores.get(attribute.name())?)));
    scored.max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Returns `text` with everything that could move a cursor or hide words made visible, on one line.
pub(crate) fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() || is_direction(c) => '\u{FFFD}',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// Returns what a comment has, or says that it was erased.
pub(crate) fn unless_erased(words: &str, erased: bool) -> String {
    if erased { "(erased)".to_owned() } else { words.to_owned() }
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Cuts `text` to `chars` characters, with a sign that something is missing.
pub(crate) fn shorten(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    text.chars().take(chars.saturating_sub(1)).chain(['…']).collect()
}

/// Says why a comment was decided on as it was, a line for each reason.
pub(crate) fn reasons(decision: &pb::Decision, text: &str) -> Vec<String> {
    decision.reasons.iter().map(|reason| self::reason(reason, text)).collect()
}

fn reason(reason: &pb::Reason, text: &str) -> String {
    let (Some(score), Some(threshold)) = (reason.score, reason.threshold) else {
        return match reason.code.as_str() {
            "UNSUPPORTED_LANGUAGE" => {
                format!(
                    "the model was not trained on its language ({}), so it was not scored",
                    visible(&reason.language)
                )
            }
            "MODERATOR_VERDICT" => "a moderator ruled so".into(),
            "SCORING_FAILED" => "the comment could not be scored, so a person must look".into(),
            "SCORING_TIMED_OUT" => "scoring took too long, so a person must look".into(),
            _ => of_site(reason, text),
        };
    };
    let verb = if reason.code == "REJECT_THRESHOLD" { "rejected" } else { "held" };
    let words = quoted(reason, text);
    let through = if words.is_empty() { String::new() } else { format!(", for {words}") };
    format!("{:<15} {}  {verb} from {threshold:.2} on{through}", reason.attribute, bar(score))
}

/// Says which part of the site's own policy fired.
fn of_site(reason: &pb::Reason, text: &str) -> String {
    let verb = match reason.outcome() {
        pb::Outcome::Reject => "rejects",
        _ => "holds",
    };
    let (name, words) = (visible(&reason.name), quoted(reason, text));
    match reason.code.as_str() {
        "LISTED_WORD" => format!("the list of words {name} {verb} it, for {words}"),
        "LINK" => format!("the site {verb} comments with this link: {words}"),
        "RULE" => format!("the rule {name} {verb} it"),
        "RULE_FAILED" if name.is_empty() => "the policy could not be asked, so a person must look".into(),
        "RULE_FAILED" => format!("the rule {name} could not be answered, so a person must look"),
        "RULE_TOO_SLOW" if name.is_empty() => "the policy took too long, so a person must look".into(),
        "RULE_TOO_SLOW" => format!("the rules took too long, at {name}, so a person must look"),
        "FLOOD" => format!("its author sent more comments than the site allows, which {verb} it"),
        "REPEATED_TEXT" => format!("its author sent the same text before, which {verb} it"),
        "NEW_AUTHOR" => format!("its author has too few published comments yet, which {verb} it"),
        "ARTICLE_PRE_MODERATED" => "a person looks at each comment on this article first".into(),
        "ARTICLE_CLOSED" => "the article takes no comments any more".into(),
        "CAMPAIGN" => format!("it is a near-copy of others, which a moderator's rule {verb}"),
        code => visible(code),
    }
}

/// Lists the first words that a reason names, each once.
fn quoted(reason: &pb::Reason, text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for span in &reason.spans {
        let word = text.get(span.begin as usize..span.end as usize).unwrap_or_default();
        let is_new = words.iter().all(|seen| seen.to_lowercase() != word.to_lowercase());
        if is_new && words.len() < WORDS_MAX {
            words.push(word);
        }
    }
    let words: Vec<String> = words.into_iter().map(|word| format!("“{}”", shorten(&visible(word), 24))).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_move_the_cursor() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}c\nd\0"), "a\u{FFFD}[2Jb\u{FFFD}c d\u{FFFD}");
    }

    #[test]
    fn people_read_times_to_the_second() {
        let at = |seconds, nanos| time(Some(prost_types::Timestamp { seconds, nanos })).unwrap();
        assert_eq!([at(0, 1), at(1_764_000_000, 999_999_999)], ["1970-01-01T00:00:00Z", "2025-11-24T16:00:00Z"]);
        assert_eq!(time(None), None);
        let whole = "1970-01-01T00:00:00Z";
        assert_eq!([to_the_second("1970-01-01T00:00:00.5Z"), to_the_second(whole)], [whole, whole]);
    }

    #[test]
    fn bars_show_the_whole_range() {
        assert_eq!(bar(0.0), "░░░░░░░░░░ 0.00");
        assert_eq!(bar(0.5), "█████░░░░░ 0.50");
        assert_eq!(bar(1.0), "██████████ 1.00");
    }

    #[test]
    fn shortening_counts_characters() {
        assert_eq!(shorten("äöü", 3), "äöü");
        assert_eq!(shorten("äöüß", 3), "äö…");
    }
}
