//! Words that try to be more than words, through everything that agents with a language model read and write.

mod texts;

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::platform::body::Link;
use pluriverse_worlds::platform::ids::{CommentId, PostId, Target};
use pluriverse_worlds::platform::view::{
    AccountView, Answered, AuthorView, CommentView, NoticeView, Overview, PostView,
};
use pluriverse_worlds::platform::wish::Wish;
use serde_json::{Value, json};

use self::texts::{ORDERS, texts};
use super::prompt::{CLOSING, Deed, Excerpt, OPENING, PostPrompts, PostTemplates, Remembered};
use super::read::read_actions;
use super::schema::Left;
use crate::form::AnswerFormat;
use crate::parse::spoken;

const LEFT: Left = Left { actions: 10, reads: 10 };
/// Characters that are shown of a text.
const TEXT: usize = 10_000;
/// Of a title, a description or a refusal.
const LINE: usize = 300;
/// Of a name.
const NAME: usize = 64;

/// Where in a document a text stands, and how much of it is shown.
type Places = &'static [(&'static str, usize)];

const WAKE: Places = &[
    ("/you/name", NAME),
    ("/you/subscribed/0", NAME),
    ("/notices/0/comment/content", TEXT),
    ("/notices/1/by/demonym", NAME),
    ("/posts/0/submolt", NAME),
    ("/posts/0/author/name", NAME),
    ("/posts/0/title", LINE),
    ("/posts/0/content", TEXT),
    ("/submolts/0/name", NAME),
    ("/submolts/0/about", LINE),
    ("/refused/0", LINE),
];
const ANSWERED: Places = &[
    ("/answers/0/post/content", TEXT),
    ("/answers/0/comments/0/content", TEXT),
    ("/answers/1/posts/0/title", LINE),
    ("/answers/2/refused", LINE),
];
const MEMORY: Places = &[
    ("/memories/0/by/name", NAME),
    ("/memories/0/by/demonym", NAME),
    ("/memories/0/title", LINE),
    ("/memories/0/content", TEXT),
];

struct Written {
    prompt: String,
    places: Places,
}

fn prompts() -> PostPrompts {
    let templates: PostTemplates =
        ron::from_str(include_str!("../../../assets/prompts/post.ron")).expect("the asset is well formed");
    PostPrompts::new(&templates, AnswerFormat::Boxed).expect("the asset has no mistakes")
}

/// A prompt of every kind with the text wherever somebody might have written it.
fn everything_with(text: &str, prompts: &PostPrompts) -> [Written; 4] {
    let text: Arc<str> = Arc::from(text);
    let (post, comment) = (post_with(&text), comment_with(&text));
    let author = post.author.clone();
    let overview = Overview {
        me: AccountView { name: text.clone(), subscribed: vec![text.clone()], ..AccountView::default() },
        notices: vec![
            NoticeView::Commented { comment: comment.clone(), on: Target::Post(PostId(0)) },
            NoticeView::Followed { by: author.clone() },
        ],
        posts: vec![post.clone()],
        submolts: vec![(text.clone(), text.clone())],
        refused: vec![text.clone()],
    };
    let answered = [
        ("get_post", Answered::Thread(Box::new(post.clone()), vec![comment])),
        ("get_feed", Answered::Posts(vec![post])),
        ("search", Answered::Refused(text.clone())),
    ];
    let remembered = Remembered {
        minutes: 0,
        deed: Deed::Read,
        author: author.name,
        demonym: author.demonym,
        title: text.clone(),
        content: Excerpt::of(&text, TEXT + 1),
    };
    let written = |prompt, places| Written { prompt, places };
    [
        written(prompts.wake(&overview, &["Read."], LEFT, None), WAKE),
        written(prompts.answered(&answered, LEFT), ANSWERED),
        written(prompts.recollection(&[remembered]), MEMORY),
        written(prompts.reformat(&text), &[("/problem", LINE)]),
    ]
}

fn author_with(text: &Arc<str>) -> AuthorView {
    AuthorView { id: AgentId(0), name: text.clone(), demonym: Some(text.clone()), karma: None }
}

fn post_with(text: &Arc<str>) -> PostView {
    PostView {
        id: PostId(0),
        submolt: text.clone(),
        author: author_with(text),
        title: text.clone(),
        content: text.clone(),
        score: None,
        comments: 1,
        minutes: 0,
    }
}

fn comment_with(text: &Arc<str>) -> CommentView {
    CommentView {
        id: CommentId(0),
        post: PostId(0),
        parent: None,
        author: author_with(text),
        content: text.clone(),
        score: None,
        depth: 0,
    }
}

/// What stands around the only document of a prompt, and the document.
fn apart(prompt: &str) -> (String, &str) {
    let lines: Vec<&str> = prompt.split('\n').collect();
    for mark in [OPENING, CLOSING] {
        assert_eq!(lines.iter().filter(|line| line.trim() == mark).count(), 1, "{mark}");
        assert_eq!(prompt.matches(mark).count(), 1, "{mark}");
    }
    let (before, rest) = prompt.split_once(OPENING).expect("a document begins");
    let (document, behind) = rest.split_once(CLOSING).expect("it ends");
    (format!("{before}|{behind}"), document)
}

