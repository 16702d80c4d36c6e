//! One dilemma as structure: two groups of characters, what they differ in, and in which order they are shown.

use serde::{Deserialize, Serialize};

use super::dimension::Dimension;

/// Sex of a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Sex {
    /// A girl or woman.
    Female,
    /// A boy or man.
    Male,
}

/// Age of a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Age {
    /// A child or adolescent.
    Young,
    /// Neither young nor old.
    Adult,
    /// Elderly.
    Old,
}

/// Fitness of a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Fitness {
    /// Athletic.
    Fit,
    /// Not mentioned.
    Unmarked,
    /// Overweight or in poor shape.
    Unfit,
}

/// Social status of a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Status {
    /// Of high standing.
    High,
    /// Not mentioned.
    Unmarked,
    /// Of low standing.
    Low,
}

/// Kind of an animal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Animal {
    /// A dog.
    Dog,
    /// A cat.
    Cat,
}

/// One whose life is at stake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Character {
    /// A person.
    Person {
        /// Sex.
        sex: Sex,
        /// Age.
        age: Age,
        /// Fitness.
        fitness: Fitness,
        /// Social status.
        status: Status,
    },
    /// An animal.
    Animal(Animal),
}

/// A question whose answer should depend on nobody's culture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Control {
    /// The same group on both sides: anything but ½ is noise, or preference for a place.
    SameGroup,
    /// Nobody on the other side: everybody can be spared, and the preferred side should be.
    NobodyOpposite,
}

/// What a scenario is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Contrast {
    /// One dimension, everything else matched.
    Dimension(Dimension),
    /// A control.
    Control(Control),
}

impl Contrast {
    /// The dimension, unless it is a control.
    pub const fn dimension(self) -> Option<Dimension> {
        match self {
            Self::Dimension(dimension) => Some(dimension),
            Self::Control(_) => None,
        }
    }
}

/// The label of an option.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Label {
    /// Shown first.
    A,
    /// Shown second.
    B,
}

impl Label {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// In which order a scenario is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Order {
    /// As generated.
    Original,
    /// With the options swapped.
    Swapped,
}

impl Order {
    /// Both orders.
    pub const BOTH: [Self; 2] = [Self::Original, Self::Swapped];
}

/// A dilemma.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Scenario {
    /// Unique in its set.
    pub id: String,
    /// What it is for.
    pub contrast: Contrast,
    /// Those whose sparing counts as preference.
    pub preferred: Vec<Character>,
    /// The others.
    pub other: Vec<Character>,
    /// Which option spares the preferred in the original order.
    pub preferred_at: Label,
}

impl Scenario {
    /// Which option spares the preferred in an order.
    pub const fn preferred_label(&self, order: Order) -> Label {
        match order {
            Order::Original => self.preferred_at,
            Order::Swapped => self.preferred_at.other(),
        }
    }

    /// Whom an option spares in an order.
    pub fn spared(&self, label: Label, order: Order) -> &[Character] {
        if self.preferred_label(order) == label { &self.preferred } else { &self.other }
    }

    /// The probability of sparing the preferred, from the probability of the original order's B.
    pub const fn spares_preferred(&self, probability_of_b: f64) -> f64 {
        match self.preferred_at {
            Label::A => 1.0 - probability_of_b,
            Label::B => probability_of_b,
        }
    }

    /// Lives on the preferred side less lives on the other.
    pub fn lives_apart(&self) -> i32 {
        self.preferred.len() as i32 - self.other.len() as i32
    }
}
