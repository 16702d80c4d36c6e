//! From a stance to words. Nothing is drawn: every choice is a mixed number of culture, stance and place in the text.

use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::platform::body::Stance;

use super::Grammar;
use super::compile::Manner;
use super::phrase::{Case, Part, Phrase, Slot};
use super::topic::{Scaled, Subject};

/// Of so many entries of a shared list a culture favours one.
const FAVOURED_OF: u64 = 5;

/// What is written.
#[derive(Clone, Copy)]
pub(super) enum Genre {
    Title,
    Post,
    Comment,
    Reply,
}

/// One text being written.
pub(super) struct Writer<'g, 'o> {
    grammar: &'g Grammar,
    manner: &'g Manner,
    subject: &'g Subject,
    option: usize,
    genre: Genre,
    state: u64,
    out: &'o mut String,
}

impl<'g, 'o> Writer<'g, 'o> {
    pub(super) fn new(grammar: &'g Grammar, by: Culture, stance: Stance, genre: Genre, out: &'o mut String) -> Self {
        let manner = &grammar.manners[by.index()];
        let (item, option) = (u64::from(stance.item), u64::from(stance.option));
        let key = u64::from(stance.wording) | item << 16 | option << 32 | (genre as u64) << 40;
        Self {
            grammar,
            manner,
            subject: &grammar.subjects[usize::from(stance.item)],
            option: usize::from(stance.option),
            genre,
            state: splitmix64(manner.habit ^ key),
            out,
        }
    }

    /// Writes one of these texts.
    pub(super) fn text(mut self, frames: &'g [Phrase]) {
        // Frames have places of their own among the habits, after those of the slots.
        let place = 32 + self.genre as u64;
        let frame = self.shared(frames, place);
        self.phrase(frame);
    }

    fn phrase(&mut self, phrase: &'g Phrase) {
        for part in &phrase.parts {
            match part {
                Part::Text(text) => self.out.push_str(text),
                Part::Slot(slot, case) => {
                    let start = self.out.len();
                    self.fill(*slot);
                    if *case == Case::Capital
                        && let Some(first) = self.out.get_mut(start..=start)
                    {
                        first.make_ascii_uppercase();
                    }
                }
            }
        }
    }

    fn fill(&mut self, slot: Slot) {
        let (lists, manner, subject) = (&self.grammar.lists, self.manner, self.subject);
        let place = slot as u64;
        let chosen = match slot {
            Slot::Topic => return self.out.push_str(&subject.topic),
            Slot::Answer => return self.out.push_str(&subject.answers[self.option - 1]),
            Slot::Pole => return self.out.push_str(self.pole()),
            Slot::People => return self.out.push_str(&manner.people),
            Slot::Country => return self.out.push_str(&manner.country),
            Slot::Greeting => self.any(&manner.greetings),
            Slot::SignOff => self.any(&manner.sign_offs),
            Slot::Turn => self.any(&manner.turns),
            Slot::Opener => self.shared(&lists.openers, place),
            Slot::About => self.shared(&lists.abouts, place),
            Slot::Position => {
                let positions = self.positions();
                self.shared(positions, place)
            }
            Slot::Reason => self.shared(&lists.reasons, place),
            Slot::Closer => self.shared(&lists.closers, place),
        };
        self.phrase(chosen);
    }

    /// How the position is put: in the option's own words, or half of the time, where options lie in order, by how far
    /// it lies from the ends.
    fn positions(&mut self) -> &'g [Phrase] {
        let lists = &self.grammar.lists;
        if self.subject.scaled == Scaled::No || top_bit(self.draw()) == 0 {
            return &lists.stated;
        }
        match self.step() {
            0 | 4 => &lists.firm,
            2 => &lists.middle,
            _ => &lists.leaning,
        }
    }

    /// The nearest of five steps from the first option, 0, to the last, 4.
    fn step(&self) -> usize {
        let span = self.subject.answers.len() - 1;
        (8 * (self.option - 1) + span) / (2 * span)
    }

    /// The nearer end of the scale.
    fn pole(&self) -> &'g str {
        let answers = &self.subject.answers;
        if 2 * self.option > answers.len() { &answers[answers.len() - 1] } else { &answers[0] }
    }

    /// An entry of a list that belongs to the culture.
    fn any<T>(&mut self, list: &'g [T]) -> &'g T {
        &list[(self.draw() % list.len() as u64) as usize]
    }

    /// An entry of a list that all share: half of the time one that the culture favours, by which it is known.
    fn shared<T>(&mut self, list: &'g [T], place: u64) -> &'g T {
        let count = list.len() as u64;
        let draw = self.draw();
        if top_bit(draw) == 0 {
            return &list[(draw % count) as usize];
        }
        let first = splitmix64(self.manner.habit ^ place) % count;
        let favoured = (count / FAVOURED_OF).max(1);
        &list[((first + draw % favoured) % count) as usize]
    }

    /// The next mixed number.
    fn draw(&mut self) -> u64 {
        self.state = splitmix64(self.state);
        self.state
    }
}

const fn top_bit(number: u64) -> u64 {
    number >> 63
}

/// One step of the generator SplitMix64 (Steele, Lea and Flood, 2014): a permutation that mixes.
pub(super) const fn splitmix64(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
