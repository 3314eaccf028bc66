//! The second view of a text: its disguised words as they were meant.
//!
//! `1d10t`, `i d i o t`, `i.d.i.o.t` and `idiooot` become `idiot`, and whatever hides letters becomes the same
//! character, so that `f**l` and `f##l` are one word. Words without disguise have no place in it: what they say, the
//! first view says.

/// The least letters of a word that is read as spaced out.
const SPACED_MIN: usize = 3;
/// What stands for a hidden letter.
const HIDDEN: char = '*';

/// The disguised words of one text, undone. The buffers are reused from text to text.
#[derive(Debug, Clone, Default)]
pub(super) struct SecondView {
    chars: Vec<char>,
    places: Vec<u32>,
}

impl SecondView {
    /// Replaces what was held by what `chars`, a normalised text, has in disguise.
    pub(super) fn assign(&mut self, chars: &[char]) {
        self.chars.clear();
        self.places.clear();
        let mut at = 0;
        while at < chars.len() {
            if chars[at] == ' ' {
                at += 1;
                continue;
            }
            if let Some(end) = end_of_plain(chars, at) {
                at = end;
                continue;
            }
            let end = end_of_spaced(chars, at);
            if letters_apart(chars, at, end) >= SPACED_MIN {
                self.add(chars, at, end, true);
                at = end;
                continue;
            }
            let end = end_of_token(chars, at);
            if chars[at..end].iter().any(|c| !c.is_alphabetic()) || has_run(&chars[at..end]) {
                self.add_token(chars, at, end);
            }
            at = end;
        }
        if !self.chars.is_empty() {
            self.push(' ', self.places.last().copied().unwrap_or_default());
        }
    }

    /// Returns the words, each between blanks; empty where nothing is in disguise.
    pub(super) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// Returns the place in the normalised text that the character at `at` comes from; a blank has that of a letter
    /// beside it.
    pub(super) fn place(&self, at: usize) -> usize {
        self.places.get(at).map_or(0, |place| *place as usize)
    }

    /// Adds a token, less the punctuation around it, if it is in disguise.
    fn add_token(&mut self, chars: &[char], first: usize, end: usize) {
        let inner = |c: &char| c.is_alphanumeric() || stands_for(*c).is_some_and(|_| !matches!(c, '!' | '(' | '+'));
        let token = &chars[first..end];
        let (Some(begin), Some(last)) = (token.iter().position(inner), token.iter().rposition(inner)) else { return };
        let (first, end) = (first + begin, first + last + 1);
        let token = &chars[first..end];
        let letters = token.iter().filter(|c| c.is_alphabetic()).count();
        // A number, an address or a link is what it is.
        if letters < 2 || token.len() < 3 || token.windows(3).any(|three| three == [':', '/', '/'] || three == ['w'; 3])
        {
            return;
        }
        let dotted = letters_apart(chars, first, end) >= SPACED_MIN;
        let hidden = token[1..token.len() - 1].iter().any(|c| hides(*c));
        let last_letter = token.iter().rposition(|c| c.is_alphabetic()).unwrap_or(0);
        let replaced = token[..last_letter].iter().any(|c| !c.is_alphabetic() && stands_for(*c).is_some())
            || token.last().is_some_and(|c| matches!(c, '$' | '@'));
        if dotted || hidden || replaced || has_run(token) {
            self.add(chars, first, end, dotted);
        }
    }

    /// Adds the word at `first..end`: signs that stand for letters become those, `apart` drops what separates single
    /// letters, and of one letter in a row three times one is kept.
    fn add(&mut self, chars: &[char], first: usize, end: usize, apart: bool) {
        self.push(' ', place(first));
        for at in first..end {
            let c = chars[at];
            let meant = if c.is_alphabetic() || c == '\'' {
                c
            } else if let Some(letter) = stands_for(c) {
                letter
            } else if apart {
                continue;
            } else if hides(c) {
                HIDDEN
            } else {
                c
            };
            let run = at >= first + 2 && chars[at - 1] == c && chars[at - 2] == c;
            if meant.is_alphabetic() && run && self.chars.last() == Some(&meant) {
                // The second of the three goes as well.
                if self.chars.len() >= 2 && self.chars[self.chars.len() - 2] == meant {
                    self.chars.pop();
                    self.places.pop();
                }
                continue;
            }
            self.push(meant, place(at));
        }
    }

    fn push(&mut self, c: char, place: u32) {
        self.chars.push(c);
        self.places.push(place);
    }
}

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Returns where a token ends that cannot be in disguise: ASCII letters, two of them side by side, with punctuation
/// that stands for nothing, and no letter three times in a row; or a single letter that is not the first of three.
/// Nearly every token is such a one, and what it is takes one look at each character.
fn end_of_plain(chars: &[char], first: usize) -> Option<usize> {
    let mut before = [0; 2];
    let (mut kinds, mut pairs) = (0, 0);
    let mut at = first;
    while let Some(&c) = chars.get(at) {
        if c == ' ' {
            break;
        }
        let kind = KINDS.get(c as usize).copied().unwrap_or(SIGN);
        pairs |= kind & before[0] & LETTER;
        kinds |= kind | u8::from(kind & LETTER != 0 && kind == before[0] && kind == before[1]) << SIGN.ilog2();
        before = [kind, before[0]];
        at += 1;
    }
    let single = at == first + 1 && (chars.get(at + 2).is_some_and(|c| *c != ' ') || at + 1 >= chars.len());
    (kinds & SIGN == 0 && (pairs != 0 || single && kinds & LETTER != 0)).then_some(at)
}

