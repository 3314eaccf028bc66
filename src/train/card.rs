//! `MODEL_CARD.md`: the manifest, told to people.

use super::{
    manifest::{Data, Manifest},
    metrics::Share,
    report::{Slice, figure, interval},
    sources,
    thresholds::{Rate, Threshold},
};
use crate::domain::{Attribute, Language};
use std::fmt::{self, Write};

/// Renders the model card of a manifest; it claims nothing that the manifest does not hold, besides what is known of
/// the public data sets.
pub fn model_card(manifest: &Manifest) -> String {
    let mut card = String::new();
    // Writing to a string cannot fail.
    let _ = write_card(&mut card, manifest);
    card
}

fn write_card(out: &mut String, manifest: &Manifest) -> fmt::Result {
    writeln!(out, "# Model card: {}\n", manifest.name)?;
    writeln!(
        out,
        "Rendered from `manifest.json` by `ombud train`. Version `{}`, format {}, {} bytes, SHA-256 `{}`.\n",
        manifest.version, manifest.format, manifest.bytes, manifest.sha256
    )?;
    write_purpose(out, manifest)?;
    write_data(out, manifest)?;
    write_quality(out, manifest)?;
    write_reliability(out, manifest)?;
    write_thresholds(out, manifest)?;
    write_people(out, manifest)?;
    write_robustness(out, manifest)?;
    write_hard_cases(out, manifest)?;
    write_limits(out, manifest)?;
    write_reproduction(out, manifest)
}

fn write_purpose(out: &mut String, manifest: &Manifest) -> fmt::Result {
    let features = &manifest.settings.features;
    let learned = manifest.packed.iter().filter(|packed| packed.learned).map(|packed| packed.attribute.as_str());
    let silent: Vec<&str> =
        manifest.packed.iter().filter(|packed| !packed.learned).map(|packed| packed.attribute.as_str()).collect();
    writeln!(
        out,
        "## Purpose\n\nScores readers' comments so that a newsroom can publish what is fine, hold what a person should \
         see, and reject what is beyond doubt. It is one sparse linear model per attribute over hashed features: 1 to {} words and {} to {} characters, 2^{} buckets. It supports moderators; it is not meant to judge people, to \
         decide without appeal, or to be used on anything but comments.\n\nAttributes: {}.{}\n",
        features.words_max,
        features.chars_min,
        features.chars_max,
        features.bits,
        learned.collect::<Vec<_>>().join(", "),
        if silent.is_empty() {
            String::new()
        } else {
            format!(" Not learned for want of labels, so always close to zero: {}.", silent.join(", "))
        },
    )?;
    writeln!(out, "Languages, in ISO 639-1: {}.\n", languages(manifest).join(", "))?;
    writeln!(out, "`SEXUALLY_EXPLICIT` is not served: none of the data has labels for it.\n")
}

fn languages(manifest: &Manifest) -> Vec<&str> {
    manifest.settings.languages.iter().map(Language::code).collect()
}

fn write_data(out: &mut String, manifest: &Manifest) -> fmt::Result {
    writeln!(out, "## Data\n")?;
    for (role, data) in [("Learned from", &manifest.train), ("Calibrated and measured on", &manifest.dev)] {
        writeln!(out, "{role} {} comments:\n", data.rows())?;
        for file in &data.files {
            writeln!(out, "- `{}`: {} comments, SHA-256 `{}`", file.name, file.rows, file.sha256)?;
        }
        writeln!(out)?;
    }
    write_sources(out, &manifest.train)?;
    let assumed = &manifest.settings.assumed_false;
    if !assumed.is_empty() {
        let names: Vec<&str> = assumed.iter().map(|attribute| attribute.name()).collect();
        writeln!(
            out,
            "An assumption, not a label: for {}, up to {} comments of the sources that know nothing of it are taken to \
             be free of it, in training and in calibration. Otherwise the model would know no ordinary comment as such.\n",
            names.join(", "),
            manifest.settings.assumed_rows_max
        )?;
    }
    writeln!(
        out,
        "A label that a source doesn't have is unknown, not false. A source that knows only one answer to a question \
         is left out of that question. Sources disagree on what a label means, so in training each has an intercept \
         of its own, which is left out when serving.\n"
    )
}

