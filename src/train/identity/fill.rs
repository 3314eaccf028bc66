//! Fills frames: picks words, derives verb forms and articles, and writes as people write.

use super::{
    terms::{SaidOf, Term},
    words::{self, Words},
};
use crate::train::dice::scatter;

/// A sequence of numbers without pattern that depends on its seed alone.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Starts the sequence of a seed and what is thrown for.
    pub(super) fn new(seed: u64, purpose: &[u64]) -> Self {
        let start =
            purpose.iter().fold(seed, |state, part| Self(state ^ part.wrapping_mul(0xd1b5_4a32_d192_ed03)).next());
        Self(start)
    }

    /// Returns the next number (`SplitMix64`).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scatter(self.0)
    }

    /// Returns a number below `sides`, and 0 for no side.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        // The remainder is below `sides`, so it fits.
        usize::try_from(self.next() % sides.max(1) as u64).unwrap_or(0)
    }

    /// Puts a list into an order without pattern.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.roll(last + 1));
        }
    }
}

/// Fills a frame and lends it a way of writing.
pub(super) fn sentence(frame: &str, term: Option<&Term>, words: Words, dice: &mut Dice) -> String {
    let mut used = Vec::new();
    let mut text = filled(frame, term, words, dice, &mut used);
    // Longer comments say more than one thing. Openers and tails stand around kind and hateful sentences alike, so
    // they say nothing about either; short sentences stay short.
    if frame.split_whitespace().count() > 3 {
        if dice.roll(10) == 0 {
            let opener = pick("opener", words, dice, &mut used);
            text = format!("{opener} {}", if frame.starts_with('{') { text } else { continued(&text) });
        }
        if dice.roll(8) == 0 {
            let stop = if text.ends_with(['.', '?', '!', '"']) { "" } else { "." };
            text = format!("{text}{stop} {}", pick("tail", words, dice, &mut used));
        }
    }
    written(&text, dice)
}

/// Replaces the slots of a frame, and those of what replaced them.
fn filled(frame: &str, term: Option<&Term>, words: Words, dice: &mut Dice, used: &mut Vec<String>) -> String {
    let mut text = String::with_capacity(frame.len() * 2);
    let mut rest = frame;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, slot)| Some((before, slot.split_once('}')?)))
    {
        text.push_str(before);
        let filling = match term.and_then(|term| form(term, name, dice)) {
            Some(form) => filled(&form, term, words, dice, used),
            None => pick(name, words, dice, used),
        };
        let article = text.strip_suffix(' ').and_then(|text| text.rsplit([' ', '"']).next());
        if article.is_some_and(|word| word.eq_ignore_ascii_case("a")) && takes_an(&filling) {
            text.insert(text.len() - 1, 'n');
        }
        text.push_str(&filling);
        rest = after;
    }
    text + rest
}

/// Returns the form of a term that a slot asks for, `None` for a slot of ordinary words.
fn form(term: &Term, slot: &str, dice: &mut Dice) -> Option<String> {
    let forms = match slot {
        "adj" => term.adjective,
        "pred" => term.predicate,
        "one" => term.singular,
        "many" => term.plural,
        "person" => match term.said_of {
            SaidOf::Anyone => "man|woman|person|guy|lady|individual|fellow",
            SaidOf::Women => "woman|person|lady|individual",
            SaidOf::Men => "man|person|guy|individual",
            SaidOf::Persons => "person|individual|human being",
        },
        _ => return None,
    };
    let forms: Vec<&str> = forms.split('|').collect();
    // The first form is the usual one.
    let form = if dice.roll(2) == 0 { 0 } else { dice.roll(forms.len()) };
    Some(forms[form].replace('~', term.adjective))
}

/// Picks what fills a slot of ordinary words; nothing is picked twice for one sentence.
fn pick(slot: &str, words: Words, dice: &mut Dice, used: &mut Vec<String>) -> String {
    let (list, derive): (&str, fn(&str) -> String) = match slot {
        "does" => ("do", third_person),
        "doing" => ("do", gerund),
        "jobs" => ("job", plural),
        "person" => ("job", str::to_owned),
        list => (list, str::to_owned),
    };
    let entries = words::entries(words, list);
    if entries.is_empty() {
        return String::new();
    }
    let start = dice.roll(entries.len());
    let unused = |place: &usize| !used.iter().any(|word| word == entries[*place]);
    let place = (start..entries.len()).chain(0..start).find(unused).unwrap_or(start);
    used.push(entries[place].to_owned());
    derive(entries[place])
}

/// Tells whether "an" goes before a word, by its sound.
fn takes_an(word: &str) -> bool {
    let word = word.to_lowercase();
    let like_you = ["eu", "uni", "use", "ukr", "usu"];
    if like_you.iter().any(|start| word.starts_with(start)) {
        return ["unim", "unin", "unid"].iter().any(|start| word.starts_with(start));
    }
    // "LGBT" begins with the sound of "el", and the numbers are read aloud.
    word.starts_with(['a', 'e', 'i', 'o', 'u', '8'])
        || ["hon", "hour", "lgbt"].iter().any(|start| word.starts_with(start))
}

/// Turns "they repair bicycles" into "he repairs bicycles".
fn third_person(phrase: &str) -> String {
    with_verb(phrase, |verb| match verb {
        "have" => "has".to_owned(),
        _ => plural(verb),
    })
}

/// Turns "they repair bicycles" into "repairing bicycles".
fn gerund(phrase: &str) -> String {
    const DOUBLED: [&str; 10] = ["run", "swim", "knit", "get", "hug", "sit", "jog", "win", "plan", "dig"];
    with_verb(phrase, |verb| match verb.strip_suffix('e') {
        _ if DOUBLED.contains(&verb) => format!("{verb}{}ing", &verb[verb.len() - 1..]),
        Some(stem) if !stem.ends_with('e') => format!("{stem}ing"),
        _ => format!("{verb}ing"),
    })
}

