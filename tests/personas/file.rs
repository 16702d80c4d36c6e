//! A synthetic file in the official layout, and what somebody without this project would compute from it.

use std::collections::BTreeMap;
use std::fmt::Write;

use pluriverse_agents::profile::Dimensions;
use pluriverse_scenarios::inputs::asset::{Asset, DIMENSIONS, SURVEYS};
use pluriverse_worlds::survey::Survey;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(super) const CULTURES: [&str; 4] = ["BRA", "DEU", "NGA", "AND"];

/// Somebody of the synthetic survey. Codes are those of the original file; below 0 is missing.
pub(super) struct Person {
    pub(super) culture: &'static str,
    pub(super) age: i32,
    pub(super) sex: i32,
    pub(super) education: i32,
    pub(super) weight: f64,
    pub(super) answers: BTreeMap<String, i32>,
}

/// Culture, first age of the band, sex and education as `personas.parquet` writes them.
pub(super) type CellName = (String, Option<i64>, String, String);

impl Person {
    /// The cell it belongs to.
    pub(super) fn cell(&self) -> CellName {
        let age = match self.age {
            ..0 => None,
            0..36 => Some(0),
            36..56 => Some(36),
            _ => Some(56),
        };
        let sex = match self.sex {
            1 => "male",
            2 => "female",
            _ => "",
        };
        let education = match self.education {
            ..0 => "",
            0..=2 => "lower",
            3..=4 => "middle",
            _ => "higher",
        };
        (self.culture.to_owned(), age, sex.to_owned(), education.to_owned())
    }
}

pub(super) fn dimensions() -> Dimensions {
    let asset = Asset::find(&DIMENSIONS, "ten-values", "".as_ref());
    asset.and_then(|asset| asset.ron()).unwrap_or_else(|error| panic!("{}", error.message))
}

pub(super) fn survey() -> Survey {
    let asset = Asset::find(&SURVEYS, "wvs7-values", "".as_ref());
    asset.and_then(|asset| asset.ron()).unwrap_or_else(|error| panic!("{}", error.message))
}

/// People whose answers lean by age, sex and culture, so that cells differ.
pub(super) fn people(number: usize, seed: u64) -> Vec<Person> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (survey, items) = (survey(), dimensions().items());
    let mut below = |most: i32| (rng.next_u64() % most as u64) as i32;
    let mut person = || {
        let culture = CULTURES[below(4) as usize];
        let mut coded = |from: i32, count: i32| if below(20) == 0 { -1 - below(5) } else { from + below(count) };
        let (age, sex, education) = (coded(16, 80), coded(1, 2), coded(0, 9));
        let lean = |options: i32| match (age, culture) {
            (56.., _) | (_, "NGA") => 0,
            (..36, _) => options - 1,
            _ => options / 2,
        };
        let mut answer = |id: &str| {
            let item = &survey.items[survey.position(id).expect("an item")];
            let options = item.option_count();
            match below(10) {
                0 => -1,
                1..5 => item.first_code + lean(options) % options,
                _ => item.first_code + below(options),
            }
        };
        let answers = items.iter().map(|id| (id.to_string(), answer(id))).collect();
        let weight = f64::from(1 + below(4000)) / 1000.0;
        Person { culture, age, sex, education, weight, answers }
    };
    (0..number).map(|_| person()).collect()
}

/// How a file is laid out.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) separator: char,
    pub(super) preamble: &'static str,
    /// Whether Q6 and Q57 are turned round, as in the inverted file.
    pub(super) inverted: bool,
}

pub(super) const PLAIN: Layout = Layout { separator: ',', preamble: "", inverted: false };

/// The file.
pub(super) fn write(people: &[Person], layout: Layout) -> String {
    let Layout { separator, preamble, inverted } = layout;
    let turned = |id: &str| inverted && ["Q6", "Q57"].contains(&id);
    let items = dimensions().items();
    let mut names = ["version", "A_YEAR", "B_COUNTRY_ALPHA", "W_WEIGHT"].map(str::to_owned).to_vec();
    names.extend(items.iter().map(|id| if turned(id) { format!("{id}P") } else { id.to_string() }));
    names.extend(["Q260", "Q262", "Q275", "note"].map(str::to_owned));
    let mut text = format!("{preamble}{}\n", names.join(&separator.to_string()));
    for person in people {
        let weight = person.weight.to_string();
        let weight = if separator == ',' { weight } else { weight.replace('.', ",") };
        write!(text, "6-0-0{separator}2018{separator}{}{separator}{weight}", person.culture).expect("a string");
        for id in &items {
            let code = match person.answers[&**id] {
                code if code > 0 && turned(id) => {
                    if &**id == "Q6" {
                        5 - code
                    } else {
                        3 - code
                    }
                }
                code => code,
            };
            write!(text, "{separator}{code}").expect("a string");
        }
        for code in [person.sex, person.age, person.education] {
            write!(text, "{separator}{code}").expect("a string");
        }
        writeln!(text, "{separator}\"said \"\"no\"\"{separator} and left\"").expect("a string");
    }
    text
}

/// Weighted mean code of an item among some people; `None` where nobody answered.
pub(super) fn mean<'a>(people: impl Iterator<Item = &'a Person>, item: &str) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for person in people.filter(|person| person.answers[item] >= 0) {
        sum += person.weight * f64::from(person.answers[item]);
        total += person.weight;
    }
    (total > 0.0).then(|| sum / total)
}

/// The level of a position from 0 to 1 on four levels.
pub(super) fn level(position: f64) -> i64 {
    match position {
        0.75.. => 0,
        0.5.. => 1,
        0.25.. => 2,
        _ => 3,
    }
}
