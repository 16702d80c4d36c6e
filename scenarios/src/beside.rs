//! What figures of the plane and of pluralism are read beside: positions of real populations, and the same figures of
//! sheets that know no culture. Written with the first tick.

use std::sync::Arc;

use pluriverse_engine::observation::Observation;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::plane::observe::{PlaneSetting, Questions, SELF_EXPRESSION, TRADITIONAL_SECULAR};
use pluriverse_worlds::plane::{Indicators, Point, Standing, Together};
use pluriverse_worlds::pluralism::observe::{ItemResamples, Observing, PeopleOnItems};
use pluriverse_worlds::survey::measures::baseline::{leave_one_out, scale_midpoint};
use pluriverse_worlds::survey::measures::by_culture::Group;
use pluriverse_worlds::survey::observe::Metric;
use pluriverse_worlds::survey::{ReferenceSheet, Survey};

use crate::baselines::{BASELINE, HUMANS};
use crate::resolve::{Resolved, ResolvedSociety};

/// Scope of positions of populations that were surveyed in another wave than the answers agents are compared with.
pub const OTHER_WAVE: &str = "human_other_wave";

/// Figures that a sheet without a culture has too.
const OF_SHEETS: [&str; 15] = [
    "overton_coverage",
    "overton_weighted",
    "overton_over_reach",
    "overton_own_coverage",
    "overton_own_weighted",
    "overton_own_over_reach",
    "distribution_w1",
    "distribution_jsd_uncorrected",
    "distribution_jsd_distance",
    "distribution_tv_nominal",
    "global_opinion_qa",
    "global_opinion_qa_nats",
    "opinion_qa",
    "opinion_qa_representativeness",
    "steer_identification",
];

/// Everything that a society's figures are read beside; nothing where no metric needs it.
pub fn observations(resolved: &Resolved, society: &ResolvedSociety) -> Vec<Observation> {
    let observe = &resolved.scenario.observe;
    let mut found = Vec::new();
    if let Some(setting) = &resolved.plane {
        found.extend(of_plane(resolved, society, setting));
    }
    let asked: Vec<Metric> = observe.iter().copied().filter(|metric| metric.is_pluralism()).collect();
    if asked.is_empty() {
        return found;
    }
    let people = PeopleOnItems::new(&resolved.survey, resolved.humans.clone());
    let resamples = ItemResamples::default();
    for (subject, sheet) in blind_sheets(resolved) {
        let groups = groups(resolved, society, sheet.as_ref());
        let groups = &groups[..people.items.len()];
        let observing = Observing { groups, people: &people, resamples: &resamples, cultures: &resolved.cultures };
        let figures = asked.iter().flat_map(|metric| observing.metric(*metric));
        let of_sheets = figures.filter(|one| one.scope == "society" && OF_SHEETS.contains(&one.metric));
        found.extend(of_sheets.map(|one| Observation { scope: BASELINE, subject: Arc::from(subject), ..one }));
    }
    found
}

/// A sheet for the agents of a culture, by its code.
type SheetOf<'a> = Box<dyn Fn(&str) -> ReferenceSheet + 'a>;

/// Sheets that know no culture, by name.
fn blind_sheets(resolved: &Resolved) -> [(&'static str, SheetOf<'_>); 2] {
    let statistic = resolved.scenario.reference.statistic;
    let (reference, survey) = (&resolved.reference, &resolved.survey);
    [
        ("leave_one_out", Box::new(move |code: &str| leave_one_out(reference, survey, code, statistic))),
        ("scale_midpoint", Box::new(move |_: &str| scale_midpoint(survey))),
    ]
}

/// The cultures of a society, ascending, with how many agents each has.
fn composition(society: &ResolvedSociety) -> Vec<(Culture, u64)> {
    let mut counts: Vec<(Culture, u64)> = Vec::new();
    let mut cultures = society.cultures();
    cultures.sort_unstable();
    for culture in cultures {
        match counts.last_mut() {
            Some((last, count)) if *last == culture => *count += 1,
            _ => counts.push((culture, 1)),
        }
    }
    counts
}

