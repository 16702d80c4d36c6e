//! Platforms as people read them: what was measured on them, arm by arm, and how near that comes to the published one.

use std::sync::Arc;

use pluriverse_worlds::exposure::design::Treatment;
use pluriverse_worlds::platform::fidelity::{Compared, Standing, compare, judged};
use serde::Serialize;

use super::output::{figure, signed, table};
use super::trajectory::{Round, TickEffect, Trajectory};
use crate::resolve::{Resolved, ResolvedSociety};

/// Figures of a platform: metric, what it is called, factor, decimals.
const FIGURES: [(&str, &str, f64, usize); 50] = [
    ("platform_posts", "posts", 1.0, 0),
    ("platform_comments", "comments", 1.0, 0),
    ("platform_votes", "votes", 1.0, 0),
    ("platform_refused_share", "actions refused %", 100.0, 2),
    ("platform_activity_gini", "activity: Gini over all agents", 1.0, 3),
    ("platform_activity_gini_of_active", "activity: Gini over those who wrote", 1.0, 3),
    ("platform_activity_exponent", "activity: exponent of its tail", 1.0, 2),
    ("platform_upvote_gini", "upvotes received: Gini", 1.0, 3),
    ("platform_submolts_used", "submolts with posts", 1.0, 0),
    ("platform_top10_submolt_share", "posts in the ten largest submolts %", 100.0, 1),
    ("platform_general_share", "posts in the first submolt %", 100.0, 1),
    ("platform_submolt_exponent", "posts a submolt: exponent of its tail", 1.0, 2),
    ("platform_downvote_share", "downvotes among votes %", 100.0, 2),
    ("platform_commented_share", "posts with comments %", 100.0, 1),
    ("platform_comments_per_commented_post", "comments a commented post", 1.0, 2),
    ("platform_median_comments_per_commented_post", "the same, median", 1.0, 1),
    ("platform_depth1_share", "comments on the post itself %", 100.0, 1),
    ("platform_depth2_share", "replies to those %", 100.0, 1),
    ("platform_deeper_share", "deeper replies %", 100.0, 2),
    ("platform_reply_incidence", "comments that get a reply %", 100.0, 1),
    ("platform_flat_share", "threads without replies %", 100.0, 1),
    ("platform_author_returns", "authors who comment in their own thread %", 100.0, 1),
    ("platform_re_entry", "comments by somebody who was there before %", 100.0, 1),
    ("platform_median_minutes_to_comment", "minutes to the first comment, median", 1.0, 0),
    ("platform_distinct_1", "distinct-1", 1.0, 3),
    ("platform_distinct_2", "distinct-2", 1.0, 3),
    ("platform_distinct_3", "distinct-3", 1.0, 3),
    ("platform_distinct_4", "distinct-4", 1.0, 3),
    ("platform_distinct_5", "distinct-5", 1.0, 3),
    ("platform_trigram_bits", "entropy of 3-grams (bits)", 1.0, 2),
    ("platform_compression", "compression ratio (higher repeats more)", 1.0, 2),
    ("platform_self_bleu", "self-BLEU against 20 predecessors", 1.0, 3),
    ("platform_self_repetition", "texts with a 4-gram of another %", 100.0, 1),
    ("platform_duplicates", "exact duplicates %", 100.0, 1),
    ("platform_near_duplicates", "near duplicates %", 100.0, 1),
    ("platform_vocabulary_overlap", "vocabulary shared by two agents (Jaccard)", 1.0, 3),
    ("platform_tf_idf_dispersion", "dispersion (TF-IDF)", 1.0, 3),
    ("platform_mean_cosine", "mean cosine of two texts (TF-IDF)", 1.0, 4),
    ("platform_vendi_tf_idf", "Vendi score of 100 texts (TF-IDF cosine)", 1.0, 1),
    ("platform_vendi_trigrams", "Vendi score of 100 texts (3-gram cosine)", 1.0, 1),
    ("platform_author_accuracy", "authors guessed from 3-grams %", 100.0, 1),
    ("platform_author_chance", "the same by chance %", 100.0, 1),
    ("platform_topic_divergence", "topics by culture: Jensen-Shannon (bits)", 1.0, 3),
    ("platform_tie_density", "ties: density", 1.0, 4),
    ("platform_reciprocity", "ties: returned %", 100.0, 1),
    ("platform_thread_reciprocity", "pairs in a thread that answer each other %", 100.0, 1),
    ("platform_assortativity", "ties: assortativity by culture", 1.0, 3),
    ("platform_modularity", "ties: modularity of cultures", 1.0, 3),
    ("platform_ei_index", "ties: E-I index of cultures", 1.0, 3),
    ("platform_in_group_excess", "own culture shown beyond its share %", 100.0, 2),
];

