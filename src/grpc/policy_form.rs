//! Policies and simulations as wire messages, there and back without loss.

use super::{convert, pb, policy_perspective};
use crate::domain::{Attribute, Criterion, Score, Violation};
use crate::moderation::{
    Error,
    policies::{
        Document, FloodLimit, LabelRules, Limit, Links, Measure, Mode, NamedRule, NamedWords, NewAuthors, OwnThreshold,
        PolicyVersion, RepeatLimit, UnsupportedLanguage, WordKind,
    },
    simulation::{Agreement, Change, Counts, Day, Proposed, Simulation},
};

/// Reads a policy; names each part that can't be read.
pub(super) fn document(policy: pb::Policy) -> Result<Document, Error> {
    let mut violations = Vec::new();
    let mode = match policy.mode() {
        pb::ArticleMode::Unspecified => None,
        pb::ArticleMode::Open => Some(Mode::Open),
        pb::ArticleMode::PreModerated => Some(Mode::PreModerated),
        pb::ArticleMode::Closed => Some(Mode::Closed),
    };
    let unsupported_language = match policy.unsupported_language() {
        pb::UnsupportedLanguage::Unspecified => None,
        pb::UnsupportedLanguage::Hold => Some(UnsupportedLanguage::Hold),
        pb::UnsupportedLanguage::Reject => Some(UnsupportedLanguage::Reject),
        pb::UnsupportedLanguage::Score => Some(UnsupportedLanguage::Score),
    };
    let mut document = Document { mode, unsupported_language, ..Document::default() };
    for (name, own) in &policy.thresholds {
        match Criterion::from_name(name) {
            Some(criterion) => {
                let hold = own.hold.and_then(|limit| read_limit(limit, criterion, "hold", &mut violations));
                let reject = own.reject.and_then(|limit| read_limit(limit, criterion, "reject", &mut violations));
                document.thresholds.insert(criterion, OwnThreshold { hold, reject });
            }
            None => violations.push(Violation::new("thresholds", "must have attributes by their names")),
        }
    }
    let mut measure = |field: &str, measure: pb::Measure| match measure {
        pb::Measure::Unspecified => {
            violations.push(Violation::new(field, "must be to do nothing, to hold or to reject"));
            Measure::None
        }
        pb::Measure::None => Measure::None,
        pb::Measure::Hold => Measure::Hold,
        pb::Measure::Reject => Measure::Reject,
    };
    document.links = policy
        .links
        .map(|links| Links { action: measure("links.action", links.action()), allowed_domains: links.allowed_domains });
    document.flood = policy.flood.map(|flood| FloodLimit {
        comments: flood.comments,
        seconds: flood.seconds,
        action: measure("flood.action", flood.action()),
    });
    document.repeats = policy
        .repeats
        .map(|repeats| RepeatLimit { seconds: repeats.seconds, action: measure("repeats.action", repeats.action()) });
    document.first_time = policy
        .first_time
        .map(|first| NewAuthors { published: first.published, action: measure("first_time.action", first.action()) });
    document.labels = policy.labels.map(|labels| LabelRules { keep_do_not_store: labels.keep_do_not_store });
    let mut kinds = Vec::new();
    document.perspective = policy.perspective.map(|own| policy_perspective::read(own, &mut kinds));
    for (index, words) in policy.words.into_iter().enumerate() {
        let action = measure(&format!("words[{index}].action"), words.action());
        let kind = match words.kind() {
            pb::WordKind::Unspecified => {
                kinds.push(Violation::new(format!("words[{index}].kind"), "must be exact, stem or phrase"));
                WordKind::Exact
            }
            pb::WordKind::Exact => WordKind::Exact,
            pb::WordKind::Stem => WordKind::Stem,
            pb::WordKind::Phrase => WordKind::Phrase,
        };
        document.words.push(NamedWords { name: words.name, kind, action, entries: words.entries });
    }
    for (index, rule) in policy.rules.into_iter().enumerate() {
        let action = measure(&format!("rules[{index}].action"), rule.action());
        document.rules.push(NamedRule { name: rule.name, when: rule.when, action });
    }
    violations.extend(kinds);
    if violations.is_empty() { Ok(document) } else { Err(Error::Invalid(violations)) }
}

