//! Proves that a closed data directory is whole: the journal in itself, the state in itself, and that the state is what
//! the journal gives.
//!
//! In comes a directory that nobody has open; out goes a report. The directory is only read: sled writes when it opens,
//! so it opens a copy of the state, beside a second state that is built from the journal. Both lie in a folder of the
//! system's temporary directory (`TMPDIR`), which needs room for them and is removed at the end.
//!
//! Start reading at [`verify`].

use super::journal::{Damage, verify::check};
use super::sled_engine::{State, TREES, open};
use super::{Error, Head, Options, Progress, Stage, lock::DirLock};
use std::{
    cmp::Ordering,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// Something that is not as it should be, or not yet. It names places and numbers, never ids, names or texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file or folder.
    pub path: PathBuf,
    /// Where in the file, in bytes.
    pub offset: Option<u64>,
    /// The number of the event that is, or should be, there.
    pub seq: Option<u64>,
    /// What is wrong.
    pub what: String,
}

impl From<Damage> for Finding {
    fn from(Damage { path, offset, seq, what }: Damage) -> Self {
        Self { path, offset: Some(offset), seq: Some(seq), what: what.into() }
    }
}

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Where the journal's chain ends.
    pub head: Option<Head>,
    /// Those of the noted heads up to which nothing was changed or removed.
    pub held: Vec<Head>,
    /// How many journal segments there are.
    pub segments: u64,
    /// How many good records are in them, one per action.
    pub records: u64,
    /// How many of these records had their private part erased.
    pub erased: u64,
    /// The number of the journal's last event.
    pub last_seq: u64,
    /// The number of the last event that the state holds. After a crash it may be lower than the journal's: the next
    /// start replays the rest.
    pub applied_seq: Option<u64>,
    /// How many comments the state holds.
    pub comments: u64,
    /// How many entries of the state, of all trees, were compared with what the journal gives.
    pub entries_compared: u64,
    /// What a process that was killed, or that the disk refused, has left to do; the next start does it. It is no damage.
    pub unfinished: Vec<Finding>,
    /// What is wrong; empty where all is well.
    pub findings: Vec<Finding>,
}

