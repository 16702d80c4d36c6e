//! Reading elections.

use super::super::ballot::BallotKind;
use super::super::exact::Exact;
use super::election::Election;
use super::fault::{Faults, PabulibFault};
use super::meta::{self, Meta};
use super::projects::Listed;
use super::table::{TITLES, sections};
use super::votes;

/// Reads an election from a Pabulib text, or finds everything that is wrong with it: up to [`super::FAULTS_SHOWN`]
/// mistakes in the order of the text and, where there are more, a last entry that says how many.
///
/// Of META only `budget` and `vote_type` are needed. `choose-1` is read as approval. `num_projects` and `num_votes`
/// must be those of the file where they are given. Limits such as `max_length` are kept and not applied. An empty
/// `vote` is an empty ballot. A voter has one ballot: a `voter_id` that occurs again is a mistake. Points are in units
/// of one part of their common denominator.
pub fn read(text: &str) -> Result<Election, Vec<PabulibFault>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut faults = Faults::new(text);
    let [meta_section, projects_section, votes_section] = sections(text, &mut faults);
    let meta = Meta::read(text, meta_section.as_ref(), &mut faults);
    let (budget, kind) = (meta.budget(&mut faults), meta.kind(&mut faults));
    let default_score = match kind {
        Some(BallotKind::Scoring) => meta.default_score(&mut faults),
        _ => Exact::default(),
    };
    let listed = projects_section.and_then(|section| Listed::read(text, &section, &mut faults));
    let cast = votes_section.and_then(|section| {
        // Ballots of an unknown kind are looked through for the mistakes that all kinds can have.
        let kind = kind.unwrap_or(BallotKind::Approval);
        // Where nothing can be voted on, that no ballot names a project of the list says nothing.
        let listed = listed.as_ref().filter(|listed| listed.len() > 0);
        votes::read(text, &section, kind, &default_score, listed, &mut faults)
    });
    if let Some(listed) = &listed {
        meta.check_count("num_projects", TITLES[1], listed.len(), &mut faults);
    }
    if let Some((profile, _)) = &cast {
        meta.check_count("num_votes", TITLES[2], profile.voters.len(), &mut faults);
    }
    let made = listed.and_then(|mut listed| {
        let columns = std::mem::take(&mut listed.columns);
        Some((listed.into_instance(budget, &meta, &mut faults)?, columns))
    });
    match (made, cast) {
        (Some((instance, project_columns)), Some((profile, voter_columns))) if faults.is_empty() => {
            let mut meta = meta.entries;
            meta::settle(&mut meta, &instance, &profile);
            Ok(Election { meta, instance, profile, project_columns, voter_columns })
        }
        _ => Err(faults.into_list()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::exact;
    use super::super::{Column, FAULTS_SHOWN, write};
    use super::*;
    use proptest::prelude::*;

    const SMALL: &str = "META\nkey;value\nbudget;10\nvote_type;approval\n\
                         PROJECTS\nproject_id;cost\na;5\nb;7\nVOTES\nvoter_id;vote\n1;a,b\n2;a\n";

    /// A text with `new` in place of `old`, once.
    fn altered(old: &str, new: &str) -> String {
        assert_eq!(SMALL.matches(old).count(), 1, "{old}");
        SMALL.replace(old, new)
    }

    fn usable(text: &str) -> Election {
        read(text).unwrap_or_else(|faults| panic!("{text}\n{faults:?}"))
    }

    fn ballots(election: &Election) -> Vec<(Vec<usize>, Vec<i64>)> {
        let voters = election.profile.voters.iter();
        voters.map(|voter| (voter.ballot.projects.clone(), voter.ballot.points.clone())).collect()
    }

    #[test]
    fn the_same_election_is_read_however_it_is_laid_out() {
        let plain = usable(SMALL);
        assert_eq!(ballots(&plain), [(vec![0, 1], vec![]), (vec![0], vec![])]);
        let (meta, rest) = SMALL.split_at(SMALL.find("PROJECTS").expect("a section"));
        let (projects, votes) = rest.split_at(rest.find("VOTES").expect("a section"));
        let layouts = [
            format!("\u{feff}{SMALL}"),
            SMALL.replace('\n', "\r\n"),
            SMALL.replace('\n', "\n\n"),
            SMALL.replace('\n', ";;\n"),
            SMALL.replace(';', " ; ").replace(',', " , "),
            SMALL.replace(";5", ";\"5\"").replace("1;a,b", "\"1\"; \"a, b\""),
            SMALL.to_lowercase(),
            SMALL.trim_end().to_owned(),
            format!("{votes}{projects}{meta}"),
            SMALL.replace("voter_id;vote\n1;a,b\n2;a\n", "vote;VOTER_ID\na,b;1\na;2\n"),
            SMALL.replace("project_id;cost\na;5\nb;7", "cost;project_id\n5,0;a\n7.00;b"),
        ];
        for layout in layouts {
            assert_eq!(usable(&layout), plain, "{layout}");
        }
    }

    #[test]
    fn amounts_are_exact() {
        let election = usable(&altered("budget;10", "budget;12,50").replace("a;5", "a;0.1"));
        assert_eq!(Some(election.instance.budget()), exact::fraction(25, 2).as_ref());
        assert_eq!(Some(election.instance.cost(0)), exact::fraction(1, 10).as_ref());
    }

    #[test]
    fn what_a_file_says_besides_is_kept() {
        let text = "META\nkey;value\nnote;\"a; b\"\nvote_type;choose-1\nbudget;10,50\nmax_length;None\n\
                    PROJECTS\nproject_id;cost;targets;name;votes;lat\na;5;adults;Park;1;1.5\nb;6;None\n\
                    VOTES\nvoter_id;sex;vote;agent;age\n1;F;a;x;30\n2;M;;y;None\n3;F;;x;30\n";
        let election = usable(text);
        let meta: Vec<(&str, &str)> = election.meta.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(meta, [("note", "a; b"), ("vote_type", "choose-1"), ("budget", "10.5"), ("max_length", "")]);
        let columns = |columns: &[Column], rows: usize| -> Vec<String> {
            let cells =
                |column: &Column| (0..rows).map(|row| column.cell(row).to_owned()).collect::<Vec<_>>().join("|");
            columns.iter().map(|column| format!("{}: {}", column.name(), cells(column))).collect()
        };
        assert_eq!(columns(&election.project_columns, 2), ["beneficiaries: adults|", "lat: 1.5|"]);
        assert_eq!(columns(&election.voter_columns, 3), ["sex: F|M|F", "age: 30||30"]);
        assert_eq!(election.profile.agents.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["x", "y"]);
        let agents: Vec<_> = election.profile.voters.iter().map(|voter| voter.agent).collect();
        assert_eq!(agents, [Some(0), Some(1), Some(0)]);
        assert_eq!(ballots(&election), [(vec![0], vec![]), (vec![], vec![]), (vec![], vec![])]);
        assert_eq!(&*election.instance.projects()[0].name, "Park");
    }

    #[test]
    fn points_have_one_unit_and_stand_highest_first() {
        let text = "META\nkey;value\nvote_type;scoring\nbudget;10\ndefault_score;-0,5\n\
                    PROJECTS\nproject_id;cost\na;5\nb;6\nc;6\nVOTES\nvoter_id;vote;points\n\
                    1;a,b,c;1,2.25,1\n2;a;1/3\n3;;\n4;c,b;-1,7\n";
        let profile = usable(text).profile;
        assert_eq!((profile.point_scale, profile.default_points), (12, -6));
        let points: Vec<_> =
            profile.voters.iter().map(|voter| (&voter.ballot.projects[..], &voter.ballot.points[..])).collect();
        let expected: [(&[usize], &[i64]); 4] =
            [(&[1, 0, 2], &[27, 12, 12]), (&[0], &[4]), (&[], &[]), (&[1, 2], &[84, -12])];
        assert_eq!(points, expected);
    }

    fn assert_mistakes(text: &str, expected: &[&str]) {
        let faults = read(text).expect_err(text);
        let found: Vec<String> =
            faults.iter().map(|fault| format!("{}:{} {}", fault.line, fault.column, fault.reason)).collect();
        assert_eq!(found.len(), expected.len(), "{text}\n{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{text}\n{found}\n{expected}");
        }
    }

    #[test]
    fn mistakes_in_meta_are_found_where_they_are() {
        let cases: [(&str, &str, &[&str]); 13] = [
            ("budget;10\n", "", &["1:1 META has no budget: write `budget;` and the amount"]),
            ("budget;10", "budget;", &["3:8 META has no budget"]),
            ("budget;10", "budget;a lot", &["3:8 budget is `a lot`, which is no number: write it like"]),
            ("budget;10", "budget;-1", &["3:8 a budget of -1: it must be 0 or more"]),
            ("budget;10", "budget; 4", &["3:9 the budget of 4 is below the cost of every project"]),
            ("budget;10", "budget;10;5", &["3:11 3 fields where the header of META has 2: put a text"]),
            ("budget;10", "budget;10\n;5\nBudget;9", &["4:1 a value without a key", "5:1 a second `Budget` in META"]),
            ("vote_type;approval\n", "", &["1:1 META has no vote_type: write `vote_type;` and approval, choose-1"]),
            ("approval", "guess", &["4:11 there are no ballots of type `guess`: write approval"]),
            ("approval", "approval\nnum_votes;3", &["5:11 num_votes is 3, and VOTES has 2 rows"]),
            ("approval", "approval\nnum_projects;x", &["5:14 num_projects is `x`, which is no whole number: write 2"]),
            ("key;value\n", "", &["2:1 META has no header: write `key;value` in a line above"]),
            ("key;value", "key;worth", &["2:1 the header of META names no column `value`: it needs `key;value`"]),
        ];
        for (old, new, expected) in cases {
            assert_mistakes(&altered(old, new), expected);
        }
    }

    #[test]
    fn mistakes_in_the_layout_are_found_where_they_are() {
        let cases: [(&str, &str, &[&str]); 9] = [
            ("META\n", "", &["1:1 this stands before any section", "11:4 there is no section META: write a line"]),
            ("PROJECTS\n", "", &["11:4 there is no section PROJECTS"]),
            ("project_id;cost\n", "", &["6:1 PROJECTS has no header: write `project_id;cost` in a line above"]),
            ("project_id;cost", "project_id;price", &["6:1 the header of PROJECTS names no column `cost`"]),
            ("voter_id;vote\n1;a,b\n2;a\n", "", &["9:1 VOTES has no header: write `voter_id;vote` below"]),
            (
                "voter_id;vote",
                "voter_id;vote;;vote",
                &["10:15 a column of VOTES without", "10:16 a second column `vote`"],
            ),
            ("2;a\n", "2;a\nmeta\n", &["13:1 a second section META; the first is on line 1"]),
            ("2;a\n", "ż;\"a\n3;b", &["12:3 this quote is never closed"]),
            (
                "2;a\n",
                "2;\"a\" b;c\n",
                &["12:7 text behind a closing quote", "12:9 3 fields where the header of VOTES"],
            ),
        ];
        for (old, new, expected) in cases {
            assert_mistakes(&altered(old, new), expected);
        }
    }

    #[test]
    fn mistakes_in_projects_and_ballots_are_found_where_they_are() {
        let points = "points\n1;a,b;1,2\n";
        let cases: [(&str, &str, &[&str]); 16] = [
            ("a;5\nb;7\n", "", &["5:1 there is no project to vote on: write one in each line"]),
            ("a;5", "a;5\na;6", &["8:1 two projects have the id `a`: give each an id of its own"]),
            ("a;5", "a;-5", &["7:3 project `a` costs -5; a cost is 0 or more"]),
            (
                "a;5",
                "a;5 EUR\n;8\n\"x,y\";9",
                &["7:3 `5 EUR` is no cost", "8:1 a project without an id", "9:2 the project id"],
            ),
            ("a;5", "a", &["7:1 a project without a cost: write it like 1250"]),
            ("1;a,b\n2;a\n", "", &["9:1 nobody voted"]),
            ("2;a", "2;ą, c", &["12:3 project `ą` is not among the PROJECTS", "12:6 project `c` is not among"]),
            ("2;a", "2;\"a\"\"ą,ą\"", &["12:4 project `a\"ą` is not", "12:4 project `ą` is not"]),
            ("2;a", "2;b,a,b", &["12:7 project `b` is named twice on this ballot"]),
            ("2;a", "2;b,,a", &["12:5 no project beside a comma"]),
            ("2;a", "1;b", &["12:1 voter `1` has voted on line 11 already"]),
            ("2;a", ";b", &["12:1 a ballot without a voter_id"]),
            ("2;a", "2;a;9", &["12:5 3 fields where the header of VOTES has 2"]),
            (
                "approval",
                "cumulative",
                &["10:1 the header of VOTES names no column `points`, which cumulative ballots need"],
            ),
            (
                points,
                "points\n1;a,b;1\n2;a;x\n3;a",
                &["11:7 1 points for 2 projects", "12:5 `x` in points is no number", "13:3 0 points"],
            ),
            (
                points,
                "points\n1;a;9223372036854775807\n2;a;0.1\n3;a;9e9",
                &["9:1 a number in points or", "13:5 `9e9` in points is no number"],
            ),
        ];
        for (old, new, expected) in cases {
            let scored = altered("approval", "scoring").replace("vote\n1;a,b\n2;a\n", &format!("vote;{points}"));
            let text = if old == points { scored.replace(old, new) } else { altered(old, new) };
            assert_mistakes(&text, expected);
        }
    }

    proptest! {
        #[test]
        fn a_mangled_text_is_refused_or_can_be_written(
            cuts in prop::collection::vec((0..SMALL.len(), 0..4_usize, "[ab1;\", \r\ną]{0,3}"), 1..4)
        ) {
            let mut text = SMALL.to_owned();
            for (start, length, new) in cuts {
                let whole = |at: usize| text.ceil_char_boundary(at);
                text.replace_range(whole(start)..whole(start + length), &new);
            }
            match read(&text) {
                Ok(election) => {
                    let written = write(&election);
                    prop_assert_eq!(write(&usable(&written)), written);
                }
                Err(faults) => {
                    let lines: Vec<&str> = text.split('\n').collect();
                    for fault in faults {
                        let line = lines.get(fault.line - 1);
                        prop_assert!(line.is_some_and(|line| fault.column <= line.chars().count() + 1), "{}", fault);
                    }
                }
            }
        }
    }

    #[test]
    fn mistakes_beyond_those_shown_are_counted() {
        let ballots: Vec<String> = (3..80).map(|voter| format!("{voter};x\n")).collect();
        let text = SMALL.to_owned() + &ballots.concat();
        let faults = read(&text).expect_err("unknown projects");
        assert_eq!(faults.len(), FAULTS_SHOWN + 1);
        let last = &faults[FAULTS_SHOWN];
        assert_eq!(last.to_string(), "line 63, column 4: and 27 more mistakes, this being the place of the first");
    }

    #[test]
    fn a_hundred_thousand_ballots_are_read() {
        let projects: Vec<String> = (10..40).map(|project| format!("project{project};{project}")).collect();
        let ballot = |voter: u32| {
            let list: Vec<String> =
                (0..10).map(|place| format!("project{}", 10 + (voter * 7 + place * 3) % 30)).collect();
            format!("{voter};{}", list.join(","))
        };
        let ballots: Vec<String> = (0..100_000).map(ballot).collect();
        let text = altered("a;5\nb;7", &projects.join("\n")).replace("1;a,b\n2;a", &ballots.join("\n"));
        assert_eq!(usable(&text).profile.voters.len(), 100_000);
    }
}
