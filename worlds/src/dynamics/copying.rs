//! Copying: agents take over what others hold, whole.

/// One encounter of the voter model (Clifford & Sudbury 1973; Holley & Liggett 1975): the one who listens takes over
/// what is heard, if anything is.
pub fn voter(own: &mut f64, heard: f64) {
    if !heard.is_nan() {
        *own = heard;
    }
}

/// One encounter of Axelrod 1997: with a probability that is the share of features (items) on which both agree, the one
/// who listens takes over one feature on which they differ. `accept` is uniform on [0, 1), `pick` uniform on whole
/// numbers.
pub fn axelrod(own: &mut [f64], heard: &[f64], accept: f64, pick: u64) {
    let known = own.iter().zip(heard).filter(|(own, heard)| !own.is_nan() && !heard.is_nan()).count();
    let differing: Vec<usize> =
        (0..own.len()).filter(|&item| !heard[item].is_nan() && !same(own[item], heard[item])).collect();
    if known == 0 || differing.is_empty() {
        return;
    }
    let alike = known as f64 - differing.iter().filter(|&&item| !own[item].is_nan()).count() as f64;
    if accept < alike / known as f64 {
        let item = differing[(pick % differing.len() as u64) as usize];
        own[item] = heard[item];
    }
}

/// Whether two opinions are the same trait: copies are exact.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_who_agree_on_nothing_or_on_everything_take_over_nothing() {
        let mut own = [0.0, 1.0];
        axelrod(&mut own, &[1.0, 0.0], 0.0, 0);
        assert_eq!(own.map(f64::to_bits), [0.0, 1.0].map(f64::to_bits));
        axelrod(&mut own, &[0.0, 1.0], 0.0, 0);
        assert_eq!(own.map(f64::to_bits), [0.0, 1.0].map(f64::to_bits));
        // Half alike: taken over below one half, and only what differs.
        axelrod(&mut own, &[0.0, 0.5], 0.5, 0);
        assert_eq!(own.map(f64::to_bits), [0.0, 1.0].map(f64::to_bits));
        axelrod(&mut own, &[0.0, 0.5], 0.49, 7);
        assert_eq!(own.map(f64::to_bits), [0.0, 0.5].map(f64::to_bits));
    }
}
