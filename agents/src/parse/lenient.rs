//! The lenient rule: every usual way of naming an option, as long as only one is named.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::boxed::{closed_group, python_int};

/// The number a text names, or `None` when it names none or several. Not checked against the options.
///
/// Boxes come first, with or without backslash; a text without any is read as a whole: a number, a letter, or one
/// option's own words, alone or behind `answer` or `option`.
pub(super) fn parse(text: &str, options: &[Arc<str>]) -> Option<i32> {
    let lower = text.to_lowercase();
    let boxes = boxes(&lower);
    if boxes.is_empty() {
        return phrase(&lower, options);
    }
    let named: BTreeSet<Option<i32>> = boxes.iter().map(|inside| phrase(inside, options)).collect();
    let numbers: BTreeSet<i32> = named.into_iter().flatten().collect();
    only(&numbers)
}

fn only(numbers: &BTreeSet<i32>) -> Option<i32> {
    numbers.first().copied().filter(|_| numbers.len() == 1)
}

/// What stands in the innermost `boxed{…}` groups, unclosed ones included.
pub(crate) fn boxes(text: &str) -> Vec<&str> {
    const NAME: &str = "boxed";
    text.match_indices(NAME)
        .filter_map(|(start, _)| {
            let after = start + NAME.len();
            let open = after + text[after..].find(|character: char| !character.is_whitespace())?;
            if text.as_bytes()[open] != b'{' {
                return None;
            }
            let inside = closed_group(text, open).unwrap_or(&text[open + 1..]);
            (!inside.contains(NAME)).then_some(inside)
        })
        .collect()
}

/// The number a short phrase names.
fn phrase(text: &str, options: &[Arc<str>]) -> Option<i32> {
    let digits = text.trim();
    // Nearly every reply is a bare number, and where no option's words begin with one it names that option.
    if digits.len() <= 6
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !options.iter().any(|option| option.starts_with(|character: char| character.is_ascii_digit()))
        && let Ok(number) = digits.parse()
    {
        return Some(number);
    }
    let mut text = plain(text);
    for lead in ["the answer is", "my answer is", "answer", "option"] {
        if let Some(rest) = text.strip_prefix(lead) {
            text = rest.trim_start_matches([':', ' ']).to_owned();
        }
    }
    let bare = text.trim_end_matches('.').trim();
    if let Some(position) = options.iter().position(|option| words_equal(option, bare)) {
        return Some(position as i32 + 1);
    }
    if let Some(number) = python_int(bare.trim_matches(['(', ')'])) {
        return Some(number);
    }
    let (mark, words) = split_mark(bare);
    let number = python_int(mark).or_else(|| letter(mark, options.len()))?;
    // Words behind the mark must be the option's own, or there are two candidates.
    let matches = match usize::try_from(number - 1).ok().and_then(|index| options.get(index)) {
        Some(option) => words.is_empty() || words_equal(option, words),
        None => words.is_empty(),
    };
    matches.then_some(number)
}

/// Splits `b) yes`, `(b) yes`, `3. yes` or a lone letter into the mark and the words behind it.
fn split_mark(text: &str) -> (&str, &str) {
    let text = text.strip_prefix('(').unwrap_or(text);
    match text.find([')', '.', ':']) {
        Some(end) => (text[..end].trim(), text[end + 1..].trim()),
        None => (text, ""),
    }
}

fn letter(mark: &str, options: usize) -> Option<i32> {
    let mut characters = mark.chars();
    let letter = characters.next().filter(char::is_ascii_lowercase)?;
    let index = (letter as u8 - b'a') as usize;
    (characters.next().is_none() && index < options).then_some(index as i32 + 1)
}

/// Without LaTeX commands, dollar signs, asterisks and braces; white space folded.
fn plain(text: &str) -> String {
    let mut plain = text.to_owned();
    for command in ["\\text", "\\textbf", "\\mathrm", "\\mathbf"] {
        plain = plain.replace(&format!("{command}{{"), "{");
    }
    let kept: String = plain
        .chars()
        .map(|character| if matches!(character, '{' | '}' | '$' | '*' | '\\' | '"') { ' ' } else { character })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words_equal(option: &str, words: &str) -> bool {
    let fold = |text: &str| plain(&text.to_lowercase()).trim_matches(['.', ',', '!', ' ']).to_owned();
    fold(option) == fold(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn options() -> Vec<Arc<str>> {
        ["Yes, often", "Sometimes", "No"].map(Arc::from).to_vec()
    }

    #[test]
    fn every_usual_way_of_naming_one_option_is_understood() {
        let cases = [
            (r"\boxed{2}", Some(2)),
            ("boxed{2}", Some(2)),
            ("Boxed{2", Some(2)),
            (r"\boxed{{2}}", Some(2)),
            (r"\boxed{\textbf{2}}", Some(2)),
            (r"\boxed{2. Sometimes}", Some(2)),
            (r"\boxed{sometimes}", Some(2)),
            (r"\boxed{2} because \boxed{2}", Some(2)),
            (r"\boxed{2} or \boxed{3}", None),
            (r"\boxed{2, 3}", None),
            (r"\boxed{2. No}", None),
            (r"\boxed{number} \boxed{1}", Some(1)),
            ("2", Some(2)),
            ("2.", Some(2)),
            ("(2)", Some(2)),
            ("b)", Some(2)),
            ("(b)", Some(2)),
            ("b) Sometimes", Some(2)),
            ("B", Some(2)),
            ("b) No", None),
            ("Answer: 3", Some(3)),
            ("Option 1", Some(1)),
            ("**3**", Some(3)),
            ("no.", Some(3)),
            ("yes, often", Some(1)),
            ("7", Some(7)),
            ("I would say 2 or 3", None),
            ("d)", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text, &options()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_rule_panic(text in r"(\\?boxed|\\text|[{}()\\ 0-9_+\-.:a-zé٣])*") {
            let _ = parse(&text, &options());
        }
    }
}
