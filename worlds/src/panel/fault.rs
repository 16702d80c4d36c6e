//! Why a panel cannot be corrected with.

/// What is wrong with a panel, its draws or its settings.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum PanelFault {
    /// Disagreement needs two personas.
    #[error("a panel of {found} has no disagreement to measure: at least 2 personas are needed")]
    TooFew {
        /// How many personas answered.
        found: usize,
    },
    /// A gap of the base prompt that is no number.
    #[error("the gap of the base prompt is {gap}, not a finite number")]
    BaseGap {
        /// The gap.
        gap: f64,
    },
    /// A persona's gap that is no number.
    #[error("the gap of persona {persona} is {gap}, not a finite number")]
    PersonaGap {
        /// Its place in the panel, from 1.
        persona: usize,
        /// The gap.
        gap: f64,
    },
    /// Reliability compares passes.
    #[error("{found} passes of draws: reliability compares at least 2")]
    TooFewPasses {
        /// How many passes there are.
        found: usize,
    },
    /// A pass without draws, or with one that is no number.
    #[error("pass {pass} has no draws, or one that is not a finite number")]
    Draws {
        /// Which pass, from 1.
        pass: usize,
    },
    /// A setting outside its range.
    #[error("`{setting}` is {value}: it must be {range}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        range: &'static str,
    },
    /// Expected scores need options in order.
    #[error("the options of this item have no order: expected scores and tilts are for ordinal and binary items")]
    Nominal,
    /// Figures by option that are no distribution.
    #[error("{problem}: no distribution over options can be made of this")]
    Shares {
        /// What is wrong with them.
        problem: &'static str,
    },
    /// Distributions over unlike options.
    #[error("{whose} answered an item of {found} options, the base prompt one of {expected}")]
    OptionCounts {
        /// Who it is.
        whose: String,
        /// How many options it has.
        found: usize,
        /// How many the base prompt has.
        expected: usize,
    },
}
