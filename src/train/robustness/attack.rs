//! Disguises words as readers do who know that a program reads along.

use super::tables::{ALPHABETS, DOTS, INKLESS, MASKS, in_alphabet, leetspeak, other_scripts};
use crate::train::dice::Dice;
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range};

/// Words with fewer letters than this are left alone: nobody needs to disguise them.
const LETTERS_MIN: usize = 3;

/// A way to disguise a word that people still read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attack {
    /// Letters of other scripts and alphabets that look alike.
    Homoglyphs,
    /// Digits and signs that look like letters: `h3ll0`.
    Leetspeak,
    /// Blanks between letters: `h e l l o`.
    Spacing,
    /// Dots, hyphens or underscores between letters: `h.e.l.l.o`.
    Dots,
    /// Characters without ink between letters.
    ZeroWidth,
    /// Letters several times: `heeello`.
    Repeats,
    /// Signs in the place of inner letters: `h*llo`.
    Masked,
}

impl Attack {
    /// Every attack.
    pub const ALL: [Self; 7] =
        [Self::Homoglyphs, Self::Leetspeak, Self::Spacing, Self::Dots, Self::ZeroWidth, Self::Repeats, Self::Masked];

    /// Returns the name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Homoglyphs => "homoglyphs",
            Self::Leetspeak => "leetspeak",
            Self::Spacing => "spacing",
            Self::Dots => "dots",
            Self::ZeroWidth => "zero-width",
            Self::Repeats => "repeats",
            Self::Masked => "masked letters",
        }
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Disguises one word in `every` of `text`, chosen by chance.
///
/// A word is a run of letters and digits. Words of one or two letters count but are left alone. Where the words don't
/// divide by `every`, chance decides on the rest, so that over many texts the share is as asked for. The same
/// arguments give the same text.
///
/// ```
/// use ombud::train::robustness::{Attack, attack};
///
/// assert_eq!(attack("lovely", Attack::Spacing, 1, 7), "l o v e l y");
/// ```
pub fn attack(text: &str, kind: Attack, every: usize, seed: u64) -> String {
    let (words, every) = (words(text), every.max(1));
    let mut dice = Dice::new(seed, 0);
    let rest = dice.below(every) < words.len() % every;
    let can: Vec<usize> = (0..words.len()).filter(|&at| can_change(&text[words[at].clone()], kind)).collect();
    let chosen = dice.draw(words.len() / every + usize::from(rest), can.len());
    let chosen: Vec<usize> = chosen.into_iter().map(|at| can[at]).collect();
    rewrite(text, &words, &chosen, kind, seed)
}

/// Disguises the words of `text` that matter most: `order` lists ranges of its bytes, the first to go first.
///
/// At most one word in `every` is changed, but one at least, since whoever writes two words disguises one of them.
/// Words within no range of `order` are left alone. Ranges that are not of this text are passed over.
///
/// ```
/// use ombud::train::robustness::{Attack, attack_first};
///
/// assert_eq!(attack_first("you lovely thing", Attack::Spacing, &[4..10], 3, 7), "you l o v e l y thing");
/// ```
pub fn attack_first(text: &str, kind: Attack, order: &[Range<usize>], every: usize, seed: u64) -> String {
    let words = words(text);
    let most = (words.len() / every.max(1)).max(1);
    let mut chosen: Vec<usize> = Vec::new();
    for range in order {
        let first = words.partition_point(|word| word.start < range.start);
        let within = words.iter().enumerate().skip(first).take_while(|(_, word)| word.end <= range.end);
        let can = within.filter(|(_, word)| can_change(&text[(*word).clone()], kind)).map(|(at, _)| at);
        chosen.extend(can.filter(|at| !chosen.contains(at)).take(most - chosen.len()).collect::<Vec<_>>());
        if chosen.len() == most {
            break;
        }
    }
    chosen.sort_unstable();
    rewrite(text, &words, &chosen, kind, seed)
}

/// Finds the runs of letters and digits.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        let end = at + c.len_utf8();
        match words.last_mut() {
            Some(word) if word.end == at => word.end = end,
            _ => words.push(at..end),
        }
    }
    words
}

