//! Which models a server keeps, which one decides, and which one is scored in its shadow.
//!
//! Models are named by the hash of their file. What promoting, rolling back and shadowing do is a pure function of the
//! [`Standing`] before, so that a replayed journal ends where the server stood.

use super::{ModeratorId, Timestamp};
use std::fmt;

/// How many promotions can be rolled back, one after the other.
pub const ROLL_BACK_MAX: usize = 100;

/// The SHA-256 of a model's file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelHash([u8; 32]);

impl ModelHash {
    /// Wraps a hash.
    pub const fn new(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// Returns the bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits.
    pub fn from_hex(digits: &str) -> Option<Self> {
        let digits = digits.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for ModelHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ModelHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelHash({self})")
    }
}

/// A model that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelEntry {
    /// The hash of its file.
    pub hash: ModelHash,
    /// What answers that it gave name it.
    pub version: String,
    /// How large its file is, in bytes.
    pub bytes: u64,
    /// How many labels it was learned from.
    pub labels: u64,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
    /// Who uploaded it; `None` for whoever runs the server.
    pub uploaded_by: Option<ModeratorId>,
    /// Why, or how good it is, in the uploader's words; may be empty.
    pub note: String,
}

/// Which models are at work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The model that decides; `None` is the base model alone.
    pub champion: Option<ModelHash>,
    /// The champions before it, the latest last: at most [`ROLL_BACK_MAX`].
    pub before: Vec<Option<ModelHash>>,
    /// The challenger that is scored on live comments without deciding, if one is.
    pub shadow: Option<ModelHash>,
}

impl Standing {
    /// Makes a model the champion; where it was in the shadow, it is no longer.
    pub fn promote(&mut self, champion: Option<ModelHash>) {
        self.before.push(self.champion);
        if self.before.len() > ROLL_BACK_MAX {
            self.before.remove(0);
        }
        self.place(champion);
    }

    /// Makes the champion of before the last promotion the champion again. Where there was none, the base model is.
    pub fn roll_back(&mut self) {
        let champion = self.before.pop().flatten();
        self.place(champion);
    }

    /// Returns what a model is still needed for, if it is for anything.
    pub fn need_of(&self, hash: ModelHash) -> Option<Need> {
        if self.champion == Some(hash) {
            Some(Need::Deciding)
        } else if self.shadow == Some(hash) {
            Some(Need::Shadow)
        } else {
            self.before.contains(&Some(hash)).then_some(Need::RollBack)
        }
    }

    fn place(&mut self, champion: Option<ModelHash>) {
        self.champion = champion;
        if self.shadow.is_some() && self.shadow == champion {
            self.shadow = None;
        }
    }
}

/// What a model is needed for, so that it can't be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It decides.
    Deciding,
    /// It is scored without deciding.
    Shadow,
    /// It decided once, and would again when promotions are taken back.
    RollBack,
}

impl Need {
    /// Returns the word by which programs know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deciding => "champion",
            Self::Shadow => "shadow",
            Self::RollBack => "rollback",
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deciding => f.write_str("it decides; promote another one, or `base`, first"),
            Self::Shadow => f.write_str("it is in the champion's shadow; put another one there, or none, first"),
            Self::RollBack => write!(
                f,
                "a rollback may need it; it can be removed once it was rolled back, or {ROLL_BACK_MAX} promotions have come since"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn hash(byte: u8) -> ModelHash {
        ModelHash::new([byte; 32])
    }

    #[test]
    fn hashes_are_read_as_they_are_shown() {
        let shown = ModelHash::new(std::array::from_fn(|index| u8::try_from(index * 8).unwrap())).to_string();
        assert_eq!(shown.len(), 64);
        assert_eq!(ModelHash::from_hex(&shown).unwrap().to_string(), shown);
        assert_eq!(ModelHash::from_hex(&shown.to_uppercase()).unwrap().to_string(), shown);
        for wrong in ["", "0", &shown[1..], &format!("{shown}0"), &"g".repeat(64), &"ä".repeat(32)] {
            assert_eq!(ModelHash::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rolling_back_takes_promotions_back_one_after_the_other() {
        let mut standing = Standing { shadow: Some(hash(2)), ..Standing::default() };
        standing.promote(Some(hash(1)));
        standing.promote(Some(hash(2)));
        assert_eq!((standing.champion, standing.shadow), (Some(hash(2)), None));
        standing.roll_back();
        assert_eq!(standing.champion, Some(hash(1)));
        standing.roll_back();
        assert_eq!(standing, Standing::default());
    }

    #[test]
    fn a_model_is_needed_that_is_at_work_or_may_be_again() {
        let mut standing = Standing { shadow: Some(hash(3)), ..Standing::default() };
        standing.promote(Some(hash(1)));
        standing.promote(Some(hash(2)));
        let needs = |standing: &Standing| [1, 2, 3, 4].map(|byte| standing.need_of(hash(byte)));
        assert_eq!(needs(&standing), [Some(Need::RollBack), Some(Need::Deciding), Some(Need::Shadow), None]);
        standing.roll_back();
        assert_eq!(needs(&standing), [Some(Need::Deciding), None, Some(Need::Shadow), None]);
    }

    #[test]
    fn so_many_promotions_are_remembered() {
        let mut standing = Standing::default();
        (0..150).for_each(|byte| standing.promote(Some(hash(byte))));
        assert_eq!((standing.before.len(), standing.before[0]), (ROLL_BACK_MAX, Some(hash(49))));
    }
}
