//! Figures that tell how much they rest on.

/// How many of how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    /// How many there are.
    pub count: usize,
    /// Of how many, at least 1.
    pub of: usize,
}

impl Share {
    /// So many of so many; `None` of none.
    pub fn new(count: usize, of: usize) -> Option<Self> {
        (of > 0).then_some(Self { count, of })
    }

    /// The share, from 0 to 1.
    pub fn value(self) -> f64 {
        self.count as f64 / self.of as f64
    }
}

/// A mean and the number it was taken over.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mean {
    /// The mean, in the unit of what it was taken over.
    pub value: f64,
    /// How many it was taken over, at least 1.
    pub n: usize,
}

impl Mean {
    /// The mean of these, added in their order; `None` of none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let (mut sum, mut n) = (0.0, 0);
        for value in values {
            sum += value;
            n += 1;
        }
        (n > 0).then(|| Self { value: sum / n as f64, n })
    }
}

/// Where whole numbers lie, in their unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quantiles {
    /// How many numbers there are, at least 1.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// A quarter of them lies below.
    pub lower_quartile: f64,
    /// Half of them lies below.
    pub median: f64,
    /// Three quarters of them lie below.
    pub upper_quartile: f64,
    /// Nine tenths of them lie below.
    pub ninth_decile: f64,
}

impl Quantiles {
    /// Those of these numbers in any order, between neighbours in proportion: type 7 of Hyndman & Fan (1996), the usual
    /// one of statistical software. `None` of none.
    pub fn of(mut numbers: Vec<u64>) -> Option<Self> {
        numbers.sort_unstable();
        let mean = Mean::of(numbers.iter().map(|&number| number as f64))?;
        let at = |share| quantile(&numbers, share);
        Some(Self {
            n: mean.n,
            mean: mean.value,
            lower_quartile: at(0.25),
            median: at(0.5),
            upper_quartile: at(0.75),
            ninth_decile: at(0.9),
        })
    }
}

/// The quantile of at least one ascending number.
fn quantile(sorted: &[u64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    let (below, above) = (sorted[low] as f64, sorted[high] as f64);
    below + part * (above - below)
}

/// −Σ p log₂ p of the shares of counts in their sum, in bits, from 0 to the logarithm of their number (Shannon 1948);
/// `None` where the sum is 0.
pub(super) fn entropy_bits(counts: impl IntoIterator<Item = u64> + Clone) -> Option<f64> {
    let total: u64 = counts.clone().into_iter().sum();
    let term = |count: u64| {
        let share = count as f64 / total as f64;
        -share * libm::log2(share)
    };
    // A sum of nothing but −0.0 would print as −0.
    (total > 0).then(|| counts.into_iter().filter(|&count| count > 0).map(term).sum::<f64>() + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours_in_proportion() {
        // Places 0.75, 1.5, 2.25 and 2.7 of the sorted 0, 10, 20, 40.
        let found = Quantiles::of(vec![40, 0, 20, 10]).expect("numbers");
        let expected =
            Quantiles { n: 4, mean: 17.5, lower_quartile: 7.5, median: 15.0, upper_quartile: 25.0, ninth_decile: 34.0 };
        assert_eq!(format!("{found:.9?}"), format!("{expected:.9?}"));
        assert_eq!(Quantiles::of(Vec::new()), None);
    }

    #[test]
    fn entropies_are_those_worked_out_by_hand() {
        for (counts, bits) in
            [(&[1, 1, 2][..], Some(1.5)), (&[7], Some(0.0)), (&[3, 0, 3], Some(1.0)), (&[0], None), (&[], None)]
        {
            assert_eq!(entropy_bits(counts.iter().copied()), bits, "{counts:?}");
        }
    }

    #[test]
    fn nothing_of_nothing_is_no_share_and_no_mean() {
        assert_eq!((Share::new(0, 0), Mean::of([])), (None, None));
        assert_eq!(Share::new(1, 4).map(Share::value), Some(0.25));
    }
}
