//! What editors ask about queues: defining one over what waits, and doing away with it.

use super::{Error, Limits, QueueSummary, Review, draft, refuse, review::plain_name};
use crate::domain::{
    ArticleId, Attribute, AuthorId, ModeratorId, QueueName, Score, SiteId, Violation,
    queue::{Conditions, QueueId},
    review::Queue,
};
use crate::store::{DeleteQueue, SetQueue};

/// How many articles, authors or reasons one queue may name.
const NAMES_MAX: usize = 100;
/// Bytes of a reason's name.
const REASON_BYTES_MAX: usize = 64;

/// Which queue an editor means, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct QueueEdit {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The queue's name.
    pub name: String,
    /// Who.
    pub editor_id: String,
}

/// What a queue is to show, as the caller asked; see [`Conditions`].
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Names of queues that items wait in.
    pub queues: Vec<String>,
    /// Articles.
    pub article_ids: Vec<String>,
    /// Authors.
    pub author_ids: Vec<String>,
    /// Attributes by name, each with the least score.
    pub scores: Vec<(String, f32)>,
    /// Rules, lists of words and codes of reasons.
    pub reasons: Vec<String>,
}

impl Review {
    /// Defines a queue, or defines it anew; returns it with what waits in it.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that the site has as many queues as may be.
    pub async fn set_queue(&self, request: QueueEdit, wanted: Wanted) -> Result<QueueSummary, Error> {
        let mut violations = Vec::new();
        let QueueEdit { site_id, name, editor_id } = request;
        let site_id = SiteId::new(draft::site(&site_id, &self.limits, &mut violations));
        check_name(&name, &mut violations);
        draft::required_id("editor_id", &editor_id, &self.limits, &mut violations);
        let conditions = conditions(wanted, &self.limits, &mut violations);
        refuse(violations)?;
        let (name, editor_id, now) = (QueueName::new(name), ModeratorId::new(editor_id), self.clock.now());
        let set = SetQueue { site_id: site_id.clone(), name, conditions, editor_id, now };
        let defined = self.store.set_queue(set).await?;
        let queue = QueueId::Defined(defined.name.clone());
        let summary = self.store.queues(&site_id, now).await?.into_iter().find(|summary| summary.queue == queue);
        // Somebody may have done away with it meanwhile.
        Ok(summary.unwrap_or(QueueSummary { queue, defined: Some(defined), items: 0, claimed: 0, oldest_at: None }))
    }

    /// Does away with a queue that was defined.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that nobody has defined such a queue.
    pub async fn delete_queue(&self, request: QueueEdit) -> Result<(), Error> {
        let mut violations = Vec::new();
        let QueueEdit { site_id, name, editor_id } = request;
        let site_id = SiteId::new(draft::site(&site_id, &self.limits, &mut violations));
        check_name(&name, &mut violations);
        draft::required_id("editor_id", &editor_id, &self.limits, &mut violations);
        refuse(violations)?;
        let (name, editor_id, now) = (QueueName::new(name), ModeratorId::new(editor_id), self.clock.now());
        Ok(self.store.delete_queue(DeleteQueue { site_id, name, editor_id, now }).await?)
    }
}

/// Notes what is wrong with the name of a queue that is to be defined.
fn check_name(name: &str, violations: &mut Vec<Violation>) {
    if name.is_empty() {
        violations.push(Violation::new("name", "Must be given."));
    } else if Queue::from_name(name).is_some() {
        violations.push(Violation::new("name", "Must be another name: this is a queue that items wait in."));
    }
    plain_name("name", name, violations);
}

/// Reads conditions, and notes what is wrong with them.
fn conditions(wanted: Wanted, limits: &Limits, violations: &mut Vec<Violation>) -> Conditions {
    let Wanted { queues, article_ids, author_ids, scores, reasons } = wanted;
    let mut conditions = Conditions::default();
    for name in queues {
        match Queue::from_name(&name) {
            Some(queue) if !conditions.queues.contains(&queue) => conditions.queues.push(queue),
            _ => {
                let names: Vec<&str> = Queue::ALL.iter().map(|queue| queue.name()).collect();
                let sentence = format!("Must be any of these, each once: {}.", names.join(", "));
                violations.push(Violation::new("conditions.queues", sentence));
            }
        }
    }
    for (name, score) in scores {
        if let (Some(attribute), Some(score)) = (Attribute::from_name(&name), Score::new(score)) {
            conditions.scores.push((attribute, score));
        } else {
            let sentence = "Must have attributes by their names, each with a score from 0 to 1.";
            violations.push(Violation::new("conditions.scores", sentence));
        }
    }
    // A map comes in any order, and the same conditions are written the same way.
    conditions.scores.sort_unstable_by_key(|(attribute, _)| *attribute);
    for (field, ids) in [("conditions.article_ids", &article_ids), ("conditions.author_ids", &author_ids)] {
        at_most(field, ids, violations);
        for (index, id) in ids.iter().enumerate().take(NAMES_MAX) {
            draft::required_id(&format!("{field}[{index}]"), id, limits, violations);
        }
    }
    at_most("conditions.reasons", &reasons, violations);
    for (index, reason) in reasons.iter().enumerate().take(NAMES_MAX) {
        if reason.is_empty() || reason.len() > REASON_BYTES_MAX || reason.chars().any(char::is_control) {
            let sentence = format!("Must have from 1 to {REASON_BYTES_MAX} bytes and no control characters.");
            violations.push(Violation::new(format!("conditions.reasons[{index}]"), sentence));
        }
    }
    conditions.article_ids = article_ids.into_iter().map(ArticleId::new).collect();
    conditions.author_ids = author_ids.into_iter().map(AuthorId::new).collect();
    conditions.reasons = reasons;
    if conditions.is_empty() && violations.is_empty() {
        violations.push(Violation::new("conditions", "Must have at least one condition."));
    }
    conditions
}

fn at_most(field: &str, names: &[String], violations: &mut Vec<Violation>) {
    if names.len() > NAMES_MAX {
        violations.push(Violation::new(field, format!("Must be at most {NAMES_MAX}.")));
    }
}