fn read_limit(limit: pb::Limit, criterion: Criterion, side: &str, violations: &mut Vec<Violation>) -> Option<Limit> {
    let read = match limit.limit {
        Some(pb::limit::Limit::Score(score)) => Score::new(score).map(Limit::From),
        Some(pb::limit::Limit::Never(true)) => Some(Limit::Never),
        Some(pb::limit::Limit::Never(false)) | None => None,
    };
    if read.is_none() {
        let field = format!("{}.{side}", criterion.key());
        violations.push(Violation::new(field, "must be a score from 0 to 1, or never"));
    }
    read
}

/// Shows a policy.
pub(super) fn policy(document: &Document) -> pb::Policy {
    let limit = |limit: Limit| pb::Limit {
        limit: Some(match limit {
            Limit::Never => pb::limit::Limit::Never(true),
            Limit::From(score) => pb::limit::Limit::Score(score.get()),
        }),
    };
    let measure = |measure: Measure| match measure {
        Measure::None => pb::Measure::None.into(),
        Measure::Hold => pb::Measure::Hold.into(),
        Measure::Reject => pb::Measure::Reject.into(),
    };
    let threshold = |(criterion, own): (&Criterion, &OwnThreshold)| {
        let own = pb::AttributeThresholds { hold: own.hold.map(limit), reject: own.reject.map(limit) };
        (criterion.name().to_owned(), own)
    };
    pb::Policy {
        mode: document.mode.map_or(pb::ArticleMode::Unspecified, mode).into(),
        unsupported_language: document
            .unsupported_language
            .map_or(pb::UnsupportedLanguage::Unspecified, unsupported_language)
            .into(),
        thresholds: document.thresholds.iter().map(threshold).collect(),
        links: document.links.as_ref().map(|links| pb::LinkPolicy {
            action: measure(links.action),
            allowed_domains: links.allowed_domains.clone(),
        }),
        flood: document.flood.map(|flood| pb::FloodPolicy {
            comments: flood.comments,
            seconds: flood.seconds,
            action: measure(flood.action),
        }),
        repeats: document
            .repeats
            .map(|repeats| pb::RepeatPolicy { seconds: repeats.seconds, action: measure(repeats.action) }),
        first_time: document
            .first_time
            .map(|first| pb::FirstTimePolicy { published: first.published, action: measure(first.action) }),
        labels: document.labels.map(|labels| pb::LabelPolicy { keep_do_not_store: labels.keep_do_not_store }),
        perspective: document.perspective.as_ref().map(policy_perspective::show),
        words: document
            .words
            .iter()
            .map(|words| pb::WordList {
                name: words.name.clone(),
                kind: kind(words.kind).into(),
                action: measure(words.action),
                entries: words.entries.clone(),
            })
            .collect(),
        rules: document
            .rules
            .iter()
            .map(|rule| pb::Rule { name: rule.name.clone(), when: rule.when.clone(), action: measure(rule.action) })
            .collect(),
    }
}

fn mode(mode: Mode) -> pb::ArticleMode {
    match mode {
        Mode::Open => pb::ArticleMode::Open,
        Mode::PreModerated => pb::ArticleMode::PreModerated,
        Mode::Closed => pb::ArticleMode::Closed,
    }
}

fn unsupported_language(choice: UnsupportedLanguage) -> pb::UnsupportedLanguage {
    match choice {
        UnsupportedLanguage::Hold => pb::UnsupportedLanguage::Hold,
        UnsupportedLanguage::Reject => pb::UnsupportedLanguage::Reject,
        UnsupportedLanguage::Score => pb::UnsupportedLanguage::Score,
    }
}

fn kind(kind: WordKind) -> pb::WordKind {
    match kind {
        WordKind::Exact => pb::WordKind::Exact,
        WordKind::Stem => pb::WordKind::Stem,
        WordKind::Phrase => pb::WordKind::Phrase,
    }
}

/// Shows a version of a policy.
pub(super) fn version(version: PolicyVersion, document: &Document) -> pb::PolicyVersion {
    pb::PolicyVersion {
        version: version.version,
        editor_id: version.set_by.map(|id| id.as_str().to_owned()).unwrap_or_default(),
        note: version.note,
        set_at: Some(convert::timestamp(version.set_at)),
        policy: Some(policy(document)),
        toml: version.document,
    }
}

