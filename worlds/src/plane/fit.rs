//! The projection refitted: ridge regression of published positions on country means, with its leave-one-out error.

use super::Point;
use super::indicators::{INDICATORS, Indicators};
use super::projection::{Line, Projection, whole};

/// A fit and what it rests on.
#[derive(Clone, PartialEq, Debug)]
pub struct Fit {
    /// The projection, with its leave-one-out errors.
    pub projection: Projection,
    /// What each country's published position lies off the projection fitted without it, in the order given.
    pub left_out: Vec<Point>,
}

/// Why nothing can be fitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FitFault {
    /// Too few countries.
    #[error("{0} countries are too few to leave one out")]
    TooFew(usize),
    /// A country without all ten indicators.
    #[error("country {0} lacks an indicator")]
    Incomplete(usize),
    /// The penalty is not above zero.
    #[error("the penalty must be a number above zero")]
    Penalty,
    /// An indicator that is the same in all countries, or in all but one.
    #[error("indicator {0} does not vary")]
    Constant(usize),
}

/// Ridge regression (Hoerl & Kennard 1970) of both axes on indicators standardised by their population standard
/// deviation, with this penalty (the embedded projection: 1) and no penalty on the intercept. For a user with microdata,
/// whose weighted means then take the place of the embedded shares.
pub fn fit(countries: &[(Indicators, Point)], penalty: f64) -> Result<Fit, FitFault> {
    if countries.len() < 4 {
        return Err(FitFault::TooFew(countries.len()));
    }
    if !(penalty > 0.0 && penalty.is_finite()) {
        return Err(FitFault::Penalty);
    }
    let rows: Vec<Row> = countries
        .iter()
        .enumerate()
        .map(|(place, (indicators, point))| Ok((whole(indicators).ok_or(FitFault::Incomplete(place))?, *point)))
        .collect::<Result<_, _>>()?;
    let mut left_out = Vec::with_capacity(rows.len());
    for place in 0..rows.len() {
        let others: Vec<Row> = rows[..place].iter().chain(&rows[place + 1..]).copied().collect();
        let predicted = lines(&others, penalty)?.at(&rows[place].0);
        left_out.push(rows[place].1.less(predicted));
    }
    let mut projection = lines(&rows, penalty)?;
    state_errors(&mut projection.traditional_secular, left_out.iter().map(|off| off.traditional_secular));
    state_errors(&mut projection.survival_self_expression, left_out.iter().map(|off| off.survival_self_expression));
    Ok(Fit { projection, left_out })
}

type Row = ([f64; INDICATORS], Point);

fn state_errors(line: &mut Line, off: impl Iterator<Item = f64> + Clone) {
    let n = off.clone().count() as f64;
    line.error = libm::sqrt(off.clone().map(|off| off * off).sum::<f64>() / n);
    line.largest = off.map(f64::abs).fold(0.0, f64::max);
}

fn lines(rows: &[Row], penalty: f64) -> Result<Projection, FitFault> {
    let n = rows.len() as f64;
    let (mut means, mut deviations) = ([0.0; INDICATORS], [0.0; INDICATORS]);
    for place in 0..INDICATORS {
        means[place] = rows.iter().map(|(values, _)| values[place]).sum::<f64>() / n;
        let squares = rows.iter().map(|(values, _)| values[place] - means[place]).map(|off| off * off).sum::<f64>();
        deviations[place] = libm::sqrt(squares / n);
        if deviations[place] <= 1e-12 {
            return Err(FitFault::Constant(place));
        }
    }
    let standardised: Vec<[f64; INDICATORS]> = rows
        .iter()
        .map(|(values, _)| std::array::from_fn(|place| (values[place] - means[place]) / deviations[place]))
        .collect();
    let line = |target: fn(&Point) -> f64| {
        let targets: Vec<f64> = rows.iter().map(|(_, point)| target(point)).collect();
        let (middle, weights) = ridge(&standardised, &targets, penalty);
        let slopes: [f64; INDICATORS] = std::array::from_fn(|place| weights[place] / deviations[place]);
        let intercept = slopes.iter().zip(&means).fold(middle, |sum, (slope, mean)| sum - slope * mean);
        Line { intercept, slopes, error: 0.0, largest: 0.0 }
    };
    Ok(Projection {
        traditional_secular: line(|point| point.traditional_secular),
        survival_self_expression: line(|point| point.survival_self_expression),
    })
}

/// The mean of the targets and the weights of the predictors, which have mean 0: (XᵀX + λI) w = Xᵀy by Cholesky's
/// decomposition, which exists as λ > 0.
fn ridge(rows: &[[f64; INDICATORS]], targets: &[f64], penalty: f64) -> (f64, [f64; INDICATORS]) {
    let middle = targets.iter().sum::<f64>() / targets.len() as f64;
    let mut lower = [[0.0; INDICATORS]; INDICATORS];
    let mut weights = [0.0; INDICATORS];
    for a in 0..INDICATORS {
        weights[a] = rows.iter().zip(targets).map(|(row, target)| row[a] * (target - middle)).sum();
        for b in 0..=a {
            let product: f64 = rows.iter().map(|row| row[a] * row[b]).sum();
            let ridged = if a == b { product + penalty } else { product };
            let rest = (0..b).fold(ridged, |rest, k| rest - lower[a][k] * lower[b][k]);
            lower[a][b] = if a == b { libm::sqrt(rest) } else { rest / lower[b][b] };
        }
    }
    for a in 0..INDICATORS {
        weights[a] = (0..a).fold(weights[a], |rest, k| rest - lower[a][k] * weights[k]) / lower[a][a];
    }
    for a in (0..INDICATORS).rev() {
        weights[a] = (a + 1..INDICATORS).fold(weights[a], |rest, k| rest - lower[k][a] * weights[k]) / lower[a][a];
    }
    (middle, weights)
}
