//! Web origins: which page a browser asks for, in the words in which it says so.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

/// Bytes of a host's name at most, as in DNS.
const HOST_BYTES_MAX: usize = 253;
/// The schemes that pages have, with the port that goes without saying.
const SCHEMES: [(&str, u16); 2] = [("http", 80), ("https", 443)];

/// A scheme, a host and a port, such as `https://news.example`: in lower case, without the port that goes without saying.
/// Browsers send just that, so that comparing is enough.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(Box<str>);

impl Origin {
    /// Reads an origin of a page, or returns `None` where `text` is none: one that has a path, a wildcard, a user, or letters that
    /// browsers write in Punycode. A slash at the end is left out.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (scheme, usual) = SCHEMES.into_iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name))?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, after) = if let Some(rest) = rest.strip_prefix('[') {
            let (address, after) = rest.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            (format!("[{address}]"), after)
        } else {
            let (host, after) = rest.split_at(rest.find(':').unwrap_or(rest.len()));
            (is_host(host).then(|| host.to_ascii_lowercase())?, after)
        };
        let port = match after.strip_prefix(':') {
            None if after.is_empty() => usual,
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => digits.parse().ok()?,
            _ => return None,
        };
        let port = if port == usual { String::new() } else { format!(":{port}") };
        Some(Self(format!("{scheme}://{host}{port}").into()))
    }

    /// Returns the origin as browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the page is served by the machine that its browser runs on.
    pub fn is_of_this_machine(&self) -> bool {
        let host = self.0.split_once("://").map_or("", |(_, host)| host);
        if let Some(address) = host.strip_prefix('[') {
            return address
                .split(']')
                .next()
                .and_then(|it| it.parse().ok())
                .is_some_and(|it: Ipv6Addr| it.is_loopback());
        }
        let host = host.split(':').next().unwrap_or_default();
        host == "localhost" || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
    }
}

/// Returns whether a host is one or more labels of letters, digits, hyphens and underscores, with dots between.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    host.len() <= HOST_BYTES_MAX && host.split('.').all(is_label)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Origin::parse(text).as_ref().map(Origin::as_str), expected, "{text}");
    }

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        for same in
            ["https://news.example", "HTTPS://News.Example/", "https://news.example:443", "https://news.example:0443"]
        {
            check(same, Some("https://news.example"));
        }
        check("http://localhost:3000", Some("http://localhost:3000"));
        check("http://news.example:443/", Some("http://news.example:443"));
        check("https://[2001:DB8::0:1]:8443", Some("https://[2001:db8::1]:8443"));
        check("https://xn--zeitung-9za.example", Some("https://xn--zeitung-9za.example"));
    }

    #[test]
    fn what_is_no_origin_of_a_page_is_not_read() {
        for wrong in [
            "",
            "null",
            "*",
            "news.example",
            "://news.example",
            "https://",
            "https:///",
            "https://*.news.example",
            "https://news.example/blog",
            "https://news.example//",
            "https://news.example?a",
            "https://ada@news.example",
            "https://news..example",
            "https://news.example.",
            "https://nëws.example",
            "https://news.example:",
            "https://news.example:+80",
            "https://news.example:65536",
            "https://[::1",
            "https://[::1]x",
            "https://[news]",
            " https://news.example",
            "ftp://news.example",
        ] {
            check(wrong, None);
        }
        check(&format!("https://{}", "a".repeat(HOST_BYTES_MAX)), Some(&format!("https://{}", "a".repeat(253))));
        check(&format!("https://{}", "a".repeat(HOST_BYTES_MAX + 1)), None);
    }

    #[test]
    fn pages_of_the_machine_itself_are_known() {
        let is_of_this_machine = |text: &str| Origin::parse(text).unwrap().is_of_this_machine();
        for own in [
            "http://localhost",
            "https://LOCALHOST:3000",
            "http://127.0.0.1:8787",
            "http://127.9.9.9",
            "http://[::1]:1",
        ] {
            assert!(is_of_this_machine(own), "{own}");
        }
        for other in [
            "http://localhost.news.example",
            "http://news.example:8787",
            "http://127.0.0.1.news.example",
            "http://[2001:db8::1]",
            "http://10.0.0.1",
            "http://notlocalhost",
        ] {
            assert!(!is_of_this_machine(other), "{other}");
        }
    }
}
