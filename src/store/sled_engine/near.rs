//! An index of near-copies, in memory: the fingerprints of the newest texts, found by what they have in common.
//!
//! Near-copies come within hours or days of each other, so the newest texts are enough, and a submission need not pay for
//! entries in the database that each of its hashes would lead to. What a lookup costs is bounded: three pairs of hashes, the
//! newest few texts of each. So a submission takes the same time however many comments are stored and however large a campaign
//! is.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{NEAR, State, keys};
use crate::domain::{Fingerprint, SiteId, submit::CommentHead};
use crate::store::{
    Error,
    record::{self, NearEntry},
};
use std::{
    collections::{HashMap, HashSet},
    sync::PoisonError,
};

/// How many texts are in the index.
const TEXTS_MAX: usize = 1 << 17;
/// How many of the newest texts with a pair of hashes in common are looked at.
const LOOKED_AT: usize = 32;
/// How many pairs of hashes lead to a text. Of near-copies at most two hashes differ, so they have one of three in common.
const PAIRS: usize = 3;

/// A text in the index.
#[derive(Debug, Clone, Copy)]
struct Text {
    /// The number of its comment's first event.
    first_seq: u64,
    /// Unknown where the text is no longer there.
    fingerprint: Fingerprint,
    campaign: u64,
    /// How many texts before it the one before it with the same pair came; 0 where none did.
    back: [u32; PAIRS],
}

/// The texts, in the order in which they came; the oldest goes for the next.
#[derive(Debug)]
pub(super) struct NearIndex {
    texts_max: usize,
    /// The text of number `n` stands at `(n - 1) % texts_max`.
    texts: Vec<Text>,
    /// How many have come; the last one has this number. The first has 1.
    came: u64,
    /// The last text that has a pair.
    last: HashMap<u64, u64>,
    by_seq: HashMap<u64, u64>,
    sites: HashMap<SiteId, u32>,
}

/// What is known of the text that is nearest to another: how many hashes they have in common, its comment, its campaign.
type Nearest = (u32, u64, u64);

impl NearIndex {
    fn new(texts_max: usize) -> Self {
        let (last, by_seq, sites) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { texts_max, texts: Vec::new(), came: 0, last, by_seq, sites }
    }

    /// Adds the text that a comment has now, in the place of the one that it had.
    fn add(&mut self, first_seq: u64, entry: &NearEntry) {
        self.remove(first_seq);
        if entry.fingerprint.near == 0 {
            return;
        }
        let number_of_sites = u32::try_from(self.sites.len()).unwrap_or(u32::MAX);
        let site = *self.sites.entry(entry.site_id.clone()).or_insert(number_of_sites);
        self.came += 1;
        if self.texts.len() == self.texts_max {
            self.forget(self.came - self.texts_max as u64);
        }
        let mut text = Text { first_seq, fingerprint: entry.fingerprint, campaign: entry.campaign, back: [0; PAIRS] };
        for (back, key) in text.back.iter_mut().zip(pairs(site, entry.fingerprint)) {
            let before = self.last.insert(key, self.came);
            *back = before.and_then(|before| u32::try_from(self.came - before).ok()).unwrap_or(0);
        }
        self.by_seq.insert(first_seq, self.came);
        if self.texts.len() < self.texts_max {
            self.texts.push(text);
        } else {
            let place = self.place(self.came);
            self.texts[place] = text;
        }
    }

    /// Takes the text of a comment out, where there is one.
    fn remove(&mut self, first_seq: u64) {
        if let Some(number) = self.by_seq.remove(&first_seq) {
            let place = self.place(number);
            // It stays a step on the way to those before it.
            self.texts[place].fingerprint = Fingerprint::default();
        }
    }

    /// Forgets what leads to the oldest text, whose place the next one takes.
    fn forget(&mut self, number: u64) {
        let Text { first_seq, .. } = self.texts[self.place(number)];
        if self.by_seq.get(&first_seq) == Some(&number) {
            self.by_seq.remove(&first_seq);
        }
        // A pair that no newer text has leads nowhere any more.
        if number.is_multiple_of(self.texts_max as u64 / 4) {
            let oldest = self.came.saturating_sub(self.texts_max as u64);
            self.last.retain(|_, last| *last > oldest);
        }
    }

    fn nearest(&self, site_id: &SiteId, fingerprint: Fingerprint, gone: &HashSet<u64>) -> Option<Nearest> {
        let site = *self.sites.get(site_id)?;
        let oldest = self.came.saturating_sub(self.texts_max as u64);
        let mut best = None;
        for (pair, key) in pairs(site, fingerprint).enumerate() {
            let Some(mut number) = self.last.get(&key).copied() else { continue };
            for _ in 0..LOOKED_AT {
                if number <= oldest {
                    break;
                }
                let text = &self.texts[self.place(number)];
                if text.fingerprint.is_near(fingerprint) && !gone.contains(&text.first_seq) {
                    best = best.max(Some((text.fingerprint.alike(fingerprint), text.first_seq, text.campaign)));
                }
                if text.back[pair] == 0 {
                    break;
                }
                number -= u64::from(text.back[pair]);
            }
        }
        best
    }

