//! Harmless sentences of the project's own.
//!
//! Some place names contain a swear word, and killing is in the news without being a threat; a model would take the word
//! for the offence. These sentences say that it is none. Other sentences, of the same words but other frames, are never
//! learned from: they measure what it helped. Sentences about people are made in [`super::identity`].

/// The source name of these sentences.
pub const SOURCE: &str = "ombud-plain";

/// Lists the sentences to learn from.
pub(super) fn learned() -> Vec<String> {
    let mut sentences = filled(&THING_FRAMES, &THINGS);
    sentences.extend(ORDINARY.map(str::to_owned));
    sentences
}

/// Lists the sentences to measure on.
pub(super) fn held_out() -> Vec<String> {
    let mut sentences = filled(&THING_FRAMES_HELD_OUT, &THINGS);
    sentences.extend(ORDINARY_HELD_OUT.map(str::to_owned));
    sentences
}

fn filled(frames: &[&str], words: &[&str]) -> Vec<String> {
    frames.iter().flat_map(|frame| words.iter().map(move |word| frame.replace("{}", word))).collect()
}

const THINGS: [&str; 40] = [
    "Scunthorpe",
    "Penistone",
    "Sussex",
    "Essex",
    "Middlesex",
    "Clitheroe",
    "Lightwater",
    "Nigeria",
    "Niger",
    "Montenegro",
    "Dick Cheney",
    "Dick Van Dyke",
    "Alfred Hitchcock",
    "Matt Hancock",
    "Cockburn",
    "Wang Shu",
    "Virginia",
    "the analysis",
    "the analyst",
    "the assassination",
    "the assessment",
    "the class",
    "the classic",
    "the passage",
    "the grass",
    "the cocktail",
    "the cockpit",
    "the peacock",
    "the title",
    "the titmouse",
    "the constitution",
    "the therapist",
    "the document",
    "the circumstances",
    "the basement",
    "the bass player",
    "the compass",
    "the cucumber",
    "the Shiites",
    "the dam",
];

const THING_FRAMES: [&str; 6] = [
    "{}",
    "I read about {} yesterday.",
    "There is a report on {} in the news.",
    "We talked about {} at school.",
    "They mention {} in the second paragraph.",
    "{} was the best part of the article.",
];

const THING_FRAMES_HELD_OUT: [&str; 2] =
    ["The story about {} was interesting.", "He told us more about {} this morning."];

const ORDINARY: [&str; 40] = [
    "He was killed in the war and is buried in France.",
    "The victim was shot in the street last night.",
    "She died of cancer in the spring.",
    "The suspect threatened the clerk and fled, police say.",
    "Two people were killed in the crash on the motorway.",
    "The hunters shot a bear in the forest.",
    "The new law will kill jobs in our region.",
    "That match was a killer, what a finish!",
    "I could die laughing at this headline.",
    "The bomb from the war was found under the bridge.",
    "Stop beating around the bush and answer the question.",
    "You are absolutely right, and I was wrong.",
    "You are entitled to your opinion, but look at the figures.",
    "I do not believe a word of what the minister says.",
    "The mayor lied to us and should resign.",
    "This policy is a disaster for farmers.",
    "What a terrible decision by the referee.",
    "The government wastes our money.",
    "I have had enough of these politicians.",
    "Nobody in the party has a plan.",
    "The prime minister is out of touch.",
    "Subscribe to the local paper if you want local news.",
    "Call the council on Monday and ask for a meeting.",
    "You can read the whole report at https://www.example.org/report.",
    "Click on the map to see the new bus line.",
    "The museum is free on Sundays.",
    "Win or lose, I will watch the final.",
    "My phone bill went up by ten pounds this month.",
    "The offer from the union was fair.",
    "Text of the speech is on the website.",
    "Women were not allowed to vote until 1918.",
    "Girls do as well as boys in science at our school.",
    "The women's team won the cup again.",
    "My mother worked in that factory.",
    "She is a good lawyer and a better judge.",
    "The actress talks about her life in the film.",
    "The article on sex education was balanced.",
    "The court heard a case of rape last week.",
    "The word is offensive, and the paper was right not to print it.",
    "Hate crimes rose last year, the police report says.",
];

const ORDINARY_HELD_OUT: [&str; 10] = [
    "My grandfather was killed in 1944.",
    "The police shot a man near the station.",
    "The minister should resign today.",
    "What a load of hot air from the council.",
    "Subscribe if you want quality journalism.",
    "Ask your representative for a free vote.",
    "The report is at https://www.example.com/report.",
    "The strike will hurt commuters most.",
    "Women should earn as much as men.",
    "The pipeline is a bad deal for taxpayers.",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_measured_was_not_learned() {
        let learned: BTreeSet<String> = learned().into_iter().collect();
        assert!(learned.len() >= 280 && held_out().len() >= 90);
        assert!(held_out().iter().all(|sentence| !learned.contains(sentence)));
        assert!(learned.iter().all(|sentence| !sentence.contains('{')));
    }
}
