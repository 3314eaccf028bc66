//! Asks the server what the reviewer wants to know and have done.

use super::state::{Ask, LEASE_SECS, Ruling, SECOND, Told, UNREACHABLE};
use crate::cli::client::Connection;
use crate::grpc::{ReviewClient, pb};
use std::{collections::HashMap, time::Duration};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt as _;
use uuid::Uuid;

/// How long to wait before a queue is watched again whose stream has ended, and before a verdict is sent again.
const AGAIN: Duration = Duration::from_secs(2);
/// How long to wait for an answer, of which most take milliseconds.
const ANSWER_MAX: Duration = Duration::from_secs(15);

/// What becomes of a queue's items.
pub(crate) type Steps = Streaming<pb::WatchQueueResponse>;

/// Who reviews what, by which connection.
#[derive(Clone)]
pub(crate) struct Work {
    pub(crate) client: ReviewClient<Connection>,
    pub(crate) site_id: String,
    pub(crate) moderator_id: String,
    pub(crate) answers: mpsc::UnboundedSender<Told>,
}

impl Work {
    /// Has one thing done, and tells the answer. What a moderator did is sent again under the same request id until there is
    /// one, so that it is done once.
    pub(crate) async fn ask(mut self, ask: Ask, now: i64) {
        let (request_id, nothing) = (Uuid::now_v7().to_string(), std::future::pending::<()>());
        let mut nothing = std::pin::pin!(nothing);
        let told = loop {
            let status = match in_time(self.answer(&ask, now, &request_id)).await {
                Ok(told) => break told,
                Err(status) => status,
            };
            let reason = status.get_details_error_info().map(|info| info.reason);
            // A server that refuses says why; a connection that is gone has no reason to give.
            let is_lost = reason.is_none() && is_lost(status.code());
            if !is_lost || !ask.is_act() || self.answers.is_closed() {
                let reason = if is_lost { UNREACHABLE.to_owned() } else { reason.unwrap_or_default() };
                break Some(Told::Refused { ask, reason, message: status.message().to_owned() });
            }
            drop(self.answers.send(Told::Unanswered));
            drop(timeout(AGAIN, &mut nothing).await);
        };
        // Nobody listens once the reviewer has ended.
        if let Some(told) = told {
            drop(self.answers.send(told));
        }
    }

    async fn answer(&mut self, ask: &Ask, now: i64, request_id: &str) -> Result<Option<Told>, Status> {
        let (site_id, moderator_id) = (self.site_id.clone(), self.moderator_id.clone());
        let until = now + i64::from(LEASE_SECS) * SECOND;
        let request_id = request_id.to_owned();
        Ok(Some(match ask.clone() {
            Ask::Hold { .. } => return Ok(None),
            Ask::Queues => {
                let listed = self.client.list_queues(pb::ListQueuesRequest { site_id }).await?;
                Told::Queues(listed.into_inner().queues)
            }
            Ask::Claim { queue, items_max } => {
                let items_max = i32::try_from(items_max).unwrap_or(1);
                let (order, queue_name) = (pb::ReviewOrder::Risk.into(), queue.clone());
                let request = pb::ClaimNextRequest {
                    site_id,
                    queue: queue_name,
                    order,
                    moderator_id,
                    items_max,
                    lease_secs: LEASE_SECS,
                };
                let items = self.client.claim_next(request).await?.into_inner().items;
                Told::Claimed { queue, items, until }
            }
            Ask::Look { id: comment_id } => {
                let found = self.client.get_review_item(pb::GetReviewItemRequest { site_id, comment_id }).await?;
                Told::Dossier(Box::new(found.into_inner()))
            }
            Ask::Renew { id } => {
                let (comment_id, lease_secs) = (id.clone(), LEASE_SECS);
                let request = pb::RenewClaimRequest { site_id, comment_id, moderator_id, lease_secs, request_id };
                self.client.renew_claim(request).await?;
                Told::Renewed { id, until }
            }
            Ask::Release { id } => {
                let comment_id = id.clone();
                let request = pb::ReleaseClaimRequest { site_id, comment_id, moderator_id, request_id };
                self.client.release_claim(request).await?;
                Told::Released { id }
            }
            Ask::Skip { id } => {
                let comment_id = id.clone();
                self.client.skip_item(pb::SkipItemRequest { site_id, comment_id, moderator_id, request_id }).await?;
                Told::Skipped { id }
            }
            Ask::Settle { id, version, ruling } => {
                let request = pb::SettleItemRequest {
                    site_id,
                    comment_id: id.clone(),
                    moderator_id,
                    version,
                    verdict: verdict(&ruling).into(),
                    labels: labels(&ruling),
                    request_id,
                    ..pb::SettleItemRequest::default()
                };
                let action_id = self.client.settle_item(request).await?.into_inner().action_id;
                Told::Settled { ids: vec![id], action_id, ruling }
            }
            Ask::SettleMany { items, ruling } => {
                let ids = items.iter().map(|(id, _)| id.clone()).collect();
                let items = items.into_iter().map(|(comment_id, version)| pb::ItemVersion { comment_id, version });
                let items = pb::ItemVersions { items: items.collect() };
                let request = pb::SettleManyRequest {
                    site_id,
                    which: Some(pb::settle_many_request::Which::Items(items)),
                    moderator_id,
                    verdict: verdict(&ruling).into(),
                    labels: labels(&ruling),
                    request_id,
                    ..pb::SettleManyRequest::default()
                };
                let action_id = self.client.settle_many(request).await?.into_inner().action_id;
                Told::Settled { ids, action_id, ruling }
            }
            Ask::Undo { action_id } => {
                let request = pb::UndoActionRequest { site_id, moderator_id, action_id, request_id };
                let done = self.client.undo_action(request).await?.into_inner();
                Told::Undone { action_id, items: done.items, left: done.items_left }
            }
        }))
    }

