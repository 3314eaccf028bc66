//! Draws what the reviewer knows: what is held on top, the comment that is looked at below, keys and what was said last at
//! the bottom.

use super::state::{Held, SECOND, State};
use crate::cli::{json, output};
use crate::grpc::pb;
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Modifier, Style, Stylize as _},
    text::{Line, Span},
    widgets::{Block, Clear, Paragraph, Wrap},
};

/// Lines of the list of what is held.
const LIST_LINES: u16 = 5;
/// Words that are listed with what they add to a score.
const WORDS_MAX: usize = 6;
/// What the keys are for, as the help shows it.
const KEYS: [(&str, &str); 11] = [
    ("j k", "next, previous comment"),
    ("f", "approve: readers may see it"),
    ("d", "reject: readers never will"),
    ("s", "skip: somebody else's"),
    ("u", "take the last verdict back"),
    ("e", "explain: which words drove the scores"),
    ("x", "select; f and d then rule on all that is selected"),
    ("t", "next queue"),
    ("?", "this help"),
    ("q", "quit; what is held is given back"),
    ("", "any key goes on"),
];

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &State, now: i64) {
    let rows = [
        Constraint::Length(1),
        Constraint::Length(LIST_LINES),
        Constraint::Min(3),
        Constraint::Length(1),
        Constraint::Length(1),
    ];
    let [top, list, card, said, keys] = Layout::vertical(rows).areas(frame.area());
    frame.render_widget(header(state), top);
    frame.render_widget(Paragraph::new(held(state, list.height)), list);
    draw_card(frame, state, now, card);
    frame.render_widget(Line::from(output::visible(&state.said)).bold(), said);
    let hint = "f approve  d reject  s skip  u undo  e explain  x select  t queue  ? all keys";
    frame.render_widget(Line::from(hint).dim(), keys);
    if state.helps {
        draw_help(frame);
    }
}

fn header(state: &State) -> Line<'static> {
    let counts = state.queues.iter().find(|queue| queue.name == state.queue);
    let counts = counts.map(|queue| format!("  {} waiting, {} of them claimed", queue.items, queue.claimed));
    let others = state.queues.iter().filter(|queue| queue.name != state.queue && queue.items > 0);
    let others: Vec<String> = others.map(|queue| format!("{} {}", queue.name, queue.items)).collect();
    Line::from(vec![
        Span::from(format!(" {} ", state.queue)).bold().reversed(),
        Span::from(counts.unwrap_or_default()),
        Span::from(if others.is_empty() { String::new() } else { format!("   {}", others.join("  ")) }).dim(),
    ])
}

/// Lists what is held around the item that is looked at.
fn held(state: &State, lines: u16) -> Vec<Line<'static>> {
    if state.held.is_empty() {
        return vec![Line::from("nothing waits that nobody holds; what comes in appears by itself").dim()];
    }
    let lines = usize::from(lines);
    let from = (state.at + 1).saturating_sub(lines.max(1) - 1).min(state.held.len().saturating_sub(lines));
    let line = |(index, held): (usize, &Held)| {
        let comment = comment(held);
        let name = output::shorten(&output::visible(&comment.author.unwrap_or_default().name), 16);
        let mark = if state.selected.contains(&held.id) { "x" } else { " " };
        let busy = if held.busy { "…" } else { " " };
        let text = output::shorten(&output::visible(&comment.text), 200);
        let line = Line::from(format!("{mark}{busy} {:.2}  {name:<16}  {text}", held.item.risk));
        match (index == state.at, held.busy) {
            (true, _) => line.reversed(),
            (false, true) => line.dim(),
            (false, false) => line,
        }
    };
    state.held.iter().enumerate().skip(from).take(lines).map(line).collect()
}

