//! Landscape studies: the published searches to their digits where the recordings are at hand, and the same code against brute
//! force on recordings the tests make themselves.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::{Purpose, Streams};
use pluriverse_scenarios::commands::Exit;
use pluriverse_scenarios::studies::compositions::{OfSize, compositions};
use pluriverse_scenarios::studies::measure::{Society, measure};
use pluriverse_scenarios::studies::mixed::{Figures, Mixed, Tables, exhaustive, list, search, with_intervals};
use pluriverse_scenarios::studies::robustness::robustness;
use pluriverse_scenarios::studies::systems::{Choice, Source, System};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::survey::measures::distance::{between_agents, between_references};
use pluriverse_worlds::survey::{AnswerSheets, Coding, ReferenceSheet, Statistic};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::support::{command, json, run_simply, with_published};

/// A folder of recordings of three backbones and three cultures, whose replies are a function of all names.
fn recordings(missing: u64) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("wvs_evaluation");
    std::fs::create_dir(&folder).expect("a folder");
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for model in ["one", "two", "three"] {
        for culture in ["BRA", "CHN", "NZL"] {
            let line = |(index, item): (usize, &str)| {
                let drawn = rng.next_u64();
                let reply = if drawn % 100 < missing {
                    "no".to_owned()
                } else {
                    format!("\\\\boxed{{{}}}", 1 + (drawn >> 32) % 4)
                };
                format!("{{\"idx\": {index}, \"q_id\": \"{item}\", \"response\": \"{reply}\"}}\n")
            };
            let items = ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q58", "Q59", "Q60", "Q61", "Q62", "Q63"];
            let lines: String = items.into_iter().enumerate().map(line).collect();
            std::fs::write(folder.join(format!("{model}_{culture}_system.jsonl")), lines).expect("written");
        }
    }
    root
}

struct Material {
    source: Source,
    systems: Vec<System>,
    references: Vec<ReferenceSheet>,
    spans: Vec<u32>,
}

fn material(root: &Path, systems: &[&str]) -> Material {
    let choice = Choice { systems: systems.iter().map(|name| (*name).to_owned()).collect(), ..Choice::default() };
    let source = Source::read(root, Path::new(""), &choice).unwrap_or_else(|errors| panic!("{errors:?}"));
    let sheet = |code: &Arc<str>| source.reference.sheet(code, &source.survey, Statistic::Mode, Coding::AsPublished);
    Material {
        systems: source.systems(ParseRule::Paper),
        references: source.cultures.iter().map(sheet).collect(),
        spans: source.survey.squared_spans(),
        source,
    }
}

impl Material {
    fn tables(&self) -> Tables {
        Tables::of(&self.systems, &self.source.cultures, &self.references, &self.spans).expect("all comparable")
    }

    /// What an assignment comes to by the measures of a society, which know nothing of assignments.
    fn plainly(&self, backbones: &[usize]) -> Figures {
        let items = self.source.survey.len();
        let mut sheets = AnswerSheets::new(backbones.len(), items);
        for (agent, &backbone) in (0..).map(AgentId).zip(backbones) {
            for item in 0..items {
                sheets.set(agent, item, self.systems[backbone].sheets.get(agent, item));
            }
        }
        let references = self.source.cultures.iter().cloned().zip(self.references.iter().cloned()).collect();
        let society = Society { cultures: self.source.cultures.clone(), sheets };
        let found = measure(&society, &self.source.survey, &references);
        Figures {
            pairwise_diversity: found.pairwise_diversity.expect("pairs"),
            structural_diversity: found.structural_diversity.expect("a tree"),
            alignment: found.alignment.expect("agents"),
        }
    }

    fn distances(&self, of: impl Fn(usize, usize) -> Option<f64>) -> Vec<f64> {
        let c = self.source.cultures.len();
        (0..c * c)
            .map(|place| if place / c == place % c { 0.0 } else { of(place / c, place % c).expect("items") })
            .collect()
    }

