//! From the asset to a grammar: lists first, whole texts after them, because what lengths a text can have is reckoned
//! from what its slots can be filled with. So no text can come out too short or too long.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use pluriverse_worlds::culture::Cultures;
use pluriverse_worlds::survey::Item;

use super::phrase::Slot::{
    About, Answer, Closer, Country, Greeting, Opener, People, Pole, Position, Reason, SignOff, Topic, Turn,
};
use super::phrase::{Compiler, Extent, Phrase, Slot};
use super::topic::{MOST_WORDS, plain, subject};
use super::write::splitmix64;
use super::{Grammar, GrammarError, MannerTemplates, TalkGrammar};

const TITLE_WORDS: RangeInclusive<usize> = 4..=12;
const TITLE_CHARACTERS: usize = 300;
const POST_WORDS: RangeInclusive<usize> = 12..=60;
const COMMENT_WORDS: RangeInclusive<usize> = 6..=30;

/// Slots of posts and comments, of titles, and of sentences in lists.
const TEXT: &[Slot] = &[Topic, People, Country, Greeting, SignOff, Turn, Opener, About, Position, Reason, Closer];
const TITLE: &[Slot] = &[Topic, People, Country, Greeting];
const SENTENCE: &[Slot] = &[People, Country];

/// Lists that all authors share.
pub(super) struct Lists {
    pub(super) openers: Vec<Phrase>,
    pub(super) abouts: Vec<Phrase>,
    pub(super) stated: Vec<Phrase>,
    pub(super) firm: Vec<Phrase>,
    pub(super) leaning: Vec<Phrase>,
    pub(super) middle: Vec<Phrase>,
    pub(super) reasons: Vec<Phrase>,
    pub(super) closers: Vec<Phrase>,
}

/// Turns of phrase of a culture.
#[derive(Clone, Default)]
pub(super) struct Manner {
    pub(super) people: Box<str>,
    pub(super) country: Box<str>,
    pub(super) greetings: Vec<Phrase>,
    pub(super) sign_offs: Vec<Phrase>,
    pub(super) turns: Vec<Phrase>,
    /// What its habits hang on: its code, so that they do not change with the list of cultures.
    pub(super) habit: u64,
}

/// Makes a grammar ready, or tells every mistake.
pub(super) fn compile(asset: &TalkGrammar, items: &[Item], cultures: &Cultures) -> Result<Grammar, Vec<GrammarError>> {
    let mut compiler = Compiler::new();
    let manners = compiler.manners(asset, cultures);
    let lists = compiler.lists(asset);
    let titles = compiler.titles(asset);
    let named = &[About, Topic][..];
    let posts = compiler.frames("posts", &asset.posts, TEXT, POST_WORDS, &[named, &[Position]]);
    let comments = compiler.frames("comments", &asset.comments, TEXT, COMMENT_WORDS, &[&[Position]]);
    let replies = compiler.frames("replies", &asset.replies, TEXT, COMMENT_WORDS, &[&[Position]]);
    let mut errors = compiler.errors;
    let subjects = items.iter().map(|item| subject(asset, item, &mut errors)).collect();
    if errors.is_empty() {
        Ok(Grammar { lists, titles, posts, comments, replies, manners, subjects })
    } else {
        Err(errors)
    }
}

impl Compiler {
    /// The lists that all authors share.
    fn lists(&mut self, asset: &TalkGrammar) -> Lists {
        let lists = Lists {
            openers: self.list("openers", &asset.openers, SENTENCE),
            abouts: self.list("abouts", &asset.abouts, &[Topic, People, Country]),
            stated: self.list("stated", &asset.stated, &[Answer]),
            firm: self.list("firm", &asset.firm, &[Answer, Pole]),
            leaning: self.list("leaning", &asset.leaning, &[Answer, Pole]),
            middle: self.list("middle", &asset.middle, &[Answer]),
            reasons: self.list("reasons", &asset.reasons, SENTENCE),
            closers: self.list("closers", &asset.closers, SENTENCE),
        };
        for (name, phrases, one_of) in [
            ("abouts", &lists.abouts, &[Topic][..]),
            ("stated", &lists.stated, &[Answer]),
            ("firm", &lists.firm, &[Answer, Pole]),
            ("leaning", &lists.leaning, &[Answer, Pole]),
            ("middle", &lists.middle, &[Answer]),
        ] {
            for phrase in phrases {
                self.require(name, phrase, one_of);
            }
        }
        for (slot, phrases) in
            [(Opener, &lists.openers), (About, &lists.abouts), (Reason, &lists.reasons), (Closer, &lists.closers)]
        {
            self.extents[slot as usize] = self.reach(phrases);
        }
        let positions = [&lists.stated, &lists.firm, &lists.leaning, &lists.middle];
        self.extents[Position as usize] = Extent::any(positions.iter().map(|phrases| self.reach(phrases)));
        lists
    }

