//! What all events add up to: the verdicts in force, each with what was known when the comment came in.

use crate::domain::{
    Actor, Attribute, AuthorId, Circumstances, CommentId, Decision, Event, Label, LabelSource, ModeratorId, Outcome,
    SiteId, Timestamp, report::Standing, review::Verdict,
};
use crate::moderation::sampling::Chances;
use crate::store::Numbered;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A verdict in force, or one of another moderator that it took the place of. The text isn't here: there may be a million of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    pub(super) site_id: SiteId,
    pub(super) comment_id: CommentId,
    pub(super) revision: u32,
    pub(super) source: LabelSource,
    pub(super) approved: bool,
    pub(super) attributes: Vec<(Attribute, bool)>,
    pub(super) moderator_id: Option<ModeratorId>,
    pub(super) sampling_probability: f32,
    pub(super) circumstances: Circumstances,
    /// Whether hits of word lists are among the circumstances: only a house model has them counted.
    pub(super) hits_counted: bool,
    pub(super) outcome: Outcome,
    /// Whether another moderator's later verdict is in force.
    pub(super) superseded: bool,
}

/// What is remembered of a comment's newest text.
struct Known {
    chances: Chances,
    /// The decision in force, as the author's record counts it.
    in_force: Outcome,
    /// The author by a hash; 0 for none.
    author: u64,
    circumstances: Circumstances,
    hits_counted: bool,
    /// Whether an appeal waits for a verdict.
    appealed: bool,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    published: u32,
    held: u32,
    rejected: u32,
}

struct Ruled {
    seq: u64,
    at: Timestamp,
    site_id: SiteId,
    comment_id: CommentId,
    revision: u32,
    moderator_id: Option<ModeratorId>,
    verdict: Verdict,
    on_appeal: bool,
}

/// What the events add up to so far. Comments and authors stand in it by hashes of their ids: most are never ruled on. The maps
/// are trees, since a table that doubles takes three times the memory while it does.
#[derive(Default)]
pub(super) struct Fold {
    comments: BTreeMap<u64, Known>,
    /// The verdicts on each comment's newest text, the last one holds: where it is taken back, the one before it does again.
    verdicts: HashMap<u64, Vec<Ruled>>,
    /// How many comments of each author are published, wait, and are rejected.
    authors: BTreeMap<u64, Counts>,
    /// The author of the text that the next decision is on.
    submitted: Option<u64>,
    /// Verdicts on texts that were edited since.
    edited: Vec<Found>,
    /// All verdicts by hashes, those that were taken back among them.
    given: HashSet<u64>,
}

/// All verdicts that were ever given here. A label that comes in from outside may be one of them, on its way back: it is told as
/// that verdict, or not at all where that was taken back.
#[derive(Debug, Default)]
pub(super) struct Given(HashSet<u64>);

impl Given {
    /// Returns whether a label is a verdict that was given here.
    pub(super) fn has(&self, label: &Label) -> bool {
        let Label { site_id, comment_id, revision, moderator_id, labeled_at, .. } = label;
        let is_verdict = matches!(label.source, LabelSource::Verdict | LabelSource::Appeal);
        let at = labeled_at.filter(|_| is_verdict);
        at.is_some_and(|at| self.0.contains(&given_key(key(site_id, comment_id), *revision, moderator_id.as_ref(), at)))
    }
}

impl Fold {
    /// Takes the next event of any site that is asked for, in order.
    pub(super) fn take(&mut self, Numbered { seq, at, actor, event }: Numbered) {
        let submitted = self.submitted.take();
        match event {
            Event::CommentSubmitted { comment, .. } => {
                let author = comment.author.author_id.as_ref();
                self.submitted = Some(author.map_or(0, |author_id| author_key(&comment.site_id, author_id)));
            }
            Event::CommentDecided { site_id, comment_id, decision, .. } => {
                let key = key(&site_id, &comment_id);
                match submitted {
                    Some(author) => self.decided(key, author, &decision),
                    None => self.decided_again(key, decision.outcome),
                }
            }
            Event::CommentSampled { site_id, comment_id, probability, .. } => {
                self.change(&site_id, &comment_id, |known| known.chances.sampled = Some(probability));
            }
            Event::CommentReported { site_id, comment_id, weight, standing: Standing::Open, .. } => {
                self.change(&site_id, &comment_id, |known| known.chances.reported += weight);
            }
            Event::DisagreementLapsed { site_id, comment_id } => {
                self.change(&site_id, &comment_id, |known| known.chances.challenged = false);
            }
            Event::ModelsDisagreed { site_id, comment_id, .. } => {
                self.change(&site_id, &comment_id, |known| known.chances.challenged = true);
            }
            Event::DecisionAppealed { site_id, comment_id, .. } => {
                self.change(&site_id, &comment_id, |known| known.appealed = true);
            }
            Event::ItemSettled { site_id, comment_id, revision, verdict, .. } => {
                let moderator_id = match actor {
                    Actor::Moderator(moderator_id) => Some(moderator_id),
                    Actor::Submitter | Actor::System => None,
                };
                let key = key(&site_id, &comment_id);
                self.given.insert(given_key(key, revision, moderator_id.as_ref(), at));
                if let Some(known) = self.comments.get_mut(&key) {
                    let on_appeal = std::mem::take(&mut known.appealed);
                    let ruled = Ruled { seq, at, site_id, comment_id, revision, moderator_id, verdict, on_appeal };
                    self.verdicts.entry(key).or_default().push(ruled);
                }
            }
            Event::VerdictUndone { site_id, comment_id, .. } => {
                let undone = self.verdicts.get_mut(&key(&site_id, &comment_id)).and_then(Vec::pop);
                // What the verdict ruled on waits again; an appeal of it has nothing left to ask for.
                let on_appeal = undone.is_some_and(|undone| undone.on_appeal);
                self.change(&site_id, &comment_id, |known| known.appealed = on_appeal);
            }
            // The state no longer has the text either; this only lets go of what isn't needed.
            Event::CommentErased { site_id, comment_id } => {
                self.verdicts.remove(&key(&site_id, &comment_id));
            }
            _ => {}
        }
    }

