//! What is asked of a store about campaigns, and what it answers.

use super::Error;
use super::batch::{Answer, Batch};
use super::writer::Failure;
use crate::domain::{
    Actor, CommentId, Event, ModeratorId, Outcome, SiteId, Timestamp, campaign::Rule, submit::CommentHead,
};

/// How many of a campaign's items are looked at for those that nobody else holds.
const ITEMS_MAX: usize = 10_000;

/// A rule on the texts to come, or its end.
#[derive(Debug, Clone)]
pub struct SetCampaignRule {
    /// The site.
    pub site_id: SiteId,
    /// The campaign.
    pub campaign: u64,
    /// What happens to further texts: hold or reject, or `None` where the rule is to end.
    pub action: Option<Outcome>,
    /// From when on it asks for nothing.
    pub expires_at: Timestamp,
    /// Who sets it.
    pub moderator_id: ModeratorId,
    /// The present time.
    pub now: Timestamp,
}

/// How large a campaign is.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignSummary {
    /// Its number.
    pub campaign: u64,
    /// How many comments it has.
    pub members: u64,
    /// How many of them wait.
    pub waiting: u64,
    /// The rule that was set last, which may have ended.
    pub rule: Option<Rule>,
    /// The newest comment.
    pub newest: Option<CommentHead>,
}

/// Where a campaign stands among those of a site: those with more waiting come first, and of as many the older ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CampaignPlace {
    /// How many of its comments wait.
    pub waiting: u64,
    /// Its number.
    pub campaign: u64,
}

/// A question for one page of a site's campaigns, those with the most waiting first.
#[derive(Debug, Clone)]
pub struct CampaignQuery {
    /// The site.
    pub site_id: SiteId,
    /// Only campaigns behind this place; `None` starts with the first.
    pub after: Option<CampaignPlace>,
    /// How many campaigns at most, from 1.
    pub limit: usize,
    /// How much the newest comments of a page's campaigns may weigh together; one always fits.
    pub bytes_max: usize,
}

/// One page of a site's campaigns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CampaignPage {
    /// The campaigns, those with the most waiting first.
    pub campaigns: Vec<CampaignSummary>,
    /// Behind which place the next page starts, or `None` where this is the last.
    pub next_after: Option<CampaignPlace>,
}

/// A question for one page of a campaign's comments, the newest first.
#[derive(Debug, Clone)]
pub struct MembersQuery {
    /// The site.
    pub site_id: SiteId,
    /// The campaign.
    pub campaign: u64,
    /// Only comments whose first event comes before this number; `None` starts at the newest.
    pub before_seq: Option<u64>,
    /// How many comments at most, from 1.
    pub limit: usize,
    /// How much the comments of a page may weigh together; one always fits.
    pub bytes_max: usize,
}

/// One page of a campaign's comments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Members {
    /// The comments, the newest first.
    pub comments: Vec<CommentHead>,
    /// Where the next page starts, or `None` where this is the last.
    pub next_before_seq: Option<u64>,
}

impl Batch<'_, '_> {
    /// Lists a campaign's items that nobody but the moderator holds, with their versions.
    pub(super) fn waiting_in_campaign(
        &mut self,
        site_id: &SiteId,
        campaign: u64,
        (moderator_id, now): (&ModeratorId, Timestamp),
    ) -> Result<Vec<(CommentId, u64)>, Failure> {
        let mut items = Vec::new();
        for key in self.edit.campaign_items(site_id, campaign, ITEMS_MAX).map_err(Failure::State)? {
            let slot = self.edit.slot(&key).map_err(Failure::State)?;
            let Some(head) = &slot.head else { continue };
            let Some(item) = &head.review.item else { continue };
            if item.claim_at(now).is_none_or(|claim| claim.moderator_id == *moderator_id) {
                items.push((head.current.comment.comment_id.clone(), head.review.version));
            }
        }
        Ok(items)
    }

    pub(super) fn set_campaign_rule(&mut self, set: SetCampaignRule) -> Result<Result<Answer, Error>, Failure> {
        let SetCampaignRule { site_id, campaign, action, expires_at, moderator_id, now } = set;
        if !self.edit.has_campaign(&site_id, campaign).map_err(Failure::State)? {
            return Ok(Err(Error::NoCampaign { campaign }));
        }
        let event = Event::CampaignRuleSet { site_id, campaign, action, expires_at };
        Ok(self.act(vec![event], Actor::Moderator(moderator_id), now)?.map(|_| Answer::CampaignRuleSet))
    }
}
