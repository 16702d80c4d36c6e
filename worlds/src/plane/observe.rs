//! `Observe`: where cultures, the society and, if asked for, single agents stand on the plane after every tick.

use std::sync::Arc;

use bevy_ecs::prelude::*;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::observation::{Observation, Observations};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::indicators::{Indicators, QUESTIONS};
use super::{Partial, Placed, Plane, Point, Quadrant, Standing, Together, sampling_error};
use crate::culture::{Culture, Cultures};
use crate::survey::counted::AnswersByCulture;
use crate::survey::measures::by_culture::Group;
use crate::survey::observe::{Measurement, Metric};
use crate::survey::state::{Questionnaire, Sheets};
use crate::survey::{AnswerSheets, Survey};

/// Standard errors on either side of a coordinate that make its 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// Metric of the first axis.
pub const TRADITIONAL_SECULAR: &str = "plane_traditional_secular";

/// Metric of the second axis.
pub const SELF_EXPRESSION: &str = "plane_self_expression";

/// Whose positions are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum RecordPlane {
    /// Those of cultures and the society.
    #[default]
    Cultures,
    /// Every agent's too. Single agents answer at the ends of scales: most of them are extrapolated to.
    Agents,
}

/// The plane a society is placed on, and how.
#[derive(Clone, PartialEq, Debug)]
pub struct PlaneSetting {
    /// The plane.
    pub plane: Plane,
    /// What happens to somebody with fewer than ten indicators.
    pub partial: Partial,
    /// Whose positions are written.
    pub record: RecordPlane,
}

/// The plane, where it is observed.
#[derive(Resource, Clone, Debug, Default)]
pub struct OnPlane(pub Option<Arc<PlaneSetting>>);

/// Places the society of this tick.
pub fn observe_plane(
    measurement: Res<Measurement>,
    on_plane: Res<OnPlane>,
    questionnaire: Res<Questionnaire>,
    cultures: Res<Cultures>,
    sheets: Res<Sheets>,
    counted: Res<AnswersByCulture>,
    agents: Query<(&AgentId, &Culture)>,
    mut observations: ResMut<Observations>,
) {
    let Some(setting) = on_plane.0.as_deref().filter(|_| measurement.asks_for(Metric::Plane)) else {
        return;
    };
    let mut culture_of = vec![Culture(0); sheets.current.agents()];
    for (agent, culture) in &agents {
        culture_of[agent.index()] = *culture;
    }
    let questions = Questions::of(&questionnaire.0);
    let alone = questions.of_agents(setting, &sheets.current);
    let placing = Placing { setting, questions: &questions, counted: &counted.0, cultures: &cultures };
    let mut figures = placing.society(&alone);
    let (standing, of_cultures) = placing.cultures(&alone, &culture_of);
    figures.extend(of_cultures);
    figures.extend(together(&setting.plane, &standing));
    if setting.record == RecordPlane::Agents {
        for (agent, placed) in alone.iter().enumerate() {
            let n = placed.map_or(0, |placed| placed.indicators as u64);
            figures.extend(coordinates("agent", &Arc::from(agent.to_string()), *placed, None, n));
        }
    }
    observations.0.extend(figures);
}

/// The figures of a society's cultures taken together.
pub fn together(plane: &Plane, standing: &[Standing]) -> Vec<Observation> {
    let found = Together::of(plane, standing);
    let society = |metric, value, n| Observation::of_society(metric, value, n);
    let bias = |axis: fn(Point) -> f64| found.centroid_bias.map(axis);
    let mut figures = vec![
        society("plane_displacement", found.displacement, found.compared),
        society("plane_spread_ratio", found.spread_ratio, found.compared),
        society("plane_bias_traditional_secular", bias(|off| off.traditional_secular), found.compared),
        society("plane_bias_self_expression", bias(|off| off.survival_self_expression), found.compared),
        society("plane_procrustes_r2", found.procrustes, found.compared),
        society("plane_hull_coverage", found.hull_coverage, found.placed),
        society("plane_outside_hull", found.outside, found.placed),
        society("plane_quadrants", (found.placed > 0).then(|| found.quadrants.occupied() as f64), found.placed),
    ];
    figures.extend(Quadrant::ALL.map(|quadrant| {
        let share = found.quadrants.share(quadrant);
        Observation::of("plane_quadrant_share", "quadrant", Arc::from(quadrant.name()), share, found.placed)
    }));
    figures
}

