//! `ombud verify` and `ombud audit`: prove that a stopped server's data directory is whole, and stays what it was when a
//! server, stopped or running, was asked.

use super::args::{AuditCommand, VerifyArgs};
use super::client::{Refused, block_on, connect_to_admin};
use super::progress::Bar;
use super::{Ended, output, serve};
use crate::grpc::pb;
use crate::store::{self, VerifyReport};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Report {
    sound: bool,
    segments: u64,
    records: u64,
    erased: u64,
    last_seq: u64,
    head: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    heads_held: Vec<String>,
    applied_seq: Option<u64>,
    comments: u64,
    entries_compared: u64,
    unfinished: Vec<Finding>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    what: String,
}

pub(crate) fn run(args: &VerifyArgs) -> anyhow::Result<Ended> {
    let bar = Bar::measured();
    let report = store::verify_against(&args.data_dir, &args.head, &|progress| serve::show(&bar, progress));
    bar.finish();
    let report = report?;
    let ended = Ended::done_if(report.is_sound());
    if args.json {
        output::json_line(&mut io::stdout().lock(), &json(report))?;
    } else {
        print(&report)?;
    }
    Ok(ended)
}

pub(crate) fn audit(command: AuditCommand) -> anyhow::Result<Ended> {
    let AuditCommand::Head(args) = command;
    let head = match args.place() {
        Ok(server) => block_on(async move {
            let mut client = connect_to_admin(&server).await?;
            let answer = client.get_journal_head(pb::GetJournalHeadRequest {}).await.map_err(Refused)?;
            Ok(answer.into_inner().head)
        })?,
        Err(data_dir) => {
            let bar = Bar::measured();
            let head = store::head_of(&data_dir, &|progress| serve::show(&bar, progress));
            bar.finish();
            head?.to_string()
        }
    };
    writeln!(io::stdout().lock(), "{head}")?;
    Ok(Ended::Done)
}

fn print(report: &VerifyReport) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let VerifyReport { segments, records, erased, last_seq, comments, entries_compared, .. } = report;
    let erased = if *erased > 0 { format!(", {erased} of them erased") } else { String::new() };
    writeln!(out, "journal: {last_seq} events in {records} records{erased}, {segments} files")?;
    match report.applied_seq {
        Some(seq) if seq == *last_seq => {
            writeln!(out, "state:   {comments} comments, {entries_compared} entries compared with the journal")?;
        }
        Some(seq) => writeln!(
            out,
            "state:   {comments} comments, up to event {seq}; the next start applies the rest from the journal"
        )?,
        None => writeln!(out, "state:   can't be read; the next start rebuilds it from the journal")?,
    }
    for head in &report.held {
        writeln!(out, "head {}: holds; nothing up to event {0} was changed or removed since it was noted", head.seq)?;
    }
    for unfinished in &report.unfinished {
        write!(out, "unfinished: ")?;
        print_finding(&mut out, unfinished)?;
    }
    for finding in &report.findings {
        print_finding(&mut out, finding)?;
    }
    match (report.findings.len(), report.unfinished.len()) {
        (0, 0) => writeln!(out, "all is well")?,
        (0, _) => writeln!(out, "all is well, once the next start has finished what was cut short")?,
        (1, _) => writeln!(out, "1 finding")?,
        (count, _) => writeln!(out, "{count} findings")?,
    }
    Ok(())
}

fn print_finding(out: &mut impl Write, finding: &store::verify::Finding) -> io::Result<()> {
    write!(out, "{}: ", finding.path.display())?;
    if let Some(offset) = finding.offset {
        write!(out, "byte {offset}: ")?;
    }
    if let Some(seq) = finding.seq {
        write!(out, "event {seq}: ")?;
    }
    writeln!(out, "{}", finding.what)
}

fn json(report: VerifyReport) -> Report {
    let sound = report.is_sound();
    let finding = |finding: store::verify::Finding| Finding {
        path: finding.path.display().to_string(),
        offset: finding.offset,
        seq: finding.seq,
        what: finding.what,
    };
    Report {
        sound,
        segments: report.segments,
        records: report.records,
        erased: report.erased,
        last_seq: report.last_seq,
        head: report.head.map(|head| head.to_string()),
        heads_held: report.held.iter().map(ToString::to_string).collect(),
        applied_seq: report.applied_seq,
        comments: report.comments,
        entries_compared: report.entries_compared,
        unfinished: report.unfinished.into_iter().map(finding).collect(),
        findings: report.findings.into_iter().map(finding).collect(),
    }
}
