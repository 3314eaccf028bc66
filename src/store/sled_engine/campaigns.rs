//! Campaigns in the state: the members of each, and which of them wait.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{CAMPAIGN_COUNTS, CAMPAIGN_ITEMS, CAMPAIGN_ORDER, CAMPAIGN_RULES, CAMPAIGNS, State, keys};
use crate::domain::{
    Action, Actor, Event, Fingerprint, SiteId,
    campaign::{Near, Rule},
    submit::CommentHead,
};
use crate::store::{
    Error,
    campaigns::{CampaignPage, CampaignQuery, CampaignSummary, Members, MembersQuery},
    record,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// How many comments a campaign has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    /// All of them.
    members: u64,
    /// Those that wait.
    waiting: u64,
}

/// A comment among those of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Member {
    campaign: u64,
    waits: bool,
    /// Whether its text is the one that the campaign began with.
    is_founder: bool,
}

/// What an edit changes about campaigns.
#[derive(Default)]
pub(super) struct Changed {
    items: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    counts: HashMap<Vec<u8>, Counts>,
    rules: HashMap<Vec<u8>, Option<Rule>>,
}

impl State {
    fn campaign_counts(&self, key: &[u8]) -> Result<Option<Counts>, Error> {
        let Some(value) = self.tree.get(key).map_err(|error| self.error(error))? else { return Ok(None) };
        let counts = postcard::from_bytes(unseal(key, &value)?);
        counts.map(Some).map_err(|_| damaged("the counts of a campaign cannot be read"))
    }

    fn campaign_rule(&self, key: &[u8]) -> Result<Option<Rule>, Error> {
        let Some(value) = self.tree.get(key).map_err(|error| self.error(error))? else { return Ok(None) };
        record::decode_rule(unseal(key, &value)?).map(Some).map_err(|_| damaged("a rule cannot be read"))
    }

    /// Says how large a campaign is; `None` where there is none of that number.
    pub(in crate::store) fn campaign(&self, site_id: &SiteId, campaign: u64) -> Result<Option<CampaignSummary>, Error> {
        let counts = self.campaign_counts(&keys::campaign(CAMPAIGN_COUNTS, site_id, campaign))?;
        let rule = self.campaign_rule(&keys::campaign(CAMPAIGN_RULES, site_id, campaign))?;
        let Some(Counts { members, waiting }) = counts else {
            let alone = self.founder(site_id, campaign)?;
            return Ok(alone.map(|head| {
                let waiting = u64::from(head.review.item.is_some());
                CampaignSummary { campaign, members: 1, waiting, rule, newest: Some(head) }
            }));
        };
        let query = MembersQuery { site_id: site_id.clone(), campaign, before_seq: None, limit: 1, bytes_max: 0 };
        let newest = self.members(&query)?.comments.pop();
        Ok(Some(CampaignSummary { campaign, members, waiting, rule, newest }))
    }

    /// Returns one page of the campaigns of several comments that wait, those with the most waiting first.
    pub(in crate::store) fn campaigns(&self, query: &CampaignQuery) -> Result<CampaignPage, Error> {
        let site_id = &query.site_id;
        let (mut page, mut bytes) = (CampaignPage::default(), 0);
        for entry in self.tree.range(keys::campaigns_after(site_id, query.after)) {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            unseal(&key, &value)?;
            // Where it stood on the way, not where a change in between has moved it: the next page goes on from here.
            let place = keys::campaign_place(&key).ok_or_else(|| damaged("no place among campaigns"))?;
            // A verdict or an edit that came in between may have taken it out.
            let Some(summary) = self.campaign(site_id, place.campaign)? else { continue };
            bytes += summary.newest.as_ref().map_or(0, CommentHead::weight);
            let full = page.campaigns.len() >= query.limit.max(1) || bytes > query.bytes_max;
            if full && !page.campaigns.is_empty() {
                return Ok(page);
            }
            page.next_after = Some(place);
            page.campaigns.push(summary);
        }
        page.next_after = None;
        Ok(page)
    }

