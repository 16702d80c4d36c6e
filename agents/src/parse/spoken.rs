//! What a model says, apart from what it thinks aloud.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// The text behind what a model thought aloud. Nothing of a text that ends while it still thinks; a text that begins
/// inside the thinking (some prompts open it themselves) is taken from where it ends.
pub fn spoken(text: &str) -> &str {
    if let Some(end) = text.rfind(CLOSE) {
        return text[end + CLOSE.len()..].trim();
    }
    match text.find(OPEN) {
        Some(start) => text[..start].trim(),
        None => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinking_aloud_is_not_speaking() {
        let cases = [
            ("<think>1 or 2?</think>\n\\boxed{2}", "\\boxed{2}"),
            ("1 or 2?</think> 2", "2"),
            ("<think>is it \\boxed{1}", ""),
            ("<think></think>3", "3"),
            ("<think>a</think>b<think>c</think> d", "d"),
            (" plain ", "plain"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(spoken(text), expected, "{text}");
        }
    }
}
