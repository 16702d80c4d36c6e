//! Who an agent is beyond its culture.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy_ecs::prelude::*;

use crate::profile::stance::Stance;
use crate::profile::{Profile, ProfileWords};

/// The persona of an agent: an index into [`Personas`].
#[derive(Component, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Persona(pub u32);

/// Where a profile came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ProfileSource {
    /// Cells of survey microdata.
    Microdata,
    /// Aggregate shares, item by item.
    Marginals,
    /// Written in the scenario.
    Given,
}

impl ProfileSource {
    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Microdata => "microdata",
            Self::Marginals => "marginals",
            Self::Given => "given",
        }
    }
}

/// A persona with a profile.
#[derive(Clone, PartialEq, Debug)]
pub struct Described {
    /// Who it is.
    pub profile: Arc<Profile>,
    /// Where that came from.
    pub source: ProfileSource,
    /// Where it stands on items that are asked, as [`Stance::spoken`] has it.
    stance: Box<[(u16, f32)]>,
}

#[derive(Clone, PartialEq, Debug)]
enum Held {
    Text(Arc<str>),
    Profile(Described),
}

/// The personas of a run; the first is nobody in particular (an empty text).
#[derive(Resource, Clone)]
pub struct Personas {
    held: Arc<Vec<Held>>,
    words: Option<Arc<ProfileWords>>,
}

impl Default for Personas {
    fn default() -> Self {
        PersonaList::default().finish(None)
    }
}

impl Personas {
    /// The text of a persona, for prompts. A profile is put into words here and not before: agents without words never
    /// pay for them.
    pub fn text(&self, persona: Persona) -> Arc<str> {
        match (self.held.get(persona.0 as usize), &self.words) {
            (Some(Held::Text(text)), _) => text.clone(),
            (Some(Held::Profile(described)), Some(words)) => words.of(&described.profile),
            _ => Arc::from(""),
        }
    }

    /// The profile of a persona; `None` where it is a text.
    pub fn described(&self, persona: Persona) -> Option<&Described> {
        match self.held.get(persona.0 as usize) {
            Some(Held::Profile(described)) => Some(described),
            _ => None,
        }
    }

    /// Where a persona stands on the items that are asked: (place of the item, normalised position), by place; empty
    /// where its words say nothing.
    pub fn stance(&self, persona: Persona) -> &[(u16, f32)] {
        self.described(persona).map_or(&[], |described| &described.stance)
    }

    /// Every persona, in order.
    pub fn all(&self) -> impl Iterator<Item = Persona> + use<> {
        (0..self.held.len() as u32).map(Persona)
    }

    /// Whether some persona has a profile.
    pub fn has_profiles(&self) -> bool {
        self.held.iter().any(|held| matches!(held, Held::Profile(_)))
    }
}

/// Personas while they are gathered: equal ones are one.
#[derive(Clone, Debug)]
pub struct PersonaList {
    held: Vec<Held>,
    texts: BTreeMap<Arc<str>, Persona>,
    profiles: BTreeMap<(ProfileSource, Arc<Profile>), Persona>,
}

impl Default for PersonaList {
    fn default() -> Self {
        let mut list = Self { held: Vec::new(), texts: BTreeMap::new(), profiles: BTreeMap::new() };
        list.intern("");
        list
    }
}

impl PersonaList {
    /// The persona with this text, added when it is new.
    pub fn intern(&mut self, text: &str) -> Persona {
        if let Some(&known) = self.texts.get(text) {
            return known;
        }
        let text: Arc<str> = Arc::from(text);
        let persona = self.push(Held::Text(text.clone()));
        self.texts.insert(text, persona);
        persona
    }

    /// The persona with this profile, added when it is new; `stance` is then asked where it stands.
    pub fn describe(
        &mut self,
        profile: Profile,
        source: ProfileSource,
        stance: impl Fn(&Profile) -> Stance,
    ) -> Persona {
        let profile = Arc::new(profile);
        if let Some(&known) = self.profiles.get(&(source, profile.clone())) {
            return known;
        }
        let spoken = stance(&profile).spoken().into_boxed_slice();
        let persona = self.push(Held::Profile(Described { profile: profile.clone(), source, stance: spoken }));
        self.profiles.insert((source, profile), persona);
        persona
    }

    /// The personas, with what puts profiles into words.
    pub fn finish(self, words: Option<Arc<ProfileWords>>) -> Personas {
        Personas { held: Arc::new(self.held), words }
    }

    fn push(&mut self, held: Held) -> Persona {
        self.held.push(held);
        Persona(self.held.len() as u32 - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Level, Sex};

    #[test]
    fn equal_personas_are_one_and_the_first_is_nobody() {
        let mut list = PersonaList::default();
        let somebody = Profile { sex: Some(Sex::Female), ..Profile::default() };
        let values = [(Arc::from("religiosity"), Level(0))].into();
        let other = Profile { values, ..somebody.clone() };
        let stance = |profile: &Profile| Stance(vec![None, profile.values.first_key_value().map(|_| 0.25)]);
        let text = list.intern("You fish.");
        let first = list.describe(somebody.clone(), ProfileSource::Given, stance);
        let second = list.describe(other.clone(), ProfileSource::Given, stance);
        assert_eq!(list.intern("You fish."), text);
        assert_eq!(list.describe(somebody.clone(), ProfileSource::Given, stance), first);
        assert_ne!(list.describe(somebody, ProfileSource::Marginals, stance), first);
        let personas = list.finish(None);
        assert_eq!((&*personas.text(Persona(0)), &*personas.text(text)), ("", "You fish."));
        assert_eq!(personas.all().count(), 5);
        assert_eq!((personas.stance(first), personas.stance(second)), (&[][..], &[(1, 0.25)][..]));
        assert_eq!(personas.described(second).map(|described| &*described.profile), Some(&other));
        assert_eq!((personas.described(text), personas.stance(Persona(99))), (None, &[][..]));
    }
}
