//! What writers put in the place of letters.

/// Digits and signs that are read as the letter before them.
const LEETSPEAK: [(char, &[char]); 10] = [
    ('a', &['4', '@']),
    ('b', &['8']),
    ('e', &['3']),
    ('g', &['9']),
    ('i', &['1', '!']),
    ('l', &['1', '|']),
    ('o', &['0']),
    ('s', &['5', '$']),
    ('t', &['7', '+']),
    ('z', &['2']),
];

/// Cyrillic, Greek and Armenian letters that look like the letter before them.
const OTHER_SCRIPTS: [(char, &[char]); 21] = [
    ('a', &['\u{430}', '\u{3b1}']),
    ('c', &['\u{441}', '\u{3f2}']),
    ('d', &['\u{501}']),
    ('e', &['\u{435}']),
    ('h', &['\u{4bb}']),
    ('i', &['\u{456}', '\u{3b9}']),
    ('j', &['\u{458}', '\u{3f3}']),
    ('k', &['\u{3ba}']),
    ('l', &['\u{4cf}']),
    ('n', &['\u{578}']),
    ('o', &['\u{43e}', '\u{3bf}']),
    ('p', &['\u{440}', '\u{3c1}']),
    ('q', &['\u{51b}']),
    ('r', &['\u{433}']),
    ('s', &['\u{455}']),
    ('t', &['\u{3c4}']),
    ('u', &['\u{3c5}']),
    ('v', &['\u{3bd}', '\u{475}']),
    ('w', &['\u{51d}']),
    ('x', &['\u{445}', '\u{3c7}']),
    ('y', &['\u{443}']),
];

/// Where alphabets without gaps begin, with capital A and small a: fullwidth, and the mathematical bold, sans-serif and
/// bold sans-serif.
pub(super) const ALPHABETS: [(u32, u32); 4] =
    [(0xff21, 0xff41), (0x1d400, 0x1d41a), (0x1d5a0, 0x1d5ba), (0x1d5d4, 0x1d5ee)];

/// Signs that hide a letter.
pub(super) const MASKS: [char; 6] = ['*', '#', '-', '_', '+', '%'];

/// Signs that are put between letters.
pub(super) const DOTS: [char; 3] = ['.', '-', '_'];

/// Characters without ink: zero-width space, non-joiner and joiner, word joiner, soft hyphen.
pub(super) const INKLESS: [char; 5] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{ad}'];

/// Lists the digits and signs that pass for `letter`.
pub(super) fn leetspeak(letter: char) -> &'static [char] {
    find(&LEETSPEAK, letter)
}

/// Lists the letters of other scripts that pass for `letter`.
pub(super) fn other_scripts(letter: char) -> &'static [char] {
    find(&OTHER_SCRIPTS, letter)
}

/// Returns `letter` in another alphabet, or `None` where it is not an ASCII letter.
pub(super) fn in_alphabet(letter: char, (capital, small): (u32, u32)) -> Option<char> {
    let moved = match letter {
        'A'..='Z' => capital + (letter as u32 - 'A' as u32),
        'a'..='z' => small + (letter as u32 - 'a' as u32),
        _ => return None,
    };
    char::from_u32(moved)
}

fn find(table: &[(char, &'static [char])], letter: char) -> &'static [char] {
    let letter = letter.to_ascii_lowercase();
    table.iter().find(|(known, _)| *known == letter).map_or(&[], |(_, alike)| alike)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_find_what_passes_for_them() {
        assert_eq!(leetspeak('A'), ['4', '@']);
        assert!(leetspeak('q').is_empty() && leetspeak('\u{e4}').is_empty());
        assert_eq!(other_scripts('O'), ['\u{43e}', '\u{3bf}']);
        let alphabets = ALPHABETS.map(|alphabet| [in_alphabet('A', alphabet), in_alphabet('z', alphabet)]);
        let expected = ["\u{ff21}\u{ff5a}", "\u{1d400}\u{1d433}", "\u{1d5a0}\u{1d5d3}", "\u{1d5d4}\u{1d607}"];
        let found: Vec<String> = alphabets.iter().map(|pair| pair.iter().flatten().collect()).collect();
        assert_eq!(found, expected);
        assert_eq!(in_alphabet('\u{e4}', ALPHABETS[0]), None);
    }
}