    /// Returns the verdicts in force and those that they took the place of, in the order of their events, and all that ever were.
    pub(super) fn finish(mut self) -> (Vec<Found>, Given) {
        let given = Given(std::mem::take(&mut self.given));
        let mut all = std::mem::take(&mut self.edited);
        for (key, verdicts) in self.verdicts {
            if let Some(known) = self.comments.get(&key) {
                all.extend(known.labels(verdicts));
            }
        }
        all.sort_unstable_by_key(|found| found.seq);
        (all, given)
    }

    fn decided(&mut self, key: u64, author: u64, decision: &Decision) {
        let Counts { published, held, rejected } = self.authors.get(&author).copied().unwrap_or_default();
        let known_then = || Circumstances { word_hits: 0, published, held, rejected };
        let circumstances = decision.house.map_or_else(known_then, |house| house.circumstances);
        let hits_counted = decision.house.is_some();
        if let Some(before) = self.comments.remove(&key) {
            self.count(before.author, before.in_force, -1);
            // The text is another one now, but what was said of the one before stays true of that.
            self.edited.extend(before.labels(self.verdicts.remove(&key).unwrap_or_default()));
        }
        self.count(author, decision.outcome, 1);
        let (chances, in_force) = (Chances::of(decision.outcome), decision.outcome);
        let known = Known { chances, in_force, author, circumstances, hits_counted, appealed: false };
        self.comments.insert(key, known);
    }

    fn decided_again(&mut self, key: u64, outcome: Outcome) {
        let Some(known) = self.comments.get_mut(&key) else { return };
        let (author, before) = (known.author, std::mem::replace(&mut known.in_force, outcome));
        self.count(author, before, -1);
        self.count(author, outcome, 1);
    }

    fn count(&mut self, author: u64, outcome: Outcome, by: i32) {
        if author != 0 {
            let counts = self.authors.entry(author).or_default();
            let count = match outcome {
                Outcome::Publish => &mut counts.published,
                Outcome::Hold => &mut counts.held,
                Outcome::Reject => &mut counts.rejected,
            };
            *count = count.saturating_add_signed(by);
        }
    }

    fn change(&mut self, site_id: &SiteId, comment_id: &CommentId, change: impl FnOnce(&mut Known)) {
        if let Some(known) = self.comments.get_mut(&key(site_id, comment_id)) {
            change(known);
        }
    }
}

impl Known {
    /// Returns the label that the last of the verdicts on the text makes, and the last of every other moderator.
    fn labels(&self, verdicts: Vec<Ruled>) -> Vec<Found> {
        let appealed = verdicts.iter().any(|ruled| ruled.on_appeal);
        let mut found: Vec<Found> = Vec::new();
        for ruled in verdicts.into_iter().rev() {
            if found.iter().all(|later| later.moderator_id != ruled.moderator_id) {
                found.push(self.label(ruled, appealed, !found.is_empty()));
            }
        }
        found
    }

    fn label(&self, ruled: Ruled, appealed: bool, superseded: bool) -> Found {
        let Ruled { seq, at, site_id, comment_id, revision, moderator_id, verdict, on_appeal } = ruled;
        let Verdict { approved, labels: mut attributes, .. } = verdict;
        attributes.sort_unstable_by_key(|(attribute, _)| *attribute);
        Found {
            seq,
            at,
            site_id,
            comment_id,
            revision,
            source: if on_appeal { LabelSource::Appeal } else { LabelSource::Verdict },
            approved,
            attributes,
            moderator_id,
            sampling_probability: self.chances.probability(appealed),
            circumstances: self.circumstances,
            hits_counted: self.hits_counted,
            outcome: self.chances.outcome,
            superseded,
        }
    }
}

fn key(site_id: &SiteId, comment_id: &CommentId) -> u64 {
    hash(site_id.as_str(), comment_id.as_str())
}

fn given_key(comment: u64, revision: u32, moderator_id: Option<&ModeratorId>, at: Timestamp) -> u64 {
    let when = format!("{revision} {}", at.as_micros());
    let of = moderator_id.map_or("", ModeratorId::as_str);
    xxhash_rust::xxh3::xxh3_64_with_seed(of.as_bytes(), comment ^ xxhash_rust::xxh3::xxh3_64(when.as_bytes()))
}

/// Returns a hash that is never 0, which stands for nobody.
fn author_key(site_id: &SiteId, author_id: &AuthorId) -> u64 {
    hash(site_id.as_str(), author_id.as_str()).max(1)
}

fn hash(site: &str, id: &str) -> u64 {
    let site = xxhash_rust::xxh3::xxh3_64(site.as_bytes());
    xxhash_rust::xxh3::xxh3_64_with_seed(id.as_bytes(), site)
}