    fn composed(&self, system: usize) -> Vec<OfSize> {
        let id = |place: usize| AgentId(place as u32);
        let sheets = &self.systems[system].sheets;
        let distance = |a: usize, b: usize| between_agents(sheets, &self.spans, id(a), id(b)).percent();
        compositions(&self.distances(distance), self.source.cultures.len())
    }

    fn composed_humans(&self) -> Vec<OfSize> {
        let distance = |a: usize, b: usize| between_references(&self.references[a], &self.references[b], &self.spans).0;
        compositions(&self.distances(distance), self.source.cultures.len())
    }
}

fn quietly(tables: &Tables) -> Mixed {
    exhaustive(tables, &|_, _| {})
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn every_assignment_comes_to_what_the_society_of_these_agents_comes_to() {
    for missing in [0, 20] {
        let root = recordings(missing);
        let material = material(root.path(), &[]);
        let tables = material.tables();
        let mut all: Vec<Figures> = Vec::new();
        list(&tables, |figures| all.push(figures));
        assert_eq!(all.len(), 27);
        for (place, figures) in all.iter().enumerate() {
            let plain = material.plainly(&[place / 9, place / 3 % 3, place % 3]);
            assert!(near(figures.pairwise_diversity, plain.pairwise_diversity), "{place}");
            assert!(near(figures.structural_diversity, plain.structural_diversity), "{place}");
            assert!(near(figures.alignment, plain.alignment), "{place}");
        }
        let mixed = quietly(&tables);
        let beaten = |own: &Figures| {
            all.iter().any(|other| {
                other.pairwise_diversity >= own.pairwise_diversity
                    && other.alignment >= own.alignment
                    && (other.pairwise_diversity > own.pairwise_diversity || other.alignment > own.alignment)
            })
        };
        let unbeaten = all.iter().filter(|figures| !beaten(figures)).count();
        assert_eq!(mixed.frontier.len(), unbeaten);
        assert!(mixed.frontier.iter().all(|assignment| !beaten(&assignment.figures)));
        assert_eq!(mixed.density.iter().map(|cell| cell.2).sum::<u64>(), 27);
        let mean = all.iter().map(|figures| figures.alignment).sum::<f64>() / 27.0;
        assert!(near(mixed.alignment.mean, mean));
    }
}

#[test]
fn gains_are_over_the_best_and_over_the_nearest_single_backbone() {
    let root = recordings(0);
    let material = material(root.path(), &[]);
    let mixed = quietly(&material.tables());
    assert_eq!(mixed.gains.len(), 3);
    for gain in &mixed.gains {
        let own = gain.mixed.figures;
        let best = mixed.singles[gain.best_single].figures;
        assert!(near(gain.over_best.0, own.pairwise_diversity - best.pairwise_diversity));
        assert!(near(gain.over_best.1, own.alignment - best.alignment));
        let wide = mixed.pairwise_diversity.max - mixed.pairwise_diversity.min;
        let high = mixed.alignment.max - mixed.alignment.min;
        let far = |single: &Figures| {
            ((own.pairwise_diversity - single.pairwise_diversity) / wide).powi(2)
                + ((own.alignment - single.alignment) / high).powi(2)
        };
        let nearest = far(&mixed.singles[gain.nearest_single].figures);
        assert!(mixed.singles.iter().all(|single| far(&single.figures) >= nearest - 1e-12));
    }
    let resamples = Resamples::draw(material.source.survey.len(), 400, &Streams::new(1, "s", 0).of(Purpose("test")));
    let told =
        with_intervals(mixed.clone(), &material.source.survey, &material.systems, &material.references, &resamples);
    for gain in &told.gains {
        for (value, interval) in [gain.over_best.0, gain.over_best.1].into_iter().zip(gain.over_best_intervals) {
            let (lower, upper) = interval.expect("an interval");
            // A single backbone that is on the frontier itself gains nothing, for certain.
            let same = gain.mixed.backbones == mixed.singles[gain.best_single].backbones;
            assert!(lower <= value + 1e-9 && value <= upper + 1e-9 && (lower < upper || same), "{value} {interval:?}");
        }
    }
    let most = mixed.singles.iter().map(|single| single.figures.pairwise_diversity).fold(0.0, f64::max);
    assert!(near(mixed.singles[mixed.gains[0].best_single].figures.pairwise_diversity, most));
}

#[test]
fn a_search_finds_the_ends_of_the_frontier_and_threads_do_not_show() {
    let root = recordings(0);
    let tables = material(root.path(), &[]).tables();
    let all = quietly(&tables);
    let found = search(&tables, 10, &mut ChaCha8Rng::seed_from_u64(1));
    assert_eq!(found.frontier.first(), all.frontier.first());
    assert_eq!(found.frontier.last(), all.frontier.last());
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| quietly(&tables))
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn a_run_is_studied_like_recordings() {
    let set = [
        "backbones={\"a\": Surrogate(preset: \"grok-3\"), \"b\": Surrogate(preset: \"gpt-4o-mini\")}",
        "population=[(cultures: [\"BRA\", \"CHN\", \"NZL\"], backbone: \"a\"), (cultures: [\"BRA\", \"CHN\", \"NZL\"], backbone: \"b\")]",
    ];
    let run = run_simply("quickstart", &[&set[..], &["replicates=2", "timeline=[Survey]"]].concat());
    let material = material(&run.directory(), &[]);
    assert_eq!(material.source.samples(), 2);
    assert_ne!(material.source.sample(0, ParseRule::Paper), material.source.sample(1, ParseRule::Paper));
    let dir = run.directory().display().to_string();
    assert_eq!(command(&["-q", "study", "landscape", &dir]), Exit::Done);
    let names: Vec<&str> = material.systems.iter().map(|system| &*system.name).collect();
    assert_eq!((names, material.source.cultures.len()), (vec!["a", "b"], 3));
    assert_eq!(quietly(&material.tables()).assignments, 8);
    let rows = crate::run_directory::answers(&run.directory());
    let first = rows
        .iter()
        .find(|row| row.replicate == 0 && row.tick == 0 && row.backbone == "b" && row.culture == "CHN")
        .expect("a row");
    let item = material.source.survey.items.iter().position(|item| *item.id == *first.item).expect("an item");
    assert_eq!(material.systems[1].sheets.get(AgentId(1), item).ok().map(i64::from), first.answer);
}

#[test]
fn every_study_prints_and_leaves_its_tables_and_refuses_what_cannot_be() {
    let root = recordings(5);
    let dir = root.path().display().to_string();
    let out = root.path().join("out").display().to_string();
    let study = |kind: &str, more: &[&str]| command(&[&["-q", "study", kind, &dir][..], more].concat());
    for (kind, more, tables) in [
        ("mixed-backbones", &["--assignments"][..], &["assignments", "frontier", "density"][..]),
        ("compositions", &[], &["compositions"]),
        ("landscape", &["--items", "one"], &["systems", "items"]),
        ("sensitivity", &[], &["choices"]),
    ] {
        assert_eq!(study(kind, &[&["--out", &out][..], more].concat()), Exit::Done, "{kind}");
        for table in tables {
            assert!(root.path().join("out").join(format!("{table}.parquet")).is_file(), "{table}");
        }
        assert_eq!(
            study(kind, &[&["--out", &out][..], more].concat()),
            Exit::Mistake,
            "{kind}: nothing is overwritten"
        );
        assert_eq!(study(kind, &["--json"]), Exit::Done, "{kind}");
    }
    for (kind, more) in [
        ("mixed-backbones", &["--cultures", "BRA"][..]),
        ("mixed-backbones", &["--search", "0"]),
        ("mixed-backbones", &["--assignments"]),
        ("mixed-backbones", &["--search", "2", "--assignments", "--out", "/nowhere"]),
        ("compositions", &["--sizes", "4"]),
        ("compositions", &["--sizes", "1"]),
        ("landscape", &["--systems", "four"]),
        ("landscape", &["--items", "four"]),
        ("landscape", &["--round", "3"]),
        ("sensitivity", &["--cultures", "XXX,BRA"]),
        ("opinions", &[]),
    ] {
        assert_eq!(study(kind, more), Exit::Mistake, "{kind} {more:?}");
    }
}

#[test]
fn systems_that_cannot_be_compared_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("wvs_evaluation")).expect("a folder");
    let write = |culture: &str, item: &str, reply: &str| {
        let line = format!("{{\"idx\": 0, \"q_id\": \"{item}\", \"response\": \"{reply}\"}}\n");
        let name = format!("wvs_evaluation/m_{culture}_system.jsonl");
        std::fs::write(folder.path().join(name), line).expect("written");
    };
    write("BRA", "Q1", "\\\\boxed{1}");
    write("CHN", "Q2", "\\\\boxed{1}");
    let apart = material(folder.path(), &[]);
    let error = Tables::of(&apart.systems, &apart.source.cultures, &apart.references, &apart.spans).expect_err("apart");
    assert!(error.message.contains("m of BRA and m of CHN have no item in common"), "{error:?}");
    let dir = folder.path().display().to_string();
    assert_eq!(command(&["-q", "study", "compositions", &dir]), Exit::Mistake);
    write("BRA", "Q1", "no");
    write("CHN", "Q2", "no");
    assert_eq!(command(&["-q", "study", "landscape", &dir]), Exit::Mistake, "all answers are missing");
}

