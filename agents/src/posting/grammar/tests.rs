//! The grammar against its asset: what is refused, what is said, and that it is said alike again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use pluriverse_worlds::culture::{CultureProfile, MapPosition};
use pluriverse_worlds::survey::{Scale, Survey};
use proptest::prelude::*;

use super::*;

type Write = fn(&Grammar, Culture, Stance, &mut String);

/// Everything that a text can be, with its bounds in words.
const WRITERS: [(Write, usize, usize); 4] =
    [(Grammar::title, 4, 12), (Grammar::post, 12, 60), (Grammar::comment, 6, 30), (Grammar::reply, 6, 30)];

static SURVEY: LazyLock<Survey> = LazyLock::new(|| {
    ron::from_str(include_str!("../../../../assets/surveys/wvs7-values.ron")).expect("the embedded survey")
});
static CULTURES: LazyLock<Cultures> =
    LazyLock::new(|| ron::from_str(include_str!("../../../../assets/cultures.ron")).expect("the embedded cultures"));
static GRAMMAR: LazyLock<Grammar> =
    LazyLock::new(|| Grammar::new(&asset(), &SURVEY.items, &CULTURES).unwrap_or_else(|errors| panic!("{errors:#?}")));

fn asset() -> TalkGrammar {
    ron::from_str(include_str!("../../../../assets/grammars/talk.ron")).expect("the embedded grammar")
}

fn item(question: &str, options: &[&str], scale: Scale) -> Item {
    Item {
        id: Arc::from("A1"),
        theme: Arc::from("theme"),
        question: Arc::from(question),
        options: options.iter().map(|option| Arc::from(*option)).collect(),
        scale,
        first_code: 1,
        paper: false,
    }
}

fn without_manner() -> Cultures {
    let position = MapPosition { traditional_secular: 0.0, survival_self_expression: 0.0, year: 2020 };
    let profile = CultureProfile {
        code: Arc::from("COD"),
        country: Arc::from("the Democratic Republic of the Congo"),
        demonym: Arc::from("Congolese"),
        languages: Vec::new(),
        position,
    };
    Cultures { source: Arc::from("a test"), cultures: vec![profile] }
}

fn stance(item: usize, option: usize, wording: u16) -> Stance {
    Stance { item: item as u16, option: option as u8, wording }
}

fn written(grammar: &Grammar, write: Write, culture: usize, stance: Stance) -> String {
    let mut text = String::new();
    write(grammar, Culture(culture as u16), stance, &mut text);
    text
}

