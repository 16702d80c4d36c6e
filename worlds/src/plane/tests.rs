//! The countries of the embedded reference against their published positions.

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;

type Shares = BTreeMap<String, BTreeMap<String, Vec<(i32, f64)>>>;

fn shares() -> Shares {
    let text = include_str!("../../../assets/reference/wvs7.shares");
    let mut shares = Shares::new();
    let mut country = String::new();
    for line in text.lines().skip(1).filter(|line| !line.starts_with('#')) {
        if let Some(code) = line.strip_prefix('@') {
            code.clone_into(&mut country);
            continue;
        }
        let (question, rest) = line.split_once(' ').expect("an item and its shares");
        let pair = |pair: &str| -> Option<(i32, f64)> {
            let (code, share) = pair.split_once(':')?;
            Some((code.parse().ok()?, share.parse::<f64>().ok()? / 1e6))
        };
        let row = rest.split(' ').map(|text| pair(text).expect("a code and a share")).collect();
        shares.entry(country.clone()).or_default().insert(question.to_owned(), row);
    }
    shares
}

fn figures() -> Figures {
    ron::from_str(include_str!("../../../assets/reference/plane.ron")).expect("the embedded figures")
}

fn indicators_of(shares: &Shares, code: &str) -> Option<Indicators> {
    let country = shares.get(code)?;
    Some(Indicators::of_shares(|question| country.get(question).map(Vec::as_slice)))
}

fn plane(shares: &Shares) -> Plane {
    Plane::new(figures(), Edition::File2023, |code| indicators_of(shares, code)).expect("usable figures")
}

fn square_root_of_mean(offs: &[f64]) -> f64 {
    libm::sqrt(offs.iter().map(|off| off * off).sum::<f64>() / offs.len() as f64)
}

#[test]
fn country_means_land_on_their_published_positions_within_the_stated_error() {
    let shares = shares();
    let plane = plane(&shares);
    let stated = plane.figures().projection;
    let offs: Vec<Point> = plane
        .figures()
        .comparable(Edition::File2023)
        .map(|(code, published)| {
            let indicators = indicators_of(&shares, code).expect("the country is in the reference");
            plane.place(&indicators, Partial::CompleteOnly).expect("all ten").at.less(published)
        })
        .collect();
    assert_eq!(offs.len(), 18);
    for (line, offs) in [
        (stated.traditional_secular, offs.iter().map(|off| off.traditional_secular).collect::<Vec<_>>()),
        (stated.survival_self_expression, offs.iter().map(|off| off.survival_self_expression).collect()),
    ] {
        assert!(square_root_of_mean(&offs) <= line.error, "{offs:?}");
        assert!(offs.iter().all(|off| off.abs() <= line.largest), "{offs:?}");
        assert!(offs.iter().sum::<f64>().abs() / 18.0 < 0.001, "{offs:?}");
    }
}

#[test]
fn a_country_left_out_of_the_fit_lands_within_the_stated_error_too() {
    let shares = shares();
    let figures = figures();
    let rows: Vec<(Indicators, Point)> = figures
        .comparable(Edition::File2023)
        .map(|(code, point)| (indicators_of(&shares, code).expect("in the reference"), point))
        .collect();
    let found = fit(&rows, 1.0).expect("a fit").projection;
    for (found, stated) in [
        (found.traditional_secular, figures.projection.traditional_secular),
        (found.survival_self_expression, figures.projection.survival_self_expression),
    ] {
        assert!((found.error - stated.error).abs() < 0.001, "{found:?}");
        assert!(found.largest <= stated.largest, "{found:?}");
        assert!((found.intercept - stated.intercept).abs() < 1e-4, "{found:?}");
        let apart = found.slopes.iter().zip(stated.slopes).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f64::max) < 1e-4, "{found:?}");
    }
}

#[test]
fn a_country_of_an_earlier_wave_is_drawn_and_not_compared() {
    let shares = shares();
    let plane = plane(&shares);
    assert_eq!((plane.comparable("IND"), plane.comparable("XXX")), (None, None));
    let published = plane.published("IND").expect("a position");
    let indicators = indicators_of(&shares, "IND").expect("in the reference");
    let placed = plane.place(&indicators, Partial::CompleteOnly).expect("all ten");
    // Half a unit of change, or of another wave's sample: the reason it is not compared.
    assert!(displacement(placed.at, published) > 0.5);
}