fn with_verb(phrase: &str, form: impl Fn(&str) -> String) -> String {
    let (verb, rest) = phrase.split_once(' ').unwrap_or((phrase, ""));
    format!("{} {rest}", form(verb)).trim_end().to_owned()
}

/// Adds the s of a plural noun or of a verb's third person.
fn plural(word: &str) -> String {
    let before_y = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match before_y {
        Some(stem) => format!("{stem}ies"),
        None if word.ends_with(['s', 'x', 'z', 'o']) || word.ends_with("ch") || word.ends_with("sh") => {
            format!("{word}es")
        }
        None => format!("{word}s"),
    }
}

/// Writes a sentence as one of many people would: neatly, in small letters, loudly, without a full stop, or with a slip.
fn written(text: &str, dice: &mut Dice) -> String {
    let neat = sentence_case(text);
    match dice.roll(20) {
        0..=3 => neat.to_lowercase(),
        4 => neat.trim_end_matches('.').to_lowercase(),
        5 => neat.trim_end_matches('.').to_owned(),
        6 => neat.strip_suffix('.').map_or(neat.clone(), |text| format!("{text}!")),
        7 => neat.strip_suffix('.').map_or(neat.clone(), |text| format!("{text}...")),
        8 => neat.replace('\'', "").to_lowercase(),
        9 if neat.len() < 60 => neat.to_uppercase(),
        10 => with_slip(&neat, dice),
        _ => neat,
    }
}

/// Begins with a small letter, as behind a comma, unless the first word is "I".
fn continued(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some('I'), Some(' ' | '\'')) | (None, _) => text.to_owned(),
        (Some(first), _) => first.to_lowercase().chain(text.chars().skip(1)).collect(),
    }
}

/// Makes the first letter of each sentence a capital.
fn sentence_case(text: &str) -> String {
    let mut starts = true;
    let mut cased = String::with_capacity(text.len());
    for letter in text.chars() {
        if starts && letter.is_alphabetic() {
            cased.extend(letter.to_uppercase());
            starts = false;
        } else {
            cased.push(letter);
            match letter {
                '.' | '?' | '!' => starts = true,
                letter if letter.is_alphanumeric() => starts = false,
                _ => {}
            }
        }
    }
    cased
}

/// Swaps, drops, doubles or disguises one letter inside a longer word.
fn with_slip(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let inside = |at: &usize| letters[at - 1..at + 2].iter().all(|letter| letter.is_alphabetic());
    let places: Vec<usize> = (1..letters.len().saturating_sub(2)).filter(inside).collect();
    if places.is_empty() {
        return text.to_owned();
    }
    let at = places[dice.roll(places.len())];
    match dice.roll(4) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        _ => {
            let disguise = match letters[at] {
                'a' => '4',
                'e' => '3',
                'i' => '1',
                'o' => '0',
                's' => '$',
                letter => letter,
            };
            letters[at] = disguise;
        }
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_go_by_sound() {
        for word in ["Asian", "elderly nurse", "LGBT group", "honest man", "immigrant", "ugly rat", "8-year-old"] {
            assert!(takes_an(word), "{word}");
        }
        for word in ["gay", "European", "Ukrainian", "useless pig", "university", "heterosexual", "one"] {
            assert!(!takes_an(word) || word == "one", "{word}");
        }
    }

    #[test]
    fn verbs_and_nouns_are_inflected() {
        assert_eq!(third_person("teach maths"), "teaches maths");
        assert_eq!(third_person("have children"), "has children");
        assert_eq!(third_person("worry about the rent"), "worries about the rent");
        assert_eq!(third_person("play chess"), "plays chess");
        assert_eq!(gerund("bake bread"), "baking bread");
        assert_eq!(gerund("run marathons"), "running marathons");
        assert_eq!(gerund("date"), "dating");
        assert_eq!(plural("judge"), "judges");
        assert_eq!(plural("actress"), "actresses");
    }

    #[test]
    fn slots_are_filled_with_the_article_that_fits() {
        let words: Words = &[("good", "honest"), ("job", "actor"), ("do", "watch films, go home")];
        let mut dice = Dice::new(1, &[]);
        let mut fill = |frame| filled(frame, None, words, &mut dice, &mut Vec::new());
        assert_eq!(fill("A {good} thing by a {job}"), "An honest thing by an actor");
        assert_eq!(fill("{jobs}, {jobs}"), "actors, actors");
        assert_eq!(fill("extra {good}"), "extra honest");
    }

    #[test]
    fn every_sentence_begins_with_a_capital() {
        assert_eq!(
            sentence_case("\"gay\" is fine. he said so! really? 46 do"),
            "\"Gay\" is fine. He said so! Really? 46 do"
        );
    }

    #[test]
    fn behind_an_opener_a_sentence_goes_on_in_small_letters() {
        assert_eq!(continued("The gay baker"), "the gay baker");
        assert_eq!(continued("In May"), "in May");
        assert_eq!(continued("I'm old"), "I'm old");
        assert_eq!(continued("I am old"), "I am old");
    }

    #[test]
    fn a_slip_changes_one_letter() {
        let mut dice = Dice::new(7, &[]);
        for _ in 0..50 {
            let slip = with_slip("ordinary", &mut dice);
            assert!(slip.len().abs_diff(8) <= 1 && slip.starts_with('o') && slip.ends_with("ry"), "{slip}");
        }
        assert_eq!(with_slip("a b", &mut dice), "a b");
    }
}
