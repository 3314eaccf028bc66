//! The head of the journal's chain: an auditor who notes it can later tell that nothing up to there was changed or removed.

use std::{fmt, str::FromStr};

/// The number of an event and the hash of the record that ends with it, which rests on all records before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The event's number; 0 before the first.
    pub seq: u64,
    /// The SHA-256 hash of the record.
    pub hash: [u8; 32],
}

impl fmt::Display for Head {
    /// Writes `17:` and 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.seq)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What is not a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number, a colon and 64 hexadecimal digits, as `ombud audit head` prints them")]
pub struct NoHead;

impl FromStr for Head {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let (seq, digits) = text.trim().split_once(':').ok_or(NoHead)?;
        let seq = seq.parse().map_err(|_| NoHead)?;
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoHead);
        }
        let mut hash = [0; 32];
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).map_err(|_| NoHead)?;
        }
        Ok(Self { seq, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_back_as_it_was_written() {
        let head = Head { seq: u64::MAX, hash: std::array::from_fn(|at| u8::try_from(at * 7).unwrap()) };
        assert_eq!(head.to_string().parse(), Ok(head));
        assert_eq!(format!(" {head}\n").to_uppercase().parse(), Ok(head));
        for bad in ["", "1", "1:", "x:00", &format!("-1:{}", "0".repeat(64)), &format!("1:{}", "ä".repeat(32))] {
            assert_eq!(bad.parse::<Head>(), Err(NoHead), "{bad}");
        }
    }
}
