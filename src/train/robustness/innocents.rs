//! Innocent words and sentences that look like something else, of the project's own.
//!
//! Names that contain a swear word, long words that begin like one, and spellings that look like a disguise: digits and
//! signs among letters, dots between them. No word is in both parts, so the part that is held out says how a model
//! fares on words that it was not told about.

/// The source name of these texts.
pub const SOURCE: &str = "ombud-innocents";

/// Lists the texts to learn from: each word alone and in sentences, and spellings.
pub fn learned() -> Vec<String> {
    texts(&WORDS, &FRAMES, &SPELLINGS)
}

/// Lists the texts to measure on; none of their words is in those to learn from.
pub fn held_out() -> Vec<String> {
    texts(&WORDS_HELD_OUT, &FRAMES_HELD_OUT, &SPELLINGS_HELD_OUT)
}

fn texts(words: &[&str], frames: &[&str], spellings: &[&str]) -> Vec<String> {
    let framed = frames.iter().flat_map(|frame| words.iter().map(move |word| frame.replace("{}", word)));
    framed.chain(spellings.iter().map(|text| (*text).to_owned())).collect()
}

const FRAMES: [&str; 3] = ["{}", "The next paragraph is about {}.", "I looked up {} and learned something."];
const FRAMES_HELD_OUT: [&str; 3] = ["{}", "Has anyone here heard of {}?", "My uncle wrote a book on {} in 1987."];

const WORDS: [&str; 81] = [
    "Scunthorpe",
    "Penistone",
    "Clitheroe",
    "Lightwater",
    "Essex",
    "Sussex",
    "Middlesex",
    "Nigeria",
    "Niger",
    "Montenegro",
    "Cockermouth",
    "Shitterton",
    "Horncastle",
    "Titchfield",
    "Assen",
    "Bassano",
    "Pratt's Bottom",
    "Cockburn",
    "Hitchcock",
    "Hancock",
    "Babcock",
    "Dickens",
    "Dickinson",
    "Riddick",
    "Dickerson",
    "Dickey",
    "Dick Turpin",
    "Dick Whittington",
    "Philip K. Dick",
    "Deadeye Dick",
    "Wankel",
    "Butts",
    "Gaylord",
    "Weiner",
    "Fokker",
    "Cummings",
    "analysis",
    "analyst",
    "canal",
    "assess",
    "assume",
    "assist",
    "associate",
    "class",
    "classic",
    "classify",
    "glass",
    "grass",
    "mass",
    "passage",
    "passport",
    "embassy",
    "ambassador",
    "cassette",
    "cocktail",
    "cockpit",
    "peacock",
    "shuttlecock",
    "woodcock",
    "therapist",
    "therapists",
    "document",
    "cucumber",
    "circumstance",
    "accumulate",
    "title",
    "titration",
    "constitution",
    "institution",
    "snigger",
    "shiitake",
    "mishit",
    "button",
    "butter",
    "rebuttal",
    "hello",
    "shellfish",
    "scrape",
    "grape",
    "drape",
    "retardant",
];

const WORDS_HELD_OUT: [&str; 75] = [
    "Wessex",
    "Cockfosters",
    "Hitchin",
    "Upperthong",
    "Titz",
    "Bastardo in Umbria",
    "Condom in the south of France",
    "spotted dick, the pudding",
    "Wetwang",
    "Intercourse in Pennsylvania",
    "Assam",
    "Massachusetts",
    "Kassel",
    "Passau",
    "Damme",
    "Hellerup",
    "Cumbria",
    "Cumberland",
    "Alcock",
    "Leacock",
    "Woodcocks",
    "Adcock",
    "Dick Francis",
    "Moby-Dick",
    "Dickson",
    "Benedick",
    "Cumming",
    "Kuntz",
    "Bumstead",
    "Sexton",
    "psychoanalysis",
    "banal",
    "catalyst",
    "reassess",
    "assortment",
    "assonance",
    "assiduous",
    "asset",
    "harass",
    "trespass",
    "brass",
    "hourglass",
    "surpass",
    "molasses",
    "sassafras",
    "cassava",
    "stopcock",
    "hancocks",
    "cockatoo",
    "cockle",
    "weathercock",
    "physiotherapist",
    "aromatherapist",
    "documentary",
    "cumulus",
    "cumin",
    "encumbrance",
    "petition",
    "titanium",
    "competition",
    "restitution",
    "titillate",
    "sniggering",
    "matsutake and shiitakes",
    "pushiness",
    "buttress",
    "buttercup",
    "shell",
    "seashells",
    "skyscraper",
    "grapefruit",
    "parapet",
    "pianist",
    "Uranus",
    "clickbait",
];

