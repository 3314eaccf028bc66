//! A newsroom teaches the program its own rules, and gates keep out what learned the wrong ones.

use crate::support::model;
use ombud::{
    classify::{
        Model,
        artifact::sha256_hex,
        house::{Artifact, Circumstances, HouseModel},
    },
    domain::Attribute,
    train::{
        house::{
            Label, Settings, fit,
            gates::{Gate, Limits, Outcome, Report, judge},
            label::in_force,
            newsroom::{Kind, Plan, simulate, simulate_kinds},
            retrain,
        },
        identity,
        metrics::{Scored, average_precision, calibration_error},
    },
};
use std::sync::{Arc, LazyLock};

static BASE: LazyLock<Arc<Model>> = LazyLock::new(|| Arc::new(Model::embedded().unwrap()));
static CHAMPION: LazyLock<HouseModel> = LazyLock::new(|| HouseModel::without_house(Arc::clone(&BASE)));

const VERDICTS: Plan = Plan { comments: 2000, later: false, noise: 0.05, seed: 1 };
const LATER: Plan = Plan { comments: 1000, later: true, noise: 0.05, seed: 2 };

/// What 2,000 verdicts make; several tests look at it.
static TAUGHT: LazyLock<HouseModel> = LazyLock::new(|| taught(simulate(VERDICTS)));

fn taught(labels: Vec<Label>) -> HouseModel {
    house(learned(labels))
}

fn learned(labels: Vec<Label>) -> Artifact {
    fit(&BASE, &in_force(labels).unwrap(), &Settings::default()).unwrap().artifact
}

fn house(artifact: Artifact) -> HouseModel {
    let checksum = sha256_hex(&artifact.to_bytes().unwrap());
    HouseModel::new(Arc::clone(&BASE), artifact, &checksum).unwrap()
}

/// Scores labels with the probability of rejection.
fn scored(model: &HouseModel, labels: &[Label]) -> Vec<Scored> {
    let score = |label: &Label| {
        let scored = model.score(&label.text, &label.circumstances).unwrap();
        (scored.likely_to_reject.get(), label.rejected.unwrap())
    };
    labels.iter().map(score).collect()
}

