//! Whatever a post says, it stays one string of data in a prompt, and whatever a model replies, it is read without a
//! panic, within the budget, and never out of data that the reply repeats.
//!
//! ```sh
//! cd tests/fuzz && cargo fuzz run posts                     # with cargo-fuzz, or on a stable compiler:
//! RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
//!   -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table" \
//!   cargo run --release --bin posts --target "$(rustc -vV | sed -n "s/host: //p")" -- -max_total_time=600
//! ```
#![no_main]

use std::sync::{Arc, OnceLock};

use libfuzzer_sys::fuzz_target;
use pluriverse_agents::form::AnswerFormat;
use pluriverse_agents::posting::prompt::{CLOSING, OPENING, PostPrompts, PostTemplates};
use pluriverse_agents::posting::read::{only_reads, read_actions};
use pluriverse_agents::posting::schema::Left;
use pluriverse_worlds::platform::ids::PostId;
use pluriverse_worlds::platform::view::{AuthorView, Overview, PostView};
use pluriverse_worlds::platform::wish::Wish;

fn prompts() -> &'static PostPrompts {
    static PROMPTS: OnceLock<PostPrompts> = OnceLock::new();
    PROMPTS.get_or_init(|| {
        let templates: PostTemplates =
            ron::from_str(include_str!("../../../assets/prompts/post.ron")).expect("an asset");
        PostPrompts::new(&templates, AnswerFormat::Boxed).unwrap_or_else(|errors| panic!("{errors:?}"))
    })
}

fn overview(text: &str) -> Overview {
    let author =
        AuthorView { id: pluriverse_engine::agent::AgentId(0), name: Arc::from(text), demonym: None, karma: None };
    let post = PostView {
        id: PostId(0),
        submolt: Arc::from("general"),
        author,
        title: Arc::from(text),
        content: Arc::from(text),
        score: None,
        comments: 0,
        minutes: 0,
    };
    Overview { posts: vec![post], ..Overview::default() }
}

fuzz_target!(|text: &str| {
    let left = Left { actions: 3, reads: 2 };
    // As data.
    let prompt = prompts().wake(&overview(text), &["Read."; 1], left, None);
    let lines = |line: &str| prompt.lines().filter(|known| *known == line).count();
    assert_eq!((lines(OPENING), lines(CLOSING)), (1, 1));
    let inside = prompt.split(OPENING).nth(1).and_then(|rest| rest.split(CLOSING).next()).expect("a block");
    let data: serde_json::Value = serde_json::from_str(inside).expect("JSON");
    if text.chars().count() <= 10_000 {
        assert_eq!(data["posts"][0]["content"], *text);
    }
    // As a reply.
    if let Ok(read) = read_actions(text, left) {
        let reads = read.wishes.iter().filter(|wish| only_reads(wish)).count();
        let free = |wish: &&Wish| matches!(wish, Wish::MarkRead | Wish::HeartbeatOk);
        assert!(reads <= 2 && read.wishes.len() - reads - read.wishes.iter().filter(free).count() <= 3);
    }
    // Within an honest reply.
    let honest = serde_json::json!({ "actions": [{ "do": "comment", "post": "p0", "content": text }] }).to_string();
    if let Ok(read) = read_actions(&honest, left) {
        let blank = text.trim().is_empty();
        let expected: Vec<Wish> = (!blank)
            .then(|| Wish::Comment { post: PostId(0), parent: None, content: Arc::from(text) })
            .into_iter()
            .collect();
        assert_eq!(read.wishes, expected);
    } else {
        assert!(honest.len() > 1 << 20);
    }
    // Repeated by a reply that says nothing else.
    assert!(read_actions(&format!("You showed me:\n{OPENING}{inside}{CLOSING}"), left).is_err());
});
