//! Characters that a reader cannot see.

/// Tells whether a reader sees nothing of `text`: it is empty, or all white space and invisible characters.
///
/// ```
/// use ombud::classify::is_blank;
///
/// assert!(is_blank(" \u{200b}\u{2800}\n"));
/// assert!(!is_blank("."));
/// ```
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Tells whether `c` takes no ink: control and formatting characters, fillers, selectors, tags, unassigned
/// ignorables. White space other than control characters is not invisible: it parts words.
pub(super) fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control() && !c.is_ascii_whitespace();
    }
    matches!(c,
        // C1 controls, except NEL, which is white space.
        '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}'
        // Soft hyphen, combining grapheme joiner, Arabic letter mark.
        | '\u{ad}' | '\u{34f}' | '\u{61c}'
        // Hangul and Khmer fillers.
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{17b4}' | '\u{17b5}'
        // Mongolian selectors and separator.
        | '\u{180b}'..='\u{180f}'
        // Zero-width characters, directional marks, embeddings, isolates, invisible operators.
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        // The empty braille pattern.
        | '\u{2800}'
        // Variation selectors, byte order mark, interlinear annotation.
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        // Shorthand format and musical controls, tags and further selectors.
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_ink_is_blank() {
        let blank = [
            "",
            " \t\r\n",
            "\u{200b}",
            "\u{200d}\u{feff}",
            "\u{202e}\u{2066}",
            "\u{0}\u{7}\u{1b}",
            "\u{85}",
            "\u{9f}",
            "\u{ad}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{fe0f}",
            "\u{e0041}\u{e007f}",
            "\u{a0}\u{3000}",
            "\u{34f}",
            "\u{180e}",
            "\u{2063}",
        ];
        for text in blank {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", ".", "\u{200b}x", "\u{1f600}", "\u{2801}", "\u{4e00}", "\u{ac}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
