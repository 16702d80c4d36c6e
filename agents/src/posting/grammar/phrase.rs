//! Templates of the grammar, read: their slots by name, and how long what comes of them can be.

use std::ops::RangeInclusive;

use super::GrammarError;
use super::topic::{MOST_CHARACTERS, MOST_WORDS, allowed};

/// What may fill a place of a template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    Topic,
    Answer,
    Pole,
    People,
    Country,
    Greeting,
    SignOff,
    Turn,
    Opener,
    About,
    Position,
    Reason,
    Closer,
}

use Slot::{About, Answer, Closer, Country, Greeting, Opener, People, Pole, Position, Reason, SignOff, Topic, Turn};

/// Slots by the names that templates call them by.
pub(super) const NAMES: [(&str, Slot); 13] = [
    ("topic", Topic),
    ("answer", Answer),
    ("pole", Pole),
    ("people", People),
    ("country", Country),
    ("greeting", Greeting),
    ("sign_off", SignOff),
    ("turn", Turn),
    ("opener", Opener),
    ("about", About),
    ("position", Position),
    ("reason", Reason),
    ("closer", Closer),
];

/// Whether what fills a slot begins a sentence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Case {
    AsWritten,
    Capital,
}

/// A piece of a template.
#[derive(Clone)]
pub(super) enum Part {
    Text(Box<str>),
    Slot(Slot, Case),
}

/// A template ready to be filled.
#[derive(Clone)]
pub(super) struct Phrase {
    pub(super) parts: Vec<Part>,
    /// As it was written.
    template: Box<str>,
    /// Words, were every slot one word.
    words: usize,
}

/// How long a text can be.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) characters: usize,
}

impl Extent {
    /// One letter.
    pub(super) const WORD: Self = Self { least: 1, most: 1, characters: 1 };

    /// The extent of a text.
    pub(super) fn of(text: &str) -> Self {
        let words = text.split_whitespace().count();
        Self { least: words, most: words, characters: text.chars().count() }
    }

    /// The extent of whichever of these.
    pub(super) fn any(extents: impl Iterator<Item = Self>) -> Self {
        let both = |a: Self, b: Self| Self {
            least: a.least.min(b.least),
            most: a.most.max(b.most),
            characters: a.characters.max(b.characters),
        };
        extents.reduce(both).unwrap_or(Self::WORD)
    }
}

/// Reads lists, collects mistakes, and knows how long what fills a slot can be.
pub(super) struct Compiler {
    pub(super) extents: [Extent; NAMES.len()],
    pub(super) errors: Vec<GrammarError>,
}

impl Compiler {
    /// A compiler that knows as much as the bounds of survey texts.
    pub(super) fn new() -> Self {
        let mut extents = [Extent::WORD; NAMES.len()];
        for slot in [Topic, Answer, Pole] {
            extents[slot as usize] = Extent { least: 1, most: MOST_WORDS, characters: MOST_CHARACTERS };
        }
        Self { extents, errors: Vec::new() }
    }

    pub(super) fn error(&mut self, place: String, problem: String) {
        self.errors.push(GrammarError { place, problem });
    }

    /// Reads a list of templates with these slots. Those with mistakes are left out of it.
    pub(super) fn list(&mut self, name: &str, templates: &[String], slots: &[Slot]) -> Vec<Phrase> {
        if templates.is_empty() {
            self.error(name.to_owned(), "it is empty; write at least one entry".to_owned());
        }
        templates.iter().filter_map(|template| self.phrase(name, template, slots)).collect()
    }

