//! In which language a text is written, where that is beyond doubt.
//!
//! A false alarm costs more than a miss: an English comment that is taken for another language waits for a moderator
//! for nothing, a missed one is scored as before. So two witnesses must agree on a language in Latin script: whatlang,
//! which compares sequences of letters, and a list of that language's commonest words. Short texts, names, links and
//! slang have few such words, and stay unsure. Other scripts speak for themselves after a few letters, unless the model
//! knows a language that uses them.

use super::{
    script::{Script, passes_for_latin, script_of_word},
    words::{self, EnglishAlone, Fnv},
};
use crate::domain::Language;
use std::hash::Hasher as _;
use whatlang::Lang;

/// How much of a text is looked at, in characters.
const CHARS_MAX: usize = 1000;
/// Words of a glance, after which most texts pass for English.
const GLANCE_WORDS: usize = 20;
/// How many words a text must at least have to be sure of a language in Latin script, and how many letters.
const WORDS_MIN: usize = 5;
const LATIN_LETTERS_MIN: usize = 20;
/// From how many words on three common words are asked for instead of two.
const LONG_WORDS: usize = 32;
/// The share of a text's words, in percent, that must be common in its language.
const SHARE_MIN: usize = 18;
/// How many letters make a script sure that no language of the model uses.
const SCRIPT_LETTERS_MIN: usize = 4;
/// How many letters make a language sure whose script the model uses.
const LETTERS_MIN: usize = 30;

/// What whatlang calls the languages that comments are likely to be written in. It knows more, which would only lead it
/// astray.
const LIKELY: &[(&str, Lang)] = &[
    ("am", Lang::Amh),
    ("ar", Lang::Ara),
    ("bg", Lang::Bul),
    ("bn", Lang::Ben),
    ("ca", Lang::Cat),
    ("cs", Lang::Ces),
    ("da", Lang::Dan),
    ("de", Lang::Deu),
    ("el", Lang::Ell),
    ("en", Lang::Eng),
    ("es", Lang::Spa),
    ("fa", Lang::Pes),
    ("fi", Lang::Fin),
    ("fr", Lang::Fra),
    ("gu", Lang::Guj),
    ("he", Lang::Heb),
    ("hi", Lang::Hin),
    ("hr", Lang::Hrv),
    ("hu", Lang::Hun),
    ("hy", Lang::Hye),
    ("id", Lang::Ind),
    ("it", Lang::Ita),
    ("ja", Lang::Jpn),
    ("ka", Lang::Kat),
    ("km", Lang::Khm),
    ("kn", Lang::Kan),
    ("ko", Lang::Kor),
    ("ml", Lang::Mal),
    ("my", Lang::Mya),
    ("nl", Lang::Nld),
    ("no", Lang::Nob),
    ("or", Lang::Ori),
    ("pa", Lang::Pan),
    ("pl", Lang::Pol),
    ("pt", Lang::Por),
    ("ro", Lang::Ron),
    ("ru", Lang::Rus),
    ("si", Lang::Sin),
    ("sk", Lang::Slk),
    ("sr", Lang::Srp),
    ("sv", Lang::Swe),
    ("ta", Lang::Tam),
    ("te", Lang::Tel),
    ("th", Lang::Tha),
    ("tr", Lang::Tur),
    ("uk", Lang::Ukr),
    ("ur", Lang::Urd),
    ("vi", Lang::Vie),
    ("zh", Lang::Cmn),
];

/// Languages that are looked for only where the model was trained on them.
const POSSIBLE: &[(&str, Lang)] = &[
    ("af", Lang::Afr),
    ("az", Lang::Aze),
    ("be", Lang::Bel),
    ("cy", Lang::Cym),
    ("eo", Lang::Epo),
    ("et", Lang::Est),
    ("la", Lang::Lat),
    ("lt", Lang::Lit),
    ("lv", Lang::Lav),
    ("mk", Lang::Mkd),
    ("mr", Lang::Mar),
    ("ne", Lang::Nep),
    ("sl", Lang::Slv),
    ("tl", Lang::Tgl),
    ("yi", Lang::Yid),
];

/// Detects languages for one model.
#[derive(Debug, Clone)]
pub struct Detector {
    whatlang: whatlang::Detector,
    known: Vec<Language>,
    /// Which scripts the known languages use.
    scripts: [bool; Script::COUNT],
}

