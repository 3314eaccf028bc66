//! Where a server is, and whether it may be spoken to there.

use super::args::ServerArgs;
use super::failure::Advised;
use http::Uri;
use std::net::IpAddr;

/// Returns the address of the server, where nothing that is sent there tells others the token.
///
/// # Errors
///
/// Refuses what is no address, and a token in clear to another machine.
pub(super) fn of(server: &ServerArgs) -> anyhow::Result<Uri> {
    let url = server.server.as_str();
    let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let no_address = || anyhow::anyhow!("{url:?} is not the address of a server, such as http://127.0.0.1:8787");
    let uri: Uri = full.parse().map_err(|_| no_address())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(no_address)?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => return Ok(uri),
        _ => return Err(no_address()),
    }
    let has_token = server.token.as_deref().is_some_and(|token| !token.trim().is_empty());
    if has_token && !server.insecure_token && !is_this_machine(host) {
        let what = format!("{url} is another machine, and the token would go there in clear; nothing was sent");
        let trust = "; where nobody can listen, --insecure-token or OMBUD_INSECURE_TOKEN=1 sends it all the same";
        return Err(Advised::new(what, tunnel(host) + trust).into());
    }
    Ok(uri)
}

/// Says how to reach a server on another machine.
fn tunnel(host: &str) -> String {
    format!(
        "name an address that begins with https, or put a tunnel in front, such as `ssh -N -L 8787:127.0.0.1:8787 {host}` or one that ends TLS, and name its end here: \
         --server http://127.0.0.1:8787"
    )
}

/// Returns whether what is sent to a host doesn't leave the machine.
fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().map(|address| address.to_canonical());
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(server: &str, token: Option<&str>, refused: Option<&str>) {
        let args = ServerArgs::of(server.to_owned(), token.map(str::to_owned));
        match (of(&args), refused) {
            (Ok(_), None) => {}
            (Err(error), Some(part)) => assert!(error.to_string().contains(part), "{server}: {error}"),
            (other, _) => panic!("{server}: {other:?}"),
        }
        let trusting = ServerArgs { insecure_token: true, ..args };
        assert_eq!(of(&trusting).is_err(), refused.is_some_and(|part| part != "in clear"), "{server}");
    }

    #[test]
    fn a_token_stays_on_the_machine() {
        let own =
            ["127.0.0.1:8787", "http://127.9.9.9", "http://[::1]:8787", "http://LocalHost:1", "[::ffff:127.0.0.1]:1"];
        let others =
            ["10.0.0.1:8787", "http://ombud.example:8787", "http://[2001:db8::1]:1", "0.0.0.0:1", "localhost.example"];
        for url in own {
            check(url, Some("ombud_x"), None);
            check(url, None, None);
        }
        for url in others {
            check(url, Some("ombud_x"), Some("in clear"));
            check(url, None, None);
            check(url, Some(" "), None);
        }
    }

    #[test]
    fn what_is_not_spoken_is_refused() {
        check("https://127.0.0.1:8787", None, None);
        check("HTTPS://ombud.example", Some("ombud_x"), None);
        for url in ["ftp://127.0.0.1", "not a url", "", "http://"] {
            check(url, None, Some("is not the address of a server"));
        }
    }
}