/// Tells whether `kind` has a hold on `word`.
fn can_change(word: &str, kind: Attack) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    letters.clone().count() >= LETTERS_MIN
        && match kind {
            Attack::Homoglyphs => letters.any(|c| c.is_ascii()),
            Attack::Leetspeak => letters.any(|c| !leetspeak(c).is_empty()),
            _ => true,
        }
}

/// Replaces the words at the places `chosen`, which rise.
fn rewrite(text: &str, words: &[Range<usize>], chosen: &[usize], kind: Attack, seed: u64) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for &at in chosen {
        let word = words[at].clone();
        out.push_str(&text[done..word.start]);
        let chars: Vec<char> = text[word.clone()].chars().collect();
        disguise(&chars, kind, &mut Dice::new(seed, at as u64 + 1), &mut out);
        done = word.end;
    }
    out.push_str(&text[done..]);
    out
}

fn disguise(word: &[char], kind: Attack, dice: &mut Dice, out: &mut String) {
    match kind {
        Attack::Homoglyphs => homoglyphs(word, dice, out),
        Attack::Leetspeak => swap_some(word, leetspeak, dice, out),
        Attack::Spacing => join(word, || Some(' '), out),
        Attack::Dots => {
            let dot = dice.pick(&DOTS);
            join(word, || dot, out);
        }
        Attack::ZeroWidth => join(word, || dice.pick(&INKLESS), out),
        Attack::Repeats => repeats(word, dice, out),
        Attack::Masked => masked(word, dice, out),
    }
}

/// Puts what `between` gives between all letters.
fn join(word: &[char], mut between: impl FnMut() -> Option<char>, out: &mut String) {
    for (at, &c) in word.iter().enumerate() {
        if at > 0 {
            out.extend(between());
        }
        out.push(c);
    }
}

/// Writes the whole word in another alphabet or, as often, some of its letters in another script.
fn homoglyphs(word: &[char], dice: &mut Dice, out: &mut String) {
    match ALPHABETS.get(dice.below(2 * ALPHABETS.len())) {
        None if word.iter().any(|c| !other_scripts(*c).is_empty()) => swap_some(word, other_scripts, dice, out),
        alphabet => {
            let alphabet = alphabet.copied().unwrap_or(ALPHABETS[0]);
            out.extend(word.iter().map(|&c| in_alphabet(c, alphabet).unwrap_or(c)));
        }
    }
}

/// Replaces half of the letters that something passes for, rounded up.
fn swap_some(word: &[char], alike: impl Fn(char) -> &'static [char], dice: &mut Dice, out: &mut String) {
    let can: Vec<usize> = (0..word.len()).filter(|&at| !alike(word[at]).is_empty()).collect();
    let chosen = dice.draw(can.len().div_ceil(2), can.len());
    let mut chosen = chosen.into_iter().map(|at| can[at]).peekable();
    for (at, &c) in word.iter().enumerate() {
        let swapped = chosen.next_if_eq(&at).and_then(|_| dice.pick(alike(c)));
        out.push(swapped.unwrap_or(c));
    }
}

/// Writes one or two letters two to four times more.
fn repeats(word: &[char], dice: &mut Dice, out: &mut String) {
    let letters: Vec<usize> = (0..word.len()).filter(|&at| word[at].is_alphabetic()).collect();
    let count = 1 + dice.below(2);
    let mut chosen = dice.draw(count, letters.len()).into_iter().map(|at| letters[at]).peekable();
    for (at, &c) in word.iter().enumerate() {
        let more = chosen.next_if_eq(&at).map_or(0, |_| 2 + dice.below(3));
        out.extend(std::iter::repeat_n(c, 1 + more));
    }
}

/// Hides up to half of the letters between the first and the last, one at least.
fn masked(word: &[char], dice: &mut Dice, out: &mut String) {
    let inner = word.len().saturating_sub(2);
    let count = 1 + dice.below(inner.div_ceil(2));
    let mut chosen = dice.draw(count, inner).into_iter().map(|at| at + 1).peekable();
    let mask = dice.pick(&MASKS);
    for (at, &c) in word.iter().enumerate() {
        out.push(chosen.next_if_eq(&at).and(mask).unwrap_or(c));
    }
}

#[cfg(test)]
mod tests;
