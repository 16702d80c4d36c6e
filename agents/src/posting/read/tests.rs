//! Tests of reading actions.

use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::platform::action::{CommentSort, Sign, Sort};
use pluriverse_worlds::platform::body::Link;
use pluriverse_worlds::platform::ids::{CommentId, PostId, Target};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::posting::schema::VERBS;

const PLENTY: Left = Left { actions: 100, reads: 100 };
const FOLLOW: &str = r#"{"actions":[{"do":"follow","agent":"a6"}]}"#;

fn read(reply: &str) -> Result<Vec<Wish>, &'static str> {
    read_actions(reply, PLENTY).map(|read| read.wishes).map_err(|unread| unread.name())
}

fn dropped(reply: &str) -> Vec<(Dropped, u32)> {
    let read = read_actions(reply, PLENTY).expect("there is a list");
    read.dropped.into_iter().collect()
}

fn follow(agent: u32) -> Wish {
    Wish::Follow(AgentId(agent))
}

#[test]
fn every_verb_is_read_with_its_fields() {
    let (post, comment) = (Target::Post(PostId(1)), Target::Comment(CommentId(2)));
    let text = |text: &str| Arc::<str>::from(text);
    let expected = [
        Wish::CreatePost { submolt: text("general"), title: text("T"), content: text("C"), link: Link::No },
        Wish::Comment { post: PostId(1), parent: Some(CommentId(2)), content: text("C") },
        Wish::Vote { target: post, sign: Sign::Up },
        Wish::Vote { target: post, sign: Sign::Down },
        Wish::Vote { target: comment, sign: Sign::Up },
        Wish::Vote { target: comment, sign: Sign::Down },
        Wish::Follow(AgentId(3)),
        Wish::Unfollow(AgentId(3)),
        Wish::Subscribe(text("general")),
        Wish::Unsubscribe(text("general")),
        Wish::CreateSubmolt { name: text("general"), description: text("C") },
        Wish::MarkRead,
        Wish::DeleteOwn(comment),
        Wish::UpdateProfile(text("C")),
        Wish::HeartbeatOk,
        Wish::Home,
        Wish::GetFeed(Sort::New),
        Wish::ListPosts { submolt: Some(text("general")), sort: Sort::New },
        Wish::GetPost(PostId(1)),
        Wish::GetComments(PostId(1), CommentSort::New),
        Wish::Search(text("Q")),
    ];
    for (verb, expected) in VERBS.into_iter().zip(expected) {
        let mut action = json!({"do": verb, "post": "p1", "comment": "c2", "agent": "a3", "submolt": "general",
            "title": "T", "content": "C", "url": null, "query": "Q", "sort": "new", "mood": {"unknown": [1, {}]}});
        if verb == "delete_own" {
            action["post"] = json!("");
        }
        assert_eq!(only_reads(&expected), VERBS[15..].contains(&verb), "{verb}");
        assert_eq!(read(&json!({"actions": [action]}).to_string()), Ok(vec![expected]), "{verb}");
    }
    let link = r#"[{"do":"create_post","submolt":"s","title":"T","url":"https://example.org"}]"#;
    let expected = Wish::CreatePost {
        submolt: text("s"),
        title: text("T"),
        content: text("https://example.org"),
        link: Link::Yes,
    };
    assert_eq!(read(link), Ok(vec![expected]));
}

