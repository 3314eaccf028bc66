//! Prints how long a site's own rules and words take for a comment, beside scoring it; and what the costliest rules that
//! are taken cost on the longest text that is let in. Ends with exit status 1 where a policy of 50 rules and 5,000 words takes
//! longer than scoring.
//!
//! `cargo bench --bench policy`; `OMBUD_BENCH_JSONL` names a file of JSON lines with a `text` to use in the place of the
//! project's own fixture.

#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use ombud::{
    classify::{Model, Normalised, Scratch},
    domain::{ArticleId, Author, Comment, CommentId, Judgement, Outcome, SiteId, Timestamp},
    policy::{
        Document, Policy, Rules, Scored, Subject,
        document::{Links, Measure, NamedRule, NamedWords},
        expression::{AuthorFacts, Expression, Facts},
        words::{Entry, Kind, WordList},
    },
};
use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

const FIXTURE: &str = include_str!("../tests/fixtures/comments.jsonl");
const ROUNDS_MIN: usize = 5;
const TIME_MIN: Duration = Duration::from_secs(1);
/// Of so many comments the fastest round counts: few enough that some round of them was not disturbed.
const CHUNK: usize = 100;
const RULES: usize = 50;
const WORDS: usize = 5000;
/// Words of the list that stand in comments.
const COMMON: [&str; 8] = ["people", "never", "stupid", "article", "liar", "thank", "government", "wrong"];
/// The bytes of the longest text that is let in by default.
const LONGEST: usize = 20_480;

/// What rules look like; each is compiled with its number in the place of `N`.
const SHAPES: [&str; 5] = [
    "scores.toxicity > 0.N && author.first_time && comment.links > 0",
    "author.published < N && author.rejected > 0 && scores.spam > 0.4",
    "comment.length > 4N && ['http:', 'https:', 'www.'].exists(w, text.contains(w))",
    "comment.site_id in ['daily', 'weekly', 'siteN'] && scores.insult >= 0.7",
    "article.mode == 'pre_moderated' || comment.is_reply && text.matches('(?i)subscribe to channelN')",
];

#[derive(serde::Deserialize)]
struct Line {
    text: String,
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let lines = std::env::var("OMBUD_BENCH_JSONL").map_or_else(|_| Ok(FIXTURE.to_owned()), std::fs::read_to_string)?;
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    let texts =
        lines.map(|line| serde_json::from_str::<Line>(line).map(|line| line.text)).collect::<Result<Vec<_>, _>>()?;
    let model = Model::embedded()?;
    let (mut scratch, mut normalised) = (Scratch::default(), Normalised::default());
    let scored: Vec<(&str, Judgement, Vec<char>)> = texts
        .iter()
        .filter_map(|text| {
            normalised.assign(text);
            let judgement = Judgement::following(model.score_into(&mut scratch, text)?);
            Some((&**text, judgement, normalised.chars().to_vec()))
        })
        .collect();
    println!("model {}, {} comments", model.version(), scored.len());

    let begin = Instant::now();
    let rules = rules()?;
    println!("compile {RULES} rules: {:?} each", begin.elapsed() / u32::try_from(RULES)?);
    let begin = Instant::now();
    let words = WordList::compile(&entries(), str::to_lowercase)?;
    println!("compile {WORDS} words: {:?}", begin.elapsed());

    let score = fastest(&scored, |(text, ..)| {
        black_box(model.score_into(&mut scratch, black_box(text)));
    });
    let prepare = fastest(&scored, |(text, scores, _)| {
        black_box(facts(text, scores).prepare());
    });
    let ruled = fastest(&scored, |(text, scores, _)| {
        let facts = facts(text, scores).prepare();
        for rule in &rules {
            let _ = black_box(rule.matches(black_box(&facts)));
        }
    });
    let found = fastest(&scored, |(.., chars)| {
        black_box(words.find(black_box(chars)));
    });
    let policy = policy()?;
    let mut normalised = Normalised::default();
    let comments: Vec<(Comment, Judgement)> = scored.iter().map(|(text, scores, _)| (comment(text), *scores)).collect();
    let decided = fastest(&comments, |(comment, scores)| {
        // A policy looks at the normalised text, which is made for it.
        normalised.assign(&comment.text);
        let bytes_of = |range| normalised.bytes_of(range);
        black_box(policy.decide(&Subject {
            comment,
            scored: Scored::Scores(scores),
            language: None,
            author: None,
            normalised: normalised.chars(),
            bytes_of: &bytes_of,
            clock: &|| begin.elapsed(),
        }));
    });
    say("score", score, score);
    say("prepare the facts", prepare, score);
    say(&format!("prepare, and {RULES} rules"), ruled, score);
    say(&format!("{WORDS} words"), found, score);
    say(&format!("a policy of {RULES} rules and {WORDS} words"), decided, score);
    let long: Vec<char> = texts.join(" ").to_lowercase().chars().take(500).collect();
    let one = fastest(&[long], |chars| {
        black_box(words.find(black_box(chars)));
    });
    println!("{WORDS} words in 500 characters: {:.2} µs", one * 1e6);
    tell_of_the_costliest()?;
    let hits = scored.iter().filter(|(.., chars)| !words.find(chars).is_empty()).count();
    println!("{hits} of {} comments have a word of the list", scored.len());
    if decided > score {
        println!("a policy takes longer than scoring");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what rules at the limits take on a text that is made for them.
fn tell_of_the_costliest() -> Result<(), Box<dyn std::error::Error>> {
    let repeat = |what: &str, times: usize| what.repeat(times);
    let mut state = 1_u64;
    let random: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ['a', 'b', ' '][usize::try_from(state >> 40).unwrap_or(0) % 3]
    })
    .take(LONGEST)
    .collect();
    let periodic = repeat("a b ", LONGEST / 4);
    for (what, source, text) in [
        ("steps", format!("[1{}].all(n, n in [2{},1])", repeat(",1", 89), repeat(",2", 88)), &random),
        ("walks", format!("[1{}].all(n, !text.contains('a a') || text == '')", repeat(",1", 240)), &periodic),
        ("60 places", "text.matches('^[ab ]*a[ab ]{60}[^ab ]')".to_owned(), &random),
        ("95 places", "text.matches('([ab ]*a[ab ]{1,14}){1,5}[ab ]{1,14}[^ab ]')".to_owned(), &random),
        ("places in one repetition", "text.matches('[ab ]*a[ab ]{93}[^ab ]')".to_owned(), &random),
    ] {
        let rule = Expression::compile(&source)?;
        let facts = Facts { text, ..Facts::default() }.prepare();
        let begin = Instant::now();
        let answer = rule.matches(&facts);
        println!("costliest by {what}: {:.2?} on {LONGEST} bytes, {answer:?}", begin.elapsed());
    }
    Ok(())
}

