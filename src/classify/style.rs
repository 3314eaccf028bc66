//! What a text as a whole looks like, whatever its words: shouting, exclamation and question marks, links.

/// How many features a text's style has.
pub(super) const KINDS: usize = 5;
/// The least letters of a word in capitals that is shouted; "TV" is not.
const SHOUTED_MIN: u32 = 3;

/// Counts over one text as sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Style {
    letters: u32,
    capitals: u32,
    shouted: u32,
    exclamation_marks: u32,
    question_marks: u32,
    links: u32,
}

impl Style {
    /// Counts over `text`.
    pub(super) fn of(text: &str) -> Self {
        let mut style = Self::default();
        for word in text.split_whitespace() {
            let (mut letters, mut capitals) = (0, 0);
            for c in word.chars() {
                letters += u32::from(if c.is_ascii() { c.is_ascii_alphabetic() } else { c.is_alphabetic() });
                capitals += u32::from(c.is_uppercase());
                style.exclamation_marks += u32::from(c == '!');
                style.question_marks += u32::from(c == '?');
            }
            style.letters += letters;
            style.capitals += capitals;
            style.shouted += u32::from(letters >= SHOUTED_MIN && capitals == letters);
            style.links += u32::from(word.contains("://") || word.contains("www."));
        }
        style
    }

    /// Returns each kind's level: few numbers, so that each is seen often.
    pub(super) fn levels(&self) -> [u64; KINDS] {
        // Tenths of the letters are capitals; a text without letters is a level of its own.
        let capitals = (self.capitals * 10).checked_div(self.letters).map_or(11, u64::from);
        [level(self.shouted), capitals, level(self.exclamation_marks), level(self.question_marks), level(self.links)]
    }
}

/// Returns 0, 1, 2 for two or three, 3 for four to seven, and so on up to 6 for thirty-two and more.
fn level(count: u32) -> u64 {
    u64::from((u32::BITS - count.leading_zeros()).min(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_is_told_in_few_levels() {
        assert_eq!(Style::of("").levels(), [0, 11, 0, 0, 0]);
        assert_eq!(Style::of("Quiet words, on TV.").levels(), [0, 2, 0, 0, 0]);
        assert_eq!(Style::of("WHAT IS THIS?! https://example.org").levels(), [2, 4, 1, 1, 1]);
        assert_eq!(Style::of(&"NO!!".repeat(50)).levels()[2], 6);
    }

    #[test]
    fn levels_double() {
        let levels: Vec<u64> = [0, 1, 2, 3, 4, 7, 8, 31, 32, u32::MAX].map(level).into();
        assert_eq!(levels, [0, 1, 2, 2, 3, 3, 4, 5, 6, 6]);
    }
}
