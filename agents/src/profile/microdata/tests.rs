//! Tests with synthetic files in the official layout.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use crate::profile::pool::Pool;
use crate::profile::tally::{ItemTally, Tally};
use crate::profile::tests::{dimensions, survey};
use crate::profile::traits::{Education, Religion, Residence, Sex, Trait};

const CULTURES: [&str; 3] = ["BRA", "DEU", "NGA"];

/// Zero-based in the survey's files.
const ZERO_BASED: &str = "Q241";

/// Somebody of a synthetic survey. Codes are those of the original file; below 0 is missing.
struct Person {
    culture: &'static str,
    age: i32,
    sex: i32,
    education: i32,
    residence: i32,
    religion: i32,
    weight: f64,
    answers: Vec<i32>,
}

#[derive(Clone, Copy)]
struct Layout {
    separator: char,
    preamble: &'static str,
    line_break: &'static str,
    inverted: bool,
    labels: bool,
}

const PLAIN: Layout = Layout { separator: ',', preamble: "", line_break: "\n", inverted: false, labels: false };

fn items() -> Vec<Arc<str>> {
    let mut items = dimensions().items();
    items.push(Arc::from(ZERO_BASED));
    items
}

fn people(number: usize, seed: u64) -> Vec<Person> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let survey = survey();
    let options: Vec<(i32, i32)> = items()
        .iter()
        .map(|id| &survey.items[survey.position(id).expect("an item")])
        .map(|item| (item.first_code, item.option_count()))
        .collect();
    let mut below = |most: u64| (rng.next_u64() % most) as i32;
    let mut people = Vec::new();
    for _ in 0..number {
        let mut coded = |from: i32, count: i32| if below(12) == 0 { -1 - below(5) } else { from + below(count as u64) };
        let answers = options.iter().map(|&(first, count)| coded(first, count)).collect();
        let (age, sex) = (coded(16, 80), coded(1, 2));
        let (education, residence, religion) = (coded(0, 9), coded(1, 2), coded(0, 10));
        let weight = 0.1 + f64::from(below(5000)) / 1700.0;
        let culture = CULTURES[below(3) as usize];
        people.push(Person { culture, age, sex, education, residence, religion, weight, answers });
    }
    people
}

/// Whether the inverted file has an item turned round.
fn turned(id: &str) -> bool {
    !["Q154", "Q155", "Q177", "Q178", "Q179", "Q180", "Q181", "Q182", ZERO_BASED].contains(&id)
}

fn inverted_code(id: &str, options: i32, code: i32) -> i32 {
    match (id, code) {
        _ if code < 0 => code,
        ("Q254", 5) => 5,
        ("Q254", _) => 5 - code,
        // Qualities of children are coded 0 and 1 there, other pairs 1 and 2.
        ("Q8" | "Q14" | "Q15" | "Q17", _) => 2 - code,
        _ => options + 1 - code,
    }
}

fn write(people: &[Person], layout: Layout) -> String {
    let (survey, items) = (survey(), items());
    let Layout { separator, preamble, line_break, inverted, labels } = layout;
    let decimal =
        |weight: f64| if separator == ',' { weight.to_string() } else { weight.to_string().replace('.', ",") };
    let mut names: Vec<String> = ["version", "A_YEAR", "B_COUNTRY_ALPHA", "W_WEIGHT"].map(str::to_owned).to_vec();
    for id in &items {
        names.push(if inverted && turned(id) { format!("{id}P") } else { id.to_string() });
    }
    names.extend(["Q260", "Q262", "Q275", "H_URBRURAL", "Q289", "N_REGION_WVS", "note"].map(str::to_owned));
    let label = |name: String| if labels { format!("\"{name}: one; or, another\"") } else { name };
    let mut text = preamble.to_owned();
    let names: Vec<String> = names.into_iter().map(label).collect();
    text.push_str(&names.join(&separator.to_string()));
    for person in people {
        let Person { culture, age, sex, education, residence, religion, weight, answers } = person;
        let weight = decimal(*weight);
        let weight = if separator == ';' { format!("\"{weight}\"") } else { weight };
        write!(text, "{line_break}1-5{separator}2018{separator}{culture}{separator}{weight}").expect("a string");
        for (id, &code) in items.iter().zip(answers) {
            let options = survey.items[survey.position(id).expect("an item")].option_count();
            let code = if inverted && turned(id) { inverted_code(id, options, code) } else { code };
            write!(text, "{separator}{code}").expect("a string");
        }
        for code in [sex, age, education, residence, religion] {
            write!(text, "{separator}{code}").expect("a string");
        }
        write!(text, "{separator}76011{separator}\"said \"\"no\"\"{separator} and{line_break}left\"")
            .expect("a string");
    }
    text
}

