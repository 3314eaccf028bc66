//! What others than moderators do about a comment, as bytes, and what moderators write beside it: events in the journal,
//! and what the state keeps of them. Words stand in the private part of a record, in the order of their events.

use super::review::PlaceV1;
use super::{Malformed, put, take};
use crate::domain::{
    CommentId, Event, ModeratorId, ReporterId, RequestId, SiteId, Timestamp, Words,
    report::{Report, ReporterRecord, Reports, Said, Standing},
    review::Note,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct SampledV1<'a> {
    #[serde(borrow)]
    place: PlaceV1<'a>,
    revision: u32,
    probability: f32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReportedV1<'a> {
    #[serde(borrow)]
    place: PlaceV1<'a>,
    revision: u32,
    reporter_id: &'a str,
    reason: &'a str,
    weight: f32,
    standing: u8,
}

/// An appeal, an escalation or a note: all that is not private.
#[derive(Serialize, Deserialize)]
pub(super) struct WrittenV1<'a> {
    #[serde(borrow)]
    place: PlaceV1<'a>,
    revision: u32,
}

/// Returns what somebody wrote with an event, where the event has such words.
pub(super) fn words(event: &Event) -> Option<&Words> {
    match event {
        Event::CommentReported { said, .. } => Some(&said.text),
        Event::DecisionAppealed { text, .. } | Event::NoteAdded { text, .. } => Some(text),
        Event::ItemEscalated { note, .. } => Some(note),
        Event::CommentSubmitted { .. }
        | Event::CommentDecided { .. }
        | Event::ItemClaimed { .. }
        | Event::ItemReleased { .. }
        | Event::ItemSettled { .. }
        | Event::VerdictUndone { .. }
        | Event::EscalationUndone { .. }
        | Event::PolicySet { .. }
        | Event::CommentErased { .. }
        | Event::CommentSampled { .. }
        | Event::ModelsDisagreed { .. }
        | Event::DisagreementLapsed { .. }
        | Event::TokenCreated { .. }
        | Event::TokenRevoked { .. }
        | Event::CampaignJoined { .. }
        | Event::CampaignRuleSet { .. }
        | Event::QueueSet { .. }
        | Event::QueueDeleted { .. }
        | Event::ModelUploaded { .. }
        | Event::ModelPromoted { .. }
        | Event::ShadowSet { .. }
        | Event::ModelRemoved { .. }
        | Event::LabelsErased { .. } => None,
        Event::LabelKept { label } => Some(&label.text),
    }
}

type Place<'a> = (&'a SiteId, &'a CommentId);

impl<'a> SampledV1<'a> {
    pub(super) fn new(place: Place<'a>, revision: u32, probability: f32) -> Self {
        Self { place: PlaceV1::new(place, None), revision, probability }
    }
}

impl From<SampledV1<'_>> for Event {
    fn from(sampled: SampledV1<'_>) -> Self {
        let (site_id, comment_id, _) = sampled.place.take();
        let SampledV1 { revision, probability, .. } = sampled;
        Self::CommentSampled { site_id, comment_id, revision, probability }
    }
}

impl<'a> ReportedV1<'a> {
    pub(super) fn new(place: Place<'a>, revision: u32, said: &'a Said, weight: f32, standing: Standing) -> Self {
        Self {
            place: PlaceV1::new(place, None),
            revision,
            reporter_id: said.reporter_id.as_str(),
            reason: &said.reason,
            weight,
            standing: standing_number(standing),
        }
    }

    pub(super) fn with(self, text: Words) -> Result<Event, Malformed> {
        let (site_id, comment_id, _) = self.place.take();
        let said = Said { reporter_id: ReporterId::new(self.reporter_id), reason: self.reason.to_owned(), text };
        let (revision, weight, standing) = (self.revision, self.weight, standing_of(self.standing)?);
        Ok(Event::CommentReported { site_id, comment_id, revision, said, weight, standing })
    }
}

impl<'a> WrittenV1<'a> {
    pub(super) fn new(place: Place<'a>, revision: u32, request_id: Option<&'a RequestId>) -> Self {
        Self { place: PlaceV1::new(place, request_id), revision }
    }

    pub(super) fn appeal(self, text: Words) -> Event {
        let (site_id, comment_id, request_id) = self.place.take();
        Event::DecisionAppealed { site_id, comment_id, revision: self.revision, text, request_id }
    }

