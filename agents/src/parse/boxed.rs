//! Boxes in model output, and numbers as Python's `int()` reads them.

/// The text from the opening brace at `open` (a byte index of `{`) to the brace that closes it, without either.
pub(super) fn closed_group(text: &str, open: usize) -> Option<&str> {
    let mut depth = 0_u32;
    for (index, character) in text[open..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => {
                // A closing brace before any opening one cannot occur: `open` is one.
                depth -= 1;
                if depth == 0 {
                    return Some(&text[open + 1..open + index]);
                }
            }
            _ => {}
        }
    }
    None
}

/// A whole number as Python's `int()` reads it: optional sign, decimal digits of any script, single underscores
/// between digits, white space around. Numbers beyond [`LARGEST`] are no answers: no survey has such an option, and
/// squares of sums of them would leave whole numbers.
pub(super) fn python_int(text: &str) -> Option<i32> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let mut value: i64 = 0;
    let mut after_digit = false;
    for character in digits.chars() {
        if character == '_' && after_digit {
            after_digit = false;
            continue;
        }
        value = value.checked_mul(10)?.checked_add(decimal_digit(character)?)?;
        after_digit = true;
    }
    if !after_digit {
        return None;
    }
    let value = i32::try_from(if negative { -value } else { value }).ok()?;
    (value.abs() <= LARGEST).then_some(value)
}

/// The largest number, either way, that counts as an answer.
pub(super) const LARGEST: i32 = 1_000_000;

/// First code points of the runs of ten decimal digits (Unicode category Nd) in the scripts models write.
const DIGIT_ZEROS: [u32; 24] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1B50, 0xFF10,
];

fn decimal_digit(character: char) -> Option<i64> {
    let code = u32::from(character);
    DIGIT_ZEROS.iter().find(|&&zero| (zero..zero + 10).contains(&code)).map(|zero| i64::from(code - zero))
}
