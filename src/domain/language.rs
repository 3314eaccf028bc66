//! In which language a comment is written.

use std::fmt;

/// Names a language by its two letters in ISO 639-1, such as `en`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; 2]);

impl Language {
    /// English.
    pub const ENGLISH: Self = Self(*b"en");

    /// Wraps a code, or returns `None` where it is not two lower-case letters.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::from_bytes(<[u8; 2]>::try_from(code.as_bytes()).ok()?)
    }

    /// Wraps a code's two bytes, or returns `None` where they are not lower-case letters.
    pub const fn from_bytes(code: [u8; 2]) -> Option<Self> {
        if code[0].is_ascii_lowercase() && code[1].is_ascii_lowercase() { Some(Self(code)) } else { None }
    }

    /// Returns the code.
    pub fn code(&self) -> &str {
        // Letters of ASCII are UTF-8.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns the code's two bytes.
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_lower_case_letters_are_a_code() {
        assert_eq!(Language::from_code("en"), Some(Language::ENGLISH));
        assert_eq!(Language::from_code("de").map(|language| language.to_string()), Some("de".to_owned()));
        for bad in ["", "e", "EN", "eng", "e1", "é", "ä"] {
            assert_eq!(Language::from_code(bad), None, "{bad}");
        }
    }
}