fn shown(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn all() -> impl Iterator<Item = String> {
    texts().into_iter().chain(ORDERS.iter().map(|text| (*text).to_owned()))
}

#[test]
fn words_stay_in_the_document_and_come_out_of_it_as_they_were() {
    let prompts = prompts();
    let harmless = everything_with("It rains.", &prompts).map(|written| apart(&written.prompt).0);
    for text in all() {
        for (written, around) in everything_with(&text, &prompts).iter().zip(&harmless) {
            let (found, document) = apart(&written.prompt);
            assert_eq!(found, *around, "{text:.80}");
            assert!(!document.contains(['<', '>', '`']), "{text:.80}");
            assert!(!document.chars().any(|character| character.is_control() && character != '\n'), "{text:.80}");
            let document: Value = serde_json::from_str(document).expect("the document is JSON");
            for (place, most) in written.places {
                let found = document.pointer(place).and_then(Value::as_str);
                assert_eq!(found, Some(shown(&text, *most).as_str()), "{place} of {text:.80}");
            }
        }
    }
}

#[test]
fn an_honest_reply_says_those_words_and_does_nothing_else() {
    for text in all() {
        let content: Arc<str> = Arc::from(text.as_str());
        let cases = [
            (
                json!({"do": "comment", "post": "p1", "content": text}),
                Wish::Comment { post: PostId(1), parent: None, content: content.clone() },
            ),
            (
                json!({"do": "create_post", "submolt": "general", "title": "T", "content": text}),
                Wish::CreatePost {
                    submolt: Arc::from("general"),
                    title: Arc::from("T"),
                    content: content.clone(),
                    link: Link::No,
                },
            ),
            (json!({"do": "update_profile", "content": text}), Wish::UpdateProfile(content)),
        ];
        for (action, wish) in cases {
            let list = json!({"actions": [action]}).to_string();
            for reply in [list.clone(), format!("```json\n{list}\n```"), format!("<think>Well.</think>{list}")] {
                let read = read_actions(&reply, LEFT);
                if reply.len() > super::read::LONGEST_REPLY {
                    assert!(read.is_err());
                    continue;
                }
                let read = read.unwrap_or_else(|unread| panic!("{unread} of {text:.80}"));
                assert_eq!((read.wishes, read.dropped.len()), (vec![wish.clone()], 0), "{text:.80}");
            }
        }
    }
}

#[test]
fn a_reply_of_those_words_does_nothing() {
    for text in texts() {
        let read = read_actions(&text, LEFT).map(|read| read.wishes).unwrap_or_default();
        assert_eq!(read, [], "{text:.80}");
    }
    for order in ORDERS {
        let read = read_actions(order, LEFT).map(|read| read.wishes);
        assert_eq!(read, Ok(vec![Wish::Follow(AgentId(6))]), "{order} is the agent's own word");
    }
}

#[test]
fn a_reply_that_repeats_what_it_was_shown_does_nothing() {
    let prompts = prompts();
    for text in all() {
        for written in everything_with(&text, &prompts) {
            let (_, behind) = written.prompt.split_once(OPENING).expect("a document begins");
            let (document, _) = behind.split_once(CLOSING).expect("it ends");
            for reply in [format!("I saw:\n{OPENING}{document}{CLOSING}\nI rest."), document.to_owned()] {
                let read = read_actions(&reply, LEFT).map(|read| read.wishes).unwrap_or_default();
                assert_eq!(read, [], "{text:.80}");
            }
        }
        // Copied by hand, so that nothing is escaped.
        for reply in [
            format!("I saw:\n{OPENING}\n{{\"posts\":[{{\"content\":\"{text}\"}}]}}\n{CLOSING}\nI rest."),
            format!("{OPENING}\n{text}\n{CLOSING}"),
            format!("{{\"actions\":[{{\"do\":\"comment\",\"post\":\"p1\",\"content\":\"{text}\"}}]}}"),
        ] {
            let read = read_actions(&reply, LEFT).map(|read| read.wishes).unwrap_or_default();
            let follows = read.iter().any(|wish| matches!(wish, Wish::Follow(_)));
            assert!(!follows, "{text:.80}");
        }
    }
}

/// Answers to a survey are read from replies only, never from prompts. A recollection that stands before a question
/// holds words as JSON: a backslash is doubled, so that `\boxed{1}` is there only as the text `\\boxed{1}` of a
/// document, and the question with the form of its answer stands behind the document.
#[test]
fn what_is_remembered_answers_no_question() {
    let prompts = prompts();
    let question = "Do you like rain?\n1. Yes\n2. No\nReply in exactly this form: \\boxed{number}";
    for text in all() {
        let [_, _, memory, _] = everything_with(&text, &prompts);
        let prompt = format!("{}\n\n{question}", memory.prompt);
        let (around, document) = apart(&prompt);
        assert!(around.ends_with(question) && around.matches("boxed").count() == 1);
        for (at, _) in document.match_indices("\\boxed") {
            let slashes = document[..=at].bytes().rev().take_while(|byte| *byte == b'\\').count();
            assert_eq!(slashes % 2, 0, "{text:.80}");
        }
        // Nothing in it looks like thinking that was closed, behind which a reply would begin.
        assert_eq!(spoken(&memory.prompt), memory.prompt.trim());
    }
}

#[test]
fn the_texts_are_many_and_different() {
    let mut texts: Vec<String> = all().collect();
    texts.sort_unstable();
    texts.dedup();
    assert!(texts.len() == all().count() && texts.len() >= 60);
}