#[test]
fn a_backbone_of_one_culture_is_left_out_and_named() {
    let root = recordings(0);
    let one = root.path().join("wvs_evaluation/lonely_BRA_system.jsonl");
    std::fs::write(one, "{\"idx\": 0, \"q_id\": \"Q1\", \"response\": \"\\\\boxed{1}\"}\n").expect("written");
    let material = material(root.path(), &[]);
    assert_eq!((material.systems.len(), material.source.cultures.len()), (3, 3));
    assert_eq!(material.source.left_out, [Arc::from("lonely")]);
}

#[test]
fn more_assignments_than_can_be_gone_through_need_a_search() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("wvs_evaluation");
    std::fs::create_dir(&folder).expect("a folder");
    // 64 backbones, five cultures: 2³⁰.
    for model in 0..64 {
        for (place, culture) in ["BRA", "CHN", "MEX", "NGA", "NZL"].into_iter().enumerate() {
            let answer = 1 + (model + place) % 4;
            let line = format!("{{\"idx\": 0, \"q_id\": \"Q1\", \"response\": \"\\\\boxed{{{answer}}}\"}}\n");
            std::fs::write(folder.join(format!("m{model}_{culture}_system.jsonl")), line).expect("written");
        }
    }
    let dir = root.path().display().to_string();
    assert_eq!(command(&["-q", "study", "mixed-backbones", &dir]), Exit::Mistake);
    assert_eq!(command(&["-q", "study", "mixed-backbones", &dir, "--search", "1"]), Exit::Done);
}

