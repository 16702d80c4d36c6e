//! The published rule, step by step as its scripts apply it.

use super::boxed::{closed_group, python_int};

/// The whole number in the last `\boxed{…}` of a text, or `None`.
///
/// The last `\boxed` counts even when it is garbage and an earlier one is not; `\fbox` is looked at and never yields
/// an answer; `\text{…}` is unwrapped, backslashes are dropped.
pub fn parse(text: &str) -> Option<i32> {
    let start = text.rfind("\\boxed")?;
    let rest = &text[start..];
    // The first brace of either kind decides: one that closes before any opens leaves nothing to read.
    let open = rest.find(['{', '}'])?;
    if rest.as_bytes()[open] == b'}' || &rest[..open] != "\\boxed" {
        return None;
    }
    let inside = closed_group(rest, open)?.to_lowercase();
    let unwrapped = unwrap_text(&inside);
    let plain: String = unwrapped.replace("\\ ", " ").replace('\\', "");
    let words: Vec<&str> = plain.split_whitespace().collect();
    python_int(&words.join(" "))
}

/// Replaces every `\text{…}` by what it holds.
fn unwrap_text(text: &str) -> String {
    const OPENING: &str = "\\text{";
    let mut unwrapped = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(OPENING) {
        let after = &rest[start + OPENING.len()..];
        let Some(end) = after.find('}') else {
            break;
        };
        unwrapped.push_str(&rest[..start]);
        unwrapped.push_str(&after[..end]);
        rest = &after[end + 1..];
    }
    unwrapped + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_box_is_read_as_python_would() {
        let cases = [
            (r"I say \boxed{4}", Some(4)),
            (r"first \boxed{1}, then \boxed{ 2 }", Some(2)),
            (r"\boxed{\text{ 3 }}", Some(3)),
            (r"\boxed{\boxed{5}}", Some(5)),
            (r"\boxed{-2}", Some(-2)),
            (r"\boxed{1_2}", Some(12)),
            (r"\boxed{007}", Some(7)),
            ("\\boxed{\u{0665}}", Some(5)),
            ("\\boxed{\u{FF12}}", Some(2)),
            (r"\boxed{6\ }", Some(6)),
            (r"\boxed{{6}}", None),
            (r"\boxed{6.}", None),
            (r"\boxed{6", None),
            (r"\boxed 6", None),
            (r"\boxed x {6}", None),
            (r"\boxedx{6}", None),
            (r"\Boxed{6}", None),
            (r"\boxed} {6}", None),
            (r"\boxed{6} \boxed{six}", None),
            (r"\fbox{6}", None),
            (r"\boxed{1__2}", None),
            (r"\boxed{_1}", None),
            (r"\boxed{1_}", None),
            (r"\boxed{99999999999}", None),
            (r"\boxed{1000001}", None),
            (r"\boxed{-1000000}", Some(-1_000_000)),
            ("6", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_rule_panic(text in r"(\\boxed|\\text|[{}\\ 0-9_+\-a-zé٣])*") {
            let _ = parse(&text);
        }

        #[test]
        fn any_number_in_a_box_is_read(value in -1_000_000_i32..=1_000_000, before in "[a-z ]*", after in "[a-z .]*") {
            let text = format!("{before}\\boxed{{{value}}}{after}");
            prop_assert_eq!(parse(&text), Some(value));
        }
    }
}
