//! Jury-pluralistic benchmark: what an outcome is worth to every juror, and the welfare of all by power means.

/// A power mean, by the name of its welfare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Power {
    /// p = 1: the arithmetic mean.
    Utilitarian,
    /// p = 0: the geometric mean.
    Nash,
    /// p = −1: the harmonic mean.
    Harmonic,
    /// p = −∞: the least.
    Rawls,
}

impl Power {
    /// Every power, from the largest to the smallest mean.
    pub const ALL: [Self; 4] = [Self::Utilitarian, Self::Nash, Self::Harmonic, Self::Rawls];

    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utilitarian => "utilitarian",
            Self::Nash => "nash",
            Self::Harmonic => "harmonic",
            Self::Rawls => "rawls",
        }
    }
}

/// What is done about jurors who get nothing, for whom means of powers up to 0 are 0.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Zeros {
    /// Nothing: one juror at 0 makes these means 0, their limit.
    #[default]
    Limit,
    /// Utilities in 0 to 1 are carried to ε to 1, for every power alike, as ε + (1 − ε)u. Figures depend on ε, 0 < ε < 1,
    /// which is to be printed with them.
    Rescale(f64),
}

/// Somebody with a say.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Juror {
    /// How many people it stands for, above 0.
    pub weight: f64,
    /// What the outcome is worth to it, 0 to 1.
    pub utility: f64,
}

/// Welfare of a jury.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Welfare {
    /// Arithmetic mean of utilities.
    pub utilitarian: f64,
    /// Geometric mean.
    pub nash: f64,
    /// Harmonic mean.
    pub harmonic: f64,
    /// Least utility.
    pub rawls: f64,
    /// Gini coefficient of the utilities as they are, from 0 to below 1; 0 where nobody has anything.
    pub gini: f64,
    /// How many jurors there are.
    pub jurors: u64,
    /// How many of them get nothing.
    pub with_nothing: u64,
}

impl Welfare {
    /// The mean of a power.
    pub const fn of(&self, power: Power) -> f64 {
        match power {
            Power::Utilitarian => self.utilitarian,
            Power::Nash => self.nash,
            Power::Harmonic => self.harmonic,
            Power::Rawls => self.rawls,
        }
    }
}

/// Why there is no welfare.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JuryFault {
    /// Nobody.
    #[error("there are no jurors")]
    Empty,
    /// A utility that is none.
    #[error("the utility of juror {0} is not from 0 to 1")]
    Utility(usize),
    /// A weight that is none.
    #[error("the weight of juror {0} is not a number above 0")]
    Weight(usize),
    /// An ε that is none.
    #[error("utilities can be rescaled to ε to 1 only for 0 < ε < 1")]
    Rescale,
}

/// Welfare over jurors: w_p = (Σ w u^p / Σ w)^(1/p) for p = 1, 0 (its limit), −1, −∞; agents, or human profiles with the
/// number of people they stand for.
pub fn welfare(jurors: &[Juror], zeros: Zeros) -> Result<Welfare, JuryFault> {
    let floor = match zeros {
        Zeros::Limit => 0.0,
        Zeros::Rescale(floor) if floor > 0.0 && floor < 1.0 => floor,
        Zeros::Rescale(_) => return Err(JuryFault::Rescale),
    };
    if jurors.is_empty() {
        return Err(JuryFault::Empty);
    }
    for (place, juror) in jurors.iter().enumerate() {
        if !(0.0..=1.0).contains(&juror.utility) {
            return Err(JuryFault::Utility(place + 1));
        }
        if !(juror.weight > 0.0 && juror.weight.is_finite()) {
            return Err(JuryFault::Weight(place + 1));
        }
    }
    let scaled: Vec<Juror> =
        jurors.iter().map(|juror| Juror { utility: floor + (1.0 - floor) * juror.utility, ..*juror }).collect();
    let of = |power| power_mean(&scaled, power);
    Ok(Welfare {
        utilitarian: of(Power::Utilitarian),
        nash: of(Power::Nash),
        harmonic: of(Power::Harmonic),
        rawls: of(Power::Rawls),
        gini: gini(jurors),
        jurors: jurors.len() as u64,
        with_nothing: jurors.iter().filter(|juror| juror.utility <= 0.0).count() as u64,
    })
}

