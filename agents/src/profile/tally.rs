//! Weighted counts of answers in a group of people.

/// Answers of a group to one item, by weight.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ItemTally {
    squares: f64,
    /// By option, as (number from 1, sum of weights).
    weights: Vec<(i32, f64)>,
    /// By option, how many people.
    counts: Vec<u64>,
}

/// A group of people: how many, how much they weigh, and what they answered.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tally {
    respondents: u64,
    weight: f64,
    squares: f64,
    items: Vec<ItemTally>,
}

impl ItemTally {
    fn new(options: i32) -> Self {
        let weights: Vec<(i32, f64)> = (1..=options).map(|option| (option, 0.0)).collect();
        Self { squares: 0.0, counts: vec![0; weights.len()], weights }
    }

    /// How many answered.
    pub fn respondents(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many answered with each option, option 1 first.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Sum of the weights of those who answered, by option number from 1.
    pub fn weights(&self) -> &[(i32, f64)] {
        &self.weights
    }

    /// Sum of the weights of those who answered.
    pub fn weight(&self) -> f64 {
        self.weights.iter().map(|(_, weight)| weight).sum()
    }

    /// Share of each option among those who answered, option 1 first; `None` where nobody with weight did.
    pub fn shares(&self) -> Option<Vec<f64>> {
        let total = self.weight();
        (total > 0.0).then(|| self.weights.iter().map(|(_, weight)| weight / total).collect())
    }

    /// Weighted mean option number Σwx/Σw of those who answered; `None` where nobody with weight did.
    pub fn mean(&self) -> Option<f64> {
        let total = self.weight();
        let sum: f64 = self.weights.iter().map(|&(option, weight)| f64::from(option) * weight).sum();
        (total > 0.0).then(|| sum / total)
    }

    /// Kish's effective number of those who answered, (Σw)²/Σw² (Survey Sampling, 1965); 0 where nobody did.
    pub fn effective(&self) -> f64 {
        kish(self.weight(), self.squares)
    }

    /// Moves the answers of options to others of `count`, each pair saying from which place to which, from 0. `None`
    /// drops all answers, which makes the item one that nobody here answered.
    pub(super) fn relabel(&mut self, moves: Option<&[(usize, usize)]>, count: i32) {
        let before = std::mem::replace(self, Self::new(count));
        let Some(moves) = moves else { return };
        self.squares = before.squares;
        for &(from, to) in moves {
            self.weights[to].1 += before.weights[from].1;
            self.counts[to] += before.counts[from];
        }
    }

    fn add(&mut self, place: usize, weight: f64) {
        self.squares += weight * weight;
        self.weights[place].1 += weight;
        self.counts[place] += 1;
    }

    fn merge(&mut self, other: &Self) {
        self.squares += other.squares;
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, count)| *sum += count);
        self.weights.iter_mut().zip(&other.weights).for_each(|((_, sum), (_, weight))| *sum += weight);
    }
}

impl Tally {
    /// Nobody yet, asked items of so many options.
    pub fn new(options: &[i32]) -> Self {
        Self { items: options.iter().map(|&options| ItemTally::new(options)).collect(), ..Self::default() }
    }

    /// How many people.
    pub const fn respondents(&self) -> u64 {
        self.respondents
    }

    /// Sum of their weights.
    pub const fn weight(&self) -> f64 {
        self.weight
    }

    /// Kish's effective number of people, (Σw)²/Σw²; 0 where there is nobody.
    pub fn effective(&self) -> f64 {
        kish(self.weight, self.squares)
    }

    /// The answers to the item at this place.
    pub fn item(&self, place: usize) -> Option<&ItemTally> {
        self.items.get(place)
    }

    /// Adds somebody of this weight; an answer is the place of an option from 0, `None` where there is none.
    pub(super) fn add(&mut self, weight: f64, answers: &[Option<u8>]) {
        self.respondents += 1;
        self.weight += weight;
        self.squares += weight * weight;
        for (item, answer) in self.items.iter_mut().zip(answers) {
            if let Some(place) = answer.map(usize::from).filter(|place| *place < item.weights.len()) {
                item.add(place, weight);
            }
        }
    }

    /// Adds all people of another group.
    pub(super) fn merge(&mut self, other: &Self) {
        self.respondents += other.respondents;
        self.weight += other.weight;
        self.squares += other.squares;
        self.items.iter_mut().zip(&other.items).for_each(|(item, other)| item.merge(other));
    }

    pub(super) fn item_mut(&mut self, place: usize) -> Option<&mut ItemTally> {
        self.items.get_mut(place)
    }
}

fn kish(weight: f64, squares: f64) -> f64 {
    if squares > 0.0 { weight * weight / squares } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_count_by_their_weight_and_those_without_an_answer_do_not_count_in_the_item() {
        let mut tally = Tally::new(&[3, 2]);
        assert_eq!((tally.effective(), tally.item(0).and_then(ItemTally::mean)), (0.0, None));
        tally.add(1.0, &[Some(0), None]);
        tally.add(3.0, &[Some(2), Some(1)]);
        tally.add(0.0, &[Some(1), Some(9)]);
        let first = tally.item(0).expect("an item");
        assert_eq!(first.mean(), Some(2.5));
        assert_eq!(first.shares(), Some(vec![0.25, 0.0, 0.75]));
        assert_eq!((tally.respondents(), first.respondents()), (3, 3));
        assert!((tally.effective() - 1.6).abs() < 1e-15 && (first.effective() - 1.6).abs() < 1e-15);
        let second = tally.item(1).expect("an item");
        assert_eq!((second.mean(), second.respondents(), second.effective()), (Some(2.0), 1, 1.0));
    }

    #[test]
    fn two_groups_together_are_one_group() {
        let people = [(1.5, [Some(0)]), (0.5, [Some(1)]), (2.0, [None]), (1.0, [Some(0)])];
        let of = |people: &[(f64, [Option<u8>; 1])]| {
            let mut tally = Tally::new(&[2]);
            for (weight, answers) in people {
                tally.add(*weight, answers);
            }
            tally
        };
        let mut halves = of(&people[..2]);
        halves.merge(&of(&people[2..]));
        assert_eq!(halves, of(&people));
    }
}
