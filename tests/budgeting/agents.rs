//! Agents apart from one another, and two systems.

use pluriverse_worlds::budgeting::exact::to_f64;
use pluriverse_worlds::budgeting::measures::stability::mean_jaccard;
use pluriverse_worlds::budgeting::measures::uncertainty::{Statistic, jackknife};
use pluriverse_worlds::budgeting::measures::{Between, Pooling, RowCounts};
use pluriverse_worlds::budgeting::pabulib::Election;
use serde_json::Value;

use super::{Found, read};
use crate::support::{json, with_published};

struct Agents {
    names: Vec<String>,
    rows: RowCounts,
    ballots: Vec<Vec<Vec<usize>>>,
}

impl Agents {
    /// The agents of a file that names them as districts.
    fn of(mut file: Election) -> Self {
        file.group_by("district").expect("the column");
        let names: Vec<String> = file.profile.agents.iter().map(ToString::to_string).collect();
        let mut counts = vec![vec![0; file.instance.len()]; names.len()];
        let mut ballots = vec![Vec::new(); names.len()];
        for voter in &file.profile.voters {
            let agent = voter.agent.expect("an agent") as usize;
            voter.ballot.projects.iter().for_each(|&project| counts[agent][project] += 1);
            ballots[agent].push(voter.ballot.projects.clone());
        }
        Self { names, rows: RowCounts::new(counts, file.instance.len()).expect("a table"), ballots }
    }

    fn place(&self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).expect("the agent")
    }

    /// A figure of one agent, or of two of them.
    fn of_agent(&self, figure: &str, name: &str) -> Found {
        match figure {
            "agent_shannon_nats" => Found::Real(self.rows.entropies()[self.place(name)].expect("votes")),
            "within_agent_mean_pairwise_jaccard_exact" => {
                let ballots = self.ballots[self.place(name)].iter().map(Vec::as_slice);
                Found::Exact(mean_jaccard(ballots).expect("several ballots"))
            }
            "pairwise_total_variation_exact" => {
                let (one, other) = name.split_once('|').expect("a pair");
                let pair = (self.place(one), self.place(other));
                let apart = self.rows.total_variations().into_iter().find(|(one, other, _)| (*one, *other) == pair);
                Found::Exact(apart.expect("the pair").2)
            }
            other => panic!("{other} is not known"),
        }
    }

    fn check(&self, expected: &Value, pooling: Pooling) {
        let diversity = self.rows.diversity(pooling).expect("votes");
        for (figure, value) in expected.as_object().expect("figures") {
            match figure.as_str() {
                "agents" | "counts" => {}
                "gamma_exp_H_pooled" => Found::Real(diversity.gamma).check(value, figure),
                "alpha_exp_mean_H_agent" => Found::Real(diversity.alpha).check(value, figure),
                "beta" => Found::Real(diversity.beta).check(value, figure),
                "mutual_information_agent_project_nats" => {
                    Found::Real(diversity.mutual_information).check(value, figure);
                }
                "mean_pairwise_total_variation_exact" => {
                    Found::Exact(self.rows.mean_total_variation().expect("pairs")).check(value, figure);
                }
                "jackknife" => self.check_jackknife(value, pooling),
                _ => {
                    for (name, value) in value.as_object().expect("by agent") {
                        self.of_agent(figure, name).check(value, &format!("{figure}, {name}"));
                    }
                }
            }
        }
    }

    fn check_jackknife(&self, expected: &Value, pooling: Pooling) {
        let statistics =
            [("shannon_nats", Statistic::Shannon), ("hill1", Statistic::Hill1), ("hill2", Statistic::Hill2)];
        for (name, statistic) in statistics {
            let (found, expected) = (jackknife(&self.rows, statistic, pooling).expect("agents"), &expected[name]);
            Found::Real(found.estimate).check(&expected["estimate"], name);
            Found::Real(found.standard_error).check(&expected["jackknife_se"], name);
            Found::Real(found.bias_corrected).check(&expected["jackknife_bias_corrected"], name);
            for (agent, value) in expected["leave_one_agent_out"].as_object().expect("by agent") {
                Found::Real(found.leave_one_out[self.place(agent)].expect("others")).check(value, agent);
            }
        }
    }
}

#[test]
fn agents_differ_by_as_much_as_the_oracle_says() {
    with_published("agents of budgeting votes", |folder| {
        let folder = folder.join("oracles/budgeting");
        for (name, expected) in json(&folder.join("agents_pb05_pb06.json")).as_object().expect("instances") {
            let agents = Agents::of(read(&folder.join(format!("{name}.pb"))));
            // All agents cast equally many ballots: both ways of pooling are one.
            for pooling in [Pooling::Rows, Pooling::Approvals] {
                agents.check(expected, pooling);
            }
        }
    });
}

#[test]
fn two_systems_lie_apart_by_as_much_as_the_oracle_says() {
    with_published("distances of budgeting votes", |folder| {
        let folder = folder.join("oracles/budgeting");
        let expected = json(&folder.join("distances_pb05_pb06.json"));
        let counts = |side: &str| -> Vec<u64> {
            let agents = Agents::of(read(&folder.join(expected[side].as_str().expect("a file"))));
            let rows = agents.rows.rows().iter();
            rows.fold(vec![0; 13], |sums, row| sums.iter().zip(row).map(|(sum, count)| sum + count).collect())
        };
        let found = Between::of(&counts("a"), &counts("b")).expect("votes");
        Found::Exact(found.total_variation.clone()).check(&expected["total_variation_exact"], "exactly");
        for (name, value) in [
            ("total_variation", to_f64(&found.total_variation)),
            ("js_divergence_nats", found.divergence_nats),
            ("js_divergence_bits", found.divergence_bits),
            ("js_distance_nats", found.distance_nats),
            ("js_distance_bits", found.distance_bits),
            ("hellinger", found.hellinger),
            ("chi2_2xm", found.chi_square),
        ] {
            Found::Real(value).check(&expected[name], name);
        }
    });
}
