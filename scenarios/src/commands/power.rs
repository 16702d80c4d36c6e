//! `pluriverse power`: how many replicates an effect needs.

use std::path::Path;

use pluriverse_worlds::inference::resample::FEWEST_ITEMS;
use serde::Serialize;

use super::Exit;
use super::cli::PowerArgs;
use super::effects::{Label, label};
use super::output::{Form, complain_of, counted, figure, say, say_json, signed, table};
use crate::file::diagnose::suggestion;
use crate::inputs::asset::AssetError;
use crate::inputs::finished::FinishedRun;
use crate::studies::power::{LADDER, MeasurePower, Question, SocietyPower, power_of_run};

/// What `--json` prints.
#[derive(Serialize)]
struct JsonReport<'a> {
    power: f64,
    societies: &'a [SocietyPower],
    /// Where an effect was asked for: by society, how many replicates find it; null where no number does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replicates: Vec<Option<u64>>,
}

/// Carries the command out.
pub fn execute(args: &PowerArgs, form: Form) -> Exit {
    match of(args) {
        Ok(societies) if form == Form::Json => {
            let replicates = societies.iter().filter_map(|society| needed(args, society).map(|(_, needed)| needed));
            say_json(&JsonReport { power: args.power, societies: &societies, replicates: replicates.collect() });
            Exit::Done
        }
        Ok(societies) => {
            for society in &societies {
                tell(args, society);
            }
            if societies.iter().any(|society| society.items < FEWEST_ITEMS) {
                say(&format!(
                    "Fewer than {FEWEST_ITEMS} items: a run prints no interval, and finds no effect of any size."
                ));
            }
            say(&format!(
                "An effect is found when its 95 % interval leaves out 0; here with probability {:.0} %. What differs from \
                 item to item does not shrink with replicates:\n\"any number\" is the smallest effect these items could ever \
                 show, – where the pilot shows no more of that than chance. Normal approximation, from how effects vary over items and replicates of the pilot.",
                args.power * 100.0
            ));
            Exit::Done
        }
        Err(error) => {
            complain_of(&error);
            Exit::Mistake
        }
    }
}

fn of(args: &PowerArgs) -> Result<Vec<SocietyPower>, AssetError> {
    let run = FinishedRun::read(&args.run, args.base.as_deref().unwrap_or(Path::new("")))?;
    let question = Question {
        society: args.society.clone(),
        treatment: args.treatment.clone(),
        control: args.control.clone(),
        round: args.round,
        power: args.power,
    };
    let mut societies = power_of_run(&run, &question)?;
    if let Some(wanted) = &args.measure {
        for society in &mut societies {
            let known: Vec<&str> = society.measures.iter().map(|measure| measure.measure).collect();
            if !known.contains(&wanted.as_str()) {
                let message =
                    format!("the run compares no measure `{wanted}`; {}", suggestion(wanted, known.into_iter()));
                return Err(AssetError::new(message));
            }
            society.measures.retain(|measure| measure.measure == wanted);
        }
    }
    if args.effect.is_some_and(|effect| effect == 0.0 || !effect.is_finite()) {
        return Err(AssetError::new("an effect to be found has a size"));
    }
    Ok(societies)
}

/// How many replicates find the effect that was asked for.
fn needed<'s>(args: &PowerArgs, society: &'s SocietyPower) -> Option<(&'s MeasurePower, Option<u64>)> {
    let measure = society.measures.first()?;
    let effect = args.effect? / label(measure.measure).factor;
    Some((measure, measure.replicates_for(effect, args.power)))
}

fn tell(args: &PowerArgs, society: &SocietyPower) {
    say(&format!(
        "{}: {} − {} after round {}, pilot of {}",
        society.society,
        society.treatment,
        society.control,
        society.round,
        counted(u64::from(society.replicates), "replicate", "replicates")
    ));
    if let Some((measure, replicates)) = needed(args, society) {
        say(&answer(args, society, measure, replicates));
    }
    let mut headers: Vec<String> = ["measure", "unit", "pilot", "± s.e."].into_iter().map(str::to_owned).collect();
    headers.extend(LADDER.map(|replicates| replicates.to_string()));
    headers.push("any number".to_owned());
    let rows: Vec<Vec<String>> = society.measures.iter().map(row).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    say(&format!("\nSmallest effect found, by number of replicates\n{}\n", table(&headers, &rows)));
}

fn row(measure: &MeasurePower) -> Vec<String> {
    let Label { name, unit, factor, decimals } = label(measure.measure);
    let size = |effect: f64| figure(Some(effect * factor), decimals);
    let mut row = vec![
        name.to_owned(),
        unit.to_owned(),
        signed(measure.pilot.map(|pilot| pilot * factor), decimals),
        size(measure.standard_error),
    ];
    row.extend(measure.smallest.iter().map(|(_, effect)| size(*effect)));
    row.push(if measure.drawn > 0.0 { size(measure.limit) } else { "–".to_owned() });
    row
}

fn answer(args: &PowerArgs, society: &SocietyPower, measure: &MeasurePower, replicates: Option<u64>) -> String {
    let Label { name, unit, factor, decimals } = label(measure.measure);
    let effect = args.effect.unwrap_or_default();
    match replicates {
        Some(replicates) => format!(
            "An effect of {effect} ({unit}) on {name} needs {}: {} answers in all.",
            counted(replicates, "replicate", "replicates"),
            replicates.saturating_mul(society.requests_each)
        ),
        None => format!(
            "An effect of {effect} ({unit}) on {name} is not found with any number of replicates: these items differ so much \
             that {} is the smallest. Ask more items.",
            figure(Some(measure.limit * factor), decimals)
        ),
    }
}
