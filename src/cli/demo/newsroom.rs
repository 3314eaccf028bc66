//! `ombud demo --retrain`: a newsroom whose rules no model knows teaches them to one, by ruling on comments.

use super::{SERVER_DEFAULT, say};
use crate::cli::args::ServerArgs;
use crate::cli::client::{Connection, Refused, connect, connect_to_models, connect_to_policies, connect_to_review};
use crate::cli::output::{outcome_style, shorten, visible};
use crate::cli::{json, retrain};
use crate::grpc::{Client, ReviewClient, pb};
use crate::train::{
    house::{
        Label,
        gates::Metric,
        newsroom::{Kind, Plan, simulate, simulate_kinds},
    },
    metrics::average_precision,
};
use pb::{Outcome, settle_many_request::Which};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

const SITE: &str = "town";
/// The verdicts: one of twenty is wrong.
const VERDICTS: Plan = Plan { comments: 2000, later: false, noise: 0.05, seed: 1 };
/// Later comments, of other words mostly; what is true of them is the rule itself.
const LATER: Plan = Plan { comments: 400, later: true, noise: 0.0, seed: 2 };
/// So many comments come in before moderators rule on them.
const ROUND: usize = 200;
/// How many readers there are.
const READERS: usize = 300;
/// How many comments are shown whose outcome changed, of each kind.
const EXAMPLES_MAX: usize = 2;
const TEXT_CHARS: usize = 66;

const INTRODUCTION: &str = "\
A newsroom has rules of its own, which no model knows: its readers may swear, pigs are a farmers' matter,
\"grelk\" is a slur that only locals know, and somebody advertises an invention of theirs everywhere. Insults
and threats are rejected, as anywhere. What is likely to be rejected is held from 0.5 on and rejected from 0.9;
attributes by themselves hold nothing here.

";

/// The site's policy: what is likely to be rejected is held, or rejected where that is nearly sure.
const POLICY: &str = "[likely_to_reject]\nhold = 0.5\nreject = 0.9\n";
/// On the articles that moderators teach with, a person looks at each comment first.
const TAUGHT: &str = "mode = \"pre_moderated\"\n[likely_to_reject]\nhold = \"never\"\nreject = \"never\"\n";

/// What the server says of the later comments.
struct Told {
    /// How likely each is to be rejected; without a house model, its highest score.
    scores: Vec<f32>,
    /// The bits of every score by name.
    bits: Vec<BTreeMap<String, u32>>,
    outcomes: Vec<Outcome>,
}

/// Plays all of it on a server that is up.
pub(super) async fn show(server: &ServerArgs, folder: &Path) -> anyhow::Result<()> {
    say(INTRODUCTION)?;
    policies(server).await?;
    let (later, kinds): (Vec<Label>, Vec<Kind>) = simulate_kinds(LATER).into_iter().unzip();
    let before = ask(server, &later, "before").await?;
    rule(server).await?;

    say("\nombud retrain --promote\n")?;
    let begun = Instant::now();
    let out = folder.join("retrained");
    let done = retrain::learn_and_promote(server.clone(), out, &CancellationToken::new()).await?;
    if !done.report.passed {
        anyhow::bail!("the gates refused what the newsroom taught; that is a fault of this program");
    }
    let figure = done.report.figure(Metric::AveragePrecision);
    let (first, now) = figure.and_then(|one| Some((one.champion?, one.challenger?))).unwrap_or_default();
    say(&format!(
        "  Passed, and decides now: on the newest {} verdicts, which it has not learned from, its average precision\n  is {now:.3}; \
         that of the base model is {first:.3}. Learning and judging took {:.1} s.\n\n",
        done.report.labels.held_out,
        begun.elapsed().as_secs_f32()
    ))?;
    let after = ask(server, &later, "after").await?;
    table(&kinds, &before, &after)?;
    examples(&later, &kinds, &before, &after)?;

    let request = pb::RollbackModelRequest::default();
    connect_to_models(server).await?.rollback_model(request).await.map_err(Refused)?;
    let again = ask(server, &later, "again").await?;
    let same = again.bits == before.bits && again.outcomes == before.outcomes;
    say(&format!(
        "\nombud models rollback\n  All {} later comments are {} as they were at first{}.\n",
        later.len(),
        if same { "scored and decided" } else { "NOT scored and decided" },
        if same { ", to the bit" } else { "" }
    ))?;
    if same { Ok(()) } else { Err(anyhow::anyhow!("a rollback did not restore the first answers")) }
}

