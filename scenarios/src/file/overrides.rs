//! Overrides from the command line: `--set a.b=value` edits the text before it is read, so that diagnostics show what
//! was really asked for.

use super::outline::{Step, outline};

/// Applies `key=value`, where key is a path of field names, map keys and list positions joined by dots and value is
/// RON. A field that is not there yet is added.
pub fn apply(text: &str, setting: &str) -> Result<String, String> {
    let (key, value) = setting
        .split_once('=')
        .ok_or_else(|| format!("`--set {setting}`: write key=value, for example --set reference.statistic=Mean"))?;
    let steps = steps(key)?;
    let value = &in_quotes(value);
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
        _ => return insert_nested(text, &steps, key, value),
    };
    if !parent.open {
        return Err(format!("`--set {key}`: its parent holds no fields"));
    }
    let at = parent.span.end - 1;
    let separator = match parent.children.last() {
        Some(child) if !text[child.span.end..at].contains(',') => ", ",
        _ => " ",
    };
    // Names are fields in parentheses and texts in braces.
    let name = if text[at..].starts_with('}') { format!("{name:?}") } else { name.clone() };
    Ok(format!("{}{separator}{name}: {value}{}", &text[..at], &text[at..]))
}

/// A path given without its quotes, which shells eat, gets them back; everything else is RON as it is.
fn in_quotes(value: &str) -> String {
    let before_fields = value.split('(').next().unwrap_or_default();
    if before_fields.contains('/') && !value.starts_with(['"', '[', '{']) {
        format!("{value:?}")
    } else {
        value.to_owned()
    }
}

/// The steps of a key; a name that holds dots stands in double quotes.
fn steps(key: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = key.trim();
    while !rest.is_empty() {
        let (step, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"').ok_or_else(|| format!("`--set {key}`: a quote is not closed"))?;
            (Step::Name(quoted[..end].to_owned()), &quoted[end + 1..])
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let name = rest[..end].trim();
            (name.parse().map_or_else(|_| Step::Name(name.to_owned()), Step::Index), &rest[end..])
        };
        steps.push(step);
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    if steps.is_empty() || steps.contains(&Step::Name(String::new())) {
        return Err(format!("`--set {key}=…`: a key is names joined by dots, for example reference.statistic"));
    }
    Ok(steps)
}

/// Adds a field of a struct that is itself not written out, such as `reference.statistic` where `reference` is left
/// to its default: the struct is added with this field alone, the rest keeps its defaults.
fn insert_nested(text: &str, steps: &[Step], key: &str, value: &str) -> Result<String, String> {
    match steps {
        [Step::Name(outer), Step::Name(inner)] if matches!(outer.as_str(), "societies" | "backbones") => {
            apply(text, &format!("{outer}={{{inner:?}: {value}}}"))
        }
        [Step::Name(outer), Step::Name(inner)] => apply(text, &format!("{outer}=({inner}: {value})")),
        _ => Err(format!("`--set {key}`: the scenario holds nothing at that place")),
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
            ("backbones.\"b.1\"=Surrogate(preset: \"q\")", ", \"b.1\": Surrogate"),
            ("survey=/a/b.ron", "survey: \"/a/b.ron\""),
            ("reference.figures=a/b.csv", "reference: (figures: \"a/b.csv\")"),
            ("parse=Paper", "[Survey], parse: Paper)"),
            ("reference.statistic=Mean", "reference: (statistic: Mean))"),
        ];
        for (setting, expected) in cases {
            let edited = apply(text, setting).expect("it applies");
            assert!(edited.contains(expected), "{setting}: {edited}");
        }
        for wrong in ["seed", "timeline.4=Survey", "seed.x=1", "=3", "a.b.c=1", "\"a=1"] {
            assert!(apply(text, wrong).is_err(), "{wrong}");
        }
    }
}
