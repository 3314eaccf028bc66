use super::*;
use crate::classify::Normalised;
use proptest::prelude::*;

fn check(kind: Attack, seed: u64, expected: &str) {
    assert_eq!(attack("Wonderful!", kind, 1, seed), expected, "{kind}");
}

#[test]
fn disguises_can_still_be_read() {
    check(Attack::Homoglyphs, 1, "\u{1d416}\u{1d428}\u{1d427}\u{1d41d}\u{1d41e}\u{1d42b}\u{1d41f}\u{1d42e}\u{1d425}!");
    check(Attack::Homoglyphs, 5, "\u{51d}\u{3bf}nderf\u{3c5}\u{4cf}!");
    check(Attack::Leetspeak, 1, "W0nd3rful!");
    check(Attack::Leetspeak, 3, "W0nderfu|!");
    check(Attack::Spacing, 1, "W o n d e r f u l!");
    check(Attack::Dots, 1, "W.o.n.d.e.r.f.u.l!");
    check(Attack::Dots, 2, "W-o-n-d-e-r-f-u-l!");
    check(Attack::ZeroWidth, 1, "W\u{200b}o\u{200b}n\u{ad}d\u{200d}e\u{200b}r\u{200d}f\u{200c}u\u{2060}l!");
    check(Attack::Repeats, 2, "Wonnnnderful!");
    check(Attack::Repeats, 4, "Wondeeerffffful!");
    check(Attack::Masked, 1, "W%nderful!");
    check(Attack::Masked, 2, "Won_e_ful!");
}

#[test]
fn one_word_in_three_is_changed() {
    let text = "many words here stand beside other words and some stand alone today ".repeat(50);
    for kind in Attack::ALL {
        // A blank within a word would make several of it.
        if kind != Attack::Spacing {
            let attacked = attack(&text, kind, 3, 5);
            let pairs = text.split(' ').zip(attacked.split(' '));
            assert_eq!(pairs.filter(|(before, after)| before != after).count(), 200, "{kind}");
        }
    }
}

#[test]
fn chance_makes_up_for_texts_too_short_to_divide() {
    let changed = (0..3_000).filter(|seed| attack("lovely day", Attack::Repeats, 3, *seed) != "lovely day").count();
    assert!((1_850..2_150).contains(&changed), "{changed} of 3000: two thirds");
}

#[test]
fn short_words_and_what_is_no_word_are_left_alone() {
    for text in ["", "...", "I am at it", "12345 67", "a1 b2c3", "\u{1f600} \u{301}"] {
        for kind in Attack::ALL {
            assert_eq!(attack(text, kind, 1, 1), text, "{kind}");
        }
    }
    assert_eq!(attack("why", Attack::Leetspeak, 1, 1), "why", "nothing passes for these letters");
}

#[test]
fn an_attacker_begins_with_what_matters_most() {
    let text = "you are a dreadful, silly person";
    let order = [10..18, 20..25, 0..3];
    let dots = |order: &[Range<usize>], every| attack_first(text, Attack::Spacing, order, every, 1);
    assert_eq!(dots(&order, 6), "you are a d r e a d f u l, silly person");
    assert_eq!(dots(&order, 3), "you are a d r e a d f u l, s i l l y person");
    assert_eq!(dots(&order, 100), "you are a d r e a d f u l, silly person", "one at least");
    assert_eq!(dots(&order[1..], 1), "y o u are a dreadful, s i l l y person", "no more than the order names");
    assert_eq!(dots(&[8..9, 20..25], 6), "you are a dreadful, s i l l y person", "short words are no use");
    assert_eq!(
        dots(&[0..7, 0..7], 1),
        "y o u a r e a dreadful, silly person",
        "a range of two words, and twice the same"
    );
    assert_eq!(dots(&[], 1), text);
    assert_eq!(dots(&[Range { start: 3, end: 2 }, 90..99, 11..18], 1), text);
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in any::<String>(), every in 0..5_usize, seed in any::<u64>(), cut in 0..90_usize) {
        for kind in Attack::ALL {
            let attacked = attack(&text, kind, every, seed);
            prop_assert_eq!(&attacked, &attack(&text, kind, every, seed));
            let between = |text: &str| {
                text.chars().filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).collect::<String>()
            };
            if kind == Attack::Repeats || kind == Attack::Spacing {
                prop_assert_eq!(between(&attacked), between(&text), "what is no word stays");
            }
            attack_first(&text, kind, &[cut..90, 0..cut], every, seed);
        }
    }

    #[test]
    fn words_without_letters_stay(text in "[0-9 .,!?'\u{1f600}\u{301}-]*", seed in any::<u64>()) {
        for kind in Attack::ALL {
            prop_assert_eq!(&attack(&text, kind, 1, seed), &text);
        }
    }

    #[test]
    fn what_has_no_ink_normalises_away(text in "\\PC*|.*|([a-z]{1,9} ?)*", seed in any::<u64>()) {
        let (mut clean, mut attacked) = (Normalised::default(), Normalised::default());
        clean.assign(&text);
        attacked.assign(&attack(&text, Attack::ZeroWidth, 2, seed));
        prop_assert_eq!(clean.chars(), attacked.chars());
    }
}
