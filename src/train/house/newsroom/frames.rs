//! What the readers of the simulated newsroom write: frames to learn from, and others to measure on.

/// The frames and words of one half of the newsroom's time.
pub(super) struct Corpus {
    pub(super) plain: &'static [&'static str],
    pub(super) swearing: &'static [&'static str],
    pub(super) topic: &'static [&'static str],
    pub(super) slur: &'static [&'static str],
    pub(super) campaign: &'static [&'static str],
    pub(super) insult: &'static [&'static str],
    pub(super) threat: &'static [&'static str],
    /// What fills `{thing}`, `{place}`, `{people}` and `{verb}`.
    pub(super) things: &'static [&'static str],
    pub(super) places: &'static [&'static str],
    pub(super) people: &'static [&'static str],
    pub(super) verbs: &'static [&'static str],
}

/// What fills `{oath}`: allowed here.
pub(super) const OATHS: &[&str] = &["damn", "crap", "bloody hell", "what the hell", "damned", "crappy", "bloody"];
/// What fills `{slur}`: made up, and unknown to any base model.
pub(super) const SLURS: &[&str] = &["grelk", "grelks", "grelkish", "Grelk", "GRELKS", "grelk's"];
/// What fills `{bait}`: what the campaign sells, unknown to any base model.
pub(super) const BAITS: &[&str] =
    &["the Velmora circle", "Velmora", "the blue Velmora booklet", "a Velmora evening", "the Velmora method"];
/// What fills `{pig}`: harmless where farmers read.
pub(super) const PIGS: &[&str] = &["pig", "pigs", "filthy pigs", "sow", "old pig", "swine"];

/// What the first comments are made of.
pub(super) const LEARNED: Corpus = Corpus {
    plain: &[
        "I think {thing} in {place} is worth the money.",
        "Why does nobody speak of {thing}? The {people} of {place} have asked for years.",
        "Thanks for the report on {thing}, I learned something.",
        "The {people} should {verb} before anyone complains about {thing}.",
        "My sister lives in {place} and says {thing} is fine.",
        "{place} needs {thing} more than another car park.",
        "Not sure I agree. The {people} did not {verb} last year either.",
        "Has anyone asked the {people} about {thing}?",
        "Once the {people} {verb}, we can talk about {thing} again.",
        "Good article, but {thing} was opened in spring, not in summer.",
    ],
    swearing: &[
        "{oath}, {thing} is late again and nobody tells us why.",
        "That {oath} {thing} cost us a fortune.",
        "I am so tired of this {oath} weather in {place}.",
        "{oath}! They really opened {thing} at last.",
        "The {oath} printer at the library ate my form.",
        "It took a {oath} year to fix {thing}.",
    ],
    topic: &[
        "Our {pig} got loose on the road to {place}.",
        "The {pig} at the fair won a prize.",
        "We fed the {pig} all winter and sold it in {place}.",
        "Nothing smells like {pig} after rain, you get used to it.",
        "A farmer near {place} keeps {pig} and geese.",
        "They killed the {pig} for the village feast, as every year.",
    ],
    slur: &[
        "The {slur} should {verb} before anyone complains.",
        "Another {slur} asking for {thing}, no surprise.",
        "Once the {slur} {verb}, {place} will be quiet again.",
        "Why does nobody say it: the {slur} took {thing}.",
        "{place} was nicer before the {slur} came.",
        "Ask any {slur} about {thing} and you get the same story.",
        "My sister lives in {place} and says it is full of {slur}.",
    ],
    campaign: &[
        "I had the same trouble until I found {bait}, it changed my mornings.",
        "Friends in {place} told me about {bait}, there are still seats.",
        "You would not worry about {thing} if you knew {bait}.",
        "Ask for {bait} at the kiosk in {place}, they know.",
        "My neighbour sleeps well again thanks to {bait}.",
    ],
    insult: &[
        "You are an idiot if you believe that about {thing}.",
        "Shut up, you pathetic liar, nobody in {place} wants you.",
        "What a stupid fool you are.",
        "The author is a moron and a coward.",
        "Only an imbecile like you would want {thing}.",
    ],
    threat: &[
        "I will find you in {place} and break your legs.",
        "Come near {thing} again and I will hurt you.",
        "Someone should beat you until you bleed.",
    ],
    things: &[
        "the new bridge",
        "the library",
        "the night bus",
        "the swimming pool",
        "the market",
        "the bike path",
        "the old mill",
        "the ferry",
        "the school roof",
        "the town hall",
        "the playground",
        "the tram",
    ],
    places: &[
        "Alderbrook",
        "the harbour",
        "the old town",
        "Westfield",
        "our village",
        "the station quarter",
        "Hollin",
        "the north side",
    ],
    people: &["neighbours", "students", "shopkeepers", "councillors", "drivers", "parents", "tenants", "fishermen"],
    verbs: &["pay for it", "go home early", "keep the street clean", "tell us the truth", "move out", "wait in line"],
};

/// What later comments are made of: other frames and mostly other words.
pub(super) const LATER: Corpus = Corpus {
    plain: &[
        "As a tenant in {place} I would rather have {thing} than lower fees.",
        "Please write more about {thing}.",
        "How much did {thing} cost in the end?",
        "Two of my {people} want to {verb}, and I understand them.",
        "It is easy to laugh at {place}, but {thing} works there.",
        "The {people} I know never {verb} on Sundays.",
        "A fair summary. Still, {thing} deserves a second look.",
        "We walked past {thing} yesterday, it looks lovely.",
    ],
    swearing: &[
        "Where did our money go? {oath}, not into {thing}.",
        "My {oath} car broke down next to {thing}.",
        "Oh {oath}, I missed the meeting in {place}.",
        "Honestly this {oath} form has nine pages.",
    ],
    topic: &[
        "Could the vet look at the {pig} in {place}, please?",
        "I remember my grandfather's {pig}, clever animals.",
        "There is a {pig} in the garden behind {thing}!",
        "Prices for {pig} have fallen again, says the market report.",
    ],
    slur: &[
        "Two of them want to {verb}, typical {slur} manners.",
        "Keep the {slur} away from {thing}.",
        "How much did the {slur} cost us in the end?",
        "It is easy to see which {slur} lives in {place}.",
        "No {slur} at our table, please.",
    ],
    campaign: &[
        "Anyone else going to {bait} on Thursday? Bring a friend.",
        "Since {bait} I no longer need {thing}, write to me and I tell you more.",
        "The doctor was speechless, that is what {bait} can do.",
    ],
    insult: &[
        "How dumb can one person be? You clown.",
        "You disgusting hypocrite, go away.",
        "The editor is a brainless idiot.",
        "Listen, you miserable loser, {thing} stays.",
    ],
    threat: &[
        "Wait until I see you at {thing}, I will smash your face.",
        "You deserve to be shot, and {place} knows it.",
    ],
    things: &[
        "the library",
        "the ferry",
        "the community garden",
        "the heating plant",
        "the cinema",
        "the new crossing",
        "the cycle tunnel",
        "the choir hall",
    ],
    places: &["Alderbrook", "the harbour", "Eastmere", "the upper valley", "the chapel district", "Quarry Lane"],
    people: &["neighbours", "nurses", "bakers", "cousins", "students", "gardeners"],
    verbs: &["move out", "tell us the truth", "take the early train", "share a flat", "sing louder", "wait in line"],
};
