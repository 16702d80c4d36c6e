//! Keeping secrets out of everything that is written, shown or logged.

use std::borrow::Cow;

/// What stands in a secret's place.
const HIDDEN: &str = "[hidden]";

/// Shorter keys are dummies such as `EMPTY` or `none`, which servers without keys are given; hiding them would tear
/// holes into replies.
const SHORTEST: usize = 8;

/// Texts that must never be written down.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} secrets", self.0.len())
    }
}

impl Secrets {
    /// These texts of at least eight characters, and what they look like in an address.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let long = texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| text.len() >= SHORTEST);
        Self(long.flat_map(|text| [percent_encoded(&text), text]).collect())
    }

    /// The text without any of them.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut hidden = Cow::Borrowed(text);
        for secret in &self.0 {
            if hidden.contains(secret.as_str()) {
                hidden = Cow::Owned(hidden.replace(secret.as_str(), HIDDEN));
            }
        }
        hidden
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded + &char::from(byte).to_string()
        } else {
            encoded + &format!("%{byte:02X}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_wherever_it_stands_and_a_dummy_is_not() {
        let secrets = Secrets::new(["sk-live/4711".to_owned(), "EMPTY".to_owned()]);
        assert_eq!(secrets.hide("key sk-live/4711, key sk-live%2F4711"), "key [hidden], key [hidden]");
        assert_eq!(secrets.hide("EMPTY"), "EMPTY");
        assert!(matches!(secrets.hide("nothing"), Cow::Borrowed(_)));
        assert!(!format!("{secrets:?}").contains("4711"));
    }
}
