//! Claims end by themselves, also where nobody asks for anything.

use super::Review;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often claims are looked at: so late at most does whoever watches a queue hear that one has ended. It costs one look at
/// the claim that ends first.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Review {
    /// Gives items back when their claims end, until `closing` is cancelled.
    pub async fn release_as_claims_end(&self, closing: CancellationToken) {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                _ = looks.tick() => self.store.release_ended(self.clock.now()).await,
            }
        }
    }
}
