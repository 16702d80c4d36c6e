//! The measures that arms are compared by.

use std::cell::OnceCell;

use super::Panel;
use super::drawn::Figures;
use super::resample::Resamples;
use super::sensitivity::{self, Counted, ItemFigure, Sensitivity, Tables};
use crate::survey::measures::by_culture::{Group, Heterogeneity, HumanAnswers, to_humans, wasserstein};
use crate::survey::measures::item::{Spread, agreement, entropy};
use crate::survey::measures::polarisation::{bimodality, esteban_ray};

/// A measure, under the name it has among the observations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Measure {
    /// Diversity_P.
    PairwiseDiversity,
    /// Diversity_S.
    StructuralDiversity,
    /// Alignment with the human reference.
    Alignment,
    /// Van der Eijk's agreement, mean over items.
    Agreement,
    /// Share of the most frequent answer, mean over items.
    Plurality,
    /// Share of items on which all answered alike.
    Unanimity,
    /// Entropy of answers, mean over items.
    Entropy,
    /// Share of answers changed since the tick before.
    Changed,
    /// Share of these changed toward what the peers had answered.
    TowardPeers,
    /// Distance from the first answers.
    Drift,
    /// Krippendorff's α.
    KrippendorffAlpha,
    /// Esteban and Ray's polarisation, mean over items.
    Polarisation,
    /// Sarle's coefficient of bimodality, mean over items.
    Bimodality,
    /// Cultural F_ST, mean over items.
    CulturalFst,
    /// Heterogeneity within cultures, mean over items.
    HeterogeneityWithin,
    /// Heterogeneity over all agents, mean over items.
    HeterogeneityTotal,
    /// Clusters of agents.
    Clusters,
    /// Wasserstein-1 distance to the humans, mean over cultures and items.
    HumanW1,
    /// Jensen–Shannon divergence from the humans less what sampling adds, mean over cultures and items.
    HumanJsd,
}

impl Measure {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PairwiseDiversity => "pairwise_diversity",
            Self::StructuralDiversity => "structural_diversity",
            Self::Alignment => "alignment",
            Self::Agreement => "agreement",
            Self::Plurality => "plurality",
            Self::Unanimity => "unanimity",
            Self::Entropy => "entropy",
            Self::Changed => "changed",
            Self::TowardPeers => "toward_peers",
            Self::Drift => "drift",
            Self::KrippendorffAlpha => "krippendorff_alpha",
            Self::Polarisation => "polarisation",
            Self::Bimodality => "bimodality",
            Self::CulturalFst => "cultural_fst",
            Self::HeterogeneityWithin => "heterogeneity_within",
            Self::HeterogeneityTotal => "heterogeneity_total",
            Self::Clusters => "clusters",
            Self::HumanW1 => "human_w1",
            Self::HumanJsd => "human_jsd",
        }
    }

    /// Whether it compares answers with earlier ones: undefined in the first tick.
    pub const fn is_of_change(self) -> bool {
        matches!(self, Self::Changed | Self::TowardPeers | Self::Drift)
    }
}

/// A panel being measured: what several measures need of it is made once.
pub struct Measured<'a> {
    panel: Panel<'a>,
    resamples: &'a Resamples,
    tables: OnceCell<Tables>,
    pairs: OnceCell<Option<Vec<Figures>>>,
}

impl<'a> Measured<'a> {
    /// A panel to be measured, on its items and on these resamples of them.
    pub fn new(panel: Panel<'a>, resamples: &'a Resamples) -> Self {
        Self { panel, resamples, tables: OnceCell::new(), pairs: OnceCell::new() }
    }

    fn tables(&self) -> &Tables {
        self.tables.get_or_init(|| Tables::of(&self.panel))
    }

    fn pairs(&self) -> Option<&[Figures]> {
        self.pairs.get_or_init(|| sensitivity::pairs_drawn(&self.panel, self.resamples)).as_deref()
    }

    /// A measure of the panel, and how it depends on items and agents.
    pub fn measure(&self, measure: Measure) -> Sensitivity {
        let (panel, resamples) = (&self.panel, self.resamples);
        let of_spread = |figure: fn(&Spread) -> Option<f64>| self.of_items(&|_, _, spread| figure(spread));
        match measure {
            Measure::PairwiseDiversity => {
                let few = sensitivity::few_items(panel);
                sensitivity::of_pairs(panel, if few { self.pairs() } else { None }, resamples)
            }
            Measure::StructuralDiversity => sensitivity::of_tree(panel, self.pairs(), resamples),
            Measure::Clusters => sensitivity::of_clusters(panel, self.pairs(), resamples),
            Measure::Alignment => sensitivity::of_alignment(panel, resamples),
            Measure::Drift => sensitivity::of_drift(panel, resamples),
            Measure::Changed => sensitivity::of_changes(panel, resamples, Counted::Changed),
            Measure::TowardPeers => sensitivity::of_changes(panel, resamples, Counted::TowardPeers),
            Measure::KrippendorffAlpha => sensitivity::of_alpha(panel, self.tables(), resamples),
            Measure::Agreement => of_spread(|spread| agreement(&spread.options)),
            Measure::Plurality => of_spread(Spread::plurality),
            Measure::Unanimity => of_spread(|spread| Some(f64::from(u8::from(spread.plurality()? >= 1.0)))),
            Measure::Entropy => of_spread(|spread| entropy(&spread.options)),
            Measure::Polarisation => of_spread(|spread| esteban_ray(&spread.options)),
            Measure::Bimodality => of_spread(|spread| bimodality(&spread.options)),
            Measure::CulturalFst => self.of_heterogeneity(Heterogeneity::fst),
            Measure::HeterogeneityWithin => self.of_heterogeneity(|h| Some(h.within)),
            Measure::HeterogeneityTotal => self.of_heterogeneity(|h| Some(h.total)),
            Measure::HumanW1 => self.of_humans(|options, human| wasserstein(options, &human.shares)),
            Measure::HumanJsd => self.of_humans(|options, human| human.jensen_shannon_excess(options)),
        }
    }

    fn of_items(&self, figure: &ItemFigure<'_>) -> Sensitivity {
        sensitivity::of_items(&self.panel, self.tables(), self.resamples, figure)
    }

    fn of_heterogeneity(&self, figure: fn(&Heterogeneity) -> Option<f64>) -> Sensitivity {
        self.of_items(&|_: usize, groups: &[Group], _: &Spread| figure(&Heterogeneity::of(groups)?))
    }

    /// A distance between the agents of each culture and its people, item by item, agents weighing alike.
    fn of_humans(&self, distance: fn(&[u64], &HumanAnswers) -> Option<f64>) -> Sensitivity {
        let humans = self.panel.population.humans;
        self.of_items(&|item: usize, groups: &[Group], _: &Spread| to_humans(item, groups, humans, distance))
    }
}