fn write_sources(out: &mut String, data: &Data) -> fmt::Result {
    writeln!(out, "| source | comments | positive / labelled | origin and licence | labels | flaws |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for source in &data.sources {
        let labels = |attribute: &Attribute| {
            let [positives, known] = source.labels.get(attribute.name())?;
            Some(format!("{} {positives}/{known}", attribute.key()))
        };
        let labels = Attribute::ALL.iter().filter_map(labels).collect::<Vec<_>>().join("<br>");
        let known = sources::find(&source.name)
            .map_or(["not known to this program"; 3], |known| [known.origin, known.labels, known.flaws]);
        writeln!(out, "| {} | {} | {labels} | {} |", source.name, source.rows, known.join(" | "))?;
    }
    writeln!(out)
}

fn write_quality(out: &mut String, manifest: &Manifest) -> fmt::Result {
    writeln!(
        out,
        "## Quality\n\nMeasured on the dev data, which the weights were not learned from; calibration, byte ranges and \
         thresholds were chosen on it, so it flatters a little. \"Found at 5 %\" is the share of positives found where \
         5 % of the others are flagged. The pooled figures mix sources whose labels differ; the sources are what \
         matters. What was tried to do better, and which figures the project wants and does not reach yet, is in \
         `models/EXPERIMENTS.md` of its repository.\n"
    )?;
    for report in &manifest.report.attributes {
        writeln!(out, "### {}\n", report.attribute)?;
        writeln!(
            out,
            "| source | rows | positive | ROC AUC | 95 % interval | average precision | calibration error | found at 2 % | found at 5 % |"
        )?;
        writeln!(out, "|---|---|---|---|---|---|---|---|---|")?;
        for slice in &report.slices {
            let Slice { source, rows, positives, .. } = slice;
            let figures = [
                slice.average_precision,
                slice.calibration_error,
                slice.recall_at_2_percent,
                slice.recall_at_5_percent,
            ]
            .map(|value| figure(value).trim().to_owned());
            writeln!(
                out,
                "| {source} | {rows} | {positives} | {} | {} | {} |",
                figure(slice.roc_auc).trim(),
                interval(slice.roc_auc_interval),
                figures.join(" | ")
            )?;
        }
        writeln!(out)?;
    }
    writeln!(out, "Weights are kept in one byte each. What that costs, in ROC AUC over the rows that calibrate:\n")?;
    writeln!(out, "| attribute | weights | as learned | in one byte | calibrated |\n|---|---|---|---|---|")?;
    for packed in &manifest.packed {
        let [learned, kept] = [packed.roc_auc_learned, packed.roc_auc_packed]
            .map(|auc| auc.map_or_else(|| "-".to_owned(), |auc| format!("{auc:.5}")));
        let calibrated = if packed.calibrated { "yes" } else { "no" };
        writeln!(out, "| {} | {} | {learned} | {kept} | {calibrated} |", packed.attribute, packed.weights)?;
    }
    writeln!(out)
}

fn write_reliability(out: &mut String, manifest: &Manifest) -> fmt::Result {
    const WIDTH: f64 = 40.0;
    if manifest.reliability.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## Calibration\n\nA score of 0.8 is to mean that of five such comments four carry the label, where nobody chose the \
         comments: in {}. Each line is a range of scores; `o` is its mean score, `x` the share of its comments that carry \
         the label, `*` both at once.\n",
        manifest.settings.calibration.natural_sources.join(", ")
    )?;
    for one in &manifest.reliability {
        writeln!(out, "{}, expected calibration error {:.4}:\n\n```text", one.attribute, one.calibration_error)?;
        for bin in &one.bins {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in 0 to the plot's width")]
            let place = |share: f64| (share * WIDTH).round() as usize;
            let (score, share) = (place(bin.score), place(bin.share));
            let plot: String = (0..=place(1.0))
                .map(|at| match (at == score, at == share) {
                    (true, true) => '*',
                    (true, false) => 'o',
                    (false, true) => 'x',
                    (false, false) => '.',
                })
                .collect();
            writeln!(out, "{:>6} rows  {:.3} {:.3}  {plot}", bin.rows, bin.score, bin.share)?;
        }
        writeln!(out, "```\n")?;
    }
    Ok(())
}

