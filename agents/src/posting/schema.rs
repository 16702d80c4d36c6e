//! The form of a reply with actions: its verbs, its fields, and how ids are written in it.

use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::platform::ids::{CommentId, PostId, Target};
use pluriverse_worlds::platform::posting::WakeBudget;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The verbs, as the platform names its actions.
pub const VERBS: [&str; 21] = [
    "create_post",
    "comment",
    "upvote_post",
    "downvote_post",
    "upvote_comment",
    "downvote_comment",
    "follow",
    "unfollow",
    "subscribe",
    "unsubscribe",
    "create_submolt",
    "mark_read",
    "delete_own",
    "update_profile",
    "heartbeat_ok",
    "home",
    "get_feed",
    "list_posts",
    "get_post",
    "get_comments",
    "search",
];

/// How the id of a post is written, as a regular expression.
pub const POST_PATTERN: &str = "^p[0-9]{1,10}$";
/// How the id of a comment is written.
pub const COMMENT_PATTERN: &str = "^c[0-9]{1,10}$";
/// How the id of an agent is written.
pub const AGENT_PATTERN: &str = "^a[0-9]{1,10}$";

/// How much may still be done before an agent sleeps again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Left {
    /// Actions that write to the platform.
    pub actions: u32,
    /// Actions that only read from it, each of them another request to the model.
    pub reads: u32,
}

impl From<WakeBudget> for Left {
    fn from(budget: WakeBudget) -> Self {
        Self { actions: budget.actions, reads: budget.reads }
    }
}

/// How a reply says that an action has no such field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Absent {
    /// The field is left out.
    #[default]
    LeftOut,
    /// The field is there and null: some servers, in their strict mode, want every field in every object.
    Null,
}

/// A post, as written for agents and by them.
pub fn post_id(post: PostId) -> String {
    format!("p{}", post.0)
}

/// A comment, as written for agents and by them.
pub fn comment_id(comment: CommentId) -> String {
    format!("c{}", comment.0)
}

/// An agent, as written for agents and by them.
pub fn agent_id(agent: AgentId) -> String {
    format!("a{}", agent.0)
}

/// A post or comment, as written for agents and by them.
pub fn target_id(target: Target) -> String {
    match target {
        Target::Post(post) => post_id(post),
        Target::Comment(comment) => comment_id(comment),
    }
}

/// The JSON schema of a reply. It is flat, so that servers which know nothing of alternatives can hold to it: which verb
/// needs which field is checked when the reply is read.
pub fn reply_schema(absent: Absent) -> Value {
    let text = || json!({"type": "string"});
    let matching = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let optional = [
        ("post", matching(POST_PATTERN)),
        ("comment", matching(COMMENT_PATTERN)),
        ("agent", matching(AGENT_PATTERN)),
        ("submolt", text()),
        ("title", text()),
        ("content", text()),
        ("url", text()),
        ("query", text()),
        ("sort", json!({"type": "string", "enum": ["hot", "new", "top", "rising", "controversial"]})),
    ];
    let mut properties = Map::new();
    properties.insert("do".to_owned(), json!({"type": "string", "enum": VERBS}));
    for (name, mut field) in optional {
        if absent == Absent::Null {
            field["type"] = json!(["string", "null"]);
            if let Some(words) = field.get_mut("enum").and_then(Value::as_array_mut) {
                words.push(Value::Null);
            }
        }
        properties.insert(name.to_owned(), field);
    }
    let required: Vec<&String> = match absent {
        Absent::LeftOut => properties.keys().take(1).collect(),
        Absent::Null => properties.keys().collect(),
    };
    let action =
        json!({"type": "object", "required": required, "additionalProperties": false, "properties": properties});
    json!({
        "type": "object",
        "properties": {"actions": {"type": "array", "items": action}},
        "required": ["actions"],
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_worlds::platform::action::{Action, CommentSort, Sign, Sort};
    use pluriverse_worlds::platform::body::{Body, WritingId};
    use pluriverse_worlds::platform::ids::{Moment, SubmoltId};

    fn one_of_each() -> Vec<Action> {
        let (submolt, about, limit) = (SubmoltId(0), WritingId(0), 9);
        let (post, comment) = (Target::Post(PostId(0)), Target::Comment(CommentId(0)));
        vec![
            Action::CreatePost { submolt, body: Body::Written(about) },
            Action::Comment { post: PostId(0), parent: None, body: Body::Written(about) },
            Action::Vote { target: post, sign: Sign::Up },
            Action::Vote { target: post, sign: Sign::Down },
            Action::Vote { target: comment, sign: Sign::Up },
            Action::Vote { target: comment, sign: Sign::Down },
            Action::Follow { whom: AgentId(0) },
            Action::Unfollow { whom: AgentId(0) },
            Action::Subscribe { submolt },
            Action::Unsubscribe { submolt },
            Action::CreateSubmolt { about: Body::Written(about) },
            Action::MarkRead { until: Moment(0) },
            Action::DeleteOwn { target: post },
            Action::UpdateProfile { about },
            Action::HeartbeatOk,
            Action::Home,
            Action::GetFeed { sort: Sort::Hot, limit },
            Action::ListPosts { submolt: None, sort: Sort::Hot, limit },
            Action::GetPost { post: PostId(0) },
            Action::GetComments { post: PostId(0), sort: CommentSort::Top, limit },
            Action::Search { query: about, limit },
        ]
    }

    #[test]
    fn the_verbs_are_those_of_the_platform() {
        let verbs: Vec<&str> = one_of_each().iter().map(Action::verb).collect();
        assert_eq!(verbs, VERBS);
    }

    #[test]
    fn the_schema_is_flat_and_every_object_in_it_is_closed() {
        for (absent, required) in [(Absent::LeftOut, 1), (Absent::Null, 10)] {
            let schema = reply_schema(absent);
            let action = &schema["properties"]["actions"]["items"];
            for object in [&schema, action] {
                assert_eq!(object["additionalProperties"], json!(false));
            }
            assert_eq!(action["required"].as_array().map(Vec::len), Some(required));
            assert_eq!(action["required"][0], "do");
            let fields: Vec<&String> = action["properties"].as_object().expect("fields").keys().collect();
            assert_eq!(
                fields,
                ["do", "post", "comment", "agent", "submolt", "title", "content", "url", "query", "sort"]
            );
            let written = schema.to_string();
            for word in ["oneOf", "anyOf", "allOf", "$ref", "not"] {
                assert!(!written.contains(&format!("\"{word}\"")), "{word}");
            }
        }
    }

    #[test]
    fn ids_are_a_letter_and_a_number() {
        assert_eq!(target_id(Target::Post(PostId(12))), "p12");
        assert_eq!(target_id(Target::Comment(CommentId(7))), "c7");
        assert_eq!(agent_id(AgentId(u32::MAX)), "a4294967295");
    }
}