/// Shows what a simulation found.
pub(super) fn simulation(found: Simulation) -> pb::Simulation {
    pb::Simulation {
        comments: found.comments,
        before: Some(counts(found.before)),
        after: Some(counts(found.after)),
        days: found.days.into_iter().map(day).collect(),
        verdicts_before: Some(agreement(found.verdicts_before)),
        verdicts_after: Some(agreement(found.verdicts_after)),
        changes: found.changes.into_iter().map(change).collect(),
        proposed: found.proposed.map(proposed),
    }
}

fn counts(Counts { published, held, rejected }: Counts) -> pb::OutcomeCounts {
    pb::OutcomeCounts { published, held, rejected }
}

pub(super) fn agreement(Agreement { agreed, contradicted, held }: Agreement) -> pb::VerdictAgreement {
    pb::VerdictAgreement { agreed, contradicted, held }
}

fn day(Day { begin, held_before, held_after, waiting_before, waiting_after }: Day) -> pb::SimulatedDay {
    let begin = convert::timestamp(begin);
    let date = jiff::Timestamp::from_second(begin.seconds).map(|time| time.strftime("%Y-%m-%d").to_string());
    let date = date.unwrap_or_default();
    pb::SimulatedDay { date, held_before, held_after, waiting_before, waiting_after }
}

fn change(change: Change) -> pb::SimulatedChange {
    let example = |example: crate::moderation::simulation::Example| pb::SimulatedComment {
        comment_id: example.comment.comment_id.as_str().to_owned(),
        article_id: example.comment.article_id.as_str().to_owned(),
        text: example.comment.text,
        reasons: example.reasons.into_iter().map(convert::reason).collect(),
    };
    pb::SimulatedChange {
        from: convert::outcome(change.from).into(),
        to: convert::outcome(change.to).into(),
        comments: change.comments,
        examples: change.examples.into_iter().map(example).collect(),
    }
}

fn proposed(proposed: Proposed) -> pb::ProposedThresholds {
    let named = |(attribute, score): (Attribute, Score)| (attribute.name().to_owned(), score.get());
    #[expect(clippy::cast_possible_truncation, reason = "a number for people")]
    let held_per_day = proposed.held_per_day as f32;
    pb::ProposedThresholds { hold: proposed.hold.into_iter().map(named).collect(), held_per_day, fits: proposed.fits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_comes_back_from_the_wire_as_it_was() {
        let toml = r#"
            mode = "pre_moderated"
            unsupported_language = "score"
            toxicity = { hold = 0.484, reject = "never" }
            spam = { reject = 0.9 }
            links = { action = "hold", allowed_domains = ["example.org"] }
            flood = { comments = 3, seconds = 60, action = "reject" }
            repeats = { seconds = 3600, action = "hold" }
            first_time = { published = 1, action = "none" }
            labels = { keep_do_not_store = true }
            [perspective]
            fallback_language = "en"
            trust_detection = true
            strict = false
            attributes = { FLIRTATION = 0.25, OFF_TOPIC = "error", SEXUALLY_EXPLICIT = "PROFANITY" }
            scales = { TOXICITY = [[0.0, 0.1], [0.5, 0.7], [1.0, 1.0]] }
            [[words]]
            name = "rude"
            kind = "stem"
            action = "reject"
            entries = ["fudg"]
            [[rules]]
            name = "new"
            when = "author.first_time"
            action = "hold"
        "#;
        let one = Document::from_toml(toml).unwrap();
        assert_eq!(document(policy(&one)).unwrap(), one);
        assert_eq!(document(policy(&Document::default())).unwrap(), Document::default());
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        let rule = pb::Rule { name: "r".into(), when: "true".into(), action: 0 };
        let never = pb::Limit { limit: Some(pb::limit::Limit::Never(false)) };
        let own = pb::AttributeThresholds { hold: Some(never), reject: None };
        let wrong = pb::Policy {
            thresholds: [("SPAM".to_owned(), own)].into(),
            words: vec![pb::WordList::default()],
            rules: vec![rule],
            ..pb::Policy::default()
        };
        let Err(Error::Invalid(violations)) = document(wrong) else { panic!("it can't be read") };
        let fields: Vec<_> = violations.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["spam.hold", "words[0].action", "rules[0].action", "words[0].kind"]);
    }
}
