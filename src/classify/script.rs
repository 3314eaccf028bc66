//! Scripts, and which of them a word is written in.

use crate::domain::Language;

/// Returns a word's script and how many letters it has; `None` where it has none, or mixes scripts whose letters look
/// alike, as disguises do.
///
/// Scripts without blanks between words have Latin names inside of words.
pub(super) fn script_of_word(word: &str) -> Option<(Script, usize)> {
    // Nearly every word of nearly every comment.
    if word.is_ascii() {
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        return (letters > 0).then_some((Script::Latin, letters));
    }
    let mut found: Option<(Script, usize)> = None;
    for script in word.chars().filter_map(Script::of) {
        found = Some(match found {
            None => (script, 1),
            Some((before, letters)) if before == script => (script, letters + 1),
            Some((Script::Latin, _)) if !script.has_latin_shapes() => (script, 1),
            Some((before, letters)) if script == Script::Latin && !before.has_latin_shapes() => (before, letters),
            Some(_) => return None,
        });
    }
    found
}

/// Scripts, as far as languages need to be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
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
    pub(super) const COUNT: usize = 9;
    pub(super) const ALL: [Self; Self::COUNT] = [
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
    pub(super) fn of(c: char) -> Option<Self> {
        Some(match c {
            'a'..='z'
            | 'A'..='Z'
            | '\u{c0}'..='\u{d6}'
            | '\u{d8}'..='\u{f6}'
            | '\u{f8}'..='\u{24f}'
            | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{5d0}'..='\u{5f2}' => Self::Hebrew,
            '\u{620}'..='\u{64a}' | '\u{66e}'..='\u{6d3}' | '\u{6fa}'..='\u{77f}' => Self::Arabic,
            '\u{904}'..='\u{963}' => Self::Devanagari,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}' => Self::Hangul,
            '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Self::Han,
            // Armenian; Bengali to Thai; Burmese and Georgian; Ethiopic; Khmer.
            '\u{531}'..='\u{587}'
            | '\u{980}'..='\u{e4e}'
            | '\u{1000}'..='\u{10ff}'
            | '\u{1200}'..='\u{137f}'
            | '\u{1780}'..='\u{17b3}' => Self::Own,
            _ => return None,
        })
    }

    /// Returns whether letters of the script pass for Latin ones.
    pub(super) fn has_latin_shapes(self) -> bool {
        matches!(self, Self::Latin | Self::Cyrillic | Self::Greek)
    }

    pub(super) fn of_language(language: Language) -> Self {
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
pub(super) fn passes_for_latin(c: char) -> bool {
    const ALIKE: &str = "авекмнорстухіјѕһԁԛԝґАВЕКМНОРСТУХІЈЅαβεικνορτυχγωηζΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";
    ALIKE.contains(c)
}
