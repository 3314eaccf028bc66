//! Links in a text, and which of them a site allows.

use linkify::{LinkFinder, LinkKind};
use std::ops::Range;

/// A link that stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link<'t> {
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// The host that it leads to, as it is written; e-mail addresses have theirs too.
    pub host: &'t str,
}

/// Finds links in a text: with a scheme, and without one where a name looks like a host's.
pub fn find(text: &str) -> Vec<Link<'_>> {
    // Without a dot or a scheme there is no link, and most comments have neither within a word.
    if !may_have_links(text) {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url, LinkKind::Email]).url_must_have_scheme(false);
    finder.links(text).map(|link| Link { place: link.start()..link.end(), host: host_of(link.as_str()) }).collect()
}

/// Returns whether a dot or a colon stands before anything but a blank.
fn may_have_links(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| matches!(pair[0], b'.' | b':' | b'@') && !pair[1].is_ascii_whitespace())
}

/// Cuts the host out of a link: what stands behind the scheme and a user's name, before a port, a path or a question.
fn host_of(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let rest = rest.rsplit('@').next().unwrap_or_default();
    rest.split(':').next().unwrap_or_default().trim_end_matches('.')
}

/// Returns whether a host is one of these domains, or lies within one.
pub(super) fn is_allowed(host: &str, domains: &[String]) -> bool {
    domains.iter().any(|domain| {
        let Some(before) = host.len().checked_sub(domain.len()) else { return false };
        let Some((within, end)) = host.split_at_checked(before) else { return false };
        end.eq_ignore_ascii_case(domain) && (within.is_empty() || within.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, hosts: &[&str]) {
        let found = find(text);
        assert_eq!(found.iter().map(|link| link.host).collect::<Vec<_>>(), hosts, "{text}");
        for link in found {
            assert!(text[link.place].contains(link.host));
        }
    }

    #[test]
    fn links_are_found_with_and_without_a_scheme() {
        check("see https://example.org/a?b=c, and http://Sub.Example.com:8080.", &["example.org", "Sub.Example.com"]);
        check("www.example.net or example.org/path", &["www.example.net", "example.org"]);
        check("mail me: ann@example.org", &["example.org"]);
        check("https://user:word@example.org/#top", &["example.org"]);
        check("nothing here. at all... e.g. this", &[]);
        check("ftp://files.example.org", &["files.example.org"]);
    }

    #[test]
    fn a_domain_allows_its_subdomains_and_no_lookalike() {
        let domains = ["example.org".to_owned()];
        for (host, expected) in [
            ("example.org", true),
            ("EXAMPLE.ORG", true),
            ("news.example.org", true),
            ("badexample.org", false),
            ("example.org.evil.test", false),
            ("org", false),
            ("üexample.org", false),
        ] {
            assert_eq!(is_allowed(host, &domains), expected, "{host}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_looked_over_in_vain(text in "[a-c.:/@ ü]{0,40}") {
            // What the quick look leaves out has no link.
            let mut finder = LinkFinder::new();
            finder.kinds(&[LinkKind::Url, LinkKind::Email]).url_must_have_scheme(false);
            prop_assert_eq!(find(&text).len(), finder.links(&text).count());
        }
    }
}