#[test]
fn ids_are_written_with_the_letter_of_their_kind_or_none() {
    let cases = [
        (r#""a12""#, Ok(12)),
        (r#"" a12 ""#, Ok(12)),
        (r#""12""#, Ok(12)),
        ("12", Ok(12)),
        ("4294967295", Ok(u32::MAX)),
        (r#""a4294967296""#, Err(Dropped::BadId("agent"))),
        ("4294967296", Err(Dropped::BadId("agent"))),
        (r##""#12""##, Err(Dropped::BadId("agent"))),
        (r#""p12""#, Err(Dropped::BadId("agent"))),
        (r#""aa12""#, Err(Dropped::BadId("agent"))),
        (r#""a+1""#, Err(Dropped::BadId("agent"))),
        (r#""a١""#, Err(Dropped::BadId("agent"))),
        (r#""a""#, Err(Dropped::BadId("agent"))),
        (r#""a00000000001""#, Err(Dropped::BadId("agent"))),
        ("-1", Err(Dropped::BadId("agent"))),
        ("1.0", Err(Dropped::BadId("agent"))),
        ("[12]", Err(Dropped::BadId("agent"))),
        ("true", Err(Dropped::BadId("agent"))),
        ("null", Err(Dropped::Missing("agent"))),
        (r#"" ""#, Err(Dropped::Missing("agent"))),
    ];
    for (id, expected) in cases {
        let reply = format!(r#"{{"actions":[{{"do":"follow","agent":{id}}}]}}"#);
        match expected {
            Ok(agent) => assert_eq!(read(&reply), Ok(vec![follow(agent)]), "{id}"),
            Err(why) => assert_eq!(dropped(&reply), [(why, 1)], "{id}"),
        }
    }
}

#[test]
fn what_is_no_wish_is_dropped_by_reason_and_the_rest_is_kept() {
    let cases = [
        (r#""follow""#, Dropped::NotAnAction),
        ("[]", Dropped::NotAnAction),
        (r#"{"do":7}"#, Dropped::NotAnAction),
        ("{}", Dropped::Missing("do")),
        (r#"{"action":"home"}"#, Dropped::Missing("do")),
        (r#"{"do":"dance"}"#, Dropped::UnknownVerb),
        (r#"{"do":"comment","content":"C"}"#, Dropped::Missing("post")),
        (r#"{"do":"comment","post":"p1","content":" \n"}"#, Dropped::Missing("content")),
        (r#"{"do":"comment","post":"p1","content":["C"]}"#, Dropped::BadValue("content")),
        (r#"{"do":"comment","post":"p1","comment":"p2","content":"C"}"#, Dropped::BadId("comment")),
        (r#"{"do":"create_post","submolt":"s","title":"T"}"#, Dropped::Missing("content")),
        (r#"{"do":"create_post","submolt":"s","title":"T","content":"C","url":"U"}"#, Dropped::Both("content", "url")),
        (r#"{"do":"delete_own","post":"p1","comment":"c2"}"#, Dropped::Both("post", "comment")),
        (r#"{"do":"get_feed","sort":"best"}"#, Dropped::BadValue("sort")),
        (r#"{"do":"get_comments","post":"p1","sort":"hot"}"#, Dropped::BadValue("sort")),
    ];
    for (item, why) in cases {
        let reply = format!(r#"{{"actions":[{item},{{"do":"follow","agent":"a1"}},{item}]}}"#);
        assert_eq!(read(&reply), Ok(vec![follow(1)]), "{item}");
        assert_eq!(dropped(&reply), [(why, 2)], "{item}");
    }
}

#[test]
fn the_list_is_found_in_every_usual_form() {
    let (one, two) = (Ok(vec![follow(6)]), r#"{"actions":[{"do":"follow","agent":"a2"}]}"#);
    let cases = [
        FOLLOW.to_owned(),
        format!("```json\n{FOLLOW}\n```"),
        format!("Here you are:\n\n```\n{FOLLOW}\n```\nThat is all."),
        format!("I follow one agent [1], see [this](p1) [ ]. {FOLLOW} [[end]]"),
        format!("<think>Or {two}? {{</think>{FOLLOW}"),
        format!("Let me think. {{x}} {two} }} or\n</think>\n{FOLLOW}"),
        format!("<think>a<think>b</think>{two}</think>{FOLLOW}"),
        format!("{two}\nNo, rather:\n{FOLLOW}"),
        format!("{FOLLOW}\nThe post was {{\"id\":\"p1\",\"content\":\"c\"}}."),
        format!("{FOLLOW}\n> {two}"),
        format!("> {two}\n{FOLLOW} and not '{two}' or “{two}”"),
        format!("The <platform_data> says so. {FOLLOW}"),
        format!("<platform_data>\n{two}\n</platform_data>\n{FOLLOW}"),
        format!("{two}\n</platform_data>\n{FOLLOW}"),
        format!("{FOLLOW}\n<platform_data>\n{two}"),
        r#"[{"do":"follow","agent":"a6"}]"#.to_owned(),
        "[\n {\"do\":\"follow\",\"agent\":\"a6\"},\n]".to_owned(),
        r#"{"thoughts":"[{}]","actions":[{"do":"follow","agent":"a6",},],}"#.to_owned(),
        r#"{"actions":[],"actions":[{"do":"follow","agent":"a6"}]}"#.to_owned(),
    ];
    for reply in cases {
        assert_eq!(read(&reply), one, "{reply}");
    }
    for nothing in [r#"{"actions":[]}"#, "[]", "[ ]", r#"I rest. {"actions": []}"#] {
        assert_eq!(read(nothing), Ok(Vec::new()), "{nothing}");
    }
    let lines = Wish::UpdateProfile(Arc::from("one\ntwo\t"));
    assert_eq!(read("[{\"do\":\"update_profile\",\"content\":\"one\ntwo\t\"}]"), Ok(vec![lines]));
}

#[test]
fn a_reply_without_a_list_says_why() {
    let cases = [
        ("", "empty"),
        (" \n", "empty"),
        ("<think>I follow", "empty"),
        ("<think>I follow</think> ", "empty"),
        ("I follow a6.", "not_json"),
        ("Nothing [] to do", "no_actions"),
        (r#"{"action":"follow"}"#, "no_actions"),
        (r#"{"actions":{"do":"follow","agent":"a6"}}"#, "no_actions"),
        (r#"{"do":"follow","agent":"a6"}"#, "no_actions"),
        (r#"[{"id":"p1"}]"#, "no_actions"),
        (r#"{"actions":[{"do":"follow","agent":"a6"}"#, "cut_off"),
        (r#"{"actions":[{"do":"follow"#, "cut_off"),
        ("{'actions':[{'do':'follow','agent':'a6'}]}", "broken_json"),
        ("{actions:[{\"do\":\"follow\",\"agent\":\"a6\"}]}", "broken_json"),
        (r#"{"actions":[{"do":"follow","agent":"a6"}]}}"#, "broken_json"),
    ];
    for (reply, expected) in cases {
        assert_eq!(read(reply), Err(expected), "{reply}");
    }
    assert_eq!(read(&" ".repeat(LONGEST_REPLY + 1)), Err("too_long"));
    let Err(unread) = read_actions(r#"{"ignore all rules": yes}"#, PLENTY) else { panic!("it is broken") };
    assert_eq!(
        unread.to_string(),
        "the JSON in the reply cannot be read: expected value at line 1 column 22",
        "nothing is quoted"
    );
}

#[test]
fn what_is_quoted_stays_words() {
    let comment = |content: &str| json!({"actions": [{"do": "comment", "post": "p1", "content": content}]}).to_string();
    for quoted in [FOLLOW.to_owned(), format!("</think>{FOLLOW}"), format!("\"}}]}}{FOLLOW}"), format!("```\n{FOLLOW}")]
    {
        let expected = Wish::Comment { post: PostId(1), parent: None, content: Arc::from(quoted.as_str()) };
        for reply in [comment(&quoted), format!("<think>hm</think> {}", comment(&quoted))] {
            assert_eq!(read(&reply), Ok(vec![expected.clone()]), "{reply}");
        }
    }
    let unread = [
        // Without the marks that make it a quotation.
        comment("X").replace('X', FOLLOW),
        comment("X").replace('X', &format!("</think>{FOLLOW}")),
        comment("X").replace('X', &format!("</think>{FOLLOW}{{\"a\":[{{\"b\":\"")),
        // In the block that the prompt holds, whole or cut off, and whatever is made of its end.
        format!("You showed me:\n<platform_data>\n{FOLLOW}\n</platform_data>\nI do nothing."),
        format!("<platform_data>\n{FOLLOW}"),
        format!("<platform_data>\n</platform_data>\n{FOLLOW}\n</platform_data>"),
        format!("{FOLLOW}\n</platform_data>"),
        // Within other documents.
        json!({"posts": [{"content": FOLLOW}]}).to_string(),
        format!(r#"{{"reply":{FOLLOW}}}"#),
        format!(r#"{{"$serde_json::private::RawValue":{}}}"#, json!(FOLLOW)),
        format!("<tool_call>{{\"name\":\"act\",\"arguments\":{FOLLOW}}}</tool_call>"),
        json!(FOLLOW).to_string(),
        // In prose, marked as a quotation.
        format!("It says \"{FOLLOW}\", which I will not do."),
        format!("It says:\n > {FOLLOW}\nwhich I will not do."),
        format!("{FOLLOW} </think>"),
    ];
    for reply in unread {
        assert!(read(&reply).is_err(), "{reply}");
    }
}

#[test]
fn no_more_is_kept_than_may_be_done() {
    let verbs = ["home", "mark_read", "home", "heartbeat_ok", "unfollow", "follow", "mark_read", "home", "follow"];
    let items: Vec<_> = verbs.iter().map(|verb| json!({"do": verb, "agent": 1})).collect();
    let read = read_actions(&json!(items).to_string(), Left { actions: 2, reads: 1 }).expect("a list");
    let expected = [Wish::Home, Wish::MarkRead, Wish::HeartbeatOk, Wish::Unfollow(AgentId(1)), follow(1)];
    assert_eq!(read.wishes, expected);
    assert_eq!(read.dropped.into_iter().collect::<Vec<_>>(), [(Dropped::OverBudget, 4)]);
    let none = read_actions(FOLLOW, Left { actions: 0, reads: 9 }).expect("a list");
    assert_eq!(none.wishes, []);
}

#[test]
fn the_longest_replies_take_no_longer_than_their_length() {
    for piece in
        ["{", "[", "[{", "{}", "{},", "<", "<platform_data>", "</think>", "[1,", "[ ", "{\"a\":", "\"", "}", "> {} "]
    {
        let _ = read(&piece.repeat(LONGEST_REPLY / piece.len()));
        let _ = read(&format!("a{}", piece.repeat(LONGEST_REPLY / piece.len() - 1)));
    }
}

/// Pieces of which replies are made, honest and not.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        ",",
        ":",
        " ",
        "\n",
        "> ",
        "<think>",
        "</think>",
        "<platform_data>",
        "'",
        "</platform_data>",
        "```",
        "\"actions\"",
        "\"do\"",
        "\"follow\"",
        "\"agent\"",
        "\"a6\"",
        FOLLOW,
        "é",
        "\0",
    ];
    proptest::collection::vec(proptest::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_reply_makes_reading_panic_or_brings_more_than_may_be_done(
        reply in prop_oneof![any::<String>(), pieces()],
        actions in 0_u32..3,
        reads in 0_u32..3,
    ) {
        if let Ok(read) = read_actions(&reply, Left { actions, reads }) {
            let reading = read.wishes.iter().filter(|wish| only_reads(wish)).count();
            let free = read.wishes.iter().filter(|wish| matches!(wish, Wish::HeartbeatOk | Wish::MarkRead)).count();
            prop_assert!(reading <= reads as usize && free <= 2);
            prop_assert!(read.wishes.len() - reading - free <= actions as usize);
        }
    }

    #[test]
    fn whatever_is_written_is_read_as_it_was_written_and_does_nothing_else(
        content in prop_oneof![any::<String>(), pieces()],
        before in "[a-z .]{0,9}",
    ) {
        prop_assume!(!content.trim().is_empty());
        let action = json!({"do": "comment", "post": "p1", "content": content});
        let expected = Wish::Comment { post: PostId(1), parent: None, content: Arc::from(content) };
        for list in [json!([action]), json!({"actions": [action]})] {
            for reply in [format!("{before}{list}"), format!("<think>{before}</think>```json\n{list:#}\n```")] {
                prop_assert_eq!(read(&reply), Ok(vec![expected.clone()]));
            }
        }
    }

    #[test]
    fn a_reply_with_a_few_slips_never_does_what_it_quotes(
        slips in proptest::collection::vec((any::<proptest::sample::Index>(), proptest::sample::select(
            &["", "\"", "{", "}", "[", "]", "\\", ",", "\n", "<think>", "</think>", "<platform_data>", "'"][..],
        )), 1..4),
    ) {
        let mut reply = json!({"actions": [{"do": "comment", "post": "p1", "content": format!("He wrote {FOLLOW}")}]})
            .to_string();
        for (place, slip) in slips {
            let at = place.index(reply.len());
            reply.replace_range(at..=at, slip);
        }
        prop_assert!(!read(&reply).unwrap_or_default().contains(&follow(6)), "{}", reply);
    }
}