#[test]
fn the_published_frontier_of_nine_backbones_comes_out_to_its_digits() {
    with_published("the frontier of nine backbones", |folder| {
        let material = material(&folder.join("recordings/value-diversity"), &[]);
        let mixed = quietly(&material.tables());
        let oracle = json(&folder.join("oracles/value-diversity/mixed_nine_backbones.json"));
        assert_eq!(mixed.assignments, oracle["n_configurations"].as_u64().expect("a count"));
        for (range, name) in [(mixed.pairwise_diversity, "diversity"), (mixed.alignment, "alignment")] {
            for (found, end) in [(range.min, "min"), (range.max, "max"), (range.mean, "mean")] {
                assert!(near(found, oracle[name][end].as_f64().expect("a figure")), "{name} {end}");
            }
        }
        let expected = oracle["pareto_frontier"].as_array().expect("a list");
        assert_eq!(mixed.frontier.len(), expected.len());
        for (found, expected) in mixed.frontier.iter().zip(expected) {
            for (culture, &backbone) in material.source.cultures.iter().zip(&found.backbones) {
                assert_eq!(expected["config"][&**culture], *material.systems[usize::from(backbone)].name);
            }
            assert!(near(found.figures.pairwise_diversity, expected["diversity"].as_f64().expect("a figure")));
            assert!(near(found.figures.alignment, expected["alignment"].as_f64().expect("a figure")));
        }
    });
}

