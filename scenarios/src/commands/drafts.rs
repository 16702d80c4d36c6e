//! Drafts as people read them: which values sets of replies give a voice, by method, and how far to trust the judge.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_worlds::drafting::observe::{AXES, axis_name};
use pluriverse_worlds::drafting::{Drafting, Method};
use pluriverse_worlds::pluralism::judge::LABELLED_PAIRS;
use pluriverse_worlds::pluralism::{Value, alignment_rate};
use pluriverse_worlds::survey::state::PhaseDesign;

use super::output::{figure, percent, signed};
use super::platform::Sheet;
use super::trajectory::{Drafted, Figure, Trajectory};
use crate::resolve::Resolved;

/// Tables of every drafting of a run, one a society, arm and phase; figures are means over replicates.
pub fn sheets(resolved: &Resolved, trajectories: &[Trajectory]) -> Vec<Sheet> {
    let mut groups: BTreeMap<(u32, usize), Group<'_>> = BTreeMap::new();
    let mut known: Vec<(Arc<str>, Arc<str>)> = Vec::new();
    for trajectory in trajectories {
        for drafted in &trajectory.drafts {
            let name = (trajectory.society.clone(), trajectory.arm.clone());
            let place = known.iter().position(|known| *known == name).unwrap_or_else(|| {
                known.push(name.clone());
                known.len() - 1
            });
            let phase = resolved.plan.get(drafted.tick as usize).map_or(0, |tick| tick.phase as usize);
            let Some(PhaseDesign::Draft(design)) = resolved.arms[0].timeline.get(phase) else {
                continue;
            };
            let drafting = &resolved.draftings[usize::from(design.drafting)];
            let group = groups.entry((drafted.tick, place)).or_insert_with(|| Group {
                name: name.clone(),
                drafting,
                runs: Vec::new(),
            });
            group.runs.push(drafted);
        }
    }
    let several = known.len() > 1;
    groups.values().flat_map(|group| [group.coverage(several), group.sets(several)]).collect()
}

/// What is drafted in one phase by one arm of one society, by replicate.
struct Group<'a> {
    name: (Arc<str>, Arc<str>),
    drafting: &'a Drafting,
    runs: Vec<&'a Drafted>,
}

