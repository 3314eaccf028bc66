//! What a retraining found is told as a document and as a page, the same bytes each time.

use ombud::{
    classify::{
        Model,
        house::{Circumstances, HouseModel},
    },
    domain::Attribute,
    train::house::{
        Label, Retrained, Settings,
        account::{Account, Asked, page},
        gates::{Gate, Limits},
        newsroom::{Plan, simulate},
        retrain,
    },
};
use std::sync::{Arc, LazyLock};

const VERDICTS: Plan = Plan { comments: 500, later: false, noise: 0.05, seed: 1 };
/// What a reader may try.
const NASTY: &str = "</td><script>alert(1)</script><img src=\"https://x.example/a\">&amp;";

fn retrained(labels: impl IntoIterator<Item = Label>) -> Retrained {
    static BASE: LazyLock<Arc<Model>> = LazyLock::new(|| Arc::new(Model::embedded().unwrap()));
    let champion = HouseModel::without_house(Arc::clone(&BASE));
    retrain(&BASE, &champion, labels, &Settings::default(), &Limits::default(), &|_| {}).unwrap()
}

fn account(retrained: &Retrained) -> Account {
    let asked = Asked { since: Some("2023-11-14T00:00:00Z".to_owned()), ..Asked::default() };
    Account::new(retrained, asked, &Settings::default(), &Limits::default())
}

/// The newsroom's labels, among them one text that two moderators disagree on and that means harm to a page.
fn labels() -> Vec<Label> {
    let mut labels = simulate(VERDICTS);
    let last = labels.len() - 1;
    for (label, (moderator, rejected)) in labels[last - 1..].iter_mut().zip([("ada", true), ("ben", false)]) {
        NASTY.clone_into(&mut label.text);
        (label.moderator, label.rejected) = (moderator.to_owned(), Some(rejected));
    }
    labels
}

#[test]
fn an_account_is_the_same_bytes_each_time_and_its_page_stands_alone() {
    let (one, other) = (account(&retrained(labels())), account(&retrained(labels().into_iter().rev())));
    assert!(
        one.passed && one.summary.starts_with("Passed: "),
        "{} {:#?}",
        one.summary,
        one.refusals().collect::<Vec<_>>()
    );
    let (json, html) = (one.to_json(), page(&one));
    assert!(json == other.to_json() && html == page(&other));
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/report.html"), &html).unwrap();

    let read: serde_json::Value = serde_json::from_slice(&json).unwrap();
    for name in [
        "format",
        "summary",
        "passed",
        "labels_needed",
        "labels_needed_kinds",
        "file",
        "champion",
        "challenger",
        "labels",
        "asked",
        "gates",
        "comparisons",
        "differently",
        "words",
        "identity",
        "contradictions",
        "curves",
        "chosen",
        "settings",
        "limits",
    ] {
        assert!(read.get(name).is_some(), "{name} is a name that programs read");
    }
    assert_eq!(read["labels"]["looked_at"], 500);
    assert_eq!(read["labels"]["by_source"]["verdict"], 500);
    assert_eq!(read["labels"]["held_out"], 100);

    // What readers wrote is text; besides it, nothing runs and nothing is fetched.
    let shown =
        "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=&quot;https://x.example/a&quot;&gt;&amp;amp;";
    assert!(html.contains(shown), "it is shown as it was written");
    let html = html.replace(shown, "");
    for never in ["<script", "<img", "src=", "href=", "url(", "@import", "onload", "javascript:", "NaN"] {
        assert!(!html.contains(never), "{never}");
    }
    assert_eq!(html.matches("<table>").count(), html.matches("<caption>").count());
    let plots = html.matches("<svg class=\"plot\" role=\"img\"").count();
    assert!(plots == 3 && html.matches("<title id=").count() == 3 && html.matches("<desc id=").count() == 3);
}

#[test]
fn an_account_of_few_labels_says_how_many_more_it_takes() {
    let few = account(&retrained(simulate(Plan { comments: 20, ..VERDICTS })));
    assert!(!few.passed && few.labels_needed == 480, "{}", few.labels_needed);
    assert!(few.summary.starts_with("Not yet: ") && few.summary.contains("480 more"), "{}", few.summary);
    let none = account(&retrained([]));
    assert!(!none.passed && none.file.is_none() && none.labels_needed == 500, "{none:#?}");
    assert!(page(&none).contains("Not yet: ") && !page(&none).contains("NaN"));
}

