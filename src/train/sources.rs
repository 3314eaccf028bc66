//! What is known about the public data sets that the default model learns from.

/// What a model card says about a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// Its name in data files.
    pub(super) name: &'static str,
    /// Where it comes from, and the licence.
    pub(super) origin: &'static str,
    /// What its labels mean.
    pub(super) labels: &'static str,
    /// What is wrong with it.
    pub(super) flaws: &'static str,
}

/// Finds what is known about a source.
pub(super) fn find(name: &str) -> Option<&'static Source> {
    SOURCES.iter().find(|source| source.name == name)
}

const SOURCES: [Source; 17] = [
    Source {
        name: "jigsaw-wiki",
        origin: "Wikipedia talk pages, Jigsaw 2018; labels CC0, text CC BY-SA 3.0",
        labels: "the six Jigsaw labels, by majority of about ten raters",
        flaws: "talk among editors, not readers of news; the first 20,000 rows of a list in random order",
    },
    Source {
        name: "jigsaw-wiki-sample",
        origin: "as jigsaw-wiki",
        labels: "the six Jigsaw labels",
        flaws: "toxic comments over-sampled to a quarter",
    },
    Source {
        name: "jigsaw-wiki-official-test",
        origin: "as jigsaw-wiki",
        labels: "the six Jigsaw labels for its toxic half, all zero for the other",
        flaws: "half toxic by construction; about 0.3 % of the zeros carry another label officially",
    },
    Source {
        name: "jigsaw-wiki-lowercased",
        origin: "as jigsaw-wiki, inferred from the texts",
        labels: "toxicity",
        flaws: "lower case only",
    },
    Source {
        name: "civil-comments-spans",
        origin: "comments on news sites (Civil Comments); CC0",
        labels: "toxicity: the share of about four raters who did not say \"not toxic\", half and more counting as true",
        flaws: "all were picked as toxic by earlier raters, so 70 % are positive and the others are hard cases",
    },
    Source {
        name: "civil-comments-sample",
        origin: "comments on news sites (Civil Comments); CC0",
        labels: "toxicity: at least half of the raters",
        flaws: "the only news comments at their natural rate, and few",
    },
    Source {
        name: "surge-toxicity",
        origin: "social media, Surge AI; MIT",
        labels: "toxicity",
        flaws: "half toxic by construction",
    },
    Source {
        name: "wiki-context",
        origin: "Wikipedia talk pages; Apache-2.0, text CC BY-SA",
        labels: "toxicity",
        flaws: "much stricter raters than Jigsaw's: about 1 % positive",
    },
    Source {
        name: "paradetox",
        origin: "toxic sentences and polite rewrites of them by crowd workers; CC0",
        labels: "toxicity 1 for the sentence, 0 for the rewrite, whose profanity is 0 too",
        flaws: "lower case, short, punctuation set apart",
    },
    Source {
        name: "gab-hate-corpus",
        origin: "posts on Gab; CC BY 4.0 upstream, not stated where the copy was taken: verify before publishing",
        labels: "identity attack, threat (call for violence), toxicity (any of its labels)",
        flaws: "no word on profanity",
    },
    Source {
        name: "davidson-tweets",
        origin: "tweets, Davidson et al. 2017; MIT",
        labels: "hateful: toxicity and identity attack; offensive: profanity; neither: none of the three",
        flaws: "collected by keywords; its labels are biased against African American English (Sap et al. 2019)",
    },
    Source {
        name: "edos-sexism",
        origin: "posts from Reddit and Gab, EDOS; CC0",
        labels: "sexism; what is sexist also counts as identity attack, and by its class as toxicity or threat",
        flaws: "knows only positives of toxicity, identity attack and threat",
    },
    Source {
        name: "stormfront",
        origin: "posts of a white-supremacist forum; CC BY-SA 3.0 ES",
        labels: "identity attack; what is hateful also counts as toxicity",
        flaws: "sentences out of context; knows only positives of toxicity",
    },
    Source {
        name: "youtube-spam",
        origin: "comments under music videos 2013-2015, UCI; CC BY 4.0",
        labels: "spam",
        flaws: "mostly promotion of channels; three of five videos",
    },
    Source {
        name: "sms-spam",
        origin: "text messages, UCI; CC BY 4.0",
        labels: "spam",
        flaws: "not comments; the United Kingdom and Singapore in the 2000s",
    },
    Source {
        name: super::plain::SOURCE,
        origin: "the project's own sentences, part of the program; Apache-2.0",
        labels: "none of the attributes applies",
        flaws: "made from a few frames and word lists, so far less varied than what people write",
    },
    Source {
        name: super::identity::SOURCE,
        origin: "the project's own sentences, part of the program; Apache-2.0",
        labels: "kind and hateful sentences about people, and rage at things",
        flaws: "made from frames and word lists, without slurs, so far less varied than what people write",
    },
];
