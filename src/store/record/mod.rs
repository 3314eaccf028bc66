//! What is written, as bytes: mirror structs of the domain's nouns, one set per version, and the way there and back.
//!
//! The domain knows no format, so that it may change freely; what was once written may not. A new version gets structs
//! of its own beside these, and a file of the old one stays in `tests/fixtures/` and must still decode.

mod author;
mod bulk;
mod campaign;
mod decision;
mod disagreement;
mod erase;
mod label;
mod model;
mod moves;
mod policy;
mod queue;
mod report;
mod review;
mod token;
mod told;

use crate::domain::{
    Action, Actor, ArticleId, Author, AuthorId, Comment, CommentId, Event, Fingerprint, ModeratorId, Revision, SiteId,
    Timestamp, Words, submit::CommentHead,
};
pub(super) use author::{decode_author, encode_author};
pub(super) use bulk::{decode_bulk, encode_bulk};
use campaign::{JoinedV1, RuleSetV1};
pub(super) use campaign::{NearEntry, decode_near, decode_rule, encode_near, encode_rule};
use decision::{DecisionV1, DecisionV2, outcome_number, outcome_of};
use disagreement::{DisagreedV1, LapsedV1};
use erase::{ErasedV1, LabelsErasedV1};
use label::LabelV1;
pub(super) use label::{LabelsOf, decode_label, decode_labels_of, encode_label, encode_labels_of, source_number};
use model::{ModelV1, PromotedV1, RemovedV1, ShadowV1};
pub(super) use model::{decode_model, decode_standing, encode_model, encode_standing};
pub(super) use moves::{decode_move, encode_move};
use policy::PolicySetV1;
pub(super) use policy::{decode_policy, encode_policy};
use queue::{QueueDeletedV1, QueueSetV1};
pub(super) use queue::{decode_queue, encode_queue};
use report::{ReportedV1, SampledV1, WrittenV1};
pub(super) use report::{decode_note, decode_report, decode_reporter, encode_note, encode_report, encode_reporter};
use review::{ClaimedV1, ReleasedV1, ReviewV1, SettledV1, UndoneV1};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use token::{TokenRevokedV1, TokenV1, TokenV2, is_first_version};
pub(super) use token::{decode_token, encode_token};
pub(super) use told::{decode_told, encode_told};

/// How many random bytes stand before the private part, so that its hash tells nothing about short texts.
pub(super) const SALT_BYTES: usize = 16;

/// Says that bytes with a good checksum do not have the meaning that their version gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the contents are not what their version says")]
pub(super) struct Malformed;

impl From<postcard::Error> for Malformed {
    fn from(_: postcard::Error) -> Self {
        Self
    }
}

/// The public part of an action, version 1: everything but texts and names.
#[derive(Serialize, Deserialize)]
struct BodyV1<'a> {
    at: i64,
    #[serde(borrow)]
    actor: ActorV1<'a>,
    private_hash: [u8; 32],
    #[serde(borrow)]
    events: Vec<EventV1<'a>>,
}

/// Who acted. Its number is the first byte; one that is new comes last.
#[derive(Serialize, Deserialize)]
enum ActorV1<'a> {
    Submitter,
    System,
    Moderator(&'a str),
}

