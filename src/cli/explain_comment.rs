//! `ombud explain`: why a comment was decided on as it was, and whether deciding again gives the same.

use super::args::ServerArgs;
use super::client::{Refused, block_on, connect_to_review};
use super::explain::{BIAS, LOOK, Parts, WORDS_MAX, others, painted, print_parts, strongest, style, word};
use super::list::print_revision;
use super::{Ended, json as wire, output};
use crate::domain::{Attribute, Criterion, Span};
use crate::grpc::pb;
use anstream::{AutoStream, ColorChoice};
use clap::Args;
use serde_json::{Value, json};
use std::io::{self, Write};

#[derive(Args)]
#[command(
    after_help = "The model that decided explains, under what was known then, and the policy of then decides again. Where \
                        that model is not at hand any more, --by-current-model asks the one that decides now.\n\n\
                        Examples:\n  ombud explain c-1001\n  ombud explain c-1001 --revision 1 --attribute INSULT --json"
)]
pub(crate) struct ExplainArgs {
    /// The comment's id
    #[arg(value_name = "ID")]
    comment_id: String,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    site: String,
    /// Which revision, from 1 [default: the newest]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    revision: u32,
    /// Explain this attribute, such as INSULT or `LIKELY_TO_REJECT`; may be given several times [default: the one that scores
    /// highest, each that is a reason, and `LIKELY_TO_REJECT` where a house model decided; with --json, all]
    #[arg(long, value_name = "NAME", value_parser = criterion)]
    attribute: Vec<Criterion>,
    /// Ask the model that decides now instead of the one that decided
    #[arg(long)]
    by_current_model: bool,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

fn criterion(name: &str) -> Result<Criterion, String> {
    let known: Vec<&str> = Criterion::all().map(Criterion::name).collect();
    Criterion::from_name(name).ok_or_else(|| format!("not one of {}", known.join(", ")))
}

pub(crate) fn run(args: ExplainArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let ExplainArgs { comment_id, site: site_id, revision, attribute, by_current_model, json, server } = args;
        let mut client = connect_to_review(&server).await?;
        let request = pb::ExplainCommentRequest { site_id, comment_id, revision, by_current_model };
        let explained = client.explain_comment(request).await.map_err(Refused)?.into_inner();
        if json {
            output::json_line(&mut io::stdout().lock(), &for_programs(explained, &attribute))?;
        } else {
            let coloured = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
            print(&mut anstream::stdout().lock(), explained, &attribute, coloured)?;
        }
        Ok(Ended::Done)
    })
}

/// Returns the attributes that people get to see.
fn chosen(explained: &pb::ExplainCommentResponse, asked: &[Criterion]) -> Vec<Criterion> {
    if !asked.is_empty() {
        return asked.to_vec();
    }
    let decision = explained.decision.clone().unwrap_or_default();
    let said = pb::Decision { scores: explained.scores.clone(), ..pb::Decision::default() };
    let highest = output::top_score(&said).map(|(attribute, _)| Criterion::from(attribute));
    let has_house = explained.likely_to_reject.as_ref().is_some_and(|parts| parts.has_house);
    let wanted = |criterion: &Criterion| {
        Some(*criterion) == highest
            || decision.reasons.iter().any(|reason| reason.attribute == criterion.name())
            || (has_house && *criterion == Criterion::LikelyToReject)
    };
    Criterion::all().filter(wanted).collect()
}

fn print(
    out: &mut impl Write,
    explained: pb::ExplainCommentResponse,
    asked: &[Criterion],
    coloured: bool,
) -> anyhow::Result<()> {
    let criteria = chosen(&explained, asked);
    let pb::ExplainCommentResponse { comment, revision, decision, ruled, model_version, .. } = explained;
    let decision = decision.unwrap_or_default();
    let text = comment.as_ref().map(|comment| comment.text.clone()).unwrap_or_default();
    // It is decided on when it comes in.
    let received_at = decision.decided_at;
    print_revision(out, &pb::Revision { number: revision, comment, decision: Some(decision.clone()), received_at })?;
    if let Some(ruled) = ruled {
        let style = output::outcome_style(ruled.outcome());
        writeln!(out, "  a moderator has ruled since: {style}{}{style:#}", wire::outcome_name(ruled.outcome()))?;
    }
    if model_version != decision.model_version {
        writeln!(out, "  explained by {}, which did not decide", output::visible(&model_version))?;
    }
    if decision.scores.is_empty() {
        writeln!(out, "  it was not scored: what the model makes of it below has decided nothing")?;
    }
    for criterion in criteria {
        if let Some(parts) = explained.attributes.iter().find(|parts| parts.attribute == criterion.name()) {
            let score = explained.scores.get(&parts.attribute).copied();
            print_parts(out, &text, of_attribute(parts.clone(), score.unwrap_or_default()), coloured)?;
        } else if let Some(parts) = &explained.likely_to_reject {
            print_rejection(out, &text, parts, explained.known.as_ref(), coloured)?;
        }
    }
    writeln!(out)?;
    print_replay(out, &explained.replay.unwrap_or_default(), &decision)?;
    Ok(())
}

