//! Words for people, with the forms that sentences need.

use super::Group::{self, Age, Disability, Ethnicity, Gender, Nationality, Religion, Sexuality};

/// One identity term.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    /// What reports call it.
    pub(super) name: &'static str,
    /// What kind of identity it is.
    pub(super) group: Group,
    /// Whom it can be said of.
    pub(super) said_of: SaidOf,
    /// Before a noun: "a *female* teacher". Empty where the term has no such form.
    pub(super) adjective: &'static str,
    /// After "is": "is *a woman*", "is *gay*".
    pub(super) predicate: &'static str,
    /// As a noun, or with one, without an article. Alternatives are separated by `|`, and `~` is the adjective.
    pub(super) singular: &'static str,
    /// The same for several people.
    pub(super) plural: &'static str,
    /// Whether sentences about it are measured on and never learned from.
    pub(super) held_out: bool,
    /// Whether collected data knows it mostly from attacks, so that more sentences are needed to say that it is none.
    pub(super) attacked: bool,
}

/// Which nouns for people go with a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SaidOf {
    /// "man", "woman" and neutral ones.
    Anyone,
    /// "woman" and neutral ones.
    Women,
    /// "man" and neutral ones.
    Men,
    /// Neutral ones only.
    Persons,
}

const fn term(
    name: &'static str,
    group: Group,
    said_of: SaidOf,
    [adjective, predicate, singular, plural]: [&'static str; 4],
) -> Term {
    Term { name, group, said_of, adjective, predicate, singular, plural, held_out: false, attacked: false }
}

/// A term that is an adjective only.
const fn adjective(name: &'static str, group: Group) -> Term {
    term(name, group, SaidOf::Anyone, [name, name, "~ {person}", "~ people"])
}

/// A term that is an adjective and, unchanged, a noun.
const fn both(name: &'static str, group: Group, plural: &'static str) -> Term {
    term(name, group, SaidOf::Anyone, [name, name, "~|~ {person}", plural])
}

/// A term that is a noun, also before another noun.
const fn noun(name: &'static str, group: Group, predicate: &'static str, plural: &'static str) -> Term {
    term(name, group, SaidOf::Anyone, [name, predicate, "~", plural])
}

const fn attacked(mut term: Term) -> Term {
    term.attacked = true;
    term
}

const fn held_out(mut term: Term) -> Term {
    term.held_out = true;
    term
}

/// Every term.
///
/// The words that are attacked most (gay, homosexual, Muslim, Jewish, black, Mexican, women, immigrants) are
/// learned from, because a model must be good at them before it is good at anything else. Among the held-out ones each
/// group has some that collected data knows from attacks too, such as transsexual, Arab, Palestinian and deaf.
pub(super) const TERMS: &[Term] = &[
    // Sexuality.
    attacked(term("gay", Sexuality, SaidOf::Anyone, ["gay", "gay", "~ {person}", "~ people|gays|~ men|~ folks"])),
    attacked(term("lesbian", Sexuality, SaidOf::Women, ["lesbian", "a lesbian", "~|~ woman", "lesbians|~ women"])),
    attacked(adjective("queer", Sexuality)),
    adjective("straight", Sexuality),
    attacked(both("heterosexual", Sexuality, "heterosexuals|~ people")),
    adjective("LGBT", Sexuality),
    adjective("polyamorous", Sexuality),
    attacked(both("homosexual", Sexuality, "homosexuals|~ people")),
    attacked(both("bisexual", Sexuality, "bisexuals|~ people")),
    held_out(adjective("LGBTQ", Sexuality)),
    held_out(adjective("asexual", Sexuality)),
    held_out(adjective("pansexual", Sexuality)),
    // Gender.
    attacked(term("women", Gender, SaidOf::Persons, ["female", "a woman", "woman|~ person", "women|females"])),
    term("men", Gender, SaidOf::Persons, ["male", "a man", "man|~ person", "men|males"]),
    attacked(term("trans", Gender, SaidOf::Anyone, ["trans", "trans", "~ {person}", "~ people|~ women|~ men"])),
    attacked(adjective("transgender", Gender)),
    adjective("intersex", Gender),
    attacked(noun("feminist", Gender, "a feminist", "feminists")),
    term("boys", Gender, SaidOf::Persons, ["", "a boy", "boy", "boys"]),
    term("mothers", Gender, SaidOf::Women, ["", "a mother", "mother", "mothers|single mothers"]),
    adjective("gender-fluid", Gender),
    held_out(term("girls", Gender, SaidOf::Persons, ["", "a girl", "girl", "girls"])),
    held_out(term("nonbinary", Gender, SaidOf::Persons, ["nonbinary", "nonbinary", "~ person", "~ people"])),
    held_out(adjective("transsexual", Gender)),
    // Religion.
    attacked(both("Muslim", Religion, "Muslims|~ people")),
    attacked(term("Jewish", Religion, SaidOf::Anyone, ["Jewish", "Jewish", "~ {person}|Jew", "Jews|~ people"])),
    both("Christian", Religion, "Christians"),
    both("Catholic", Religion, "Catholics"),
    both("Hindu", Religion, "Hindus"),
    both("Buddhist", Religion, "Buddhists"),
    noun("atheist", Religion, "an atheist", "atheists"),
    both("Mormon", Religion, "Mormons"),
    both("evangelical", Religion, "evangelicals|~ Christians"),
    both("Baptist", Religion, "Baptists"),
    both("Shia", Religion, "Shias|~ Muslims"),
    noun("pagan", Religion, "a pagan", "pagans"),
    adjective("religious", Religion),
    held_out(both("Sikh", Religion, "Sikhs")),
    held_out(both("Protestant", Religion, "Protestants")),
    held_out(both("Taoist", Religion, "Taoists")),
    held_out(both("agnostic", Religion, "agnostics")),
    held_out(both("Sunni", Religion, "Sunnis|~ Muslims")),
    // Ethnicity and origin.
    attacked(term("black", Ethnicity, SaidOf::Anyone, ["black", "black", "~ {person}", "~ people|blacks|~ folks"])),
    attacked(term("white", Ethnicity, SaidOf::Anyone, ["white", "white", "~ {person}", "~ people|whites|~ folks"])),
    adjective("brown", Ethnicity),
    attacked(both("African", Ethnicity, "Africans|~ people")),
    attacked(both("African American", Ethnicity, "African Americans")),
    attacked(both("Asian", Ethnicity, "Asians|~ people")),
    attacked(term("Latino", Ethnicity, SaidOf::Men, ["Latino", "Latino", "~|~ {person}", "Latinos|~ people"])),
    both("Hispanic", Ethnicity, "Hispanics|~ people"),
    attacked(adjective("Middle Eastern", Ethnicity)),
    adjective("indigenous", Ethnicity),
    attacked(both("Native American", Ethnicity, "Native Americans")),
    adjective("Roma", Ethnicity),
    noun("Traveller", Ethnicity, "a Traveller", "Travellers"),
    term("Kurdish", Ethnicity, SaidOf::Anyone, ["Kurdish", "Kurdish", "~ {person}|Kurd", "Kurds|~ people"]),
    attacked(noun("immigrant", Ethnicity, "an immigrant", "immigrants")),
    attacked(noun("migrant", Ethnicity, "a migrant", "migrants")),
    attacked(noun("refugee", Ethnicity, "a refugee", "refugees")),
    adjective("Caribbean", Ethnicity),
    adjective("South Asian", Ethnicity),
    adjective("Slavic", Ethnicity),
    held_out(both("Arab", Ethnicity, "Arabs|~ people")),
    held_out(term("Latina", Ethnicity, SaidOf::Women, ["Latina", "Latina", "~|~ woman", "Latinas|~ women"])),
    held_out(adjective("Latinx", Ethnicity)),
    held_out(both("European", Ethnicity, "Europeans")),
    held_out(term("foreign", Ethnicity, SaidOf::Anyone, ["foreign", "a foreigner", "foreigner", "foreigners"])),
    held_out(term("gypsy", Ethnicity, SaidOf::Anyone, ["gypsy", "a gypsy", "gypsy", "gypsies"])),
    held_out(adjective("biracial", Ethnicity)),
    // Nationality.
    both("American", Nationality, "Americans"),
    both("Canadian", Nationality, "Canadians"),
    both("Indian", Nationality, "Indians|~ people"),
    attacked(both("Mexican", Nationality, "Mexicans|~ people")),
    adjective("Chinese", Nationality),
    adjective("Japanese", Nationality),
    attacked(both("Pakistani", Nationality, "Pakistanis")),
    attacked(both("Nigerian", Nationality, "Nigerians")),
    term("Polish", Nationality, SaidOf::Anyone, ["Polish", "Polish", "~ {person}|Pole", "Poles|~ people"]),
    both("Russian", Nationality, "Russians"),
    adjective("Irish", Nationality),
    term("Turkish", Nationality, SaidOf::Anyone, ["Turkish", "Turkish", "~ {person}|Turk", "Turks|~ people"]),
    both("Israeli", Nationality, "Israelis"),
    attacked(both("Iranian", Nationality, "Iranians")),
    adjective("British", Nationality),
    adjective("French", Nationality),
    both("German", Nationality, "Germans"),
    both("Syrian", Nationality, "Syrians"),
    both("Somali", Nationality, "Somalis"),
    both("Ukrainian", Nationality, "Ukrainians"),
    both("Italian", Nationality, "Italians"),
    adjective("Filipino", Nationality),
    both("Cuban", Nationality, "Cubans"),
    both("Brazilian", Nationality, "Brazilians"),
    both("Ethiopian", Nationality, "Ethiopians"),
    both("Iraqi", Nationality, "Iraqis"),
    both("Moroccan", Nationality, "Moroccans"),
    both("Albanian", Nationality, "Albanians"),
    both("Haitian", Nationality, "Haitians"),
    term("Spanish", Nationality, SaidOf::Anyone, ["Spanish", "Spanish", "~ {person}|Spaniard", "Spaniards|~ people"]),
    both("Australian", Nationality, "Australians"),
    held_out(both("Korean", Nationality, "Koreans|~ people")),
    held_out(both("Palestinian", Nationality, "Palestinians")),
    held_out(adjective("Vietnamese", Nationality)),
    held_out(both("Afghan", Nationality, "Afghans")),
    held_out(both("Romanian", Nationality, "Romanians")),
    held_out(both("Bangladeshi", Nationality, "Bangladeshis")),
    held_out(both("Colombian", Nationality, "Colombians")),
    held_out(both("Egyptian", Nationality, "Egyptians")),
    // Disability.
    attacked(term(
        "disabled",
        Disability,
        SaidOf::Anyone,
        ["disabled", "disabled", "~ {person}", "~ people|the disabled"],
    )),
    term("blind", Disability, SaidOf::Anyone, ["blind", "blind", "~ {person}", "~ people|the blind"]),
    adjective("autistic", Disability),
    adjective("dyslexic", Disability),
    adjective("bipolar", Disability),
    attacked(adjective("mentally ill", Disability)),
    adjective("chronically ill", Disability),
    adjective("handicapped", Disability),
    term(
        "wheelchair user",
        Disability,
        SaidOf::Anyone,
        ["", "a wheelchair user", "wheelchair user", "wheelchair users"],
    ),
    noun("amputee", Disability, "an amputee", "amputees"),
    held_out(term("deaf", Disability, SaidOf::Anyone, ["deaf", "deaf", "~ {person}", "~ people|the deaf"])),
    held_out(adjective("paralyzed", Disability)),
    held_out(adjective("epileptic", Disability)),
    held_out(adjective("neurodivergent", Disability)),
    // Age.
    term("old", Age, SaidOf::Anyone, ["old", "old", "~ {person}", "~ people|the old"]),
    term("young", Age, SaidOf::Anyone, ["young", "young", "~ {person}", "~ people|the young"]),
    adjective("younger", Age),
    term("teenage", Age, SaidOf::Anyone, ["teenage", "a teenager", "teenager|~ {person}", "teenagers|teens"]),
    term("elderly", Age, SaidOf::Anyone, ["elderly", "elderly", "~ {person}", "~ people|the elderly"]),
    term("retired", Age, SaidOf::Anyone, ["retired", "a pensioner", "pensioner", "pensioners|~ people"]),
    noun("boomer", Age, "a boomer", "boomers"),
    held_out(adjective("older", Age)),
    held_out(adjective("middle-aged", Age)),
    held_out(both("millennial", Age, "millennials")),
];

impl Term {
    /// Tells whether hate towards the people it names is hate towards women.
    pub(super) fn is_about_women(&self) -> bool {
        ["women", "girls", "feminist", "mothers"].contains(&self.name)
    }
}
