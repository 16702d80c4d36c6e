//! A real language model answers. Installs packages and takes a minute or two, so it runs only when asked for:
//! `PLURIVERSE_REAL_MODEL=1 cargo test --workspace real_model`.

use std::io::Write;
use std::process::Command;

use pluriverse_engine::record::manifest::{Manifest, RunStatus};

use crate::run_directory::{answers, requests};
use crate::support::project;

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to install a model is the tester's choice")]
fn a_real_model_answers_a_survey_and_a_round_of_exposure() {
    if std::env::var_os("PLURIVERSE_REAL_MODEL").is_none() {
        // The handle, not the macro: the test harness swallows what macros print.
        let _ = writeln!(std::io::stderr(), "skipped a_real_model_answers: PLURIVERSE_REAL_MODEL is not set");
        return;
    }
    let folder = project().join("target/real-model");
    let script = Command::new("bash").arg(project().join("tests/real_model/run.sh")).arg(&folder).output();
    let output = script.expect("bash runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let _ = writeln!(std::io::stderr(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("REAL MODEL:"));
    assert_eq!(said.matches("identical bytes").count(), 2);

    let survey = folder.join("survey");
    assert_eq!(Manifest::read(&survey).expect("a manifest").status, RunStatus::Complete { ticks: 2 });
    assert_eq!(requests(&survey).len(), 60);
    assert!(answers(&survey).iter().filter(|row| row.answer.is_some()).count() >= 54);

    let rows = answers(&folder.join("logprobs"));
    let spread: Vec<_> = rows.iter().filter_map(|row| Some((row.distribution.clone()?, row.tail?))).collect();
    assert!(spread.len() >= 20, "{} of {} answers have a distribution", spread.len(), rows.len());
    for (shares, tail) in spread {
        let sum: f64 = shares.iter().sum::<f64>() + tail;
        assert!((sum - 1.0).abs() < 1e-6, "{shares:?} {tail}");
    }
}
