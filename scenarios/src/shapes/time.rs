//! Moments between Unix seconds and the texts and numbers that tables hold.

const DAY: i64 = 86_400;

/// `2026-02-01T12:34:56Z`; `None` outside the years 0 to 9999, which RFC 3339 has no text for.
pub fn rfc3339(seconds: i64) -> Option<String> {
    let (day, within) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(day);
    let (hour, minute, second) = (within / 3600, within / 60 % 60, within % 60);
    (0..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// Unix seconds of a date (`YYYY-MM-DD`, its midnight), an RFC 3339 moment, or either with a space for the `T`, without
/// seconds or without an offset, which then is UTC. Fractions of a second are cut off.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, rest) = text.split_at_checked(10)?;
    let day = day(date)?;
    let Some(clock) = rest.strip_prefix(['T', 't', ' ']) else {
        return rest.is_empty().then_some(day * DAY);
    };
    let end = clock.find(|sign: char| !matches!(sign, '0'..='9' | ':' | '.')).unwrap_or(clock.len());
    let (clock, offset) = clock.split_at(end);
    Some(day * DAY + within(clock)? - offset_seconds(offset.trim_start())?)
}

/// Unix seconds of a bare number: its unit (s, ms, µs or ns) is told from its size, as the years 1973 to 5138 in one
/// unit are no plausible moments in another.
pub fn from_number(number: i64) -> i64 {
    match number.unsigned_abs() {
        0..100_000_000_000 => number,
        100_000_000_000..100_000_000_000_000 => number.div_euclid(1_000),
        100_000_000_000_000..100_000_000_000_000_000 => number.div_euclid(1_000_000),
        _ => number.div_euclid(1_000_000_000),
    }
}

/// Days since 1970-01-01 of a `YYYY-MM-DD` that the calendar has.
pub fn day(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let days = days(year, month, day);
    // A day that its month does not have comes back as another.
    (parts.next().is_none() && civil(days) == (year, month, day)).then_some(days)
}

fn digits(text: &str, places: usize) -> Option<i64> {
    (text.len() == places && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn within(clock: &str) -> Option<i64> {
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = match parts.next() {
        None => 0,
        Some(text) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            digits(fraction, fraction.len()).filter(|_| !fraction.is_empty())?;
            digits(whole, 2)?
        }
    };
    // 60: a leap second, which Unix time counts as the next one.
    (parts.next().is_none() && hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

fn offset_seconds(offset: &str) -> Option<i64> {
    let (sign, offset) = match offset.split_at_checked(1) {
        None => return Some(0),
        Some(("+", offset)) => (1, offset),
        Some(("-", offset)) => (-1, offset),
        _ => return matches!(offset, "Z" | "z" | "UTC").then_some(0),
    };
    let (hours, minutes) = match offset.len() {
        2 => (offset, "00"),
        4 => offset.split_at_checked(2)?,
        _ => offset.split_once(':')?,
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar: counted in eras of 400 years that begin in
/// March, so that the leap day is the last of its year (Hinnant, "chrono-compatible low-level date algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + of_year - 719_468
}

/// Year, month and day, the other way round.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_read_in_every_form_tables_hold() {
        for (text, seconds) in [
            ("1970-01-01", Some(0)),
            ("2026-02-01", Some(1_769_904_000)),
            ("2000-02-29T00:00:00Z", Some(951_782_400)),
            ("2026-02-01T12:34:56Z", Some(1_769_949_296)),
            ("2026-02-01 12:34:56", Some(1_769_949_296)),
            ("2026-02-01T12:34:56.987654321+00:00", Some(1_769_949_296)),
            ("2026-02-01 12:34:56 UTC", Some(1_769_949_296)),
            ("2026-02-01T14:34:56+0200", Some(1_769_949_296)),
            ("2026-02-01T07:04:56-05:30", Some(1_769_949_296)),
            ("2026-02-01t12:34", Some(1_769_949_240)),
            ("1969-12-31T23:59:59.5Z", Some(-1)),
            ("2026-02-30", None),
            ("1900-02-29", None),
            ("2026-02-01T24:00:00Z", None),
            ("2026-02-01T12:34:56.Z", None),
            ("2026-02-01T12:34:56+1", None),
            ("2026-02-01x", None),
            ("2026-2-1", None),
            ("yesterday", None),
            ("+026-02-01", None),
            ("é026-02-01", None),
            ("", None),
        ] {
            assert_eq!(parse(text), seconds, "{text}");
        }
    }

    #[test]
    fn a_bare_number_tells_its_unit_by_its_size() {
        for number in [1_769_949_296, 1_769_949_296_123, 1_769_949_296_123_456, 1_769_949_296_123_456_789] {
            assert_eq!(from_number(number), 1_769_949_296);
        }
        assert_eq!(from_number(-1), -1);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in -62_167_219_200_i64..=253_402_300_799) {
            prop_assert_eq!(rfc3339(seconds).as_deref().and_then(parse), Some(seconds));
        }

        #[test]
        fn the_day_after_a_day_is_the_next_in_the_calendar(day in -1_000_000_i64..1_000_000) {
            let (year, month, of_month) = civil(day);
            prop_assert_eq!(days(year, month, of_month), day);
            let next = civil(day + 1);
            prop_assert!(
                next == (year, month, of_month + 1) || next == (year, month + 1, 1) || next == (year + 1, 1, 1)
            );
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn years_that_have_no_text_are_not_written() {
        assert_eq!(rfc3339(253_402_300_800), None);
        assert_eq!(rfc3339(i64::MIN), None);
    }
}
