//! The money of voters, exact, as whole numbers over one common denominator.
//!
//! A fraction of its own for each voter would be reduced to lowest terms with every payment. Here a payment multiplies
//! all numerators by one factor, which is a pass over a flat table.

use std::cmp::Ordering;

use num_bigint::BigUint;

/// What each group's voters have, per unit of weight, in parts of a money unit.
#[derive(Clone, Debug)]
pub(super) struct Purses {
    /// A purse has this many words.
    width: usize,
    /// Purses one behind the other, each with the least significant word first.
    words: Vec<u64>,
    /// How many parts a money unit has.
    parts: BigUint,
}

impl Purses {
    /// `groups` purses of `amount` parts each, of which `parts` make a money unit.
    pub(super) fn new(groups: usize, amount: &BigUint, parts: BigUint) -> Self {
        let digits = amount.to_u64_digits();
        // One word of room: most runs then widen the table once or twice.
        let width = digits.len() + 1;
        let mut words = vec![0; width * groups];
        for purse in words.chunks_exact_mut(width) {
            purse[..digits.len()].copy_from_slice(&digits);
        }
        Self { width, words, parts }
    }

    /// How many parts a money unit has.
    pub(super) fn parts(&self) -> &BigUint {
        &self.parts
    }

    /// What is in a purse, in parts.
    pub(super) fn amount(&self, group: u32) -> BigUint {
        from_words(self.purse(group))
    }

    /// All purses as they are stored.
    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    /// Cuts every part into `factor` parts.
    pub(super) fn cut(&mut self, factor: u64) {
        if factor == 1 {
            return;
        }
        if self.words.chunks_exact(self.width).any(|purse| purse[self.width - 1] != 0) {
            self.widen();
        }
        for purse in self.words.chunks_exact_mut(self.width) {
            let mut carry = 0;
            for word in purse {
                let product = u128::from(*word) * u128::from(factor) + u128::from(carry);
                *word = product as u64;
                carry = (product >> 64) as u64;
            }
        }
        self.parts *= factor;
    }

    /// Empties a purse.
    pub(super) fn empty(&mut self, group: u32) {
        self.purse_mut(group).fill(0);
    }

    /// Takes an amount from a purse that holds at least as much.
    pub(super) fn take(&mut self, group: u32, amount: &Amount) {
        let mut borrow = false;
        for (place, word) in self.purse_mut(group).iter_mut().enumerate() {
            let (less, first) = word.overflowing_sub(amount.word(place));
            let (less, second) = less.overflowing_sub(u64::from(borrow));
            (*word, borrow) = (less, first || second);
        }
        debug_assert!(!borrow, "a voter cannot pay more than it has");
    }

    /// Compares what is in a purse with an amount.
    pub(super) fn compare(&self, group: u32, amount: &Amount) -> Ordering {
        if amount.words.len() > self.width {
            return Ordering::Less;
        }
        let purse = self.purse(group).iter().enumerate().rev();
        purse.fold(Ordering::Equal, |so_far, (place, word)| so_far.then_with(|| word.cmp(&amount.word(place))))
    }

    /// Adds up purses, each so many times.
    pub(super) fn sum(&self, purses: impl Iterator<Item = (u32, u64)>) -> BigUint {
        let mut total = vec![0_u64; self.width + 2];
        for (group, times) in purses {
            let mut carry = 0;
            let (low, high) = total.split_at_mut(self.width);
            for (sum, &word) in low.iter_mut().zip(self.purse(group)) {
                let product = u128::from(word) * u128::from(times) + u128::from(*sum) + u128::from(carry);
                *sum = product as u64;
                carry = (product >> 64) as u64;
            }
            for sum in high {
                let overflows;
                (*sum, overflows) = sum.overflowing_add(carry);
                carry = u64::from(overflows);
            }
        }
        from_words(&total)
    }

    fn purse(&self, group: u32) -> &[u64] {
        let start = group as usize * self.width;
        &self.words[start..start + self.width]
    }

    fn purse_mut(&mut self, group: u32) -> &mut [u64] {
        let start = group as usize * self.width;
        &mut self.words[start..start + self.width]
    }

    fn widen(&mut self) {
        let wider = self.width + 2;
        let groups = self.words.len() / self.width;
        let mut words = vec![0; wider * groups];
        for (to, from) in words.chunks_exact_mut(wider).zip(self.words.chunks_exact(self.width)) {
            to[..self.width].copy_from_slice(from);
        }
        (self.words, self.width) = (words, wider);
    }
}

/// An amount of parts, ready to be compared with purses.
#[derive(Clone, Debug)]
pub(super) struct Amount {
    words: Vec<u64>,
}

impl Amount {
    pub(super) fn new(parts: &BigUint) -> Self {
        Self { words: parts.to_u64_digits() }
    }

    fn word(&self, place: usize) -> u64 {
        self.words.get(place).copied().unwrap_or(0)
    }
}

fn from_words(words: &[u64]) -> BigUint {
    let halves = words.iter().flat_map(|word| [*word as u32, (word >> 32) as u32]).collect();
    BigUint::new(halves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn big(words: &[u64]) -> BigUint {
        from_words(words)
    }

    proptest! {
        #[test]
        fn purses_reckon_as_big_numbers_do(
            start in prop::collection::vec(any::<u64>(), 1..4),
            cuts in prop::collection::vec(1_u64..u64::MAX, 0..6),
            times in 1_u64..1000,
        ) {
            let start = big(&start);
            let mut purses = Purses::new(3, &start, BigUint::from(7_u32));
            let mut expected = start;
            for cut in cuts {
                purses.cut(cut);
                expected *= cut;
                let half = &expected / 2_u32;
                let amount = Amount::new(&half);
                prop_assert_eq!(purses.compare(1, &amount), expected.cmp(&half));
                purses.take(1, &amount);
                expected -= half;
                // Purses 0 and 2 would go their own way: start them again from what purse 1 has.
                purses = Purses::new(3, &expected, purses.parts().clone());
            }
            prop_assert_eq!(purses.amount(1), expected.clone());
            let sum = purses.sum([(0, times), (2, 1)].into_iter());
            prop_assert_eq!(sum, expected * (times + 1));
            purses.empty(0);
            prop_assert_eq!(purses.amount(0), BigUint::ZERO);
        }
    }
}
