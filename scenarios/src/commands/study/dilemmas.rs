//! `study dilemmas`.

use std::collections::BTreeMap;
use std::path::Path;

use pluriverse_worlds::dilemmas::Score;
use pluriverse_worlds::dilemmas::score::CountryScore;
use serde::Serialize;
use serde_json::{Value, json};

use crate::commands::cli::DilemmaArgs;
use crate::commands::output::{Form, counted, figure, say, say_json, table};
use crate::commands::progress::Progress;
use crate::file::diagnose::suggestion;
use crate::inputs::asset::AssetError;
use crate::inputs::dilemmas::{EMBEDDED, Humans, RecordedModel, beside, recordings};
use crate::studies::dilemmas::{Constants, ModelStudy, Reckoned, study};

/// Carries the study out.
pub(super) fn execute(args: &DilemmaArgs, form: Form, progress: &Progress) -> Result<(), Vec<AssetError>> {
    let constants = constants(args)?;
    let humans = humans(args).map_err(|error| vec![error])?;
    let mut models = recordings(&args.dir, &args.models)?;
    let mut errors = Vec::new();
    for model in &mut models {
        errors.extend(choose(model, &args.countries));
        errors.extend(strangers(model, &humans));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let all = models.len() as u64;
    let mut studied = Vec::new();
    for (done, model) in (1..).zip(models) {
        progress.step(done, all, &model.name);
        let found = study(&model.rows, &humans.shares, constants);
        studied.push((model, found));
    }
    match form {
        Form::Json => say_json(&as_json(&studied, &humans, constants)),
        Form::Tables => tell(&studied, &humans),
    }
    Ok(())
}

fn constants(args: &DilemmaArgs) -> Result<Constants, Vec<AssetError>> {
    let named =
        [("--decision-temperature", args.decision_temperature), ("--reliability-scale", args.reliability_scale)];
    let faults: Vec<AssetError> = named
        .into_iter()
        .filter(|(_, value)| !(value.is_finite() && *value > 0.0))
        .map(|(name, value)| AssetError::new(format!("{name} must be finite and above 0, not {value}")))
        .collect();
    let constants =
        Constants { decision_temperature: args.decision_temperature, reliability_scale: args.reliability_scale };
    if faults.is_empty() { Ok(constants) } else { Err(faults) }
}

/// The reference that is asked for, else the one beside the recordings, else the embedded one.
fn humans(args: &DilemmaArgs) -> Result<Humans, AssetError> {
    let beside = beside(&args.dir).map(|path| path.display().to_string());
    let name = args.human.clone().or(beside).unwrap_or_else(|| EMBEDDED.to_owned());
    Humans::find(&name, Path::new(""))
}

/// Leaves the countries that are asked for.
fn choose(model: &mut RecordedModel, countries: &[String]) -> Vec<AssetError> {
    if countries.is_empty() {
        return Vec::new();
    }
    let known: Vec<String> = first_lines(model).into_keys().map(str::to_owned).collect();
    model.rows.retain(|row| countries.contains(&row.country));
    let missing = countries.iter().filter(|country| !known.contains(country));
    let told = |country: &String| AssetError {
        message: format!("{}: no scenario of {country}", model.file.display()),
        help: Some(suggestion(country, known.iter().map(String::as_str))),
    };
    missing.map(told).collect()
}

/// Countries nobody can be compared with.
fn strangers(model: &RecordedModel, humans: &Humans) -> Vec<AssetError> {
    let known = || humans.shares.keys().map(String::as_str);
    first_lines(model)
        .into_iter()
        .filter(|(country, _)| !humans.shares.contains_key(*country))
        .map(|(country, line)| AssetError {
            message: format!(
                "{}: line {line}, column country: no human preferences of {country} in {}",
                model.file.display(),
                humans.label
            ),
            help: Some(format!(
                "{}; --human FILE gives others, --countries leaves countries out",
                suggestion(country, known())
            )),
        })
        .collect()
}

/// Where each country first stands.
fn first_lines(model: &RecordedModel) -> BTreeMap<&str, usize> {
    model.rows.iter().rev().map(|row| (&*row.country, row.line)).collect()
}

/// A measure of a country and over countries.
struct Measure {
    name: &'static str,
    country: fn(&CountryScore) -> Option<f64>,
    overall: fn(&Score) -> Option<f64>,
}

static MEASURES: [Measure; 6] = [
    Measure {
        name: "misalignment",
        country: |country| Some(country.misalignment),
        overall: |score| Some(score.misalignment),
    },
    Measure {
        name: "jensen_shannon",
        country: |country| country.jensen_shannon,
        overall: |score| score.jensen_shannon,
    },
    Measure { name: "pearson", country: |country| country.pearson, overall: |score| score.pearson },
    Measure {
        name: "centred_distance",
        country: |country| country.centred.map(|centred| centred.distance),
        overall: |score| score.centred_distance,
    },
    Measure {
        name: "centred_correlation",
        country: |country| country.centred.and_then(|centred| centred.correlation),
        overall: |score| score.centred_correlation,
    },
    Measure {
        name: "identified",
        country: |country| country.centred.map(|centred| centred.identified),
        overall: |score| score.identification,
    },
];

/// A scenario as `--json` prints it.
#[derive(Serialize)]
struct ScenarioFigures<'a> {
    country: &'a str,
    scenario: u32,
    line: usize,
    reliability_r_recorded: f64,
    reliability_r: f64,
    without_prior: f64,
}