    /// Reads a list of whole texts.
    pub(super) fn frames(
        &mut self,
        name: &str,
        templates: &[String],
        slots: &[Slot],
        words: RangeInclusive<usize>,
        required: &[&[Slot]],
    ) -> Vec<Phrase> {
        let phrases = self.list(name, templates, slots);
        for phrase in &phrases {
            for one_of in required {
                self.require(name, phrase, one_of);
            }
            let extent = self.extent(phrase);
            if extent.least < *words.start() || extent.most > *words.end() {
                let problem = format!(
                    "it takes {} to {} words; {} to {} are allowed",
                    extent.least,
                    extent.most,
                    words.start(),
                    words.end()
                );
                self.error(format!("{name}, `{}`", phrase.template), problem);
            }
        }
        phrases
    }

    /// Insists on one of these slots.
    pub(super) fn require(&mut self, name: &str, phrase: &Phrase, one_of: &[Slot]) {
        if !phrase.parts.iter().any(|part| matches!(part, Part::Slot(slot, _) if one_of.contains(slot))) {
            self.error(format!("{name}, `{}`", phrase.template), format!("it must hold {}", names(one_of, " or ")));
        }
    }

    /// How long a template can become.
    pub(super) fn extent(&self, phrase: &Phrase) -> Extent {
        let mut extent = Extent { least: phrase.words, most: phrase.words, characters: 0 };
        for part in &phrase.parts {
            match part {
                Part::Text(text) => extent.characters += text.chars().count(),
                Part::Slot(slot, _) => {
                    let filled = self.extents[*slot as usize];
                    // The slot itself was counted as one word.
                    extent.least = (extent.least + filled.least).saturating_sub(1);
                    extent.most = (extent.most + filled.most).saturating_sub(1);
                    extent.characters += filled.characters;
                }
            }
        }
        extent
    }

    /// How long whichever entry of a list can become.
    pub(super) fn reach(&self, phrases: &[Phrase]) -> Extent {
        Extent::any(phrases.iter().map(|phrase| self.extent(phrase)))
    }

    /// Reads a template, or notes what is wrong with it.
    fn phrase(&mut self, name: &str, template: &str, slots: &[Slot]) -> Option<Phrase> {
        let known = self.errors.len();
        let place = || format!("{name}, `{}`", template.escape_debug());
        let mut parts = Vec::new();
        // The template with a letter for every slot, of which words can be counted.
        let mut skeleton = String::new();
        for (index, piece) in template.split('{').enumerate() {
            let (slot, text) = match piece.split_once('}') {
                Some((slot, text)) if index > 0 => (Some(slot), text),
                _ if index > 0 => {
                    self.error(place(), "a brace is not closed; write `}` after the slot's name".to_owned());
                    (None, "")
                }
                _ => (None, piece),
            };
            if let Some(slot) = slot {
                match find(slot, slots) {
                    Some(part) => parts.push(part),
                    None => self.error(place(), format!("no slot {{{slot}}} here; write {}", names(slots, ", "))),
                }
                skeleton.push('x');
            }
            if let Some(bad) = text.chars().find(|character| !allowed(*character)) {
                self.error(place(), format!("{bad:?} may not stand in a plain text; leave it out"));
            }
            skeleton.push_str(text);
            if !text.is_empty() {
                parts.push(Part::Text(text.into()));
            }
        }
        let words = skeleton.split_whitespace().count();
        if words == 0 {
            self.error(place(), "it is empty; write something or leave it out".to_owned());
        }
        (self.errors.len() == known).then(|| Phrase { parts, template: template.into(), words })
    }
}

/// The slot of this name, if it is one of these.
fn find(name: &str, slots: &[Slot]) -> Option<Part> {
    let (_, slot) = NAMES.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let case = match name.chars().next() {
        Some(first) if first.is_ascii_uppercase() => Case::Capital,
        _ => Case::AsWritten,
    };
    slots.contains(&slot).then_some(Part::Slot(slot, case))
}

/// Names of slots as one writes them.
fn names(slots: &[Slot], between: &str) -> String {
    let named = NAMES.iter().filter(|(_, slot)| slots.contains(slot)).map(|(name, _)| format!("{{{name}}}"));
    named.collect::<Vec<_>>().join(between)
}
