//! Surrogates: their presets keep the figures of the backbones they stand for.

use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::calibrate::{fit_all, presets_text};
use pluriverse_scenarios::commands::cli::{Cli, Command};
use pluriverse_scenarios::commands::progress::{Loudness, Progress};
use pluriverse_scenarios::studies::calibrate::Fitted;

use clap::Parser;

use crate::support::{loaded, project, run, with_published};

/// Recorded Diversity_P and Alignment (mode, as published) on the five cultures of arXiv 2606.05985, and the change of
/// Diversity_P after one exposure round where it is larger than noise.
const RECORDED: [(&str, f64, f64, Option<f64>); 9] = [
    ("Qwen2.5-32B-Instruct", 20.44, 68.12, None),
    ("Qwen3.5-27B", 29.82, 67.34, Some(-1.87)),
    ("claude-3.5-haiku", 28.85, 68.06, None),
    ("claude-opus-4.7", 28.44, 70.31, None),
    ("gemini-2.5-pro", 36.12, 67.72, Some(-1.45)),
    ("gpt-4o-mini", 25.46, 67.92, None),
    ("grok-3", 25.18, 70.90, None),
    ("llama-3.1-70b-instruct", 34.98, 67.77, None),
    ("llama-4-scout", 23.60, 68.57, Some(-1.32)),
];

/// Seeds a preset is checked on.
const SEEDS: u64 = 20;

#[test]
fn presets_keep_the_recorded_figures_through_the_engine() {
    let mut sums = vec![[0.0; 3]; RECORDED.len()];
    for seed in 0..SEEDS {
        let set = [format!("seed={seed}"), "timeline=[Survey, Exposure(rounds: 1)]".to_owned()];
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let resolved = loaded("value-survey", &set, None).unwrap_or_else(|error| panic!("{}", error.render()));
        let finished = run(&resolved, 2, SystemOrder::AsRegistered);
        for (sums, (name, diversity, alignment, _)) in sums.iter_mut().zip(RECORDED) {
            let found = finished.metric(name, "pairwise_diversity");
            let (before, after) = (found[0].expect("a figure"), found[1].expect("a figure"));
            let aligned = finished.metric(name, "alignment")[0].expect("a figure");
            assert!((before - diversity).abs() <= 3.0, "{name}, seed {seed}: diversity {before}");
            assert!((aligned - alignment).abs() <= 3.0, "{name}, seed {seed}: alignment {aligned}");
            for (sum, value) in sums.iter_mut().zip([before, aligned, after - before]) {
                *sum += value / SEEDS as f64;
            }
        }
    }
    for (sums, (name, diversity, alignment, change)) in sums.iter().zip(RECORDED) {
        assert!((sums[0] - diversity).abs() <= 1.0, "{name}: mean diversity {}", sums[0]);
        assert!((sums[1] - alignment).abs() <= 1.0, "{name}: mean alignment {}", sums[1]);
        if let Some(change) = change {
            assert!(sums[2] * change > 0.0, "{name}: mean change {}", sums[2]);
        }
    }
}

#[test]
fn the_embedded_presets_are_what_calibrate_writes() {
    with_published("calibration", |folder| {
        let dir = folder.join("recordings/value-diversity").display().to_string();
        let args = match Cli::try_parse_from(["pluriverse", "calibrate", dir.as_str()]).expect("valid").command {
            Command::Calibrate(args) => args,
            other => panic!("{other:?}"),
        };
        let fitted = fit_all(&args, &Progress::new(Loudness::Quiet)).expect("usable recordings");
        assert_eq!(fitted.len(), 9);
        for preset in &fitted {
            assert!(preset.holds(), "{preset:?}");
        }
        let unfitted: Vec<&str> = fitted.iter().filter(|f| !f.parameters.conformity_fitted).map(|f| &*f.name).collect();
        assert_eq!(unfitted, ["grok-3", "llama-3.1-70b-instruct"]);
        assert!(fitted.iter().all(|f: &Fitted| f.parameters.conformity_fitted || f.parameters.conformity == 0.0));
        let embedded = project().join("assets/presets/recorded-backbones.ron");
        assert_eq!(presets_text(&fitted), std::fs::read_to_string(embedded).expect("readable"));
    });
}