/// What happened. Its number is the first byte; one that is new comes last.
#[derive(Serialize, Deserialize)]
enum EventV1<'a> {
    Submitted {
        #[serde(borrow)]
        comment: CommentV1<'a>,
        revision: u32,
    },
    Decided {
        site_id: &'a str,
        comment_id: &'a str,
        revision: u32,
        #[serde(borrow)]
        decision: DecisionV1<'a>,
    },
    Claimed(#[serde(borrow)] ClaimedV1<'a>),
    Released(#[serde(borrow)] ReleasedV1<'a>),
    Settled(#[serde(borrow)] SettledV1<'a>),
    Undone(#[serde(borrow)] UndoneV1<'a>),
    PolicySet(#[serde(borrow)] PolicySetV1<'a>),
    Sampled(#[serde(borrow)] SampledV1<'a>),
    Reported(#[serde(borrow)] ReportedV1<'a>),
    Appealed(#[serde(borrow)] WrittenV1<'a>),
    Escalated(#[serde(borrow)] WrittenV1<'a>),
    Noted(#[serde(borrow)] WrittenV1<'a>),
    TokenCreated(#[serde(borrow)] TokenV1<'a>),
    TokenRevoked(#[serde(borrow)] TokenRevokedV1<'a>),
    Erased(#[serde(borrow)] ErasedV1<'a>),
    CampaignJoined(#[serde(borrow)] JoinedV1<'a>),
    CampaignRuleSet(#[serde(borrow)] RuleSetV1<'a>),
    QueueSet(#[serde(borrow)] QueueSetV1<'a>),
    QueueDeleted(#[serde(borrow)] QueueDeletedV1<'a>),
    EscalationUndone(#[serde(borrow)] UndoneV1<'a>),
    /// A decision with what a house model said; without, it is written as the first version.
    DecidedV2 {
        site_id: &'a str,
        comment_id: &'a str,
        revision: u32,
        #[serde(borrow)]
        decision: DecisionV2<'a>,
    },
    ModelUploaded(#[serde(borrow)] ModelV1<'a>),
    ModelPromoted(PromotedV1),
    ShadowSet(ShadowV1),
    Disagreed(#[serde(borrow)] DisagreedV1<'a>),
    LabelKept(#[serde(borrow)] LabelV1<'a>),
    DisagreementLapsed(#[serde(borrow)] LapsedV1<'a>),
    ModelRemoved(RemovedV1),
    LabelsErased(#[serde(borrow)] LabelsErasedV1<'a>),
    /// A token with origins or a rate; without, it is written as the first version.
    TokenCreatedV2(#[serde(borrow)] TokenV2<'a>),
}

/// A comment without its words.
#[derive(Serialize, Deserialize)]
struct CommentV1<'a> {
    site_id: &'a str,
    article_id: &'a str,
    comment_id: &'a str,
    parent_id: Option<&'a str>,
    author_id: Option<&'a str>,
    submitted_at: i64,
}

/// The private part of an action, version 1: one entry per submitted comment, in the order of the events.
#[derive(Serialize, Deserialize)]
struct PrivateV1<'a>(#[serde(borrow)] Vec<WordsV1<'a>>);

/// What may follow the private part: one entry per submitted comment. It goes with the words, since it could tell whether a
/// text that somebody knows was this one.
#[derive(Serialize, Deserialize)]
struct FingerprintsV1(Vec<(u64, u64)>);

/// What may follow the fingerprints, which are an empty list then where there are none: what was written with each event that
/// has words of its own, in the order of the events.
#[derive(Serialize, Deserialize)]
struct TextsV1<'a>(#[serde(borrow)] Vec<&'a str>);

/// The private part of an action as it was read.
struct Private<'a> {
    words: Vec<WordsV1<'a>>,
    fingerprints: Vec<(u64, u64)>,
    texts: Vec<&'a str>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct WordsV1<'a> {
    text: &'a str,
    name: &'a str,
}

#[derive(Serialize, Deserialize)]
struct RevisionV1<'a> {
    number: u32,
    #[serde(borrow)]
    comment: CommentV1<'a>,
    #[serde(borrow)]
    words: WordsV1<'a>,
    #[serde(borrow)]
    decision: DecisionV2<'a>,
    received_at: i64,
    erased_at: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct HeadV3<'a> {
    first_seq: u64,
    #[serde(borrow)]
    current: RevisionV1<'a>,
    fingerprint: (u64, u64),
    campaign: u64,
    #[serde(borrow)]
    review: ReviewV1<'a>,
}

/// Appends the private part of `action` to `out`: the salt, then texts and names, then, where there are any, fingerprints
/// and what else was written.
pub(super) fn encode_private(action: &Action, salt: [u8; SALT_BYTES], out: &mut Vec<u8>) {
    let submitted = || {
        action.events.iter().filter_map(|event| match event {
            Event::CommentSubmitted { comment, fingerprint, .. } => Some((comment, fingerprint)),
            _ => None,
        })
    };
    out.extend_from_slice(&salt);
    put(&PrivateV1(submitted().map(|(comment, _)| WordsV1::from(comment)).collect()), out);
    let has_fingerprints = submitted().any(|(_, fingerprint)| !fingerprint.is_unknown());
    let texts: Vec<&str> = action.events.iter().filter_map(report::words).map(Words::as_str).collect();
    let has_texts = texts.iter().any(|text| !text.is_empty());
    if has_fingerprints || has_texts {
        let known = submitted().map(|(_, one)| (one.exact, one.near)).filter(|_| has_fingerprints);
        put(&FingerprintsV1(known.collect()), out);
    }
    if has_texts {
        put(&TextsV1(texts), out);
    }
}

/// Appends the public part of `action` to `out`, bound to `private` by its hash.
pub(super) fn encode_body(action: &Action, private: &[u8], out: &mut Vec<u8>) {
    let body = BodyV1 {
        at: action.at.as_micros(),
        actor: match &action.actor {
            Actor::Submitter => ActorV1::Submitter,
            Actor::System => ActorV1::System,
            Actor::Moderator(id) => ActorV1::Moderator(id.as_str()),
        },
        private_hash: Sha256::digest(private).into(),
        events: action.events.iter().map(EventV1::from).collect(),
    };
    put(&body, out);
}

/// Reads an action back. Where the private part was erased, that is, empty, texts and names come back empty.
pub(super) fn decode_action(first_seq: u64, body: &[u8], private: &[u8]) -> Result<Action, Malformed> {
    let body: BodyV1<'_> = take(body)?;
    let Private { words, fingerprints, texts } = decode_private(private, body.events.len())?;
    let (mut words, mut fingerprints) = (words.into_iter(), fingerprints.into_iter());
    let mut texts = texts.into_iter();
    let mut text = || Words::new(texts.next().unwrap_or_default());
    let events = body.events.into_iter().map(|event| match event {
        EventV1::Submitted { comment, revision } => {
            let comment = comment.with(words.next().ok_or(Malformed)?);
            let (exact, near) = fingerprints.next().unwrap_or_default();
            Ok(Event::CommentSubmitted { comment, revision, fingerprint: Fingerprint { exact, near } })
        }
        EventV1::Decided { site_id, comment_id, revision, decision } => Ok(Event::CommentDecided {
            site_id: SiteId::new(site_id),
            comment_id: CommentId::new(comment_id),
            revision,
            decision: decision.try_into()?,
        }),
        EventV1::DecidedV2 { site_id, comment_id, revision, decision } => Ok(Event::CommentDecided {
            site_id: SiteId::new(site_id),
            comment_id: CommentId::new(comment_id),
            revision,
            decision: decision.try_into()?,
        }),
        EventV1::Claimed(claimed) => Ok(claimed.into()),
        EventV1::Released(released) => Ok(released.into()),
        EventV1::Settled(settled) => settled.try_into(),
        EventV1::Undone(undone) => Ok(undone.into()),
        EventV1::PolicySet(set) => Ok(set.into()),
        EventV1::Sampled(sampled) => Ok(sampled.into()),
        EventV1::Reported(reported) => reported.with(text()),
        EventV1::Appealed(written) => Ok(written.appeal(text())),
        EventV1::Escalated(written) => Ok(written.escalation(text())),
        EventV1::Noted(written) => Ok(written.note(text())),
        EventV1::TokenCreated(token) => token.try_into(),
        EventV1::TokenCreatedV2(token) => token.try_into(),
        EventV1::TokenRevoked(revoked) => Ok(revoked.into()),
        EventV1::Erased(erased) => Ok(erased.into()),
        EventV1::CampaignJoined(joined) => Ok(joined.into()),
        EventV1::CampaignRuleSet(set) => set.try_into(),
        EventV1::QueueSet(set) => set.try_into(),
        EventV1::QueueDeleted(deleted) => Ok(deleted.into()),
        EventV1::EscalationUndone(undone) => Ok(undone.escalation()),
        EventV1::ModelUploaded(model) => Ok(model.into()),
        EventV1::ModelPromoted(promoted) => Ok(promoted.into()),
        EventV1::ShadowSet(shadow) => Ok(shadow.into()),
        EventV1::ModelRemoved(removed) => Ok(removed.into()),
        EventV1::Disagreed(disagreed) => disagreed.try_into(),
        EventV1::DisagreementLapsed(lapsed) => Ok(lapsed.into()),
        EventV1::LabelsErased(erased) => Ok(erased.into()),
        EventV1::LabelKept(label) => Ok(Event::LabelKept { label: Box::new(label.with(text())?) }),
    });
    let actor = match body.actor {
        ActorV1::Submitter => Actor::Submitter,
        ActorV1::System => Actor::System,
        ActorV1::Moderator(id) => Actor::Moderator(ModeratorId::new(id)),
    };
    let events = events.collect::<Result<Vec<_>, Malformed>>()?;
    Ok(Action { first_seq, at: Timestamp::from_micros(body.at), actor, events })
}

/// Reads words, fingerprints and other texts, empty where they were erased.
fn decode_private(private: &[u8], submitted_max: usize) -> Result<Private<'_>, Malformed> {
    let Some((_, words)) = private.split_at_checked(SALT_BYTES) else {
        let words = vec![WordsV1 { text: "", name: "" }; submitted_max];
        let erased = Private { words, fingerprints: Vec::new(), texts: Vec::new() };
        return if private.is_empty() { Ok(erased) } else { Err(Malformed) };
    };
    let (PrivateV1(words), rest) = postcard::take_from_bytes(words)?;
    let (FingerprintsV1(fingerprints), rest) =
        if rest.is_empty() { (FingerprintsV1(Vec::new()), rest) } else { postcard::take_from_bytes(rest)? };
    let TextsV1(texts) = if rest.is_empty() { TextsV1(Vec::new()) } else { take(rest)? };
    Ok(Private { words, fingerprints, texts })
}

/// Whose words a record has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whose {
    pub(super) site_id: SiteId,
    pub(super) comment_id: CommentId,
    /// The author whom a label names, where the words are a label's.
    pub(super) label_by: Option<AuthorId>,
}

/// Returns the comments that the events of a record are about, and whether words of any of them are in it.
pub(super) fn words_of(body: &[u8], private: &[u8]) -> Result<Option<Vec<Whose>>, Malformed> {
    let Some((_, words)) = private.split_at_checked(SALT_BYTES) else {
        return if private.is_empty() { Ok(None) } else { Err(Malformed) };
    };
    // No comment, no fingerprints and nothing behind them: only a salt, and a list of nothing.
    if words == [0] {
        return Ok(None);
    }
    let action = decode_action(0, body, private)?;
    let comments = action.events.iter().filter_map(|event| {
        let ((site_id, comment_id), label_by) = match event {
            Event::LabelKept { label } => ((&label.site_id, &label.comment_id), label.author_id.clone()),
            _ => (event.comment()?, None),
        };
        Some(Whose { site_id: site_id.clone(), comment_id: comment_id.clone(), label_by })
    });
    Ok(Some(comments.collect()))
}

/// Returns whether `private` is what the body was written with; an erased private part always is.
pub(super) fn private_part_fits(body: &[u8], private: &[u8]) -> Result<bool, Malformed> {
    let body: BodyV1<'_> = take(body)?;
    Ok(private.is_empty() || body.private_hash == <[u8; 32]>::from(Sha256::digest(private)))
}

/// Appends a comment's head to `out`.
pub(super) fn encode_head(head: &CommentHead, out: &mut Vec<u8>) {
    let (current, review) = (RevisionV1::from(&head.current), ReviewV1::from(&head.review));
    let fingerprint = (head.fingerprint.exact, head.fingerprint.near);
    put(&HeadV3 { first_seq: head.first_seq, current, fingerprint, campaign: head.campaign, review }, out);
}

/// Reads a comment's head back.
pub(super) fn decode_head(bytes: &[u8]) -> Result<CommentHead, Malformed> {
    let HeadV3 { first_seq, current, fingerprint: (exact, near), campaign, review } = take(bytes)?;
    let (current, review) = (current.try_into()?, review.try_into()?);
    Ok(CommentHead { first_seq, current, fingerprint: Fingerprint { exact, near }, campaign, review })
}

/// Appends a revision to `out`.
pub(super) fn encode_revision(revision: &Revision, out: &mut Vec<u8>) {
    put(&RevisionV1::from(revision), out);
}

/// Reads a revision back.
pub(super) fn decode_revision(bytes: &[u8]) -> Result<Revision, Malformed> {
    take::<RevisionV1<'_>>(bytes)?.try_into()
}

fn put(value: &impl Serialize, out: &mut Vec<u8>) {
    postcard::to_io(value, out).expect("memory takes every plain struct");
}

/// Reads a value that must fill `bytes` to the last one.
fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Malformed> {
    match postcard::take_from_bytes(bytes)? {
        (value, []) => Ok(value),
        _ => Err(Malformed),
    }
}

impl<'a> From<&'a Event> for EventV1<'a> {
    fn from(event: &'a Event) -> Self {
        match event {
            Event::CommentSubmitted { comment, revision, .. } => {
                Self::Submitted { comment: comment.into(), revision: *revision }
            }
            Event::CommentDecided { site_id, comment_id, revision, decision } if decision.house.is_some() => {
                Self::DecidedV2 {
                    site_id: site_id.as_str(),
                    comment_id: comment_id.as_str(),
                    revision: *revision,
                    decision: decision.into(),
                }
            }
            Event::CommentDecided { site_id, comment_id, revision, decision } => Self::Decided {
                site_id: site_id.as_str(),
                comment_id: comment_id.as_str(),
                revision: *revision,
                decision: decision.into(),
            },
            Event::ItemClaimed { site_id, comment_id, claim, request_id } => {
                Self::Claimed(ClaimedV1::new((site_id, comment_id), claim, request_id.as_ref()))
            }
            Event::ItemReleased { site_id, comment_id, skipped, request_id } => {
                Self::Released(ReleasedV1::new((site_id, comment_id), *skipped, request_id.as_ref()))
            }
            Event::ItemSettled { site_id, comment_id, revision, verdict, request_id } => {
                Self::Settled(SettledV1::new((site_id, comment_id), *revision, verdict, request_id.as_ref()))
            }
            Event::VerdictUndone { site_id, comment_id, settled_seq, request_id } => {
                Self::Undone(UndoneV1::new((site_id, comment_id), *settled_seq, request_id.as_ref()))
            }
            Event::PolicySet { site_id, article_id, version, document, note } => {
                Self::PolicySet(PolicySetV1::new((site_id, article_id.as_ref()), *version, document, note))
            }
            Event::CommentSampled { site_id, comment_id, revision, probability } => {
                Self::Sampled(SampledV1::new((site_id, comment_id), *revision, *probability))
            }
            Event::CommentReported { site_id, comment_id, revision, said, weight, standing } => {
                Self::Reported(ReportedV1::new((site_id, comment_id), *revision, said, *weight, *standing))
            }
            Event::DecisionAppealed { site_id, comment_id, revision, request_id, .. } => {
                Self::Appealed(WrittenV1::new((site_id, comment_id), *revision, request_id.as_ref()))
            }
            Event::ItemEscalated { site_id, comment_id, revision, request_id, .. } => {
                Self::Escalated(WrittenV1::new((site_id, comment_id), *revision, request_id.as_ref()))
            }
            Event::NoteAdded { site_id, comment_id, revision, request_id, .. } => {
                Self::Noted(WrittenV1::new((site_id, comment_id), *revision, request_id.as_ref()))
            }
            Event::TokenCreated { token } if is_first_version(token) => Self::TokenCreated(token.into()),
            Event::TokenCreated { token } => Self::TokenCreatedV2(token.into()),
            Event::TokenRevoked { token_id } => Self::TokenRevoked(TokenRevokedV1::new(token_id)),
            Event::CommentErased { site_id, comment_id } => Self::Erased(ErasedV1::new(site_id, comment_id)),
            Event::CampaignJoined { site_id, comment_id, revision, campaign } => {
                Self::CampaignJoined(JoinedV1::new((site_id, comment_id), *revision, *campaign))
            }
            Event::CampaignRuleSet { site_id, campaign, action, expires_at } => {
                Self::CampaignRuleSet(RuleSetV1::new(site_id, *campaign, *action, *expires_at))
            }
            Event::QueueSet { site_id, name, conditions } => Self::QueueSet(QueueSetV1::new(site_id, name, conditions)),
            Event::EscalationUndone { site_id, comment_id, escalated_seq, request_id } => {
                Self::EscalationUndone(UndoneV1::new((site_id, comment_id), *escalated_seq, request_id.as_ref()))
            }
            Event::QueueDeleted { site_id, name } => Self::QueueDeleted(QueueDeletedV1::new(site_id, name)),
            Event::ModelUploaded { model } => Self::ModelUploaded(model.into()),
            Event::ModelPromoted { hash, rolled_back } => Self::ModelPromoted(PromotedV1::new(*hash, *rolled_back)),
            Event::ShadowSet { hash } => Self::ShadowSet(ShadowV1::new(*hash)),
            Event::ModelRemoved { hash } => Self::ModelRemoved(RemovedV1::new(*hash)),
            Event::DisagreementLapsed { site_id, comment_id } => {
                Self::DisagreementLapsed(LapsedV1::new((site_id, comment_id)))
            }
            Event::ModelsDisagreed { site_id, comment_id, revision, challenged } => {
                Self::Disagreed(DisagreedV1::new((site_id, comment_id), *revision, challenged))
            }
            Event::LabelsErased { site_id, comment_id, author_id } => {
                Self::LabelsErased(LabelsErasedV1::new((site_id, comment_id), author_id))
            }
            Event::LabelKept { label } => Self::LabelKept(label.as_ref().into()),
        }
    }
}

impl<'a> From<&'a Comment> for CommentV1<'a> {
    fn from(comment: &'a Comment) -> Self {
        Self {
            site_id: comment.site_id.as_str(),
            article_id: comment.article_id.as_str(),
            comment_id: comment.comment_id.as_str(),
            parent_id: comment.parent_id.as_ref().map(CommentId::as_str),
            author_id: comment.author.author_id.as_ref().map(AuthorId::as_str),
            submitted_at: comment.submitted_at.as_micros(),
        }
    }
}

impl CommentV1<'_> {
    /// Joins the public part with the words.
    fn with(self, words: WordsV1<'_>) -> Comment {
        Comment {
            site_id: SiteId::new(self.site_id),
            article_id: ArticleId::new(self.article_id),
            comment_id: CommentId::new(self.comment_id),
            parent_id: self.parent_id.map(CommentId::new),
            author: Author { author_id: self.author_id.map(AuthorId::new), name: words.name.to_owned() },
            text: words.text.to_owned(),
            submitted_at: Timestamp::from_micros(self.submitted_at),
        }
    }
}

impl<'a> From<&'a Comment> for WordsV1<'a> {
    fn from(comment: &'a Comment) -> Self {
        Self { text: &comment.text, name: &comment.author.name }
    }
}

impl<'a> From<&'a Revision> for RevisionV1<'a> {
    fn from(revision: &'a Revision) -> Self {
        Self {
            number: revision.number,
            comment: (&revision.comment).into(),
            words: (&revision.comment).into(),
            decision: (&revision.decision).into(),
            received_at: revision.received_at.as_micros(),
            erased_at: revision.erased_at.map(Timestamp::as_micros),
        }
    }
}

impl TryFrom<RevisionV1<'_>> for Revision {
    type Error = Malformed;

    fn try_from(revision: RevisionV1<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            number: revision.number,
            comment: revision.comment.with(revision.words),
            decision: revision.decision.try_into()?,
            received_at: Timestamp::from_micros(revision.received_at),
            erased_at: revision.erased_at.map(Timestamp::from_micros),
        })
    }
}
