//! The model card of a house model: what its file and the server say of it, told to people.

use super::account::time;
use crate::classify::house::{
    Artifact, Head, Input, Learned,
    artifact::{FORMAT, WEIGHTS_MAX},
};
use crate::domain::{Attribute, LIKELY_TO_REJECT};
use std::fmt::{self, Write};

/// How many digits of a hash people are shown.
const SHORT: usize = 12;

/// What a server says of a model that it keeps; the file doesn't know.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The SHA-256 of its file, in hexadecimal digits.
    pub hash: String,
    /// What decisions that it made name it.
    pub version: String,
    /// How large its file is, in bytes.
    pub bytes: u64,
    /// When it was uploaded, as people read times.
    pub uploaded_at: String,
    /// Who uploaded it; empty for whoever runs the server.
    pub uploaded_by: String,
    /// Why, in the uploader's words; may be empty.
    pub note: String,
    /// What it does now: `champion`, `shadow`, or empty.
    pub role: String,
}

/// Renders the model card of a house model in Markdown; it claims nothing that file and server don't say.
pub fn card(artifact: &Artifact, kept: &Kept) -> String {
    let mut card = String::new();
    // Writing to a string cannot fail.
    let _ = write_card(&mut card, artifact, kept);
    card
}

fn write_card(out: &mut String, artifact: &Artifact, kept: &Kept) -> fmt::Result {
    let short = short(&kept.hash);
    writeln!(out, "# Model card: {}-{short}\n", artifact.name)?;
    writeln!(
        out,
        "Rendered by `ombud models card` from the model's file and what the server keeps of it. Version `{}`, format \
         {FORMAT}, {} bytes, SHA-256 `{}`.\n",
        kept.version, kept.bytes, kept.hash
    )?;
    write_purpose(out, artifact, kept)?;
    write_data(out, artifact, kept)?;
    write_weights(out, artifact)?;
    write_limits(out, artifact.learned)?;
    write_way_back(out, kept)
}

fn write_purpose(out: &mut String, artifact: &Artifact, kept: &Kept) -> fmt::Result {
    writeln!(
        out,
        "## Purpose\n\nSays what this newsroom's own moderators would do: `{LIKELY_TO_REJECT}`, the probability that they \
         would reject a comment. It supports them; it is not meant to judge people, to decide without appeal, or to be used on \
         anything but this newsroom's comments.\n\nIt stands on the base model with the SHA-256 `{}` and works on no other. \
         The base model's scores are the same to the bit with it and without; what they are worth is in the base model's own \
         card, `ombud models card base` for the one inside the program.\n",
        artifact.base
    )?;
    let role = match kept.role.as_str() {
        "champion" => "It decides now.",
        "shadow" => "It is scored in the champion's shadow now, and decides nothing.",
        _ => "It decides nothing now.",
    };
    writeln!(out, "{role}\n")
}

fn write_data(out: &mut String, &Artifact { learned, learned_until, .. }: &Artifact, kept: &Kept) -> fmt::Result {
    let Learned { approved, rejected } = learned;
    let labels = learned.labels();
    let share = if labels == 0 { 0.0 } else { 100.0 * f64::from(rejected) / f64::from(labels) };
    writeln!(
        out,
        "## Data\n\nLearned from {labels} labels: {approved} comments that moderators approved and {rejected} that they \
         rejected, {share:.1} % of all.{}\n",
        learned_until.map_or_else(String::new, |at| format!(" The newest was given at {}.", time(at)))
    )?;
    let by = if kept.uploaded_by.is_empty() { "whoever runs the server".to_owned() } else { plain(&kept.uploaded_by) };
    writeln!(out, "Uploaded {} by {by}.{}\n", kept.uploaded_at, if kept.note.is_empty() { "" } else { " They say:" })?;
    if !kept.note.is_empty() {
        writeln!(out, "> {}\n", plain(&kept.note))?;
    }
    Ok(())
}

fn write_weights(out: &mut String, artifact: &Artifact) -> fmt::Result {
    let Head { bias, base, highest, delta, inputs } = artifact.head;
    writeln!(
        out,
        "## What weighs how much\n\nThe probability is the sigmoid of a sum, the logit: at 0 it is one half, at +2 0.88, at -2 \
         0.12. Of each input it is told what it adds at most; how much that is in one comment, `ombud explain` says.\n\n\
         Every comment begins at {bias:+.2}.\n\n| input | adds at most | which multiplies the odds by |\n|---|---|---|"
    )?;
    for (input, weight) in Input::ALL.into_iter().zip(inputs) {
        writeln!(out, "| {} | {weight:+.2} | {:.2} |", input.in_words(), f64::from(weight).exp())?;
    }
    writeln!(
        out,
        "\nOf what the base model says, as logits, 0 at a score of one half:\n\n| score | counts times |\n|---|---|"
    )?;
    writeln!(out, "| the highest one, whichever it is | {highest:+.2} |")?;
    for (attribute, weight) in Attribute::ALL.into_iter().zip(base) {
        writeln!(out, "| {attribute} | {weight:+.2} |")?;
    }
    let mut sizes: Vec<f32> = artifact.delta.iter().map(|(_, weight)| weight.abs()).collect();
    sizes.sort_by(f32::total_cmp);
    if sizes.is_empty() {
        return writeln!(out, "\nNo word has a weight of its own.\n");
    }
    let weights = artifact.delta.iter().map(|(_, weight)| *weight);
    let (low, high) = weights.fold((0.0_f32, 0.0_f32), |(low, high), weight| (low.min(weight), high.max(weight)));
    writeln!(
        out,
        "\nWords: {} of at most {WEIGHTS_MAX} features, which are words, pairs of words and runs of characters, have a weight of \
         their own. They are hashed, so that no list of words can be told from them. Half of the weights are smaller than {:.3}; \
         the largest is {high:+.3} and the smallest {low:+.3}. What they add up to in a comment counts times {delta:+.2}.\n",
        sizes.len(),
        sizes[sizes.len() / 2],
    )
}

