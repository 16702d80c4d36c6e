//! Files of text that a tick leaves behind beside its rows.

use bevy_ecs::prelude::Resource;

/// A file of text, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// Its name in the run directory; different from every other one of the run.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// The documents of the current tick. Emptied by the recorder.
#[derive(Resource, Default, Debug)]
pub struct Documents(pub Vec<Document>);
