//! `study community-alignment`.

use serde_json::json;

use crate::commands::cli::ComparisonArgs;
use crate::commands::output::{Form, counted, say, say_json, table};
use crate::inputs::asset::AssetError;
use crate::inputs::comparisons::Comparisons;
use crate::studies::comparisons::{ComparisonStudy, Share, study};

/// Carries the study out.
pub(super) fn execute(args: &ComparisonArgs, form: Form) -> Result<(), Vec<AssetError>> {
    let read = Comparisons::read(&args.file).map_err(|error| vec![error])?;
    let found = study(&read.rows);
    match form {
        Form::Json => {
            let file = args.file.display().to_string();
            say_json(&json!({ "file": file, "left_out": read.left_out, "study": found }));
        }
        Form::Tables => tell(&found, &read),
    }
    Ok(())
}

fn tell(found: &ComparisonStudy, read: &Comparisons) {
    let people = counted(found.people as u64, "person", "people");
    let choices = counted(found.choices as u64, "choice", "choices");
    let left_out: usize = read.left_out.values().sum();
    let rest = if left_out == 0 { String::new() } else { format!("; {left_out} rows left out{}", read.told()) };
    say(&format!("{choices} by {people} of {}{rest}", counted(found.countries.len() as u64, "country", "countries")));
    let countries: Vec<Vec<String>> =
        found.countries.iter().map(|(country, choices)| vec![country.to_string(), choices.to_string()]).collect();
    say(&format!("\n{}", table(&["country", "choices"], &countries)));
    let letters = found.letters.map(|share| format!("{:.1}", 100.0 * share));
    say(&format!("\nShares of the four places, %: {} (25 each where places do not matter)", letters.join(", ")));
    let row = |name: &str, share: Share| {
        let percent = |value: f64| format!("{:.1}", 100.0 * value);
        let interval =
            share.interval.map_or_else(|| "–".to_owned(), |(a, b)| format!("[{}, {}]", percent(a), percent(b)));
        vec![name.to_owned(), share.value.map_or_else(|| "–".to_owned(), percent), interval, share.n.to_string()]
    };
    let rows = [
        row("two people of one country choose the same", found.agreement_within),
        row("two people of different countries do", found.agreement_between),
        row("satisfied by one reply for all", found.satisfied[0]),
        row("by two", found.satisfied[1]),
        row("by three", found.satisfied[2]),
        row("with compatriots: by one reply for all", found.by_all),
        row("with compatriots: by one for each country", found.by_country),
    ];
    say(&format!(
        "\nOver {} whose replies several people chose from, % [95 % interval over prompts]\n{}",
        counted(found.shared_prompts as u64, "prompt", "prompts"),
        table(&["", "%", "", "n"], &rows)
    ));
    say(
        "\nTwo people agree by chance in 25 %. Satisfied: who chose a reply that most of the others chose, they themselves left out.",
    );
}
