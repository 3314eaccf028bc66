//! Under which address a client knows the server.

use http::{HeaderMap, header::HOST, request::Parts, uri::Authority};

/// Returns scheme and host, without a slash behind them: what the operator says, or what the request was sent to, by way of a
/// proxy where one says so.
pub(super) fn root(public_url: Option<&str>, is_tls: bool, parts: &Parts) -> String {
    if let Some(url) = public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let forwarded = first(&parts.headers, "x-forwarded-proto");
    let scheme = match forwarded {
        Some(proto) if proto.eq_ignore_ascii_case("https") => "https",
        None if is_tls => "https",
        _ => "http",
    };
    // What is no host, or has a name of a user in it, is not repeated to anyone.
    let host =
        |name: &str| first(&parts.headers, name)?.parse::<Authority>().ok().filter(|host| !host.as_str().contains('@'));
    let host = host("x-forwarded-host").or_else(|| host(HOST.as_str())).or_else(|| parts.uri.authority().cloned());
    format!("{scheme}://{}", host.as_ref().map_or("localhost", Authority::as_str))
}

/// Returns the first value of a header that proxies add to.
fn first<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()?.split(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn told(headers: &[(&str, &str)], public_url: Option<&str>) -> String {
        let request = headers.iter().fold(Request::builder(), |request, (name, value)| request.header(*name, *value));
        root(public_url, false, &request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn the_operator_knows_best_then_the_proxy_then_the_client() {
        let host = ("host", "ombud.internal:8787");
        assert_eq!(told(&[host], None), "http://ombud.internal:8787");
        let proxied = [host, ("x-forwarded-proto", "https, http"), ("x-forwarded-host", "api.news.example")];
        assert_eq!(told(&proxied, None), "https://api.news.example");
        assert_eq!(told(&proxied, Some("https://score.news.example/")), "https://score.news.example");
        assert_eq!(told(&[("host", "a b\"<")], None), "http://localhost");
        for no_host in ["a\"b<script>", "ann@evil.example", "evil.example/path"] {
            assert_eq!(told(&[host, ("x-forwarded-host", no_host)], None), "http://ombud.internal:8787", "{no_host}");
        }
    }
}