fn as_json(studied: &[(RecordedModel, ModelStudy)], humans: &Humans, constants: Constants) -> Value {
    let models: BTreeMap<&str, Value> =
        studied.iter().map(|(model, found)| (&*model.name, model_json(model, found))).collect();
    let marks: BTreeMap<&String, &str> = humans.reliability.iter().map(|(code, mark)| (code, mark.name())).collect();
    json!({
        "human": { "source": humans.label, "reliability": marks },
        "decision_temperature": constants.decision_temperature,
        "reliability_scale": constants.reliability_scale,
        "models": models,
    })
}

fn model_json(model: &RecordedModel, found: &ModelStudy) -> Value {
    let mut measures = BTreeMap::new();
    for measure in &MEASURES {
        let overall: BTreeMap<&str, Option<f64>> =
            found.ways.iter().map(|way| (way.name, (measure.overall)(&way.score))).collect();
        let country = |place: usize| -> BTreeMap<&str, Option<f64>> {
            found.ways.iter().map(|way| (way.name, (measure.country)(&way.score.countries[place]))).collect()
        };
        let countries: BTreeMap<&String, _> =
            found.countries.iter().enumerate().map(|(place, code)| (code, country(place))).collect();
        measures.insert(measure.name, json!({ "macro": overall, "per_country": countries }));
    }
    let improved: BTreeMap<&str, usize> = found.ways.iter().filter_map(|way| Some((way.name, way.improved?))).collect();
    let scenarios: Vec<ScenarioFigures<'_>> = found
        .scenarios
        .iter()
        .map(|row| ScenarioFigures {
            country: &row.country,
            scenario: row.scenario,
            line: row.line,
            reliability_r_recorded: row.recorded,
            reliability_r: row.reliability,
            without_prior: row.without_prior,
        })
        .collect();
    let furthest = found.furthest();
    json!({
        "file": model.file.display().to_string(),
        "rows": found.scenarios.len(),
        "repeated": found.repeated,
        "countries": found.countries,
        "incomplete": found.incomplete,
        "largest_deviation": furthest.map(Reckoned::deviation),
        "largest_deviation_at": furthest.map(|row| json!({
            "country": row.country, "scenario": row.scenario, "line": row.line,
        })),
        "improved": improved,
        "chance": found.ways.first().map(|way| way.score.chance),
        "measures": measures,
        "scenarios": scenarios,
    })
}