/// A table with its title and what is said below it.
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// Heads of the columns.
    pub headers: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// What is said below it.
    pub below: Vec<String>,
}

impl Sheet {
    /// The table as text.
    pub fn render(&self) -> String {
        let headers: Vec<&str> = self.headers.iter().map(String::as_str).collect();
        let mut text = format!("{}\n{}", self.title, table(&headers, &self.rows));
        for line in &self.below {
            text.push('\n');
            text.push_str(line);
        }
        text
    }
}

/// The platforms of one society.
pub struct Platforms<'a> {
    resolved: &'a Resolved,
    society: &'a ResolvedSociety,
    strands: Vec<&'a Trajectory>,
    effects: Vec<&'a TickEffect>,
}

/// A society's fidelity to the published platform.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Fidelity {
    /// The society.
    pub society: Arc<str>,
    /// The arm that is compared.
    pub arm: Arc<str>,
    /// How many of the main figures are near.
    pub inside: usize,
    /// How many there are.
    pub of: usize,
    /// Figure by figure.
    pub figures: Vec<Compared>,
}

impl<'a> Platforms<'a> {
    /// The platforms of a run, by society; none where nobody posted or nothing was measured.
    pub fn of(resolved: &'a Resolved, trajectories: &'a [Trajectory], effects: &'a [TickEffect]) -> Vec<Self> {
        let of_society = |society: &'a ResolvedSociety| {
            let measured = |trajectory: &&Trajectory| {
                trajectory.society == society.name && trajectory.platform.iter().any(|round| !round.figures.is_empty())
            };
            let strands: Vec<&Trajectory> = trajectories.iter().filter(measured).collect();
            let of_posts = |effect: &&TickEffect| effect.society == society.name && *effect.mechanism == *"post";
            let effects = effects.iter().filter(of_posts).collect();
            (!strands.is_empty()).then_some(Self { resolved, society, strands, effects })
        };
        resolved.societies.iter().filter_map(of_society).collect()
    }

    /// What was measured after the last round, and how near it comes to the published platform.
    pub fn sheets(&self) -> Vec<Sheet> {
        let mut sheets = vec![self.figures()];
        sheets.extend(self.over_rounds());
        sheets.push(self.nearness());
        sheets
    }

    /// Names of the arms, in order.
    pub fn arms(&self) -> Vec<Arc<str>> {
        let mut arms: Vec<Arc<str>> = Vec::new();
        for strand in &self.strands {
            if !arms.contains(&strand.arm) {
                arms.push(strand.arm.clone());
            }
        }
        arms
    }

    /// Rounds after which was measured.
    pub fn measured(&self) -> Vec<u32> {
        let rounds = self.strands.iter().flat_map(|strand| &strand.platform);
        let mut measured: Vec<u32> =
            rounds.filter(|round| !round.figures.is_empty()).map(|round| round.round).collect();
        measured.sort_unstable();
        measured.dedup();
        measured
    }

    /// Mean of a figure over an arm's replicates; `None` where one of them lacks it.
    pub fn value(&self, arm: &str, round: u32, metric: &str) -> Option<f64> {
        let of_round = |strand: &&&Trajectory| *strand.arm == *arm;
        let figure = |strand: &&Trajectory| -> Option<f64> {
            let found: &Round = strand.platform.iter().find(|known| known.round == round)?;
            found.figures.get(metric)?.value
        };
        let values: Option<Vec<f64>> = self.strands.iter().filter(of_round).map(figure).collect();
        values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
    }

    fn arm_of(&self, treatment: Treatment) -> Option<Arc<str>> {
        let arms = self.society.strands.arms.iter().map(|&arm| &self.resolved.arms[arm]);
        arms.into_iter().find(|arm| arm.treatment == treatment).map(|arm| arm.name.clone())
    }

    fn named(&self, title: &str) -> String {
        if self.resolved.societies.len() > 1 { format!("{}: {title}", self.society.name) } else { title.to_owned() }
    }

    fn figures(&self) -> Sheet {
        let (arms, last) = (self.arms(), self.measured().last().copied().unwrap_or_default());
        let contrast = self.arm_of(Treatment::Exposed).zip(self.arm_of(Treatment::ReAsk));
        let mut headers = vec![String::new()];
        headers.extend(arms.iter().map(ToString::to_string));
        if let Some((exposed, control)) = &contrast {
            headers.push(format!("{exposed} − {control} [95 %]"));
        }
        let known = |metric: &str| arms.iter().any(|arm| self.value(arm, last, metric).is_some());
        let rows = FIGURES.iter().filter(|(metric, ..)| known(metric)).map(|&(metric, name, factor, decimals)| {
            let mut row = vec![name.to_owned()];
            row.extend(
                arms.iter().map(|arm| figure(self.value(arm, last, metric).map(|value| value * factor), decimals)),
            );
            if let Some((exposed, control)) = &contrast {
                row.push(self.effect(exposed, control, last, metric, (factor, decimals)));
            }
            row
        });
        let rows = rows.collect();
        let replicates = u64::from(self.society.strands.replicates);
        let mut below = Vec::new();
        if contrast.is_some() {
            below.push(
                "Differences are paired by replicate; intervals are Student's over replicates, and absent for fewer than 3."
                    .to_owned(),
            );
        }
        let window = self.resolved.postings.first().map_or(0, |posting| posting.window);
        below.push(format!(
            "Words are those of the latest {window}: windows of one size compare, whatever was written how fast. Shares of \
             depth, replies and flat threads are over the whole life of the platform."
        ));
        let mean = if replicates > 1 { format!(", mean of {replicates} replicates") } else { String::new() };
        Sheet { title: self.named(&format!("On the platform after round {last}{mean}")), headers, rows, below }
    }

    fn effect(&self, exposed: &str, control: &str, round: u32, metric: &str, told: (f64, usize)) -> String {
        let (factor, decimals) = told;
        let found = self.effects.iter().find(|effect| {
            effect.round == round
                && *effect.metric == *metric
                && *effect.treatment == *exposed
                && *effect.control == *control
        });
        let Some(effect) = found else {
            return String::new();
        };
        let value = signed(effect.estimate.map(|estimate| estimate * factor), decimals);
        match effect.interval {
            Some((lower, upper)) => {
                let [lower, upper] = [lower, upper].map(|end| signed(Some(end * factor), decimals));
                format!("{value} [{lower}, {upper}]")
            }
            None => value,
        }
    }

    /// How talk changes over the rounds in the first arm.
    fn over_rounds(&self) -> Option<Sheet> {
        const SHOWN: [(&str, &str, usize); 7] = [
            ("platform_posts", "posts", 0),
            ("platform_comments", "comments", 0),
            ("platform_distinct_3", "distinct-3", 3),
            ("platform_self_bleu", "self-BLEU", 3),
            ("platform_vocabulary_overlap", "vocabulary shared", 3),
            ("platform_vendi_tf_idf", "Vendi", 1),
            ("platform_topic_divergence", "topics by culture (bits)", 3),
        ];
        let (measured, arms) = (self.measured(), self.arms());
        if measured.len() < 2 {
            return None;
        }
        let known = |metric: &str| measured.iter().any(|&round| self.value(&arms[0], round, metric).is_some());
        let shown: Vec<_> = SHOWN.iter().filter(|(metric, ..)| known(metric)).collect();
        let mut headers = vec!["round".to_owned()];
        headers.extend(shown.iter().map(|(_, name, _)| (*name).to_owned()));
        let rows = measured.iter().map(|&round| {
            let mut row = vec![round.to_string()];
            row.extend(
                shown.iter().map(|(metric, _, decimals)| figure(self.value(&arms[0], round, metric), *decimals)),
            );
            row
        });
        let title =
            if arms.len() > 1 { format!("Over the rounds, arm {}", arms[0]) } else { "Over the rounds".to_owned() };
        Some(Sheet { title: self.named(&title), headers, rows: rows.collect(), below: Vec::new() })
    }

    /// How near the platform comes to the published one: the exposed arm, or the first.
    pub fn fidelity(&self) -> Fidelity {
        let arms = self.arms();
        let arm = self.arm_of(Treatment::Exposed).filter(|arm| arms.contains(arm)).unwrap_or_else(|| arms[0].clone());
        let last = self.measured().last().copied().unwrap_or_default();
        let figures = compare(|metric| self.value(&arm, last, metric));
        let (inside, of) = judged(&figures);
        Fidelity { society: self.society.name.clone(), arm, inside, of, figures }
    }

    fn nearness(&self) -> Sheet {
        let fidelity = self.fidelity();
        let title = format!("Beside the published platform (arm {})", fidelity.arm);
        fidelity_sheet(&self.named(&title), &fidelity.figures)
    }
}