fn draw_card(frame: &mut Frame<'_>, state: &State, now: i64, area: Rect) {
    let Some(held) = state.current() else {
        frame.render_widget(Block::bordered(), area);
        return;
    };
    let comment = comment(held);
    let left = (held.until - now).max(0) / SECOND;
    let name = output::visible(&comment.author.clone().unwrap_or_default().name);
    let title = format!(
        " {} on {}, revision {} ",
        output::shorten(&name, 30),
        output::shorten(&output::visible(&comment.article_id), 30),
        held.item.revision.as_ref().map(|revision| revision.number).unwrap_or_default(),
    );
    let id = format!(" {} ", output::shorten(&output::visible(&held.id), 40));
    let claim = format!(" yours for {}:{:02} ", left / 60, left % 60);
    let claim = if left < 60 { Line::from(claim).bold() } else { Line::from(claim) };
    let block = Block::bordered().title_top(title).title_top(claim.right_aligned()).title_bottom(Line::from(id).dim());
    let mut lines = text(&comment.text, &marks(state, held));
    lines.push(Line::default());
    let decision = decision(held);
    for reason in output::reasons(&decision, &comment.text) {
        lines.push(Line::from(reason));
    }
    if state.explains {
        lines.push(Line::default());
        lines.extend(explanation(&decision, &comment.text));
    }
    let skipped: Vec<String> = held.item.skipped_by.iter().map(|id| output::visible(id)).collect();
    if !skipped.is_empty() {
        lines.push(Line::from(format!("skipped by {}", skipped.join(", "))).dim());
    }
    if let Some(since) = json::time(held.item.waiting_since) {
        lines.push(Line::from(format!("waiting since {}", since.get(..19).unwrap_or(&since).replace('T', " "))).dim());
    }
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }).block(block), area);
}

/// Returns which bytes of the text drove the scores, where that is to be shown.
fn marks(state: &State, held: &Held) -> Vec<(usize, usize)> {
    if !state.explains {
        return Vec::new();
    }
    let decision = decision(held);
    let spans = decision.reasons.iter().flat_map(|reason| &reason.spans).filter(|span| span.contribution >= 0.0);
    spans.map(|span| (span.begin as usize, span.end as usize)).collect()
}

/// Lays the text out in lines, with what is marked underlined.
fn text(text: &str, marks: &[(usize, usize)]) -> Vec<Line<'static>> {
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
            Span::styled(output::visible(&run), if is_marked { underlined } else { Style::new() })
        };
        lines.push(Line::from(spans.into_iter().map(span).collect::<Vec<_>>()));
        begin += line.len() + 1;
    }
    lines
}

/// Lists, for each attribute that fired, the words that weighed most, and all scores.
fn explanation(decision: &pb::Decision, text: &str) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for reason in decision.reasons.iter().filter(|reason| !reason.attribute.is_empty()) {
        let mut spans: Vec<&pb::Span> = reason.spans.iter().collect();
        spans.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        let word = |span: &&pb::Span| {
            let word = text.get(span.begin as usize..span.end as usize).unwrap_or_default();
            format!("{:+.2} {}", span.contribution, output::shorten(&output::visible(word), 24))
        };
        let words: Vec<String> = spans.iter().take(WORDS_MAX).map(word).collect();
        lines.push(Line::from(format!("{:<15} {}", output::visible(&reason.attribute), words.join("   "))));
    }
    let mut scores: Vec<_> = decision.scores.iter().collect();
    scores.sort_by(|a, b| b.1.total_cmp(a.1).then_with(|| a.0.cmp(b.0)));
    for (name, score) in scores {
        lines.push(Line::from(format!("{:<15} {}", output::visible(name), output::bar(*score))).dim());
    }
    lines
}

fn draw_help(frame: &mut Frame<'_>) {
    let area = frame.area().centered(Constraint::Max(64), Constraint::Max(13));
    let lines: Vec<Line<'_>> =
        KEYS.iter().map(|(keys, what)| Line::from(vec![format!(" {keys:<4}").bold(), Span::from(*what)])).collect();
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title_top(" keys ")), area);
}

fn comment(held: &Held) -> pb::Comment {
    held.item.revision.clone().unwrap_or_default().comment.unwrap_or_default()
}

fn decision(held: &Held) -> pb::Decision {
    held.item.revision.clone().unwrap_or_default().decision.unwrap_or_default()
}