    /// Returns one page of a campaign's comments, the newest first.
    pub(in crate::store) fn members(&self, query: &MembersQuery) -> Result<Members, Error> {
        if self.campaign_counts(&keys::campaign(CAMPAIGN_COUNTS, &query.site_id, query.campaign))?.is_none() {
            let alone = self.founder(&query.site_id, query.campaign)?;
            let alone = alone.filter(|head| query.before_seq.is_none_or(|before_seq| head.first_seq < before_seq));
            return Ok(Members { comments: alone.into_iter().collect(), next_before_seq: None });
        }
        let prefix = keys::campaign(CAMPAIGNS, &query.site_id, query.campaign);
        let range = keys::with_seq(prefix.clone(), 0)..keys::with_seq(prefix, query.before_seq.unwrap_or(u64::MAX));
        let (mut page, mut bytes, mut last_seq) = (Members::default(), 0, 0);
        for entry in self.tree.range(range).rev() {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            if page.comments.len() == query.limit.max(1) {
                page.next_before_seq = Some(last_seq);
                break;
            }
            let head =
                self.head(unseal(&key, &value)?)?.ok_or_else(|| damaged("a comment of a campaign is missing"))?;
            // An edit that came in between may have taken it out.
            if head.campaign != query.campaign {
                continue;
            }
            bytes += head.weight();
            if bytes > query.bytes_max && !page.comments.is_empty() {
                page.next_before_seq = Some(last_seq);
                break;
            }
            last_seq = head.first_seq;
            page.comments.push(head);
        }
        Ok(page)
    }
}

