//! The audit sample: published and rejected comments that a moderator looks at all the same.
//!
//! Without it nobody knows what is published that shouldn't be, nor what is rejected that should be. A comment is drawn with a known probability by a lot that
//! its id and a secret decide: sending it again draws nothing new, and nobody who lacks the secret can tell which comments
//! will be looked at. That one was drawn, and with which probability, is written down, so that the secret is needed for
//! nothing but the next draw.

use super::{CommentId, SiteId};
use sha2::{Digest, Sha256};
use std::fmt;

/// How many bytes a secret has.
pub const SECRET_BYTES: usize = 32;

/// What makes lots unforeseeable.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; SECRET_BYTES]);

impl Secret {
    /// Wraps a secret.
    pub const fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns whether a revision is drawn where the share `rate` of all is. Of two rates, the higher draws all that the
    /// lower does.
    pub fn draws(&self, site_id: &SiteId, comment_id: &CommentId, revision: u32, rate: f32) -> bool {
        let mut hash = Sha256::new().chain_update(self.0);
        for id in [site_id.as_str(), comment_id.as_str()] {
            hash = hash.chain_update((id.len() as u64).to_le_bytes()).chain_update(id);
        }
        let hash = hash.chain_update(revision.to_le_bytes()).finalize();
        let lot = u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]);
        f64::from(lot) < f64::from(rate) * 4_294_967_296.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(secret: &Secret, rate: f32) -> Vec<u32> {
        let (site_id, comment_id) = (SiteId::new("s"), CommentId::new("c"));
        (0..20_000).filter(|revision| secret.draws(&site_id, &comment_id, *revision, rate)).collect()
    }

    #[test]
    fn about_the_wanted_share_is_drawn_and_always_the_same() {
        let secret = Secret::new([7; SECRET_BYTES]);
        for (rate, least, most) in [(0.0, 0, 0), (0.01, 140, 260), (0.5, 9_700, 10_300), (1.0, 20_000, 20_000)] {
            let found = drawn(&secret, rate).len();
            assert!((least..=most).contains(&found), "{rate}: {found}");
        }
        assert_eq!(drawn(&secret, 0.01), drawn(&secret, 0.01));
        let half = drawn(&secret, 0.5);
        assert!(drawn(&secret, 0.01).iter().all(|one| half.binary_search(one).is_ok()));
    }

    #[test]
    fn one_in_a_hundred_ids_is_drawn_by_default() {
        let (site_id, rate) = (SiteId::new("s"), 0.01);
        let drawn = |secret| {
            let secret = Secret::new([secret; SECRET_BYTES]);
            let ids = (0..100_000).map(|number| CommentId::new(format!("c{number}")));
            ids.filter(|id| secret.draws(&site_id, id, 1, rate)).count()
        };
        // Reckoned by another program.
        assert_eq!([drawn(7), drawn(8)], [1032, 970]);
    }

    #[test]
    fn another_secret_draws_others() {
        assert_ne!(drawn(&Secret::new([7; SECRET_BYTES]), 0.01), drawn(&Secret::new([8; SECRET_BYTES]), 0.01));
        assert_eq!(format!("{:?}", Secret::new([7; SECRET_BYTES])), "Secret");
    }
}
