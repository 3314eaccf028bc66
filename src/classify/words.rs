//! The commonest words of languages in Latin script: what a sentence can hardly do without.
//!
//! Words stand without apostrophes and, where readers leave accents out, in both spellings. A word that is also common
//! in English, such as the German "die", is left out: what counts is that it is missing from English comments.

use crate::domain::Language;
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};

/// Languages with a list of words, English first.
pub(super) const COUNT: usize = LISTS.len();
/// The place of English among the languages.
pub(super) const ENGLISH: usize = 0;

/// Languages that share most of their common words, so that one is easily taken for the other.
const ALIKE: &[&[&str]] = &[&["da", "no"], &["cs", "sk"], &["es", "ca"], &["hr", "sr"]];

/// A word that some language has in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Common {
    /// One bit for each language that has it.
    pub(super) languages: u32,
    /// Which word it is, below [`WORDS_MAX`].
    pub(super) number: usize,
}

/// More words than all lists hold.
pub(super) const WORDS_MAX: usize = 2048;

/// FNV-1a: words are short, and the table is the program's own, so that nobody can fill it with words that collide.
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn slot(&self) -> usize {
        usize::try_from(self.0 % ENGLISH_SLOTS as u64).unwrap_or(0)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Slots for the hashes of words that are common in English alone; a power of two, and most stay free.
const ENGLISH_SLOTS: usize = 2048;

static ENGLISH_ALONE: LazyLock<Box<[u64]>> = LazyLock::new(|| {
    let mut slots = vec![0; ENGLISH_SLOTS].into_boxed_slice();
    for (word, _) in WORDS.iter().filter(|(_, common)| common.languages == 1 << ENGLISH) {
        let mut hash = Fnv::default();
        hash.write(word.as_bytes());
        let mut slot = hash.slot();
        while slots[slot] != 0 {
            slot = (slot + 1) % ENGLISH_SLOTS;
        }
        slots[slot] = hash.0;
    }
    slots
});

/// Finds words that are common in English and in no other language, by their hash alone.
pub(super) struct EnglishAlone(&'static [u64]);

impl EnglishAlone {
    /// Returns the words.
    pub(super) fn get() -> Self {
        Self(&ENGLISH_ALONE)
    }

    /// Returns whether the word with this hash, in lower case and without apostrophes, is one of them.
    pub(super) fn has(&self, hash: &Fnv) -> bool {
        let mut slot = hash.slot();
        while self.0[slot] != 0 {
            if self.0[slot] == hash.0 {
                return true;
            }
            slot = (slot + 1) % ENGLISH_SLOTS;
        }
        false
    }
}

static WORDS: LazyLock<HashMap<&str, Common, BuildHasherDefault<Fnv>>> = LazyLock::new(|| {
    let mut words = HashMap::default();
    for (place, (_, list)) in LISTS.iter().enumerate() {
        for word in list.split_ascii_whitespace() {
            let number = words.len();
            words.entry(word).or_insert(Common { languages: 0, number }).languages |= 1 << place;
        }
    }
    words
});

/// Finds a word, in lower case and without apostrophes, in the lists.
pub(super) fn find(word: &str) -> Option<Common> {
    WORDS.get(word).copied()
}

/// Returns a language's place among those that have a list.
pub(super) fn place(language: Language) -> Option<usize> {
    LISTS.iter().position(|(code, _)| *code == language.code())
}

/// Returns the other languages that are easily taken for `language`.
pub(super) fn alike(language: Language) -> impl Iterator<Item = Language> {
    let group = ALIKE.iter().find(|group| group.contains(&language.code())).copied().unwrap_or_default();
    group.iter().filter_map(|code| Language::from_code(code)).filter(move |other| *other != language)
}

const LISTS: &[(&str, &str)] = &[
    (
        "en",
        "the and that you it this with are have your they what from would there their but for his she who if about \
         just when how my can cant dont its im thats youre theyre not be been being has had was were will should \
         could because really think know get got like why shut stop people all no so do does did he him her we us our \
         me i a an to of in on is at by or as up out more some any than then them these those one only also even \
         never ever always too very much many here where which while well good bad right dat dis yo hoe hoes going go make want need say \
         said see look new time way back after before over into off now still again u ur lol wtf lmao tbh idk omg \
         smh gonna wanna yeah yes ok thanks please isnt wasnt didnt doesnt wont wouldnt couldnt shouldnt havent arent \
         ive hes shes theres lets whats every other another something anything nothing someone everyone am \
         through down most same such own let keep take come give work first last man guy guys shit fuck fucking ass",
    ),
    (
        "de",
        "der das und ist nicht ich sie wir ihr ein eine einen einem einer den dem des zu zum zur mit auf für fuer von \
         vom sich auch wie aber oder wenn dann noch nur schon nach bei beim aus über ueber werden wird wurde haben habe \
         sind bin bist kann mehr immer dass weil warum wer diese dieser dieses doch mal hier ja nein sehr es als wo du \
         dich dir mich mir keine kein muss müssen sein seine jetzt alle ganz viel nichts etwas mein meine unser gut",
    ),
    (
        "fr",
        "le les et est une des du en je tu il elle nous vous ils que qui ne pas pour dans ce cette ces sur avec mais ou \
         où plus par au aux son sa ses mon ma mes leur être etre avoir fait faire sont suis ont était quand comme si \
         tout tous toute très tres bien pourquoi parce aussi alors même encore toujours jamais rien cest jai nest quil \
         quelle cet sans chez ça ca merci à y un la de dun dune lon na quon sest",
    ),
    (
        "es",
        "el la los las un una y que de del en es por para con se su sus al lo le les pero más mas muy como cuando \
         porque qué este esta esto eso ese hay ser son está están fue tiene hace todo todos yo tú mi si sí ya también \
         tambien donde nos nosotros ellos sin sobre nada nunca siempre gracias qué cómo solo así usted bien otra otro",
    ),
    (
        "it",
        "il lo la gli le un una di da del della dei delle nel nella che e è non per con si su al alla ai sono sei siamo \
         hanno ho ha questo questa quello ma se come quando perché perche anche più molto tutti tutto poi ancora sempre \
         mai niente cosa dove chi mi ti ci suo mio essere fare già cosi così grazie solo bene dal lha cè dello dalla \
         ogni però sua allora",
    ),
    (
        "pt",
        "o os as um uma de do da dos das em na nos nas que e é não nao para com por se mas mais muito como quando \
         porque este esta isso isto ele ela eles eu você voce vocês nós foi são está estão tem ser ter há também já só \
         sem sobre tudo todos nada nunca sempre quem onde meu minha seu sua ao à pelo pela obrigado bem até pra ainda",
    ),
    (
        "nl",
        "het een en van ik je jij hij zij wij jullie niet dat dit deze die voor met op aan te zijn er maar ook als dan \
         nog wel naar bij uit om wat wie waarom hoe heeft hebben heb ben kan kunnen moet moeten wordt worden geen veel \
         meer al altijd nooit iets niets mijn zo gewoon mensen goed over onze hun daar hier toch weer de of",
    ),
    (
        "sv",
        "och att det som en ett är inte jag du han hon vi ni de dem på av för med till om har hade kan ska skall var \
         men så eller när från vad varför hur alla denna detta mycket bara också här där man blir vara mig dig sig sin \
         min vår aldrig alltid något ingen sedan finns är måste vill än",
    ),
    (
        "da",
        "og det er ikke jeg du han hun vi de dem på af for med til om har havde kan skal var men så eller når fra hvad \
         hvorfor hvordan alle denne dette meget bare også her der man bliver være mig dig sig sin min vores aldrig \
         altid noget ingen den en et at som hvis efter mange jer blev hvor ved nogen vil",
    ),
    (
        "no",
        "og det er ikke jeg du han hun vi de dem på av for med til om har hadde kan skal var men så eller når fra hva \
         hvorfor hvordan alle denne dette veldig bare også her der man blir være meg deg seg sin min vår aldri alltid \
         noe ingen den en et å som hvis etter mange dere ble hvor ved noen vil sånn enn",
    ),
    (
        "fi",
        "ja on ei se että ettei mutta kun niin kuin myös minä sinä hän me te he mitä miksi kuka missä tämä tuo nämä \
         siitä siihen sitä ole olen olet oli ovat olisi voi vain jos tai nyt vielä aina kaikki joka jotka hyvä paljon \
         ihan sitten koko mikä minun sinun meidän heidän en et emme eivät ollut olla sen siinä miten",
    ),
    (
        "pl",
        "i w z na nie to się sie że ze jest do jak ale o co po tak za dla od czy tylko już juz być tego ten ta te są sa \
         mnie ty ja my wy oni ich jego jej był była było przez gdy kiedy dlaczego może bardzo wszystko wszystkie zawsze \
         nigdy nic też także który która które jeśli bo u więc dobry gdzie kto mam masz nas",
    ),
    (
        "cs",
        "a v na se že je to s z do jak ale o co po tak za pro od už být ten ta ty jsou mě já my vy oni jeho byl byla \
         bylo když kdy proč může velmi všechno všechny vždycky nikdy nic také který která které jestli bo u tedy kde kdo \
         jsem jsi jsme jste není nebo jen by ještě si mi ho tam pak aby",
    ),
    (
        "sk",
        "a v na sa že je to s z do ako ale o čo po tak za pre od už byť ten tá tie sú ma ja my vy oni jeho bol bola \
         bolo keď kedy prečo môže veľmi všetko všetky vždy nikdy nič tiež ktorý ktorá ktoré ak lebo u teda kde kto som \
         si sme ste nie alebo len by ešte mi ho tam potom aby",
    ),
    (
        "hu",
        "a az és hogy nem is egy de van ez ha meg csak már mint én te ő mi ti ők mit miért ki hol ezt azt ami aki volt \
         lesz kell lehet még itt ott nagyon minden mindig soha semmi most így úgy jó sem el fel le vagy akkor amikor \
         nincs ne be sok több mert után szerintem tényleg aztán",
    ),
    (
        "ro",
        "și si să sa nu în este e de la cu pe un o care ce că ca mai din pentru sunt am ai are au fost dar dacă daca \
         când cand cum unde cine eu tu el ea noi voi ei lor lui acest această asta foarte tot toate toți niciodată \
         întotdeauna nimic doar sau fi va vor fără despre după prin așa asa apoi atunci ori",
    ),
    (
        "hr",
        "i je u na se da ne su za od s sa to što sto kao ali ili samo kako kad kada jer ja ti on ona mi vi oni nije \
         nisu biti bio bila bilo sam si smo ste će ce ovo taj ta koji koja koje već vec sve svi uvijek nikad ništa po \
         iz do zašto zasto tko netko gdje treba može onda njih nema ima",
    ),
    (
        "tr",
        "ve bir bu da de ne için icin çok cok var yok ama gibi daha mi mı mu ben sen o biz siz onlar neden nasıl kim \
         nerede her zaman hiç hiçbir şey olan oldu olarak ile ki kadar en ya sonra önce değil degil bile artık böyle \
         öyle bence eğer olduğunu kendi bütün herkes",
    ),
    (
        "ca",
        "el la els les un una i que de del dels en és per per a amb es seu seva al lo però més molt com quan perquè \
         aquest aquesta això hi ha són està tot tots jo tu si també on ens nosaltres ells sense sobre res mai sempre \
         gràcies només així què nen cada",
    ),
    (
        "vi",
        "là và của có không các cho được một những người này đã trong với tôi thì mà để khi cũng đến như nhưng rất \
         ở ra vào lại nào sao gì ai anh chị em đi làm phải nên vì hay chỉ còn mình đó về từ theo sẽ nếu bạn mỗi",
    ),
    (
        "id",
        "yang dan di itu ini tidak dengan untuk dari ke pada ada saya kamu dia kami kita mereka akan juga atau tapi \
         tetapi karena sudah belum bisa harus kenapa apa siapa bagaimana semua setiap selalu hanya lebih sangat oleh \
         seperti kalau jika lagi orang banyak gak nggak aja jadi masih mau pernah lalu bukan",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_its_language_and_its_bit() {
        assert_eq!(place(Language::ENGLISH), Some(ENGLISH));
        for (place_in_list, (code, _)) in LISTS.iter().enumerate() {
            assert_eq!(place(Language::from_code(code).unwrap()), Some(place_in_list), "{code}");
        }
        let german = place(Language::from_code("de").unwrap()).unwrap();
        let languages = |word| find(word).map(|word| word.languages);
        assert_eq!((languages("nicht"), languages("because")), (Some(1 << german), Some(1 << ENGLISH)));
        assert_eq!(languages("quixotic"), None);
        assert!(WORDS.len() < WORDS_MAX && COUNT <= 32);
    }
}