/// What a budgeting outcome is worth to somebody with these utilities of projects, as a share of all they could get:
/// Σ over funded u / Σ u, 0 to 1. With utilities 1 for the projects approved and 0 for the others, |ballot ∩ funded| /
/// |ballot|. Of a human profile, utilities are whatever its people's answers say of each project. `None` for somebody who
/// wants nothing, or with a utility below 0; places of projects that are not there, or twice, count once or not at all.
pub fn satisfaction(utilities: &[f64], funded: &[usize]) -> Option<f64> {
    if utilities.iter().any(|utility| !(utility.is_finite() && *utility >= 0.0)) {
        return None;
    }
    let mut is_funded = vec![false; utilities.len()];
    for &project in funded {
        if let Some(is_funded) = is_funded.get_mut(project) {
            *is_funded = true;
        }
    }
    let total: f64 = utilities.iter().sum();
    let had: f64 =
        utilities.iter().zip(&is_funded).filter(|(_, is_funded)| **is_funded).map(|(utility, _)| utility).sum();
    (total > 0.0).then(|| (had / total).min(1.0))
}

/// The same for an approval ballot: |ballot ∩ funded| / |ballot|; `None` for an empty one.
pub fn approval_satisfaction(ballot: &[usize], funded: &[usize]) -> Option<f64> {
    let mut distinct = ballot.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let had = distinct.iter().filter(|project| funded.contains(project)).count();
    (!distinct.is_empty()).then(|| had as f64 / distinct.len() as f64)
}

/// Of checked jurors.
fn power_mean(jurors: &[Juror], power: Power) -> f64 {
    let total: f64 = jurors.iter().map(|juror| juror.weight).sum();
    let mean = |of: fn(f64) -> f64| jurors.iter().map(|juror| juror.weight * of(juror.utility)).sum::<f64>() / total;
    let least = jurors.iter().map(|juror| juror.utility).fold(f64::INFINITY, f64::min);
    let largest = jurors.iter().map(|juror| juror.utility).fold(0.0, f64::max);
    let found = match power {
        Power::Utilitarian => mean(|utility| utility),
        Power::Rawls => least,
        // The limit: one juror with nothing.
        Power::Nash | Power::Harmonic if least <= 0.0 => 0.0,
        Power::Nash => libm::exp(mean(libm::log)),
        Power::Harmonic => 1.0 / mean(|utility| 1.0 / utility),
    };
    // Rounding never carries a mean beyond what it is a mean of.
    found.clamp(least.min(largest), largest)
}