fn sources() -> impl Iterator<Item = String> {
    (0..RULES).map(|number| SHAPES[number % SHAPES.len()].replace('N', &(number + 50).to_string()))
}

fn rules() -> Result<Vec<Expression>, Box<dyn std::error::Error>> {
    Ok(sources().map(|source| Expression::compile(&source)).collect::<Result<_, _>>()?)
}

/// Makes a policy of all rules and words, one list for each kind, with an allowed domain.
fn policy() -> Result<Policy, Box<dyn std::error::Error>> {
    let rule = |(number, when): (usize, String)| NamedRule { name: format!("r{number}"), when, action: Measure::Hold };
    let words = Kind::ALL.map(|kind| NamedWords {
        name: kind.name().to_owned(),
        kind,
        action: Measure::Hold,
        entries: entries().into_iter().filter(|entry| entry.kind == kind).map(|entry| entry.text).collect(),
    });
    let document = Document {
        links: Some(Links { action: Measure::Hold, allowed_domains: vec!["example.org".to_owned()] }),
        words: words.into(),
        rules: sources().enumerate().map(rule).collect(),
        ..Document::default()
    };
    let mut rules = Rules::default();
    rules.lay_over(&document);
    Policy::compile(&rules, "bench", str::to_lowercase).map_err(|violations| format!("{violations:?}").into())
}

fn comment(text: &str) -> Comment {
    Comment {
        site_id: SiteId::new("daily"),
        article_id: ArticleId::new("article"),
        comment_id: CommentId::new("c"),
        parent_id: None,
        author: Author { author_id: None, name: "Ann".to_owned() },
        text: text.to_owned(),
        submitted_at: Timestamp::from_micros(0),
    }
}

/// Makes words of syllables, and of some of them stems and phrases, next to none of which stands in a comment; and some common
/// words, which do.
fn entries() -> Vec<Entry> {
    const SYLLABLES: [&str; 18] = [
        "ba", "con", "de", "fu", "gra", "hi", "ing", "ka", "lo", "mer", "ni", "or", "per", "qui", "re", "sta", "tu",
        "ven",
    ];
    let syllables = SYLLABLES.len();
    (0..WORDS)
        .map(|number| {
            if let Some(common) = COMMON.get(number) {
                return Entry { text: (*common).to_owned(), kind: Kind::Exact, action: Outcome::Hold };
            }
            let parts = [number % syllables, number / syllables % syllables, number / syllables.pow(2) % syllables];
            let word = parts.map(|part| SYLLABLES[part]).concat();
            let (text, kind) = match number % 10 {
                0 => (format!("{word} {}", SYLLABLES[parts[0]]), Kind::Phrase),
                1 | 2 => (word, Kind::Stem),
                _ => (word, Kind::Exact),
            };
            Entry { text, kind, action: Outcome::Hold }
        })
        .collect()
}

fn facts<'a>(text: &'a str, scores: &'a Judgement) -> Facts<'a> {
    let author = AuthorFacts { author_id: "a1", name: "Ann", published: 60, rejected: 1, ..AuthorFacts::default() };
    Facts { scores: Some(scores), author, text, ..Facts::default() }
}

fn say(what: &str, seconds: f64, against: f64) {
    println!("{what:<36} {:>8.2} µs a comment, ratio {:.2}", seconds * 1e6, seconds / against);
}

/// Returns the seconds that an item takes, from each chunk's fastest round.
fn fastest<T>(items: &[T], mut work: impl FnMut(&T)) -> f64 {
    let mut best = vec![f64::INFINITY; items.len().div_ceil(CHUNK)];
    let begin = Instant::now();
    let mut rounds = 0;
    while rounds < ROUNDS_MIN || begin.elapsed() < TIME_MIN {
        for (best, some) in best.iter_mut().zip(items.chunks(CHUNK)) {
            let round = Instant::now();
            some.iter().for_each(&mut work);
            *best = best.min(round.elapsed().as_secs_f64());
        }
        rounds += 1;
    }
    best.iter().sum::<f64>() / f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX))
}