impl Detector {
    /// Makes a detector for a model that was trained on the languages `known`.
    ///
    /// Languages that share a script or many words with one of these take more letters to be sure of.
    pub fn new(known: &[Language]) -> Self {
        let looked_for = LIKELY.iter().chain(POSSIBLE.iter().filter(|(code, _)| knows(known, code)));
        let mut scripts = [false; Script::COUNT];
        for language in known {
            scripts[Script::of_language(*language) as usize] = true;
        }
        let allowed = looked_for.map(|(_, lang)| *lang).collect();
        Self { whatlang: whatlang::Detector::with_allowlist(allowed), known: known.to_vec(), scripts }
    }

    /// Returns whether the detector can tell a language from others at all.
    pub fn can_tell(language: Language) -> bool {
        LIKELY.iter().chain(POSSIBLE).any(|(code, _)| *code == language.code())
    }

    /// Lists the codes of all languages that can be told from others.
    pub fn codes() -> String {
        let mut codes: Vec<&str> = LIKELY.iter().chain(POSSIBLE).map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.join(" ")
    }

    /// Returns whether the model was trained on `language`.
    pub fn knows(&self, language: Language) -> bool {
        self.known.contains(&language)
    }

    /// Returns the language of `text`, or `None` where it is unsure.
    ///
    /// Only the first thousand characters are looked at. Links, names of accounts and words with digits in them are
    /// passed over.
    pub fn detect(&self, text: &str) -> Option<Language> {
        let text = beginning(text);
        if is_english_at_a_glance(text) {
            return Some(Language::ENGLISH);
        }
        let mut reading = Reading::default();
        for word in text.split_whitespace().filter(|word| !is_link(word)).flat_map(words_in) {
            reading.add(word);
        }
        if reading.words >= WORDS_MIN && reading.is_plainly(words::ENGLISH) {
            return Some(Language::ENGLISH);
        }
        match reading.main_script()? {
            Script::Latin => self.latin(&reading),
            script => self.other_script(&reading, script),
        }
    }

    fn latin(&self, reading: &Reading) -> Option<Language> {
        if reading.words < WORDS_MIN || reading.letters[Script::Latin as usize] < LATIN_LETTERS_MIN {
            return None;
        }
        let is_plain = |known: &&Language| words::place(**known).is_some_and(|place| reading.is_plainly(place));
        if let Some(known) = self.known.iter().find(is_plain) {
            return Some(*known);
        }
        // Without common words of any language, nothing that whatlang says would be believed.
        if !(0..words::COUNT).any(|place| reading.speaks_for(place)) {
            return None;
        }
        let found = self.whatlang.detect(&reading.text)?;
        let language = language_of(found.lang())?;
        match words::place(language) {
            // What whatlang says of its confidence is of no use here: it is low where two languages are alike.
            Some(place) if reading.speaks_for(place) => Some(self.or_alike(reading.best_alike(language))),
            _ => None,
        }
    }

    fn other_script(&self, reading: &Reading, script: Script) -> Option<Language> {
        let letters = reading.letters[script as usize];
        let found = self.whatlang.detect(&reading.text)?;
        let language = self.or_alike(language_of(found.lang())?);
        if Script::of_language(language) != script {
            return None;
        }
        if self.scripts[script as usize] {
            return (letters >= LETTERS_MIN && found.is_reliable()).then_some(language);
        }
        // That the text is in no language of the model is sure; in which of the others it is may be a guess.
        (letters >= SCRIPT_LETTERS_MIN && reading.has_own_letters()).then_some(language)
    }

    /// Returns the known language that is easily taken for `language`, or `language` itself.
    fn or_alike(&self, language: Language) -> Language {
        if self.knows(language) {
            return language;
        }
        words::alike(language).find(|other| self.knows(*other)).unwrap_or(language)
    }
}

fn knows(known: &[Language], code: &str) -> bool {
    known.iter().any(|language| language.code() == code)
}

fn language_of(lang: Lang) -> Option<Language> {
    let (code, _) = LIKELY.iter().chain(POSSIBLE).find(|(_, known)| *known == lang)?;
    Language::from_code(code)
}