fn gini(jurors: &[Juror]) -> f64 {
    let mut sorted = jurors.to_vec();
    sorted.sort_by(|a, b| a.utility.total_cmp(&b.utility));
    let holders: f64 = sorted.iter().map(|juror| juror.weight).sum();
    let (mut below, mut above, mut total) = (0.0, 0.0, 0.0);
    for Juror { weight, utility } in sorted {
        above += utility * weight * (2.0 * below + weight - holders);
        below += weight;
        total += utility * weight;
    }
    if total > 0.0 { (above / (holders * total)).max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jurors(utilities: &[f64]) -> Vec<Juror> {
        utilities.iter().map(|&utility| Juror { weight: 1.0, utility }).collect()
    }

    #[test]
    fn means_are_those_worked_out_by_hand() {
        let found = welfare(&jurors(&[0.25, 1.0]), Zeros::Limit).expect("jurors");
        assert_eq!((found.utilitarian, found.harmonic, found.rawls), (0.625, 0.4, 0.25));
        assert!((found.nash - 0.5).abs() < 1e-12 && (found.gini - 0.3).abs() < 1e-12);
        let weighted = [Juror { weight: 3.0, utility: 0.5 }, Juror { weight: 1.0, utility: 1.0 }];
        let found = welfare(&weighted, Zeros::Limit).expect("jurors");
        assert_eq!((found.utilitarian, found.rawls), (0.625, 0.5));
        assert!((found.harmonic - 4.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn one_juror_with_nothing_makes_means_nothing_unless_rescaled() {
        let jury = jurors(&[0.0, 1.0]);
        let limit = welfare(&jury, Zeros::Limit).expect("jurors");
        assert_eq!((limit.utilitarian, limit.nash, limit.harmonic, limit.rawls), (0.5, 0.0, 0.0, 0.0));
        assert_eq!((limit.with_nothing, limit.gini), (1, 0.5));
        let rescaled = welfare(&jury, Zeros::Rescale(0.01)).expect("jurors");
        assert!((rescaled.nash - 0.1).abs() < 1e-12 && (rescaled.rawls - 0.01).abs() < 1e-12);
        assert!((rescaled.utilitarian - 0.505).abs() < 1e-12 && (rescaled.harmonic - 2.0 / 101.0).abs() < 1e-12);
        let nobody_has = welfare(&jurors(&[0.0, 0.0]), Zeros::Limit).expect("jurors");
        assert_eq!((nobody_has.utilitarian, nobody_has.gini), (0.0, 0.0));
    }

    #[test]
    fn odd_juries_are_refused() {
        assert_eq!(welfare(&[], Zeros::Limit), Err(JuryFault::Empty));
        assert_eq!(welfare(&jurors(&[0.5, -0.1]), Zeros::Limit), Err(JuryFault::Utility(2)));
        assert_eq!(welfare(&jurors(&[f64::NAN]), Zeros::Limit), Err(JuryFault::Utility(1)));
        assert_eq!(welfare(&[Juror { weight: 0.0, utility: 0.5 }], Zeros::Limit), Err(JuryFault::Weight(1)));
        assert_eq!(welfare(&jurors(&[0.5]), Zeros::Rescale(0.0)), Err(JuryFault::Rescale));
    }

    #[test]
    fn an_outcome_is_worth_the_share_of_what_somebody_wants() {
        assert_eq!(satisfaction(&[1.0, 0.0, 3.0], &[2, 2, 9]), Some(0.75));
        assert_eq!(
            (satisfaction(&[0.0], &[0]), satisfaction(&[-1.0, 2.0], &[0]), satisfaction(&[], &[])),
            (None, None, None)
        );
        assert_eq!(approval_satisfaction(&[4, 1, 4], &[1]), Some(0.5));
        assert_eq!(approval_satisfaction(&[], &[1]), None);
    }

    proptest! {
        #[test]
        fn means_are_ordered_by_power_and_lie_between_the_least_and_the_largest(
            jury in prop::collection::vec((0.1_f64..5.0, prop_oneof![Just(0.0), Just(1.0), 0.0_f64..=1.0]), 1..9),
            floor in prop::option::of(0.001_f64..0.5), unit in 0.1_f64..9.0,
        ) {
            let jury: Vec<Juror> = jury.into_iter().map(|(weight, utility)| Juror { weight, utility }).collect();
            let zeros = floor.map_or(Zeros::Limit, Zeros::Rescale);
            let found = welfare(&jury, zeros).expect("jurors");
            let means = Power::ALL.map(|power| found.of(power));
            prop_assert!(means.windows(2).all(|pair| pair[0] >= pair[1] - 1e-12), "{:?}", means);
            prop_assert!(means.iter().all(|mean| (0.0..=1.0).contains(mean)));
            prop_assert!((0.0..1.0).contains(&found.gini));
            // Weights have no unit.
            let scaled: Vec<Juror> = jury.iter().map(|juror| Juror { weight: unit * juror.weight, ..*juror }).collect();
            let again = welfare(&scaled, zeros).expect("jurors");
            prop_assert!(Power::ALL.iter().all(|&power| (found.of(power) - again.of(power)).abs() < 1e-9));
            prop_assert!((found.gini - again.gini).abs() < 1e-9);
        }

        #[test]
        fn approvals_are_utilities_of_one(ballot in prop::collection::vec(0_usize..6, 0..6), funded in prop::collection::vec(0_usize..6, 0..6)) {
            let mut utilities = [0.0; 6];
            for &project in &ballot {
                utilities[project] = 1.0;
            }
            prop_assert_eq!(satisfaction(&utilities, &funded), approval_satisfaction(&ballot, &funded));
        }
    }
}
