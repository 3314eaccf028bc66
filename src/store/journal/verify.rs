//! Looks at a journal without touching it, and goes on after damage to find more.

use super::frame::Frame;
use super::walk::{self, Damage, Observer};
use super::watermark::{self, Found};
use super::{Tail, rewrite, tail, watermark_path};
use crate::domain::{AuthorId, CommentId, Event, SiteId};
use crate::store::verify::Finding;
use crate::store::{
    Error, Head, Progress, Stage,
    record::{self, Whose},
};
use std::{collections::HashMap, path::Path};

/// What was found.
#[derive(Debug)]
pub(in crate::store) struct JournalCheck {
    /// How many segments there are.
    pub(in crate::store) segments: u64,
    /// How many good records.
    pub(in crate::store) records: u64,
    /// How many of them have lost their private part to an erasure.
    pub(in crate::store) erased: u64,
    /// The number of the last event.
    pub(in crate::store) last_seq: u64,
    /// Where the chain ends.
    pub(in crate::store) head: Head,
    /// What a process that was killed has left to do.
    pub(in crate::store) unfinished: Vec<Finding>,
    /// Those of the noted heads up to which nothing was changed or removed.
    pub(in crate::store) held: Vec<Head>,
    /// What is wrong.
    pub(in crate::store) findings: Vec<Finding>,
}

/// Checks lengths, checksums, numbers, the chain of hashes, private parts, contents and the watermark.
///
/// Of a damaged segment, the first bad place is named. Each of the `noted` heads must be one of this journal's.
pub(in crate::store) fn check(dir: &Path, noted: &[Head], progress: &dyn Fn(Progress)) -> Result<JournalCheck, Error> {
    let mark_path = watermark_path(dir);
    let found = watermark::read(&mark_path).map_err(|source| Error::Io { path: mark_path.clone(), source })?;
    let mark = if let Found::Good(mark) = found { Some(mark) } else { None };
    let head = Head { seq: 0, hash: [0; 32] };
    let (held, unfinished, findings) = (Vec::new(), Vec::new(), Vec::new());
    let check = JournalCheck { segments: 0, records: 0, erased: 0, last_seq: 0, head, held, unfinished, findings };
    // Nothing stands before the first event.
    let met = noted.iter().copied().filter(|noted| *noted == head).collect();
    let mut noting = Noting { check, noted, met, erased: HashMap::new(), progress };
    let walked = walk::walk(dir, mark, &mut noting)?;
    let Noting { mut check, met, erased, .. } = noting;
    if !erased.is_empty() {
        let mut left = WordsLeft { erased, records: 0 };
        walk::walk(dir, None, &mut left)?;
        let WordsLeft { records, .. } = left;
        if records > 0 {
            let what = format!("{} of comments that were erased; the next start removes them", words_in(records));
            check.unfinished.push(Finding { path: dir.to_owned(), offset: None, seq: None, what });
        }
    }
    for path in &walked.superseded {
        let what = "all of its records stand in the file before, to which it was joined; the next start removes it";
        check.unfinished.push(Finding { path: path.clone(), offset: None, seq: None, what: what.into() });
    }
    for path in rewrite::leftovers(dir).map_err(|source| Error::Io { path: dir.to_owned(), source })? {
        let what = "a copy that was never put to use; the next start removes it";
        check.unfinished.push(Finding { path, offset: None, seq: None, what: what.into() });
    }
    check.head = Head { seq: walked.next_seq - 1, hash: walked.hash };
    for head in noted.iter().filter(|head| !met.contains(head)) {
        let what = "the head that was noted here is not this journal's: something up to it was changed or removed";
        check.findings.push(Finding { path: dir.to_owned(), offset: None, seq: Some(head.seq), what: what.into() });
    }
    check.segments = walk::segments(dir)?.len() as u64;
    check.records = walked.records;
    check.last_seq = walked.next_seq - 1;
    let judgement = tail::judge(dir, &walked, found)?;
    let at_the_end = |what: String| Finding {
        path: walked.last.as_ref().map_or_else(|| dir.to_owned(), |(segment, _)| segment.path.clone()),
        offset: walked.last.as_ref().map(|(_, good)| *good),
        seq: Some(walked.next_seq),
        what,
    };
    match judgement.tail {
        Tail::Torn(what) => {
            check.findings.push(at_the_end(format!("{what}; it was never acknowledged and the next start cuts it")));
        }
        Tail::Short(missing) => {
            let (first, last) = (missing.start(), missing.end());
            check.findings.push(at_the_end(format!("events {first} to {last} were synced and are missing")));
        }
        Tail::Whole | Tail::Damaged => {}
    }
    check.findings.extend(judgement.damage.map(Finding::from));
    if !judgement.watermark_fits && walked.last.is_some() {
        let what = match found {
            Found::Missing => "the watermark is missing",
            Found::Damaged => "the watermark is damaged",
            Found::Good(_) => "the watermark speaks of another journal",
        };
        check.findings.push(Finding { path: mark_path, offset: None, seq: None, what: what.into() });
    }
    let is_whole_to = |head: &Head| check.findings.iter().all(|found| found.seq.is_none_or(|seq| seq > head.seq));
    check.held = noted.iter().copied().filter(|head| met.contains(head) && is_whole_to(head)).collect();
    Ok(check)
}

