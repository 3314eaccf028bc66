//! Keys as the first label of the host's name, where Akismet's clients have put them from the beginning.

use http::{header::HOST, request::Parts};

/// What both spellings of a token begin with, but for the last letter.
const BEGIN: &str = "ombud";

/// Returns the first label of the host that a request was sent to, where it looks like a token in one of its spellings.
pub(super) fn in_host(parts: &Parts) -> Option<&str> {
    let in_header = || parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = parts.uri.host().or_else(in_header)?;
    let (label, _) = host.split_once('.')?;
    let (begin, rest) = label.split_at_checked(BEGIN.len())?;
    (begin.eq_ignore_ascii_case(BEGIN) && rest.starts_with(['-', '_'])).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    #[test]
    fn a_key_is_the_first_label_alone() {
        let found = |host: &str| {
            let (parts, ()) =
                Request::builder().uri("/1.1/comment-check").header(HOST, host).body(()).unwrap().into_parts();
            in_host(&parts).map(str::to_owned)
        };
        assert_eq!(found("ombud-abc.akismet.example:80").as_deref(), Some("ombud-abc"));
        assert_eq!(found("OMBUD_aBc.localhost").as_deref(), Some("OMBUD_aBc"));
        for none in ["", "localhost:8787", "ombud.example", "ombud-abc", "rest.ombud-abc.example", "127.0.0.1:80"] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