fn problems(asset: &TalkGrammar, items: &[Item]) -> Vec<String> {
    let errors = Grammar::new(asset, items, &CULTURES).err().unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

fn assert_fits(text: &str, least: usize, most: usize) {
    let words = text.split_whitespace().count();
    assert!((least..=most).contains(&words), "{words} words: {text}");
    assert!(!text.contains("  ") && text.trim() == text, "loose blanks: {text}");
    assert!(text.chars().all(topic::allowed), "not plain: {text}");
}

#[test]
fn every_option_of_the_survey_is_worded_within_bounds_by_every_culture() {
    for (place, item) in SURVEY.items.iter().enumerate() {
        for option in 1..=item.options.len() {
            for culture in 0..CULTURES.cultures.len() {
                for (write, least, most) in WRITERS {
                    let text = written(&GRAMMAR, write, culture, stance(place, option, (place * 31 + culture) as u16));
                    assert_fits(&text, least, most);
                    assert!(text.chars().count() <= 300 || most > 12, "a long title: {text}");
                }
            }
        }
    }
}

#[test]
fn every_culture_of_the_asset_is_known_and_every_culture_has_a_manner() {
    let asset = asset();
    let told: BTreeSet<&str> = asset.cultures.iter().map(|culture| &*culture.code).collect();
    assert_eq!(told, CULTURES.codes().collect());
}

#[test]
fn nearly_every_item_has_a_topic_of_its_own() {
    let topics: BTreeSet<&str> = (0..SURVEY.len()).map(|item| GRAMMAR.topic(item)).collect();
    assert!(topics.len() + 4 >= SURVEY.len(), "{} topics", topics.len());
    let topic = |id| GRAMMAR.topic(SURVEY.position(id).expect("an item"));
    assert_eq!(topic("Q61"), "trust in strangers at a first meeting");
    assert_eq!(topic("Q57"), "trust in most others");
    assert_eq!(topic("Q38"), "grown-up children are obliged to look after their parents");
    assert_eq!(topic("Q164"), "God in daily life");
}

#[test]
fn two_thousand_wordings_of_a_stance_are_mostly_distinct_posts() {
    for culture in [0, 7, 18] {
        let texts: BTreeSet<String> =
            (0..2000).map(|wording| written(&GRAMMAR, Grammar::post, culture, stance(5, 1, wording))).collect();
        assert!(texts.len() > 1500, "{} texts", texts.len());
    }
}

#[test]
fn the_culture_of_an_author_can_be_told_from_words_above_chance() {
    let text = |culture, draw: usize| {
        let item = draw * 7 % SURVEY.len();
        written(&GRAMMAR, Grammar::comment, culture, stance(item, 1 + draw % 2, (draw * 97) as u16))
    };
    let cultures = CULTURES.cultures.len();
    let mut counts: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for culture in 0..cultures {
        for draw in 0..200 {
            for word in text(culture, draw).split(' ') {
                counts.entry(word.to_owned()).or_insert_with(|| vec![0.5; cultures])[culture] += 1.0;
            }
        }
    }
    let score = |text: &str, culture: usize| -> f64 {
        let known = text.split(' ').filter_map(|word| counts.get(word));
        known.map(|row| libm::log(row[culture] / row.iter().sum::<f64>())).sum()
    };
    let guessed = |text: &str| (0..cultures).max_by(|a, b| score(text, *a).total_cmp(&score(text, *b)));
    let fresh: Vec<(usize, String)> =
        (0..cultures).flat_map(|culture| (500..550).map(move |draw| (culture, text(culture, draw)))).collect();
    let right = fresh.iter().filter(|(culture, text)| guessed(text) == Some(*culture)).count();
    assert!(right * 4 > fresh.len(), "{right} of {}", fresh.len());
}

#[test]
fn a_place_on_the_scale_is_named_by_its_nearer_end() {
    let mut asset = asset();
    asset.stated = vec!["own {answer}".to_owned()];
    asset.firm = vec!["firm {pole}".to_owned()];
    asset.leaning = vec!["lean {pole}".to_owned()];
    asset.middle = vec!["middle {answer}".to_owned()];
    asset.comments = vec!["Now, as I said before, {position}.".to_owned()];
    let items = [
        item("How far?", &["a", "b", "c", "d", "e"], Scale::Ordinal),
        item("Which?", &["a", "b", "c", "d", "e"], Scale::Nominal),
    ];
    let grammar = Grammar::new(&asset, &items, &CULTURES).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let ways = |place, option| -> BTreeSet<String> {
        let text = |wording| written(&grammar, Grammar::comment, 0, stance(place, option, wording));
        (0..50).map(|wording| text(wording)["Now, as I said before, ".len()..].to_owned()).collect()
    };
    let expected = ["firm a.", "lean a.", "middle c.", "lean e.", "firm e."];
    for (index, (placed, own)) in
        expected.into_iter().zip(["own a.", "own b.", "own c.", "own d.", "own e."]).enumerate()
    {
        assert_eq!(ways(0, index + 1), BTreeSet::from([own.to_owned(), placed.to_owned()]));
        assert_eq!(ways(1, index + 1), BTreeSet::from([own.to_owned()]));
    }
}

#[test]
fn a_culture_without_a_manner_speaks_neutrally_and_by_its_own_name() {
    let grammar =
        Grammar::new(&asset(), &SURVEY.items, &without_manner()).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let posts: Vec<String> =
        (0..200).map(|wording| written(&grammar, Grammar::post, 0, stance(0, 1, wording))).collect();
    assert!(posts.iter().any(|post| post.contains("Congolese")));
    assert!(posts.iter().any(|post| post.contains("Hello") || post.contains("Good day")));
}

#[test]
fn every_mistake_is_told_at_once() {
    let mut asset = asset();
    asset.posts.push("{greetin}! {about} {position}.".to_owned());
    asset.comments.push("{position} {about".to_owned());
    asset.reasons.push("So <b>there</b>.".to_owned());
    asset.replies =
        vec!["No position at all, dear friend of mine.".to_owned(), "{about} {reason} {position}.".to_owned()];
    asset.closers = Vec::new();
    asset.cultures.push(asset.cultures[0].clone());
    asset.neutral.turns = vec!["In {topic}.".to_owned()];
    let told = problems(&asset, &[item("??", &["yes", "{}"], Scale::Binary)]).join("\n");
    for expected in [
        "no slot {greetin} here",
        "a brace is not closed",
        "'<' may not stand",
        "it must hold {position}",
        "30 are allowed",
        "closers: it is empty",
        "culture `AUS`: it is there twice",
        "no slot {topic} here",
        "item `A1`: its question has no words",
        "item `A1`: option 2 has no words",
    ] {
        assert!(told.contains(expected), "no `{expected}` in\n{told}");
    }
}

#[test]
fn what_a_survey_says_cannot_bring_markup_or_lines_into_a_text() {
    let items = [item("Is\n<b>this</b> `\\boxed{3}` \u{202e}fine?", &["Yes\n{answer}", "\\boxed{2}"], Scale::Binary)];
    let grammar = Grammar::new(&asset(), &items, &CULTURES).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(grammar.topic(0), "Is bthis/b boxed3 fine");
    assert_fits(&written(&grammar, Grammar::post, 3, stance(0, 2, 9)), 12, 60);
}

proptest! {
    #[test]
    fn a_text_depends_on_nothing_but_culture_and_stance(
        place in 0..224_usize, option in 0..16_usize, culture in 0..19_usize, wording: u16, before in "[a-z ]{0,9}",
    ) {
        let stance = stance(place, 1 + option % SURVEY.items[place].options.len(), wording);
        let again = Grammar::new(&asset(), &SURVEY.items[..=place], &CULTURES);
        let again = again.unwrap_or_else(|errors| panic!("{errors:#?}"));
        for (write, least, most) in WRITERS {
            let text = written(&GRAMMAR, write, culture, stance);
            assert_fits(&text, least, most);
            prop_assert_eq!(&text, &written(&again, write, culture, stance));
            let mut appended = before.clone();
            write(&again, Culture(culture as u16), stance, &mut appended);
            prop_assert_eq!(appended, format!("{before}{text}"));
        }
    }

    #[test]
    fn whatever_a_survey_asks_its_texts_keep_their_bounds(
        question in "\\PC{1,400}",
        options in prop::collection::vec("\\PC{1,200}", 1..12),
        option in 0..12_usize,
        wording: u16,
    ) {
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        match Grammar::new(&asset(), &[item(&question, &options, Scale::Ordinal)], &CULTURES) {
            Ok(grammar) => for (write, least, most) in WRITERS {
                assert_fits(&written(&grammar, write, 4, stance(0, 1 + option % options.len(), wording)), least, most);
            },
            // Texts without words are told of.
            Err(errors) => prop_assert!(errors.iter().all(|error| error.place == "item `A1`"), "{errors:#?}"),
        }
    }
}