/// A letter; its number in the alphabet is in the bits above the lowest two.
const LETTER: u8 = 1;
/// What may stand for a letter or hide one, or a token's letters repeat.
const SIGN: u8 = 2;
/// What each ASCII character is.
const KINDS: [u8; 128] = {
    let mut kinds = [0; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        let c = byte as char;
        kinds[byte as usize] = if byte.is_ascii_lowercase() {
            (byte - b'a' + 1) << 2 | LETTER
        } else if byte.is_ascii_alphanumeric() || stands_for(c).is_some() || hides(c) {
            SIGN
        } else {
            0
        };
        byte += 1;
    }
    kinds
};

fn end_of_token(chars: &[char], first: usize) -> usize {
    chars[first..].iter().position(|c| *c == ' ').map_or(chars.len(), |length| first + length)
}

/// Returns where single characters with blanks between them, from `first` on, end; `first` where there are none.
fn end_of_spaced(chars: &[char], first: usize) -> usize {
    let mut end = first;
    while end < chars.len() && may_be_letter(chars[end]) && chars.get(end + 1).is_none_or(|c| *c == ' ') {
        end += 2;
    }
    end.saturating_sub(1).max(first)
}

/// Counts the letters at `first..end`, zero where two of them stand side by side.
fn letters_apart(chars: &[char], first: usize, end: usize) -> usize {
    let mut letters = 0;
    let mut after_letter = false;
    for &c in &chars[first..end] {
        let is_letter = may_be_letter(c) && (c.is_alphanumeric() || !after_letter);
        if is_letter && after_letter {
            return 0;
        }
        letters += usize::from(is_letter);
        after_letter = is_letter;
    }
    letters
}

fn may_be_letter(c: char) -> bool {
    c.is_alphabetic() || stands_for(c).is_some() || hides(c)
}

/// Tells whether a letter occurs three times in a row.
fn has_run(chars: &[char]) -> bool {
    chars.windows(3).any(|three| three[0] == three[1] && three[1] == three[2] && three[0].is_alphabetic())
}

/// Returns the letter that a digit or sign is written for.
const fn stands_for(c: char) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        '(' => 'c',
        _ => return None,
    })
}

/// Tells whether a sign is put in the place of a letter to hide it.
const fn hides(c: char) -> bool {
    matches!(c, '*' | '#' | '%' | '&' | '_' | '-' | '~' | '?' | '\u{2022}')
}

#[cfg(test)]
mod tests {
    use super::super::normalise::Normalised;
    use super::*;
    use proptest::prelude::*;

    fn view(text: &str) -> String {
        let mut normalised = Normalised::default();
        normalised.assign(text);
        let mut view = SecondView::default();
        view.assign(normalised.chars());
        view.chars().iter().collect()
    }

    #[test]
    fn disguised_words_are_undone() {
        assert_eq!(view("You 1d10t!"), " idiot ");
        assert_eq!(view("an i d i o t, again"), " idiot ");
        assert_eq!(view("i.d.i.o.t and i-d-i-o-t"), " idiot idiot ");
        assert_eq!(view("stuuuuupid cl0wn$"), " stupid clowns ");
        assert_eq!(view("cl**n cl##n cl--n"), " cl**n cl**n cl**n ");
        assert_eq!(view("@nother f00l."), " another fool ");
    }

    #[test]
    fn plain_words_are_not_in_it() {
        for text in ["", "Plain words, and nothing else!", "19 people in 2024", "https://example.org/a1b2", "It's his."]
        {
            assert_eq!(view(text), "", "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_passed_over_would_not_be_added(text in "([abz]{0,3}[.,':w/1!*-]{0,2}[abz]{0,3} ?){0,8}|.{0,20}") {
            let mut normalised = Normalised::default();
            normalised.assign(&text);
            let chars = normalised.chars();
            for first in (1..chars.len()).filter(|first| chars[first - 1] == ' ') {
                if let Some(end) = end_of_plain(chars, first) {
                    prop_assert_eq!(end, end_of_token(chars, first));
                    let spaced = end_of_spaced(chars, first);
                    prop_assert!(letters_apart(chars, first, spaced) < SPACED_MIN);
                    let mut view = SecondView::default();
                    view.add_token(chars, first, end);
                    prop_assert!(view.chars().is_empty());
                }
            }
        }

        #[test]
        fn any_text_has_a_view_with_places_in_it(text in "[a-z0-9@$!*. -]{0,40}|.*") {
            let mut normalised = Normalised::default();
            normalised.assign(&text);
            let mut view = SecondView::default();
            view.assign(normalised.chars());
            prop_assert!(view.chars().len() <= 2 * normalised.chars().len());
            prop_assert!((0..view.chars().len()).all(|at| normalised.chars()[view.place(at)] != ' '));
        }
    }
}