fn write_people(out: &mut String, manifest: &Manifest) -> fmt::Result {
    let Some(identity) = &manifest.identity else { return Ok(()) };
    writeln!(
        out,
        "## Words for people\n\nSentences of the project's own: {} of terms and templates that were not learned from. The \
         threshold flags 5 % of the comments of {} that are not toxic. What is wanted is that no term has more than 15 % of \
         its benign sentences flagged.\n",
        identity.rows,
        manifest.settings.calibration.natural_sources.join(", ")
    )?;
    identity.write_markdown(out)?;
    if let Some(gate) = &manifest.identity_gate {
        let verdict = if gate.passed { "passed" } else { "not passed" };
        writeln!(out, "\nThe gate of every training, {verdict}:\n")?;
        gate.reasons.iter().try_for_each(|reason| writeln!(out, "- {reason}"))?;
    }
    if let Some(learned) = &manifest.identity_learned_terms {
        writeln!(out, "\n### Terms that were learned from, in other templates\n")?;
        learned.write_markdown(out)?;
    }
    writeln!(out)
}

fn write_robustness(out: &mut String, manifest: &Manifest) -> fmt::Result {
    if let Some(robustness) = &manifest.robustness {
        writeln!(
            out,
            "## Disguised words\n\nToxicity on {}, as written and with one word in three disguised.\n\n{}",
            manifest.settings.calibration.sources.join(", "),
            robustness.markdown()
        )?;
    }
    if let Some(innocents) = &manifest.innocents {
        writeln!(
            out,
            "Innocent words that look bad; 1 stands for the default threshold for holding of whichever attribute is \
             closest.\n\n{}",
            innocents.markdown()
        )?;
    }
    Ok(())
}

fn write_hard_cases(out: &mut String, manifest: &Manifest) -> fmt::Result {
    if manifest.hard_cases.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## Known failures\n\nA model of words does not know who speaks, about whom, and in earnest or not.\n\n\
         | kind | sentence | a person says | toxicity | identity attack |\n|---|---|---|---|---|"
    )?;
    for case in &manifest.hard_cases {
        let says = if case.toxic { "toxic" } else { "fine" };
        writeln!(
            out,
            "| {} | {} | {says} | {:.2} | {:.2} |",
            case.kind, case.text, case.toxicity, case.identity_attack
        )?;
    }
    writeln!(out)
}