/// Returns whether a quarter of the first words is common in English alone: so most comments need no closer look.
fn is_english_at_a_glance(text: &str) -> bool {
    let english_alone = EnglishAlone::get();
    let (mut words, mut english) = (0, 0);
    let (mut hash, mut is_open) = (Fnv::default(), false);
    for byte in text.bytes().chain([b' ']) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {
                hash.write_u8(byte.to_ascii_lowercase());
                is_open = true;
            }
            // Apostrophes of both kinds; and letters with accents, which no common English word has.
            b'\'' | 0x80.. => {}
            _ if is_open => {
                words += 1;
                english += usize::from(english_alone.has(&hash));
                (hash, is_open) = (Fnv::default(), false);
                if words == GLANCE_WORDS {
                    break;
                }
            }
            _ => {}
        }
    }
    words >= WORDS_MIN && english * 4 >= words
}

fn beginning(text: &str) -> &str {
    if text.len() <= CHARS_MAX {
        return text;
    }
    text.char_indices().nth(CHARS_MAX).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Returns whether a word is a link, an address or the name of an account, whose letters say nothing.
fn is_link(word: &str) -> bool {
    word.bytes().any(|byte| matches!(byte, b'@' | b'#' | b'/' | b'\\' | b'_')) || word.starts_with("www.")
}

/// Parts a text without blanks into words of letters; those with digits in them are left out.
fn words_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '\u{2019}') && !is_mark(c))
        .filter(|word| !word.is_empty() && !word.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Returns whether a character is a mark that stands inside words: accents, vowel signs, joiners.
fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && (unicode_normalization::char::is_combining_mark(c) || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}'))
}

/// What a text's words say.
struct Reading {
    words: usize,
    /// Letters in each script; of words that mix scripts none are counted.
    letters: [usize; Script::COUNT],
    /// How many words each language's list has; and how many that only that of English has.
    hits: [usize; words::COUNT],
    english_alone: usize,
    /// How many different words each language shows that are neither English, nor names, nor single letters.
    own_words: [usize; words::COUNT],
    seen: [u64; words::WORDS_MAX / 64],
    /// Letters outside Latin script that pass for no Latin one, up to three different ones.
    own_letters: [Option<char>; 3],
    /// The words with blanks between them.
    text: String,
    lower: String,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            words: 0,
            letters: [0; Script::COUNT],
            hits: [0; words::COUNT],
            english_alone: 0,
            own_words: [0; words::COUNT],
            seen: [0; words::WORDS_MAX / 64],
            own_letters: [None; 3],
            text: String::new(),
            lower: String::new(),
        }
    }
}

impl Reading {
    fn add(&mut self, word: &str) {
        let Some((script, letters)) = script_of_word(word) else { return };
        self.words += 1;
        self.letters[script as usize] += letters;
        self.text.push_str(word);
        self.text.push(' ');
        if script == Script::Latin {
            self.look_up(word);
        } else {
            word.chars().filter(|c| Script::of(*c).is_some() && !passes_for_latin(*c)).for_each(|c| self.note(c));
        }
    }

    fn look_up(&mut self, word: &str) {
        self.lower.clear();
        if word.is_ascii() {
            self.lower.push_str(word);
            self.lower.make_ascii_lowercase();
            self.lower.retain(|c| c != '\'');
        } else {
            let letters = word.chars().filter(|c| !matches!(c, '\'' | '\u{2019}'));
            self.lower.extend(letters.flat_map(char::to_lowercase));
        }
        let Some(common) = words::find(&self.lower) else { return };
        // Names begin with capitals: "Oscar De La Hoya" is no Spanish. And single letters may be spaced-out words.
        let is_odd = self.lower.chars().nth(1).is_none()
            || word.starts_with(char::is_uppercase) && word.chars().any(char::is_lowercase);
        let bit = 1 << (common.number % 64);
        let seen = &mut self.seen[common.number / 64];
        let is_new = !is_odd && *seen & bit == 0;
        *seen |= if is_odd { 0 } else { bit };
        let is_english = common.languages & 1 << words::ENGLISH != 0;
        self.english_alone += usize::from(common.languages == 1 << words::ENGLISH);
        let mut left = common.languages;
        while left != 0 {
            let place = left.trailing_zeros() as usize;
            left &= left - 1;
            self.hits[place] += 1;
            self.own_words[place] += usize::from(is_new && !is_english);
        }
    }

    fn note(&mut self, letter: char) {
        if !self.own_letters.contains(&Some(letter))
            && let Some(free) = self.own_letters.iter_mut().find(|noted| noted.is_none())
        {
            *free = Some(letter);
        }
    }

    fn has_own_letters(&self) -> bool {
        self.own_letters.iter().all(Option::is_some)
    }

