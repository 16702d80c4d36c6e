//! The published figures, to 1e-9: through `measure`, and through the engine.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use clap::Parser;
use pluriverse_agents::parse::parse_as_the_paper_does;
use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::cli::{Cli, Command, MeasureArgs};
use pluriverse_scenarios::commands::measure::{Measured, Report, of_recordings};
use pluriverse_scenarios::studies::setting::Setting;
use pluriverse_worlds::survey::measures::baseline::human_diversity;
use pluriverse_worlds::survey::measures::diversity::minimum_spanning_tree;
use pluriverse_worlds::survey::{Coding, Statistic};
use serde_json::Value;

use crate::support::{json, loaded, run, with_published};

const TOLERANCE: f64 = 1e-9;

fn near(found: Option<f64>, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap_or_else(|| panic!("{what}: no figure in the oracle"));
    let found = found.unwrap_or_else(|| panic!("{what}: no figure found, expected {expected}"));
    assert!((found - expected).abs() <= TOLERANCE, "{what}: {found} instead of {expected}");
}

fn measured(folder: &Path) -> Report {
    let words = ["pluriverse", "measure", "--items", &folder.join("recordings/value-diversity").display().to_string()]
        .map(str::to_owned);
    let args: MeasureArgs = match Cli::try_parse_from(words).expect("valid words").command {
        Command::Measure(args) => args,
        other => panic!("{other:?}"),
    };
    of_recordings(&args, &Setting::embedded().expect("assets")).expect("readable recordings")
}

fn society<'r>(report: &'r Report, name: &str, round: u32) -> &'r Measured {
    report.societies.iter().find(|m| m.society == name && m.round == round).expect("the society was measured")
}

fn check_alignments(measured: &Measured, by_culture: &Value, items: &Value, what: &str) {
    for agent in &measured.measures.agents {
        let culture = &*agent.culture;
        near(agent.alignment, &by_culture[culture], &format!("{what}, alignment of {culture}"));
        assert_eq!(u64::from(agent.items_answered), items[culture].as_u64().expect("a count"), "{what}, {culture}");
    }
}

#[test]
fn measure_reproduces_table_1() {
    with_published("table 1", |folder| {
        let table = json(&folder.join("oracles/value-diversity/table1.json"));
        let report = measured(folder);
        let models = table["models"].as_object().expect("models");
        assert_eq!(models.len(), 9);
        for (name, expected) in models {
            let found = society(&report, name, 0);
            let measures = &found.measures;
            near(measures.pairwise_diversity, &expected["diversity_P"], name);
            near(measures.structural_diversity, &expected["diversity_S"], name);
            near(measures.alignment, &expected["alignment"], name);
            check_alignments(found, &expected["alignment_per_culture"], &expected["items_parsed"], name);
            assert_eq!(measures.pairs.len(), 10);
            for pair in &measures.pairs {
                let expected = &expected["pairwise"][format!("{}-{}", pair.a, pair.b)];
                near(pair.distance, &expected["distance"], name);
                assert_eq!(u64::from(pair.common_items), expected["common_items"].as_u64().expect("a count"));
                assert_eq!(pair.squared_sum, expected["squared_sum"].as_i64().expect("a sum"));
                assert_eq!(pair.max_squared_sum, expected["max_squared_sum"].as_i64().expect("a sum"));
            }
            let edges = expected["mst_edges"].as_array().expect("edges");
            assert_eq!(measures.tree.len(), edges.len());
            for edge in &measures.tree {
                let expected = edges
                    .iter()
                    .find(|e| e["a"] == *edge.a && e["b"] == *edge.b)
                    .unwrap_or_else(|| panic!("{name}: edge {}-{} is not in the tree", edge.a, edge.b));
                near(Some(edge.distance), &expected["distance"], name);
            }
            for (culture, detail) in expected["alignment_detail"].as_object().expect("details") {
                let agent = measures.agents.iter().find(|a| *a.culture == **culture).expect("the agent");
                assert_eq!(u64::from(agent.items_compared), detail["items_compared"].as_u64().expect("a count"));
            }
        }
    });
}

#[test]
fn measure_reproduces_the_human_reference() {
    with_published("human reference", |folder| {
        let table = json(&folder.join("oracles/value-diversity/table1.json"));
        let humans = &table["human_reference"];
        let report = measured(folder);
        let (_, pairwise, structural) = report.baselines.humans[0];
        near(pairwise, &humans["diversity_P"], "humans");
        near(structural, &humans["diversity_S"], "humans");
        assert_eq!(report.human_pairs.len(), 10);
        for pair in &report.human_pairs {
            let expected = &humans["pairwise"][format!("{}-{}", pair.a, pair.b)];
            near(pair.distance, &expected["distance"], "human pair");
            assert_eq!(u64::from(pair.common_items), expected["common_items"].as_u64().expect("a count"));
        }
        check_human_tree(&report, humans);
        check_human_majorities(folder);
    });
}

