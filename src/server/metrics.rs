//! The page of metrics, on a port of its own: how far comments have moved since training, by site and attribute.
//!
//! Numbers are looked up at intervals, not for each reader: adding them up takes reading all events. No text, name, key or
//! comment's id is on the page.

use crate::moderation::{
    Review,
    quality::drift::{Drift, Period},
};
use axum::{Router, extract::State, http::header::CONTENT_TYPE, routing::get};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// What readers of metrics are told that the page is.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A number that may have a fraction.
type Number = Gauge<f64, AtomicU64>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSite {
    site: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfAttribute {
    site: String,
    attribute: String,
}

/// What is told of drift, over the last seven days.
#[derive(Debug, Default)]
struct DriftGauges {
    comments: Family<OfSite, Gauge>,
    unseen_ngrams: Family<OfSite, Number>,
    retraining_due: Family<OfSite, Gauge>,
    stability_index: Family<OfAttribute, Number>,
    agreement: Family<OfAttribute, Number>,
    verdicts: Family<OfAttribute, Gauge>,
}

/// Answers whoever asks for the page, until `closing` is cancelled.
pub(super) async fn serve(
    listener: TcpListener,
    drift_every: Duration,
    review: Arc<Review>,
    closing: CancellationToken,
) {
    let (gauges, mut registry) = (DriftGauges::default(), Registry::with_prefix("ombud_drift"));
    gauges.register(&mut registry);
    let page = |State(registry): State<Arc<Registry>>| async move {
        let mut page = String::new();
        // Writing to memory cannot fail.
        let _: Result<(), _> = encode(&mut page, &registry);
        ([(CONTENT_TYPE, OPEN_METRICS)], page)
    };
    let router = Router::new().route("/metrics", get(page)).with_state(Arc::new(registry));
    let served = axum::serve(listener, router).with_graceful_shutdown(closing.clone().cancelled_owned());
    let looked = look(&gauges, drift_every, &review, closing);
    let (served, ()) = tokio::join!(served, looked);
    if let Err(error) = served {
        let error: &dyn std::error::Error = &error;
        tracing::error!(error, "the page of metrics is gone");
    }
}

/// Looks at intervals.
async fn look(gauges: &DriftGauges, every: Duration, review: &Review, closing: CancellationToken) {
    let mut looks = interval(every);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = looks.tick() => {}
        }
        let drifts = tokio::select! {
            () = closing.cancelled() => return,
            drifts = review.drifts() => drifts,
        };
        match drifts {
            Ok(drifts) => gauges.set(drifts.iter().map(|(site_id, drift)| (site_id.as_str(), drift))),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "drift could not be looked at; it is tried again");
            }
        }
    }
}

impl DriftGauges {
    fn register(&self, registry: &mut Registry) {
        let Self { comments, unseen_ngrams, retraining_due, stability_index, agreement, verdicts } = self;
        registry.register("comments", "Comments of the last seven days, edits too", comments.clone());
        registry.register_with_unit(
            "unseen_ngrams",
            "Share of n-grams that the base model has no weight for, in the last seven days",
            Unit::Ratios,
            unseen_ngrams.clone(),
        );
        registry.register("retraining_due", "1 where it is time to run ombud retrain, else 0", retraining_due.clone());
        registry.register(
            "stability_index",
            "Population stability index of the scores of the last seven days against those in training",
            stability_index.clone(),
        );
        registry.register_with_unit(
            "agreement",
            "Share of verdicts of the last seven days' comments that agree with the score at 0.5",
            Unit::Ratios,
            agreement.clone(),
        );
        registry.register("verdicts", "Verdicts that the agreement rests on", verdicts.clone());
    }

    /// Shows what was found, and nothing of what was there before.
    fn set<'a>(&self, drifts: impl Iterator<Item = (&'a str, &'a Drift)>) {
        self.unseen_ngrams.clear();
        self.stability_index.clear();
        self.agreement.clear();
        self.verdicts.clear();
        for (site, Drift { recent, is_due, .. }) in drifts {
            let of_site = OfSite { site: site.to_owned() };
            let Period { comments, unseen_ngrams, criteria, .. } = recent;
            self.comments.get_or_create(&of_site).set(i64::try_from(*comments).unwrap_or(i64::MAX));
            self.retraining_due.get_or_create(&of_site).set(i64::from(*is_due));
            if let Some(share) = unseen_ngrams {
                self.unseen_ngrams.get_or_create(&of_site).set(*share);
            }
            for one in criteria {
                let attribute = one.criterion.name().to_owned();
                let of_attribute = OfAttribute { site: site.to_owned(), attribute };
                if let Some(index) = one.stability_index {
                    self.stability_index.get_or_create(&of_attribute).set(index);
                }
                if one.agreement.ruled > 0 {
                    self.agreement.get_or_create(&of_attribute).set(one.agreement.share);
                    let verdicts = i64::try_from(one.agreement.ruled).unwrap_or(i64::MAX);
                    self.verdicts.get_or_create(&of_attribute).set(verdicts);
                }
            }
        }
    }
}