/// Sets the site's policy, and has moderators look first at the articles that they teach with.
async fn policies(server: &ServerArgs) -> anyhow::Result<()> {
    let mut client = connect_to_policies(server).await?;
    let never = |name: &str| format!("[{name}]\nhold = \"never\"\nreject = \"never\"\n");
    let attributes: String =
        crate::domain::Attribute::ALL.iter().map(|attribute| never(&attribute.name().to_lowercase())).collect();
    let mut set = vec![(String::new(), format!("{attributes}{POLICY}"))];
    set.extend(sections().map(|section| (taught(section), TAUGHT.to_owned())));
    for (article_id, toml) in set {
        let request = pb::SetPolicyRequest {
            site_id: SITE.into(),
            article_id,
            editor_id: "ada".into(),
            form: Some(pb::set_policy_request::Form::Toml(toml)),
            ..pb::SetPolicyRequest::default()
        };
        client.set_policy(request).await.map_err(Refused)?;
    }
    Ok(())
}

fn sections() -> impl Iterator<Item = &'static str> {
    ["local", "sports", "letters"].into_iter()
}

/// Returns the article of a section that moderators teach with.
fn taught(section: &str) -> String {
    format!("{section}/this-week")
}

fn submission(label: &Label, id: String, article_id: String, author: usize) -> pb::SubmitCommentRequest {
    pb::SubmitCommentRequest {
        site_id: SITE.into(),
        article_id,
        comment_id: id,
        author: Some(pb::Author { author_id: format!("reader-{author}"), name: "A reader".into() }),
        text: label.text.clone(),
        ..pb::SubmitCommentRequest::default()
    }
}

/// Submits comments on one stream; returns what was decided, in their order.
async fn submit(
    client: &mut Client<Connection>,
    comments: Vec<pb::SubmitCommentRequest>,
) -> anyhow::Result<Vec<Outcome>> {
    use pb::submit_comments_response::Result as Answer;
    let mut outcomes = vec![Outcome::Unspecified; comments.len()];
    let requests = comments.into_iter().map(|comment| pb::SubmitCommentsRequest { submission: Some(comment) });
    let mut answers = client.submit_comments(tokio_stream::iter(requests)).await.map_err(Refused)?.into_inner();
    while let Some(answer) = answers.message().await.map_err(Refused)? {
        let Some(Answer::Response(response)) = answer.result else {
            anyhow::bail!("a comment of the demo was refused")
        };
        if let Some(place) = usize::try_from(answer.index).ok().and_then(|index| outcomes.get_mut(index)) {
            *place = response.decision.unwrap_or_default().outcome();
        }
    }
    Ok(outcomes)
}

/// Has the newsroom's comments come in and its moderators rule on them.
async fn rule(server: &ServerArgs) -> anyhow::Result<()> {
    let (mut site, mut review) = (connect(server).await?, connect_to_review(server).await?);
    let labels = simulate(VERDICTS);
    let begun = Instant::now();
    for (round, some) in labels.chunks(ROUND).enumerate() {
        let comment = |(at, label): (usize, &Label)| {
            let section = label.section.as_deref().unwrap_or("local");
            submission(label, label.comment.clone(), taught(section), (round * ROUND + at) % READERS)
        };
        submit(&mut site, some.iter().enumerate().map(comment).collect()).await?;
        let versions = waiting(&mut review).await?;
        let mut together: BTreeMap<(&str, bool), Vec<pb::ItemVersion>> = BTreeMap::new();
        for label in some {
            let version = versions.get(&label.comment).copied();
            let version = version.ok_or_else(|| anyhow::anyhow!("a comment of the demo does not wait"))?;
            let ruling = (label.moderator.as_str(), label.rejected == Some(true));
            let item = pb::ItemVersion { comment_id: label.comment.clone(), version };
            together.entry(ruling).or_default().push(item);
        }
        for ((moderator, rejected), items) in together {
            let verdict = if rejected { pb::Verdict::Reject } else { pb::Verdict::Approve };
            let request = pb::SettleManyRequest {
                site_id: SITE.into(),
                which: Some(Which::Items(pb::ItemVersions { items })),
                moderator_id: moderator.into(),
                verdict: verdict.into(),
                ..pb::SettleManyRequest::default()
            };
            review.settle_many(request).await.map_err(Refused)?;
        }
    }
    let rejected = labels.iter().filter(|label| label.rejected == Some(true)).count();
    say(&format!(
        "Four moderators rule on {} comments by that rule and reject {rejected}; one verdict of twenty is wrong.\nComing in and ruling \
         took {:.1} s.\n",
        labels.len(),
        begun.elapsed().as_secs_f32()
    ))
}

/// Lists what waits, with the version of each.
async fn waiting(review: &mut ReviewClient<Connection>) -> anyhow::Result<HashMap<String, u64>> {
    let (mut versions, mut page_token) = (HashMap::new(), String::new());
    loop {
        let request = pb::ListReviewItemsRequest {
            site_id: SITE.into(),
            queue: "held".into(),
            page_size: 1000,
            page_token,
            ..pb::ListReviewItemsRequest::default()
        };
        let page = review.list_review_items(request).await.map_err(Refused)?.into_inner();
        for item in page.items {
            versions
                .insert(item.revision.and_then(|newest| newest.comment).unwrap_or_default().comment_id, item.version);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(versions);
        }
    }
}