fn check_human_tree(report: &Report, humans: &Value) {
    let codes = &report.cultures;
    let tree = minimum_spanning_tree(codes.len(), |a, b| {
        report.human_pairs.iter().find(|pair| pair.a == codes[a] && pair.b == codes[b])?.distance
    })
    .expect("a tree");
    for edge in &tree {
        let edges = humans["mst_edges"].as_array().expect("edges");
        let expected = edges.iter().find(|e| e["a"] == *codes[edge.a] && e["b"] == *codes[edge.b]).expect("the edge");
        near(Some(edge.length), &expected["distance"], "human edge");
    }
}

fn check_human_majorities(folder: &Path) {
    let majority = json(&folder.join("oracles/value-diversity/human_majority.json"));
    let setting = Setting::embedded().expect("assets");
    let sheets = setting.sheets(Statistic::Mode, Coding::AsPublished);
    assert_eq!(sheets.len(), 19);
    for (culture, sheet) in &sheets {
        for (index, item) in setting.survey.items.iter().enumerate() {
            let place = majority["Q_id"].as_array().expect("ids").iter().position(|id| *id == *item.id).expect("id");
            assert_eq!(sheet[index], majority[&**culture][place].as_f64(), "{culture} {}", item.id);
        }
    }
}

#[test]
fn the_human_reference_depends_on_the_statistic_as_documented() {
    let setting = Setting::embedded().expect("assets");
    let five = ["BRA", "CHN", "MEX", "NGA", "NZL"];
    let all: Vec<&str> = setting.reference.cultures().map(AsRef::as_ref).collect();
    let cases = [
        (Statistic::Mode, &five[..], 44.07, 39.37),
        (Statistic::Median, &five[..], 28.94, 25.85),
        (Statistic::Mean, &five[..], 20.08, 17.15),
        (Statistic::Mode, &all[..], 38.90, 25.63),
        (Statistic::Median, &all[..], 26.23, 15.75),
        (Statistic::Mean, &all[..], 17.71, 9.46),
    ];
    for (statistic, cultures, pairwise, structural) in cases {
        let sheets: Vec<_> = cultures
            .iter()
            .map(|culture| setting.reference.sheet(culture, &setting.survey, statistic, Coding::AsPublished))
            .collect();
        let found = human_diversity(&sheets, &vec![1; cultures.len()], &setting.survey.squared_spans());
        // Published with two decimals; where shares split in exact halves a median is a matter of definition.
        let close = |value: Option<f64>, published: f64| (value.expect("a figure") - published).abs() < 0.01;
        assert!(close(found.pairwise.value, pairwise), "{statistic:?} {found:?}");
        assert!(close(found.structural, structural), "{statistic:?} {found:?}");
    }
}

#[test]
fn measure_reproduces_figure_1_right_in_both_variants() {
    with_published("figure 1 right", |folder| {
        let figure = json(&folder.join("oracles/value-diversity/fig1_right.json"));
        let report = measured(folder);
        for (variant, plain) in [("as_released", false), ("corrected_without_plus_1", true)] {
            for (name, expected) in figure[variant].as_object().expect("models") {
                let found = society(&report, name, 0);
                let items = if plain { &found.items } else { &found.items_as_released };
                let items = items.as_ref().expect("items were asked for");
                let rows = expected["rows"].as_array().expect("rows");
                assert_eq!(items.len(), rows.len(), "{name}");
                for (item, row) in items.iter().zip(rows) {
                    assert_eq!(row["q_id"], *item.item);
                    near(item.diversity, &row["D_q"], name);
                    near(item.alignment, &row["A_q"], name);
                }
                let mean = items.iter().filter_map(|i| i.alignment).sum::<f64>() / items.len() as f64;
                near(Some(mean), &expected["mean_A_q"], name);
            }
        }
    });
}

