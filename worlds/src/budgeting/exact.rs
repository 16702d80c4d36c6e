//! Exact rational numbers: what tallies reckon in.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An exact rational number, always in lowest terms.
pub type Exact = Ratio<BigInt>;

/// A whole number.
pub fn whole(value: impl Into<BigInt>) -> Exact {
    Exact::from_integer(value.into())
}

/// A fraction of whole numbers; `None` where the denominator is zero.
pub fn fraction(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> Option<Exact> {
    let denominator = denominator.into();
    (!denominator.is_zero()).then(|| Exact::new(numerator.into(), denominator))
}

/// Reads a whole number, a decimal with a point or a comma, or a fraction `a/b`, with an optional sign. Nothing is
/// rounded: `12.50` is 25/2.
pub fn parse(text: &str) -> Option<Exact> {
    match text.split_once('/') {
        None => parse_decimal(text),
        Some((above, below)) => {
            let (above, below) = (parse_decimal(above)?, parse_decimal(below)?);
            below.is_positive().then(|| above / below)
        }
    }
}

/// The nearest number of double precision, ties to even; infinite beyond its range.
pub fn to_f64(value: &Exact) -> f64 {
    let (numerator, denominator) = (value.numer().abs(), value.denom());
    // A quotient of at least 66 bits whose last bit says whether anything was cut off rounds as the number itself.
    let shift = 66 + denominator.bits() as i64 - numerator.bits() as i64;
    let (above, below) = if shift >= 0 {
        (numerator << shift as u64, denominator.clone())
    } else {
        (numerator, denominator << (-shift) as u64)
    };
    let (quotient, rest) = above.div_rem(&below);
    let sticky = if rest.is_zero() { quotient } else { quotient | BigInt::one() };
    let magnitude = libm::ldexp(sticky.to_f64().unwrap_or(f64::INFINITY), (-shift).clamp(-5000, 5000) as i32);
    if value.is_negative() { -magnitude } else { magnitude }
}

/// The number as a decimal without an exponent, where it has a finite one: `25/2` is `12.5`.
pub fn decimal(value: &Exact) -> Option<String> {
    let mut rest = value.denom().clone();
    let mut places = 0_usize;
    for prime in [2, 5] {
        let mut power = 0;
        while rest.is_multiple_of(&BigInt::from(prime)) {
            rest /= prime;
            power += 1;
        }
        places = places.max(power);
    }
    if !rest.is_one() {
        return None;
    }
    let scaled = value.numer() * BigInt::from(10).pow(places as u32) / value.denom();
    let digits = format!("{:0>width$}", scaled.abs().to_string(), width = places + 1);
    let (before, after) = digits.split_at(digits.len() - places);
    let sign = if value.is_negative() { "-" } else { "" };
    Some(if places == 0 { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") })
}

/// The smallest whole number that makes whole numbers of all of these when it multiplies them.
pub fn common_denominator<'a>(values: impl IntoIterator<Item = &'a Exact>) -> BigInt {
    values.into_iter().fold(BigInt::one(), |common, value| common.lcm(value.denom()))
}

fn parse_decimal(text: &str) -> Option<Exact> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let (before, after) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (before.is_empty() && after.is_empty()) || !all_digits(before) || !all_digits(after) {
        return None;
    }
    let numerator: BigInt = format!("0{before}{after}").parse().ok()?;
    let value = Exact::new(numerator, BigInt::from(10).pow(after.len() as u32));
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, expected) in [
            ("12.50", Some((25, 2))),
            ("12,5", Some((25, 2))),
            (" 7 ", Some((7, 1))),
            ("-3", Some((-3, 1))),
            ("+.25", Some((1, 4))),
            ("5.", Some((5, 1))),
            ("1/100", Some((1, 100))),
            ("1/0", None),
            ("1/2/3", None),
            ("", None),
            (".", None),
            ("1e3", None),
            ("1.2.3", None),
            ("1 000", None),
            ("--1", None),
        ] {
            let expected = expected.map(|(above, below)| Exact::new(BigInt::from(above), BigInt::from(below)));
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn decimals_come_back(above in -1_000_000_i64..1_000_000, places in 0_u32..6) {
            let value = Exact::new(BigInt::from(above), BigInt::from(10).pow(places));
            let written = decimal(&value).expect("a power of ten divides");
            prop_assert_eq!(parse(&written), Some(value));
        }

        #[test]
        fn the_nearest_double_is_that_of_the_division(above in -(1_i64 << 53)..(1 << 53), below in 1_i64..(1 << 53)) {
            let value = Exact::new(BigInt::from(above), BigInt::from(below));
            // Both are exact doubles, and one division rounds once.
            prop_assert!((to_f64(&value) - above as f64 / below as f64).abs() <= 0.0);
        }
    }
}
