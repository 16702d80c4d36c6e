//! The constants of a panel, with the published defaults (arXiv 2605.10843).

use serde::{Deserialize, Serialize};

use super::blend::SafeBlend;
use super::fault::PanelFault;
use super::prior::PriorSettings;

/// Where the paper and the published code differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Rule {
    /// As the paper states it.
    #[default]
    Paper,
    /// As the published code does it.
    Code,
}

impl Rule {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Code => "code",
        }
    }
}

/// How far the base is moved to the panel's mean before the sampled correction is added.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Shrinkage {
    /// As the anchor rule says.
    #[default]
    Off,
    /// By the plug-in estimate of the least-risk share, in place of the anchor rule. Ours, not the paper's.
    PlugIn,
}

/// Whether decisions are pulled to a running mean of earlier ones for the same country.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub enum RunningPrior {
    /// Every scenario by itself.
    #[default]
    Off,
    /// As in the published headline runs; results then depend on the order of scenarios.
    On(PriorSettings),
}

/// Whether a corrected gap is blended into the base gap behind safety gates.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub enum Blend {
    /// The corrected gap is the gap.
    #[default]
    Off,
    /// As in the published open-ended runs.
    Safe(SafeBlend),
}

/// The value function of prospect theory (Tversky & Kahneman 1992): z^α for gains, −κ(−z)^β for losses.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValueFunction {
    /// α, above 0.
    pub gains: f64,
    /// β, above 0.
    pub losses: f64,
    /// κ, at least 0.
    pub aversion: f64,
    /// f: no value falls below −f; `None` sets no floor. Above 0.
    pub floor: Option<f64>,
}

impl Default for ValueFunction {
    fn default() -> Self {
        Self { gains: 0.88, losses: 0.88, aversion: 2.25, floor: None }
    }
}

/// Everything a panel's correction depends on besides gaps and draws.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PanelSettings {
    /// N: how many personas are asked, at least 2. Formulas take as many as they are given.
    pub personas: u32,
    /// How many independent passes of draws are compared, at least 2.
    pub passes: u32,
    /// K_half: draws of each pass, at least 1.
    pub draws: u32,
    /// σ: standard deviation of the draws and scale of gains and losses, in units of gaps; above 0.
    pub sigma: f64,
    /// `Paper`: σ as it stands. `Code`: the standard deviation of the panel where that is larger.
    pub sigma_rule: Rule,
    /// λ: weight of the panel's mean as one more party, 0 to 1.
    pub consensus: f64,
    /// η: temperature of the importance weights, above 0.
    pub temperature: f64,
    /// ρ_eff: a pass with a smaller effective share of its draws counts as 0. Above 0, at most 1.
    pub effective: f64,
    /// The value function.
    pub value: ValueFunction,
    /// s: squared difference of passes at which reliability is 1/e; above 0.
    pub reliability: f64,
    /// `Paper`: min(1, mean effective share / ρ_eff). `Code`: the least effective share, held between ρ_eff and 1.
    pub anchor: Rule,
    /// What replaces the anchor, if anything.
    pub shrinkage: Shrinkage,
    /// T_dec: temperature at which a gap becomes a probability, above 0.
    pub decision_temperature: f64,
    /// The running country prior.
    pub running_prior: RunningPrior,
    /// The safe blend.
    pub blend: Blend,
    /// c: expected scores of ordinal items are put on −c to c, where σ and s apply as they do to gaps; above 0. Ours.
    pub ordinal_scale: f64,
}

impl Default for PanelSettings {
    fn default() -> Self {
        Self {
            personas: 4,
            passes: 2,
            draws: 64,
            sigma: 0.3,
            sigma_rule: Rule::Paper,
            consensus: 0.7,
            temperature: 0.5,
            effective: 0.1,
            value: ValueFunction::default(),
            reliability: 0.04,
            anchor: Rule::Paper,
            shrinkage: Shrinkage::Off,
            decision_temperature: 0.5,
            running_prior: RunningPrior::Off,
            blend: Blend::Off,
            ordinal_scale: 1.0,
        }
    }
}