#[test]
fn measure_reproduces_figure_4_and_types_what_is_unusable() {
    with_published("figure 4", |folder| {
        let figure = json(&folder.join("oracles/value-diversity/fig4.json"));
        let report = measured(folder);
        for (name, expected) in figure["per_backbone"].as_object().expect("backbones") {
            if expected["usable"] == false {
                // Every row of the published recording is an error text; this copy of it leaves the files out.
                assert!(report.societies.iter().all(|m| m.society != *name || m.round != 1 || !m.usable), "{name}");
                continue;
            }
            for round in [0, 1] {
                let (found, expected) = (society(&report, name, round), &expected[format!("round{round}")]);
                near(found.measures.pairwise_diversity, &expected["D"], name);
                near(found.measures.structural_diversity, &expected["S"], name);
                near(found.measures.alignment, &expected["A"], name);
                if round == 1 {
                    check_alignments(found, &expected["alignment_per_culture"], &expected["items_parsed"], name);
                    for pair in &found.measures.pairs {
                        near(pair.distance, &expected["pairwise"][format!("{}-{}", pair.a, pair.b)], name);
                    }
                }
            }
        }
    });
}

#[test]
fn measure_reproduces_figure_5() {
    with_published("figure 5", |folder| {
        let figure = json(&folder.join("oracles/value-diversity/fig5.json"));
        let report = measured(folder);
        for (name, rounds) in figure["systems"].as_object().expect("systems") {
            for (round, expected) in rounds.as_object().expect("rounds") {
                let found = society(&report, name, round.parse().expect("a round"));
                near(found.measures.pairwise_diversity, &expected["D"], name);
                near(found.measures.structural_diversity, &expected["S"], name);
                near(found.measures.alignment, &expected["A"], name);
                check_alignments(found, &expected["alignment_per_culture"], &expected["items_parsed"], name);
            }
        }
    });
}

#[test]
fn the_engine_reproduces_figure_5_from_recordings() {
    with_published("figure 5 through the engine", |folder| {
        let figure = json(&folder.join("oracles/value-diversity/fig5.json"));
        let recordings = folder.join("recordings/value-diversity");
        let resolved = loaded("social-exposure", &[], Some(&recordings)).unwrap_or_else(|e| panic!("{}", e.render()));
        let finished = run(&resolved, 2, SystemOrder::AsRegistered);
        let systems = figure["systems"].as_object().expect("systems");
        let ran: BTreeSet<&str> = finished.trajectories.iter().map(|t| &*t.society).collect();
        assert_eq!(ran, systems.keys().map(String::as_str).collect());
        for (name, rounds) in systems {
            for (metric, key) in [("pairwise_diversity", "D"), ("structural_diversity", "S"), ("alignment", "A")] {
                let found = finished.metric(name, metric);
                assert_eq!(found.len(), 6);
                for (round, value) in found.into_iter().enumerate() {
                    near(value, &rounds[round.to_string()][key], &format!("{name}, round {round}, {metric}"));
                }
            }
            let trajectory = finished.trajectories.iter().find(|t| *t.society == **name).expect("ran");
            for round in &trajectory.rounds {
                for (culture, value) in &round.alignment {
                    let expected = &rounds[round.round.to_string()]["alignment_per_culture"][&**culture];
                    near(*value, expected, &format!("{name}, round {}, {culture}", round.round));
                }
            }
        }
    });
}

#[test]
fn a_survey_and_reference_in_the_published_layout_give_the_same_figures_through_the_engine() {
    with_published("own survey in the published layout", |folder| {
        let recordings = folder.join("recordings/value-diversity");
        let data = recordings.join("data");
        let survey = format!("survey={}", data.join("wvs.json").display());
        let figures = format!("reference.figures={}", data.join("proportions_group_by_country.json").display());
        let resolved = loaded("value-survey", &[&survey, &figures], Some(&recordings))
            .unwrap_or_else(|e| panic!("{}", e.render()));
        let finished = run(&resolved, 2, SystemOrder::AsRegistered);
        let table = json(&folder.join("oracles/value-diversity/table1.json"));
        for (name, expected) in table["models"].as_object().expect("models") {
            near(finished.metric(name, "pairwise_diversity")[0], &expected["diversity_P"], name);
            near(finished.metric(name, "structural_diversity")[0], &expected["diversity_S"], name);
            near(finished.metric(name, "alignment")[0], &expected["alignment"], name);
        }
    });
}

#[test]
fn the_paper_rule_reads_every_published_case_as_its_scripts_do() {
    with_published("parser cases", |folder| {
        let cases = json(&folder.join("oracles/value-diversity/parser_cases.json"));
        for case in cases["wvs_answer"].as_array().expect("cases") {
            let found = case["response"].as_str().and_then(parse_as_the_paper_does);
            assert_eq!(found.map(i64::from), case["parsed"].as_i64(), "{case}");
        }
    });
}

#[test]
fn culture_codes_of_the_oracle_are_those_of_the_asset() {
    let setting = Setting::embedded().expect("assets");
    let codes: BTreeSet<Arc<str>> = setting.cultures.cultures.iter().map(|profile| profile.code.clone()).collect();
    assert_eq!(codes, setting.reference.cultures().cloned().collect());
}
