//! What happened: the truth that all state adds up from.

use super::{
    ArticleId, AuthorId, Comment, CommentId, Decision, Fingerprint, Label, ModeratorId, Outcome, QueueName, RequestId,
    SiteId, Timestamp, Token, TokenId, Words,
    disagreement::Challenged,
    model::{ModelEntry, ModelHash},
    queue::Conditions,
    report::{Said, Standing},
    review::{Claim, Verdict},
};

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The site's front end, for one of its readers.
    Submitter,
    /// Ombud itself, or whoever runs it.
    System,
    /// A person who reviews.
    Moderator(ModeratorId),
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A reader's text came in: a new comment (revision 1) or an edit of one.
    CommentSubmitted {
        /// The comment as it was submitted.
        comment: Comment,
        /// Counts from 1 within the comment.
        revision: u32,
        /// What tells copies of the text.
        fingerprint: Fingerprint,
    },
    /// A revision was decided on.
    CommentDecided {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The revision that was decided on.
        revision: u32,
        /// The decision.
        decision: Decision,
    },
    /// A moderator took a review item, or holds it for longer.
    ItemClaimed {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// Who holds it, until when.
        claim: Claim,
        /// The request that asked for it.
        request_id: Option<RequestId>,
    },
    /// The claim on a review item ended before a verdict.
    ItemReleased {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// Whether the moderator would rather not see it again.
        skipped: bool,
        /// The request that asked for it; none where the claim expired.
        request_id: Option<RequestId>,
    },
    /// A moderator ruled on a review item; the decision that follows from it comes next.
    ItemSettled {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The revision that was ruled on.
        revision: u32,
        /// The ruling.
        verdict: Verdict,
        /// The request that asked for it.
        request_id: Option<RequestId>,
    },
    /// A verdict was taken back: what was in force before it is again, and the item waits where it waited.
    VerdictUndone {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The number of the first event of the action that brought the verdict.
        settled_seq: u64,
        /// The request that asked for it.
        request_id: Option<RequestId>,
    },
    /// An editor set the policy of a site or of an article.
    PolicySet {
        /// The site.
        site_id: SiteId,
        /// The article, or `None` for the whole site.
        article_id: Option<ArticleId>,
        /// Counts from 1 within the site, or within the article.
        version: u64,
        /// The policy as it is written down; what it means is for the policy room to say.
        document: String,
        /// Why, as the editor says; may be empty.
        note: String,
    },
    /// A published or rejected revision was drawn for audit.
    CommentSampled {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The revision that was drawn.
        revision: u32,
        /// With which probability it was, in (0, 1].
        probability: f32,
    },
    /// The challenger in the shadow would have come to another outcome.
    ModelsDisagreed {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The revision that both were asked about.
        revision: u32,
        /// What it would have done.
        challenged: Challenged,
    },
    /// What a former challenger would have done interests nobody any more.
    DisagreementLapsed {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
    },
    /// A reader reported a comment.
    CommentReported {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The revision that the reader saw.
        revision: u32,
        /// Who says what.
        said: Said,
        /// What it weighs, by what became of the reader's reports before.
        weight: f32,
        /// Whether it counts; see [`super::report`].
        standing: Standing,
    },
    /// An author, or the site for them, asks for a second look at a rejected comment.
    DecisionAppealed {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The revision that was rejected.
        revision: u32,
        /// Why; may be empty.
        text: Words,
        /// The request that asked for it.
        request_id: Option<RequestId>,
    },
    /// A moderator passed a review item on to those who look at `escalated`.
    ItemEscalated {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The newest revision.
        revision: u32,
        /// Why.
        note: Words,
        /// The request that asked for it.
        request_id: Option<RequestId>,
    },
    /// The passing on of a review item was taken back: it waits where it waited.
    EscalationUndone {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The number of the event that passed it on.
        escalated_seq: u64,
        /// The request that asked for it.
        request_id: Option<RequestId>,
    },
    /// A moderator wrote a note beside a comment.
    NoteAdded {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The newest revision.
        revision: u32,
        /// The note.
        text: Words,
        /// The request that asked for it.
        request_id: Option<RequestId>,
    },
    /// Somebody got a token.
    TokenCreated {
        /// The token as it is kept.
        token: Token,
    },
    /// A token is no longer good.
    TokenRevoked {
        /// Which.
        token_id: TokenId,
    },
    /// The words of a comment were erased, of all its revisions and beside it.
    CommentErased {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
    },
    /// A text is a near-copy of one that was there: see [`super::campaign`].
    CampaignJoined {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The revision that is the near-copy.
        revision: u32,
        /// The campaign.
        campaign: u64,
    },
    /// A moderator said what happens to further texts of a campaign for a time.
    CampaignRuleSet {
        /// The site.
        site_id: SiteId,
        /// The campaign.
        campaign: u64,
        /// What happens to them: hold or reject, or `None` where no rule is to hold any more.
        action: Option<Outcome>,
        /// From when on the rule asks for nothing.
        expires_at: Timestamp,
    },
    /// An editor defined a queue, or defined it anew.
    QueueSet {
        /// The site.
        site_id: SiteId,
        /// The queue.
        name: QueueName,
        /// What it shows.
        conditions: Conditions,
    },
    /// An editor did away with a queue; the items in it wait on where they wait.
    QueueDeleted {
        /// The site.
        site_id: SiteId,
        /// The queue.
        name: QueueName,
    },
    /// A model was uploaded; it decides nothing yet.
    ModelUploaded {
        /// The model.
        model: ModelEntry,
    },
    /// Another model decides from now on.
    ModelPromoted {
        /// Which; `None` is the base model alone.
        hash: Option<ModelHash>,
        /// Whether it was the champion before, and a promotion was taken back.
        rolled_back: bool,
    },
    /// Another model is scored without deciding from now on, or none is.
    ShadowSet {
        /// Which.
        hash: Option<ModelHash>,
    },
    /// A label came in from outside. Its comment need not be here, so the event is about none; erasing the comment of its id
    /// takes its text all the same.
    LabelKept {
        /// The label.
        label: Box<Label>,
    },
    /// The labels from outside that name an author lost their texts, and no others of that comment, which may be somebody else's.
    LabelsErased {
        /// The site.
        site_id: SiteId,
        /// The comment that they are on.
        comment_id: CommentId,
        /// The author whom they name.
        author_id: AuthorId,
    },
    /// A model was removed, and its file with it. It was not at work.
    ModelRemoved {
        /// Which.
        hash: ModelHash,
    },
}