    /// A manner for every culture of the list, in its order.
    fn manners(&mut self, asset: &TalkGrammar, cultures: &Cultures) -> Vec<Manner> {
        let profiles = &cultures.cultures;
        self.extents[People as usize] = Extent::any(profiles.iter().map(|it| Extent::of(&plain(&it.demonym))));
        self.extents[Country as usize] = Extent::any(profiles.iter().map(|it| Extent::of(&plain(&it.country))));
        let neutral = self.manner("neutral", &asset.neutral);
        let mut by_code: BTreeMap<&str, Manner> = BTreeMap::new();
        for culture in &asset.cultures {
            let manner = self.manner(&culture.code, &culture.manner);
            if by_code.insert(&culture.code, manner).is_some() {
                self.error(format!("culture `{}`", culture.code), "it is there twice; leave one out".to_owned());
            }
        }
        let all = || by_code.values().chain([&neutral]);
        self.extents[Greeting as usize] = Extent::any(all().map(|manner| self.reach(&manner.greetings)));
        self.extents[SignOff as usize] = Extent::any(all().map(|manner| self.reach(&manner.sign_offs)));
        self.extents[Turn as usize] = Extent::any(all().map(|manner| self.reach(&manner.turns)));
        let own = |code: &str| by_code.get(code).unwrap_or(&neutral).clone();
        let manners = profiles.iter().map(|profile| Manner {
            people: plain(&profile.demonym).into(),
            country: plain(&profile.country).into(),
            habit: profile.code.bytes().fold(0, |habit, byte| splitmix64(habit ^ u64::from(byte))),
            ..own(&profile.code)
        });
        manners.collect()
    }

    /// The turns of phrase of one culture, without its names.
    fn manner(&mut self, code: &str, templates: &MannerTemplates) -> Manner {
        Manner {
            greetings: self.list(&format!("greetings of {code}"), &templates.greetings, SENTENCE),
            sign_offs: self.list(&format!("sign_offs of {code}"), &templates.sign_offs, SENTENCE),
            turns: self.list(&format!("turns of {code}"), &templates.turns, SENTENCE),
            ..Manner::default()
        }
    }

    /// The titles that fit a topic, by its number of words.
    fn titles(&mut self, asset: &TalkGrammar) -> Vec<Vec<Phrase>> {
        let phrases = self.list("titles", &asset.titles, TITLE);
        for phrase in &phrases {
            self.require("titles", phrase, &[Topic]);
            let characters = self.extent(phrase).characters;
            if characters > TITLE_CHARACTERS {
                let problem = format!("one may take {characters} characters; at most {TITLE_CHARACTERS} are allowed");
                self.error("titles".to_owned(), problem);
            }
        }
        let bounds = self.extents[Topic as usize];
        // No topic has no words; its place is there so that the number of words is an index.
        let mut titles = vec![Vec::new()];
        for words in 1..=MOST_WORDS {
            self.extents[Topic as usize] = Extent { least: words, most: words, ..bounds };
            let extents = phrases.iter().map(|phrase| (phrase, self.extent(phrase)));
            let fits = |it: &Extent| TITLE_WORDS.contains(&it.least) && TITLE_WORDS.contains(&it.most);
            let fitting: Vec<Phrase> = extents.filter(|(_, it)| fits(it)).map(|(phrase, _)| phrase.clone()).collect();
            if fitting.is_empty() {
                let (least, most) = (TITLE_WORDS.start(), TITLE_WORDS.end());
                let problem =
                    format!("none takes {least} to {most} words with a topic of {words}; write one that does");
                self.error("titles".to_owned(), problem);
            }
            titles.push(fitting);
        }
        self.extents[Topic as usize] = bounds;
        titles
    }
}
