//! Examples of what people of a culture preferred, drawn from comparisons and put into words: few-shot steering.

use std::collections::BTreeMap;
use std::path::Path as Folder;

use pluriverse_engine::record::manifest::InputDigest;
use pluriverse_engine::seed::draw_by_name;
use pluriverse_worlds::culture::Culture;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::inputs::{Inputs, note};
use crate::file::diagnose::Mistake;
use crate::file::outline::{Path, Step};
use crate::file::schema::{ExampleSpec, Member};
use crate::inputs::comparisons::{Comparison, Comparisons, REPLIES, culture_of};

/// More examples than this are taken for a slip.
const MOST: i64 = 100;

/// The comparisons that members name, each file read once.
pub(super) struct Examples<'a> {
    base: &'a Folder,
    seed: i64,
    /// By path; `None` where a file cannot be read, which was told.
    files: BTreeMap<String, Option<Comparisons>>,
    /// Digests of what was read.
    pub(super) digests: Vec<InputDigest>,
}

impl<'a> Examples<'a> {
    pub(super) fn new(base: &'a Folder, seed: i64) -> Self {
        Self { base, seed, files: BTreeMap::new(), digests: Vec::new() }
    }

    /// A member's persona with its examples behind it.
    pub(super) fn persona(
        &mut self,
        member: &Member,
        culture: Culture,
        inputs: &Inputs,
        place: &Path,
        mistakes: &mut Vec<Mistake>,
    ) -> String {
        let Some(spec) = &member.examples else {
            return member.persona.clone();
        };
        let at = |field: &str| {
            let mut at = place.clone();
            at.extend(["examples", field].map(Step::from));
            at
        };
        if member.personas.is_some() {
            let message = "examples are told behind `persona`, and these agents have `personas`";
            mistakes.push(Mistake::at(at("file"), message).help("leave one of them out"));
            return String::new();
        }
        if !(1..=MOST).contains(&spec.count) {
            mistakes.push(Mistake::at(at("count"), format!("examples: 1 to {MOST}, not {}", spec.count)));
            return String::new();
        }
        let told = self.told(spec, culture, inputs, &at("file"), mistakes);
        let all = std::iter::once(member.persona.clone()).chain(told).filter(|text| !text.is_empty());
        all.collect::<Vec<_>>().join("\n\n")
    }

    fn told(
        &mut self,
        spec: &ExampleSpec,
        culture: Culture,
        inputs: &Inputs,
        at: &Path,
        mistakes: &mut Vec<Mistake>,
    ) -> Vec<String> {
        if !self.files.contains_key(&spec.file) {
            let path = self.base.join(&spec.file);
            let read = Comparisons::read(&path).map_err(|error| note(error, at.clone(), mistakes)).ok();
            if let (Some(_), Ok(bytes)) = (&read, std::fs::read(&path)) {
                let name = format!("comparisons {}", spec.file);
                self.digests.push(InputDigest { name, blake3: blake3::hash(&bytes).to_hex().to_string() });
            }
            self.files.insert(spec.file.clone(), read);
        }
        let Some(Some(file)) = self.files.get(&spec.file) else {
            return Vec::new();
        };
        let profile = inputs.cultures.profile(culture);
        let own: Vec<&Comparison> =
            file.rows.iter().filter(|row| culture_of(&row.country, &inputs.cultures) == Some(culture)).collect();
        let wanted = spec.count as usize;
        if own.len() < wanted {
            let message = format!("{} has {} comparisons by people of {}", spec.file, own.len(), profile.code);
            let help = "take a lower `count`, or another source for this culture";
            mistakes.push(Mistake::at(at.clone(), message).help(help));
            return Vec::new();
        }
        // The same to everybody of the culture, in every society, arm and replicate.
        let drawn = draw_by_name(&["examples", &self.seed.to_string(), &spec.file, &profile.code]);
        let mut rng = ChaCha8Rng::seed_from_u64(drawn);
        let mut left = own;
        let example = |_| {
            let row = left.swap_remove(rng.random_range(0..left.len()));
            let other = rng.random_range(0..REPLIES - 1);
            let other = other + usize::from(other >= row.preferred);
            inputs.prompts.example(profile, &row.prompt, &row.replies[row.preferred], &row.replies[other])
        };
        (0..wanted).map(example).collect()
    }
}
