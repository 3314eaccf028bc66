//! What a moderator presses.

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Next,
    Previous,
    Approve,
    Reject,
    Skip,
    Undo,
    Explain,
    Select,
    Label,
    /// One of several things to choose from, from 1.
    Number(usize),
    NextQueue,
    Help,
    Quit,
    /// Leaves what covers the comment: the help, the choice of labels.
    Leave,
    LineDown,
    LineUp,
    PageDown,
    PageUp,
    Top,
    Bottom,
}

impl Key {
    /// Returns what a letter is for.
    pub(crate) fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'j' => Self::Next,
            'k' => Self::Previous,
            'f' => Self::Approve,
            'd' => Self::Reject,
            's' => Self::Skip,
            'u' => Self::Undo,
            'e' => Self::Explain,
            'x' => Self::Select,
            'l' => Self::Label,
            't' => Self::NextQueue,
            '?' => Self::Help,
            'q' => Self::Quit,
            ' ' => Self::PageDown,
            '1'..='9' => Self::Number(letter.to_digit(10)? as usize),
            _ => return None,
        })
    }
}
