//! The open-ended variant: a judge reads a free reply and says which option it commits to, and how clearly.

use serde::{Deserialize, Serialize};

/// The temperature at which published runs turn confidence into gaps.
pub const JUDGE_TEMPERATURE: f64 = 1.0;

/// Confidence is held between 1 − this and this.
pub const MOST_CONFIDENT: f64 = 0.99;

/// Characters of a reply that a judge is shown at most.
pub const LONGEST_REPLY: usize = 4_000;

/// What a reply commits to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Choice {
    /// The option labelled A.
    A,
    /// The option labelled B.
    B,
    /// Neither, or the judge's words could not be read.
    Uncertain,
}

/// A judge's verdict.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// The option.
    pub choice: Choice,
    /// Clarity of the commitment, 0 to 1.
    pub confidence: f64,
}

impl Verdict {
    /// No commitment.
    pub const UNCERTAIN: Self = Self { choice: Choice::Uncertain, confidence: 0.0 };

    /// Reads the JSON object `{"choice": "A" | "B" | "UNCERTAIN", "confidence": number}` out of a judge's reply: the
    /// first object that has both fields. Whatever cannot be read is [`Self::UNCERTAIN`].
    pub fn read(reply: &str) -> Self {
        Self::find(reply).unwrap_or(Self::UNCERTAIN)
    }

    /// The same; `None` where nothing can be read, so that a judge that failed is not taken for one in doubt.
    pub fn find(reply: &str) -> Option<Self> {
        let mut starts = reply.char_indices().filter(|(_, character)| *character == '{').map(|(place, _)| place);
        starts.find_map(|start| Self::read_object(&reply[start..]))
    }

    fn read_object(text: &str) -> Option<Self> {
        let object = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>().next()?.ok()?;
        let choice = object.get("choice")?.as_str()?.trim().to_ascii_uppercase();
        let confidence = object.get("confidence")?.as_f64().filter(|confidence| (0.0..=1.0).contains(confidence))?;
        match choice.as_str() {
            "A" => Some(Self { choice: Choice::A, confidence }),
            "B" => Some(Self { choice: Choice::B, confidence }),
            "UNCERTAIN" => Some(Self { choice: Choice::Uncertain, confidence }),
            _ => None,
        }
    }

    /// T·ln(p_B/(1 − p_B)) with p_B the confidence in B or one less that in A, held within [`MOST_CONFIDENT`]; 0 where
    /// uncertain. As published: a choice with a confidence below one half leans the other way.
    pub fn gap(self, temperature: f64) -> f64 {
        let confidence = self.confidence.clamp(1.0 - MOST_CONFIDENT, MOST_CONFIDENT);
        let log_odds = libm::log(confidence) - libm::log(1.0 - confidence);
        match self.choice {
            Choice::A => -temperature * log_odds,
            Choice::B => temperature * log_odds,
            Choice::Uncertain => 0.0,
        }
    }
}

/// As much of a reply as a judge is shown.
pub fn shown_to_judge(reply: &str) -> &str {
    reply.char_indices().nth(LONGEST_REPLY).map_or(reply, |(end, _)| &reply[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_read_wherever_they_stand_and_nothing_else_is() {
        let b = Verdict { choice: Choice::B, confidence: 0.8 };
        let cases = [
            (r#"{"choice": "B", "confidence": 0.8}"#, b),
            ("Here it is:\n```json\n{\"choice\": \" b \", \"confidence\": 0.8, \"why\": \"{}\"}\n```", b),
            (r#"{"note": 1} {"choice": "B", "confidence": 0.8}"#, b),
            (r#"{"choice": "B", "confidence": 1.8}"#, Verdict::UNCERTAIN),
            (r#"{"choice": "C", "confidence": 0.8}"#, Verdict::UNCERTAIN),
            (r#"{"choice": "B""#, Verdict::UNCERTAIN),
            ("B", Verdict::UNCERTAIN),
            ("", Verdict::UNCERTAIN),
            ("{{{é", Verdict::UNCERTAIN),
        ];
        for (reply, verdict) in cases {
            assert_eq!(Verdict::read(reply), verdict, "{reply}");
        }
    }

    #[test]
    fn confidence_becomes_log_odds_within_bounds() {
        let gap = |choice, confidence| Verdict { choice, confidence }.gap(JUDGE_TEMPERATURE);
        assert!((gap(Choice::B, 0.8) - libm::log(4.0)).abs() < 1e-12);
        assert!((gap(Choice::A, 0.8) + libm::log(4.0)).abs() < 1e-12);
        assert!((gap(Choice::B, 1.0) - libm::log(99.0)).abs() < 1e-9);
        assert!((gap(Choice::B, 0.0) + libm::log(99.0)).abs() < 1e-9);
        assert!(gap(Choice::Uncertain, 0.9).abs() < 1e-15);
    }

    #[test]
    fn long_replies_are_cut_between_characters() {
        let reply = "é".repeat(5_000);
        assert_eq!(shown_to_judge(&reply).chars().count(), LONGEST_REPLY);
        assert_eq!(shown_to_judge("short"), "short");
    }
}