/// Returns the average precision of the base model's attribute that tells best what is rejected.
fn best_attribute(labels: &[Label]) -> (Attribute, f64) {
    let precision = |attribute: Attribute| {
        let score = |label: &Label| (BASE.score(&label.text).unwrap().get(attribute).get(), label.rejected.unwrap());
        (attribute, average_precision(&labels.iter().map(score).collect::<Vec<_>>()).unwrap())
    };
    Attribute::ALL.into_iter().map(precision).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

#[test]
fn the_house_learns_what_the_base_does_not_know() {
    // Noise is told as likely, so that the rule itself, which has none, is farther from what was learned.
    for (name, plan, error_max) in [
        ("later, other frames, verdicts with noise", LATER, 0.13),
        ("later, other frames, the rule itself", Plan { noise: 0.0, ..LATER }, 0.17),
        ("frames that were learned from, verdicts with noise", Plan { later: false, ..LATER }, 0.07),
    ] {
        let labels = simulate(plan);
        let (attribute, base) = best_attribute(&labels);
        let scored = scored(&TAUGHT, &labels);
        let (house, error) = (average_precision(&scored).unwrap(), calibration_error(&scored).unwrap());
        let told = format!("{name}: {house:.3}, calibration error {error:.3}; base {base:.3} by {attribute}");
        assert!(house >= base + 0.15 && error < error_max, "{told}");
    }
}

#[test]
fn the_base_is_unchanged_to_the_bit_and_dropping_the_house_restores_the_first_answers() {
    for label in simulate(Plan { comments: 200, ..LATER }) {
        let (with, without) = (
            TAUGHT.score(&label.text, &label.circumstances).unwrap(),
            CHAMPION.score(&label.text, &label.circumstances).unwrap(),
        );
        assert_eq!(with.scores.to_array().map(f32::to_bits), without.scores.to_array().map(f32::to_bits));
        let rolled_back = HouseModel::without_house(Arc::clone(TAUGHT.base()));
        assert_eq!(rolled_back.score(&label.text, &label.circumstances), Some(without));
    }
}

#[test]
fn what_was_learned_is_explained_exactly() {
    for label in simulate(Plan { comments: 100, ..LATER }) {
        let explanation = TAUGHT.explain(&label.text, &label.circumstances).unwrap();
        assert!((explanation.sum() - explanation.logit).abs() < 1e-5, "{}", label.text);
    }
    let text = "Keep the grelks away from the harbour";
    let explanation = TAUGHT.explain(text, &Circumstances::default()).unwrap();
    let strongest = explanation.words.iter().max_by(|a, b| a.house.total_cmp(&b.house)).unwrap();
    assert_eq!(&text[strongest.begin as usize..strongest.end as usize], "grelks");
}

fn check_refused(report: &Report, gate: Gate) {
    let refusals: Vec<_> = report.refusals().collect();
    assert!(!report.passed() && refusals.iter().any(|verdict| verdict.gate == gate), "{refusals:#?}");
}

#[test]
fn a_retraining_passes_the_gates_and_is_the_same_each_time() {
    const VERDICTS: Plan = Plan { comments: 1000, ..self::VERDICTS };
    let labels = || simulate(VERDICTS);
    let limits = Limits::default();
    let first = retrain(&BASE, &CHAMPION, labels(), &Settings::default(), &limits, &|_| {}).unwrap();
    let report = &first.report;
    assert!(report.passed(), "{:#?}", report.refusals().collect::<Vec<_>>());
    for gate in
        [Gate::Learned, Gate::HeldOut, Gate::AveragePrecision, Gate::Calibration, Gate::Attributes, Gate::Identity]
    {
        assert_eq!(report.of(gate).count(), 1, "{gate}");
    }
    let slices = ["section local", "length medium"];
    assert!(
        slices.iter().all(|slice| report.comparisons.iter().any(|one| one.name == *slice)),
        "{:?}",
        report.comparisons
    );
    assert_eq!((report.held_out.rows, first.held_out().len(), first.labels.len()), (200, 200, 1000));
    for kind in [true, false] {
        let of_kind = |label: &&Label| label.rejected == Some(kind);
        let held: Vec<_> = first.held_out().iter().filter(of_kind).map(|label| label.at).collect();
        let newest = simulate(VERDICTS).iter().filter(of_kind).filter(|label| label.at >= held[0]).count();
        assert_eq!(newest, held.len(), "the newest of each kind were held out");
    }
    let change = |word: &str| report.words.iter().find(|one| one.word == word).map_or(0.0, |one| one.change);
    assert!(change("grelk") > 0.5 && change("damn") < -0.5, "{:?}", report.words);
    assert!(report.curves.iter().all(|curves| curves.points.len() > 20 && curves.points.len() <= 101));
    let last = report.curves[1].points.last().unwrap();
    assert!((last.recall - 1.0).abs() < 1e-9 && (last.false_positive_rate - 1.0).abs() < 1e-9);
    let right = report.differently.iter().filter(|one| (one.challenger >= limits.threshold) == one.rejected).count();
    assert!(right * 4 > report.differently.len() * 3, "{right} of {}", report.differently.len());
    assert!(!first.disagreements.is_empty(), "one verdict of twenty is wrong");
    // In another order, at another number of threads.
    let backwards: Vec<Label> = labels().into_iter().rev().collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let again = pool.install(|| retrain(&BASE, &CHAMPION, backwards, &Settings::default(), &limits, &|_| {})).unwrap();
    let ((artifact, bytes), (_, same)) = (first.challenger.unwrap(), again.challenger.unwrap());
    assert_eq!(sha256_hex(&bytes), sha256_hex(&same));
    assert_eq!(*report, again.report);
    assert_eq!(Artifact::from_bytes(&bytes, std::path::Path::new("x")).unwrap(), artifact);
}

#[test]
fn a_challenger_that_learned_the_opposite_is_refused() {
    let flip = |label: Label| Label { rejected: label.rejected.map(|rejected| !rejected), ..label };
    let opposite = taught(simulate(Plan { comments: 500, ..VERDICTS }).into_iter().map(flip).collect());
    let report = judge(&CHAMPION, &opposite, &simulate(Plan { comments: 400, ..LATER }), &Limits::default());
    check_refused(&report, Gate::AveragePrecision);
}

fn passed(report: &Report, gate: Gate) -> bool {
    report.of(gate).all(|verdict| verdict.outcome == Outcome::Passed)
}

#[test]
fn a_challenger_whose_probabilities_are_too_high_is_refused_though_it_finds_as_much() {
    let artifact = learned(simulate(Plan { comments: 500, ..VERDICTS }));
    let mut rash = artifact.clone();
    rash.head.bias += 1.5;
    let held_out = simulate(Plan { comments: 400, ..LATER });
    let report = judge(&house(artifact), &house(rash), &held_out, &Limits::default());
    check_refused(&report, Gate::Calibration);
    assert!(passed(&report, Gate::AveragePrecision) && passed(&report, Gate::Slices), "{:#?}", report.verdicts);
}

#[test]
fn a_challenger_that_is_better_on_the_whole_and_much_worse_in_one_section_is_refused() {
    // Whoever taught it let insults pass; in the arena there are no other comments to reject.
    let tolerant =
        |(label, kind): (Label, Kind)| Label { rejected: label.rejected.map(|is| is && kind != Kind::Insult), ..label };
    let challenger =
        taught(simulate_kinds(Plan { comments: 800, noise: 0.0, ..VERDICTS }).into_iter().map(tolerant).collect());
    let place = |(at, (label, kind)): (usize, (Label, Kind))| {
        let arena = kind == Kind::Insult || kind == Kind::Plain && at % 4 == 0;
        Label { section: Some(if arena { "arena" } else { "elsewhere" }.to_owned()), ..label }
    };
    let later = simulate_kinds(Plan { comments: 800, noise: 0.0, ..LATER });
    let held_out: Vec<Label> = later.into_iter().enumerate().map(place).collect();
    let report = judge(&CHAMPION, &challenger, &held_out, &Limits::default());
    check_refused(&report, Gate::Slices);
    assert!(passed(&report, Gate::AveragePrecision), "{:#?}", report.verdicts);
    let refused: Vec<_> = report.refusals().filter(|verdict| verdict.gate == Gate::Slices).collect();
    assert!(refused.len() == 1 && refused[0].reason.starts_with("section arena: "), "{refused:#?}");
}

#[test]
fn where_no_part_can_be_judged_what_the_nearest_one_lacks_is_told() {
    // Many enough in each section, of which hardly any reject.
    let held_out = simulate(Plan { comments: 300, ..LATER }).into_iter().enumerate();
    let held_out: Vec<Label> = held_out.map(|(at, label)| Label { rejected: Some(at % 37 == 0), ..label }).collect();
    let report = judge(&CHAMPION, &CHAMPION, &held_out, &Limits::default());
    let verdict = report.of(Gate::Slices).next().unwrap();
    assert_eq!((report.of(Gate::Slices).count(), verdict.outcome), (1, Outcome::Skipped));
    let needed = verdict.needed;
    assert!((1..10).contains(&needed) && verdict.needed_kinds.rejected == needed, "{verdict:#?}");
    assert!(verdict.reason.ends_with(&format!("{needed} more, all of them to reject")), "{}", verdict.reason);
}

#[test]
fn twenty_labels_are_too_few_and_the_number_still_needed_is_told() {
    let few = taught(simulate(Plan { comments: 20, ..VERDICTS }));
    let held_out = simulate(Plan { comments: 400, ..LATER });
    let report = judge(&CHAMPION, &few, &held_out, &Limits::default());
    check_refused(&report, Gate::Learned);
    let verdict = report.of(Gate::Learned).next().unwrap();
    assert_eq!(verdict.needed, 180);
    assert!(verdict.reason.contains("20 labels") && verdict.reason.contains("180 more"), "{}", verdict.reason);
    // The same where there is hardly anything to judge by either.
    let labels = simulate(Plan { comments: 20, ..VERDICTS });
    let retrained = retrain(&BASE, &CHAMPION, labels, &Settings::default(), &Limits::default(), &|_| {}).unwrap();
    check_refused(&retrained.report, Gate::Learned);
    check_refused(&retrained.report, Gate::HeldOut);
}

#[test]
fn what_the_champion_may_have_learned_from_judges_nobody() {
    let champion = taught(simulate(Plan { comments: 400, ..VERDICTS }));
    let labels = simulate(Plan { comments: 440, ..VERDICTS });
    let until = champion.learned_until().unwrap();
    assert_eq!(until, labels[399].at);
    let retrained = retrain(&BASE, &champion, labels, &Settings::default(), &Limits::default(), &|_| {}).unwrap();
    assert_eq!(retrained.held_out().len(), 40);
    assert!(retrained.held_out().iter().all(|label| label.at > until));
    check_refused(&retrained.report, Gate::HeldOut);
    let verdict = retrained.report.of(Gate::HeldOut).next().unwrap();
    assert_eq!(verdict.needed, 60);
    let why = "48 more are not newer than all that the champion has learned from";
    assert!(verdict.reason.contains("60 more") && verdict.reason.contains(why), "{}", verdict.reason);
    assert_eq!(retrained.challenger.unwrap().0.learned_until.unwrap(), until);
}

#[test]
fn labels_that_all_say_the_same_or_none_at_all_are_an_answer() {
    let alike =
        simulate(Plan { comments: 50, ..VERDICTS }).into_iter().map(|label| Label { rejected: Some(false), ..label });
    for labels in [alike.collect(), Vec::new()] {
        let retrained = retrain(&BASE, &CHAMPION, labels, &Settings::default(), &Limits::default(), &|_| {}).unwrap();
        assert!(retrained.challenger.is_none());
        check_refused(&retrained.report, Gate::Learned);
        assert!(retrained.report.verdicts[0].needed >= 30);
        check_refused(&retrained.report, Gate::HeldOut);
    }
}

#[test]
fn a_challenger_that_flags_words_for_people_is_refused() {
    let mut labels = simulate(Plan { comments: 500, ..VERDICTS });
    let benign = identity::learned(1).into_iter().filter(|one| {
        one.term.is_some()
            && one.context != identity::Context::Alone
            && one.labels[Attribute::Toxicity.index()] == Some(false)
    });
    let template = labels[0].clone();
    labels.extend(benign.step_by(40).zip(0..).map(|(sentence, number)| Label {
        comment: format!("people-{number}"),
        text: sentence.text,
        rejected: Some(true),
        ..template.clone()
    }));
    let unfair = taught(labels);
    let report = judge(&CHAMPION, &unfair, &simulate(Plan { comments: 400, ..LATER }), &Limits::default());
    check_refused(&report, Gate::Identity);
    assert!(
        report.of(Gate::AveragePrecision).all(|verdict| verdict.outcome == Outcome::Passed),
        "only this gate sees it"
    );
}

#[test]
fn another_base_model_must_not_be_worse_at_the_attributes_that_labels_speak_of() {
    let told = |(label, kind): (Label, Kind)| {
        let mut attributes = [None; Attribute::COUNT];
        attributes[Attribute::Insult.index()] = Some(kind == Kind::Insult);
        Label { attributes, ..label }
    };
    let held_out: Vec<Label> =
        simulate_kinds(Plan { comments: 400, noise: 0.0, ..LATER }).into_iter().map(told).collect();
    let worse = HouseModel::without_house(Arc::new(model(12)));
    let report = judge(&CHAMPION, &worse, &held_out, &Limits::default());
    let verdicts: Vec<_> = report.of(Gate::Attributes).collect();
    let of = |name: &str| verdicts.iter().filter(|verdict| verdict.reason.starts_with(name)).collect::<Vec<_>>();
    assert!(of("INSULT").iter().any(|verdict| verdict.outcome == Outcome::Refused), "{verdicts:#?}");
    assert!(
        of("SPAM").iter().all(|verdict| verdict.outcome == Outcome::Skipped && verdict.needed == 50),
        "{verdicts:#?}"
    );
    let better = judge(&worse, &CHAMPION, &held_out, &Limits::default());
    assert!(better.of(Gate::Attributes).all(|verdict| verdict.outcome != Outcome::Refused));
}

#[test]
fn learning_mostly_from_what_was_held_does_not_blind_the_model() {
    // Of plain comments one in five is rejected, for nothing that its words tell. Readers report all of those; of the
    // others an audit shows one in four.
    let plain = |comments, later| {
        let made = simulate_kinds(Plan { comments, later, ..VERDICTS }).into_iter();
        made.filter(|one| one.1 == Kind::Plain).map(|one| one.0).collect::<Vec<Label>>()
    };
    let seen = |sampled: f64| -> Vec<Label> {
        let verdict = |(at, label): (usize, Label)| match at % 5 {
            0 => Some(Label { rejected: Some(true), ..label }),
            1 => Some(Label { rejected: Some(false), sampled, ..label }),
            _ => None,
        };
        plain(1200, false).into_iter().enumerate().filter_map(verdict).collect()
    };
    let mean = |model: &HouseModel| {
        let scored = scored(model, &plain(400, false));
        scored.iter().map(|(score, _)| f64::from(*score)).sum::<f64>() / scored.len() as f64
    };
    let (weighted, blind) = (mean(&taught(seen(0.25))), mean(&taught(seen(1.0))));
    assert!((0.15..0.27).contains(&weighted) && blind > 0.4, "{weighted} and {blind}");
}
