//! Agents on the platform: how those without a language model put positions into words, and how those with one see the
//! platform and say what they want to do.

pub mod grammar;
#[cfg(test)]
mod nasty;
pub mod prompt;
pub mod read;
pub mod schema;

use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::platform::body::Stance;
use pluriverse_worlds::platform::wording::Wording;

use grammar::Grammar;

impl Wording for Grammar {
    fn title(&self, by: Culture, stance: Stance, out: &mut String) {
        Self::title(self, by, stance, out);
    }

    fn post(&self, by: Culture, stance: Stance, out: &mut String) {
        Self::post(self, by, stance, out);
    }

    fn comment(&self, by: Culture, stance: Stance, out: &mut String) {
        Self::comment(self, by, stance, out);
    }

    fn reply(&self, by: Culture, stance: Stance, out: &mut String) {
        Self::reply(self, by, stance, out);
    }
}
