//! What tells copies and near-copies of a text from other texts, without the text.

/// How many of the eight bytes of [`Fingerprint::near`] are equal where texts are taken for near-copies.
const NEAR_BYTES_MIN: u32 = 6;

/// Two numbers that stand for a text once it is normalised. Where neither is known, both are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// A hash: equal for texts that are the same once they are normalised.
    pub exact: u64,
    /// Eight hashes of a byte each: about as many are equal as the texts share of their words and pairs of words (Li and
    /// König, 2010).
    pub near: u64,
}

impl Fingerprint {
    /// Returns whether nothing is known: the comment came before fingerprints did, or was erased.
    pub const fn is_unknown(self) -> bool {
        self.exact == 0 && self.near == 0
    }

    /// Returns whether the texts are copies or near-copies of each other; false where one isn't known.
    pub fn is_near(self, other: Self) -> bool {
        self.near != 0 && other.near != 0 && self.alike(other) >= NEAR_BYTES_MIN
    }

    /// Returns how many of the eight bytes of the near hashes are equal.
    pub fn alike(self, other: Self) -> u32 {
        let bytes = self.near.to_be_bytes().into_iter().zip(other.near.to_be_bytes());
        bytes.map(|(one, other)| u32::from(one == other)).sum()
    }

    /// Returns the near hashes by twos. Of near-copies at most two hashes differ, so they have at least two of the four pairs
    /// in common.
    pub fn pairs(self) -> [u16; 4] {
        let bytes = self.near.to_be_bytes();
        std::array::from_fn(|pair| u16::from_be_bytes([bytes[2 * pair], bytes[2 * pair + 1]]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_near_where_six_of_eight_hashes_are_equal() {
        let of = |near| Fingerprint { exact: 1, near };
        let text = of(0x0102_0304_0506_0708);
        assert!(text.is_near(text) && text.is_near(of(0xFF02_0304_0506_07FF)));
        assert!(!text.is_near(of(0xFF02_03FF_0506_07FF)));
        assert!(!of(0).is_near(of(0)) && !text.is_near(of(0)), "what isn't known is near nothing");
    }

    #[test]
    fn near_texts_have_two_pairs_in_common_whichever_hashes_differ() {
        let text = Fingerprint { exact: 1, near: 0x0102_0304_0506_0708 };
        for one in 0..8 {
            for other in 0..8 {
                let near = text.near ^ (0xFF << (one * 8)) ^ if one == other { 0 } else { 0xFF << (other * 8) };
                let other = Fingerprint { exact: 2, near };
                let common = text.pairs().into_iter().zip(other.pairs()).filter(|(a, b)| a == b).count();
                assert!(text.is_near(other) && common >= 2);
            }
        }
    }
}
