//! The small grammar by which agents without a language model put a stance into words: templates whose slots are filled
//! from lists, from the survey and from the author's culture. A text is a pure function of culture and stance, so that
//! it need not be kept: it is made when somebody wants to read it.

mod compile;
mod phrase;
mod topic;
mod write;

#[cfg(test)]
mod tests;

use pluriverse_worlds::culture::{Culture, Cultures};
use pluriverse_worlds::platform::body::Stance;
use pluriverse_worlds::survey::Item;
use serde::{Deserialize, Serialize};

use self::compile::{Lists, Manner};
use self::phrase::Phrase;
use self::topic::Subject;
use self::write::{Genre, Writer};

/// Templates and lists as the asset has them. Slots of templates stand in braces.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TalkGrammar {
    /// Name of the grammar.
    pub name: String,
    /// How questions begin; the longest that fits makes way for the beginning of a topic.
    pub lead_ins: Vec<LeadIn>,
    /// What ends a topic: it and all after it are left out.
    pub tails: Vec<String>,
    /// Words that a topic which had to be cut short does not end with.
    pub loose_ends: Vec<String>,
    /// Titles of posts. For every length of a topic there must be one of 4 to 12 words.
    pub titles: Vec<String>,
    /// Posts, of 12 to 60 words.
    pub posts: Vec<String>,
    /// Comments on posts, of 6 to 30 words.
    pub comments: Vec<String>,
    /// Comments on comments, of 6 to 30 words.
    pub replies: Vec<String>,
    /// What comes before a position in its sentence.
    pub openers: Vec<String>,
    /// Sentences that name the topic.
    pub abouts: Vec<String>,
    /// Positions in the option's own words.
    pub stated: Vec<String>,
    /// Positions at an end of the scale.
    pub firm: Vec<String>,
    /// Positions nearer to one end of the scale.
    pub leaning: Vec<String>,
    /// Positions in the middle of the scale.
    pub middle: Vec<String>,
    /// Sentences that follow any position.
    pub reasons: Vec<String>,
    /// Sentences that end any text.
    pub closers: Vec<String>,
    /// The turns of phrase of cultures that have none of their own.
    pub neutral: MannerTemplates,
    /// The turns of phrase of cultures, each culture once.
    pub cultures: Vec<CultureManner>,
}

/// A beginning of questions and what a topic has in its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadIn {
    /// How the question begins.
    pub from: String,
    /// How the topic begins.
    pub to: String,
}

/// Turns of phrase that authors share.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MannerTemplates {
    /// Greetings, without a stop.
    pub greetings: Vec<String>,
    /// Last words, without a stop.
    pub sign_offs: Vec<String>,
    /// Sentences that name a place, a season or a saying.
    pub turns: Vec<String>,
}

/// The turns of phrase of a culture.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CultureManner {
    /// Code of the culture.
    pub code: String,
    /// Its turns of phrase.
    pub manner: MannerTemplates,
}

/// A mistake in a grammar, or something of a survey that it cannot word.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("grammar, {place}: {problem}")]
pub struct GrammarError {
    /// Where: a list and one of its templates, or an item.
    pub place: String,
    /// What is wrong and what to write instead.
    pub problem: String,
}

/// A grammar made ready for a survey and a list of cultures.
pub struct Grammar {
    lists: Lists,
    /// The titles that fit a topic, by its number of words.
    titles: Vec<Vec<Phrase>>,
    posts: Vec<Phrase>,
    comments: Vec<Phrase>,
    replies: Vec<Phrase>,
    /// By culture.
    manners: Vec<Manner>,
    /// By item.
    subjects: Vec<Subject>,
}

impl Grammar {
    /// Makes a grammar ready, or tells every mistake. Cultures of the asset that are not in the list are checked and
    /// left out; cultures without a manner of their own get the neutral one.
    pub fn new(asset: &TalkGrammar, items: &[Item], cultures: &Cultures) -> Result<Self, Vec<GrammarError>> {
        compile::compile(asset, items, cultures)
    }

    /// What an item is about, in a few words: its question without lead-in, tail and stop.
    ///
    /// # Panics
    /// Like the texts below, for an item that the survey does not have.
    pub fn topic(&self, item: usize) -> &str {
        &self.subjects[item].topic
    }

    /// Appends the title of a post: one line of 4 to 12 words.
    pub fn title(&self, by: Culture, stance: Stance, out: &mut String) {
        let frames = &self.titles[self.subjects[usize::from(stance.item)].words];
        Writer::new(self, by, stance, Genre::Title, out).text(frames);
    }

    /// Appends the text of a post: one line of 12 to 60 words.
    pub fn post(&self, by: Culture, stance: Stance, out: &mut String) {
        Writer::new(self, by, stance, Genre::Post, out).text(&self.posts);
    }

    /// Appends a comment on a post: one line of 6 to 30 words.
    pub fn comment(&self, by: Culture, stance: Stance, out: &mut String) {
        Writer::new(self, by, stance, Genre::Comment, out).text(&self.comments);
    }

    /// Appends a comment on a comment: one line of 6 to 30 words.
    pub fn reply(&self, by: Culture, stance: Stance, out: &mut String) {
        Writer::new(self, by, stance, Genre::Reply, out).text(&self.replies);
    }
}
