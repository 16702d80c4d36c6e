//! Who an agent is beyond its culture.

use std::sync::Arc;

use bevy_ecs::prelude::*;

/// The persona of an agent: an index into [`Personas`].
#[derive(Component, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Persona(pub u16);

/// The personas of a society; the first is nobody in particular (an empty text).
#[derive(Resource, Clone, PartialEq, Eq, Debug)]
pub struct Personas(pub Vec<Arc<str>>);

impl Default for Personas {
    fn default() -> Self {
        Self(vec![Arc::from("")])
    }
}

impl Personas {
    /// The persona with this text, added when it is new.
    pub fn intern(&mut self, text: &str) -> Persona {
        let known = self.0.iter().position(|persona| &**persona == text);
        let index = known.unwrap_or_else(|| {
            self.0.push(Arc::from(text));
            self.0.len() - 1
        });
        Persona(index as u16)
    }

    /// The text of a persona.
    pub fn text(&self, persona: Persona) -> &Arc<str> {
        &self.0[usize::from(persona.0)]
    }
}