fn words_in(records: u64) -> String {
    if records == 1 { "1 record holds words".into() } else { format!("{records} records hold words") }
}

/// A comment, or the labels on it that name an author.
type ErasedKey = (SiteId, CommentId, Option<AuthorId>);

struct Noting<'a> {
    check: JournalCheck,
    noted: &'a [Head],
    /// Those of the noted heads that are this journal's.
    met: Vec<Head>,
    /// What was erased, by the number of the last event that did it.
    erased: HashMap<ErasedKey, u64>,
    progress: &'a dyn Fn(Progress),
}

/// Counts records with words that should have gone.
struct WordsLeft {
    erased: HashMap<ErasedKey, u64>,
    records: u64,
}

impl Observer for WordsLeft {
    fn record(&mut self, _: &Path, _: u64, frame: &Frame<'_>) -> Result<(), Error> {
        let is_erased = |Whose { site_id, comment_id, label_by }: &Whose, seq: u64| {
            let erased = |by: Option<&AuthorId>| self.erased.get(&(site_id.clone(), comment_id.clone(), by.cloned()));
            let of_label = label_by.as_ref().and_then(|by| erased(Some(by)));
            erased(None).max(of_label).is_some_and(|erased_seq| seq < *erased_seq)
        };
        self.records += u64::from(rewrite::must_go(frame, &is_erased) != Some(false));
        Ok(())
    }

    fn damage(&mut self, _: Damage) -> Result<(), Error> {
        Ok(())
    }

    fn progress(&mut self, _: u64, _: u64) {}
}

impl Observer for Noting<'_> {
    fn record(&mut self, path: &Path, offset: u64, frame: &Frame<'_>) -> Result<(), Error> {
        self.check.erased += u64::from(frame.private.is_empty());
        self.met.extend(self.noted.iter().filter(|head| head.seq == frame.last_seq() && head.hash == frame.hash()));
        let action = record::decode_action(frame.first_seq, frame.body, frame.private);
        let what = match (record::private_part_fits(frame.body, frame.private), action) {
            (Ok(false), _) => "the private part is not the one that was written",
            (Ok(true), Ok(action)) if action.events.len() == frame.events as usize => {
                self.erased.extend(action.events.into_iter().filter_map(|event| match event {
                    Event::CommentErased { site_id, comment_id } => {
                        Some(((site_id, comment_id, None), frame.first_seq))
                    }
                    Event::LabelsErased { site_id, comment_id, author_id } => {
                        Some(((site_id, comment_id, Some(author_id)), frame.first_seq))
                    }
                    _ => None,
                }));
                return Ok(());
            }
            _ => "the record's contents are not of its version",
        };
        self.damage(Damage { path: path.to_owned(), offset, seq: frame.first_seq, what })
    }

    fn damage(&mut self, damage: Damage) -> Result<(), Error> {
        self.check.findings.push(damage.into());
        Ok(())
    }

    fn progress(&mut self, done: u64, total: u64) {
        (self.progress)(Progress { stage: Stage::ReadingJournal, done, total });
    }
}
