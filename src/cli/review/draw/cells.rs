//! Text in the cells of a terminal, where letters may take two or none.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

/// Returns how many cells a text takes.
pub(super) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// Cuts text to `cells`, with a sign that something is missing.
pub(super) fn cut(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let (mut kept, mut taken) = (String::new(), 1);
    for letter in Span::raw(text).styled_graphemes(Style::new()) {
        taken += width(letter.symbol);
        if taken > cells {
            break;
        }
        kept.push_str(letter.symbol);
    }
    if cells > 0 {
        kept.push('…');
    }
    kept
}

/// Cuts text to `cells`, or fills them.
pub(super) fn fill(text: &str, cells: usize) -> String {
    let mut text = cut(text, cells);
    text.push_str(&" ".repeat(cells.saturating_sub(width(&text))));
    text
}

/// Breaks a line into rows of at most `cells`: after blanks, or within a word that is longer than a row.
pub(super) fn wrap(line: &Line<'_>, cells: usize) -> Vec<Line<'static>> {
    let mut rows = Vec::new();
    let mut row: Vec<(String, Style)> = Vec::new();
    let mut taken = 0;
    // Where the next row may begin.
    let mut next = None;
    for letter in line.styled_graphemes(Style::new()) {
        let (wide, is_blank) = (width(letter.symbol), letter.symbol == " ");
        let mut is_swallowed = false;
        while taken + wide > cells && !row.is_empty() {
            is_swallowed = is_blank;
            let rest = if is_blank { Vec::new() } else { row.split_off(next.unwrap_or(row.len())) };
            rows.push(joined(row));
            taken = rest.iter().map(|(symbol, _)| width(symbol)).sum();
            (row, next) = (rest, None);
        }
        // The blank that a row ends with needs no room.
        if is_swallowed {
            continue;
        }
        row.push((letter.symbol.to_owned(), letter.style));
        taken += wide;
        if is_blank {
            next = Some(row.len());
        }
    }
    rows.push(joined(row));
    rows
}

/// Joins neighbours of one style.
fn joined(row: Vec<(String, Style)>) -> Line<'static> {
    let mut spans: Vec<(String, Style)> = Vec::new();
    for (symbol, style) in row {
        match spans.last_mut() {
            Some((run, of)) if *of == style => run.push_str(&symbol),
            _ => spans.push((symbol, style)),
        }
    }
    Line::from(spans.into_iter().map(|(run, style)| Span::styled(run, style)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, cells: usize, expected: &[&str]) {
        let rows = wrap(&Line::from(text), cells);
        assert_eq!(rows.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{text:?} in {cells}");
    }

    #[test]
    fn lines_break_after_blanks_and_long_words_where_they_must() {
        check("", 5, &[""]);
        check("one two three", 7, &["one two", "three"]);
        check("one two three", 8, &["one two ", "three"]);
        check("abcdefghij kl", 4, &["abcd", "efgh", "ij ", "kl"]);
        check("  indented", 4, &["  ", "inde", "nted"]);
        // Letters of two cells each, and one that doesn't fit at all.
        check("漢字漢字漢", 5, &["漢字", "漢字", "漢"]);
        check(" 漢字", 4, &[" ", "漢字"]);
        check("漢a", 1, &["漢", "a"]);
    }

    #[test]
    fn cutting_and_filling_count_cells() {
        assert_eq!((cut("漢字", 4).as_str(), cut("漢字", 3).as_str(), cut("ab", 0).as_str()), ("漢字", "漢…", ""));
        assert_eq!((fill("漢", 4).as_str(), fill("abcde", 4).as_str()), ("漢  ", "abc…"));
    }
}
