//! What a text as a whole looks like, whatever its words: shouting, exclamation and question marks, links.

/// How many features a text's style has.
pub(super) const KINDS: usize = 5;
/// The least letters of a word in capitals that is shouted; "TV" is not.
const SHOUTED_MIN: u32 = 3;

/// Counts over one text as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
        if text.is_ascii() { Self::of_ascii(text) } else { Self::of_any(text) }
    }

    /// Counts over a text of ASCII characters alone: first over all bytes, which takes no branch, then over words where
    /// there is something to be found.
    fn of_ascii(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut style = Self {
            letters: count(bytes, |byte| byte.is_ascii_alphabetic()),
            capitals: count(bytes, |byte| byte.is_ascii_uppercase()),
            exclamation_marks: count(bytes, |byte| byte == b'!'),
            question_marks: count(bytes, |byte| byte == b'?'),
            ..Self::default()
        };
        if style.capitals >= SHOUTED_MIN {
            let (mut letters, mut capitals) = (0, 0);
            for byte in bytes.iter().chain(b" ") {
                let ends = matches!(byte, b' ' | b'\t'..=b'\r');
                style.shouted += u32::from(ends && letters >= SHOUTED_MIN && capitals == letters);
                letters = if ends { 0 } else { letters + u32::from(byte.is_ascii_alphabetic()) };
                capitals = if ends { 0 } else { capitals + u32::from(byte.is_ascii_uppercase()) };
            }
        }
        let after = |by: usize| bytes.get(by..).unwrap_or_default();
        let is = |byte: &u8, wanted: u8| u8::from(*byte == wanted);
        let scheme =
            bytes.iter().zip(after(1)).zip(after(2)).fold(0, |found, ((first, second), third)| {
                found | is(first, b':') & is(second, b'/') & is(third, b'/')
            });
        let host =
            bytes.iter().zip(after(1)).zip(after(3)).fold(0, |found, ((first, second), fourth)| {
                found | is(first, b'w') & is(second, b'w') & is(fourth, b'.')
            });
        if scheme | host != 0 {
            style.links = text.split_whitespace().filter(|word| is_link(word)).map(|_| 1).sum();
        }
        style
    }

    fn of_any(text: &str) -> Self {
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
            style.links += u32::from(is_link(word));
        }
        style
    }

    /// Returns the share of the letters that are capitals, in [0, 1]; 0 without letters.
    pub(super) fn capitals_share(&self) -> f32 {
        // Of some characters a capital is no letter.
        if self.letters == 0 { 0.0 } else { (self.capitals as f32 / self.letters as f32).min(1.0) }
    }

    /// Returns how many words are links.
    pub(super) const fn links(&self) -> u32 {
        self.links
    }

    /// Returns each kind's level: few numbers, so that each is seen often.
    pub(super) fn levels(&self) -> [u64; KINDS] {
        // Tenths of the letters are capitals; a text without letters is a level of its own.
        let capitals = (self.capitals * 10).checked_div(self.letters).map_or(11, u64::from);
        [level(self.shouted), capitals, level(self.exclamation_marks), level(self.question_marks), level(self.links)]
    }
}

fn is_link(word: &str) -> bool {
    word.contains("://") || word.contains("www.")
}

/// Counts the bytes that `counts` picks, sixteen and more at a time.
#[inline]
fn count(bytes: &[u8], counts: impl Fn(u8) -> bool) -> u32 {
    // No more than a byte can count.
    let chunk = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(counts(*byte))).sum::<u8>();
    bytes.chunks(usize::from(u8::MAX)).map(|bytes| u32::from(chunk(bytes))).sum()
}

/// Returns 0, 1, 2 for two or three, 3 for four to seven, and so on up to 6 for thirty-two and more.
fn level(count: u32) -> u64 {
    u64::from((u32::BITS - count.leading_zeros()).min(6))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ascii_is_counted_as_any_text_is(
            text in "([A-Ca-b!?.]{0,6}([ \\t\\x0b\\r]|://|www\\.|ww\\.|:/)){0,90}", any in "[\\x00-\\x7f]{0,600}",
        ) {
            for text in [text, any] {
                prop_assert_eq!(Style::of_ascii(&text), Style::of_any(&text));
            }
        }
    }

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
