//! The only helpers of the tests: a server to talk to, comments to send, and checks that many tests share.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

pub mod curl;
pub mod house;
pub mod http;
pub mod terminal;

use ombud::classify::{Model, Scorer};
use ombud::config::{self, Flags, Settings};
use ombud::domain::Timestamp;
use ombud::grpc::{Client, pb};
use ombud::moderation::Clock;
use ombud::server::{self, Parts};
use std::{
    env,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle as Task};
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Status,
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};

/// Names another program to run the stories against; without it, servers run inside the test.
const BIN: &str = "OMBUD_TEST_BIN";

/// Returns the program under test.
pub fn ombud() -> PathBuf {
    env::var_os(BIN).map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_ombud")), PathBuf::from)
}

/// A clock that moves when it is told to.
pub struct FakeClock(AtomicI64);

impl FakeClock {
    pub fn at(micros: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(micros)))
    }

    pub fn set(&self, micros: i64) {
        self.0.store(micros, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Returns the model inside the program, unpacked once for all tests of a binary.
pub fn model() -> Arc<Model> {
    static MODEL: OnceLock<Arc<Model>> = OnceLock::new();
    Arc::clone(MODEL.get_or_init(|| Arc::new(Model::embedded().expect("the model in the program"))))
}

/// Returns lines of TOML, by which no comment is drawn for audit unless they say so: lots fall otherwise in each run.
fn without_lots(toml: &str) -> String {
    let quiet = "[review]\naudit_rejected_rate = 0.0\n";
    match (toml.contains("audit_rate"), toml.contains("audit_rejected_rate")) {
        (_, true) => toml.to_owned(),
        (true, false) => toml.replace("[review]\n", quiet),
        (false, false) => format!("{toml}\n{quiet}audit_rate = 0.0\n"),
    }
}

/// Returns the default settings over `dir`, with lines of TOML laid over them.
pub fn settings(dir: &Path, toml: &str) -> Settings {
    let file = dir.join("test.toml");
    std::fs::write(&file, without_lots(toml)).unwrap();
    let flags = Flags { listen: Some("127.0.0.1:0".into()), data_dir: Some(dir.join("data")) };
    config::load(Some(&file), [], &flags).unwrap().settings
}

enum Running {
    Inside { shutdown: CancellationToken, task: Task<Result<(), server::Error>> },
    Program(Program),
}

/// A process that ends with the test, however that ends.
pub struct Program(Child);

impl Program {
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Stops the process as an operator does, and checks that it stops well.
    pub fn stop(&mut self) {
        let sent = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert!(self.0.wait().unwrap().success(), "the server stops well on SIGTERM");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server with a data directory of its own. [`TestServer::stop`] checks that it left everything whole.
pub struct TestServer {
    pub url: String,
    pub dir: TempDir,
    running: Option<Running>,
}

impl TestServer {
    /// Starts a server with default settings: the program that `OMBUD_TEST_BIN` names, or one inside the test.
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// Starts a server with lines of TOML laid over the default settings.
    pub async fn start_with(toml: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), toml).await
    }

    /// Starts a server over a directory that another one has left.
    pub async fn start_in(dir: TempDir, toml: &str) -> Self {
        if env::var_os(BIN).is_some() {
            return Self::start_program(dir, toml);
        }
        let settings = settings(dir.path(), toml);
        let mut parts = server::open(&settings, &|_| {}).unwrap();
        parts.scorer = model();
        Self::start_parts(dir, settings, parts).await
    }

    /// Starts a server inside the test that scores with `scorer`.
    pub async fn start_with_scorer(scorer: Arc<dyn Scorer>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path(), "");
        let mut parts = server::open(&settings, &|_| {}).unwrap();
        parts.scorer = scorer;
        Self::start_parts(dir, settings, parts).await
    }

    /// Starts a server inside the test whose clock is `clock`.
    pub async fn start_with_clock(clock: Arc<dyn Clock>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path(), "");
        let mut parts = server::open(&settings, &|_| {}).unwrap();
        parts.scorer = model();
        parts.clock = clock;
        Self::start_parts(dir, settings, parts).await
    }

    /// Starts a server inside the test that cuts off who watches and doesn't read for so long.
    pub async fn start_with_silent_max(silent_max: Duration) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path(), "");
        let mut parts = server::open(&settings, &|_| {}).unwrap();
        parts.scorer = model();
        parts.silent_max = silent_max;
        Self::start_parts(dir, settings, parts).await
    }

    /// Starts a server inside the test over a directory that another one has left, with a page of metrics; returns where.
    pub async fn start_with_metrics(dir: TempDir) -> (Self, std::net::SocketAddr) {
        let settings = settings(dir.path(), "");
        let mut parts = server::open(&settings, &|_| {}).unwrap();
        parts.scorer = model();
        let page = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = page.local_addr().unwrap();
        parts.metrics = Some((page, Duration::from_hours(1)));
        (Self::start_parts(dir, settings, parts).await, address)
    }

    async fn start_parts(dir: TempDir, settings: Settings, parts: Parts) -> Self {
        let listener = TcpListener::bind(settings.server.listen).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let task = tokio::spawn(async move { server::run(parts, &settings, listener, stop).await });
        Self { url, dir, running: Some(Running::Inside { shutdown, task }) }
    }

    fn start_program(dir: TempDir, toml: &str) -> Self {
        let file = dir.path().join("test.toml");
        std::fs::write(&file, without_lots(toml)).unwrap();
        let mut command = Command::new(ombud());
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(file);
        command.arg("--data-dir").arg(dir.path().join("data"));
        let (program, url) = spawn_server(command);
        Self { url, dir, running: Some(Running::Program(program)) }
    }

    /// Returns the folder that holds everything.
    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Connects a client.
    pub async fn client(&self) -> Client<Channel> {
        Client::connect(self.url.clone()).await.unwrap()
    }

    /// Stops the server as an operator does, checks that the directory is whole, and hands it back.
    pub async fn stop(mut self) -> TempDir {
        match self.running.take().unwrap() {
            Running::Inside { shutdown, task } => {
                shutdown.cancel();
                task.await.unwrap().unwrap();
            }
            Running::Program(mut program) => program.stop(),
        }
        check_whole(&self.data_dir());
        std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap())
    }
}

