//! Text as the features see it: one spelling for what looks alike, with the way back to the text as sent.

use super::invisible::is_invisible;
use std::ops::Range;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// How many of one character in a row are kept.
const REPEATS_MAX: u8 = 3;
/// The most characters that one character may become.
const FOLDED_MAX: usize = 6;
/// How many blanks are kept behind a text, so that no look ahead ends in nothing.
const PADDING: usize = 4;
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
    found: usize,
    memory: Box<[Folded]>,
    last: char,
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
            chars: vec![' '; PADDING],
            begins: vec![0; PADDING],
            ends: vec![0; PADDING],
            found: 0,
            memory: vec![nothing; MEMORY_SLOTS].into_boxed_slice(),
            last: '\0',
            run: 0,
        }
    }
}

impl Normalised {
    /// Replaces what was held by `text`, normalised.
    pub fn assign(&mut self, text: &str) {
        let bytes = text.as_bytes();
        // Room for one character for each byte; only outside ASCII one may become more, and then looks for room.
        self.make_room(bytes.len() + 2 + PADDING);
        self.found = 0;
        self.run = 0;
        self.last = '\0';
        self.push(' ', 0, 0);
        let mut at = 0;
        while at < bytes.len() {
            // The hot loop: nearly every byte of nearly every comment is ASCII, and one look at a table folds it.
            at += self.push_ascii(&bytes[at..], at);
            if let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
                self.push_folded(c, at);
                at += c.len_utf8();
                self.make_room(self.found + bytes.len() - at + 1 + FOLDED_MAX + PADDING);
            }
        }
        self.push(' ', text.len(), text.len());
        self.chars[self.found..self.found + PADDING].fill(' ');
    }

    /// Returns the normalised characters; the first and the last one are blanks.
    pub fn chars(&self) -> &[char] {
        &self.chars[..self.found]
    }

    /// Returns the normalised characters with four blanks behind them.
    pub(super) fn padded(&self) -> &[char] {
        &self.chars[..self.found + PADDING]
    }

    /// Returns the bytes of the text as sent that the normalised characters at `range` come from.
    pub fn bytes_of(&self, range: Range<usize>) -> Range<u32> {
        match (self.begins.get(range.start), range.end.checked_sub(1).and_then(|last| self.ends.get(last))) {
            (Some(&begin), Some(&end)) if begin <= end && range.end <= self.found => begin..end,
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

    /// Takes in what is ASCII at the beginning of `bytes`, which begin at the byte `begin` of the text; returns how
    /// many bytes it was.
    ///
    /// Whether a character repeats the one before it is not branched on: it would be a guess.
    fn push_ascii(&mut self, bytes: &[u8], begin: usize) -> usize {
        let (mut found, mut run, mut last) = (self.found, self.run, self.last);
        let most = found + bytes.len();
        let (Some(chars), Some(begins), Some(ends)) =
            (self.chars.get_mut(..=most), self.begins.get_mut(..=most), self.ends.get_mut(..=most))
        else {
            return 0;
        };
        let mut passed = bytes.len();
        for (at, &byte) in bytes.iter().enumerate() {
            let Some(&folded) = ASCII.get(usize::from(byte)) else {
                passed = at;
                break;
            };
            if folded == 0 {
                continue;
            }
            let c = char::from(folded);
            run = if c == last { run.saturating_add(1) } else { 1 };
            last = c;
            chars[found] = c;
            begins[found] = offset(begin + at);
            found += usize::from(run <= if c == ' ' { 1 } else { REPEATS_MAX });
            // What is not kept lengthens what it repeats.
            ends[found - 1] = offset(begin + at + 1);
        }
        (self.found, self.run, self.last) = (found, run, last);
        passed
    }

    fn push(&mut self, c: char, begin: usize, end: usize) {
        self.run = if c == self.last { self.run.saturating_add(1) } else { 1 };
        self.last = c;
        self.chars[self.found] = c;
        self.begins[self.found] = offset(begin);
        self.found += usize::from(self.run <= if c == ' ' { 1 } else { REPEATS_MAX });
        self.ends[self.found - 1] = offset(end);
    }

    fn make_room(&mut self, room: usize) {
        if self.chars.len() < room {
            self.chars.resize(room, ' ');
            self.begins.resize(room, 0);
            self.ends.resize(room, 0);
        }
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