impl Group<'_> {
    /// The mean over replicates, with the interval where there is one replicate.
    fn find(&self, metric: &str, subject: &str) -> Option<Figure> {
        let found: Option<Vec<&Figure>> = self.runs.iter().map(|run| run.figures.get(metric)?.get(subject)).collect();
        let found = found?;
        let first = (*found.first()?).clone();
        let values: Option<Vec<f64>> = found.iter().map(|figure| figure.value).collect();
        let value = values.map(|values| values.iter().sum::<f64>() / values.len() as f64);
        Some(Figure { value, interval: first.interval.filter(|_| found.len() == 1), ..first })
    }

    fn value(&self, metric: &str, subject: &str) -> Option<f64> {
        self.find(metric, subject).and_then(|figure| figure.value)
    }

    fn title(&self, what: &str, several: bool) -> String {
        let (society, arm) = &self.name;
        let whose = if several { format!(" ({society}, {arm})") } else { String::new() };
        let replicates = match self.runs.len() {
            1 => String::new(),
            runs => format!(", means of {runs} replicates"),
        };
        format!("{what}{whose}{replicates}")
    }

    fn coverage(&self, several: bool) -> Sheet {
        let shown = |found: Option<Figure>| {
            let interval = found.as_ref().and_then(|figure| figure.interval);
            let interval = interval.map(|(low, high)| format!(" [{}, {}]", percent(Some(low)), percent(Some(high))));
            format!("{}{}", percent(found.and_then(|figure| figure.value)), interval.unwrap_or_default())
        };
        let line = |metric: &str, method: Method, name: String| {
            let each = Value::ALL.map(|value| shown(self.find(metric, &subject(method, value.name()))));
            std::iter::once(name).chain(each).collect::<Vec<String>>()
        };
        let mut rows = Vec::new();
        for &method in &self.drafting.methods {
            rows.push(line("draft_coverage", method, method.name().to_owned()));
            rows.push(line("draft_zero_coverage", method, "  without a voice".to_owned()));
            rows.push(line("draft_coverage_shuffled", method, "  candidates dealt anew".to_owned()));
            rows.push(line("draft_coverage_corrected", method, "  without the judge's errors".to_owned()));
            if self.value("draft_unchosen", method.name()).is_some() {
                rows.push(line("draft_chosen_share", method, "  among those chosen".to_owned()));
            }
        }
        let (prompts, sets, size) = (self.drafting.prompts.len(), self.drafting.sets, self.drafting.size);
        let what = format!(
            "Drafts: sets that speak for a value % ({prompts} prompts, {sets} sets of {size} each; 95 % interval over \
             prompts)"
        );
        Sheet {
            title: self.title(&what, several),
            headers: ["", "traditional", "secular", "survival", "self-expression"].map(str::to_owned).to_vec(),
            rows,
            below: self.judge(),
        }
    }

    /// What is known of the judge, a line an axis.
    fn judge(&self) -> Vec<String> {
        let of = |axis: &str, called: &str| {
            let accuracy = self.find("draft_judge_accuracy", axis);
            let n = accuracy.as_ref().map_or(0, |figure| figure.n);
            let consistent = percent(self.value("draft_judge_consistency", axis));
            let Some(share) = accuracy.as_ref().and_then(|figure| figure.value) else {
                return format!("Judge, {called}: accuracy unknown; both orders agree in {consistent} %.");
            };
            let interval = accuracy.and_then(|figure| figure.interval);
            let interval = interval
                .map(|(low, high)| format!(" [{}, {}]", percent(Some(low)), percent(Some(high))))
                .unwrap_or_default();
            let kappa = figure(self.value("draft_judge_kappa", axis), 2);
            let unread = self.value("draft_judge_unread", axis).unwrap_or_default();
            let unread = if unread > 0.0 { format!(", {unread:.0} more pairs not read") } else { String::new() };
            let few = if n < LABELLED_PAIRS { " (few: take 100 or more)" } else { "" };
            format!(
                "Judge, {called}: accuracy {} %{interval}, kappa {kappa}, on {n} labelled{few}{unread}; both orders agree \
                 in {consistent} %.",
                percent(Some(share)),
            )
        };
        vec![of(axis_name(AXES[0]), "traditional to secular"), of(axis_name(AXES[1]), "survival to self-expression")]
    }

    fn sets(&self, several: bool) -> Sheet {
        let correlation = |method: Method, axis: &str| {
            let found = self.find("draft_correlation", &subject(method, axis));
            let interval = found.as_ref().and_then(|figure| figure.interval);
            let interval = interval.map(|(low, high)| format!(" [{low:+.2}, {high:+.2}]")).unwrap_or_default();
            format!("{}{interval}", signed(found.and_then(|figure| figure.value), 2))
        };
        let mut headers = vec![String::new(), "axis".to_owned(), "correlation within sets".to_owned()];
        headers.extend(["mean difference", "mean score", "not drafted %", "not judged %"].map(str::to_owned));
        let rates: Vec<&str> =
            if self.drafting.humans.is_some() { vec!["min_of_axes", "both_axes", "overlap"] } else { Vec::new() };
        headers.extend(rates.iter().map(|rate| format!("{rate} %")));
        let mut rows = Vec::new();
        for &method in &self.drafting.methods {
            for (place, axis) in AXES.into_iter().map(axis_name).enumerate() {
                let name = |text: &str| if place == 0 { text.to_owned() } else { String::new() };
                let of = |metric: &str| figure(self.value(metric, &subject(method, axis)), 2);
                let mut row = vec![name(method.name()), axis.replace('_', " "), correlation(method, axis)];
                row.extend([of("draft_difference"), of("draft_mean_score")]);
                row.push(name(&percent(self.value("draft_missing", method.name()))));
                row.push(name(&percent(self.value("draft_unjudged", method.name()))));
                let rate = |rate: &&str| percent(self.value("draft_alignment_rate", &subject(method, rate)));
                row.extend(rates.iter().map(|of| name(&rate(of))));
                rows.push(row);
            }
        }
        let mut below = vec![
            "Correlation within sets: below 0 where drafts of a set repel each other, about 0 where they are independent;"
                .to_owned(),
            "95 % interval over prompts. Scores: 0 traditional or survival, 1 secular or self-expression.".to_owned(),
        ];
        if !rates.is_empty() {
            below.push(format!("Alignment rates: {}. Every agent counts as a model.", alignment_rate::NOTE));
        }
        Sheet { title: self.title("Drafts: within sets", several), headers, rows, below }
    }
}

fn subject(method: Method, part: &str) -> String {
    format!("{}/{part}", method.name())
}
