//! What a run leaves of its personas: a row an agent that has a profile.

use std::sync::Arc;

use pluriverse_engine::record::table::{Column, ColumnKind, Rows, TableSpec};
use pluriverse_worlds::culture::{Culture, Cultures};

use super::{Education, Income, Profile, Religion, Residence, Sex};
use crate::persona::{Persona, Personas};

/// `personas.parquet`: one row an agent that has a profile.
pub static PERSONAS: TableSpec = TableSpec {
    name: "personas",
    columns: &[
        ("society", ColumnKind::Text),
        ("agent", ColumnKind::Integer),
        ("culture", ColumnKind::Text),
        ("persona", ColumnKind::Integer),
        ("source", ColumnKind::Text),
        ("age_from", ColumnKind::Integer),
        ("age_to", ColumnKind::Integer),
        ("sex", ColumnKind::Text),
        ("education", ColumnKind::Text),
        ("income", ColumnKind::Text),
        ("residence", ColumnKind::Text),
        ("religion", ColumnKind::Text),
        ("region", ColumnKind::Text),
        ("values", ColumnKind::Text),
    ],
};

/// Rows of one row group.
const PORTION: usize = 1 << 16;

/// The rows of a society, agents in the order of their ids; `None` where nobody has a profile.
pub fn rows(
    society: &Arc<str>,
    agents: impl IntoIterator<Item = (Culture, Persona)>,
    personas: &Personas,
    cultures: &Cultures,
) -> Option<Rows> {
    let people: Vec<(i64, Culture, Persona)> = (0..)
        .zip(agents)
        .filter(|(_, (_, persona))| personas.described(*persona).is_some())
        .map(|(agent, (culture, persona))| (agent, culture, persona))
        .collect();
    if people.is_empty() {
        return None;
    }
    let (society, personas) = (society.clone(), personas.clone());
    let codes: Vec<Arc<str>> = cultures.cultures.iter().map(|profile| profile.code.clone()).collect();
    let mut next = 0;
    let portions = std::iter::from_fn(move || {
        let range = next..(next + PORTION).min(people.len());
        next = range.end;
        (!range.is_empty()).then(|| portion(&society, &people[range], &personas, &codes))
    });
    Some(Rows { table: &PERSONAS, portions: Box::new(portions) })
}

fn portion(
    society: &Arc<str>,
    people: &[(i64, Culture, Persona)],
    personas: &Personas,
    codes: &[Arc<str>],
) -> Vec<Column> {
    let described: Vec<_> = people.iter().filter_map(|&(.., persona)| personas.described(persona)).collect();
    let integer = |of: &dyn Fn(&Profile) -> Option<i64>| {
        Column::Integer(described.iter().map(|described| of(&described.profile)).collect())
    };
    let text =
        |of: &dyn Fn(&Profile) -> Arc<str>| Column::distinct(described.iter().map(|described| of(&described.profile)));
    let named = |name: Option<&'static str>| Arc::from(name.unwrap_or_default());
    vec![
        Column::same_text(society, people.len()),
        Column::Integer(people.iter().map(|(agent, ..)| Some(*agent)).collect()),
        Column::Text {
            values: codes.to_vec(),
            rows: people.iter().map(|(_, culture, _)| u32::from(culture.0)).collect(),
        },
        Column::Integer(people.iter().map(|(.., persona)| Some(i64::from(persona.0))).collect()),
        Column::distinct(described.iter().map(|described| Arc::from(described.source.name()))),
        integer(&|profile| Some(i64::from(profile.age?.from))),
        integer(&|profile| Some(i64::from(profile.age?.to?))),
        text(&|profile| named(profile.sex.map(sex))),
        text(&|profile| named(profile.education.map(education))),
        text(&|profile| named(profile.income.map(income))),
        text(&|profile| named(profile.residence.map(residence))),
        text(&|profile| named(profile.religion.map(religion))),
        text(&|profile| profile.region.clone().unwrap_or_default()),
        // Levels by dimension, in one order whatever the dimensions of a study are.
        text(&|profile| Arc::from(serde_json::to_string(&profile.values).unwrap_or_default())),
    ]
}

const fn sex(of: Sex) -> &'static str {
    match of {
        Sex::Male => "male",
        Sex::Female => "female",
    }
}

const fn education(of: Education) -> &'static str {
    match of {
        Education::Lower => "lower",
        Education::Middle => "middle",
        Education::Higher => "higher",
    }
}

const fn income(of: Income) -> &'static str {
    match of {
        Income::Low => "low",
        Income::Medium => "medium",
        Income::High => "high",
    }
}

const fn residence(of: Residence) -> &'static str {
    match of {
        Residence::Urban => "urban",
        Residence::Rural => "rural",
    }
}

const fn religion(of: Religion) -> &'static str {
    match of {
        Religion::None => "none",
        Religion::Catholic => "catholic",
        Religion::Protestant => "protestant",
        Religion::Orthodox => "orthodox",
        Religion::Jewish => "jewish",
        Religion::Muslim => "muslim",
        Religion::Hindu => "hindu",
        Religion::Buddhist => "buddhist",
        Religion::OtherChristian => "other_christian",
        Religion::Other => "other",
    }
}