    fn place(&self, number: u64) -> usize {
        usize::try_from((number - 1) % self.texts_max as u64).expect("there are fewer texts than a usize counts")
    }
}

/// Lists what leads to a text: its site, which pair it is, and the pair.
fn pairs(site: u32, fingerprint: Fingerprint) -> impl Iterator<Item = u64> {
    let key = move |(pair, hashes): (u64, u16)| u64::from(site) << 32 | pair << 16 | u64::from(hashes);
    (0..).zip(fingerprint.pairs()).take(PAIRS).map(key)
}

/// What an edit changes about near-copies.
#[derive(Default)]
pub(super) struct Changed {
    /// Texts that came, in that order.
    came: Vec<(u64, NearEntry)>,
    /// The comments whose text from before the edit is no longer there.
    gone: HashSet<u64>,
}

impl State {
    /// Reads the newest texts into the index, where that wasn't done yet.
    pub(super) fn load_near(&self) -> Result<(), Error> {
        let mut near = self.near.lock().unwrap_or_else(PoisonError::into_inner);
        if near.is_some() {
            return Ok(());
        }
        let mut newest = Vec::new();
        for entry in self.tree.scan_prefix([NEAR]).take(TEXTS_MAX) {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            newest.push((keys::near_seq(&key).unwrap_or_default(), near_entry(&key, &value)?));
        }
        let mut index = NearIndex::new(TEXTS_MAX);
        for (first_seq, entry) in newest.iter().rev() {
            index.add(*first_seq, entry);
        }
        *near = Some(index);
        Ok(())
    }

    /// Takes over what an edit has changed, once it is committed.
    pub(super) fn change_near(&self, changed: Changed) {
        let mut near = self.near.lock().unwrap_or_else(PoisonError::into_inner);
        // What nobody has asked yet is read when somebody does.
        let Some(index) = near.as_mut() else { return };
        for first_seq in changed.gone {
            index.remove(first_seq);
        }
        for (first_seq, entry) in changed.came {
            index.add(first_seq, &entry);
        }
    }

    /// Returns the comment whose first text has given a campaign its number, where it is still of that campaign.
    pub(super) fn founder(&self, site_id: &SiteId, campaign: u64) -> Result<Option<CommentHead>, Error> {
        let Some(key) = self.founder_key(site_id, campaign)? else { return Ok(None) };
        Ok(self.head(&key)?.filter(|head| head.campaign == campaign))
    }

    fn founder_key(&self, site_id: &SiteId, campaign: u64) -> Result<Option<Vec<u8>>, Error> {
        let key = keys::near(campaign);
        let Some(value) = self.tree.get(&key).map_err(|error| self.error(error))? else { return Ok(None) };
        let entry = near_entry(&key, &value)?;
        Ok((entry.site_id == *site_id).then(|| keys::comment(site_id, &entry.comment_id)))
    }
}

impl Edit<'_> {
    /// Finds the campaign of the text that is nearest to a new one, the texts of this edit among them.
    pub(super) fn nearest(&self, site_id: &SiteId, fingerprint: Fingerprint) -> Result<Option<u64>, Error> {
        self.state.load_near()?;
        let near = self.state.near.lock().unwrap_or_else(PoisonError::into_inner);
        let committed = near.as_ref().and_then(|index| index.nearest(site_id, fingerprint, &self.near.gone));
        let is_near = |entry: &NearEntry| entry.site_id == *site_id && entry.fingerprint.is_near(fingerprint);
        let own = self.near.came.iter().filter(|(_, entry)| is_near(entry));
        let own = own.map(|(first_seq, entry)| (entry.fingerprint.alike(fingerprint), *first_seq, entry.campaign));
        Ok(committed.into_iter().chain(own).max().map(|(_, _, campaign)| campaign))
    }

    /// Returns the key of the comment whose first text has given a campaign its number, and its head, where it is still of
    /// that campaign.
    pub(super) fn founder(&mut self, site_id: &SiteId, campaign: u64) -> Result<Option<(Vec<u8>, CommentHead)>, Error> {
        let own = self.near.came.iter().find(|(first_seq, entry)| *first_seq == campaign && entry.site_id == *site_id);
        let key = match own {
            Some((_, entry)) => Some(keys::comment(site_id, &entry.comment_id)),
            None => self.state.founder_key(site_id, campaign)?,
        };
        let Some(key) = key else { return Ok(None) };
        let head = self.slot(&key)?.head.clone();
        Ok(head.filter(|head| head.campaign == campaign).map(|head| (key, head)))
    }

    /// Puts the text that a comment has now in the place of the one before.
    pub(super) fn change_near(&mut self, before: Option<&CommentHead>, after: &CommentHead) {
        let entry = |head: &CommentHead| {
            let comment = &head.current.comment;
            // The exact part isn't kept here.
            let fingerprint = Fingerprint { exact: 0, ..head.fingerprint };
            (head.campaign != 0).then(|| NearEntry {
                site_id: comment.site_id.clone(),
                comment_id: comment.comment_id.clone(),
                fingerprint,
                campaign: head.campaign,
            })
        };
        let (from, to) = (before.and_then(entry), entry(after));
        if from == to {
            return;
        }
        let key = keys::near(after.first_seq);
        let seal = |entry: &NearEntry| value::seal(&key, 80, |out| record::encode_near(entry, out));
        let (old, new) = (from.as_ref().map(seal), to.as_ref().map(seal));
        self.put(NEAR, key, old.as_deref(), new);
        if from.is_some() {
            self.near.gone.insert(after.first_seq);
            self.near.came.retain(|(first_seq, _)| *first_seq != after.first_seq);
        }
        self.near.came.extend(to.map(|entry| (after.first_seq, entry)));
    }
}

