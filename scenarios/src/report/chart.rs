//! Line charts as SVG: one measure over the rounds, a line an arm with its band.

use std::fmt::Write;
use std::sync::Arc;

use maud::{Markup, html};

/// A measure over the rounds.
pub(super) struct Chart {
    /// What is measured.
    pub(super) name: String,
    /// In which unit.
    pub(super) unit: String,
    /// Decimals of its figures.
    pub(super) decimals: usize,
    /// Labels of the places on the horizontal axis.
    pub(super) places: Vec<String>,
    /// The lines.
    pub(super) curves: Vec<Curve>,
    /// Levels to read them beside.
    pub(super) beside: Vec<(String, f64)>,
    /// Whether 0 has to be on it.
    pub(super) zero: Zero,
}

/// Whether 0 has to be on a chart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    /// Only where it happens to be.
    AsItHappens,
    /// Always, as a line: differences are read beside it.
    Drawn,
}

/// One line.
pub(super) struct Curve {
    /// What it is of.
    pub(super) name: Arc<str>,
    /// Number of its colour.
    pub(super) colour: usize,
    /// Its points: place, figure and interval.
    pub(super) points: Vec<Point>,
}

/// One point.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Point {
    pub(super) place: usize,
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
}

const WIDTH: f64 = 330.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 24.0;

/// What a figure is read beside is drawn up to so many times the range of what is drawn away from it.
const FAR: f64 = 0.5;

/// Most labels on the horizontal axis.
const LABELS: usize = 11;

impl Chart {
    /// The figure.
    pub(super) fn render(&self) -> Markup {
        let axis = self.axis();
        let y = |value: f64| TOP + (axis.to - value) / (axis.to - axis.from) * (HEIGHT - TOP - BOTTOM);
        let steps = self.places.len().saturating_sub(1).max(1) as f64;
        let x = |place: usize| LEFT + place as f64 / steps * (WIDTH - LEFT - RIGHT);
        let every = self.places.len().div_ceil(LABELS).max(1);
        let beside: Vec<String> =
            self.beside.iter().map(|(name, value)| format!("{name} {value:.*}", self.decimals)).collect();
        html! {
            figure {
                b { (self.name) " " span.unit { (self.unit) } }
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (self.name) " by round" } {
                    @for tick in &axis.ticks {
                        line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(px(y(*tick))) y2=(px(y(*tick))) {}
                        text x=(LEFT - 6.0) y=(px(y(*tick) + 4.0)) text-anchor="end" { (axis.label(*tick)) }
                    }
                    @for (place, label) in self.places.iter().enumerate().step_by(every) {
                        text x=(px(x(place))) y=(HEIGHT - 7.0) text-anchor="middle" { (label) }
                    }
                    @for (name, value) in self.beside.iter().filter(|(_, value)| axis.holds(*value)) {
                        line.beside x1=(LEFT) x2=(WIDTH - RIGHT) y1=(px(y(*value))) y2=(px(y(*value))) {
                            title { (name) " " (format!("{value:.*}", self.decimals)) }
                        }
                    }
                    @if self.zero == Zero::Drawn {
                        line.beside x1=(LEFT) x2=(WIDTH - RIGHT) y1=(px(y(0.0))) y2=(px(y(0.0))) { title { "no difference" } }
                    }
                    @for curve in &self.curves { (self.curve(curve, &x, &y)) }
                }
                @if !beside.is_empty() { figcaption { "Beside: " (beside.join(", ")) } }
            }
        }
    }

    fn curve(&self, curve: &Curve, x: &dyn Fn(usize) -> f64, y: &dyn Fn(f64) -> f64) -> Markup {
        let at = |place: usize, value: f64| format!("{},{}", px(x(place)), px(y(value)));
        let line: Vec<String> = curve.points.iter().map(|point| at(point.place, point.value)).collect();
        let known: Vec<(usize, f64, f64)> =
            curve.points.iter().filter_map(|p| p.interval.map(|(low, high)| (p.place, low, high))).collect();
        let band: Vec<String> = known
            .iter()
            .map(|&(place, low, _)| at(place, low))
            .chain(known.iter().rev().map(|&(place, _, high)| at(place, high)))
            .collect();
        html! {
            g class={ "k" (curve.colour % 8) } data-arm=(curve.name) {
                @if band.len() > 2 { polygon.band points=(band.join(" ")) {} }
                polyline.line points=(line.join(" ")) {}
                @for point in &curve.points {
                    circle.dot cx=(px(x(point.place))) cy=(px(y(point.value))) r="3" { title { (self.tip(curve, *point)) } }
                }
            }
        }
    }

    fn tip(&self, curve: &Curve, point: Point) -> String {
        let mut tip = format!("{}, round {}: {:.*}", curve.name, self.places[point.place], self.decimals, point.value);
        if let Some((low, high)) = point.interval {
            let _ = write!(tip, " [{low:.0$}, {high:.0$}]", self.decimals);
        }
        tip
    }

    /// The vertical axis: everything that is drawn, and what it is read beside where that is not far away.
    fn axis(&self) -> Axis {
        let points = self.curves.iter().flat_map(|curve| &curve.points);
        let ends = points.flat_map(|point| {
            let (low, high) = point.interval.unwrap_or((point.value, point.value));
            [low.min(point.value), high.max(point.value)]
        });
        let (mut from, mut to) =
            ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), v| (from.min(v), to.max(v)));
        if from > to {
            (from, to) = (0.0, 1.0);
        }
        if self.zero == Zero::Drawn {
            (from, to) = (from.min(0.0), to.max(0.0));
        }
        let range = (to - from).max(1e-9);
        for (_, value) in &self.beside {
            if *value > from - FAR * range && *value < to + FAR * range {
                (from, to) = (from.min(*value), to.max(*value));
            }
        }
        Axis::over(from, to, self.decimals)
    }
}

