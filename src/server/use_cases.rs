//! Everything that can be asked, made of the parts.

use super::{Error, tokens};
use crate::auth::{Secret, Tokens};
use crate::classify::Scorer;
use crate::config::Settings;
use crate::moderation::{
    Admin, Clock, Explanations, Labels, Models, Moderation, Policies, Rescorings, Review, Serving, Simulations,
};
use crate::store::Store;
use crate::web::{Doors, coral};
use std::{net::SocketAddr, sync::Arc};

/// What the doors hand requests on to.
pub(super) struct UseCases {
    pub(super) tokens: Arc<Tokens>,
    pub(super) admin: Arc<Admin>,
    pub(super) moderation: Arc<Moderation>,
    pub(super) policies: Arc<Policies>,
    pub(super) simulations: Arc<Simulations>,
    pub(super) review: Arc<Review>,
    pub(super) explanations: Arc<Explanations>,
    pub(super) models: Arc<Models>,
    pub(super) labels: Arc<Labels>,
    pub(super) rescorings: Arc<Rescorings>,
}

impl UseCases {
    /// Reads tokens, policies and models, and joins everything with the store. `only` is whom alone the server lets in.
    pub(super) async fn open(
        scorer: Arc<dyn Scorer>,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        only: Option<&Secret>,
        settings: &Settings,
        listen: SocketAddr,
    ) -> Result<Self, Error> {
        let limits = settings.moderation.limits;
        let (store, clock) = (|| Arc::clone(store), || Arc::clone(clock));
        let tokens = match only {
            Some(secret) => Tokens::for_one(secret),
            None => tokens(&*store(), settings, listen).await?,
        };
        let tokens = Arc::new(tokens);
        let policies = Policies::open(settings.below.clone(), store(), clock(), limits).await;
        let policies = Arc::new(policies.map_err(Error::Policy)?);
        let laid = || Arc::clone(&policies);
        let serving = Arc::new(Serving::new(scorer));
        let at_work = || Arc::clone(&serving);
        let models = Arc::new(Models::open(at_work(), store(), clock()).await?);
        let kept = || Arc::clone(&models);
        let timeout_each = settings.moderation.scoring_timeout;
        Ok(Self {
            admin: Arc::new(Admin::new(store(), Arc::clone(&tokens), clock(), limits)),
            moderation: Arc::new(Moderation::new(at_work(), laid(), store(), clock(), settings.moderation)),
            simulations: Arc::new(Simulations::new(at_work(), laid(), store(), timeout_each)),
            review: Arc::new(Review::new(store(), clock(), at_work(), limits)),
            explanations: Arc::new(Explanations::new(at_work(), kept(), laid(), store(), limits)),
            rescorings: Arc::new(Rescorings::new(at_work(), kept(), laid(), store())),
            labels: Arc::new(Labels::new(store(), laid(), clock(), limits)),
            models: kept(),
            policies: laid(),
            tokens,
        })
    }

    /// Returns what the doors of foreign clients hand requests on to.
    pub(super) fn doors(&self, settings: &Settings, clock: Arc<dyn Clock>) -> Doors {
        Doors {
            moderation: Arc::clone(&self.moderation),
            labels: Arc::clone(&self.labels),
            policies: Arc::clone(&self.policies),
            tokens: Arc::clone(&self.tokens),
            coral: phases(settings),
            clock,
            public_url: settings.server.public_url.clone(),
            is_tls: settings.server.tls.is_some(),
        }
    }
}

/// Returns the sites that Coral may send comments of.
fn phases(settings: &Settings) -> coral::Phases {
    let secrets = settings.coral.secrets.iter().map(|(site_id, secrets)| {
        (site_id.clone(), secrets.iter().map(|secret| secret.expose().as_bytes().into()).collect())
    });
    coral::Phases::new(settings.coral.deadline, secrets)
}
