//! Who of a panel is asked what, in words: every voice in both orders of options, so that a preference for a place
//! cancels.

/// Who speaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Speaker {
    /// The voice that is corrected.
    Base,
    /// A persona, by its place in the panel.
    Persona(u16),
}

/// How options stand before a voice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Presented {
    /// In the order in which the agent is asked.
    AsAsked,
    /// The other way round.
    Reversed,
}

/// One request to a voice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Voice {
    /// Who speaks.
    pub speaker: Speaker,
    /// How options stand before it.
    pub presented: Presented,
    /// Which of its draws it is, from 0.
    pub draw: u16,
}

/// The requests of one decision, numbered (speaker · orders + order) · draws + draw, the base being speaker 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Voices {
    personas: u16,
    orders: u16,
    draws: u16,
}

impl Voices {
    /// Of a panel of so many personas, every voice asked `draws` times (at least once) in both orders.
    pub fn in_both_orders(personas: usize, draws: u16) -> Self {
        Self { personas: personas as u16, orders: 2, draws: draws.max(1) }
    }

    /// The same, where there is one order only, as on a ballot.
    pub fn in_one_order(personas: usize, draws: u16) -> Self {
        Self { orders: 1, ..Self::in_both_orders(personas, draws) }
    }

    /// How many requests there are.
    pub fn count(self) -> u16 {
        (self.personas + 1).saturating_mul(self.orders).saturating_mul(self.draws)
    }

    /// How many speakers there are: the base and the personas.
    pub fn speakers(self) -> usize {
        usize::from(self.personas) + 1
    }

    /// How often a speaker is asked in one order.
    pub fn draws(self) -> u16 {
        self.draws
    }

    /// The request of a number.
    pub fn at(self, number: u16) -> Voice {
        let (place, draw) = (number / self.draws, number % self.draws);
        let speaker = match place / self.orders {
            0 => Speaker::Base,
            persona => Speaker::Persona(persona - 1),
        };
        let presented = if place % self.orders == 0 { Presented::AsAsked } else { Presented::Reversed };
        Voice { speaker, presented, draw }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_voice_is_asked_as_often_in_either_order() {
        let voices = Voices::in_both_orders(4, 3);
        let all: Vec<Voice> = (0..voices.count()).map(|number| voices.at(number)).collect();
        assert_eq!((all.len(), voices.draws()), (30, 3));
        for speaker in std::iter::once(Speaker::Base).chain((0..4).map(Speaker::Persona)) {
            for presented in [Presented::AsAsked, Presented::Reversed] {
                let draws = all.iter().filter(|voice| voice.speaker == speaker && voice.presented == presented);
                assert_eq!(draws.map(|voice| voice.draw).collect::<Vec<_>>(), [0, 1, 2]);
            }
        }
        let one = Voices::in_one_order(2, 1);
        assert_eq!((0..one.count()).map(|n| one.at(n).presented).collect::<Vec<_>>(), [Presented::AsAsked; 3]);
    }
}
