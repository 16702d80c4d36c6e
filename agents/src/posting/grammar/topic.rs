//! What an item is about and how its options read, out of the survey's own words.

use pluriverse_worlds::survey::{Item, Scale};

use super::{GrammarError, TalkGrammar};

/// The most words of a topic and of an option. Longer ones are cut short.
pub(super) const MOST_WORDS: usize = 12;
/// The most characters of them, for the sake of titles.
pub(super) const MOST_CHARACTERS: usize = 150;

/// An item as texts speak of it.
pub(super) struct Subject {
    /// What it is about.
    pub(super) topic: Box<str>,
    /// Words of the topic.
    pub(super) words: usize,
    /// Its options.
    pub(super) answers: Vec<Box<str>>,
    /// Whether a place on the scale means anything.
    pub(super) scaled: Scaled,
}

/// Whether options lie in order between two ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scaled {
    /// They do.
    Yes,
    /// They are only different.
    No,
}

/// Words an item, or tells which of its texts are empty.
pub(super) fn subject(asset: &TalkGrammar, item: &Item, errors: &mut Vec<GrammarError>) -> Subject {
    let topic = topic(asset, &item.question);
    let answers: Vec<Box<str>> = item.options.iter().map(|option| short(option, &[])).collect();
    let mut require = |text: &str, what: String| {
        if text.is_empty() {
            let problem = format!("{what} has no words that a plain text may hold; write some");
            errors.push(GrammarError { place: format!("item `{}`", item.id), problem });
        }
    };
    require(&topic, "its question".to_owned());
    for (index, answer) in answers.iter().enumerate() {
        require(answer, format!("option {}", index + 1));
    }
    let scaled = if item.scale == Scale::Nominal || answers.len() < 2 { Scaled::No } else { Scaled::Yes };
    Subject { words: topic.split_whitespace().count(), topic, answers, scaled }
}

/// What a question asks about: its first sentence, or what a lead-in leaves of it.
fn topic(asset: &TalkGrammar, question: &str) -> Box<str> {
    let question = plain(question);
    let fitting = asset.lead_ins.iter().filter(|lead_in| question.starts_with(&lead_in.from));
    let mut topic = String::new();
    let mut rest = question.as_str();
    if let Some(lead_in) = fitting.max_by_key(|lead_in| lead_in.from.len()) {
        topic.push_str(&plain(&lead_in.to));
        topic.push(' ');
        rest = &rest[lead_in.from.len()..];
    }
    let ends = asset.tails.iter().map(String::as_str).chain([". ", "? ", "! "]);
    // Where the lead-in was all that was said, a tail may follow at once; elsewhere it would leave nothing.
    let least = usize::from(topic.trim().is_empty());
    let end = ends.filter_map(|end| rest.find(end)).filter(|&end| end >= least).min().unwrap_or(rest.len());
    topic.push_str(&rest[..end]);
    let topic = short(&topic, &asset.loose_ends);
    // A question that is all lead-in stands for itself.
    if topic.is_empty() { short(&question, &asset.loose_ends) } else { topic }
}

/// A text of a few words without stop; loose ends go if something had to be cut.
fn short(text: &str, loose_ends: &[String]) -> Box<str> {
    let text = plain(text);
    let mut words: Vec<&str> = text.split(' ').collect();
    let all = words.len();
    words.truncate(MOST_WORDS);
    while words.len() > 1 && words.iter().map(|word| word.chars().count() + 1).sum::<usize>() > MOST_CHARACTERS {
        words.pop();
    }
    if words.len() < all {
        while words.len() > 1 && words.last().is_some_and(|last| loose_ends.iter().any(|end| end == last)) {
            words.pop();
        }
    }
    let joined: String = words.join(" ").chars().take(MOST_CHARACTERS).collect();
    joined.trim_end_matches([' ', '.', ',', ':', ';', '?', '!', '-']).into()
}

/// A text on one line, with single spaces and without characters that could be markup.
pub(super) fn plain(text: &str) -> String {
    let kept: String =
        text.chars().map(|it| if it.is_control() { ' ' } else { it }).filter(|it| allowed(*it)).collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    words.join(" ")
}

/// Whether a character may stand in a text: no control, no invisible direction mark, no line separator, no markup.
pub(super) fn allowed(character: char) -> bool {
    let invisible =
        matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    !character.is_control() && !invisible && !"<>{}[]`\\*_#|~".contains(character)
}
