//! What moderators ask about campaigns: which there are, what is in them, and what happens to further copies.

use super::page_token::CampaignToken;
use super::{ANSWER_BYTES_MAX, Error, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Review, draft, in_range, refuse};
use crate::domain::{ModeratorId, Outcome, SiteId, Timestamp, Violation, submit::CommentHead};
use crate::store::{self, CampaignQuery, CampaignSummary, Members, MembersQuery, SetCampaignRule};

/// Campaigns of a page at most.
const CAMPAIGNS_MAX: usize = 100;
/// How long a rule holds at most.
const RULE_HOURS_MAX: usize = 24;
/// How long ago comments came that are shown as what a rule would match.
const MATCHED_MICROS: i64 = 24 * 3_600_000_000;
/// How many of the newest comments of a campaign are looked at for those.
const MATCHED_MAX: usize = 1000;
/// How many of them are shown, and of similar comments.
pub(super) const EXAMPLES_MAX: usize = 5;
/// What examples weigh at most together.
pub(super) const EXAMPLES_BYTES_MAX: usize = 256 << 10;

/// A rule on further texts of a campaign, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct RuleRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The campaign.
    pub campaign: u64,
    /// What happens to further texts: hold or reject, or inside `None` where no rule is to hold; `None` where the caller
    /// left it out.
    pub measure: Option<Option<Outcome>>,
    /// For how many hours; 0 means 24.
    pub hours: i32,
    /// Who.
    pub moderator_id: String,
    /// Whether only to say what it would match.
    pub dry_run: bool,
}

/// What a rule would match.
#[derive(Debug, Clone)]
pub struct Matched {
    /// The campaign, with the rule as it is now.
    pub campaign: CampaignSummary,
    /// How many comments came lately.
    pub matched: usize,
    /// The newest of them.
    pub examples: Vec<CommentHead>,
}

/// One page of campaigns.
#[derive(Debug, Clone)]
pub struct CampaignsPage {
    /// The campaigns, those with the most waiting first.
    pub campaigns: Vec<CampaignSummary>,
    /// Where the next page starts; empty where this is the last.
    pub next_page_token: String,
}

impl Review {
    /// Returns one page of a site's campaigns of several comments of which some wait, those with the most waiting first.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong, a made-up page token included.
    pub async fn campaigns(&self, site_id: &str, page_size: i32, page_token: &str) -> Result<CampaignsPage, Error> {
        let mut violations = Vec::new();
        let site_id = SiteId::new(draft::site(site_id, &self.limits, &mut violations));
        let limit = in_range("page_size", page_size, PAGE_SIZE_DEFAULT, CAMPAIGNS_MAX, &mut violations);
        let mut after = None;
        if !page_token.is_empty() {
            after = CampaignToken::parse(page_token, &site_id);
            if after.is_none() {
                let sentence = "Not a token of this list. Send next_page_token of the page before, with the same site.";
                violations.push(Violation::new("page_token", sentence));
            }
        }
        refuse(violations)?;
        let query = CampaignQuery { site_id: site_id.clone(), after, limit, bytes_max: ANSWER_BYTES_MAX };
        let page = self.store.campaigns(query).await?;
        let next_page_token = page.next_after.map(|place| CampaignToken::new(&site_id, place).to_string());
        Ok(CampaignsPage { campaigns: page.campaigns, next_page_token: next_page_token.unwrap_or_default() })
    }

    /// Returns a campaign with one page of its comments, the newest first.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that there is no such campaign.
    pub async fn campaign_comments(
        &self,
        site_id: &str,
        campaign: u64,
        page_size: i32,
        before_seq: u64,
    ) -> Result<(CampaignSummary, Members), Error> {
        let mut violations = Vec::new();
        let site_id = SiteId::new(draft::site(site_id, &self.limits, &mut violations));
        required_campaign(campaign, &mut violations);
        let limit = in_range("page_size", page_size, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, &mut violations);
        refuse(violations)?;
        let summary = self.campaign(&site_id, campaign).await?;
        let bytes_max = ANSWER_BYTES_MAX.saturating_sub(summary.newest.as_ref().map_or(0, CommentHead::weight));
        let before_seq = (before_seq > 0).then_some(before_seq);
        let members = self.store.members(MembersQuery { site_id, campaign, before_seq, limit, bytes_max }).await?;
        Ok((summary, members))
    }

    /// Sets what happens to further texts of a campaign, and says what that would match.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that there is no such campaign.
    pub async fn set_campaign_rule(&self, request: RuleRequest) -> Result<Matched, Error> {
        let RuleRequest { site_id, campaign, measure, hours, moderator_id, dry_run } = request;
        let mut violations = Vec::new();
        let site_id = SiteId::new(draft::site(&site_id, &self.limits, &mut violations));
        required_campaign(campaign, &mut violations);
        draft::required_id("moderator_id", &moderator_id, &self.limits, &mut violations);
        let hours = in_range("hours", hours, RULE_HOURS_MAX, RULE_HOURS_MAX, &mut violations);
        if measure.is_none() && !dry_run {
            violations.push(Violation::new("measure", "Must be none, hold or reject."));
        }
        refuse(violations)?;
        let now = self.clock.now();
        let micros = i64::try_from(hours).unwrap_or_default() * 3_600_000_000;
        let expires_at = Timestamp::from_micros(now.as_micros().saturating_add(micros));
        if let Some(action) = measure.filter(|_| !dry_run) {
            let (site_id, moderator_id) = (site_id.clone(), ModeratorId::new(moderator_id));
            let set = SetCampaignRule { site_id, campaign, action, expires_at, moderator_id, now };
            self.store.set_campaign_rule(set).await?;
        }
        let summary = self.campaign(&site_id, campaign).await?;
        let since = now.as_micros().saturating_sub(MATCHED_MICROS);
        let (limit, bytes_max) = (MATCHED_MAX, usize::MAX);
        let query = MembersQuery { site_id, campaign, before_seq: None, limit, bytes_max };
        let newest = self.store.members(query).await?.comments;
        let lately = || newest.iter().filter(|head| head.current.received_at.as_micros() > since);
        let examples = lately().take(EXAMPLES_MAX).cloned().collect();
        Ok(Matched { campaign: summary, matched: lately().count(), examples })
    }

    async fn campaign(&self, site_id: &SiteId, campaign: u64) -> Result<CampaignSummary, Error> {
        let summary = self.store.campaign(site_id, campaign).await?;
        Ok(summary.ok_or(store::Error::NoCampaign { campaign })?)
    }
}

/// Notes where no campaign is named: they are numbered from 1.
pub(super) fn required_campaign(campaign: u64, violations: &mut Vec<Violation>) {
    if campaign == 0 {
        violations.push(Violation::new("campaign_id", "Must be given."));
    }
}