fn of_attribute(parts: pb::AttributeSpans, score: f32) -> Parts {
    let span = |span: pb::Span| Span { begin: span.begin, end: span.end, contribution: span.contribution };
    Parts {
        attribute: parts.attribute,
        score,
        logit: parts.logit,
        bias: parts.bias,
        style: parts.style,
        spans: parts.spans.into_iter().map(span).collect(),
        omitted: (parts.omitted_spans, parts.omitted_contribution),
    }
}

/// Writes what each word adds to `LIKELY_TO_REJECT`, base and house beside one another.
fn print_rejection(
    out: &mut impl Write,
    text: &str,
    parts: &pb::RejectionSpans,
    known: Option<&pb::Circumstances>,
    coloured: bool,
) -> io::Result<()> {
    writeln!(out, "\n  {}", Criterion::LikelyToReject)?;
    #[expect(clippy::cast_possible_truncation, reason = "for colours")]
    let span = |span: &pb::RejectionSpan| Span {
        begin: span.begin,
        end: span.end,
        contribution: (span.base + span.house) as f32,
    };
    let spans: Vec<Span> = parts.spans.iter().map(span).collect();
    let strongest = strongest(&spans);
    if coloured {
        writeln!(out, "  {}", painted(text, &spans, strongest))?;
    }
    if !parts.has_house {
        writeln!(out, "  without a house model, it follows the attribute that scores highest")?;
    }
    let mut spans: Vec<&pb::RejectionSpan> = parts.spans.iter().collect();
    spans.sort_by(|a, b| (b.base + b.house).abs().total_cmp(&(a.base + a.house).abs()));
    let rest = spans.split_off(spans.len().min(WORDS_MAX));
    writeln!(out, "  {:>7} {:>7} {:>7}", "all", "base", "house")?;
    for span in spans {
        #[expect(clippy::cast_possible_truncation, reason = "for colours")]
        let (all, style) = (span.base + span.house, style((span.base + span.house) as f32, strongest));
        let word = word(text, span.begin, span.end);
        writeln!(out, "  {style}{all:>+7.2}{style:#} {:>+7.2} {:>+7.2}  {word}", span.base, span.house)?;
    }
    let mut line = |base: f64, house: f64, what: &str| {
        writeln!(out, "  {:>+7.2} {base:>+7.2} {house:>+7.2}  {what}", base + house)
    };
    let count = u32::try_from(rest.len()).unwrap_or(u32::MAX).saturating_add(parts.omitted_spans);
    if count > 0 {
        let base = rest.iter().map(|span| span.base).sum::<f64>() + parts.omitted_base;
        let house = rest.iter().map(|span| span.house).sum::<f64>() + parts.omitted_house;
        line(base, house, &others(count))?;
    }
    line(parts.base_style, parts.house_style, LOOK)?;
    for input in parts.inputs.iter().filter(|input| input.contribution.abs() >= 0.005) {
        line(0.0, input.contribution, &in_words(&input.name, known))?;
    }
    line(parts.base_bias, parts.house_bias, BIAS)?;
    writeln!(out, "  {:>+7.2} {:15}  sum: the logit, which is {:.2} as a probability", parts.logit, "", parts.score)
}

/// Says what an input of a house model is, with what was known where that is counted.
fn in_words(input: &str, known: Option<&pb::Circumstances>) -> String {
    let comments = |count: u32, what: &str| match known {
        None => format!("how many earlier comments of the author are {what}"),
        Some(_) if count == 1 => format!("1 earlier comment of the author was {what}"),
        Some(_) => format!("{count} earlier comments of the author were {what}"),
    };
    let counts = known.copied().unwrap_or_default();
    match input {
        "word_hits" if known.is_some() => format!("entries of the word lists in it: {}", counts.word_hits),
        "word_hits" => "how many entries of the word lists are in it".into(),
        "capitals" => "how much of it is in capitals".into(),
        "links" => "how many links it has".into(),
        "length" => "how long it is".into(),
        "repeats" => "how much of it repeats itself".into(),
        "obfuscation" => "how much of it is in disguised words".into(),
        "author_published" => comments(counts.published, "published"),
        "author_held" => comments(counts.held, "held"),
        "author_rejected" => comments(counts.rejected, "rejected"),
        other => output::visible(other),
    }
}

