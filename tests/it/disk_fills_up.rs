//! The disk is full for a while.

use crate::support::{check_whole, comment, get, ombud, spawn_server};
use ombud::grpc::Client;
use std::{
    process::Command,
    time::{Duration, Instant},
};
use tonic::Code;
use tonic_types::StatusExt as _;

/// The program runs with a limit on the size of its files, which refuses writes as a full disk does; raising the
/// limit is making room.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_without_false_acknowledgement_and_works_again_with_room() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let mut command = Command::new("sh");
    let script = r#"trap '' XFSZ; ulimit -S -f 2048; exec "$@""#;
    command.args(["-c", script, "sh"]).arg(ombud()).args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(&data_dir);
    let (mut program, url) = spawn_server(command);
    let mut client = Client::connect(url).await.unwrap();
    let text = "A long comment. ".repeat(1000);
    let mut acknowledged = Vec::new();
    let status = loop {
        let id = format!("c{}", acknowledged.len());
        match client.submit_comment(comment("flood", &id, &text)).await {
            Ok(_) => acknowledged.push(id),
            Err(status) => break status,
        }
        assert!(acknowledged.len() < 1000, "the limit never bit");
    };
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.get_details_error_info().unwrap().reason, "STORE_UNAVAILABLE");
    assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
    assert!(!acknowledged.is_empty());
    for id in &acknowledged {
        // The state may be out of reach while the disk is full; what it says is never wrong.
        match get(&mut client, id).await {
            Ok(found) => assert_eq!(found.comment.unwrap().text, text),
            Err(status) => assert_eq!(status.code(), Code::Unavailable),
        }
    }

    let raised = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &program.id().to_string()]).status();
    assert!(raised.unwrap().success());
    let until = Instant::now() + Duration::from_secs(30);
    while let Err(status) = client.submit_comment(comment("flood", "after", &text)).await {
        assert!(status.code() == Code::Unavailable && Instant::now() < until, "there is room again: {status}");
    }
    acknowledged.push("after".into());
    for id in &acknowledged {
        assert_eq!(get(&mut client, id).await.unwrap().comment.unwrap().text, text);
    }
    program.stop();
    check_whole(&data_dir);
}