fn settings(cross: &[Demographic]) -> MicrodataSettings {
    MicrodataSettings { cross: cross.to_vec(), ..MicrodataSettings::default() }
}

fn read_text(text: &str, settings: &MicrodataSettings) -> Result<Microdata, Vec<String>> {
    let shown = |faults: Vec<MicrodataFault>| faults.iter().map(ToString::to_string).collect();
    read(text.as_bytes(), &survey(), &items(), settings).map_err(shown)
}

/// What a reader of the file without this code would compute for those of whom `belongs` is true.
fn check_group(tally: &Tally, people: &[Person], belongs: &dyn Fn(&Person) -> bool) {
    let members: Vec<&Person> = people.iter().filter(|person| belongs(person)).collect();
    let near = |found: f64, expected: f64| (found - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    let kish = |weights: &[f64]| {
        let total: f64 = weights.iter().sum();
        total * total / weights.iter().map(|weight| weight.powi(2)).sum::<f64>()
    };
    let weights: Vec<f64> = members.iter().map(|person| person.weight).collect();
    assert_eq!(tally.respondents(), members.len() as u64);
    assert!(near(tally.weight(), weights.iter().sum()) && near(tally.effective(), kish(&weights)));
    let survey = survey();
    for (place, id) in items().iter().enumerate() {
        let first = survey.items[survey.position(id).expect("an item")].first_code;
        let answered: Vec<(f64, f64)> = members
            .iter()
            .filter(|person| person.answers[place] >= 0)
            .map(|person| (f64::from(person.answers[place] - first + 1), person.weight))
            .collect();
        let weights: Vec<f64> = answered.iter().map(|(_, weight)| *weight).collect();
        let total: f64 = weights.iter().sum();
        let expected = answered.iter().map(|(option, weight)| option * (weight / total)).sum::<f64>();
        let item = tally.item(place).expect("an item");
        assert_eq!(item.respondents(), answered.len() as u64, "{id}");
        assert!(near(item.mean().expect("answers"), expected), "{id}: {:?} is not {expected}", item.mean());
        assert!(near(item.effective(), kish(&weights)), "{id}");
        let shares = item.shares().expect("answers");
        for (number, share) in (1..).zip(&shares) {
            let of_option = answered.iter().filter(|(option, _)| (*option - f64::from(number)).abs() < 0.5);
            assert!(near(*share, of_option.map(|(_, weight)| weight).sum::<f64>() / total), "{id} {number}");
        }
    }
}

fn schooling(person: &Person) -> Option<Education> {
    match person.education {
        0..=2 => Some(Education::Lower),
        3..=4 => Some(Education::Middle),
        5.. => Some(Education::Higher),
        _ => None,
    }
}

#[test]
fn twenty_thousand_respondents_give_back_the_weighted_cells_they_were_made_from() {
    let people = people(20_000, 11);
    let cross = [Demographic::Age, Demographic::Sex, Demographic::Education];
    let read = read_text(&write(&people, PLAIN), &settings(&cross)).expect("a file as it should be");
    assert_eq!((read.respondents, read.others, read.separator, read.header), (20_000, 0, ',', 1));
    let bands = AgeBands::default();
    let mut cells = 0;
    for culture in CULTURES {
        for (key, tally) in read.cells.of_culture(culture) {
            cells += 1;
            check_group(tally, &people, &|person| {
                let age = (person.age >= 0).then(|| Trait::Age(bands.of(person.age as u8)));
                let sex = [Sex::Male, Sex::Female].get((person.sex - 1) as usize).map(|sex| Trait::Sex(*sex));
                person.culture == culture && [age, sex, schooling(person).map(Trait::Education)] == key[..]
            });
        }
        let whole = read.cells.group(culture, &[]).expect("people");
        check_group(&whole, &people, &|person| person.culture == culture);
        let women = read.cells.group(culture, &[Trait::Sex(Sex::Female)]).expect("women");
        check_group(&women, &people, &|person| person.culture == culture && person.sex == 2);
    }
    assert_eq!(cells, 3 * 4 * 3 * 4);
    let pool = Pool::new(&read.cells, "DEU", 30.0, &dimensions()).expect("people enough");
    assert!(pool.entries().iter().all(|entry| entry.effective >= 30.0 && entry.profile.values.len() == 10));
}

#[test]
fn every_layout_and_both_codings_say_the_same() {
    let people = people(600, 5);
    let cross = [Demographic::Residence, Demographic::Religion];
    let expected = read_text(&write(&people, PLAIN), &settings(&cross)).expect("readable").cells;
    let preamble = "\u{feff}\"World Values Survey; wave 7, 2017\"\r\n\r\nTable of, respondents\r\n";
    let layouts = [
        Layout { separator: ';', ..PLAIN },
        Layout { separator: '\t', line_break: "\r\n", ..PLAIN },
        Layout { preamble, line_break: "\r\n", ..PLAIN },
        Layout { preamble: "\u{feff}", labels: true, ..PLAIN },
        Layout { labels: true, separator: ';', ..PLAIN },
        Layout { inverted: true, ..PLAIN },
        Layout { inverted: true, separator: ';', preamble: "Q260: one of two\n", ..PLAIN },
    ];
    for layout in layouts {
        let read = read_text(&write(&people, layout), &settings(&cross)).expect("readable");
        assert!(read.cells == expected, "{:?} {:?} {}", layout.separator, layout.preamble, layout.inverted);
        assert_eq!(read.separator, layout.separator);
        assert_eq!(read.header, 1 + layout.preamble.matches('\n').count() as u64);
        assert_eq!(read.inverted.len(), if layout.inverted { 20 } else { 0 });
    }
    let inverted = write(&people, Layout { inverted: true, ..PLAIN });
    let only = MicrodataSettings { coding: Coding::Inverted, ..settings(&cross) };
    assert!(read_text(&inverted, &only).expect("readable").cells == expected);
    let faults = read_text(&inverted, &MicrodataSettings { coding: Coding::Original, ..only }).expect_err("no Q6");
    assert_eq!(faults.len(), 20, "{faults:?}");
    assert!(faults[0].starts_with("line 1, column Q6: there is no such column"), "{faults:?}");
}

/// A small file: country, weight, the columns named, and the rows given.
fn small(columns: &str, rows: &[&str]) -> String {
    format!("B_COUNTRY_ALPHA,W_WEIGHT,{columns}\n{}\n", rows.join("\n"))
}

fn read_items(text: &str, items: &[&str], settings: &MicrodataSettings) -> Result<Microdata, Vec<String>> {
    let items: Vec<Arc<str>> = items.iter().map(|item| Arc::from(*item)).collect();
    let shown = |faults: Vec<MicrodataFault>| faults.iter().map(ToString::to_string).collect();
    read(text.as_bytes(), &survey(), &items, settings).map_err(shown)
}

#[test]
fn a_file_that_cannot_be_used_is_refused_with_the_reason() {
    let age = settings(&[Demographic::Age]);
    let none = settings(&[]);
    let german = MicrodataSettings { cultures: vec![Arc::from("DEU"), Arc::from("FRA")], ..settings(&[]) };
    let cases: [(String, &MicrodataSettings, &str); 18] = [
        (String::new(), &none, "the file is empty"),
        ("PK\u{3}\u{4}rest".to_owned(), &none, "archive"),
        ("a,b\n1,2\n".to_owned(), &none, "none of the first 2 lines names columns such as B_COUNTRY_ALPHA"),
        ("x\n".repeat(60), &none, "none of the first 50 lines"),
        ("x".repeat(LONGEST_ROW + 5), &none, "none of the first 1 lines"),
        (small("Q6", &[]), &none, "the file has a header and no respondents"),
        ("W_WEIGHT,Q6\n1,2\n".to_owned(), &none, "line 1, column B_COUNTRY_ALPHA: there is no such column"),
        ("B_COUNTRY_ALPHA,S018,Q6\nDEU,1,2\n".to_owned(), &none, "(S018 would do), or say `weights: None`"),
        (small("Q57", &["DEU,1,2"]), &none, "line 1, column Q6: there is no such column: nor its inverted form"),
        (small("Q6,Q6", &["DEU,1,2,2"]), &none, "line 1, column Q6: two columns have this name"),
        (small("Q6", &["DEU,1,2"]), &age, "line 1, column Q262: there is no such column"),
        (small("Q6", &["DEU,1,9"]), &none, "line 2, column Q6: code 9 is none of 1 to 4"),
        (small("Q6,Q262", &["DEU,1,2,140"]), &age, "line 2, column Q262: code 140 is none of 0 to 120"),
        (small("Q6", &["DEU,1,very"]), &none, "line 2, column Q6: `very` is no code"),
        (small("Q6", &["DEU,-1,2"]), &none, "line 2, column W_WEIGHT: `-1` is no weight"),
        (small("Q6", &["276,1,2"]), &none, "line 2, column B_COUNTRY_ALPHA: `276` is no country of three letters"),
        (small("Q6", &["DEU,1"]), &none, "line 2: the row has 2 fields, and the header 3 columns"),
        (small("Q6", &["DEU,1,2"]), &german, "nobody in the file is of FRA; it has DEU"),
    ];
    for (text, settings, expected) in cases {
        let faults = read_items(&text, &["Q6"], settings).expect_err(expected);
        assert!(faults.len() == 1 && faults[0].contains(expected), "{expected}: {faults:?}");
    }
    let utf16 = read(&b"\xff\xfeQ\0"[..], &survey(), &[], &none).expect_err("two bytes a letter");
    assert!(utf16[0].to_string().contains("UTF-16"));
    let open = small("Q6,Q57", &["DEU,1,2,\"2", "DEU,1,2,2"]);
    assert_eq!(read_items(&open, &["Q6"], &none).expect_err("open"), ["line 2: a quote in this row is never closed"]);
    assert_eq!(read_items(&small("Q6", &["DEU,1,\"2\"x"]), &["Q6"], &none).expect_err("text").len(), 1);
    let twice = settings(&[Demographic::Sex, Demographic::Sex]);
    assert!(read_items(&small("Q6,Q260", &["DEU,1,2,2"]), &["Q6", "Q6", "Q0"], &twice).expect_err("three").len() == 3);
}

#[test]
fn every_mistake_is_told_up_to_a_limit() {
    let rows: Vec<String> = (0..40).map(|row| format!("DEU,x{row},8,9")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let faults = read_items(&small("Q6,Q57", &rows), &["Q6", "Q57"], &settings(&[])).expect_err("all is wrong");
    assert_eq!(faults.len(), FAULTS_SHOWN + 1);
    assert_eq!(
        faults[3],
        "line 3, column W_WEIGHT: `x1` is no weight: every respondent needs a weight, a number from 0 on"
    );
    assert_eq!(faults[FAULTS_SHOWN], "and 70 more mistakes");
}

#[test]
fn what_is_missing_is_left_out_and_unknown_codes_too_where_that_is_asked_for() {
    let rows = ["DEU,2,1,-2,2", "DEU,1,4,,2", "", "deu,0,3,NA,0", "FRA,bad,7,7,7", "DEU,1,-1,3,1"];
    let lenient = MicrodataSettings {
        cultures: vec![Arc::from("DEU")],
        unknown_codes: UnknownCodes::Missing,
        ..settings(&[Demographic::Sex])
    };
    let read = read_items(&small("Q6,Q57,Q260", &rows), &["Q6", "Q57"], &lenient).expect("readable");
    assert_eq!((read.respondents, read.others), (4, 1));
    let unknown: BTreeMap<Arc<str>, u64> = [("Q57", 1), ("Q260", 1)].map(|(name, n)| (Arc::from(name), n)).into();
    assert_eq!(read.unknown, unknown);
    let whole = read.cells.group("DEU", &[]).expect("people");
    let religion = read.cells.answers(&whole, "Q6").expect("an item");
    assert_eq!((religion.mean(), religion.counts()), (Some(2.0), &[1, 0, 1, 1][..]));
    assert_eq!(read.cells.answers(&whole, "Q57").expect("an item").mean(), None);
    let keys: Vec<_> = read.cells.of_culture("DEU").map(|(key, tally)| (key[0].clone(), tally.respondents())).collect();
    assert_eq!(keys, [(None, 1), (Some(Trait::Sex(Sex::Male)), 1), (Some(Trait::Sex(Sex::Female)), 2)]);
}

#[test]
fn respondents_weigh_the_same_where_no_weights_are_asked_for() {
    let text = "B_COUNTRY_ALPHA,Q6\nDEU,1\nDEU,4\nDEU,4\n";
    let read = read_items(text, &["Q6"], &MicrodataSettings { weights: Weights::None, ..settings(&[]) });
    let read = read.expect("no weights are needed");
    let whole = read.cells.group("DEU", &[]).expect("people");
    assert_eq!((whole.item(0).and_then(ItemTally::mean), whole.effective()), (Some(3.0), 3.0));
}

#[test]
fn traits_are_read_from_whichever_column_there_is() {
    let cross = [Demographic::Age, Demographic::Education, Demographic::Income, Demographic::Region];
    let of = |columns: &str, row: &str| {
        let read = read_items(&small(columns, &[row]), &["Q6"], &settings(&cross)).expect("readable");
        read.cells.of_culture("DEU").next().expect("somebody").0.clone()
    };
    let detailed = of("Q6,Q262,Q275,Q288,N_REGION_WVS", "DEU,1,2,40,6,10,276002");
    let grouped = of("A_YEAR,Q261,Q6,Q275R,Q288R,N_REGION_ISO", "DEU,1,2018,1978,2,3,3,276002");
    assert_eq!(detailed, grouped);
    assert!(detailed.iter().all(Option::is_some));
    let missing = of("Q6,Q262,Q275,Q288,N_REGION_WVS", "DEU,1,2,-1,-2,-3,-4");
    assert!(missing.iter().all(Option::is_none));
    let rest = settings(&[Demographic::Residence, Demographic::Religion]);
    let read = read_items(&small("Q6,H_URBRURAL,Q289", &["DEU,1,2,2,0"]), &["Q6"], &rest).expect("readable");
    let key = read.cells.of_culture("DEU").next().expect("somebody").0;
    assert_eq!(key[..], [Some(Trait::Residence(Residence::Rural)), Some(Trait::Religion(Religion::None))]);
}

#[test]
fn a_column_of_two_options_turned_round_is_read_by_the_codes_it_holds() {
    let mean = |codes: &[&str]| {
        let rows: Vec<String> = codes.iter().map(|code| format!("DEU,1,{code}")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let read = read_items(&small("Q57P", &rows), &["Q57"], &settings(&[]))?;
        let whole = read.cells.group("DEU", &[]).expect("people");
        Ok::<_, Vec<String>>((whole.item(0).and_then(ItemTally::mean), read.undecided.len()))
    };
    assert_eq!(mean(&["1", "0", "0", "0"]), Ok((Some(1.75), 0)));
    assert_eq!(mean(&["2", "1", "1", "1"]), Ok((Some(1.75), 0)));
    assert_eq!(mean(&["1", "1", "-1"]), Ok((None, 1)));
    assert_eq!(mean(&["-1"]), Ok((None, 0)));
    assert!(mean(&["0", "2"]).expect_err("both")[0].starts_with("column Q57P: it holds the codes 0 and 2"));
}

#[test]
fn settings_are_read_from_a_scenario() {
    let text = "(weights: Column(\"S018\"), coding: Inverted, ages: [0, 30], cross: [Age, Sex], cultures: [\"DEU\"])";
    let read: MicrodataSettings = crate::profile::tests::from_ron(text).expect("settings");
    assert_eq!((read.weights, read.cross.len()), (Weights::Column(Arc::from("S018")), 2));
    assert!(crate::profile::tests::from_ron::<MicrodataSettings>("(ages: [5])").is_err());
    assert!(crate::profile::tests::from_ron::<MicrodataSettings>("(weight: None)").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_the_reader_fail_otherwise_than_with_reasons(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let refused = read(bytes.as_slice(), &survey_of_two(), &[Arc::from("Q6")], &settings(&[Demographic::Age]));
        if let Err(faults) = refused {
            prop_assert!(!faults.is_empty() && faults.len() <= FAULTS_SHOWN + 1);
        }
    }

    #[test]
    fn no_rows_make_the_reader_fail_otherwise_than_with_reasons(
        rows in "([A-Z]{0,3}|-?[0-9]{0,11}|[0-9]\\.[0-9]|[;,\t\"\n\r]|é){0,60}",
        separator in prop::sample::select(vec![";", ",", "\t"]),
    ) {
        let header = ["B_COUNTRY_ALPHA", "W_WEIGHT", "Q6P", "Q57P", "Q261", "A_YEAR", "N_REGION_WVS"].join(separator);
        let items = [Arc::from("Q6"), Arc::from("Q57")];
        let cross = settings(&[Demographic::Age, Demographic::Region]);
        let text = format!("{header}\n{rows}");
        if let Err(faults) = read(text.as_bytes(), &survey_of_two(), &items, &cross) {
            prop_assert!(!faults.is_empty() && faults.len() <= FAULTS_SHOWN + 1);
        }
    }
}

fn survey_of_two() -> Survey {
    survey().filtered(|item| ["Q6", "Q57"].contains(&&*item.id))
}