impl PanelSettings {
    /// Says which setting lies outside its range, the first one found.
    pub fn check(&self) -> Result<(), PanelFault> {
        at_least("personas", f64::from(self.personas), 2.0, "at least 2")?;
        at_least("passes", f64::from(self.passes), 2.0, "at least 2")?;
        at_least("draws", f64::from(self.draws), 1.0, "at least 1")?;
        positive("sigma", self.sigma)?;
        share("consensus", self.consensus)?;
        positive("temperature", self.temperature)?;
        positive("effective", self.effective)?;
        share("effective", self.effective)?;
        positive("value.gains", self.value.gains)?;
        positive("value.losses", self.value.losses)?;
        at_least("value.aversion", self.value.aversion, 0.0, "finite and at least 0")?;
        self.value.floor.map_or(Ok(()), |floor| positive("value.floor", floor))?;
        positive("reliability", self.reliability)?;
        positive("decision_temperature", self.decision_temperature)?;
        positive("ordinal_scale", self.ordinal_scale)?;
        if let RunningPrior::On(prior) = &self.running_prior {
            prior.check()?;
        }
        if let Blend::Safe(blend) = &self.blend {
            blend.check()?;
        }
        Ok(())
    }
}

/// A finite number above 0.
pub(super) fn positive(setting: &'static str, value: f64) -> Result<(), PanelFault> {
    let range = "finite and above 0";
    if value.is_finite() && value > 0.0 { Ok(()) } else { Err(PanelFault::Setting { setting, value, range }) }
}

/// A finite number from 0 to 1.
pub(super) fn share(setting: &'static str, value: f64) -> Result<(), PanelFault> {
    let range = "from 0 to 1";
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(PanelFault::Setting { setting, value, range }) }
}

/// A finite number not below another.
pub(super) fn at_least(setting: &'static str, value: f64, least: f64, range: &'static str) -> Result<(), PanelFault> {
    if value.is_finite() && value >= least { Ok(()) } else { Err(PanelFault::Setting { setting, value, range }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_gives_the_published_constants_and_an_unknown_field_is_refused() {
        let read: PanelSettings = serde_json::from_str("{}").expect("defaults");
        assert_eq!(read, PanelSettings::default());
        assert_eq!(read.check(), Ok(()));
        let on: PanelSettings =
            serde_json::from_str(r#"{"anchor": "Code", "running_prior": {"On": {}}, "blend": {"Safe": {}}}"#)
                .expect("options by name");
        assert_eq!(on.anchor, Rule::Code);
        assert_eq!(on.running_prior, RunningPrior::On(PriorSettings::default()));
        assert!(serde_json::from_str::<PanelSettings>(r#"{"sigmas": 1}"#).is_err());
    }

    #[test]
    fn settings_outside_their_range_are_named() {
        let default = PanelSettings::default();
        let cases = [
            ("personas", PanelSettings { personas: 1, ..default }),
            ("passes", PanelSettings { passes: 1, ..default }),
            ("draws", PanelSettings { draws: 0, ..default }),
            ("sigma", PanelSettings { sigma: 0.0, ..default }),
            ("consensus", PanelSettings { consensus: 1.1, ..default }),
            ("temperature", PanelSettings { temperature: f64::NAN, ..default }),
            ("effective", PanelSettings { effective: 0.0, ..default }),
            ("value.floor", PanelSettings { value: ValueFunction { floor: Some(-1.0), ..default.value }, ..default }),
            ("reliability", PanelSettings { reliability: -0.04, ..default }),
            ("decision_temperature", PanelSettings { decision_temperature: f64::INFINITY, ..default }),
        ];
        for (name, settings) in cases {
            match settings.check() {
                Err(PanelFault::Setting { setting, .. }) => assert_eq!(setting, name),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}