fn write_thresholds(out: &mut String, manifest: &Manifest) -> fmt::Result {
    writeln!(
        out,
        "## Thresholds to begin with\n\nChosen so that no more of the comments without an attribute are held or rejected for \
         it than a newsroom has time for; comments of unknown label count as free of it. The program's defaults are those for \
         news. Ranges are 95 % intervals (Wilson).\n"
    )?;
    for domain in &manifest.thresholds {
        let sources = if domain.sources.is_empty() { "all sources".to_owned() } else { domain.sources.join(", ") };
        writeln!(out, "### {} ({sources})\n", domain.name)?;
        writeln!(out, "| attribute | hold | reject | without it held | rejected | carrying it held | rejected |")?;
        writeln!(out, "|---|---|---|---|---|---|---|")?;
        for Threshold { attribute, hold, reject, false_positives, found } in &domain.thresholds {
            let figures = [false_positives.hold, false_positives.reject, found.hold, found.reject].map(share);
            writeln!(out, "| {attribute} | {hold:.3} | {reject:.3} | {} |", figures.join(" | "))?;
        }
        let Rate { rows, hold, reject, .. } = domain.all;
        writeln!(
            out,
            "\nExpected queue share: of all {rows} comments, {} are held or rejected, {} rejected; the rest of those wait \
             for a moderator.",
            share(hold),
            share(reject)
        )?;
        let Rate { rows, hold, reject, .. } = domain.harmless;
        writeln!(
            out,
            "\nAll together, of {rows} comments that carry no attribute they have a label for, {} are held or rejected, {} \
             rejected.\n",
            share(hold),
            share(reject)
        )?;
    }
    let Some(plain) = &manifest.plain else { return Ok(()) };
    writeln!(
        out,
        "Of {} harmless sentences that contain an unlucky word, and were not learned from, {} are held or rejected by the \
         thresholds for news, {} rejected. Sentences of other frames but with the same words were learned from, so words \
         that are not on that list fare worse.\n",
        plain.rows,
        share(plain.hold),
        share(plain.reject)
    )
}

/// Writes a share with its interval.
fn share(share: Option<Share>) -> String {
    share.map_or_else(
        || "-".to_owned(),
        |Share { share, low, high }| format!("{:.1} % ({:.1} to {:.1})", share * 100.0, low * 100.0, high * 100.0),
    )
}

fn write_limits(out: &mut String, manifest: &Manifest) -> fmt::Result {
    let few: Vec<String> = manifest
        .report
        .attributes
        .iter()
        .filter_map(|report| report.slices.first().map(|slice| (report, slice)))
        .filter(|(_, pooled)| pooled.positives < 100)
        .map(|(report, pooled)| format!("{} ({})", report.attribute, pooled.positives))
        .collect();
    writeln!(
        out,
        "## Limits\n\n\
         - **Words for people.** Benign sentences that name an identity, such as a religion or an orientation, score \
         higher than they should, because such words occur more often in attacks. Let a person decide on identity \
         attacks; do not reject on that score alone.\n\
         - **Only the languages above.** Comments in others get scores that mean nothing; a server holds them instead.\n\
         - **News.** Most of the data is not news comments. A threshold set on talk pages flags several times as many \
         news comments: set thresholds on your own site's comments, and look at what they would do first.\n\
         - **Words, not meaning.** Irony, quotation, counter-speech and what only the context makes an insult are beyond it.\n\
         - **Disguises.** Look-alike letters, invisible characters, digits for letters, spaced and dotted words are undone; \
         letters that are hidden behind signs are undone in part.\n\
         - **Calibration.** Scores are calibrated for the natural sources (Platt scaling). Elsewhere, a score of 0.8 may be \
         right more or less often than four times in five; the calibration error of each source is above."
    )?;
    if !few.is_empty() {
        writeln!(out, "- **Few positives to measure on.** Figures for {} are rough.", few.join(", "))?;
    }
    writeln!(out)
}

fn write_reproduction(out: &mut String, manifest: &Manifest) -> fmt::Result {
    let settings = &manifest.settings;
    let options = if settings.languages == [Language::ENGLISH] {
        String::new()
    } else {
        languages(manifest).iter().map(|code| format!(" --language {code}")).collect()
    };
    let names = |data: &Data| data.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(" ");
    writeln!(
        out,
        "## How to make it again\n\n```text\nombud train --train {} --dev {} --out DIR{}\n```\n\nThe same files and settings \
         give the same model on the same kind of machine, whatever the number of threads. FTRL-Proximal with alpha {}, \
         beta {}, l1 {}, l2 {}, {} epochs, seed {}.",
        names(&manifest.train),
        names(&manifest.dev),
        options,
        settings.fit.alpha,
        settings.fit.beta,
        settings.fit.l1,
        settings.fit.l2,
        settings.fit.epochs,
        settings.seed
    )
}
