//! Overrides from the command line: `--set a.b=value` edits the text before it is read, so that diagnostics show what
//! was really asked for.

use super::outline::{Step, outline};

/// Applies `key=value`, where key is a path of field names, map keys and list positions joined by dots and value is
/// RON. A field that is not there yet is added.
pub fn apply(text: &str, setting: &str) -> Result<String, String> {
    let (key, value) = setting
        .split_once('=')
        .ok_or_else(|| format!("`--set {setting}`: write key=value, for example --set reference.statistic=Mean"))?;
    let steps: Vec<Step> = key
        .split('.')
        .map(|step| {
            step.trim()
                .parse::<usize>()
                .map_or_else(|_| Step::Name(step.trim().to_owned()), Step::Index)
        })
        .collect();
    let root = outline(text).ok_or("the scenario's brackets do not match: overrides need a whole file")?;
    if let (Some(child), true) = root.nearest(&steps) {
        let span = &child.value.span;
        // A text may be given without its quotes, which shells eat.
        let quoted = text[span.clone()].starts_with('"') && !value.starts_with('"');
        let value = if quoted { format!("{value:?}") } else { value.to_owned() };
        return Ok(format!("{}{value}{}", &text[..span.start], &text[span.end..]));
    }
    let (last, parents) = steps.split_last().ok_or("an empty key")?;
    let Step::Name(name) = last else {
        return Err(format!("`--set {key}`: there is no element {key}"));
    };
    let parent = match root.nearest(parents) {
        (Some(child), true) => &child.value,
        (None, true) => &root,
        _ => return insert_nested(text, &steps, value),
    };
    if !parent.open {
        return Err(format!("`--set {key}`: its parent holds no fields"));
    }
    let at = parent.span.end - 1;
    let separator = match parent.children.last() {
        Some(child) if !text[child.span.end..at].contains(',') => ", ",
        _ => " ",
    };
    Ok(format!("{}{separator}{name}: {value}{}", &text[..at], &text[at..]))
}

/// Adds a field of a struct that is itself not written out, such as `reference.statistic` where `reference` is left
/// to its default: the struct is added with this field alone, the rest keeps its defaults.
fn insert_nested(text: &str, steps: &[Step], value: &str) -> Result<String, String> {
    match steps {
        [Step::Name(outer), Step::Name(inner)] => apply(text, &format!("{outer}=({inner}: {value})")),
        _ => Err("the value that should hold it is not there".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_replaced_or_added_where_they_belong() {
        let text = "Scenario(seed: 1, backbones: {\"a\": Surrogate(preset: \"p\")}, timeline: [Survey])";
        let cases = [
            ("seed=7", "seed: 7"),
            ("backbones.a.preset=q", "preset: \"q\""),
            ("backbones.a.preset=\"q\"", "preset: \"q\""),
            ("timeline.0=Exposure(rounds: 2)", "[Exposure(rounds: 2)]"),
            ("parse=Paper", "[Survey], parse: Paper)"),
            ("reference.statistic=Mean", "reference: (statistic: Mean))"),
        ];
        for (setting, expected) in cases {
            let edited = apply(text, setting).expect("it applies");
            assert!(edited.contains(expected), "{setting}: {edited}");
        }
        for wrong in ["seed", "timeline.4=Survey", "seed.x=1"] {
            assert!(apply(text, wrong).is_err(), "{wrong}");
        }
    }
}
