//! The comment that is looked at: why it waits on top, and below it all that a ruling needs, as far as it was scrolled.

use super::cells::{cut, width};
use super::{page, why};
use crate::cli::output::visible;
use crate::cli::review::state::{Held, SECOND, State, View};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::Stylize as _,
    text::Line,
    widgets::{Block, Paragraph},
};

/// Rows from which on there is room for a line between why a comment waits and the comment, and for more than a row of what
/// else there is to know.
const ROOMY: u16 = 10;

/// Draws the comment, and returns how much of it there was room for.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, now: i64, area: Rect) -> View {
    let Some(held) = state.current() else {
        frame.render_widget(Block::bordered(), area);
        return View::default();
    };
    let inner = Block::bordered().inner(area);
    let cells = usize::from(inner.width);
    let is_roomy = inner.height >= ROOMY;
    let rows_max = if is_roomy { [usize::from(inner.height / 3) - 1, 2] } else { [2, 1] };
    let why = why::rows(state, held, now, cells, rows_max);
    let line = u16::from(is_roomy);
    let why_rows = u16::try_from(why.rows.len()).unwrap_or(inner.height);
    let rows = [Constraint::Length(why_rows), Constraint::Length(line), Constraint::Min(1)];
    let [top, between, body] = Layout::vertical(rows).areas(inner);
    let page = page::rows(state, held, now, cells, &why);
    let view = View { lines: page.len(), rows: usize::from(body.height) };
    let above = state.scrolled().min(view.lines.saturating_sub(view.rows));
    frame.render_widget(block(held, now, view, above, usize::from(area.width)), area);
    frame.render_widget(Paragraph::new(why.rows), top);
    frame.render_widget(Line::from("─".repeat(cells)).dim(), between);
    frame.render_widget(Paragraph::new(page.into_iter().skip(above).take(view.rows).collect::<Vec<_>>()), body);
    view
}

/// Draws the frame: whose comment it is, for how long it is held, its id, and how much more there is to read.
fn block(held: &Held, now: i64, view: View, above: usize, cells: usize) -> Block<'static> {
    let comment = held.comment();
    let left = (held.until - now).max(0) / SECOND;
    let claim = format!(" yours for {}:{:02} ", left / 60, left % 60);
    let room = cells.saturating_sub(width(&claim) + 4);
    let claim = if left < 60 { Line::from(claim).bold() } else { Line::from(claim) };
    let name = visible(&comment.author.unwrap_or_default().name);
    let number = held.item.revision.as_ref().map(|revision| revision.number).unwrap_or_default();
    let edited = if number > 1 { format!(", revision {number}") } else { String::new() };
    let article = visible(&comment.article_id);
    let title = format!(" {} ", cut(&format!("{} on {article}{edited}", cut(&name, room / 2)), room));
    let more = more(view, above);
    let id = format!(" {} ", cut(&visible(&held.id), cells.saturating_sub(width(&more) + 6)));
    Block::bordered()
        .title_top(title)
        .title_top(claim.right_aligned())
        .title_bottom(Line::from(id).dim())
        .title_bottom(Line::from(more).bold().right_aligned())
}

/// Says how much lies above and below what is shown; nothing where all of it is shown.
fn more(view: View, above: usize) -> String {
    let below = view.lines.saturating_sub(above + view.rows);
    let lines = |count| if count == 1 { "line" } else { "lines" };
    match (above, below) {
        (0, 0) => String::new(),
        (0, below) => format!(" {below} more {}: space ", lines(below)),
        (above, 0) => format!(" end, {above} {} above: PgUp ", lines(above)),
        (above, below) => format!(" {above} above, {below} more {}: space ", lines(below)),
    }
}