    /// Returns the script of three in five letters at least.
    fn main_script(&self) -> Option<Script> {
        let all: usize = self.letters.iter().sum();
        Script::ALL.into_iter().find(|script| all > 0 && self.letters[*script as usize] * 5 >= all * 3)
    }

    /// Returns whether a third of the words is common in a language, and far fewer in any other.
    fn is_plainly(&self, place: usize) -> bool {
        let hits = self.hits[place];
        let others = self.hits.iter().enumerate().filter(|(other, _)| *other != place);
        let most = others.map(|(_, hits)| *hits).max().unwrap_or(0);
        hits * 3 >= self.words.max(1) && hits * 2 > most * 3
    }

    /// Returns whether the common words speak for a language other than English.
    fn speaks_for(&self, place: usize) -> bool {
        let own_words_min = if self.words < LONG_WORDS { 2 } else { 3 };
        self.own_words[place] >= own_words_min
            && self.hits[place] * 100 >= self.words * SHARE_MIN
            && self.hits[place] >= 2 * self.english_alone
    }

    /// Returns that of a language and those it is easily taken for whose common words occur most.
    fn best_alike(&self, language: Language) -> Language {
        let hits = |language: &Language| words::place(*language).map_or(0, |place| self.hits[place]);
        let better = words::alike(language).filter(|other| hits(other) > hits(&language));
        better.max_by_key(hits).unwrap_or(language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIXTURE: &str = include_str!("../../tests/fixtures/languages.jsonl");

    #[derive(serde::Deserialize)]
    struct Line {
        language: String,
        text: String,
    }

    fn lines() -> impl Iterator<Item = Line> {
        FIXTURE.lines().map(|line| serde_json::from_str(line).unwrap())
    }

    fn known(codes: &[&str]) -> Detector {
        let languages: Vec<_> = codes.iter().map(|code| Language::from_code(code).unwrap()).collect();
        Detector::new(&languages)
    }

    fn check(detector: &Detector, text: &str, expected: Option<&str>) {
        let found = detector.detect(text);
        assert_eq!(found.as_ref().map(Language::code), expected, "{text:?}");
    }

    /// Checks that an English model scores a text, whether its language is known or not.
    fn check_scored(text: &str) {
        let found = known(&["en"]).detect(text);
        assert!(found.is_none_or(|language| language == Language::ENGLISH), "{found:?} {text:?}");
    }

    #[test]
    fn comments_of_thirty_languages_are_told_apart() {
        let english = known(&["en"]);
        let mut languages = std::collections::BTreeSet::new();
        for Line { language, text } in lines() {
            check(&english, &text, Some(&language));
            languages.insert(language);
        }
        assert!(languages.len() >= 30, "{languages:?}");
    }

    #[test]
    fn twenty_words_nearly_always_suffice_and_ten_mostly() {
        let english = known(&["en"]);
        for (words, percent_min) in [(10, 85), (20, 95)] {
            let (mut all, mut flagged) = (0, 0);
            for Line { text, .. } in lines() {
                let words_of_text: Vec<&str> = text.split_whitespace().collect();
                for part in words_of_text.chunks_exact(words) {
                    all += 1;
                    flagged += usize::from(english.detect(&part.join(" ")).is_some_and(|found| !english.knows(found)));
                }
            }
            assert!(flagged * 100 >= all * percent_min, "{flagged} of {all} parts of {words} words");
        }
    }

    #[test]
    fn english_in_every_dress_is_scored() {
        for text in [
            "This is a perfectly ordinary comment about the new bus line.",
            "YOU ARE ALL IDIOTS AND YOU SHOULD BE ASHAMED OF YOURSELVES",
            "u r so dum lol y wud u even rite dis bruh",
            "y0u 4re such 4n 1d10t, g3t l0st",
            "he aint neva gonna lern dat his teem iz trash",
            "Teh goverment shuold of dne somthing abuot tihs yaers ago definately",
            "As they say: c'est la vie, que sera sera, and the show must go on.",
            "He shouted \"das ist nicht gut\" and then he left the room.",
            "Schadenfreude. Zeitgeist. Doppelgänger. Kindergarten. Angst.",
            "Oscar De La Hoya versus El Matador at Los Angeles, San Diego or La Jolla",
            "Ursula von der Leyen, Olaf Scholz, Emmanuel Macron, Pedro Sánchez, Giorgia Meloni",
            "Bonjour! Gracias! Danke! Ciao!",
            "lol lol lol lol haha hahaha xD omg nooo",
            "no no no no no no no no",
            "la la la la la la la la la la",
            "Go Packers Go Bears Go Lions Vikings 28 Chiefs 14",
            "bruh smh ngl fr fr no cap deadass lowkey sus af tbh",
            "https://example.org/der/und/die/das @der_und_das #dasistnichtgut",
            "😀😀😀 👍👍 ❤️",
            "12345 67890 3.14 42 100%",
            "ಠ_ಠ ಠ_ಠ ¯\\_(ツ)_/¯ (╯°□°）╯ ʕ•ᴥ•ʔ",
            "The word любовь means love in Russian.",
            "My naïve fiancé ate a jalapeño at the café, très chic",
            "wow such comment very opinion",
            "",
            " ",
            "ok merci",
            "si claro",
            "nein danke",
            "mañana amigo",
        ] {
            check_scored(text);
        }
    }

    #[test]
    fn english_written_with_letters_that_only_look_alike_is_scored() {
        check_scored("уоu аre а ѕtuріd fооl аnd еvеrуоnе knоwѕ it");
        check_scored("хуресторасо еторх");
        check_scored("𝕪𝕠𝕦 𝕒𝕣𝕖 𝕒 𝕗𝕠𝕠𝕝 ｙｏｕ ａｒｅ ａ ｆｏｏｌ");
    }

    #[test]
    fn other_scripts_are_sure_after_a_few_letters() {
        let english = known(&["en"]);
        for (text, expected) in [
            ("Это не правда, и вы это знаете", "ru"),
            ("Καλημέρα σε όλους", "el"),
            ("शुक्रिया दोस्त", "hi"),
            ("谢谢你们大家", "zh"),
            ("ありがとう", "ja"),
            ("고맙습니다", "ko"),
            ("شكرا جزيلا", "ar"),
            ("תודה רבה", "he"),
            ("ขอบคุณมาก", "th"),
            ("新しいiPhoneを買いました", "ja"),
        ] {
            check(&english, text, Some(expected));
        }
        check(&english, "да", None);
    }

    #[test]
    fn a_script_that_the_model_knows_takes_more() {
        let ukrainian = known(&["uk"]);
        check(&ukrainian, "Спасибо большое", None);
        let russian = lines().find(|line| line.language == "ru").unwrap();
        check(&ukrainian, &russian.text, Some("ru"));
        check(&ukrainian, "Thank you, that is what I have been saying for years.", Some("en"));
        check(&ukrainian, "ok thanks", None);
    }

    #[test]
    fn languages_that_are_easily_confused_count_as_the_one_that_the_model_knows() {
        for (codes, other) in [(["da"], "no"), (["no"], "da"), (["cs"], "sk"), (["sk"], "cs")] {
            let detector = known(&codes);
            for line in lines().filter(|line| line.language == other) {
                check(&detector, &line.text, Some(codes[0]));
            }
        }
    }

    #[test]
    fn a_language_that_is_seldom_met_is_looked_for_where_the_model_knows_it() {
        let text =
            "Ma ei saa aru, miks linn tahab ujula kinni panna, kui kõik lapsed käivad seal iga päev pärast kooli.";
        let estonian = known(&["et"]);
        check(&estonian, text, None);
        check(&estonian, "Ich verstehe nicht, warum die Stadt das Bad schließen will.", Some("de"));
        assert!(Detector::can_tell(Language::from_code("et").unwrap()));
        assert!(!Detector::can_tell(Language::from_code("xx").unwrap()));
    }

    #[test]
    fn only_the_beginning_of_a_long_text_is_looked_at() {
        let long = format!("{} {}", "this and that ".repeat(CHARS_MAX), "Das ist nicht gut. ".repeat(100));
        check(&known(&["en"]), &long, Some("en"));
    }

    #[test]
    fn every_likely_language_has_a_code_and_one_script() {
        for (code, lang) in LIKELY.iter().chain(POSSIBLE) {
            assert_eq!(language_of(*lang).unwrap().code(), *code);
        }
        for Line { language, text } in lines() {
            let mut reading = Reading::default();
            text.split_whitespace().flat_map(words_in).for_each(|word| reading.add(word));
            let script = Script::of_language(Language::from_code(&language).unwrap());
            assert_eq!(reading.main_script(), Some(script), "{language}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}", more in any::<String>()) {
            for detector in [known(&["en"]), known(&["ru", "ja"])] {
                detector.detect(&text);
                detector.detect(&more);
            }
        }
    }
}
