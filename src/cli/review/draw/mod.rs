//! Draws what the reviewer knows: what is held on top, the comment that is looked at below, keys and what was said last at
//! the bottom.

mod ago;
mod card;
mod cells;
mod explanation;
mod page;
mod why;

use super::state::{Held, Mode, State, View};
use crate::cli::output::visible;
use cells::{cut, fill, width};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::Stylize as _,
    text::{Line, Span},
    widgets::{Block, Clear, Paragraph},
};

/// Cells of a name in the list of what is held.
const NAME_CELLS: usize = 16;
/// Keys that the last line names while there is room for them, in the order in which they matter.
const HINTS: [&str; 9] =
    ["f approve", "d reject", "s skip", "u undo", "e explain", "space more", "x select", "l label", "t queue"];
const LAST_HINT: &str = "? all keys";
/// What the keys are for, as the help shows it.
const KEYS: [(&str, &str); 13] = [
    ("j k", "next, previous comment"),
    ("space", "next page of a long comment; PgUp goes back"),
    ("↑ ↓", "line by line; Home and End"),
    ("f", "approve: readers may see it"),
    ("d", "reject: readers never will"),
    ("s", "skip: somebody else's"),
    ("u", "take the last verdict back"),
    ("e", "explain: which words drove the scores"),
    ("l", "label: say what it is, for the next verdict"),
    ("x", "select; f and d then rule on all selected"),
    ("t", "next queue"),
    ("?", "this help"),
    ("q", "quit; what is held is given back"),
];

/// Draws everything, and returns how much of the comment there was room for.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &State, now: i64) -> View {
    let area = frame.area();
    let rows = [
        Constraint::Length(1),
        // The comment needs the room more.
        Constraint::Length((area.height / 6).clamp(1, 5)),
        Constraint::Min(3),
        Constraint::Length(1),
        Constraint::Length(1),
    ];
    let [top, list, card, said, keys] = Layout::vertical(rows).areas(area);
    frame.render_widget(header(state, usize::from(top.width)), top);
    frame.render_widget(Paragraph::new(held(state, list)), list);
    let view = card::draw(frame, state, now, card);
    frame.render_widget(Line::from(cut(&visible(&state.said), usize::from(said.width))).bold(), said);
    frame.render_widget(Line::from(hints(usize::from(keys.width))).dim(), keys);
    if state.mode == Mode::Help {
        draw_help(frame);
    }
    view
}

fn header(state: &State, cells: usize) -> Line<'static> {
    let name = format!(" {} ", cut(&visible(&state.queue), cells / 3));
    let mut room = cells.saturating_sub(width(&name));
    let mut spans = vec![Span::from(name).bold().reversed()];
    if state.is_alone {
        spans.push(Span::from(cut("  the server does not answer", room)).bold());
        return Line::from(spans);
    }
    let counts = state.queues.iter().find(|queue| queue.name == state.queue);
    let counts = counts.map(|queue| format!("  {} waiting, {} of them claimed", queue.items, queue.claimed));
    let counts = cut(&counts.unwrap_or_default(), room);
    room = room.saturating_sub(width(&counts));
    spans.push(Span::from(counts));
    let others = state.queues.iter().filter(|queue| queue.name != state.queue && queue.items > 0);
    let others: String = others.map(|queue| format!("  {} {}", visible(&queue.name), queue.items)).collect();
    spans.push(Span::from(cut(&others, room)).dim());
    Line::from(spans)
}

/// Lists what is held around the item that is looked at.
fn held(state: &State, area: Rect) -> Vec<Line<'static>> {
    let (lines, cells) = (usize::from(area.height), usize::from(area.width));
    if state.held.is_empty() {
        let nothing = "nothing waits that nobody holds; what comes in appears by itself";
        return cells::wrap(&Line::from(nothing).dim(), cells);
    }
    let from = (state.at + 1).saturating_sub(lines.max(2) - 1).min(state.held.len().saturating_sub(lines));
    let line = |(index, held): (usize, &Held)| {
        let comment = held.comment();
        let name = fill(&visible(&comment.author.unwrap_or_default().name), NAME_CELLS);
        let mark = if state.selected.contains(&held.id) { "x" } else { " " };
        let busy = if held.busy { "…" } else { " " };
        let line = format!("{mark}{busy} {:.2}  {name}  {}", held.item.risk, visible(&comment.text));
        let line = Line::from(cut(&line, cells));
        match (index == state.at, held.busy) {
            (true, _) => line.reversed(),
            (false, true) => line.dim(),
            (false, false) => line,
        }
    };
    state.held.iter().enumerate().skip(from).take(lines).map(line).collect()
}

/// Names as many keys as there is room for, and always where to read of the others.
fn hints(cells: usize) -> String {
    let mut named = String::new();
    for hint in HINTS {
        if width(&named) + width(hint) + 2 + width(LAST_HINT) > cells {
            break;
        }
        named.push_str(hint);
        named.push_str("  ");
    }
    named + LAST_HINT
}

fn draw_help(frame: &mut Frame<'_>) {
    let area = frame.area().centered(Constraint::Max(58), Constraint::Max(15));
    let lines: Vec<Line<'_>> =
        KEYS.iter().map(|(keys, what)| Line::from(vec![format!(" {keys:<6}").bold(), Span::from(*what)])).collect();
    let block = Block::bordered().title_top(" keys ").title_bottom(" Esc goes on ");
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(block), area);
}
