//! Lists of words that hold or reject a comment wherever they stand.
//!
//! In come a site's entries and the characters of a comment, both normalised in the same way; out comes which entries
//! fired, and where. Nothing is fetched, and no entry's text is in an error.
//!
//! An entry fires where its characters stand in the comment, beginning and ending with whole words: "ass" is not in
//! "class". A word is a run of letters and digits; a letter or digit at the edge of an entry must not have another beside
//! it. What else stands in an entry is taken as it is: "c++" fires in "c++, please" and "don't" only with its apostrophe. A
//! [`Kind::Stem`] need only begin a word. There is no knowledge of grammar in it: a prefix does the same for every
//! language, and a site can see what it does.
//!
//! All entries are found in one walk over the comment, by the algorithm of Aho and Corasick (1975); however many entries
//! there are, a comment of 500 characters takes some microseconds.
//!
//! ```
//! use ombud::{domain::Outcome, policy::words::{Entry, Kind, WordList}};
//!
//! let entries = [
//!     Entry { text: "Twaddle".into(), kind: Kind::Stem, action: Outcome::Hold },
//!     Entry { text: "buy now".into(), kind: Kind::Phrase, action: Outcome::Reject },
//! ];
//! // A server passes what normalises comments; here lower case is enough.
//! let list = WordList::compile(&entries, |text| text.to_lowercase())?;
//! let comment: Vec<char> = " twaddlers say: buy now! ".chars().collect();
//! let fired = list.find(&comment);
//! assert_eq!(fired.iter().map(|fired| (fired.entry, fired.place.clone())).collect::<Vec<_>>(), [(0, 1..10), (1, 16..23)]);
//! # Ok::<(), ombud::policy::words::WordsError>(())
//! ```
//!
//! Start reading at [`WordList::compile`], then [`WordList::find`].

mod entry;
mod joined;
mod list;

pub use entry::{CHARS_MAX, ENTRIES_MAX, Entry, Kind, WordsError};
pub use joined::{CheckedList, Joined};
pub use list::{Fired, WordList};