/// Both coordinates of somebody, with their 95 % intervals: the projection's error, and that of sampling where it is
/// known, taken as independent.
fn coordinates(
    scope: &'static str,
    subject: &Arc<str>,
    placed: Option<Placed>,
    sampling: Option<Point>,
    n: u64,
) -> [Observation; 2] {
    let axis = |metric, of: fn(Point) -> f64| {
        let ends = placed.map(|placed| {
            let half = Z * libm::hypot(of(placed.error), sampling.map_or(0.0, of));
            (of(placed.at) - half, of(placed.at) + half)
        });
        let value = placed.map(|placed| of(placed.at));
        Observation { interval: ends, ..Observation::of(metric, scope, subject.clone(), value, n) }
    };
    [
        axis(TRADITIONAL_SECULAR, |point| point.traditional_secular),
        axis(SELF_EXPRESSION, |point| point.survival_self_expression),
    ]
}

/// Where on a sheet the answers are that positions are made of.
pub struct Questions([Option<usize>; QUESTIONS.len()]);

impl Questions {
    /// Those of a survey.
    pub fn of(survey: &Survey) -> Self {
        Self(QUESTIONS.map(|question| survey.position(question)))
    }

    /// Where a question is on the sheet.
    fn place(&self, question: &str) -> Option<usize> {
        self.0[QUESTIONS.iter().position(|known| *known == question)?]
    }

    /// The indicators of a group, from how many of it gave each answer to each item.
    pub fn indicators(&self, counts: impl Fn(usize) -> Vec<u64>) -> Indicators {
        let shares = self.0.map(|place| {
            let counts = counts(place?).into_iter();
            Some((1_i32..).zip(counts.map(|count| count as f64)).collect::<Vec<(i32, f64)>>())
        });
        Indicators::of_shares(|question| {
            let number = QUESTIONS.iter().position(|known| *known == question)?;
            shares[number].as_deref()
        })
    }

    /// Where every agent stands by itself.
    fn of_agents(&self, setting: &PlaneSetting, sheets: &AnswerSheets) -> Vec<Option<Placed>> {
        let agents: Vec<AgentId> = sheets.agent_ids().collect();
        agents
            .par_iter()
            .map(|&agent| {
                let answer = |question: &str| sheets.get(agent, self.place(question)?).ok();
                setting.plane.place(&Indicators::of_answers(answer), setting.partial).ok()
            })
            .collect()
    }
}

/// What positions are made with.
struct Placing<'a> {
    setting: &'a PlaneSetting,
    questions: &'a Questions,
    counted: &'a [Vec<Group>],
    cultures: &'a Cultures,
}

impl Placing<'_> {
    fn society(&self, alone: &[Option<Placed>]) -> Vec<Observation> {
        let pooled = |item: usize| {
            let groups = self.counted.get(item).map_or(&[][..], Vec::as_slice);
            let mut counts = vec![0; groups.first().map_or(0, |group| group.options.len())];
            for group in groups {
                counts.iter_mut().zip(&group.options).for_each(|(sum, more)| *sum += more);
            }
            counts
        };
        let (placed, _) = self.place(pooled);
        let points: Vec<Point> = alone.iter().flatten().map(|placed| placed.at).collect();
        coordinates("society", &Arc::from(""), placed, sampling_error(&points), alone.len() as u64).to_vec()
    }

    /// The cultures of the society, in order, and their figures.
    fn cultures(&self, alone: &[Option<Placed>], culture_of: &[Culture]) -> (Vec<Standing>, Vec<Observation>) {
        let plane = &self.setting.plane;
        let groups = self.counted.first().map_or(&[][..], Vec::as_slice);
        let mut points: Vec<Vec<Point>> = vec![Vec::new(); groups.len()];
        let mut members = vec![0_u64; groups.len()];
        for (placed, culture) in alone.iter().zip(culture_of) {
            if let Ok(place) = groups.binary_search_by_key(culture, |group| group.culture) {
                members[place] += 1;
                points[place].extend(placed.map(|placed| placed.at));
            }
        }
        let mut figures = Vec::new();
        let mut standing = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            let code = &self.cultures.profile(group.culture).code;
            let (placed, present) = self.place(|item| self.counted[item][place].options.clone());
            let own = Standing { code: code.clone(), placed, humans: plane.comparable(code) };
            let n = members[place];
            figures.extend(coordinates("culture", code, placed, sampling_error(&points[place]), n));
            let outside = own.is_outside().map(|outside| f64::from(u8::from(outside)));
            for (metric, value) in [
                ("plane_displacement", own.displacement()),
                ("plane_outside_hull", outside),
                ("plane_indicators", Some(present as f64)),
            ] {
                figures.push(Observation::of(metric, "culture", code.clone(), value, n));
            }
            standing.push(own);
        }
        (standing, figures)
    }

    /// A group's place, and how many of the ten indicators it has.
    fn place(&self, counts: impl Fn(usize) -> Vec<u64>) -> (Option<Placed>, usize) {
        let indicators = self.questions.indicators(counts);
        (self.setting.plane.place(&indicators, self.setting.partial).ok(), indicators.present())
    }
}
