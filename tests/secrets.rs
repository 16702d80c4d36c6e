//! A key is in the environment and in the requests that carry it, and nowhere else: whatever a server says.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use pluriverse_tests::{Act, Loopback};

use crate::killed::{CHILD, CHILD_WORDS};
use crate::servers::{answer, scenario};

const KEY: &str = "sk-planted/4711 &secret";

#[test]
fn no_secret_is_in_any_file_or_output_whatever_a_server_says() {
    let server = Loopback::start(|arrival| {
        let leak = |text: &str| text.replace("KEY", KEY);
        let act = match (arrival.nth, arrival.body["messages"].to_string().len() % 5) {
            (_, 0) => Act::Status(403, vec![], leak(r#"{"error":{"message":"key KEY is wrong"}}"#)),
            (0, 1) => Act::Status(500, vec![("x-echo", KEY.to_owned())], leak("<html>KEY</html>")),
            (0, 2) => Act::Body(leak("not json: KEY")),
            (0, 3) => Act::Body(leak(r#"{"error":{"message":"KEY","code":500}}"#)),
            _ if arrival.body["messages"].to_string().contains("family") => Act::Body(leak(
                r#"{"model":"KEY","system_fingerprint":"KEY","choices":[{"message":{"content":"KEY \\boxed{1}",
                   "reasoning_content":"my key is KEY"},"finish_reason":"stop"}]}"#,
            )),
            _ => answer(arrival),
        };
        (Duration::ZERO, act)
    });
    let more = format!(
        r#"base_urls: ["{}"], key: "PLANTED_KEY", in_flight: 3"#,
        server.url().replace("127.0.0.1", "localhost")
    );
    let file = scenario(&server, &more);
    let directory = file.folder().join("run");
    let shown = directory.display().to_string();
    for words in [
        &["run", &file.path(), "--out", &shown, "--log", "json"][..],
        &["replay", &shown],
        &["show", &shown, "--full", "100"],
        &["export", &shown],
        &["check", &file.path()],
        &["ping", &file.path()],
    ] {
        let output = output_of(words);
        assert!(!output.is_empty() && !leaks(&output), "{words:?}:\n{}", String::from_utf8_lossy(&output));
    }
    let sent = server.arrivals();
    assert!(sent.iter().any(|arrival| arrival.key.as_deref() == Some(&format!("Bearer {KEY}"))), "the key was sent");
    let mut files = 0;
    for entry in std::fs::read_dir(&directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        assert!(!leaks(&std::fs::read(&path).expect("read")), "{}", path.display());
        files += 1;
    }
    assert!(files >= 8, "{files}");
    let journal = crate::run_directory::events(&directory);
    assert!(!leaks(journal.as_bytes()));
    let replies = crate::run_directory::requests(&directory);
    assert!(replies.iter().any(|row| row.reply.contains("[hidden]")), "the reply was kept, without the key");
    assert!(replies.iter().all(|row| !leaks(row.reply.as_bytes())));
}

#[test]
fn a_secret_in_an_address_is_refused_and_not_repeated() {
    let server = Loopback::start(|arrival| (Duration::ZERO, answer(arrival)));
    let port = server.url().replace("http://127.0.0.1:", "");
    for address in [
        format!("http://user:{SECRET}@127.0.0.1:{port}"),
        format!("http://127.0.0.1:{port}?key={SECRET}"),
        format!("http://{SECRET}@127.0.0.1:{port}"),
    ] {
        let file = scenario(&server, "");
        let text = std::fs::read_to_string(file.path()).expect("read").replace(&server.url(), &address);
        std::fs::write(file.path(), text.replace("items:", "itmes:")).expect("written");
        let output = output_of(&["run", &file.path(), "--out", &file.folder().join("run").display().to_string()]);
        let said = String::from_utf8_lossy(&output);
        assert!(said.contains("an address holds no") && said.contains("itmes"), "{said}");
        assert!(!said.contains(SECRET), "{said}");
        let file = scenario(&server, "");
        let set = format!("backbones.model.base_url={address}");
        let output = output_of(&["check", &file.path(), "--set", &set]);
        assert!(!String::from_utf8_lossy(&output).contains(SECRET), "{}", String::from_utf8_lossy(&output));
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_key_written_where_its_name_belongs_is_not_repeated() {
    let server = Loopback::start(|arrival| (Duration::ZERO, answer(arrival)));
    let file = scenario(&server, r#"key: "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789""#);
    let output = output_of(&["run", &file.path(), "--out", &file.folder().join("run").display().to_string()]);
    let said = String::from_utf8_lossy(&output);
    assert!(said.contains("the name of an environment variable, not the key itself"), "{said}");
    assert!(!said.contains("abcdefgh"), "{said}");
    let output = output_of(&["check", &file.path(), "--set", "backbones.model.key=0123456789abcdef0123456789abcdef"]);
    assert!(!String::from_utf8_lossy(&output).contains("0123456789abcdef"), "{}", String::from_utf8_lossy(&output));
}

const SECRET: &str = "hunter2hunter2";

/// Everything a command prints, with all there is to log.
fn output_of(words: &[&str]) -> Vec<u8> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", CHILD, "--nocapture"])
        .env(CHILD_WORDS, words.join("\n"))
        .env("PLANTED_KEY", KEY)
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the child starts");
    let mut printed = Vec::new();
    let mut logged = Vec::new();
    let (mut stdout, mut stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let logging = std::thread::spawn(move || {
        let _ = stderr.read_to_end(&mut logged);
        logged
    });
    let _ = stdout.read_to_end(&mut printed);
    let _ = child.wait();
    printed.extend(logging.join().expect("read"));
    printed
}

/// Whether the planted key is in there, as it is, as JSON writes it or as an address does.
fn leaks(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    ["sk-planted", "4711", "%2F4711", "planted/"].iter().any(|part| text.contains(part))
}