/// Says whether deciding again gave the same, what differs, and what the text doesn't tell.
fn print_replay(out: &mut impl Write, replay: &pb::Replay, decision: &pb::Decision) -> anyhow::Result<()> {
    let told = |equal: Option<bool>, what: &str| equal.map(|equal| format!("{} {what}", said(equal)));
    let parts = [
        told(replay.scores_equal, "scores"),
        told(replay.outcome_equal, "outcome"),
        told(replay.reasons_equal, "reasons"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        writeln!(out, "  replayed: {}", parts.join(", "))?;
    }
    if let Some(again) = &replay.decision {
        if replay.outcome_equal == Some(false) {
            let [before, after] = [decision, again].map(|decision| wire::outcome_name(decision.outcome()));
            writeln!(out, "    {before} then, {after} now")?;
        }
        for name in Attribute::ALL.map(Attribute::name).iter().chain([&Criterion::LikelyToReject.name()]) {
            let [before, after] = [decision, again].map(|decision| decision.scores.get(*name).copied());
            if replay.scores_equal == Some(false) && before.map(f32::to_bits) != after.map(f32::to_bits) {
                let shown = |score: Option<f32>| score.map_or("none".to_owned(), |score| score.to_string());
                writeln!(out, "    {name} {} then, {} now", shown(before), shown(after))?;
            }
        }
        let codes = |decision: &pb::Decision| {
            let codes: Vec<&str> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
            output::visible(&codes.join(" "))
        };
        if replay.reasons_equal == Some(false) {
            writeln!(out, "    reasons {} then, {} now", codes(decision), codes(again))?;
        }
    }
    replay.not_replayed.iter().try_for_each(|what| writeln!(out, "  not replayed: {}", not_replayed(what)))?;
    Ok(())
}

const fn said(equal: bool) -> &'static str {
    if equal { "same" } else { "other" }
}

fn not_replayed(what: &str) -> String {
    match what {
        "MODEL" => "the scores, since another model explains".into(),
        "POLICY" => "the decision, since the policy of then is not at hand any more".into(),
        "SCORING" => "scoring, which failed then".into(),
        "TIME" => "the decision, since rules took too long then".into(),
        "AUTHOR_RULES" => "rules that ask for the author's record, of which nothing was recorded".into(),
        "FLOOD" => "how many comments the author had sent; taken as it was recorded".into(),
        "REPEATED_TEXT" => "whether the author had sent the text before; taken as it was recorded".into(),
        "NEW_AUTHOR" => "whether the author was new; taken as it was recorded".into(),
        "CAMPAIGN" => "a rule on near-copies; taken as it was recorded".into(),
        "SPANS" => "the words of some reasons, which were not recorded".into(),
        other => output::visible(other),
    }
}

fn for_programs(explained: pb::ExplainCommentResponse, asked: &[Criterion]) -> Value {
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|criterion| criterion.name() == name);
    let comment = explained.comment.unwrap_or_default();
    let attributes = explained.attributes.into_iter().filter(|parts| wanted(&parts.attribute));
    let attributes: Vec<_> = attributes.map(|parts| of_attribute(parts, 0.0).for_programs()).collect();
    let likely = explained.likely_to_reject.filter(|_| wanted(Criterion::LikelyToReject.name())).map(rejection);
    let replay = explained.replay.unwrap_or_default();
    let mut told = json!({
        "site_id": comment.site_id, "comment_id": comment.comment_id, "revision": explained.revision, "text": comment.text,
        "decision": explained.decision.map(wire::decision), "model_version": explained.model_version,
        "scores": wire::Scores(explained.scores), "explanations": attributes,
        "replayed": {
            "scores_equal": replay.scores_equal, "outcome_equal": replay.outcome_equal,
            "reasons_equal": replay.reasons_equal, "not_replayed": replay.not_replayed,
            "decision": replay.decision.map(wire::decision),
        },
    });
    let known = explained.known.map(|known| {
        json!({
            "word_hits": known.word_hits, "published": known.published, "held": known.held, "rejected": known.rejected,
        })
    });
    let others = [
        ("likely_to_reject", likely),
        ("known", known),
        ("ruled", explained.ruled.map(|ruled| json!(wire::decision(ruled)))),
    ];
    for (name, value) in others.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        told[name] = value;
    }
    told
}

fn rejection(parts: pb::RejectionSpans) -> Value {
    let span = |span: &pb::RejectionSpan| json!({ "begin": span.begin, "end": span.end, "base": span.base, "house": span.house });
    let inputs: serde_json::Map<String, Value> =
        parts.inputs.into_iter().map(|input| (input.name, json!(input.contribution))).collect();
    json!({
        "score": parts.score, "logit": parts.logit, "has_house": parts.has_house, "base_bias": parts.base_bias,
        "house_bias": parts.house_bias, "base_style": parts.base_style, "house_style": parts.house_style,
        "spans": parts.spans.iter().map(span).collect::<Vec<_>>(), "inputs": inputs,
        "omitted_spans": parts.omitted_spans, "omitted_base": parts.omitted_base, "omitted_house": parts.omitted_house,
    })
}
