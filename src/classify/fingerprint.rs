//! What tells copies and near-copies of a text, from its normalised words.

use super::Normalised;
use crate::domain::Fingerprint;
use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_64_with_seed};

/// Returns the fingerprint of a normalised text.
///
/// The exact part is the same for texts of the same words, whatever stands between them; the near part is a SimHash
/// (Charikar, 2002) of words and pairs of words, so that texts which share most of them differ in few bits. Texts without
/// words are told by all of their characters.
pub fn fingerprint(text: &Normalised) -> Fingerprint {
    let (mut all, mut word) = (Xxh3::new(), Vec::with_capacity(32));
    let (mut balance, mut before, mut words) = ([0_i32; 64], None, 0_u32);
    let mut end_word = |word: &mut Vec<u8>| {
        if word.is_empty() {
            return;
        }
        all.update(word);
        all.update(b" ");
        let hash = xxh3_64(word);
        vote(&mut balance, hash);
        if let Some(before) = before.replace(hash) {
            vote(&mut balance, xxh3_64_with_seed(&hash.to_le_bytes(), before));
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
    let near = balance.iter().enumerate().fold(0, |near, (bit, balance)| near | u64::from(*balance > 0) << bit);
    Fingerprint { exact: all.digest().max(1), near }
}

fn vote(balance: &mut [i32; 64], hash: u64) {
    for (bit, balance) in balance.iter_mut().enumerate() {
        *balance += if hash >> bit & 1 == 1 { 1 } else { -1 };
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

    fn apart(one: &str, other: &str) -> u32 {
        (of(one).near ^ of(other).near).count_ones()
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
    fn near_copies_differ_in_few_bits_and_others_in_many() {
        for near in [
            "Earn 700 a day from home, no skills needed, just write to me and I will show you how it is done",
            "Earn 500 a day from home, no skills needed, just write to me and I will show you how it is done today",
        ] {
            assert!(apart(OFFER, near) <= 12, "{} {near}", apart(OFFER, near));
        }
        for other in [
            "I was there yesterday and the council did nothing of the sort, whatever the paper says about it now",
            "Thank you for this article, it says what many of us have thought for years about the old bridge",
        ] {
            assert!(apart(OFFER, other) >= 20, "{} {other}", apart(OFFER, other));
        }
    }

    #[test]
    fn texts_without_words_are_told_apart() {
        assert_ne!(of("!!!").exact, of("???").exact);
        assert_eq!(of("👍👍").exact, of("👍👍").exact);
        assert!(!of("").is_unknown());
    }
}