fn tell(studied: &[(RecordedModel, ModelStudy)], humans: &Humans) {
    say(&format!("humans: {}", humans.label));
    for (model, found) in studied {
        let rows = counted(found.scenarios.len() as u64, "scenario", "scenarios");
        let countries = counted(found.countries.len() as u64, "country", "countries");
        say(&format!("\n{}: {rows}, {countries}", model.name));
        if let Some(furthest) = found.furthest() {
            say(&format!(
                "reliability_r from the recorded passes is at most {:.1e} from the recorded column ({}, scenario {})",
                furthest.deviation(),
                furthest.country,
                furthest.scenario
            ));
        }
        if !found.incomplete.is_empty() {
            say(&format!("not scored, as scenarios of a dimension are missing: {}", found.incomplete.join(", ")));
        }
        if found.repeated > 0 {
            say(&format!("{} more than once", counted(found.repeated as u64, "scenario stands", "scenarios stand")));
        }
        if !found.ways.is_empty() {
            say(&format!("\n{}", overall(found)));
            say(&format!("\nMIS by country\n{}", misalignments(found, humans)));
            say(&format!("\nother measures by country\n{}", others(found, humans)));
        }
    }
    say(
        "\nMIS: distance of six shares from people's; JSD: Jensen–Shannon distance; r: Pearson's, of six. Centred: once what all\n\
         countries have in common is taken away; own: share of countries whose own people are the nearest. MIS mostly tells how\n\
         strongly a model prefers at all: compare with the constants. `without_prior` is the recorded gap, without the running\n\
         country prior. † human figures rest on few people (a standard error of 0.10 or more).",
    );
}

fn overall(found: &ModelStudy) -> String {
    let rows: Vec<Vec<String>> = found
        .ways
        .iter()
        .map(|way| {
            let mut row = vec![way.name.to_owned()];
            row.extend(MEASURES.iter().map(|measure| figure((measure.overall)(&way.score), 3)));
            row.push(
                way.improved.map_or_else(|| "–".to_owned(), |count| format!("{count} of {}", found.countries.len())),
            );
            row
        })
        .collect();
    let chance = found.ways.first().map(|way| way.score.chance);
    let headers = ["", "MIS", "JSD", "r", "centred", "centred r", "own", "improved"];
    format!(
        "{}\nby chance {} of the countries are nearest to their own people",
        table(&headers, &rows),
        figure(chance, 3)
    )
}

fn misalignments(found: &ModelStudy, humans: &Humans) -> String {
    let rows: Vec<Vec<String>> = (0..found.countries.len())
        .map(|place| {
            let figures = found.ways.iter().map(|way| figure(Some(way.score.countries[place].misalignment), 3));
            std::iter::once(marked(&found.countries[place], humans)).chain(figures).collect()
        })
        .collect();
    let headers: Vec<&str> = std::iter::once("").chain(found.ways.iter().map(|way| way.name)).collect();
    table(&headers, &rows)
}

/// All but MIS, for the views of the recording.
fn others(found: &ModelStudy, humans: &Humans) -> String {
    const HEADERS: [&str; 16] = [
        "", "JSD", "final", "w/o", "r", "final", "w/o", "centred", "final", "w/o", "c. r", "final", "w/o", "own",
        "final", "w/o",
    ];
    let rows: Vec<Vec<String>> = (0..found.countries.len())
        .map(|place| {
            let views = || found.ways.iter().take(3).map(|way| &way.score.countries[place]);
            let figures = MEASURES[1..].iter().flat_map(|measure| {
                let decimals = if measure.name == "identified" { 0 } else { 2 };
                views().map(move |country| figure((measure.country)(country), decimals))
            });
            std::iter::once(marked(&found.countries[place], humans)).chain(figures).collect()
        })
        .collect();
    format!("{}\nthree columns each: vanilla, final, without the prior", table(&HEADERS, &rows))
}

fn marked(country: &str, humans: &Humans) -> String {
    format!("{country}{}", if humans.unreliable(country) { "†" } else { "" })
}
