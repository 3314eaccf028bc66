//! An operator puts certificates on the port: everything on it is encrypted, and renewed ones are used without a restart.

use crate::support::{TestServer, ombud};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};
use tempfile::TempDir;

/// An authority of the test's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn write(&self, path: &Path) {
        fs::write(path, self.0.pem()).unwrap();
    }

    /// Writes a certificate for a name with its key.
    fn sign(&self, name: &str, purpose: ExtendedKeyUsagePurpose, cert: &Path, key: &Path) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        let pair = KeyPair::generate().unwrap();
        fs::write(cert, params.signed_by(&pair, &self.0).unwrap().pem()).unwrap();
        fs::write(key, pair.serialize_pem()).unwrap();
    }
}

/// A folder with an authority, the server's certificate, and one of a client.
fn files() -> (TempDir, Authority) {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("Newsroom");
    authority.write(&dir.path().join("ca.pem"));
    let path = |name: &str| dir.path().join(name);
    authority.sign("localhost", ExtendedKeyUsagePurpose::ServerAuth, &path("cert.pem"), &path("key.pem"));
    authority.sign("front-end", ExtendedKeyUsagePurpose::ClientAuth, &path("client.pem"), &path("client.key"));
    (dir, authority)
}

fn settings(dir: &Path, client_ca: bool) -> String {
    let path = |name: &str| dir.join(name).display().to_string();
    let client_ca = if client_ca { path("ca.pem") } else { String::new() };
    format!("[tls]\ncert = {:?}\nkey = {:?}\nclient_ca = {client_ca:?}\n", path("cert.pem"), path("key.pem"))
}

/// Returns the server's address by its name.
fn named(server: &TestServer) -> String {
    format!("https://localhost:{}", server.url.rsplit(':').next().unwrap())
}

fn list(url: &str, more: &[&str]) -> Output {
    let mut command = Command::new(ombud());
    command.args(["list", "--article", "a", "--server", url]).args(more).output().unwrap()
}

fn curl(dir: &Path, more: &[&str]) -> Output {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "20", "--cacert"]).arg(dir.join("ca.pem"));
    command.args(more).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_and_http_are_spoken_behind_tls_and_nothing_in_clear() {
    let (dir, _) = files();
    let server = TestServer::start_with(&settings(dir.path(), false)).await;
    let (url, ca) = (named(&server), dir.path().join("ca.pem"));
    let listed = list(&url, &["--ca", ca.to_str().unwrap()]);
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    // Whoever doesn't know the authority doesn't go on.
    let refused = list(&url, &[]);
    assert_eq!(refused.status.code(), Some(2));
    let body = r#"{"comment": {"text": "Well argued, thank you."}, "requestedAttributes": {"TOXICITY": {}}}"#;
    let path = format!("{url}/v1alpha1/comments:analyze");
    for version in ["--http1.1", "--http2"] {
        let told = curl(dir.path(), &[version, "--data", body, &path]);
        assert!(String::from_utf8_lossy(&told.stdout).contains("summaryScore"), "{version}: {told:?}");
    }
    let document = curl(dir.path(), &[&format!("{url}/$discovery/rest")]);
    let document: serde_json::Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document["rootUrl"], format!("{url}/"));
    let clear = curl(dir.path(), &["--data", body, &path.replace("https", "http")]);
    assert!(!clear.status.success(), "in clear there is no answer");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_show_a_certificate_where_the_server_asks_for_one() {
    let (dir, _) = files();
    let server = TestServer::start_with(&settings(dir.path(), true)).await;
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (url, ca, cert, key) = (named(&server), path("ca.pem"), path("client.pem"), path("client.key"));
    let known = list(&url, &["--ca", &ca, "--client-cert", &cert, "--client-key", &key]);
    assert!(known.status.success(), "{}", String::from_utf8_lossy(&known.stderr));
    assert_eq!(list(&url, &["--ca", &ca]).status.code(), Some(2), "whoever shows none is not let in");
    let stranger = Authority::new("Stranger");
    stranger.sign("front-end", ExtendedKeyUsagePurpose::ClientAuth, Path::new(&cert), Path::new(&key));
    let refused = list(&url, &["--ca", &ca, "--client-cert", &cert, "--client-key", &key]);
    assert_eq!(refused.status.code(), Some(2), "nor is whoever shows another's");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_certificates_are_used_without_a_restart_and_broken_ones_are_not() {
    let (dir, _) = files();
    let server = TestServer::start_with(&settings(dir.path(), false)).await;
    let url = named(&server);
    let path = |name: &str| dir.path().join(name);
    let new = Authority::new("Another newsroom");
    let is_let_in = |ca: &Path| list(&url, &["--ca", ca.to_str().unwrap()]).status.success();
    assert!(is_let_in(&path("ca.pem")));
    fs::write(path("cert.pem"), "no certificate").unwrap();
    assert!(is_let_in(&path("ca.pem")), "what was used before stays");
    new.write(&path("new.pem"));
    new.sign("localhost", ExtendedKeyUsagePurpose::ServerAuth, &path("cert.pem"), &path("key.pem"));
    let mut wait = tokio::time::interval(Duration::from_millis(200));
    while !is_let_in(&path("new.pem")) {
        wait.tick().await;
    }
    assert!(!is_let_in(&path("ca.pem")));
    server.stop().await;
}

#[test]
fn files_that_can_not_be_used_are_named_before_the_port_opens() {
    let (dir, _) = files();
    let path = |name: &str| dir.path().join(name);
    let serve = || {
        let mut command = Command::new(ombud());
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(path("ombud.toml"));
        let output = command.arg("--data-dir").arg(path("data")).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    fs::write(path("ombud.toml"), settings(dir.path(), true)).unwrap();
    fs::copy(path("client.key"), path("key.pem")).unwrap();
    assert!(serve().contains("the certificate and its key can't be used"));
    fs::write(path("key.pem"), "").unwrap();
    assert!(serve().contains("key.pem has no private key"));
    fs::remove_file(path("cert.pem")).unwrap();
    assert!(serve().contains("cannot read") && serve().contains("cert.pem"));
    fs::write(path("ombud.toml"), "[tls]\ncert = \"a.pem\"\n").unwrap();
    assert!(serve().contains("tls.key"));
}