/// An axis with ticks at round numbers.
pub(super) struct Axis {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) ticks: Vec<f64>,
    decimals: usize,
}

impl Axis {
    /// An axis over a range, no finer than its figures are told.
    pub(super) fn over(from: f64, to: f64, decimals: usize) -> Self {
        const TICKS: f64 = 4.0;
        let finest = libm::pow(10.0, -(decimals as f64));
        // What does not move lies in the middle.
        let (from, to) = if to - from < finest { (from - 2.0 * finest, to + 2.0 * finest) } else { (from, to) };
        let rough = ((to - from) / TICKS).max(finest);
        let ten = libm::pow(10.0, libm::log10(rough).floor());
        let step =
            [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * ten).find(|step| *step >= rough * 0.999).unwrap_or(ten);
        let (first, last) = ((from / step).floor(), (to / step).ceil());
        let last = if last > first { last } else { first + 1.0 };
        let count = (last - first) as u32;
        let decimals = (-libm::log10(step).floor()).max(0.0) as usize;
        let ticks = (0..=count).map(|tick| (first + f64::from(tick)) * step).collect();
        Self { from: first * step, to: last * step, ticks, decimals }
    }

    /// A tick's label.
    pub(super) fn label(&self, tick: f64) -> String {
        let label = format!("{tick:.*}", self.decimals);
        if label.trim_start_matches(['-', '0', '.']).is_empty() { label.replace('-', "") } else { label }
    }

    fn holds(&self, value: f64) -> bool {
        (self.from..=self.to).contains(&value)
    }
}

/// A coordinate, short and the same on every machine.
pub(super) fn px(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers_around_what_is_drawn() {
        let cases: [(f64, f64, usize, &[&str]); 4] = [
            (17.3, 25.9, 2, &["15", "20", "25", "30"]),
            (-0.021, 0.013, 3, &["-0.03", "-0.02", "-0.01", "0.00", "0.01", "0.02"]),
            (5.0, 5.0, 2, &["4.98", "4.99", "5.00", "5.01", "5.02"]),
            (0.0, 100.0, 1, &["0", "50", "100"]),
        ];
        for (from, to, decimals, labels) in cases {
            let axis = Axis::over(from, to, decimals);
            let found: Vec<String> = axis.ticks.iter().map(|tick| axis.label(*tick)).collect();
            assert_eq!(found, labels, "{from} to {to}");
            assert!(axis.from <= from + 1e-12 && axis.to >= to - 1e-12);
        }
    }

    #[test]
    fn names_in_charts_are_escaped() {
        let point = Point { place: 0, value: 1.0, interval: Some((0.5, 1.5)) };
        let curve = Curve { name: Arc::from("<script>&\"'"), colour: 0, points: vec![point] };
        let chart = Chart {
            name: "<b>".to_owned(),
            unit: String::new(),
            decimals: 2,
            places: vec!["0".to_owned()],
            curves: vec![curve],
            beside: vec![("</svg>".to_owned(), 1.0)],
            zero: Zero::Drawn,
        };
        let page = chart.render().into_string();
        assert!(!page.contains("<script>") && !page.contains("<b><") && page.matches("</svg>").count() == 1, "{page}");
        assert!(page.contains("&lt;script&gt;&amp;&quot;"), "{page}");
    }
}
