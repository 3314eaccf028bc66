//! Text as the features see it: one spelling for what looks alike, with the way back to the text as sent.

use super::invisible::is_invisible;
use std::ops::Range;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// How many of one character in a row are kept.
const REPEATS_MAX: u8 = 3;
/// The most characters that one character may become.
const FOLDED_MAX: usize = 6;
/// Slots of the memory of foldings, a power of two.
const MEMORY_SLOTS: usize = 1024;

/// A normalised text, and the buffers that the next one reuses.
///
/// Compatibility forms are decomposed and combining marks dropped, letters are lower case, invisible characters gone,
/// letters that pass for Latin ones are those Latin ones, and more than three of one character in a row are three.
/// White space is one blank between words; one blank also opens and closes every text.
#[derive(Debug, Clone)]
pub struct Normalised {
    chars: Vec<char>,
    begins: Vec<u32>,
    ends: Vec<u32>,
    memory: Box<[Folded]>,
    run: u8,
}

/// What one character becomes.
#[derive(Debug, Clone, Copy)]
struct Folded {
    from: Option<char>,
    count: u8,
    chars: [char; FOLDED_MAX],
}

impl Default for Normalised {
    fn default() -> Self {
        let nothing = Folded { from: None, count: 0, chars: ['\0'; FOLDED_MAX] };
        Self {
            chars: Vec::new(),
            begins: Vec::new(),
            ends: Vec::new(),
            memory: vec![nothing; MEMORY_SLOTS].into_boxed_slice(),
            run: 0,
        }
    }
}

impl Normalised {
    /// Replaces what was held by `text`, normalised.
    pub fn assign(&mut self, text: &str) {
        self.chars.clear();
        self.begins.clear();
        self.ends.clear();
        self.run = 0;
        self.push(' ', 0, 0);
        // The hot loop: nearly every byte of nearly every comment is ASCII, and one look at a table folds it.
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte < 0x80 {
                let folded = ASCII[usize::from(byte)];
                if folded != 0 {
                    self.push(char::from(folded), at, at + 1);
                }
                at += 1;
            } else if let Some(c) = text[at..].chars().next() {
                self.push_folded(c, at);
                at += c.len_utf8();
            }
        }
        self.push(' ', text.len(), text.len());
    }

    /// Returns the normalised characters; the first and the last one are blanks.
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// Returns the bytes of the text as sent that the normalised characters at `range` come from.
    pub fn bytes_of(&self, range: Range<usize>) -> Range<u32> {
        match (self.begins.get(range.start), range.end.checked_sub(1).and_then(|last| self.ends.get(last))) {
            (Some(&begin), Some(&end)) if begin <= end => begin..end,
            _ => 0..0,
        }
    }

    fn push_folded(&mut self, c: char, at: usize) {
        let slot = (c as usize).wrapping_mul(0x9e37) >> 3 & (MEMORY_SLOTS - 1);
        if self.memory[slot].from != Some(c) {
            self.memory[slot] = Folded::of(c);
        }
        let Folded { count, chars, .. } = self.memory[slot];
        for &out in &chars[..usize::from(count)] {
            self.push(out, at, at + c.len_utf8());
        }
    }

    #[inline]
    fn push(&mut self, c: char, begin: usize, end: usize) {
        if self.chars.last() == Some(&c) {
            let most = if c == ' ' { 1 } else { REPEATS_MAX };
            if self.run >= most {
                if let Some(last) = self.ends.last_mut() {
                    *last = offset(end);
                }
                return;
            }
            self.run += 1;
        } else {
            self.run = 1;
        }
        self.chars.push(c);
        self.begins.push(offset(begin));
        self.ends.push(offset(end));
    }
}

#[inline]
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// What each ASCII character becomes; zero where it goes.
const ASCII: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => b' ',
            0x21..=0x7e => byte.to_ascii_lowercase(),
            _ => 0,
        };
        byte += 1;
    }
    table
};