    pub(super) fn escalation(self, note: Words) -> Event {
        let (site_id, comment_id, request_id) = self.place.take();
        Event::ItemEscalated { site_id, comment_id, revision: self.revision, note, request_id }
    }

    pub(super) fn note(self, text: Words) -> Event {
        let (site_id, comment_id, request_id) = self.place.take();
        Event::NoteAdded { site_id, comment_id, revision: self.revision, text, request_id }
    }
}

const STANDINGS: [Standing; 5] =
    [Standing::Open, Standing::Silenced, Standing::Lapsed, Standing::Upheld, Standing::Refused];

fn standing_number(standing: Standing) -> u8 {
    match standing {
        Standing::Open => 0,
        Standing::Silenced => 1,
        Standing::Lapsed => 2,
        Standing::Upheld => 3,
        Standing::Refused => 4,
    }
}

fn standing_of(number: u8) -> Result<Standing, Malformed> {
    STANDINGS.get(usize::from(number)).copied().ok_or(Malformed)
}

/// What reports on a comment add up to, in the state.
#[derive(Serialize, Deserialize)]
pub(super) struct ReportsV3 {
    open: u32,
    weight: f32,
    taken: u32,
    cleared: bool,
}

impl From<Reports> for ReportsV3 {
    fn from(Reports { open, weight, taken, cleared }: Reports) -> Self {
        Self { open, weight, taken, cleared }
    }
}

impl From<ReportsV3> for Reports {
    fn from(ReportsV3 { open, weight, taken, cleared }: ReportsV3) -> Self {
        Self { open, weight, taken, cleared }
    }
}

#[derive(Serialize, Deserialize)]
struct ReportV3<'a> {
    reporter_id: &'a str,
    reason: &'a str,
    text: &'a str,
    revision: u32,
    weight: f32,
    reported_at: i64,
    standing: u8,
    settled_seq: u64,
    settled_revision: u32,
}

/// Appends a report to `out`.
pub(in crate::store) fn encode_report(report: &Report, out: &mut Vec<u8>) {
    let Report { said, revision, weight, reported_at, standing, settled_seq, settled_revision } = report;
    let report = ReportV3 {
        reporter_id: said.reporter_id.as_str(),
        reason: &said.reason,
        text: said.text.as_str(),
        revision: *revision,
        weight: *weight,
        reported_at: reported_at.as_micros(),
        standing: standing_number(*standing),
        settled_seq: *settled_seq,
        settled_revision: *settled_revision,
    };
    put(&report, out);
}

/// Reads a report back.
pub(in crate::store) fn decode_report(bytes: &[u8]) -> Result<Report, Malformed> {
    let report: ReportV3<'_> = take(bytes)?;
    let text = Words::new(report.text);
    Ok(Report {
        said: Said { reporter_id: ReporterId::new(report.reporter_id), reason: report.reason.to_owned(), text },
        revision: report.revision,
        weight: report.weight,
        reported_at: Timestamp::from_micros(report.reported_at),
        standing: standing_of(report.standing)?,
        settled_seq: report.settled_seq,
        settled_revision: report.settled_revision,
    })
}

/// Appends what became of a reader's reports to `out`.
pub(in crate::store) fn encode_reporter(record: ReporterRecord, out: &mut Vec<u8>) {
    put(&(record.upheld, record.refused), out);
}

/// Reads what became of a reader's reports back.
pub(in crate::store) fn decode_reporter(bytes: &[u8]) -> Result<ReporterRecord, Malformed> {
    let (upheld, refused) = take(bytes)?;
    Ok(ReporterRecord { upheld, refused })
}

#[derive(Serialize, Deserialize)]
struct NoteV3<'a> {
    moderator_id: &'a str,
    noted_at: i64,
    text: &'a str,
}

/// Appends a note to `out`.
pub(in crate::store) fn encode_note(note: &Note, out: &mut Vec<u8>) {
    let (moderator_id, text) = (note.moderator_id.as_str(), note.text.as_str());
    put(&NoteV3 { moderator_id, noted_at: note.noted_at.as_micros(), text }, out);
}

/// Reads a note back.
pub(in crate::store) fn decode_note(bytes: &[u8]) -> Result<Note, Malformed> {
    let NoteV3 { moderator_id, noted_at, text } = take(bytes)?;
    let (moderator_id, text) = (ModeratorId::new(moderator_id), Words::new(text));
    Ok(Note { moderator_id, noted_at: Timestamp::from_micros(noted_at), text })
}