impl Event {
    /// Returns the comment that the event is about, if it is about one.
    pub fn comment(&self) -> Option<(&SiteId, &CommentId)> {
        Some(match self {
            Self::CommentSubmitted { comment, .. } => (&comment.site_id, &comment.comment_id),
            Self::CommentDecided { site_id, comment_id, .. }
            | Self::ItemClaimed { site_id, comment_id, .. }
            | Self::ItemReleased { site_id, comment_id, .. }
            | Self::ItemSettled { site_id, comment_id, .. }
            | Self::VerdictUndone { site_id, comment_id, .. }
            | Self::CommentSampled { site_id, comment_id, .. }
            | Self::ModelsDisagreed { site_id, comment_id, .. }
            | Self::DisagreementLapsed { site_id, comment_id }
            | Self::CommentReported { site_id, comment_id, .. }
            | Self::DecisionAppealed { site_id, comment_id, .. }
            | Self::ItemEscalated { site_id, comment_id, .. }
            | Self::EscalationUndone { site_id, comment_id, .. }
            | Self::NoteAdded { site_id, comment_id, .. }
            | Self::CommentErased { site_id, comment_id }
            | Self::CampaignJoined { site_id, comment_id, .. } => (site_id, comment_id),
            Self::PolicySet { .. }
            | Self::TokenCreated { .. }
            | Self::TokenRevoked { .. }
            | Self::CampaignRuleSet { .. }
            | Self::QueueSet { .. }
            | Self::QueueDeleted { .. }
            | Self::ModelUploaded { .. }
            | Self::ModelPromoted { .. }
            | Self::ShadowSet { .. }
            | Self::ModelRemoved { .. }
            | Self::LabelKept { .. }
            | Self::LabelsErased { .. } => return None,
        })
    }

    /// Returns the site that the event is about, if it is about one: tokens and models are not told to sites.
    pub fn site_id(&self) -> Option<&SiteId> {
        Some(match self {
            Self::CommentSubmitted { comment, .. } => &comment.site_id,
            Self::CommentDecided { site_id, .. }
            | Self::ItemClaimed { site_id, .. }
            | Self::ItemReleased { site_id, .. }
            | Self::ItemSettled { site_id, .. }
            | Self::VerdictUndone { site_id, .. }
            | Self::PolicySet { site_id, .. }
            | Self::CommentSampled { site_id, .. }
            | Self::ModelsDisagreed { site_id, .. }
            | Self::DisagreementLapsed { site_id, .. }
            | Self::CommentReported { site_id, .. }
            | Self::DecisionAppealed { site_id, .. }
            | Self::ItemEscalated { site_id, .. }
            | Self::EscalationUndone { site_id, .. }
            | Self::NoteAdded { site_id, .. }
            | Self::CommentErased { site_id, .. }
            | Self::CampaignJoined { site_id, .. }
            | Self::CampaignRuleSet { site_id, .. }
            | Self::QueueSet { site_id, .. }
            | Self::LabelsErased { site_id, .. }
            | Self::QueueDeleted { site_id, .. } => site_id,
            Self::LabelKept { label } => &label.site_id,
            Self::TokenCreated { .. }
            | Self::TokenRevoked { .. }
            | Self::ModelUploaded { .. }
            | Self::ModelPromoted { .. }
            | Self::ShadowSet { .. }
            | Self::ModelRemoved { .. } => return None,
        })
    }
}

/// The events of one request: they happened together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The number of the first event. Events count from 1 over the whole data directory, without gaps; the others
    /// of this action follow it.
    pub first_seq: u64,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// What happened, in order; never empty.
    pub events: Vec<Event>,
}

impl Action {
    /// Returns the number of the last event.
    pub fn last_seq(&self) -> u64 {
        self.first_seq + self.events.len() as u64 - 1
    }
}
