//! How positions become words: the seam between what agents state and what is read of it.

use std::sync::Arc;

use bevy_ecs::prelude::Resource;

use super::body::{Body, Stance};
use super::ids::{CommentId, PostId};
use super::state::{Comment, Platform, Post};
use crate::culture::Culture;

/// Puts positions into words. The same position of the same culture gives the same words.
pub trait Wording: Send + Sync {
    /// Appends the title of a post.
    fn title(&self, by: Culture, stance: Stance, out: &mut String);
    /// Appends the text of a post.
    fn post(&self, by: Culture, stance: Stance, out: &mut String);
    /// Appends a comment on a post.
    fn comment(&self, by: Culture, stance: Stance, out: &mut String);
    /// Appends a reply to a comment.
    fn reply(&self, by: Culture, stance: Stance, out: &mut String);
}

/// How positions become words in a society, and the cultures of its agents.
#[derive(Resource, Clone)]
pub struct Words {
    /// The grammar; without one, positions stay without words.
    pub wording: Option<Arc<dyn Wording>>,
    /// Cultures, by account; guests follow the agents of the society.
    pub cultures: Arc<Vec<Culture>>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Words").field("agents", &self.cultures.len()).finish_non_exhaustive()
    }
}

/// What stands in the place of what its author deleted.
pub const DELETED: &str = "[deleted]";

impl Words {
    /// Title and text of a post.
    pub fn of_post(&self, platform: &Platform, post: &Post) -> (Arc<str>, Arc<str>) {
        match post.content.body {
            Body::Written(id) => match platform.writings.get(id) {
                Some(writing) => (writing.title.clone(), writing.content.clone()),
                None => (Arc::from(DELETED), Arc::from(DELETED)),
            },
            Body::Stated(stance) => {
                let by = self.culture(post.content.author.index());
                let (mut title, mut text) = (String::new(), String::new());
                if let Some((wording, by)) = self.wording.as_ref().zip(by) {
                    wording.title(by, stance, &mut title);
                    wording.post(by, stance, &mut text);
                }
                (Arc::from(title), Arc::from(text))
            }
        }
    }

    /// Text of a comment.
    pub fn of_comment(&self, platform: &Platform, comment: &Comment) -> Arc<str> {
        match comment.content.body {
            Body::Written(id) => {
                platform.writings.get(id).map_or_else(|| Arc::from(DELETED), |writing| writing.content.clone())
            }
            Body::Stated(stance) => {
                let mut text = String::new();
                if let Some((wording, by)) = self.wording.as_ref().zip(self.culture(comment.content.author.index())) {
                    match comment.parent {
                        None => wording.comment(by, stance, &mut text),
                        Some(_) => wording.reply(by, stance, &mut text),
                    }
                }
                Arc::from(text)
            }
        }
    }

    /// Title and text of a post by its id, where it is on the platform.
    pub fn post(&self, platform: &Platform, id: PostId) -> Option<(Arc<str>, Arc<str>)> {
        Some(self.of_post(platform, platform.post(id)?))
    }

    /// Text of a comment by its id, where it is on the platform.
    pub fn comment(&self, platform: &Platform, id: CommentId) -> Option<Arc<str>> {
        Some(self.of_comment(platform, platform.comment(id)?))
    }

    /// The culture of an account.
    pub fn culture(&self, account: usize) -> Option<Culture> {
        self.cultures.get(account).copied()
    }
}
