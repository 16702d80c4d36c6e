//! The section PROJECTS.

use super::super::exact::{self, Exact};
use super::super::instance::{Instance, InstanceFault, Project};
use super::column::Column;
use super::fault::Faults;
use super::lookup::Lookup;
use super::meta::Meta;
use super::table::{Row, Section, Table};

/// Columns with a meaning, in the order in which they are written.
pub(super) const KNOWN: [&str; 8] =
    ["project_id", "cost", "votes", "score", "name", "category", "description", "dimension"];

/// Projects as they are read.
pub(super) struct Listed {
    projects: Vec<Project>,
    /// The bytes at which id and cost of each begin.
    places: Vec<(usize, usize)>,
    /// The byte at which the section begins.
    at: usize,
    pub(super) columns: Vec<Column>,
}

impl Listed {
    /// Reads the section; nothing where its header does not say what its rows are.
    pub(super) fn read(text: &str, section: &Section, faults: &mut Faults<'_>) -> Option<Self> {
        let mut table = Table::open(text, section, faults)?;
        let (id, cost) = (table.column("project_id")?, table.column("cost")?);
        let [name, category, description, dimension] =
            ["name", "category", "description", "dimension"].map(|name| table.column(name));
        let mut others = table.others(&KNOWN);
        let mut listed = Self { projects: Vec::new(), places: Vec::new(), at: section.at, columns: Vec::new() };
        while let Some(row) = table.next(faults) {
            let project = Project {
                id: row.text(Some(id)).into(),
                name: row.text(name).into(),
                category: row.text(category).into(),
                dimension: row.text(dimension).into(),
                description: row.text(description).into(),
                cost: read_cost(row, cost, faults),
            };
            if let Some(reason) = unusable_id(&project.id) {
                faults.add(row.at(id), format_args!("{reason}"));
            }
            listed.projects.push(project);
            listed.places.push((row.at(id), row.at(cost)));
            for (place, column) in &mut others {
                column.push(row.text(Some(*place)));
            }
        }
        listed.columns = others.into_iter().map(|(_, column)| column.finish()).collect();
        Some(listed)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.projects.len()
    }

    /// The projects by their ids.
    pub(super) fn lookup(&self) -> Lookup<'_> {
        Lookup::new(self.projects.iter().map(|project| &*project.id))
    }

    /// Makes an instance of the projects. What is wrong with it is noted.
    pub(super) fn into_instance(self, budget: Option<Exact>, meta: &Meta, faults: &mut Faults<'_>) -> Option<Instance> {
        // Without a budget, one that is no mistake, so that mistakes in the projects are found.
        let budget = budget.or_else(|| self.projects.iter().map(|project| project.cost.clone()).max());
        let found = match Instance::new(self.projects, budget.unwrap_or_default()) {
            Ok(instance) => return Some(instance),
            Err(found) => found,
        };
        for fault in found {
            let (at, advice) = match &fault {
                InstanceFault::NoProjects => (self.at, "write one in each line below the header"),
                InstanceFault::Repeated { place, .. } => (self.places[*place].0, "give each an id of its own"),
                InstanceFault::NegativeCost { place, .. } => (self.places[*place].1, "write one without a minus"),
                InstanceFault::NothingAffordable { .. } => {
                    (meta.get("budget").map_or(self.at, |(at, _)| at), "correct the budget or the costs")
                }
            };
            faults.add(at, format_args!("{fault}: {advice}"));
        }
        None
    }
}

/// What a project costs; 0 where that cannot be read, which is noted.
fn read_cost(row: Row<'_, '_>, column: usize, faults: &mut Faults<'_>) -> Exact {
    let text = row.text(Some(column));
    let cost = exact::parse(text);
    if cost.is_none() {
        let what = if text.is_empty() { "a project without a cost".into() } else { format!("`{text}` is no cost") };
        faults.add(row.at(column), format_args!("{what}: write it like 1250 or 12.50"));
    }
    cost.unwrap_or_default()
}

/// Why ballots could not name a project of this id.
pub(super) fn unusable_id(id: &str) -> Option<String> {
    if id.is_empty() {
        Some("a project without an id: give it one".into())
    } else if id.contains(',') {
        Some(format!("the project id `{id}` holds a comma, and ballots part ids by commas: write another sign"))
    } else if id.trim().len() != id.len() {
        Some(format!("the project id `{id}` begins or ends with a blank: take it out"))
    } else {
        None
    }
}