#[test]
fn the_published_compositions_come_out_to_their_digits() {
    with_published("compositions of nineteen cultures", |folder| {
        let material = material(&folder.join("recordings/value-diversity"), &["claude-opus-4.7"]);
        let oracle = json(&folder.join("oracles/value-diversity/fig3.json"));
        let name = |place: &u8| material.source.cultures[usize::from(*place)].to_string();
        let names = |places: &[u8]| places.iter().map(name).collect::<Vec<_>>();
        let sides = [
            (material.composed_humans(), &oracle["human"]),
            (material.composed(0), &oracle["systems"]["claude-opus-4.7"]),
        ];
        for (found, expected) in &sides {
            let five = found.iter().find(|of| of.cultures == 5).expect("five");
            let figure = |name: &str| expected[name].as_f64().expect("a figure");
            assert_eq!(Some(five.subsets), expected["n_subsets_5"].as_u64());
            for (found, name) in [(five.min, "min"), (five.max, "max"), (five.mean, "mean"), (five.deviation, "std")] {
                assert!(near(found, figure(name)), "{name}");
            }
            for (found, percent) in five.quantiles.iter().zip(["5", "25", "50", "75", "95"]) {
                assert!(near(*found, expected["quantiles_linear"][percent].as_f64().expect("a figure")));
            }
            assert_eq!(serde_json::json!(names(&five.least)), expected["argmin"]);
            assert_eq!(serde_json::json!(names(&five.most)), expected["argmax"]);
            for of in found {
                let expected = &expected["max_by_k"][of.cultures.to_string()];
                assert!(near(of.max, expected["max"].as_f64().expect("a figure")), "{}", of.cultures);
                assert_eq!(serde_json::json!(names(&of.most)), expected["argmax"], "{}", of.cultures);
                assert_eq!(Some(of.subsets), expected["n_subsets"].as_u64());
            }
        }
        let gap = oracle["systems"]["claude-opus-4.7"]["gap_to_human_by_k"]["2"]["absolute_points_as_plotted"].as_f64();
        assert!(near(sides[1].0[0].max - sides[0].0[0].max, gap.expect("a figure")));
    });
}

#[test]
fn the_first_line_of_sensitivity_is_the_published_way_and_choices_move_what_they_should() {
    let root = recordings(10);
    let material = material(root.path(), &[]);
    let found = robustness(&material.source);
    let way = |choice: &str| found.iter().find(|way| way.choice == choice).expect("a line");
    let published = way("as published");
    let single = |system: usize| material.plainly(&[system; 3]).pairwise_diversity;
    let mean = (single(0) + single(1) + single(2)) / 3.0;
    assert!(near(published.pairwise_diversity.expect("a figure"), mean));
    assert_eq!(way("codes corrected").pairwise_diversity, published.pairwise_diversity, "only alignment moves");
    assert!(way("items in common only").items < published.items);
    assert_eq!(way("items weigh alike").items, published.items);
    // Items of four options alone: equal weights change nothing.
    assert!(near(way("items weigh alike").pairwise_diversity.expect("a figure"), mean));
    assert_eq!(found.len(), 12);
}
