//! In which language a text is written, where that is beyond doubt.
//!
//! A false alarm costs more than a miss: an English comment that is taken for another language waits for a moderator
//! for nothing, a missed one is scored as before. So two witnesses must agree on a language in Latin script: whatlang,
//! which compares sequences of letters, and a list of that language's commonest words. Short texts, names, links and
//! slang have few such words, and stay unsure. Other scripts speak for themselves after a few letters, unless the model
//! knows a language that uses them.

use super::words;
use crate::domain::Language;
use whatlang::Lang;

/// How much of a text is looked at, in characters.
const CHARS_MAX: usize = 1000;
/// Words that are looked at before a text may pass for English.
const GLANCE_WORDS: usize = 20;
/// How many words a text must at least have to be sure of a language in Latin script, and how many letters.
const WORDS_MIN: usize = 5;
const LATIN_LETTERS_MIN: usize = 20;
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
        let text = text.char_indices().nth(CHARS_MAX).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
        let mut reading = Reading::default();
        for word in text.split_whitespace().filter(|word| !is_link(word)).flat_map(words_in) {
            reading.add(word);
            if reading.words == GLANCE_WORDS && reading.is_plainly_english() {
                return Some(Language::ENGLISH);
            }
        }
        if reading.is_plainly_english() {
            return (reading.words >= WORDS_MIN).then_some(Language::ENGLISH);
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
        // Without common words of any other language, nothing that whatlang says would be believed.
        if !(0..words::COUNT).any(|place| reading.speaks_for(place)) {
            return None;
        }
        let found = self.whatlang.detect(&reading.text)?;
        let language = language_of(found.lang())?;
        match words::place(language) {
            Some(place) if reading.speaks_for(place) && found.confidence() >= CONFIDENCE_MIN => {
                Some(self.or_alike(reading.best_alike(language)))
            }
            _ => None,
        }
    }

    fn other_script(&self, reading: &Reading, script: Script) -> Option<Language> {
        let letters = reading.letters[script as usize];
        let found = self.whatlang.detect(&reading.text)?;
        let language = self.or_alike(language_of(found.lang())?);
        let sure = if self.scripts[script as usize] {
            letters >= LETTERS_MIN && found.is_reliable()
        } else {
            letters >= SCRIPT_LETTERS_MIN && reading.has_own_letters()
        };
        (sure && Script::of_language(language) == script).then_some(language)
    }

    /// Returns the known language that is easily taken for `language`, or `language` itself.
    fn or_alike(&self, language: Language) -> Language {
        if self.knows(language) {
            return language;
        }
        words::alike(language).find(|other| self.knows(*other)).unwrap_or(language)
    }
}

/// From which confidence of whatlang on its word counts, together with that of the common words.
const CONFIDENCE_MIN: f64 = 0.1;

fn knows(known: &[Language], code: &str) -> bool {
    known.iter().any(|language| language.code() == code)
}

fn language_of(lang: Lang) -> Option<Language> {
    let (code, _) = LIKELY.iter().chain(POSSIBLE).find(|(_, known)| *known == lang)?;
    Language::from_code(code)
}

/// Returns whether a word is a link, an address or the name of an account, whose letters say nothing.
fn is_link(word: &str) -> bool {
    word.contains(['@', '#', '/', '\\', '_']) || word.starts_with("www.")
}

/// Parts a text without blanks into words of letters; those with digits in them are left out.
fn words_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '\u{2019}') && !is_mark(c))
        .filter(|word| !word.is_empty() && !word.contains(|c: char| c.is_numeric()))
}

/// Returns whether a character is a mark that stands inside words: accents, vowel signs, joiners.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && (unicode_normalization::char::is_combining_mark(c) || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}'))
}

/// Scripts, as far as languages need to be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Devanagari,
    Hangul,
    /// Chinese characters and kana, since Japanese uses both.
    Han,
    /// Scripts of one language each.
    Own,
}

impl Script {
    const COUNT: usize = 9;
    const ALL: [Self; Self::COUNT] = [
        Self::Latin,
        Self::Cyrillic,
        Self::Greek,
        Self::Arabic,
        Self::Hebrew,
        Self::Devanagari,
        Self::Hangul,
        Self::Han,
        Self::Own,
    ];

    /// Returns the script of a letter; `None` for signs and for letters that serve as ornaments.
    fn of(c: char) -> Option<Self> {
        Some(match c {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' => Self::Latin,
            '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{5d0}'..='\u{5f2}' => Self::Hebrew,
            '\u{620}'..='\u{64a}' | '\u{66e}'..='\u{6d3}' | '\u{6fa}'..='\u{77f}' => Self::Arabic,
            '\u{904}'..='\u{963}' => Self::Devanagari,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}' => Self::Hangul,
            '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Self::Han,
            // Armenian; Bengali to Thai; Burmese and Georgian; Ethiopic; Khmer.
            '\u{531}'..='\u{587}' | '\u{980}'..='\u{e4e}' | '\u{1000}'..='\u{10ff}' => Self::Own,
            '\u{1200}'..='\u{137f}' | '\u{1780}'..='\u{17b3}' => Self::Own,
            _ => return None,
        })
    }

    fn of_language(language: Language) -> Self {
        match language.code() {
            "be" | "bg" | "mk" | "ru" | "sr" | "uk" => Self::Cyrillic,
            "el" => Self::Greek,
            "ar" | "fa" | "ur" => Self::Arabic,
            "he" | "yi" => Self::Hebrew,
            "hi" | "mr" | "ne" => Self::Devanagari,
            "ko" => Self::Hangul,
            "ja" | "zh" => Self::Han,
            "am" | "bn" | "gu" | "hy" | "ka" | "km" | "kn" | "ml" | "my" | "or" | "pa" | "si" | "ta" | "te" | "th" => {
                Self::Own
            }
            _ => Self::Latin,
        }
    }
}

/// Returns whether a letter passes for a Latin one, so that it may be a disguise.
fn passes_for_latin(c: char) -> bool {
    const ALIKE: &str = "авекмнорстухіјѕһԁԛԝґАВЕКМНОРСТУХІЈЅαβεικνορτυχγωηζΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";
    ALIKE.contains(c)
}

/// What a text's words say.
struct Reading {
    words: usize,
    /// Letters in each script; of words that mix scripts none are counted.
    letters: [usize; Script::COUNT],
    /// How many words each language's list has; and how many that only that of English has.
    hits: [usize; words::COUNT],
    english_alone: usize,
    /// How many different words of its own, which English doesn't have, each language shows.
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
        let mut scripts = word.chars().filter_map(Script::of);
        let Some(script) = scripts.next() else { return };
        let mut letters = 1;
        for other in scripts {
            if other != script {
                return;
            }
            letters += 1;
        }
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
        let bit = 1 << (common.number % 64);
        let is_new = self.seen[common.number / 64] & bit == 0;
        self.seen[common.number / 64] |= bit;
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

    /// Returns whether a third of the words is common in English, and far fewer in any other language.
    fn is_plainly_english(&self) -> bool {
        let english = self.hits[words::ENGLISH];
        let most = self.hits.iter().skip(1).max().copied().unwrap_or(0);
        english * 3 >= self.words.max(1) && english * 2 > most * 3
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

/// From how many words on three common words are asked for instead of two.
const LONG_WORDS: usize = 10;
/// The share of its words, in percent, that must be common in a language.
const SHARE_MIN: usize = 18;