#[test]
fn a_verdict_that_another_moderator_overruled_is_reported_as_a_contradiction() {
    let first = simulate(Plan { comments: 1, ..VERDICTS }).remove(0);
    let first = Label { moderator: "ada".to_owned(), rejected: Some(true), ..first };
    let at = ombud::domain::Timestamp::from_micros(first.at.as_micros() + 1);
    let second = Label { moderator: "ben".to_owned(), rejected: Some(false), at, ..first.clone() };
    let found = account(&retrained([second, first]));
    assert_eq!((found.labels.looked_at, found.contradictions.texts), (1, 1));
    let pair = &found.contradictions.pairs[0];
    assert_eq!((pair.rejected_by.as_str(), pair.approved_by.as_str()), ("ada", "ben"));
}

#[test]
fn whoever_gives_the_labels_that_are_still_needed_is_not_told_to_give_more() {
    let enough = |account: &Account| {
        let refused = account.refusals().any(|verdict| matches!(verdict.gate, Gate::Learned | Gate::HeldOut));
        !refused && account.labels_needed == 0
    };
    let few = account(&retrained(simulate(Plan { comments: 60, ..VERDICTS })));
    assert!(!enough(&few));
    let then = account(&retrained(simulate(Plan { comments: 60 + few.labels_needed, ..VERDICTS })));
    assert!(enough(&then), "{:#?}", then.gates);

    // Enough labels in all, of which one in twenty rejects.
    let rare = |comments: usize, every: usize| {
        let rule = |(at, label): (usize, Label)| Label { rejected: Some(at % every == 0), ..label };
        simulate(Plan { comments, ..VERDICTS }).into_iter().enumerate().map(rule).collect::<Vec<Label>>()
    };
    let scarce = account(&retrained(rare(600, 20)));
    assert_eq!((scarce.labels_needed, scarce.labels_needed_kinds.rejected), (70, 70), "{}", scarce.summary);
    assert!(scarce.summary.contains("70 more, all of them to reject"), "{}", scarce.summary);
    assert!(enough(&account(&retrained(rare(600, 6)))));
}

#[test]
fn labels_that_speak_of_attributes_alone_take_no_place_among_those_held_out() {
    let mut labels = simulate(VERDICTS);
    let template = labels[499].clone();
    labels.extend((0..500).map(|number| Label {
        comment: format!("corrected-{number}"),
        source: ombud::train::house::Source::Attribute,
        rejected: None,
        attributes: [Some(true); Attribute::COUNT],
        ..template.clone()
    }));
    let with = retrained(labels);
    assert_eq!((with.report.held_out.rows, with.report.learned.unwrap().labels()), (100, 400));
}

#[test]
fn data_sets_are_learned_from_and_never_judged_by_nor_counted() {
    let mut labels = simulate(Plan { comments: 300, ..VERDICTS });
    let template = labels[0].clone();
    labels.extend((0..150).map(|number| Label {
        comment: format!("row {number}"),
        text: format!("You are a brumble, number {number} of this town."),
        source: ombud::train::house::Source::DataSet,
        moderator: String::new(),
        rejected: Some(true),
        attributes: [Some(true); Attribute::COUNT],
        // Even where they bear a later time.
        at: ombud::domain::Timestamp::from_micros(i64::MAX),
        ..template.clone()
    }));
    let with = retrained(labels);
    assert_eq!((with.held_out().len(), with.labels.len()), (60, 450));
    assert!(with.held_out().iter().all(|label| !label.text.contains("brumble")));
    let learned = with.challenger.as_ref().unwrap().0.learned;
    assert_eq!(learned.labels(), 240, "a gate that asks for labels is not fed by data sets");
    assert!(with.report.of(Gate::Learned).all(|verdict| verdict.reason.contains("240 labels")));
    let base = Arc::new(Model::embedded().unwrap());
    let score = |retrained: &Retrained| {
        let bytes = &retrained.challenger.as_ref().unwrap().1;
        let model = HouseModel::from_bytes(Arc::clone(&base), bytes, "x".as_ref()).unwrap();
        model.score("He is a brumble", &Circumstances::default()).unwrap().likely_to_reject.get()
    };
    let without = retrained(simulate(Plan { comments: 300, ..VERDICTS }));
    assert!(score(&with) > score(&without) + 0.1, "{} {}", score(&with), score(&without));
}
