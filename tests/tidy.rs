//! The house rules that a machine can check.

use std::path::{Path, PathBuf};

use crate::support::project;

const CODE: [&str; 6] = ["engine", "worlds", "agents", "scenarios", "tests", "benches"];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if !path.ends_with("target") {
                rust_files(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for folder in CODE {
        rust_files(&project().join(folder), &mut files);
    }
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).expect("readable"))).collect()
}

#[test]
fn every_file_says_what_it_is_for_and_fits_in_a_head() {
    let sources = sources();
    let mut lengths: Vec<usize> = sources.iter().map(|(_, text)| text.lines().count()).collect();
    for (path, text) in &sources {
        assert!(text.starts_with("//!"), "{} begins with what it is for", path.display());
        assert!(text.lines().count() <= 800, "{} is too long", path.display());
        let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat()];
        assert!(!marks.iter().any(|mark| text.contains(mark.as_str())), "{} is unfinished", path.display());
    }
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] <= 200, "the median file has {} lines", lengths[lengths.len() / 2]);
}

#[test]
fn the_architecture_names_every_folder_and_stays_short() {
    let text = std::fs::read_to_string(project().join("ARCHITECTURE.md")).expect("readable");
    for folder in CODE.into_iter().chain(["assets"]) {
        assert!(text.contains(&format!("`{folder}/`")), "{folder}");
    }
    assert!(text.lines().count() <= 200);
}

#[test]
fn manifests_hold_no_forbidden_edge() {
    let depends = |folder: &str| -> Vec<String> {
        let manifest = std::fs::read_to_string(project().join(folder).join("Cargo.toml")).expect("readable");
        manifest
            .lines()
            .filter_map(|line| line.strip_prefix("pluriverse-"))
            .map(|line| line.split('.').next().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(depends("engine"), Vec::<String>::new());
    assert_eq!(depends("worlds"), ["engine"]);
    assert_eq!(depends("agents"), ["engine", "worlds"]);
}