    /// Begins to watch a queue and to hold what the moderator claims in it.
    ///
    /// # Errors
    ///
    /// Says that there is no such queue, that the moderator may not review it, or that no answer came.
    pub(crate) async fn watch(&self, queue: &str) -> Result<Steps, Status> {
        let (site_id, moderator_id) = (self.site_id.clone(), self.moderator_id.clone());
        let queue = queue.to_owned();
        let request = pb::WatchQueueRequest { site_id, queue, after_seq: None, hold: true, moderator_id };
        in_time(self.client.clone().watch_queue(request)).await.map(tonic::Response::into_inner)
    }

    /// Holds what is claimed in a queue and tells what happens there, until the task is aborted; where there is a stream
    /// already, by that one at first.
    pub(crate) fn hold(self, queue: String, mut begun: Option<Steps>) -> JoinHandle<()> {
        tokio::spawn(async move {
            let (silent, nothing) = (self.answers.clone(), std::future::pending::<()>());
            let mut nothing = std::pin::pin!(nothing);
            while !silent.is_closed() {
                let steps = match begun.take() {
                    Some(steps) => Ok(steps),
                    None => self.watch(&queue).await,
                };
                if let Ok(steps) = steps {
                    self.follow(&queue, steps).await;
                }
                // What the moderator sees is asked for anew anyway; only holding has to go on.
                drop(timeout(AGAIN, &mut nothing).await);
            }
        })
    }

    async fn follow(&self, queue: &str, mut steps: Steps) {
        while let Ok(Some(step)) = steps.message().await {
            let (queue, id) = (queue.to_owned(), step.comment_id.clone());
            let told = match step.change() {
                pb::QueueChange::Entered | pb::QueueChange::Skipped | pb::QueueChange::Redefined => {
                    Told::Entered { queue }
                }
                pb::QueueChange::Left | pb::QueueChange::Changed => Told::Changed { queue, id },
                pb::QueueChange::Released => {
                    drop(self.answers.send(Told::Entered { queue: queue.clone() }));
                    Told::Changed { queue, id }
                }
                pb::QueueChange::Claimed => Told::Counted,
                pb::QueueChange::Begun | pb::QueueChange::Unspecified => continue,
            };
            drop(self.answers.send(told));
        }
    }
}

/// Waits for an answer, for so long as one may take.
async fn in_time<T>(answer: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let late = |_| Err(Status::deadline_exceeded("the server does not answer"));
    timeout(ANSWER_MAX, answer).await.unwrap_or_else(late)
}

/// Returns whether a call may have ended for want of a connection, or in the middle of one.
fn is_lost(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Unknown | Code::Cancelled)
}

fn verdict(ruling: &Ruling) -> pb::Verdict {
    if ruling.approved { pb::Verdict::Approve } else { pb::Verdict::Reject }
}

fn labels(ruling: &Ruling) -> HashMap<String, bool> {
    ruling.labels.iter().map(|(attribute, truth)| (attribute.name().to_owned(), *truth)).collect()
}
