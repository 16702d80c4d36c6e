//! How near a platform comes to the published one: figures of Moltbook in early 2026 beside those measured. They are
//! told, never tuned to while a run goes.

use serde::Serialize;

/// A published figure.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Target {
    /// The metric that measures the same here.
    pub metric: &'static str,
    /// What it is.
    pub what: &'static str,
    /// The published figure, or the middle of the published range.
    pub published: f64,
    /// How far off counts as near.
    pub tolerance: f64,
    /// Where it was published.
    pub source: &'static str,
    /// What moves it here, for those who wonder why it is missed.
    pub moved_by: &'static str,
    /// Whether it is among the six by which a profile is judged.
    pub standing: Standing,
}

/// What part a target has in the judgement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is one of the six.
    Main,
    /// It is told beside them.
    Beside,
}

/// A target and what was measured.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Compared {
    /// The target.
    #[serde(flatten)]
    pub target: Target,
    /// What was measured; `None` where it is not defined here.
    pub measured: Option<f64>,
}

impl Compared {
    /// Distance from the published figure in tolerances, signed.
    pub fn distance(&self) -> Option<f64> {
        Some((self.measured? - self.target.published) / self.target.tolerance)
    }

    /// Whether it is near.
    pub fn is_inside(&self) -> bool {
        // A figure at the very end of its range is inside, however it was rounded.
        self.distance().is_some_and(|distance| distance.abs() <= 1.0 + 1e-9)
    }
}

const HOLTZ: &str = "Holtz 2026";
const EZIZ: &str = "Eziz 2026";
const DE_MARZO: &str = "De Marzo 2026";
const APRIL: &str = "a study of April 2026";
/// Studies differ: the figure lies between theirs.
const SEVERAL: &str = "several studies";

/// The targets, those of the judgement first. Values and tolerances after published studies of the platform's first
/// weeks; where only a range is published, its middle and half its width.
pub const TARGETS: [Target; 16] = [
    main(
        "platform_activity_gini",
        "activity Gini",
        0.84,
        0.08,
        HOLTZ,
        "how unequally agents wake (heartbeat.wake); all agents count here, where studies count accounts seen",
    ),
    main(
        "platform_top10_submolt_share",
        "posts in the ten largest submolts",
        0.85,
        0.08,
        HOLTZ,
        "how often agents found communities and post in their own (habits found, general, imitate)",
    ),
    main(
        "platform_depth1_share",
        "comments on the post itself",
        0.866,
        0.05,
        EZIZ,
        "how often agents answer comments (habits reply and reply_in_thread)",
    ),
    main(
        "platform_comments_per_commented_post",
        "comments a commented post",
        6.4,
        1.5,
        EZIZ,
        "comments a reading brings, over posts a wake brings (habits comment, post; budget.feed), and how many read",
    ),
    main(
        "platform_reply_incidence",
        "comments that get a reply",
        0.08,
        0.03,
        EZIZ,
        "how often agents answer comments (habits reply and reply_in_thread)",
    ),
    main(
        "platform_downvote_share",
        "downvotes among votes",
        0.0125,
        0.0075,
        APRIL,
        "how agents vote on what they disagree with (habits.vote_down)",
    ),
    beside("platform_activity_exponent", "activity exponent", 1.70, 0.15, HOLTZ, "how unequally agents wake"),
    beside(
        "platform_upvote_gini",
        "Gini of upvotes received",
        0.975,
        0.025,
        "arXiv 2602.20044",
        "on the published platform a few posts took nearly all votes, many of them cast by script; here votes follow reading",
    ),
    beside(
        "platform_submolt_exponent",
        "exponent of posts a submolt",
        1.68,
        0.15,
        DE_MARZO,
        "how agents choose where to post; a few dozen communities do not show a tail",
    ),
    beside("platform_general_share", "posts in the first submolt", 0.575, 0.125, HOLTZ, "habits.general"),
    beside(
        "platform_median_comments_per_commented_post",
        "comments a commented post, median",
        5.0,
        1.5,
        EZIZ,
        "as the mean; here readers are few and alike, so the tail is shorter",
    ),
    beside("platform_flat_share", "threads without replies", 0.78, 0.08, SEVERAL, "habits reply and reply_in_thread"),
    beside(
        "platform_thread_reciprocity",
        "pairs in a thread that answer each other",
        0.025,
        0.015,
        SEVERAL,
        "agents here come back to those who commented on them; published ones hardly did",
    ),
    beside(
        "platform_reciprocity",
        "returned ties of all who comment on whom",
        0.2,
        0.1,
        SEVERAL,
        "in a small society the busy ones all meet",
    ),
    beside(
        "platform_author_returns",
        "authors who comment in their own thread",
        0.086,
        0.04,
        SEVERAL,
        "habits.reply: agents here read their notices at every wake",
    ),
    beside(
        "platform_duplicates",
        "exact duplicates",
        0.341,
        0.1,
        SEVERAL,
        "on the published platform scripts repeated themselves; here nobody does",
    ),
];

const fn main(
    metric: &'static str,
    what: &'static str,
    published: f64,
    tolerance: f64,
    source: &'static str,
    moved_by: &'static str,
) -> Target {
    Target { metric, what, published, tolerance, source, moved_by, standing: Standing::Main }
}

const fn beside(
    metric: &'static str,
    what: &'static str,
    published: f64,
    tolerance: f64,
    source: &'static str,
    moved_by: &'static str,
) -> Target {
    Target { metric, what, published, tolerance, source, moved_by, standing: Standing::Beside }
}

/// The targets beside what was measured, by metric.
pub fn compare(measured: impl Fn(&str) -> Option<f64>) -> Vec<Compared> {
    TARGETS.iter().map(|&target| Compared { target, measured: measured(target.metric) }).collect()
}

/// How many of the six are near, and how many there are.
pub fn judged(compared: &[Compared]) -> (usize, usize) {
    let main = || compared.iter().filter(|compared| compared.target.standing == Standing::Main);
    (main().filter(|compared| compared.is_inside()).count(), main().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_near_up_to_its_tolerance_and_not_beyond() {
        for (measured, inside) in [
            (Some(0.84), true),
            (Some(0.76), true),
            (Some(0.92), true),
            (Some(0.759), false),
            (Some(0.921), false),
            (None, false),
        ] {
            let compared = Compared { target: TARGETS[0], measured };
            assert_eq!(compared.is_inside(), inside, "{measured:?}");
        }
    }

    #[test]
    fn six_are_judged_and_the_published_figures_pass_themselves() {
        let published =
            |metric: &str| TARGETS.iter().find(|target| target.metric == metric).map(|target| target.published);
        assert_eq!(judged(&compare(published)), (6, 6));
        assert_eq!(judged(&compare(|_| None)), (0, 6));
    }

    #[test]
    fn the_judged_ranges_are_the_published_ones() {
        let range = |place: usize| {
            let Target { published, tolerance, .. } = TARGETS[place];
            [published - tolerance, published + tolerance].map(|end| (end * 10_000.0).round() / 10_000.0)
        };
        let ranges: Vec<[f64; 2]> = (0..6).map(range).collect();
        assert_eq!(ranges, [[0.76, 0.92], [0.77, 0.93], [0.816, 0.916], [4.9, 7.9], [0.05, 0.11], [0.005, 0.02]]);
    }
}