/// What a figure is called, by what it is multiplied and to how many decimals it is told.
pub fn label(metric: &str) -> (&str, f64, usize) {
    let known = FIGURES.iter().find(|(known, ..)| *known == metric);
    known.map_or((metric, 1.0, 3), |&(_, name, factor, decimals)| (name, factor, decimals))
}

/// Targets beside what was measured, with what moves those that are missed.
pub fn fidelity_sheet(title: &str, figures: &[Compared]) -> Sheet {
    let (inside, of) = judged(figures);
    let rows = figures.iter().map(|compared| {
        let target = compared.target;
        let digits = label(target.metric).2.max(3);
        let verdict = match (target.standing, compared.measured, compared.is_inside()) {
            (_, None, _) => "not measured",
            (Standing::Main, _, true) => "inside",
            (Standing::Main, _, false) => "MISSED",
            (Standing::Beside, _, true) => "near",
            (Standing::Beside, _, false) => "far",
        };
        vec![
            target.what.to_owned(),
            format!("{} ± {}", target.published, target.tolerance),
            figure(compared.measured, digits),
            signed(compared.distance(), 2),
            verdict.to_owned(),
            target.source.to_owned(),
        ]
    });
    let rows = rows.collect();
    let mut below = vec![format!(
        "{inside} of {of} main figures inside their ranges. Distances are in tolerances; nothing is tuned while a run goes."
    )];
    for (standing, word) in [(Standing::Main, "Missed"), (Standing::Beside, "Far")] {
        let far = figures.iter().filter(|compared| {
            compared.target.standing == standing && compared.measured.is_some() && !compared.is_inside()
        });
        below.extend(far.map(|compared| {
            let target = compared.target;
            format!("{word}: {}. What moves it here: {}.", target.what, target.moved_by)
        }));
    }
    let headers = ["", "published", "here", "distance", "", "source"].map(str::to_owned).to_vec();
    Sheet { title: title.to_owned(), headers, rows, below }
}
