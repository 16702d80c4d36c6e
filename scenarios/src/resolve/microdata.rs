//! Microdata that personas are drawn from: each file is read once for everybody who names it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::profile::Dimensions;
use pluriverse_agents::profile::microdata::{Microdata, MicrodataSettings, Weights};
use pluriverse_agents::profile::pool::{Pool, PoolFault};
use pluriverse_engine::record::manifest::InputDigest;

use super::inputs::{Inputs, note};
use super::last_if_absolute;
use crate::file::diagnose::Mistake;
use crate::file::outline::{Path as Place, Step};
use crate::file::personas::MicrodataSpec;
use crate::inputs::microdata;

/// Microdata as a scenario asks for them.
pub(super) struct MicrodataSource {
    /// How they are read and made groups of.
    pub(super) spec: MicrodataSpec,
    /// What was read: cells of every culture that anybody who reads the file so asks for.
    pub(super) read: Arc<Microdata>,
    /// The profiles of the cultures asked for.
    pub(super) pools: BTreeMap<Arc<str>, Pool>,
}

/// One naming of microdata in a scenario.
pub(super) struct Asked<'a> {
    pub(super) spec: &'a MicrodataSpec,
    /// Where it stands.
    pub(super) place: Place,
    /// Codes of the cultures it is for, as written.
    pub(super) cultures: BTreeSet<&'a str>,
}

impl Asked<'_> {
    /// Those of its cultures that there are.
    fn known(&self, inputs: &Inputs) -> Vec<Arc<str>> {
        self.cultures
            .iter()
            .filter(|code| inputs.cultures.by_code(code).is_some())
            .map(|code| Arc::from(*code))
            .collect()
    }
}

/// Reads all microdata of a scenario; what is wrong with them is written down, each mistake once.
pub(super) fn read_all(
    asked: &[Asked<'_>],
    base: &Path,
    inputs: &Inputs,
    dimensions: &Dimensions,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Vec<MicrodataSource> {
    let mut readings: Vec<(&MicrodataSpec, Option<Arc<Microdata>>)> = Vec::new();
    let mut sources: Vec<MicrodataSource> = Vec::new();
    for one in asked {
        let known = readings.iter().find(|(known, _)| same_reading(known, one.spec)).map(|(_, read)| read.clone());
        let read = known.unwrap_or_else(|| {
            let read = read_for(one, asked, base, inputs, dimensions, digests, mistakes).map(Arc::new);
            readings.push((one.spec, read.clone()));
            read
        });
        let Some(read) = read else { continue };
        let place = sources.iter().position(|source| source.spec == *one.spec).unwrap_or_else(|| {
            sources.push(MicrodataSource { spec: one.spec.clone(), read: read.clone(), pools: BTreeMap::new() });
            sources.len() - 1
        });
        for code in one.known(inputs) {
            if !sources[place].pools.contains_key(&code)
                && let Some(pool) = pool(one, &read, &code, dimensions, mistakes)
            {
                sources[place].pools.insert(code, pool);
            }
        }
    }
    sources
}

/// Whether two specs read the same from the same file: what is made of it may differ.
fn same_reading(one: &MicrodataSpec, other: &MicrodataSpec) -> bool {
    one.file == other.file && one.settings() == other.settings()
}

/// Reads a file for everybody who reads it in this way.
fn read_for(
    one: &Asked<'_>,
    asked: &[Asked<'_>],
    base: &Path,
    inputs: &Inputs,
    dimensions: &Dimensions,
    digests: &mut Vec<InputDigest>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Microdata> {
    let alike = asked.iter().filter(|other| same_reading(other.spec, one.spec));
    let cultures: BTreeSet<Arc<str>> = alike.flat_map(|other| other.known(inputs)).collect();
    // No culture named would mean all of them; and what is wrong with the names is told elsewhere.
    if cultures.is_empty() {
        return None;
    }
    let settings = MicrodataSettings { cultures: cultures.into_iter().collect(), ..one.spec.settings() };
    let name = last_if_absolute(&one.spec.file);
    match microdata::read(&base.join(&one.spec.file), &name, &inputs.whole_survey, &dimensions.items(), &settings) {
        Ok((read, digest)) => {
            if !digests.contains(&digest) {
                digests.push(digest);
            }
            Some(read)
        }
        Err(errors) => {
            let mut place = one.place.clone();
            place.push(Step::from("file"));
            for error in errors {
                note(error, place.clone(), mistakes);
            }
            None
        }
    }
}

/// The profiles of a culture.
fn pool(
    one: &Asked<'_>,
    read: &Microdata,
    code: &str,
    dimensions: &Dimensions,
    mistakes: &mut Vec<Mistake>,
) -> Option<Pool> {
    let fault = match Pool::new(&read.cells, code, one.spec.minimum, dimensions) {
        Ok(pool) => return Some(pool),
        Err(fault) => fault,
    };
    let mut place = one.place.clone();
    place.push(Step::from(match fault {
        PoolFault::NoCulture { .. } => "file",
        PoolFault::TooSmall { .. } | PoolFault::Minimum { .. } => "minimum",
    }));
    let mistake = Mistake::at(place, fault.to_string());
    if !mistakes.contains(&mistake) {
        mistakes.push(mistake);
    }
    None
}

impl MicrodataSource {
    /// What a reader has to be told about profiles of these cultures; `whose` says whose they are.
    pub(super) fn notices(&self, whose: &str, cultures: &BTreeSet<&str>) -> Vec<String> {
        let path = last_if_absolute(&self.spec.file);
        let mut notices = Vec::new();
        if self.spec.weights == Weights::None {
            notices.push(format!(
                "Personas of {whose} are drawn from {path} without weights: their groups are those of the sample, not \
                 of the populations."
            ));
        }
        notices.extend(cultures.iter().filter_map(|code| self.small_cells(code, &path)));
        if !self.read.undecided.is_empty() {
            let items: Vec<&str> = self.read.undecided.iter().map(|id| &**id).collect();
            notices.push(format!(
                "{path} holds a single code of {}, which may mean either answer: left out of the dimensions.",
                items.join(", ")
            ));
        }
        if !self.read.unknown.is_empty() {
            let columns: Vec<String> =
                self.read.unknown.iter().map(|(column, count)| format!("{column} ({count})")).collect();
            notices.push(format!("{path} holds unknown codes, taken as no answer: {}.", columns.join(", ")));
        }
        notices
    }

    fn small_cells(&self, code: &str, path: &str) -> Option<String> {
        let pool = self.pools.get(code)?;
        let cells = self.read.cells.of_culture(code).filter(|(_, tally)| tally.weight() > 0.0);
        let effective: Vec<f64> = cells.map(|(_, tally)| tally.effective()).collect();
        let small = effective.iter().filter(|people| **people < self.spec.minimum).count();
        (small > 0).then(|| {
            format!(
                "{small} of {} cells of {code} in {path} hold effectively fewer than {} people: whoever is drawn from \
                 them is told with fewer demographics and the values of that larger group ({} profiles in all).",
                effective.len(),
                self.spec.minimum,
                pool.entries().len(),
            )
        })
    }
}