impl VerifyReport {
    /// Returns whether nothing is wrong. Something may be unfinished.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Verifies a data directory that no process has open.
///
/// # Errors
///
/// [`Error::Locked`] where a process has it open; [`Error::Io`] where it cannot be read, or where there is no room
/// for the copy. Damage is no error but a finding.
pub fn verify(dir: &Path, progress: &dyn Fn(Progress)) -> Result<VerifyReport, Error> {
    verify_against(dir, &[], progress)
}

/// Returns where the chain of a data directory's journal ends, which no process may have open.
///
/// # Errors
///
/// As [`verify`]; besides, [`Error::JournalDamaged`] where the journal is not whole.
pub fn head_of(dir: &Path, progress: &dyn Fn(Progress)) -> Result<Head, Error> {
    let _lock = DirLock::take_if_there(dir)?;
    let path = open::journal_path(dir);
    let journal = check(&path, &[], progress)?;
    match journal.findings.into_iter().next() {
        None => Ok(journal.head),
        Some(Finding { path, offset: Some(offset), seq: Some(seq), .. }) => {
            Err(Error::JournalDamaged { path, offset, seq, what: "the journal is not whole" })
        }
        Some(Finding { path, .. }) => Err(Error::JournalNotWhole { path }),
    }
}

/// Does what [`verify`] does, and finds out whether heads that were noted before are still the journal's: then nothing up
/// to them was changed or removed.
///
/// # Errors
///
/// As [`verify`]. A head that is not the journal's is a finding.
pub fn verify_against(dir: &Path, noted: &[Head], progress: &dyn Fn(Progress)) -> Result<VerifyReport, Error> {
    let _lock = DirLock::take_if_there(dir)?;
    let journal = check(&open::journal_path(dir), noted, progress)?;
    let mut report = VerifyReport {
        head: Some(journal.head),
        held: journal.held,
        segments: journal.segments,
        records: journal.records,
        erased: journal.erased,
        last_seq: journal.last_seq,
        unfinished: journal.unfinished,
        findings: journal.findings,
        ..VerifyReport::default()
    };
    let journal_is_whole = report.is_sound();
    let left = open::unfinished(dir);
    let is_exchanged = !left.is_empty() && !open::state_path(dir).exists();
    for path in left {
        let what = "a database that was being built anew, or replaced; the next start removes it";
        report.unfinished.push(Finding { path, offset: None, seq: None, what: what.into() });
    }
    match verify_state(dir, &mut report, journal_is_whole, progress) {
        // A crash between the two renamings of an exchange leaves none.
        Err(Error::StateDamaged { what }) if is_exchanged => {
            report.unfinished.push(Finding { path: open::state_path(dir), offset: None, seq: None, what });
            Ok(report)
        }
        Err(Error::StateDamaged { what }) => {
            report.findings.push(Finding { path: open::state_path(dir), offset: None, seq: None, what });
            Ok(report)
        }
        Err(error) => Err(error),
        Ok(()) => Ok(report),
    }
}

fn verify_state(
    dir: &Path,
    report: &mut VerifyReport,
    journal_is_whole: bool,
    progress: &dyn Fn(Progress),
) -> Result<(), Error> {
    let damaged = |what: &str| Err(Error::StateDamaged { what: what.into() });
    let path = open::state_path(dir);
    if !path.exists() {
        return damaged("it is missing; the next start builds it anew");
    }
    let workshop = Workshop::new()?;
    let options = Options::default();
    let copy = workshop.0.join("state");
    copy_dir(&path, &copy).map_err(|source| Error::Io { path, source })?;
    let state = open::open_checked(&copy, &options)?;
    let summary = state.summary();
    report.applied_seq = Some(summary.applied_seq);
    report.comments = summary.totals[0].count;
    if !journal_is_whole {
        return Ok(());
    }
    if summary.applied_seq > report.last_seq {
        return damaged("it is ahead of the journal");
    }
    let expected = open::open_checked(&workshop.0.join("expected"), &options)?;
    let end = open::JournalEnd { seq: summary.applied_seq };
    // sled can panic over a damaged copy even after it passed its check.
    catch_unwind(AssertUnwindSafe(move || {
        open::catch_up(&expected, dir, end, progress)?;
        if expected.summary().applied_hash != summary.applied_hash {
            return damaged("it comes from another journal");
        }
        let total = summary.totals.iter().map(|total| total.count).sum();
        for (tree, name) in (0..).zip(TREES) {
            compare([&state, &expected], (tree, name), dir, report, &|done| {
                progress(Progress { stage: Stage::ComparingState, done, total });
            })?;
        }
        Ok(())
    }))
    .unwrap_or_else(|_| damaged("sled panicked"))
}

/// Walks one tree of both states side by side; no more than an entry of each is in memory.
fn compare(
    [state, expected]: [&State; 2],
    (tree, name): (u8, &str),
    dir: &Path,
    report: &mut VerifyReport,
    progress: &dyn Fn(u64),
) -> Result<(), Error> {
    let (mut ours, mut theirs) = (state.entries(tree), expected.entries(tree));
    let (mut our, mut their) = (ours.next().transpose()?, theirs.next().transpose()?);
    let (mut missing, mut surplus, mut different, mut unsound) = (0_u64, 0_u64, 0_u64, 0_u64);
    loop {
        let order = match (&our, &their) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((our, _)), Some((their, _))) => our.cmp(their),
        };
        if let Some((key, value)) = &our
            && order.is_le()
        {
            unsound += u64::from(!State::is_sound(key, value));
        }
        match order {
            Ordering::Less => surplus += 1,
            Ordering::Greater => missing += 1,
            Ordering::Equal => different += u64::from(our != their),
        }
        if order.is_le() {
            our = ours.next().transpose()?;
        }
        if order.is_ge() {
            their = theirs.next().transpose()?;
        }
        report.entries_compared += 1;
        if report.entries_compared.is_multiple_of(1000) {
            progress(report.entries_compared);
        }
    }
    for (count, what) in [
        (missing, "are missing"),
        (surplus, "should not be there"),
        (different, "differ from what the journal gives"),
        (unsound, "fail their checksum"),
    ] {
        if count > 0 {
            let what = format!("{count} entries of {name} {what}");
            report.findings.push(Finding { path: open::state_path(dir), offset: None, seq: None, what });
        }
    }
    Ok(())
}

/// A folder for copies, for the owner alone, which goes in the end.
struct Workshop(PathBuf);

impl Workshop {
    fn new() -> Result<Self, Error> {
        let path = std::env::temp_dir().join(format!("ombud-verify-{}", uuid::Uuid::new_v4()));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        Ok(Self(path))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "a copy of the state could not be removed");
        }
    }
}

fn copy_dir(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