impl Edit<'_> {
    /// Finds the campaign of the text that is nearest to a new one, the texts of this edit among them.
    pub(in crate::store) fn near(&self, site_id: &SiteId, fingerprint: Fingerprint) -> Result<Option<Near>, Error> {
        if fingerprint.near == 0 {
            return Ok(None);
        }
        let Some(campaign) = self.nearest(site_id, fingerprint)? else { return Ok(None) };
        let key = keys::campaign(CAMPAIGN_RULES, site_id, campaign);
        let rule = match self.campaigns.rules.get(&key) {
            Some(rule) => rule.clone(),
            None => self.state.campaign_rule(&key)?,
        };
        Ok(Some(Near { campaign, rule }))
    }

    /// Lists the keys of a campaign's comments that wait, the oldest first, this edit's own among them.
    pub(in crate::store) fn campaign_items(
        &mut self,
        site_id: &SiteId,
        campaign: u64,
        max: usize,
    ) -> Result<Vec<Vec<u8>>, Error> {
        if !self.is_kept(site_id, campaign)? {
            let alone = self.founder(site_id, campaign)?.filter(|(_, head)| head.review.item.is_some());
            return Ok(alone.into_iter().map(|(key, _)| key).collect());
        }
        let prefix = keys::campaign(CAMPAIGN_ITEMS, site_id, campaign);
        let range = keys::with_seq(prefix.clone(), 0)..=keys::with_seq(prefix, u64::MAX);
        let mut items = BTreeMap::new();
        for entry in self.state.tree.range(range.clone()) {
            let (key, value) = entry.map_err(|error| self.state.error(error))?;
            if items.len() >= max {
                break;
            }
            if !self.campaigns.items.contains_key(&*key) {
                items.insert(key.to_vec(), unseal(&key, &value)?.to_vec());
            }
        }
        let own = self.campaigns.items.range(range).filter_map(|(key, comment)| Some((key.clone(), comment.clone()?)));
        items.extend(own);
        Ok(items.into_values().collect())
    }

    /// Says whether a campaign has comments, this edit's own among them.
    pub(in crate::store) fn has_campaign(&mut self, site_id: &SiteId, campaign: u64) -> Result<bool, Error> {
        Ok(self.is_kept(site_id, campaign)? || self.founder(site_id, campaign)?.is_some())
    }

    /// Says whether the comments of a campaign are written down. Most texts are near to none, so what a text alone needs is
    /// not written before another one joins it.
    fn is_kept(&self, site_id: &SiteId, campaign: u64) -> Result<bool, Error> {
        let key = keys::campaign(CAMPAIGN_COUNTS, site_id, campaign);
        match self.campaigns.counts.get(&key) {
            Some(counts) => Ok(counts.members > 0),
            None => Ok(self.state.campaign_counts(&key)?.is_some()),
        }
    }

    /// Moves a comment from the campaign of its text before to that of its text now.
    pub(super) fn change_campaign(
        &mut self,
        comment_key: &[u8],
        before: Option<&CommentHead>,
        after: &CommentHead,
    ) -> Result<(), Error> {
        let site_id = &after.current.comment.site_id;
        let member = |head: &CommentHead| Member {
            campaign: head.campaign,
            waits: head.review.item.is_some(),
            // The first text of a comment gives its campaign the number of the comment's first event.
            is_founder: head.campaign == head.first_seq,
        };
        let in_any = |head: &CommentHead| Some(member(head)).filter(|member| member.campaign != 0);
        let (from, to) = (before.and_then(in_any), in_any(after));
        if from == to {
            return Ok(());
        }
        let (first_seq, mut places) = (after.first_seq, [None, None]);
        for (place, one) in places.iter_mut().zip([from, to]) {
            let Some(one) = one else { continue };
            if self.is_kept(site_id, one.campaign)? {
                *place = Some(one);
            } else if !one.is_founder {
                if let Some((key, founder)) = self.founder(site_id, one.campaign)? {
                    self.move_member(site_id, &key, founder.first_seq, [None, Some(member(&founder))])?;
                }
                *place = Some(one);
            }
        }
        self.move_member(site_id, comment_key, first_seq, places)
    }

    /// Moves a comment from one place among the members of campaigns to another.
    fn move_member(
        &mut self,
        site_id: &SiteId,
        comment_key: &[u8],
        first_seq: u64,
        [from, to]: [Option<Member>; 2],
    ) -> Result<(), Error> {
        let place = |tree: u8, campaign| keys::with_seq(keys::campaign(tree, site_id, campaign), first_seq);
        let in_campaign = |one: Option<Member>| one.map(|one| place(CAMPAIGNS, one.campaign));
        self.index(CAMPAIGNS, comment_key, in_campaign(from), in_campaign(to));
        let in_items = |one: Option<Member>| one.filter(|one| one.waits).map(|one| place(CAMPAIGN_ITEMS, one.campaign));
        let (left, came) = (in_items(from), in_items(to));
        if left != came {
            self.campaigns.items.extend(left.clone().map(|key| (key, None)));
            self.campaigns.items.extend(came.clone().map(|key| (key, Some(comment_key.to_vec()))));
        }
        self.index(CAMPAIGN_ITEMS, comment_key, left, came);
        for (one, change) in [(from, -1), (to, 1)] {
            if let Some(Member { campaign, waits, .. }) = one {
                self.count_campaign(site_id, campaign, change, i64::from(waits) * change)?;
            }
        }
        Ok(())
    }

    fn count_campaign(&mut self, site_id: &SiteId, campaign: u64, members: i64, waiting: i64) -> Result<(), Error> {
        let key = keys::campaign(CAMPAIGN_COUNTS, site_id, campaign);
        let before = match self.campaigns.counts.get(&key) {
            Some(counts) => *counts,
            None => self.state.campaign_counts(&key)?.unwrap_or_default(),
        };
        let after = Counts {
            members: before.members.saturating_add_signed(members),
            waiting: before.waiting.saturating_add_signed(waiting),
        };
        let seal = |counts: Counts| {
            (counts.members > 0).then(|| {
                value::seal(&key, 4, |out| postcard::to_io(&counts, out).map(drop).expect("memory takes plain structs"))
            })
        };
        let (old, new) = (seal(before), seal(after));
        self.put(CAMPAIGN_COUNTS, key.clone(), old.as_deref(), new);
        self.campaigns.counts.insert(key, after);
        let place = |counts: Counts| {
            (counts.members > 1 && counts.waiting > 0).then(|| keys::campaign_order(site_id, counts.waiting, campaign))
        };
        self.index(CAMPAIGN_ORDER, &[], place(before), place(after));
        Ok(())
    }

    /// Keeps a rule that a moderator set, or forgets it.
    pub(super) fn set_rule(&mut self, event: &Event, action: &Action) -> Result<(), Error> {
        let Event::CampaignRuleSet { site_id, campaign, action: asked, expires_at } = event else { return Ok(()) };
        let Actor::Moderator(set_by) = &action.actor else { return Ok(()) };
        let key = keys::campaign(CAMPAIGN_RULES, site_id, *campaign);
        let before = match self.campaigns.rules.get(&key) {
            Some(rule) => rule.clone(),
            None => self.state.campaign_rule(&key)?,
        };
        let after = asked.map(|action| Rule { action, expires_at: *expires_at, set_by: set_by.clone() });
        let seal = |rule: &Rule| value::seal(&key, 40, |out| record::encode_rule(rule, out));
        let (old, new) = (before.as_ref().map(seal), after.as_ref().map(seal));
        if old.is_some() || new.is_some() {
            self.put(CAMPAIGN_RULES, key.clone(), old.as_deref(), new);
        }
        self.campaigns.rules.insert(key, after);
        Ok(())
    }
}
