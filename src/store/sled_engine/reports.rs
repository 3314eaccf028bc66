//! What stands beside comments for review: reports with what became of them, readers who report, and notes.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{NOTES, REPORTERS, REPORTS, State, keys};
use crate::domain::{
    Action, Actor, Event, ReporterId, SiteId,
    report::{Report, ReporterRecord, Standing},
    review::Note,
    submit::CommentHead,
};
use crate::store::{Error, record};
use std::collections::{BTreeMap, HashMap};

/// What an edit has changed about reports, as it is now.
#[derive(Default)]
pub(super) struct Changed {
    reports: BTreeMap<Vec<u8>, Report>,
    reporters: HashMap<Vec<u8>, ReporterRecord>,
    notes: BTreeMap<Vec<u8>, Note>,
}

impl Edit<'_> {
    /// Returns a reader's last report on a comment, this edit's own among them.
    pub(in crate::store) fn report(
        &self,
        comment_key: &[u8],
        reporter_id: &ReporterId,
    ) -> Result<Option<Report>, Error> {
        let key = keys::report(comment_key, reporter_id);
        match self.reported.reports.get(&key) {
            Some(report) => Ok(Some(report.clone())),
            None => self.state.report(&key),
        }
    }

    /// Returns what became of a reader's reports, this edit's own changes in it.
    pub(in crate::store) fn reporter(
        &self,
        site_id: &SiteId,
        reporter_id: &ReporterId,
    ) -> Result<Option<ReporterRecord>, Error> {
        match self.reported.reporters.get(&keys::reporter(site_id, reporter_id)) {
            Some(reporter) => Ok(Some(*reporter)),
            None => self.state.reporter(site_id, reporter_id),
        }
    }

    /// Brings the reports on a comment to where an action leaves them.
    pub(super) fn change_reports(
        &mut self,
        key: &[u8],
        before: Option<&CommentHead>,
        after: &CommentHead,
        action: &Action,
    ) -> Result<(), Error> {
        let reports = |head: &CommentHead| head.review.reports;
        let (before, after) = (before.map(reports).unwrap_or_default(), reports(after));
        if before == after {
            return Ok(());
        }
        let is_about = |event: &&Event| event.comment().is_some_and(|(site_id, id)| keys::comment(site_id, id) == key);
        for event in action.events.iter().filter(is_about) {
            match event {
                Event::CommentReported { site_id, revision, said, weight, standing, .. } => {
                    let report = Report {
                        said: said.clone(),
                        revision: *revision,
                        weight: *weight,
                        reported_at: action.at,
                        standing: *standing,
                        settled_seq: 0,
                        settled_revision: 0,
                    };
                    self.put_report(key, site_id, report)?;
                }
                Event::CommentSubmitted { comment, .. } if after.open == 0 => {
                    self.close_reports(key, &comment.site_id, Standing::Lapsed, (0, 0))?;
                }
                Event::ItemSettled { site_id, verdict, revision, .. } => {
                    let standing = if verdict.approved { Standing::Refused } else { Standing::Upheld };
                    self.close_reports(key, site_id, standing, (action.first_seq, *revision))?;
                }
                Event::VerdictUndone { site_id, settled_seq, .. } => {
                    for report in self.reports_on(key)? {
                        if report.settled_seq == *settled_seq {
                            let open =
                                Report { standing: Standing::Open, settled_seq: 0, settled_revision: 0, ..report };
                            self.put_report(key, site_id, open)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Ends all open reports on a comment.
    fn close_reports(
        &mut self,
        key: &[u8],
        site_id: &SiteId,
        standing: Standing,
        (settled_seq, settled_revision): (u64, u32),
    ) -> Result<(), Error> {
        for report in self.reports_on(key)? {
            if report.standing == Standing::Open {
                self.put_report(key, site_id, Report { standing, settled_seq, settled_revision, ..report })?;
            }
        }
        Ok(())
    }

    /// Lists the reports on a comment, this edit's own changes in them.
    fn reports_on(&self, comment_key: &[u8]) -> Result<Vec<Report>, Error> {
        let prefix = keys::reports(comment_key);
        let mut reports: BTreeMap<Vec<u8>, Report> = self.state.reports_on(&prefix).collect::<Result<_, _>>()?;
        let own = self.reported.reports.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        reports.extend(own.map(|(key, report)| (key.clone(), report.clone())));
        Ok(reports.into_values().collect())
    }

    /// Writes a report over the reader's last one, and counts it among the reader's.
    fn put_report(&mut self, comment_key: &[u8], site_id: &SiteId, report: Report) -> Result<(), Error> {
        let reporter_id = report.said.reporter_id.clone();
        let before = self.report(comment_key, &reporter_id)?;
        let key = keys::report(comment_key, &reporter_id);
        let seal = |report: &Report| value::seal(&key, 200, |out| record::encode_report(report, out));
        let (old, new) = (before.as_ref().map(seal), seal(&report));
        self.put(REPORTS, key.clone(), old.as_deref(), Some(new));
        let (from, to) = (before.filter(|before| is_same(before, &report)).map(|one| one.standing), report.standing);
        self.reported.reports.insert(key, report);
        self.change_reporter(site_id, &reporter_id, from, to)
    }

    /// Moves a report from one count of the reader's to another.
    fn change_reporter(
        &mut self,
        site_id: &SiteId,
        reporter_id: &ReporterId,
        from: Option<Standing>,
        to: Standing,
    ) -> Result<(), Error> {
        let before = self.reporter(site_id, reporter_id)?;
        let mut after = before.unwrap_or_default();
        if let Some(from) = from {
            after.take_away(from);
        }
        after.add(to);
        if Some(after) == before || (before.is_none() && after == ReporterRecord::default()) {
            return Ok(());
        }
        let key = keys::reporter(site_id, reporter_id);
        let seal = |record: &ReporterRecord| value::seal(&key, 8, |out| record::encode_reporter(*record, out));
        let (old, new) = (before.as_ref().map(seal), seal(&after));
        self.reported.reporters.insert(key.clone(), after);
        self.put(REPORTERS, key, old.as_deref(), Some(new));
        Ok(())
    }

    /// Keeps a note.
    pub(super) fn add_note(&mut self, seq: u64, event: &Event, action: &Action) {
        let Event::NoteAdded { site_id, comment_id, text, .. } = event else { return };
        let Actor::Moderator(moderator_id) = &action.actor else { return };
        let note = Note { moderator_id: moderator_id.clone(), noted_at: action.at, text: text.clone() };
        let key = keys::with_seq(keys::notes(&keys::comment(site_id, comment_id)), seq);
        let sealed = value::seal(&key, text.as_str().len() + 40, |out| record::encode_note(&note, out));
        self.put(NOTES, key.clone(), None, Some(sealed));
        self.reported.notes.insert(key, note);
    }

    /// Takes the words out of all that stands beside a comment.
    pub(super) fn erase_beside(&mut self, comment_key: &[u8], site_id: &SiteId) -> Result<(), Error> {
        for mut report in self.reports_on(comment_key)? {
            report.erase();
            self.put_report(comment_key, site_id, report)?;
        }
        let prefix = keys::notes(comment_key);
        let mut notes: BTreeMap<Vec<u8>, Note> = self.state.notes_on(&prefix).collect::<Result<_, _>>()?;
        let own = self.reported.notes.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        notes.extend(own.map(|(key, note)| (key.clone(), note.clone())));
        for (key, mut note) in notes {
            let seal = |note: &Note| value::seal(&key, 40, |out| record::encode_note(note, out));
            let old = seal(&note);
            note.erase();
            let new = seal(&note);
            self.put(NOTES, key.clone(), Some(&old), Some(new));
            self.reported.notes.insert(key, note);
        }
        Ok(())
    }
}

/// Returns whether two entries are of one report, not of one and a later one of the same reader: what became of an earlier
/// one stays counted.
fn is_same(one: &Report, other: &Report) -> bool {
    (one.revision, one.reported_at) == (other.revision, other.reported_at)
}

impl State {
    fn report(&self, key: &[u8]) -> Result<Option<Report>, Error> {
        let Some(value) = self.tree.get(key).map_err(|error| self.error(error))? else { return Ok(None) };
        let report = record::decode_report(unseal(key, &value)?);
        report.map(Some).map_err(|_| damaged("a report cannot be read"))
    }

    fn reporter(&self, site_id: &SiteId, reporter_id: &ReporterId) -> Result<Option<ReporterRecord>, Error> {
        let key = keys::reporter(site_id, reporter_id);
        let Some(value) = self.tree.get(&key).map_err(|error| self.error(error))? else { return Ok(None) };
        let reporter = record::decode_reporter(unseal(&key, &value)?);
        reporter.map(Some).map_err(|_| damaged("what is known of a reader who reports cannot be read"))
    }

    fn reports_on(&self, prefix: &[u8]) -> impl Iterator<Item = Result<(Vec<u8>, Report), Error>> + '_ {
        self.tree.scan_prefix(prefix).map(|entry| {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            let report = record::decode_report(unseal(&key, &value)?);
            Ok((key.to_vec(), report.map_err(|_| damaged("a report cannot be read"))?))
        })
    }

    /// Returns the latest reports on a comment, the newest first.
    pub(in crate::store) fn latest_reports(&self, comment_key: &[u8], max: usize) -> Result<Vec<Report>, Error> {
        let reports = self.reports_on(&keys::reports(comment_key)).map(|entry| entry.map(|(_, report)| report));
        let mut reports = reports.collect::<Result<Vec<_>, _>>()?;
        reports.sort_by_key(|report| std::cmp::Reverse(report.reported_at));
        reports.truncate(max);
        Ok(reports)
    }

    /// Returns the latest notes on a comment, the newest first.
    pub(in crate::store) fn latest_notes(&self, comment_key: &[u8], max: usize) -> Result<Vec<Note>, Error> {
        let notes = self.notes_on(&keys::notes(comment_key)).rev().take(max);
        notes.map(|entry| entry.map(|(_, note)| note)).collect()
    }

    fn notes_on(&self, prefix: &[u8]) -> impl DoubleEndedIterator<Item = Result<(Vec<u8>, Note), Error>> + '_ {
        self.tree.scan_prefix(prefix).map(|entry| {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            let note = record::decode_note(unseal(&key, &value)?);
            Ok((key.to_vec(), note.map_err(|_| damaged("a note cannot be read"))?))
        })
    }
}
