//! One action out of a reply: which verb needs which field, and how ids are written.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::platform::action::{CommentSort, Sign, Sort};
use pluriverse_worlds::platform::body::Link;
use pluriverse_worlds::platform::ids::{CommentId, PostId, Target};
use pluriverse_worlds::platform::wish::Wish;

use super::Dropped;
use super::json::Json;

/// The wish in an element of a list of actions. A field that is null or blank is absent, and one that the verb does not
/// need is ignored.
pub(super) fn wish(action: &Json) -> Result<Wish, Dropped> {
    let fields = Fields(action);
    let verb = match action.get("do") {
        Json::Text(verb) => verb.trim(),
        Json::Null if matches!(action, Json::Object(_)) => return Err(Dropped::Missing("do")),
        _ => return Err(Dropped::NotAnAction),
    };
    Ok(match verb {
        "create_post" => fields.new_post()?,
        "comment" => {
            Wish::Comment { post: fields.post()?, parent: fields.parent()?, content: fields.needed("content")? }
        }
        "upvote_post" => Wish::Vote { target: Target::Post(fields.post()?), sign: Sign::Up },
        "downvote_post" => Wish::Vote { target: Target::Post(fields.post()?), sign: Sign::Down },
        "upvote_comment" => Wish::Vote { target: Target::Comment(fields.comment()?), sign: Sign::Up },
        "downvote_comment" => Wish::Vote { target: Target::Comment(fields.comment()?), sign: Sign::Down },
        "follow" => Wish::Follow(fields.agent()?),
        "unfollow" => Wish::Unfollow(fields.agent()?),
        "subscribe" => Wish::Subscribe(fields.needed("submolt")?),
        "unsubscribe" => Wish::Unsubscribe(fields.needed("submolt")?),
        "create_submolt" => {
            Wish::CreateSubmolt { name: fields.needed("submolt")?, description: fields.needed("content")? }
        }
        "mark_read" => Wish::MarkRead,
        "delete_own" => Wish::DeleteOwn(fields.target()?),
        "update_profile" => Wish::UpdateProfile(fields.needed("content")?),
        "heartbeat_ok" => Wish::HeartbeatOk,
        "home" => Wish::Home,
        "get_feed" => Wish::GetFeed(fields.sort()?),
        "list_posts" => Wish::ListPosts { submolt: fields.text("submolt")?, sort: fields.sort()? },
        "get_post" => Wish::GetPost(fields.post()?),
        "get_comments" => Wish::GetComments(fields.post()?, fields.comment_sort()?),
        "search" => Wish::Search(fields.needed("query")?),
        _ => return Err(Dropped::UnknownVerb),
    })
}

struct Fields<'a>(&'a Json);

impl Fields<'_> {
    fn new_post(&self) -> Result<Wish, Dropped> {
        let (content, link) = match (self.text("content")?, self.text("url")?) {
            (Some(_), Some(_)) => return Err(Dropped::Both("content", "url")),
            (Some(content), None) => (content, Link::No),
            (None, Some(url)) => (url, Link::Yes),
            (None, None) => return Err(Dropped::Missing("content")),
        };
        Ok(Wish::CreatePost { submolt: self.needed("submolt")?, title: self.needed("title")?, content, link })
    }

    fn target(&self) -> Result<Target, Dropped> {
        match (self.id("post", 'p')?, self.id("comment", 'c')?) {
            (Some(_), Some(_)) => Err(Dropped::Both("post", "comment")),
            (Some(post), None) => Ok(Target::Post(PostId(post))),
            (None, Some(comment)) => Ok(Target::Comment(CommentId(comment))),
            (None, None) => Err(Dropped::Missing("post")),
        }
    }

    fn post(&self) -> Result<PostId, Dropped> {
        self.id("post", 'p')?.map(PostId).ok_or(Dropped::Missing("post"))
    }

    fn comment(&self) -> Result<CommentId, Dropped> {
        self.parent()?.ok_or(Dropped::Missing("comment"))
    }

    fn parent(&self) -> Result<Option<CommentId>, Dropped> {
        Ok(self.id("comment", 'c')?.map(CommentId))
    }

    fn agent(&self) -> Result<AgentId, Dropped> {
        self.id("agent", 'a')?.map(AgentId).ok_or(Dropped::Missing("agent"))
    }

    fn sort(&self) -> Result<Sort, Dropped> {
        Ok(match self.text("sort")?.as_deref() {
            None => Sort::default(),
            Some("hot") => Sort::Hot,
            Some("new") => Sort::New,
            Some("top") => Sort::Top,
            Some("rising") => Sort::Rising,
            Some(_) => return Err(Dropped::BadValue("sort")),
        })
    }

    fn comment_sort(&self) -> Result<CommentSort, Dropped> {
        Ok(match self.text("sort")?.as_deref() {
            None => CommentSort::default(),
            Some("top") => CommentSort::Top,
            Some("new") => CommentSort::New,
            Some("controversial") => CommentSort::Controversial,
            Some(_) => return Err(Dropped::BadValue("sort")),
        })
    }

    fn needed(&self, name: &'static str) -> Result<Arc<str>, Dropped> {
        self.text(name)?.ok_or(Dropped::Missing(name))
    }

    /// A text as it was written.
    fn text(&self, name: &'static str) -> Result<Option<Arc<str>>, Dropped> {
        match self.0.get(name) {
            Json::Null => Ok(None),
            Json::Text(text) => Ok((!text.trim().is_empty()).then(|| Arc::from(text.as_str()))),
            _ => Err(Dropped::BadValue(name)),
        }
    }

    /// A number behind the letter of its kind, or alone, as the field says which kind it is of.
    fn id(&self, name: &'static str, letter: char) -> Result<Option<u32>, Dropped> {
        let number = match self.0.get(name) {
            Json::Null => return Ok(None),
            Json::Text(text) if text.trim().is_empty() => return Ok(None),
            Json::Number(number) => u32::try_from(*number).ok(),
            Json::Text(text) => {
                let digits = text.trim();
                let digits = digits.strip_prefix(letter).unwrap_or(digits);
                let are_digits = digits.len() <= 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
                digits.parse().ok().filter(|_| are_digits)
            }
            _ => None,
        };
        number.map(Some).ok_or(Dropped::BadId(name))
    }
}
