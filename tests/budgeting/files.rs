//! Pabulib files: read as the oracle reads them, and what is wrong with one told with line and column.

use pluriverse_scenarios::commands::Exit;
use pluriverse_worlds::budgeting::pabulib::{self, Election};
use pluriverse_worlds::budgeting::tally::{Contest, IdOrder, Increments, Rule, TieBreaking, tally};
use pluriverse_worlds::budgeting::{Ballot, BallotKind, Electorate, VoterUnit};
use serde_json::{Map, Value, json};

use super::{Found, read};
use crate::support::{command, json as json_file, with_published};

fn id(file: &Election, project: usize) -> String {
    file.instance.projects()[project].id.to_string()
}

/// A ballot as the oracle writes it: sorted approvals, ranks in order, points by project.
fn told(file: &Election, ballot: &Ballot) -> Value {
    let mut ids: Vec<String> = ballot.projects.iter().map(|&project| id(file, project)).collect();
    match file.profile.kind {
        BallotKind::Approval => {
            ids.sort();
            json!(ids)
        }
        BallotKind::Ranking => json!(ids),
        BallotKind::Cumulative | BallotKind::Scoring => {
            let points = ballot.points.iter().map(|points| json!((points / file.profile.point_scale).to_string()));
            Value::Object(ids.into_iter().zip(points).collect::<Map<String, Value>>())
        }
    }
}

#[test]
fn the_four_kinds_of_files_are_read_as_other_tools_read_them() {
    with_published("formats of ballots", |folder| {
        let folder = folder.join("oracles/budgeting");
        let formats = json_file(&folder.join("formats.json"));
        let files = formats.as_object().expect("files").iter().filter(|(name, _)| name.starts_with("fmt_"));
        assert_eq!(files.clone().count(), 4);
        for (name, expected) in files {
            let file = read(&folder.join(name));
            let meta: Map<String, Value> =
                file.meta.iter().map(|(key, value)| (key.to_string(), json!(**value))).collect();
            assert_eq!(Value::Object(meta), expected["meta"], "{name}");
            for (id, project) in expected["projects"].as_object().expect("projects") {
                let place = file.instance.find(id).unwrap_or_else(|| panic!("{name}: no project {id}"));
                Found::Exact(file.instance.cost(place).clone()).check(&project["cost"], name);
                assert_eq!(json!(*file.instance.projects()[place].name), project["name"], "{name}");
            }
            let ballots: Vec<Value> = file.profile.voters.iter().map(|voter| told(&file, &voter.ballot)).collect();
            assert_eq!(json!(ballots), expected["ballots"], "{name}");
            check_counts(&file, expected, name);
            assert_eq!(pabulib::read(&pabulib::write(&file)), Ok(file), "{name}, written and read again");
        }
    });
}

fn check_counts(file: &Election, expected: &Value, name: &str) {
    let electorate = Electorate::new(&file.profile, file.instance.len(), VoterUnit::Ballot).expect("voters");
    let ties = TieBreaking { keys: Vec::new(), ids: IdOrder::Lexicographic };
    let contest = Contest::new(&file.instance, &electorate, &ties);
    for (id, score) in expected["total_satisfaction"].as_object().into_iter().flatten() {
        let project = file.instance.find(id).expect("a project");
        Found::Exact(contest.scores[project].clone()).check(score, &format!("{name}, {id}"));
    }
    for (key, rule) in [("greedy", "greedy-votes-per-cost"), ("mes", "equal-shares")] {
        if !expected[key].is_null() {
            let rule = Rule::named(rule).expect("a rule");
            let found = tally(&contest, rule, &Increments::default()).expect("points above 0");
            let ids: Vec<String> = found.funded.iter().map(|&project| id(file, project)).collect();
            assert_eq!(json!(ids), expected[key], "{name}, {key}");
        }
    }
}

/// A valid file; each case below breaks one thing about it.
const WHOLE: &str = "META\nkey;value\nbudget;100\nvote_type;approval\nPROJECTS\nproject_id;cost\na;40\nb;60\nc;70\nVOTES\n\
                     voter_id;vote\n1;a,b\n2;c\n";

#[test]
fn what_is_wrong_with_a_file_is_told_with_line_and_column_and_code_2() {
    for (from, to, place, told) in [
        ("budget;100", "budget;10", "line 3", "below the cost of every project"),
        ("b;60", "a;60", "line 8", "`a`"),
        ("b;60", "b;-60", "line 8, column 3", "-60"),
        ("1;a,b", "1;a,x", "line 12, column 5", "`x`"),
        ("1;a,b", "1;a,a", "line 12, column 5", "`a`"),
        ("1;a,b\n2;c\n", "", "line", "ballot"),
        ("b;60", "b;sixty", "line 8, column 3", "sixty"),
        ("1;a,b", "1;\"a,b", "line 12, column 3", "quote"),
        ("voter_id;vote", "voter_id;votes", "line 11", "vote"),
        ("vote_type;approval", "vote_type;thumbs", "line 4, column 11", "thumbs"),
        ("budget;100\n", "", "line", "budget"),
    ] {
        assert!(WHOLE.contains(from), "{from}");
        let text = WHOLE.replace(from, to);
        let faults = pabulib::read(&text).expect_err(to);
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let found = shown.iter().any(|fault| fault.starts_with(place) && fault.contains(told));
        assert!(found, "{to}: {shown:?} does not say {told} at {place}");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bad.pb");
        std::fs::write(&path, &text).expect("written");
        assert_eq!(command(&["tally", &path.display().to_string()]), Exit::Mistake, "{to}");
    }
}

#[test]
fn a_whole_file_is_counted_by_every_rule() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("whole.pb").display().to_string();
    std::fs::write(&path, WHOLE).expect("written");
    assert_eq!(command(&["tally", &path]), Exit::Done);
    assert_eq!(command(&["tally", &path, &path, "--rule", "all", "--irresolute", "--json"]), Exit::Done);
    for wrong in [
        &["--rule", "dictatorship"][..],
        &["--increment", "0"],
        &["--budget-step", "a"],
        &["--ties", "coin"],
        // Nobody is named in the file.
        &["--voter", "agent"],
        &["--by", "district"],
    ] {
        assert_eq!(command(&[&["tally", &path], wrong].concat()), Exit::Mistake, "{wrong:?}");
    }
    assert_eq!(command(&["tally", "nowhere.pb"]), Exit::Mistake);
}
