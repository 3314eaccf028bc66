//! What tells copies and near-copies of a text from other texts, without the text.

/// Two numbers that stand for a text once it is normalised. Where neither is known, both are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// A hash: equal for texts that are the same once they are normalised.
    pub exact: u64,
    /// A hash that differs in few bits where the texts differ in few words (Charikar, 2002).
    pub near: u64,
}

impl Fingerprint {
    /// Returns whether nothing is known: the comment came before fingerprints did, or was erased.
    pub const fn is_unknown(self) -> bool {
        self.exact == 0 && self.near == 0
    }
}