#[test]
fn respondents_drawn_from_a_country_stand_on_average_where_it_does_and_some_of_them_beyond_the_hull() {
    let shares = shares();
    let plane = plane(&shares);
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for code in ["NGA", "USA", "CHN"] {
        let country = &shares[code];
        let sheets: Vec<BTreeMap<&str, i32>> = (0..2000)
            .map(|_| QUESTIONS.iter().map(|&question| (question, drawn(&country[question], &mut rng))).collect())
            .collect();
        let group =
            Indicators::of_group(&vec![1.0; sheets.len()], |member, question| sheets[member].get(question).copied());
        let together = plane.place(&group, Partial::CompleteOnly).expect("all ten").at;
        let alone: Vec<Placed> = sheets
            .iter()
            .map(|sheet| Indicators::of_answers(|question| sheet.get(question).copied()))
            .filter_map(|indicators| plane.place(&indicators, Partial::CompleteOnly).ok())
            .collect();
        let points: Vec<Point> = alone.iter().map(|placed| placed.at).collect();
        let error = sampling_error(&points).expect("respondents").length();
        let indicators = indicators_of(&shares, code).expect("in the reference");
        let truth = plane.place(&indicators, Partial::CompleteOnly).expect("all ten").at;
        assert!(displacement(together, truth) < 3.0 * error, "{code}: {together:?} {truth:?}");
        assert!(displacement(centroid(&points).expect("respondents"), truth) < 3.0 * error, "{code}");
        let beyond = alone.iter().filter(|placed| placed.place == Place::OutsideHull).count();
        assert!(beyond > alone.len() / 10, "{code}: {beyond} of {}", alone.len());
    }
}

fn drawn(shares: &[(i32, f64)], rng: &mut ChaCha8Rng) -> i32 {
    let total: f64 = shares.iter().map(|&(_, share)| share).sum();
    let mut rest = rng.random::<f64>() * total;
    for &(code, share) in shares {
        rest -= share;
        if rest < 0.0 {
            return code;
        }
    }
    shares[0].0
}

#[test]
fn partial_answers_are_refused_or_filled_with_a_wider_error() {
    let shares = shares();
    let plane = plane(&shares);
    let whole = indicators_of(&shares, "DEU").expect("in the reference");
    let without = |missing: &[Indicator]| {
        let mut values = *whole.values();
        for indicator in missing {
            values[indicator.index()] = None;
        }
        Indicators::new(values)
    };
    let nine = without(&[Indicator::Happiness]);
    assert_eq!(plane.place(&nine, Partial::CompleteOnly), Err(NotPlaced::TooFew { present: 9, needed: 10 }));
    let stated = plane.figures().projection.error();
    let mut before = stated;
    for missing in 1..=4 {
        let placed = plane.place(&without(&Indicator::ALL[..missing]), Partial::TAO).expect("six or more");
        assert_eq!(placed.indicators, 10 - missing);
        assert!(placed.error.length() > before.length(), "{missing}");
        before = placed.error;
        // Filling misses by about what it says.
        let truth = plane.place(&whole, Partial::TAO).expect("all ten").at;
        assert!(displacement(placed.at, truth) < 3.0 * placed.error.length());
    }
    let five = without(&Indicator::ALL[..5]);
    assert_eq!(plane.place(&five, Partial::TAO), Err(NotPlaced::TooFew { present: 5, needed: 6 }));
    let bare = Plane::new(figures(), Edition::File2023, |_| None).expect("usable figures");
    assert_eq!(bare.place(&nine, Partial::TAO), Err(NotPlaced::NothingToFillWith));
}

#[test]
fn figures_that_cannot_be_used_are_refused() {
    let build = |change: fn(&mut Figures)| {
        let mut figures = figures();
        change(&mut figures);
        Plane::new(figures, Edition::Map2022, |_| None).err()
    };
    assert_eq!(build(|_| {}), None);
    assert_eq!(build(|figures| figures.countries.swap(0, 1)), Some(FiguresFault::Order("AUS".into())));
    assert_eq!(
        build(|figures| figures.countries[3].map_2022.traditional_secular = f64::NAN),
        Some(FiguresFault::NotFinite("CAN".into()))
    );
    assert_eq!(build(|figures| figures.countries.truncate(2)), Some(FiguresFault::NoArea));
    assert_eq!(
        build(|figures| figures.projection.traditional_secular.slopes[0] = f64::INFINITY),
        Some(FiguresFault::NotFinite("the projection".into()))
    );
}

#[test]
fn a_fit_says_why_it_cannot_be_made() {
    let full = |value: f64| Indicators::new(std::array::from_fn(|place| Some(value * (place as f64 + 1.0))));
    let rows: Vec<(Indicators, Point)> =
        (0..5_u8).map(|row| (full(f64::from(row)), Point::new(f64::from(row), 1.0))).collect();
    assert!(fit(&rows, 1.0).is_ok());
    assert_eq!(fit(&rows[..3], 1.0), Err(FitFault::TooFew(3)));
    assert_eq!(fit(&rows, 0.0), Err(FitFault::Penalty));
    let mut gap = rows.clone();
    gap[2].0 = Indicators::default();
    assert_eq!(fit(&gap, 1.0), Err(FitFault::Incomplete(2)));
    assert_eq!(fit(&[rows[1]; 5], 1.0), Err(FitFault::Constant(0)));
}
