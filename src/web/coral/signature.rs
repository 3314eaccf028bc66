//! Signatures: HMAC-SHA256 over the body as it came, in `X-Coral-Signature: sha256=<hex>[,sha256=<hex>…]`.
//!
//! While a secret is exchanged Coral signs with the old and the new one, so any of the signatures may be of any of the secrets.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

const HEADER: &str = "x-coral-signature";
const SCHEME: &str = "sha256=";
/// Signatures that are looked at: Coral sends one for each of its secrets.
const SIGNATURES_MAX: usize = 8;

type Digest = [u8; 32];

/// Returns whether one of the signatures is of one of the secrets. How long that takes says nothing about where they differ.
pub(super) fn is_good(headers: &HeaderMap, body: &[u8], secrets: &[Box<[u8]>]) -> bool {
    let presented: Vec<Digest> = presented(headers).collect();
    let mut good = Choice::from(0);
    for ours in secrets.iter().map(|secret| sign(secret, body)) {
        for theirs in &presented {
            good |= ours.ct_eq(theirs);
        }
    }
    good.into()
}

/// Returns whether there is something that could be a signature: without one, a body need not be read.
pub(super) fn is_there(headers: &HeaderMap) -> bool {
    presented(headers).next().is_some()
}

fn presented(headers: &HeaderMap) -> impl Iterator<Item = Digest> {
    let headers = headers.get_all(HEADER).iter().filter_map(|value| value.to_str().ok());
    headers.flat_map(|value| value.split(',')).filter_map(read).take(SIGNATURES_MAX)
}

fn sign(secret: &[u8], body: &[u8]) -> Digest {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// Reads a signature; `None` where it is none.
fn read(signature: &str) -> Option<Digest> {
    let digits = signature.trim().strip_prefix(SCHEME)?.as_bytes();
    let mut digest = Digest::default();
    if digits.len() != 2 * digest.len() {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const BODY: &[u8] = b"Hi There";
    // RFC 4231, test case 1: twenty bytes 0x0b sign "Hi There".
    const SIGNED: &str = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";

    fn is_good(header: &str, body: &[u8]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(header).unwrap());
        let secrets = [Box::from(&b"another secret"[..]), Box::from([0x0b; 20].as_slice())];
        super::is_good(&headers, body, &secrets)
    }

    #[test]
    fn one_good_signature_of_one_secret_is_enough() {
        let (good, other) = (format!("sha256={SIGNED}"), format!("sha256={}", "0".repeat(64)));
        assert!(is_good(&good, BODY));
        assert!(is_good(&format!("{other},{good}"), BODY) && is_good(&format!("{good}, {other}"), BODY));
        assert!(is_good(&good.to_uppercase().replace("SHA", "sha"), BODY));
    }

    #[test]
    fn every_other_one_is_wrong() {
        let good = format!("sha256={SIGNED}");
        assert!(!is_good(&good, b"Hi there"));
        let flipped = format!("sha256=a{}", &SIGNED[1..]);
        let shorter = &good[..good.len() - 1];
        for wrong in
            ["", "sha256=", SIGNED, &flipped, shorter, &format!("{good}0"), &format!("sha1={SIGNED}"), "é,=,sha256=é"]
        {
            assert!(!is_good(wrong, BODY), "{wrong}");
        }
        let zeros = format!("sha256={},", "0".repeat(64));
        let many = format!("{}{good}", zeros.repeat(SIGNATURES_MAX));
        assert!(!is_good(&many, BODY), "nobody has so many secrets");
        assert!(!super::is_good(&HeaderMap::new(), BODY, &[Box::from(&b"secret"[..])]));
    }
}
