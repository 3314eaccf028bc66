//! What tells copies and near-copies of a text, from its normalised words.

use super::Normalised;
use crate::domain::Fingerprint;
use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_64_with_seed};

/// Fewer words than these say too little for near-copies: then only copies are told.
const WORDS_MIN: u32 = 5;

/// Returns the fingerprint of a normalised text.
///
/// The exact part is the same for texts of the same words, whatever stands between them; the near part is a `MinHash` of a byte
/// in each of eight slots (Li and König, 2010) over words and pairs of words. Of texts that share most of them most bytes are
/// equal. Texts without words are told by all of their characters.
pub fn fingerprint(text: &Normalised) -> Fingerprint {
    let (mut all, mut word) = (Xxh3::new(), Vec::with_capacity(32));
    let (mut least, mut before, mut words) = ([u64::MAX; 8], None, 0_u32);
    let mut end_word = |word: &mut Vec<u8>| {
        if word.is_empty() {
            return;
        }
        all.update(word);
        all.update(b" ");
        let hash = xxh3_64(word);
        sample(&mut least, hash);
        if let Some(before) = before.replace(hash) {
            sample(&mut least, xxh3_64_with_seed(&hash.to_le_bytes(), before));
        }
        words += 1;
        word.clear();
    };
    for &c in text.chars() {
        if c.is_alphanumeric() {
            word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            end_word(&mut word);
        }
    }
    end_word(&mut word);
    if words == 0 {
        let text: String = text.chars().iter().collect();
        let exact = xxh3_64(text.as_bytes()).max(1);
        return Fingerprint { exact, near: exact };
    }
    let exact = all.digest().max(1);
    let near = if words < WORDS_MIN { exact } else { u64::from_be_bytes(least.map(|least| least.to_be_bytes()[7])) };
    Fingerprint { exact, near: near.max(1) }
}

/// Keeps in each slot the least hash of what was seen, by a hash function of the slot's own.
fn sample(least: &mut [u64; 8], hash: u64) {
    for (slot, least) in (1_u64..).zip(least) {
        // The finish of splitmix64: every bit of the input moves every bit of the output.
        let mut mixed = hash.wrapping_add(slot.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        *least = (*least).min(mixed ^ (mixed >> 31));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Fingerprint {
        let mut normalised = Normalised::default();
        normalised.assign(text);
        fingerprint(&normalised)
    }

    const OFFER: &str =
        "Earn 500 a day from home, no skills needed, just write to me and I will show you how it is done";

    #[test]
    fn the_same_words_have_the_same_fingerprint() {
        for same in ["Buy gold now", "buy  GOLD... now!!!", "\u{200b}Buy gold\u{301} now", "buy gold now "] {
            assert_eq!(of(same), of("Buy gold now"), "{same}");
        }
        assert_ne!(of("buy gold now").exact, of("buygold now").exact);
        assert_ne!(of("buy gold now").exact, of("now gold buy").exact);
    }

    #[test]
    fn near_copies_are_near_and_others_are_not() {
        for near in [
            "Earn 700 a day from home, no skills needed, just write to me and I will show you how it is done",
            "Earn 500 a day from home, no skills needed, just write to me and I will show you how it is done today",
        ] {
            assert!(of(OFFER).is_near(of(near)), "{near}");
        }
        for other in [
            "I was there yesterday and the council did nothing of the sort, whatever the paper says about it now",
            "Thank you for this article, it says what many of us have thought for years about the old bridge",
        ] {
            assert!(of(OFFER).alike(of(other)) < 3, "{other}");
        }
    }

    #[test]
    fn of_short_texts_only_copies_are_near() {
        assert!(of("Thank you very much").is_near(of("thank you, very much!")));
        assert!(!of("Thank you very much").is_near(of("Thank you so much")));
    }

    #[test]
    fn texts_without_words_are_told_apart() {
        assert_ne!(of("!!!").exact, of("???").exact);
        assert_eq!(of("👍👍").exact, of("👍👍").exact);
        assert!(!of("").is_unknown());
    }
}