/// Answers as sheets give them. Every answer counts twice, so that one between two options can be split.
fn groups(resolved: &Resolved, society: &ResolvedSociety, sheet: &dyn Fn(&str) -> ReferenceSheet) -> Vec<Vec<Group>> {
    let survey = &resolved.survey;
    let sheets: Vec<(Culture, u64, ReferenceSheet)> = composition(society)
        .into_iter()
        .map(|(culture, count)| (culture, count, sheet(&resolved.cultures.profile(culture).code)))
        .collect();
    (0..survey.len())
        .map(|item| {
            let group = |(culture, count, sheet): &(Culture, u64, ReferenceSheet)| {
                let halves = halves(sheet[item], survey.items[item].options.len());
                let options = halves.iter().map(|half| half * count).collect();
                Group { culture: *culture, options, outside: 0 }
            };
            sheets.iter().map(group).collect()
        })
        .collect()
}

/// Two for the option that an answer in option numbers is, or one for each of the two it lies between.
fn halves(answer: Option<f64>, options: usize) -> Vec<u64> {
    let mut counts = vec![0; options];
    for end in answer.iter().flat_map(|answer| [answer.floor(), answer.ceil()]) {
        if let Some(count) = counts.get_mut((end.max(1.0) as usize).wrapping_sub(1)) {
            *count += 1;
        }
    }
    counts
}

/// Positions of the people, how far they stand from them when projected like agents, and the figures of blind sheets.
fn of_plane(resolved: &Resolved, society: &ResolvedSociety, setting: &PlaneSetting) -> Vec<Observation> {
    let plane = &setting.plane;
    let codes: Vec<Arc<str>> =
        composition(society).into_iter().map(|(culture, _)| resolved.cultures.profile(culture).code.clone()).collect();
    let mut found = Vec::new();
    for code in &codes {
        let scope = if plane.comparable(code).is_some() { HUMANS } else { OTHER_WAVE };
        if let Some(Point { traditional_secular, survival_self_expression }) = plane.published(code) {
            let year = plane.figures().country(code).map_or(0, |country| u64::from(country.year));
            let axes = [(TRADITIONAL_SECULAR, traditional_secular), (SELF_EXPRESSION, survival_self_expression)];
            found.extend(axes.map(|(axis, value)| Observation::of(axis, scope, code.clone(), Some(value), year)));
        }
    }
    let mut told = |scope, subject: &str, indicators: &dyn Fn(&str) -> Indicators| {
        let standing: Vec<Standing> = codes
            .iter()
            .map(|code| {
                let placed = plane.place(&indicators(code), setting.partial).ok();
                Standing { code: code.clone(), placed, humans: plane.comparable(code) }
            })
            .collect();
        let together = Together::of(plane, &standing);
        let of = |metric, value| Observation::of(metric, scope, Arc::from(subject), value, together.compared);
        found.push(of("plane_displacement", together.displacement));
        found.push(of("plane_spread_ratio", together.spread_ratio));
        found.push(of("plane_procrustes_r2", together.procrustes));
        if scope == HUMANS {
            let value = together.procrustes_of_unrelated();
            found.push(Observation::of(
                "plane_procrustes_r2",
                BASELINE,
                Arc::from("unrelated"),
                value,
                together.compared,
            ));
        }
    };
    let of_people = |code: &str| {
        let shares = |question: &str| resolved.reference.shares(code, question).map(Vec::as_slice);
        Indicators::of_shares(shares)
    };
    told(HUMANS, "projected", &of_people);
    let questions = Questions::of(&resolved.survey);
    for (subject, sheet) in blind_sheets(resolved) {
        told(BASELINE, subject, &|code: &str| indicators_of(&sheet(code), &resolved.survey, &questions));
    }
    found
}

fn indicators_of(sheet: &ReferenceSheet, survey: &Survey, questions: &Questions) -> Indicators {
    questions.indicators(|item| halves(sheet[item], survey.items[item].options.len()))
}