fn near_entry(key: &[u8], value: &[u8]) -> Result<NearEntry, Error> {
    record::decode_near(unseal(key, value)?).map_err(|_| damaged("an entry of near-copies cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CommentId;
    use rand::{Rng, SeedableRng, rngs::StdRng};
    use std::collections::VecDeque;

    fn entry(site_id: &SiteId, near: u64) -> NearEntry {
        let (site_id, comment_id) = (site_id.clone(), CommentId::new("c"));
        NearEntry { site_id, comment_id, fingerprint: Fingerprint { exact: 0, near }, campaign: 1 }
    }

    /// The newest texts as they came, looked at one by one.
    #[derive(Default)]
    struct Plain(VecDeque<(SiteId, u64, NearEntry)>);

    impl Plain {
        fn remove(&mut self, first_seq: u64) {
            for text in self.0.iter_mut().filter(|text| text.1 == first_seq) {
                text.2.fingerprint = Fingerprint::default();
            }
        }

        fn add(&mut self, site_id: &SiteId, first_seq: u64, entry: &NearEntry) {
            self.remove(first_seq);
            self.0.push_back((site_id.clone(), first_seq, entry.clone()));
        }

        fn nearest(&self, site_id: &SiteId, fingerprint: Fingerprint, texts_max: usize) -> Option<Nearest> {
            let newest = self.0.iter().rev().take(texts_max);
            let near = newest.filter(|(site, _, entry)| site == site_id && entry.fingerprint.is_near(fingerprint));
            near.map(|(_, seq, entry)| (entry.fingerprint.alike(fingerprint), *seq, entry.campaign)).max()
        }
    }

    #[test]
    fn the_index_finds_what_looking_at_each_of_the_newest_texts_finds() {
        let mut random = StdRng::seed_from_u64(7);
        let (mut index, mut plain) = (NearIndex::new(64), Plain::default());
        let (sites, mut found) = ([SiteId::new("a"), SiteId::new("b")], 0);
        for seq in 1..3000_u64 {
            // A few texts with many near-copies, each with one or two hashes of its own.
            let text = 0x0102_0304_0506_0708_u64.wrapping_mul(random.gen_range(1..24) * 2 + 1);
            let change = |random: &mut StdRng| 0xFF << (8 * random.gen_range(0..8));
            let near = text ^ change(&mut random) ^ change(&mut random);
            let site_id = &sites[random.gen_range(0..2)];
            let fingerprint = Fingerprint { exact: 0, near };
            let nearest = index.nearest(site_id, fingerprint, &HashSet::new());
            assert_eq!(nearest, plain.nearest(site_id, fingerprint, 64), "at {seq}");
            found += usize::from(nearest.is_some());
            let campaign = nearest.map_or(seq, |(_, _, campaign)| campaign);
            let entry = NearEntry { campaign, ..entry(site_id, near) };
            // Some are edits of earlier comments, some erasures.
            let of = if random.gen_bool(0.2) { seq.saturating_sub(random.gen_range(0..90)).max(1) } else { seq };
            index.add(of, &entry);
            plain.add(site_id, of, &entry);
            if random.gen_bool(0.1) {
                let erased = seq.saturating_sub(random.gen_range(0..90));
                index.remove(erased);
                plain.remove(erased);
            }
            assert!(
                index.texts.len() <= 64 && index.by_seq.len() <= 64 && index.last.len() <= 3 * 80,
                "it stays small"
            );
        }
        assert!(found > 300, "{found} were near to others");
    }

    #[test]
    fn a_lookup_looks_at_the_newest_of_a_large_campaign() {
        let site_id = SiteId::new("a");
        let mut index = NearIndex::new(1024);
        for seq in 1..=1000 {
            index.add(seq, &entry(&site_id, 7));
        }
        let nearest = index.nearest(&site_id, Fingerprint { exact: 0, near: 7 }, &HashSet::new());
        assert_eq!(nearest, Some((8, 1000, 1)));
        let gone: HashSet<u64> = (969..=1000).collect();
        assert_eq!(
            index.nearest(&site_id, Fingerprint { exact: 0, near: 7 }, &gone),
            None,
            "no more than 32 are looked at"
        );
    }
}