impl Folded {
    /// Folds a character outside ASCII.
    fn of(c: char) -> Self {
        let mut folded = Self { from: Some(c), count: 0, chars: ['\0'; FOLDED_MAX] };
        if c.is_whitespace() {
            folded.push(' ');
        } else if !is_invisible(c) {
            decompose_compatible(c, |part| {
                if !part.is_whitespace() && !is_combining_mark(part) && !is_invisible(part) {
                    folded.push_alike(part);
                }
            });
            // An accent that stands alone decomposes to a blank with a mark: it passes for a quotation mark.
            if folded.count == 0 && !is_combining_mark(c) {
                folded.push_alike(c);
            }
        }
        folded
    }

    /// Adds what `part` passes for, in lower case.
    fn push_alike(&mut self, part: char) {
        if part.is_ascii() {
            return self.push(part.to_ascii_lowercase());
        }
        match decancer::cure_char(part, decancer::Options::default()) {
            decancer::Translation::Character(cured) => cured.to_lowercase().for_each(|c| self.push(c)),
            decancer::Translation::String(cured) => {
                cured.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).for_each(|c| self.push(c));
            }
            // Visible, but nothing that it could be taken for.
            decancer::Translation::None => part.to_lowercase().for_each(|c| self.push(c)),
        }
    }

    /// Adds a character; of a ligature of whole words the first letters must do, or one character could cost as much
    /// as twenty.
    fn push(&mut self, c: char) {
        if let Some(place) = self.chars.get_mut(usize::from(self.count)) {
            *place = c;
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut normalised = Normalised::default();
        normalised.assign(text);
        assert_eq!(normalised.chars().iter().collect::<String>(), expected, "{text:?}");
    }

    #[test]
    fn texts_that_look_alike_become_alike() {
        check("Hello,  World\n", " hello, world ");
        check("", " ");
        check("he\u{200b}l\u{ad}lo\u{202e}", " hello ");
        check("caf\u{e9} cafe\u{301}", " cafe cafe ");
        check("\u{ff26}\u{ff55}\u{ff4c}\u{ff4c} \u{1d555}\u{1d560}\u{1d558}", " full dog ");
        check("\u{0430}re", " are ");
        check("sooooo!!!!!!", " sooo!!! ");
        check("\u{fb01}sh", " fish ");
        check("a\u{a0}\u{3000}b", " a b ");
        check("tab\u{0}\u{1b}s", " tabs ");
        check("don\u{b4}t", " don't ");
    }

    #[test]
    fn no_character_becomes_many() {
        let mut normalised = Normalised::default();
        for c in '\0'..=char::MAX {
            normalised.assign(c.encode_utf8(&mut [0; 4]));
            let inner = normalised.chars().len().saturating_sub(2);
            assert!(inner <= FOLDED_MAX, "{c:?}");
            assert!(!normalised.chars()[1..].iter().rev().skip(1).any(|c| c.is_whitespace()), "{c:?} parts words");
        }
    }

    #[test]
    fn characters_know_their_bytes() {
        let mut normalised = Normalised::default();
        let text = "x \u{1d555}o\u{301}\u{200b}gggggg!";
        normalised.assign(text);
        assert_eq!(normalised.chars().iter().collect::<String>(), " x doggg! ");
        assert_eq!(normalised.bytes_of(1..2), 0..1);
        let dog = normalised.bytes_of(3..8);
        assert_eq!(&text[dog.start as usize..dog.end as usize], "\u{1d555}o\u{301}\u{200b}gggggg");
        assert_eq!(normalised.bytes_of(5..90), 0..0);
    }

    #[test]
    fn a_used_normaliser_forgets_the_last_text() {
        let mut normalised = Normalised::default();
        normalised.assign("some words before");
        normalised.assign("a");
        assert_eq!(normalised.chars(), [' ', 'a', ' ']);
    }
}