/// Sends a token with each call.
#[derive(Clone)]
pub struct Bearer(String);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.parse().unwrap());
        Ok(request)
    }
}

/// Connects to a server with a token.
pub async fn with_token(url: &str, token: &str) -> InterceptedService<Channel, Bearer> {
    let channel = Channel::from_shared(url.to_owned()).unwrap().connect().await.unwrap();
    InterceptedService::new(channel, Bearer(format!("Bearer {token}")))
}

/// Starts `ombud serve` and waits until it says where it listens.
pub fn spawn_server(command: Command) -> (Program, String) {
    let (program, url, _) = spawn_server_and_listen(command);
    (program, url)
}

/// Starts `ombud serve`, waits until it says where it listens, and collects all that it says until it ends.
pub fn spawn_server_and_listen(mut command: Command) -> (Program, String, JoinHandle<String>) {
    command.env("OMBUD_LOG__FORMAT", "json").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut program = Program(command.spawn().unwrap());
    let mut lines = BufReader::new(program.0.stderr.take().unwrap()).lines();
    let mut said = String::new();
    let url = loop {
        let Some(Ok(line)) = lines.next() else { panic!("the server did not start: {said}") };
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        said.push_str(&line);
        said.push('\n');
        if let Some(address) = entry["fields"]["address"].as_str() {
            break format!("http://{address}");
        }
    };
    // Whoever doesn't read a pipe stops its writer in the end.
    let listening = thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            said.push_str(&line);
            said.push('\n');
        }
        said
    });
    (program, url, listening)
}

/// Checks that journal and state of a stopped server are whole and agree.
pub fn check_whole(data_dir: &Path) {
    let report = ombud::store::verify(data_dir, &|_| {}).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

/// Returns a submission that is right in every field.
pub fn comment(article_id: &str, comment_id: &str, text: &str) -> pb::SubmitCommentRequest {
    pb::SubmitCommentRequest {
        article_id: article_id.into(),
        comment_id: comment_id.into(),
        author: Some(pb::Author { author_id: "reader-1".into(), name: "Ann".into() }),
        text: text.into(),
        ..pb::SubmitCommentRequest::default()
    }
}

/// Submits comments on one stream, and returns what was decided on each, in the order of the comments.
pub async fn submit_all(
    client: &mut Client<Channel>,
    comments: Vec<pb::SubmitCommentRequest>,
) -> Vec<pb::SubmitCommentResponse> {
    let requests = comments.into_iter().map(|comment| pb::SubmitCommentsRequest { submission: Some(comment) });
    let mut answers = client.submit_comments(tokio_stream::iter(requests)).await.unwrap().into_inner();
    let mut decided = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        let Some(pb::submit_comments_response::Result::Response(response)) = answer.result else {
            panic!("it was refused: {answer:?}")
        };
        decided.push((answer.index, response));
    }
    decided.sort_by_key(|(index, _)| *index);
    decided.into_iter().map(|(_, response)| response).collect()
}

/// Fetches a comment of the default site.
pub async fn get(client: &mut Client<Channel>, comment_id: &str) -> Result<pb::GetCommentResponse, tonic::Status> {
    let request = pb::GetCommentRequest { site_id: String::new(), comment_id: comment_id.into() };
    Ok(client.get_comment(request).await?.into_inner())
}
