//! Which policy holds where, and what of it is compiled how often.

use super::*;
use crate::domain::{Attribute, Author, Comment, CommentId, Judgement, Outcome, Score, Scores, Timestamp};
use crate::policy::{Scored, Subject, Threshold, Thresholds, document::Mode};
use std::{cell::Cell, time::Duration};

fn scope(site: &str, article: Option<&str>) -> Scope {
    Scope { site_id: SiteId::new(site), article_id: article.map(ArticleId::new) }
}

fn book() -> PolicyBook {
    let mut common = Thresholds::none();
    common.set(Attribute::Insult, Threshold { hold: Score::new(0.3), reject: Score::new(0.9) });
    let strict = Document::from_toml("insult = { hold = 0.1 }").unwrap();
    let below = Below { common: common.into(), sites: vec![(SiteId::new("strict"), strict)] };
    PolicyBook::new(below, str::to_lowercase).unwrap()
}

fn hold(book: &PolicyBook, site: &str, article: &str) -> Option<f32> {
    let policy = book.get(&SiteId::new(site), &ArticleId::new(article));
    policy.rules().thresholds.get(Attribute::Insult).hold.map(Score::get)
}

fn document(toml: &str) -> Document {
    Document::from_toml(toml).unwrap()
}

#[test]
fn an_article_has_its_own_policy_over_the_sites_over_what_is_configured() {
    let book = book();
    assert_eq!((hold(&book, "other", "a"), hold(&book, "strict", "a")), (Some(0.3), Some(0.1)));
    let book = book.with(&scope("strict", None), 1, document("insult = { hold = 0.2 }")).unwrap();
    let book = book.with(&scope("strict", Some("a")), 1, document("insult = { hold = \"never\" }")).unwrap();
    assert_eq!((hold(&book, "strict", "a"), hold(&book, "strict", "b")), (None, Some(0.2)));
    // The article keeps its own where the site's changes.
    let book = book.with(&scope("strict", None), 2, document("insult = { hold = 0.25 }")).unwrap();
    assert_eq!((hold(&book, "strict", "a"), hold(&book, "strict", "b")), (None, Some(0.25)));
    assert_eq!((book.version(&scope("strict", None)), book.version(&scope("strict", Some("a")))), (2, 1));
    let version = |article| book.get(&SiteId::new("strict"), &ArticleId::new(article)).version().to_owned();
    assert!(version("b").starts_with("site-2-") && version("a").starts_with("site-2-article-1-"));
}

#[test]
fn what_makes_no_sense_together_is_refused_and_changes_nothing() {
    let book = book();
    let refused = |scope: &Scope, toml| book.with(scope, 1, document(toml)).err().unwrap();
    let violations = refused(&scope("s", None), "insult = { hold = 0.9 }");
    assert_eq!(violations[0].field, "insult.hold");
    let rule = "[[rules]]\nname = \"r\"\nwhen = \"scores.insul > 0.5\"\naction = \"hold\"";
    let violations = refused(&scope("s", None), rule);
    assert_eq!(violations[0].field, "rules[0].when");
    assert!(violations[0].description.starts_with("column 8: "), "{violations:?}");
    let with_article = book.with(&scope("s", Some("a")), 1, document("insult = { reject = 0.5 }")).unwrap();
    let violations = with_article.with(&scope("s", None), 1, document("insult = { hold = 0.6 }")).err().unwrap();
    assert!(violations[0].description.contains("article a"), "{violations:?}");
}

#[test]
fn names_and_numbers_are_checked() {
    for (toml, field) in [
        ("flood = { comments = 33, seconds = 1, action = \"hold\" }", "flood.comments"),
        ("flood = { comments = 1, seconds = 0, action = \"hold\" }", "flood.seconds"),
        ("first_time = { published = 0, action = \"hold\" }", "first_time.published"),
        ("links = { action = \"hold\", allowed_domains = [\"http://example.org\"] }", "links.allowed_domains[0]"),
        ("[[rules]]\nname = \"A b\"\nwhen = \"true\"\naction = \"hold\"", "rules[0].name"),
        ("[[words]]\nname = \"w\"\nkind = \"exact\"\naction = \"hold\"\nentries = [\"a b\"]", "words[0].entries"),
    ] {
        let violations = book().with(&scope("s", None), 1, document(toml)).err().unwrap();
        assert_eq!(violations[0].field, field, "{toml}");
    }
}

/// Names the lists that fire for a text, with what each asks for.
fn fired(policy: &Policy, text: &str) -> Vec<(Box<str>, Outcome)> {
    let comment = Comment {
        site_id: SiteId::new("s"),
        article_id: ArticleId::new("a"),
        comment_id: CommentId::new("c"),
        parent_id: None,
        author: Author { author_id: None, name: "Ann".into() },
        text: text.into(),
        submitted_at: Timestamp::from_micros(0),
    };
    let ruling = policy.decide(&Subject {
        comment: &comment,
        scored: Scored::Scores(&Judgement::following(Scores::new([0.0; Attribute::COUNT]).unwrap())),
        language: None,
        author: None,
        normalised: &text.chars().collect::<Vec<_>>(),
        bytes_of: &|_| 0..0,
        clock: &|| Duration::ZERO,
    });
    ruling.reasons.into_iter().filter_map(|reason| Some((reason.name?, reason.outcome?))).collect()
}

thread_local! {
    /// How many words were normalised on this thread.
    static NORMALISED: Cell<usize> = const { Cell::new(0) };
}