const SPELLINGS: [&str; 40] = [
    "specific numbers 1234",
    "The meeting is from 3 to 5 p.m. on Friday.",
    "Doors open at 9 a.m.",
    "Send me an e-mail, please.",
    "The U.S.A. and the U.K. signed it.",
    "I heard it on the B.B.C. last night.",
    "$5 off every ticket",
    "h@ndle? no, write to the desk instead",
    "Ph.D. students, i.e. those in their 3rd year",
    "Flight BA 1234 leaves from gate B4.",
    "The value of max_len_2 is 10.",
    "fn main() { let x1 = a[i] + b[j]; }",
    "The MP3 is on the CD-ROM.",
    "We met at 10:30, not 11:30.",
    "Rooms 4a, 4b and 5c are free.",
    "H2O and CO2 are small molecules.",
    "My score is 7/10.",
    "It costs 1,299.99 at the shop.",
    "A+ for effort!",
    "The G7 met before the G20.",
    "Sign up at www.example.org/news-2024.",
    "info@example.org answers within 2 days.",
    "J. R. R. Tolkien and C. S. Lewis were friends.",
    "He plays no. 10 for F.C. Example.",
    "Mr. A. B. Smith, M.P.",
    "It was so-so, a bit hit-and-miss.",
    "S.O.S. was sent at 23:15.",
    "A to Z, 1 to 10",
    "Plan A, plan B and plan C",
    "Yesss, we won 3-0!",
    "Sooo looking forward to it",
    "Hmmm, let me think.",
    "Brrr, it is cold.",
    "Zzz... that was a long speech.",
    "L'\u{e9}t\u{e9} \u{e0} la plage, c'est beau.",
    "Die Stra\u{df}e ist gesperrt.",
    "\u{41c}\u{43e}\u{441}\u{43a}\u{432}\u{430} is how Moscow is written there.",
    "The letter \u{3b1} stands for the angle.",
    "20 % off * while stocks last",
    "The sum is x*y - z#1 by the old notation.",
];

const SPELLINGS_HELD_OUT: [&str; 40] = [
    "account numbers 98765 and 4321",
    "Open from 8 to 6, closed 1 to 2 p.m.",
    "It starts at 7:45 a.m. sharp.",
    "Check your e-mails and your e-books.",
    "The U.N. and the E.U. agreed.",
    "N.B.C. and A.B.C. showed it live.",
    "$20 for 2, $35 for 4",
    "Follow us @gardenclub",
    "M.Sc. and B.A. degrees, e.g. in history",
    "Train IC 2045 stops on platform 7b.",
    "Set retry_count_3 to 5 and run it.",
    "for (int i = 0; i < n; i++) s += t[i];",
    "The MP4 plays on an iPhone 4S.",
    "Half-time was at 15:45.",
    "Take exits 12a and 12b.",
    "NaCl dissolves in H2O.",
    "I would give it 9/10.",
    "The bill was 2,450.50 in all.",
    "She got a C- in maths.",
    "The K2 is higher than most.",
    "Read more at https://example.com/a/b?c=1&d=2.",
    "Write to letters@example.net by the 5th.",
    "E. M. Forster and H. G. Wells knew each other.",
    "No. 7 of F.C. Sample scored.",
    "Mrs. C. D. Jones, J.P.",
    "It is a must-see, not a so-called must-see.",
    "R.I.P., dear neighbour",
    "From A to B and back to A",
    "Vitamin C, B12 and D3",
    "Nooo, they lost 0-1!",
    "Aaaand we are back",
    "Ahhh, now I see.",
    "Grrr, the bus is late again.",
    "Psst... have you read the last page?",
    "O\u{f9} est la gare, s'il vous pla\u{ee}t?",
    "Der K\u{e4}se schmeckt gut.",
    "\u{391}\u{3b8}\u{3ae}\u{3bd}\u{3b1} is how Athens is written there.",
    "The letter \u{3c3} stands for the spread.",
    "Buy 1 * get 1 at half price",
    "a - b + c = d, see note #3",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::plain;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_measured_was_not_learned() {
        let learned: Vec<String> =
            learned().into_iter().chain(plain::learned()).map(|text| text.to_lowercase()).collect();
        for word in WORDS_HELD_OUT.map(str::to_lowercase) {
            let has_word = |text: &String| {
                let mut found = text.match_indices(&word).map(|(at, _)| (&text[..at], &text[at + word.len()..]));
                found.any(|(before, after)| {
                    !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
                })
            };
            assert!(!learned.iter().any(has_word), "{word}");
        }
        let all: BTreeSet<&String> = learned.iter().collect();
        assert!(held_out().iter().all(|text| !all.contains(&text.to_lowercase())));
        let held_out: BTreeSet<String> = held_out().into_iter().collect();
        assert_eq!(held_out.len(), 75 * 3 + 40, "no text twice");
    }
}
