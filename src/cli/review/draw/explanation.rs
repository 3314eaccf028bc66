//! Which words drove the scores.

use super::cells::{fill, width, wrap};
use crate::cli::output::{bar, visible};
use crate::cli::review::state::Held;
use crate::grpc::pb;
use ratatui::{
    style::{Modifier, Style, Stylize as _},
    text::{Line, Span},
};

/// Cells of an attribute's name.
const NAME_CELLS: usize = 15;
/// Cells between scores that stand side by side.
const GAP_CELLS: usize = 3;

/// Returns which bytes of the text drove the scores.
pub(super) fn marks(held: &Held) -> Vec<(usize, usize)> {
    let decision = held.decision();
    let spans = decision.reasons.iter().flat_map(|reason| &reason.spans).filter(|span| span.contribution >= 0.0);
    spans.map(|span| (span.begin as usize, span.end as usize)).collect()
}

/// Lays the text out in lines, with what is marked underlined.
pub(super) fn text(text: &str, marks: &[(usize, usize)]) -> Vec<Line<'static>> {
    let underlined = Style::new().add_modifier(Modifier::UNDERLINED | Modifier::BOLD);
    let mut lines = Vec::new();
    let mut begin = 0;
    for line in text.split('\n') {
        let mut spans: Vec<(String, bool)> = Vec::new();
        for (at, letter) in line.char_indices() {
            let is_marked = marks.iter().any(|(from, to)| (*from..*to).contains(&(begin + at)));
            match spans.last_mut() {
                Some((run, marked)) if *marked == is_marked => run.push(letter),
                _ => spans.push((letter.to_string(), is_marked)),
            }
        }
        let span = |(run, is_marked): (String, bool)| {
            Span::styled(visible(&run), if is_marked { underlined } else { Style::new() })
        };
        lines.push(Line::from(spans.into_iter().map(span).collect::<Vec<_>>()));
        begin += line.len() + 1;
    }
    lines
}

/// Lists, for each attribute that fired, the words that weighed most, and all scores, in rows of at most `cells`.
pub(super) fn rows(held: &Held, cells: usize) -> Vec<Line<'static>> {
    let (decision, text) = (held.decision(), held.comment().text);
    let mut rows = Vec::new();
    for reason in decision.reasons.iter().filter(|reason| !reason.attribute.is_empty()) {
        let mut spans: Vec<&pb::Span> = reason.spans.iter().collect();
        spans.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        // A word stays beside its number.
        let word = |span: &&pb::Span| {
            let word = text.get(span.begin as usize..span.end as usize).unwrap_or_default();
            format!("{:+.2}\u{a0}{}", span.contribution, visible(word))
        };
        let words: Vec<String> = spans.iter().map(word).collect();
        let line = format!("{} {}", fill(&visible(&reason.attribute), NAME_CELLS), words.join("   "));
        rows.extend(wrap(&Line::from(line), cells));
    }
    let mut scores: Vec<_> = decision.scores.iter().collect();
    scores.sort_by(|a, b| b.1.total_cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let scores: Vec<String> = scores
        .into_iter()
        .map(|(name, score)| format!("{} {}", fill(&visible(name), NAME_CELLS), bar(*score)))
        .collect();
    let one = scores.iter().map(|score| width(score)).max().unwrap_or_default() + GAP_CELLS;
    let abreast = ((cells + GAP_CELLS) / one).max(1);
    for some in scores.chunks(abreast) {
        rows.push(Line::from(some.join(&" ".repeat(GAP_CELLS))).dim());
    }
    rows
}