/// Asks the server about the later comments: their scores, and what it decides where they come in now.
async fn ask(server: &ServerArgs, later: &[Label], when: &str) -> anyhow::Result<Told> {
    let mut site = connect(server).await?;
    let mut told = Told { scores: Vec::new(), bits: Vec::new(), outcomes: Vec::new() };
    for some in later.chunks(ROUND) {
        let texts = some.iter().map(|label| label.text.clone()).collect();
        let found =
            site.score_text(pb::ScoreTextRequest { texts, explain: false }).await.map_err(Refused)?.into_inner();
        for one in found.results {
            let highest = one.scores.values().copied().fold(0.0, f32::max);
            told.scores.push(one.scores.get("LIKELY_TO_REJECT").copied().unwrap_or(highest));
            told.bits.push(one.scores.into_iter().map(|(name, score)| (name, score.to_bits())).collect());
        }
    }
    // Each time the comments of readers who never wrote before, so that only the model differs.
    let comment = |(at, label): (usize, &Label)| {
        let mut comment = submission(label, format!("{when}-{at}"), format!("evening/{when}"), at);
        comment.author = Some(pb::Author { author_id: format!("{when}-{at}"), name: "A reader".into() });
        comment
    };
    told.outcomes = submit(&mut site, later.iter().enumerate().map(comment).collect()).await?;
    Ok(told)
}

fn table(kinds: &[Kind], before: &Told, after: &Told) -> anyhow::Result<()> {
    let precision = |told: &Told| {
        let scored = told.scores.iter().copied().zip(kinds.iter().map(|kind| kind.is_rejected()));
        average_precision(&scored.collect::<Vec<_>>()).unwrap_or_default()
    };
    let count = |told: &Told, rejected: bool, outcome: Outcome| {
        let both = kinds.iter().zip(&told.outcomes);
        both.filter(|(kind, found)| kind.is_rejected() == rejected && **found == outcome).count()
    };
    let harmful = kinds.iter().filter(|kind| kind.is_rejected()).count();
    let row = |what: String, before: usize, after: usize| format!("  {what:<58} {before:>7} {after:>7}\n");
    let mut said = format!("{} later comments, mostly of other words:\n", kinds.len());
    said.push_str(&format!("  {:<58} {:>7} {:>7}\n", "", "before", "after"));
    let (first, then) = (precision(before), precision(after));
    said.push_str(&format!(
        "  {:<58} {first:>7.3} {then:>7.3}\n",
        "average precision of what is likely to be rejected"
    ));
    for (rejected, outcome, what) in [
        (true, Outcome::Reject, "rejected"),
        (true, Outcome::Hold, "held"),
        (false, Outcome::Publish, "published"),
        (false, Outcome::Reject, "rejected, wrongly"),
    ] {
        let of = if rejected {
            format!("of {harmful} that the rule rejects, {what}")
        } else {
            format!("of {} that it approves, {what}", kinds.len() - harmful)
        };
        said.push_str(&row(of, count(before, rejected, outcome), count(after, rejected, outcome)));
    }
    say(&said)
}

/// Shows comments whose outcome changed.
fn examples(later: &[Label], kinds: &[Kind], before: &Told, after: &Told) -> anyhow::Result<()> {
    say("\nSome whose outcome changed:\n")?;
    for kind in [Kind::Slur, Kind::Campaign, Kind::Swearing, Kind::Topic] {
        let changed = (0..later.len()).filter(|at| kinds[*at] == kind && before.outcomes[*at] != after.outcomes[*at]);
        for at in changed.take(EXAMPLES_MAX) {
            let shown = |told: &Told| {
                let (outcome, style) = (told.outcomes[at], outcome_style(told.outcomes[at]));
                format!("{style}{:<7}{style:#} {:.2}", json::outcome_name(outcome), told.scores[at])
            };
            let text = shorten(&visible(&later[at].text), TEXT_CHARS);
            say(&format!("  {} -> {}  {text}\n", shown(before), shown(after)))?;
        }
    }
    Ok(())
}

pub(super) fn tell_how_to_go_on(url: &str, folder: &Path) -> anyhow::Result<()> {
    // As it was started: a newcomer has it under target/release, not on the PATH.
    let ombud = std::env::args().next().unwrap_or_else(|| "ombud".to_owned());
    let server = if url == SERVER_DEFAULT { String::new() } else { format!(" --server {url}") };
    say(&format!(
        "
The server stays up at {url} until Ctrl-C; then its folder {folder} is removed.
The report lies at {folder}/retrained/report.html. In another terminal, try:

  {ombud} models list{server}
  {ombud} labels stats{server}
  {ombud} retrain{server} --dry-run --out {folder}/again
",
        folder = folder.display(),
    ))
}
