//! Writing elections.

use std::collections::BTreeMap;

use super::super::ballot::Ballot;
use super::super::exact::fraction;
use super::column::Column;
use super::election::Election;
use super::meta::{completed, number};
use super::projects;
use super::table::TITLES;
use super::text::{push_field, push_quoted};
use super::votes::{self, has_points, order_by_points};

/// Writes an election as a Pabulib text, without a byte order mark.
///
/// Keys of META that Pabulib wants are added where they are missing. Numbers are written as decimals, those without a
/// finite one as fractions `a/b`, which [`super::read()`] reads and other programs may not. `votes` says how many
/// ballots name a project, and `score` what they give it in points, projects not named left out. Columns `name`,
/// `category`, `description`, `dimension` and `agent` are written where anything stands in them. Further columns
/// without a name, or with one that is taken, are left out.
pub fn write(election: &Election) -> String {
    let mut text = String::new();
    write_meta(election, &mut text);
    write_projects(election, &mut text);
    write_votes(election, &mut text);
    text
}

fn write_meta(election: &Election, text: &mut String) {
    begin(text, TITLES[0], ["key", "value"]);
    for (key, value) in completed(&election.meta, &election.instance, &election.profile) {
        let mut row = RowWriter::new(text);
        row.push(&key);
        row.push(&value);
        row.end();
    }
}

fn write_projects(election: &Election, text: &mut String) {
    let listed = election.instance.projects();
    let scored = has_points(election.profile.kind);
    // Pabulib refuses a column `name` in which nothing stands.
    let [name, category, description, dimension] = [
        listed.iter().any(|project| !project.name.is_empty()),
        listed.iter().any(|project| !project.category.is_empty()),
        listed.iter().any(|project| !project.description.is_empty()),
        listed.iter().any(|project| !project.dimension.is_empty()),
    ];
    let shown = |column: &str| match column {
        "score" => scored,
        "name" => name,
        "category" => category,
        "description" => description,
        "dimension" => dimension,
        _ => true,
    };
    let known: Vec<&str> = projects::KNOWN.into_iter().filter(|name| shown(name)).collect();
    let further = further(&election.project_columns, &projects::KNOWN);
    begin(text, TITLES[1], known.iter().copied().chain(further.iter().map(|column| &**column.name())));
    let (votes, scores) = counts(election);
    let mut points = PointWriter::new(election);
    for (place, project) in listed.iter().enumerate() {
        let mut row = RowWriter::new(text);
        for name in &known {
            match *name {
                "project_id" => row.push(&project.id),
                "cost" => row.push(&number(&project.cost)),
                "votes" => row.push(&votes[place].to_string()),
                "score" => row.push(points.text(scores[place])),
                "name" => row.push(&project.name),
                "category" => row.push(&project.category),
                "description" => row.push(&project.description),
                _ => row.push(&project.dimension),
            }
        }
        for column in &further {
            row.push(column.cell(place));
        }
        row.end();
    }
}

fn write_votes(election: &Election, text: &mut String) {
    let profile = &election.profile;
    let shown = |name: &&str| *name != "agent" || !profile.agents.is_empty();
    let known: Vec<&str> = votes::known(profile.kind).iter().copied().filter(shown).collect();
    let further = further(&election.voter_columns, votes::known(profile.kind));
    begin(text, TITLES[2], known.iter().copied().chain(further.iter().map(|column| &**column.name())));
    let mut points = PointWriter::new(election);
    let (mut ballot, mut list) = (Ballot { projects: Vec::new(), points: Vec::new() }, String::new());
    for (place, voter) in profile.voters.iter().enumerate() {
        ballot.clone_from(&voter.ballot);
        order_by_points(&mut ballot);
        let mut row = RowWriter::new(text);
        for name in &known {
            list.clear();
            match *name {
                "voter_id" => list.push_str(&voter.id),
                "vote" => {
                    let ids = ballot.projects.iter().map(|&project| &*election.instance.projects()[project].id);
                    ids.for_each(|id| push_item(&mut list, id));
                }
                "points" => ballot.points.iter().for_each(|&value| push_item(&mut list, points.text(value.into()))),
                _ => {
                    let agent = voter.agent.and_then(|agent| profile.agents.get(agent as usize));
                    list.push_str(agent.map_or("", |agent| agent));
                }
            }
            row.push(&list);
        }
        for column in &further {
            row.push(column.cell(place));
        }
        row.end();
    }
}

/// Begins a section with its title and its header.
fn begin<'a>(text: &mut String, title: &str, columns: impl IntoIterator<Item = &'a str>) {
    text.push_str(title);
    text.push('\n');
    let mut row = RowWriter::new(text);
    columns.into_iter().for_each(|column| row.push(column));
    row.end();
}