fn write_limits(out: &mut String, learned: Learned) -> fmt::Result {
    writeln!(
        out,
        "## Limits\n\n\
         - **Not for another newsroom.** It has learned what these moderators did, with their habits and their mistakes. Where \
         rules change, or another team takes over, make a new one.\n\
         - **Not to judge people.** It may look at how many comments of an author were rejected, so that those who were rejected \
         once are looked at more closely. Don't bar an author by it, and don't show its scores to readers.\n\
         - **Not beyond appeal.** Begin with holding by it; reject only from a score on at which `ombud rescore` and your own \
         eyes find nothing wrong, and let authors appeal.\n\
         - **Words for people.** Where moderators rejected more of what names a group, so will it. `ombud retrain` measures that \
         before a model is promoted; a file that was uploaded otherwise has had no such check.\n\
         - **Only the base model's languages.** In others it knows nothing.\n\
         - **No figures.** A model's file has none of its quality. The report of the retraining that made it does; `ombud rescore \
         --model` says what it would have said of comments that are stored, `ombud models compare` what it says of live ones, \
         `ombud quality` how its decisions were."
    )?;
    if learned.approved == 0 || learned.rejected == 0 {
        writeln!(out, "- **One-sided.** It has seen one kind of verdict only, and can tell nothing apart.")?;
    }
    writeln!(out)
}

fn write_way_back(out: &mut String, kept: &Kept) -> fmt::Result {
    writeln!(
        out,
        "## The way back\n\n```sh\nombud models rollback            # the model before it decides again\nombud models promote base        \
         # the base model alone decides\nombud models promote {} # this one does\n```\n\nEach holds from the next comment on. \
         Decisions that were made stay; each names its model.",
        short(&kept.hash)
    )
}

fn short(hash: &str) -> &str {
    hash.get(..SHORT).unwrap_or(hash)
}

/// Returns words from outside, without what means something in Markdown or moves a cursor.
fn plain(words: &str) -> String {
    let mut plain = String::new();
    for c in words.chars() {
        match c {
            c if c.is_control() => plain.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '!' => plain.extend(['\\', c]),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn made(learned: Learned, delta: Vec<(u32, f32)>) -> Artifact {
        let mut row = [0.0; Head::WEIGHTS];
        (row[0], row[Attribute::COUNT], row[Attribute::COUNT + 1], row[Attribute::COUNT + 2]) = (-0.25, 0.5, 0.8, 2.0);
        let learned_until = Some(Timestamp::from_micros(1_700_000_000_000_000));
        let head = Head::from_row(-0.3, &row);
        Artifact { name: "house".into(), base: "ab".repeat(32), learned, learned_until, delta, head }
    }

    fn kept(note: &str) -> Kept {
        Kept { hash: "3f2a9c01b7de".repeat(5), note: note.into(), uploaded_by: "ada".into(), ..Kept::default() }
    }

    #[test]
    fn a_card_tells_what_file_and_server_say() {
        let artifact = made(Learned { approved: 30, rejected: 10 }, vec![(1, 0.5), (2, -0.25), (9, 0.125)]);
        let card = card(&artifact, &kept("verdicts of October"));
        for part in [
            "# Model card: house-3f2a9c01b7de\n",
            "40 labels: 30 comments that moderators approved and 10 that they rejected, 25.0 % of all. The newest was given at 2023-11-14T22:13:20Z.",
            "by ada. They say:\n\n> verdicts of October\n",
            "Every comment begins at -0.30.",
            "| entries of the site's word lists in it, 15 or more | +2.00 | 7.39 |",
            "| TOXICITY | -0.25 |",
            "3 of at most 262144 features",
            "Half of the weights are smaller than 0.250; the largest is +0.500 and the smallest -0.250",
            "counts times +0.80",
            "ombud models promote 3f2a9c01b7de #",
        ] {
            assert!(card.contains(part), "{part}\n{card}");
        }
        assert!(card.contains(&"ab".repeat(32)) && !card.contains("One-sided"));
    }

    #[test]
    fn what_is_missing_is_said_and_words_from_outside_are_only_words() {
        let card = card(&made(Learned { approved: 3, rejected: 0 }, Vec::new()), &kept("# big\n`ls`\u{1b}[2J <b>"));
        assert!(card.contains("No word has a weight of its own.") && card.contains("One-sided"), "{card}");
        assert!(card.contains("> \\# big \\`ls\\` \\[2J \\<b\\>\n"), "{card}");
    }
}
