use super::*;

/// Scores a text by its words "awful", as they are and not in disguise.
#[expect(clippy::cast_precision_loss, reason = "few words")]
fn awful(text: &str) -> f32 {
    text.split(' ').filter(|word| *word == "awful").count() as f32
}

fn order(text: &str) -> Vec<Range<usize>> {
    text.match_indices("awful").map(|(at, word)| at..at + word.len()).collect()
}

fn texts(texts: &'static [(&'static str, usize, bool)]) -> Vec<Text<'static>> {
    let repeated = texts.iter().flat_map(|(text, count, truth)| vec![Text { text, truth: *truth }; *count]);
    repeated.collect()
}

/// Of twenty negatives, one scores over the threshold of zero. Of eight positives, six are found.
const FEW: &[(&str, usize, bool)] = &[
    ("nice day", 19, false),
    ("an awful awful awful day", 1, false),
    ("awful", 2, true),
    ("awful awful awful", 4, true),
    ("nice", 2, true),
];

fn measure(plan: &Plan) -> RobustnessReport {
    RobustnessReport::measure(&texts(FEW), plan, awful, order).unwrap()
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} is not {b}");
}

#[test]
fn what_is_kept_is_as_worked_by_hand() {
    let report = measure(&Plan::default());
    assert_eq!((report.positives, report.negatives, report.attacks.len()), (8, 20, 14));
    near(f64::from(report.threshold), 0.0);
    near(report.recall, 0.75);
    near(report.false_positives, 0.05);
    // An attacker disguises the one word of "awful", and one of three elsewhere.
    for attack in report.attacks.iter().filter(|report| report.strategy == Strategy::Attacker) {
        near(attack.recall, 0.5);
        near(attack.kept, 4.0 / 6.0);
        near(attack.false_positives, 0.05);
    }
    // By chance all words but one in three are left, so only the texts of one word are at risk.
    for attack in report.attacks.iter().filter(|report| report.strategy == Strategy::Chance) {
        assert!((4.0 / 6.0..=1.0).contains(&attack.kept), "{attack:?}");
    }
    let everything = measure(&Plan { every: 1, ..Plan::default() });
    assert!(everything.attacks.iter().all(|report| report.recall == 0.0 && report.false_positives == 0.0));
    assert_eq!(everything.worst(Strategy::Chance).unwrap().kept_interval, Some([0.0, 0.0]));
}

#[test]
fn the_interval_holds_what_was_measured_and_narrows_with_more_texts() {
    let report = measure(&Plan::default());
    let few = report.worst(Strategy::Attacker).unwrap();
    let [low, high] = few.kept_interval.unwrap();
    assert!(low < few.kept && few.kept < high && high <= 1.0);
    let pairs = |count: usize| (vec![true; count], (0..count).map(|at| at % 2 == 0).collect::<Vec<bool>>());
    let ((found, still), plan) = (pairs(1_000), Plan::default());
    let [low, high] = interval(&found, &still, &plan).unwrap();
    // A share of one half of a thousand has a standard deviation of 1.6 %.
    assert!((low - 0.469).abs() < 0.01 && (high - 0.531).abs() < 0.01, "{low} to {high}");
    let (found, still) = pairs(10);
    let [wider_low, wider_high] = interval(&found, &still, &plan).unwrap();
    assert!(wider_low < low && high < wider_high);
    assert_eq!(interval(&found, &still, &plan), interval(&found, &still, &plan));
    assert_eq!(interval(&[false], &[true], &plan), None, "nothing is known");
}

#[test]
fn at_most_one_negative_in_twenty_scores_over_the_threshold() {
    let rising: Vec<f32> = (0..100_u8).map(f32::from).collect();
    assert_eq!(threshold(&rising), Some(94.0));
    assert_eq!(threshold(&rising[..19]), Some(18.0), "none of nineteen may");
    assert_eq!(threshold(&[1.0; 40]), Some(1.0), "ties are all below");
    assert_eq!(threshold(&[]), None);
}

#[test]
fn what_cannot_be_measured_is_not() {
    let none = |kept: fn(&Text<'_>) -> bool| {
        let kept: Vec<Text<'_>> = texts(FEW).into_iter().filter(kept).collect();
        RobustnessReport::measure(&kept, &Plan::default(), awful, order)
    };
    assert_eq!(none(|text| text.truth), None);
    assert_eq!(none(|text| !text.truth), None);
    assert_eq!(none(|text| !text.truth || text.text == "nice"), None, "nothing is found as it is");
    assert!(none(|_| true).is_some());
}

#[test]
fn reports_can_be_read_by_people_and_programs() {
    let report = measure(&Plan { every: 1, ..Plan::default() });
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<RobustnessReport>(&json).unwrap(), report);
    let markdown = report.markdown();
    assert!(markdown.starts_with("Of 8 texts with the attribute, 75.0 % are found where 5.0 % of 20 others"));
    assert!(markdown.contains("| zero-width | attacker | 0.0 % | 0.0 % (0.0 % to 0.0 %) | 0.0 % |\n"), "{markdown}");
    let shown = report.to_string();
    let widths: Vec<usize> = shown.lines().map(|line| line.chars().count()).collect();
    assert!(widths.len() == 16 && widths.iter().all(|width| *width == widths[0]), "{shown}");
}

#[test]
fn the_worst_innocents_are_named() {
    let texts: Vec<String> = ["fine", "awful", "awful awful", "good"].map(str::to_owned).into();
    let report = InnocentsReport::measure("held out", &texts, 1.0, awful);
    assert_eq!((report.texts, report.held), (4, 2));
    near(report.share_held(), 0.5);
    assert_eq!(report.worst[0], Innocent { text: "awful awful".into(), score: 2.0 });
    assert_eq!(report.worst.len(), 4);
    assert_eq!(
        report.to_string(),
        "innocent look-alikes, held out: 2 of 4 held (50.0 %), from 1.000 on\n  2.000  awful awful  held\n  1.000  \
         awful  held\n  0.000  fine\n  0.000  good\n"
    );
    assert!(report.markdown().starts_with("Of 4 innocent look-alikes (held out), 2 are held (50.0 %). Highest: \"awf"));
    near(InnocentsReport::measure("none", &[], 1.0, awful).share_held(), 0.0);
}
