//! Tokens as the label of a host's name, for clients that put their key there.
//!
//! Names of hosts have no upper case, no underscores, and labels of at most 63 letters, digits and hyphens, so a token can't stand
//! in one as it is, and looking it up without regard to case would need another kind of hash. Its random bytes in base32 fit.

/// What such a label begins with.
const PREFIX: &str = "ombud-";
/// The digits of base32 (RFC 4648), in lower case.
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Digits that 32 bytes take; the last one says one bit.
const LEN: usize = 52;

/// Writes 32 bytes as a label.
pub(super) fn write(random: &[u8; 32]) -> String {
    let mut label = String::from(PREFIX);
    let (mut bits, mut have) = (0_u32, 0);
    for byte in random {
        (bits, have) = (bits << 8 | u32::from(*byte), have + 8);
        while have >= 5 {
            have -= 5;
            label.push(char::from(DIGITS[(bits >> have & 31) as usize]));
        }
    }
    label.push(char::from(DIGITS[(bits << (5 - have) & 31) as usize]));
    label
}

/// Reads a label in any case; `None` where it is none.
pub(super) fn read(label: &str) -> Option<[u8; 32]> {
    let (prefix, digits) = label.split_at_checked(PREFIX.len())?;
    if !prefix.eq_ignore_ascii_case(PREFIX) || digits.len() != LEN {
        return None;
    }
    let (mut bits, mut have, mut at, mut random) = (0_u32, 0, 0, [0; 32]);
    for digit in digits.bytes() {
        let value = DIGITS.iter().position(|known| known.eq_ignore_ascii_case(&digit))?;
        (bits, have) = (bits << 5 | u32::try_from(value).ok()?, have + 5);
        if have >= 8 {
            have -= 8;
            *random.get_mut(at)? = (bits >> have & 0xff).try_into().ok()?;
            at += 1;
        }
    }
    // What is left over says nothing, so that each token has one label.
    (bits & ((1 << have) - 1) == 0).then_some(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_base32() {
        assert_eq!(write(&[0; 32]), format!("ombud-{}", "a".repeat(52)));
        assert_eq!(write(&[0xff; 32]), format!("ombud-{}q", "7".repeat(51)));
        let counted: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        // Python: base64.b32encode(bytes(range(32))).lower().rstrip(b"=")
        assert_eq!(write(&counted), "ombud-aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq");
        assert_eq!(read(&write(&counted)), Some(counted));
    }

    #[test]
    fn what_is_no_label_is_not_read() {
        let right = write(&[7; 32]);
        let shorter = &right[..right.len() - 1];
        for wrong in
            ["", "ombud-", shorter, &format!("{right}a"), &right.replace('-', "_"), &format!("{shorter}b"), "é"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