/// Columns that can stand beside those of the format and beside each other.
fn further<'a>(columns: &'a [Column], known: &[&str]) -> Vec<&'a Column> {
    let mut further: Vec<&Column> = Vec::new();
    for column in columns {
        let name = column.name();
        let mut taken = known.iter().copied().chain(further.iter().map(|column| &**column.name()));
        if !name.is_empty() && !taken.any(|taken| taken.eq_ignore_ascii_case(name)) {
            further.push(column);
        }
    }
    further
}

/// How many ballots name each project, and the points they give it.
fn counts(election: &Election) -> (Vec<usize>, Vec<i128>) {
    let projects = election.instance.len();
    let (mut votes, mut scores) = (vec![0; projects], vec![0; projects]);
    for voter in &election.profile.voters {
        for &project in &voter.ballot.projects {
            votes[project] += 1;
        }
        for (&project, &points) in voter.ballot.projects.iter().zip(&voter.ballot.points) {
            scores[project] += i128::from(points);
        }
    }
    (votes, scores)
}

fn push_item(list: &mut String, item: &str) {
    if !list.is_empty() {
        list.push(',');
    }
    list.push_str(item);
}

/// A row that is being written.
struct RowWriter<'a> {
    text: &'a mut String,
    begun: bool,
}

impl<'a> RowWriter<'a> {
    fn new(text: &'a mut String) -> Self {
        Self { text, begun: false }
    }

    fn push(&mut self, field: &str) {
        if self.begun {
            self.text.push(';');
            push_field(self.text, field);
        } else if TITLES.iter().any(|title| field.eq_ignore_ascii_case(title)) {
            // In front of empty fields it would be taken for a title.
            push_quoted(self.text, field);
        } else {
            push_field(self.text, field);
        }
        self.begun = true;
    }

    fn end(self) {
        self.text.push('\n');
    }
}

/// Points as texts, each of which is made once.
struct PointWriter {
    scale: i64,
    texts: BTreeMap<i128, String>,
}

impl PointWriter {
    fn new(election: &Election) -> Self {
        Self { scale: election.profile.point_scale, texts: BTreeMap::new() }
    }

    fn text(&mut self, points: i128) -> &str {
        let scale = self.scale;
        self.texts.entry(points).or_insert_with(|| number(&fraction(points, scale).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::ballot::{BallotKind, Profile, Voter};
    use super::super::super::exact::{Exact, whole};
    use super::super::super::instance::{Instance, Project};
    use super::*;

    fn project(id: &str, name: &str, cost: Exact) -> Project {
        let empty: Arc<str> = "".into();
        let (category, dimension, description) = (empty.clone(), empty.clone(), empty);
        Project { id: id.into(), name: name.into(), category, dimension, description, cost }
    }

    fn voter(id: &str, agent: Option<u32>, ballot: &[(usize, i64)]) -> Voter {
        let (projects, points) = ballot.iter().copied().unzip();
        Voter { id: id.into(), agent, ballot: Ballot { projects, points } }
    }

    #[test]
    fn a_text_has_what_pabulib_wants() {
        let projects = vec![project("1", "Park; big", whole(20)), project("2", "", fraction(25, 2).expect("a number"))];
        let instance = Instance::new(projects, whole(30)).expect("an instance");
        let profile = Profile {
            kind: BallotKind::Scoring,
            voters: vec![
                voter("7", Some(0), &[(0, 2), (1, 10)]),
                voter("votes", None, &[]),
                voter("9", None, &[(1, 10)]),
            ],
            agents: vec!["ann".into()],
            point_scale: 4,
            default_points: -2,
        };
        let meta = vec![("rule".into(), "greedy".into()), ("Budget".into(), "31".into())];
        let mut election = Election::new(instance, profile, meta).expect("an election");
        election.voter_columns = vec![Column::new("age", ["30", "", "None"]), Column::new("vote", ["left", "out", ""])];
        let text = "META\nkey;value\ndescription;Election in participatory budgeting\ncountry;Worldwide\nunit;unknown\n\
                    instance;unknown\nnum_projects;2\nnum_votes;3\nbudget;30\nvote_type;scoring\nrule;greedy\n\
                    date_begin;0001\ndate_end;0001\ndefault_score;-0.5\n\
                    PROJECTS\nproject_id;cost;votes;score;name\n1;20;1;0.5;\"Park; big\"\n2;12.5;2;5;\n\
                    VOTES\nvoter_id;vote;points;agent;age\n7;2,1;2.5,0.5;ann;30\n\"votes\";;;;\n9;2;2.5;;\"None\"\n";
        assert_eq!(write(&election), text);
    }
}
