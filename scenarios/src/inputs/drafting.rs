//! What drafting reads: templates, everyday prompts, labelled pairs, people's scores, and the plane's figures.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::drafts::DraftPromptTemplates;
use pluriverse_worlds::drafting::{EverydayPrompt, LabelledPair};
use pluriverse_worlds::plane::Figures;
use pluriverse_worlds::pluralism::alignment_rate::Position;
use serde::Deserialize;

use super::asset::{Asset, AssetError, Kind};

/// Prompt templates of drafting.
pub static DRAFT_PROMPTS: Kind =
    Kind { word: "draft prompts", embedded: &[("drafts", include_str!("../../../assets/prompts/drafts.ron"))] };

/// Everyday prompts.
pub static EVERYDAY: Kind =
    Kind { word: "everyday prompts", embedded: &[("everyday", include_str!("../../../assets/prompts/everyday.ron"))] };

/// Labelled pairs of replies.
pub static LABELLED: Kind = Kind { word: "labelled pairs", embedded: &[] };

/// Tables of people's scores.
pub static HUMANS: Kind = Kind { word: "table of people's scores", embedded: &[] };

/// The figures of the Inglehart–Welzel plane.
pub static PLANE_FIGURES: Kind =
    Kind { word: "plane", embedded: &[("plane", include_str!("../../../assets/reference/plane.ron"))] };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Everyday {
    #[expect(dead_code, reason = "names the set for whoever reads the file")]
    name: Arc<str>,
    prompts: Vec<EverydayPrompt>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelledSet {
    #[expect(dead_code, reason = "names the set for whoever reads the file")]
    name: Arc<str>,
    pairs: Vec<LabelledPair>,
}

/// The templates of drafting.
pub fn templates(asset: &Asset) -> Result<DraftPromptTemplates, AssetError> {
    asset.ron()
}

/// Everyday prompts: each under an id of its own, with nothing left empty.
pub fn everyday(asset: &Asset) -> Result<Vec<EverydayPrompt>, AssetError> {
    let Everyday { prompts, .. } = asset.ron()?;
    let wrong = |message: String| Err(AssetError::new(format!("{}: {message}", asset.label)));
    let mut ids: Vec<&str> = prompts.iter().map(|prompt| &*prompt.id).collect();
    ids.sort_unstable();
    if ids.is_empty() {
        return wrong("it holds no prompt".to_owned());
    }
    if let Some([twice, _]) = ids.array_windows().find(|[one, next]| one == next) {
        return wrong(format!("prompt `{twice}` is there twice"));
    }
    for prompt in &prompts {
        let EverydayPrompt { id, text, anchor, traditional, secular, survival, self_expression } = prompt;
        let texts = [
            ("id", id),
            ("text", text),
            ("anchor", anchor),
            ("traditional", traditional),
            ("secular", secular),
            ("survival", survival),
            ("self_expression", self_expression),
        ];
        if let Some((field, _)) = texts.iter().find(|(_, text)| text.trim().is_empty()) {
            return wrong(format!("`{field}` of prompt `{id}` is empty"));
        }
        if let Some((field, _)) = texts[3..].iter().find(|(_, text)| text.trim() == anchor.trim()) {
            return wrong(format!("`{field}` of prompt `{id}` says the same as its anchor"));
        }
        if id.contains('/') || id.contains(char::is_control) {
            return wrong(format!("the id `{id}` holds a slash or a control character"));
        }
    }
    Ok(prompts)
}

/// Labelled pairs.
pub fn labelled(asset: &Asset) -> Result<Vec<LabelledPair>, AssetError> {
    let LabelledSet { pairs, .. } = asset.ron()?;
    let empty =
        |pair: &LabelledPair| [&pair.prompt, &pair.reply, &pair.anchor].iter().any(|text| text.trim().is_empty());
    match pairs.iter().position(empty) {
        Some(place) => Err(AssetError::new(format!("{}: pair {} has an empty text", asset.label, place + 1))),
        None if pairs.is_empty() => Err(AssetError::new(format!("{} holds no pair", asset.label))),
        None => Ok(pairs),
    }
}

/// People's scores on both axes, 0 to 1, from a table with the columns `traditional_secular` and
/// `survival_self_expression`, separated by commas, semicolons or tabs.
pub fn humans(asset: &Asset) -> Result<Vec<Position>, AssetError> {
    const COLUMNS: [&str; 2] = ["traditional_secular", "survival_self_expression"];
    let wrong = |message: String| AssetError::new(format!("{}: {message}", asset.label));
    let mut lines = asset.text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    let head = lines.next().ok_or_else(|| wrong("the file is empty".to_owned()))?;
    let separator = [',', ';', '\t'].into_iter().find(|sign| head.contains(*sign)).unwrap_or(',');
    let names: Vec<&str> = head.split(separator).map(|name| name.trim().trim_matches('"')).collect();
    let place = |column: &str| {
        names
            .iter()
            .position(|name| *name == column)
            .ok_or_else(|| wrong(format!("there is no column `{column}`; its columns are {}", names.join(", "))))
    };
    let places = [place(COLUMNS[0])?, place(COLUMNS[1])?];
    let mut people = Vec::new();
    for (number, line) in lines.enumerate() {
        let cells: Vec<&str> = line.split(separator).map(|cell| cell.trim().trim_matches('"')).collect();
        let score = |place: usize| cells.get(place)?.parse::<f64>().ok().filter(|score| (0.0..=1.0).contains(score));
        match (score(places[0]), score(places[1])) {
            (Some(one), Some(other)) => people.push([one, other]),
            _ => return Err(wrong(format!("line {}: a score is a number from 0 to 1", number + 2))),
        }
    }
    if people.is_empty() { Err(wrong("nobody has a score in it".to_owned())) } else { Ok(people) }
}

/// The figures of the plane.
pub fn plane() -> Result<Figures, AssetError> {
    Asset::find(&PLANE_FIGURES, "plane", Path::new(""))?.ron()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(text: &str) -> Asset {
        Asset { label: "x".to_owned(), text: text.to_owned(), path: None }
    }

    #[test]
    fn the_embedded_prompts_are_whole_and_make_a_dozen_pairs_an_axis() {
        let found = Asset::find(&EVERYDAY, "everyday", Path::new("")).and_then(|asset| everyday(&asset));
        let prompts = found.expect("embedded");
        assert!(prompts.len() >= 12);
        let pairs: Vec<LabelledPair> = prompts.iter().flat_map(EverydayPrompt::labelled).collect();
        assert_eq!(pairs.len(), 4 * prompts.len());
    }

    #[test]
    fn a_table_of_people_is_read_by_its_columns_or_refused_with_the_reason() {
        let text = "id;survival_self_expression;traditional_secular\n1;0.5;1\n2;0;0.25\n";
        assert_eq!(humans(&asset(text)), Ok(vec![[1.0, 0.5], [0.25, 0.0]]));
        for (text, part) in [
            ("", "is empty"),
            ("a,b\n1,2", "no column `traditional_secular`"),
            ("traditional_secular,survival_self_expression\n", "nobody"),
            ("traditional_secular,survival_self_expression\n1,2", "line 2"),
            ("traditional_secular,survival_self_expression\n1,x", "line 2"),
            ("traditional_secular,survival_self_expression\n1", "line 2"),
        ] {
            let error = humans(&asset(text)).expect_err("a bad table");
            assert!(error.message.contains(part), "{}", error.message);
        }
    }

    #[test]
    fn prompts_that_lack_something_are_refused() {
        let one = |id: &str, anchor: &str, secular: &str| {
            format!(
                "(id: \"{id}\", text: \"t\", anchor: \"{anchor}\", traditional: \"a\", secular: \"{secular}\", \
                 survival: \"c\", self_expression: \"d\")"
            )
        };
        for (prompts, part) in [
            (String::new(), "no prompt"),
            (format!("{0}, {0}", one("p", "x", "b")), "twice"),
            (one("p", "x", " "), "`secular` of prompt `p` is empty"),
            (one("p", "b", "b"), "the same as its anchor"),
            (one("p/q", "x", "b"), "slash"),
        ] {
            let error = everyday(&asset(&format!("Everyday(name: \"e\", prompts: [{prompts}])"))).expect_err("bad");
            assert!(error.message.contains(part), "{}", error.message);
        }
    }
}
