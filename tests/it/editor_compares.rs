//! An editor compares policies: a file with what is in force, and versions with each other.

use crate::support::TestServer;
use crate::support::terminal::output;

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_compared_by_what_they_mean() {
    let server = TestServer::start().await;
    let file = server.dir.path().join("policy.toml");
    let path = file.to_str().unwrap();
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    let run = |line: &str, code: i32| {
        let args: Vec<&str> = line.split(' ').chain(["--server", &server.url]).collect();
        tokio::task::block_in_place(|| output(&args, "", code))
    };
    let set = |text: &str| {
        write(text);
        run(&format!("policy set {path} --as ada"), 0);
    };
    let diff = |line: &str| run(&format!("policy diff {line}"), 0);
    set("mode = \"open\"\n[toxicity]\nhold = 0.4\n");
    set("mode = \"pre_moderated\"\n[toxicity]\nhold = 0.4\n");
    set("mode = \"pre_moderated\"\n[toxicity]\nhold = 0.5\n");

    // Whatever the way to write it, the same is the same.
    write("# who may say what\n[toxicity]  # carefully\nhold = 0.50\n[links]\naction = \"hold\"\n");
    let (changes, said) = diff(path);
    assert!(said.is_empty() && !changes.contains("-hold") && !changes.contains('#'), "{changes}");
    assert!(changes.contains("-mode = \"pre_moderated\"") && changes.contains("+[links]"), "{changes}");
    write("# who may say what\n[toxicity]\nhold = 0.50 # half\n\n");
    let same = std::fs::read_to_string(&file).unwrap().replacen('\n', "\nmode = 'pre_moderated'\n", 1);
    write(&same);
    assert_eq!(diff(path), (String::new(), format!("version 3 and {path} say the same\n")));

    // A version is held against what is in force, two against each other.
    let (changes, _) = diff("2");
    assert!(changes.starts_with("--- version 2\n+++ version 3\n"), "{changes}");
    assert!(changes.contains("-hold = 0.4\n+hold = 0.5\n"), "{changes}");
    let (changes, _) = diff("1 2");
    assert!(changes.contains("-mode = \"open\"\n+mode = \"pre_moderated\"\n"), "{changes}");
    assert_eq!(diff("1 2"), diff("--from 1 --to 2"));
    assert!(diff(&format!("1 {path}")).0.starts_with(&format!("--- version 1\n+++ {path}\n")));
    assert!(diff("3").1.contains("version 3 and version 3 say the same"));

    // What was made from an older version says so, before it is refused.
    write(&format!("# version 1, set by ada\n{same}"));
    let (_, said) = diff(path);
    assert!(said.contains("was made from version 1, and version 3 is in force"), "{said}");
    for (line, code, part) in [
        ("9", 2, "the policy has no version 9\n\nhint: `ombud policy history`"),
        ("1 2 --to 3", 2, "two policies are compared, and these are three"),
        ("no-such-file.toml", 2, "cannot read no-such-file.toml"),
    ] {
        let (_, refused) = run(&format!("policy diff {line}"), code);
        assert!(refused.contains(part), "{refused}");
    }
    server.stop().await;
}