fn counting(word: &str) -> String {
    NORMALISED.set(NORMALISED.get() + 1);
    word.to_lowercase()
}

/// A site's document of 40 words and 3 rules.
fn long(last: &str) -> Document {
    let entries: Vec<String> = (1..40).map(|number| format!("\"w{number}\"")).collect();
    let mut toml = format!(
        "[[words]]\nname = \"rude\"\nkind = \"exact\"\naction = \"hold\"\nentries = [{}, \"{last}\"]\n",
        entries.join(", ")
    );
    for number in 1..=3 {
        let rule = format!("name = \"r{number}\"\nwhen = \"comment.links > {number}\"\naction = \"hold\"\n");
        toml.push_str(&format!("[[rules]]\n{rule}"));
    }
    document(&toml)
}

fn article(number: usize) -> Scope {
    scope("daily", Some(&format!("a{number}")))
}

/// Whether two policies find the words of their first list, and ask their rules, with the very same things.
fn share(one: &Policy, other: &Policy) -> bool {
    let rules = |policy: &Policy| policy.conditions.iter().map(|rule| rule.expression.address()).collect::<Vec<_>>();
    Arc::ptr_eq(&one.layers[0].lists, &other.layers[0].lists) && rules(one) == rules(other)
}

#[test]
fn what_a_site_says_is_compiled_once_however_many_articles_have_policies_of_their_own() {
    NORMALISED.set(0);
    let mut book = PolicyBook::new(Below::default(), counting).unwrap();
    let site = scope("daily", None);
    book.lay(&site, 1, long("fudge")).unwrap();
    assert_eq!(NORMALISED.get(), 40);
    for number in 0..200 {
        book.lay(&article(number), 1, document("mode = \"pre_moderated\"")).unwrap();
    }
    assert_eq!(NORMALISED.get(), 40);
    let shared = |book: &PolicyBook| (0..200).all(|number| share(book.of(&article(number)), book.of(&site)));
    assert!(shared(&book));
    // An article's own words are looked for beside the site's, and nobody else's are touched.
    let own = "[[words]]\nname = \"own\"\nkind = \"exact\"\naction = \"reject\"\nentries = [\"tea\", \"bun\"]";
    let other = book.with(&article(7), 2, document(own)).unwrap();
    assert_eq!((NORMALISED.get(), other.of(&article(7)).layers.len()), (42, 2));
    assert!(shared(&other) && shared(&book));
    // The site's next version says the same words and rules: only what is new is compiled.
    let mut next = long("fudge");
    next.mode = Some(Mode::Closed);
    let other = other.with(&site, 2, next).unwrap();
    assert_eq!(NORMALISED.get(), 42);
    assert!(shared(&other) && share(other.of(&site), book.of(&site)));
    let other = other.with(&site, 3, long("custard")).unwrap();
    assert_eq!(NORMALISED.get(), 82);
    assert!(shared(&other) && !share(other.of(&site), book.of(&site)));
}

#[test]
fn an_articles_list_stands_in_the_place_of_the_sites_of_that_name() {
    let site = "[[words]]\nname = \"rude\"\nkind = \"exact\"\naction = \"hold\"\nentries = [\"fudge\"]\n\
                [[words]]\nname = \"spam\"\nkind = \"exact\"\naction = \"hold\"\nentries = [\"buy\", \"bun\"]\n";
    let article = "[[words]]\nname = \"rude\"\nkind = \"exact\"\naction = \"reject\"\nentries = [\"bun\"]\n";
    let off = "[[words]]\nname = \"spam\"\nkind = \"exact\"\naction = \"none\"\nentries = [\"buy\"]\n";
    let book = book().with(&scope("s", None), 1, document(site)).unwrap();
    let book = book.with(&scope("s", Some("a")), 1, document(article)).unwrap();
    let book = book.with(&scope("s", Some("b")), 1, document(off)).unwrap();
    for (article, text, expected) in [
        ("a", "bun and fudge", vec![("rude", Outcome::Reject), ("spam", Outcome::Hold)]),
        ("a", "fudge", vec![]),
        ("b", "buy a bun and fudge", vec![("rude", Outcome::Hold)]),
        ("c", "bun and fudge", vec![("rude", Outcome::Hold), ("spam", Outcome::Hold)]),
    ] {
        let fired = fired(book.get(&SiteId::new("s"), &ArticleId::new(article)), text);
        let fired: Vec<_> = fired.iter().map(|(name, outcome)| (&**name, *outcome)).collect();
        assert_eq!(fired, expected, "{article}: {text}");
    }
}

#[test]
fn a_policy_that_is_too_long_with_what_lies_below_it_is_refused() {
    let rule = |name: &str| {
        let when = format!("text != '{}'", "x".repeat(2000));
        format!("[[rules]]\nname = \"{name}\"\nwhen = \"{when}\"\naction = \"hold\"\n")
    };
    let many = |prefix: &str| (0..200).map(|number| rule(&format!("{prefix}{number}"))).collect::<String>();
    let below = Below { common: Rules::default(), sites: vec![(SiteId::new("s"), document(&many("c")))] };
    let book = PolicyBook::new(below, str::to_lowercase).unwrap();
    let book = book.with(&scope("s", None), 1, document(&many("s"))).unwrap();
    let article = scope("s", Some("a"));
    let refused = book.with(&article, 1, document(&many("a"))).err().unwrap();
    assert_eq!((refused.len(), refused[0].field.as_str()), (1, "policy"));
    // In the place of what is below, it is no longer than that.
    assert!(book.with(&article, 1, document(&many("c"))).is_ok());
}
