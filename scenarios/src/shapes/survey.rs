//! Survey answers in the rows and folders of the published recordings, which `evaluate.py` of iNLP-Lab/
//! MultiAgent-Diversity and `inputs::recordings` read.

use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::error::ShapeError;
use super::{create, unoccupied};
use crate::inputs::recordings::folder as folder_of;

/// What one agent answered in one round: one file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Interview {
    /// The name of its model, which the file is called by.
    pub model: Arc<str>,
    /// The code of its culture, which the file is called by.
    pub culture: Arc<str>,
    /// The round, 0 before any exposure.
    pub round: u32,
    /// What it was told to be, word for word; empty where it was told nothing.
    pub system: Arc<str>,
    /// Its answers, in the order of the survey.
    pub rows: Vec<InterviewRow>,
}

/// An agent's answer to one item.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InterviewRow {
    /// The id of the item.
    pub item: Arc<str>,
    /// The item's question.
    pub question: Arc<str>,
    /// What the agent was asked, word for word; empty where no words were exchanged.
    pub instruction: Arc<str>,
    /// What it replied. `evaluate.py` finds answers in the last `\boxed{…}` only: see [`boxed`]. A reply that begins
    /// with `ERROR:` is read as a call that failed. `None` where there is no answer, which is written as null: of the
    /// layout's ways to have none (null, a text without a box, an error) the one that puts no words in a mouth.
    pub response: Option<Arc<str>>,
}

/// The reply that says nothing but the number of an option.
pub fn boxed(answer: i32) -> Arc<str> {
    Arc::from(format!("\\boxed{{{answer}}}"))
}

/// Writes `wvs_evaluation/{model}_{CULTURE}_system.jsonl` for round 0, `wvs_evaluation_interaction/…` for round 1 and
/// `wvs_evaluation_interaction_round{r}/…` for those after, below a folder. Rows are `{idx, q_id, question, system,
/// instruction, response}`, `idx` counting from 0.
///
/// # Errors
/// All at once, and nothing is written: names that the readers of the layout would take apart otherwise, files that are
/// there already or would be written twice, items that an agent answers twice. Or what the file system refuses.
pub fn write(interviews: &[Interview], folder: &Path) -> Result<(), Vec<ShapeError>> {
    let mut errors: Vec<ShapeError> = Vec::new();
    let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
    for interview in interviews {
        errors.extend(unfit(&interview.model, &[]));
        errors.extend(unfit(&interview.culture, &['_']));
        let path = interview.path(folder);
        if paths.contains(&path) {
            errors.push(ShapeError::Occupied { file: path.display().to_string() });
        }
        errors.extend(interview.twice(&path));
        paths.insert(path);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    unoccupied(&paths.into_iter().collect::<Vec<_>>())?;
    for interview in interviews {
        interview.write(&interview.path(folder)).map_err(|error| vec![error])?;
    }
    Ok(())
}

/// A row of the published layout.
#[derive(Serialize)]
struct Row<'r> {
    idx: usize,
    q_id: &'r str,
    question: &'r str,
    system: &'r str,
    instruction: &'r str,
    response: Option<&'r str>,
}

impl Interview {
    fn path(&self, folder: &Path) -> PathBuf {
        folder.join(folder_of(self.round)).join(format!("{}_{}_system.jsonl", self.model, self.culture))
    }

    fn twice(&self, path: &Path) -> Option<ShapeError> {
        let mut items = BTreeSet::new();
        let at = self.rows.iter().position(|row| !items.insert(&*row.item))?;
        Some(ShapeError::Value {
            file: path.display().to_string(),
            place: "line",
            row: at as u64 + 1,
            field: "q_id",
            reason: format!("`{}` is answered twice", self.rows[at].item),
            more: 0,
        })
    }

    fn write(&self, path: &Path) -> Result<(), ShapeError> {
        let refused = |error: std::io::Error| ShapeError::io(path, &error);
        let mut file = BufWriter::new(create(path)?);
        for (idx, row) in self.rows.iter().enumerate() {
            let row = Row {
                idx,
                q_id: &row.item,
                question: &row.question,
                system: &self.system,
                instruction: &row.instruction,
                response: row.response.as_deref(),
            };
            serde_json::to_writer(&mut file, &row).map_err(|error| refused(error.into()))?;
            file.write_all(b"\n").map_err(refused)?;
        }
        file.flush().map_err(refused)
    }
}

/// Why a name cannot be part of a file's, if it cannot.
fn unfit(name: &str, others: &[char]) -> Option<ShapeError> {
    let reason = if name.is_empty() {
        "it is empty"
    } else if name.starts_with('.') {
        "it begins with a point"
    } else if name.contains(['/', '\\']) || name.contains(char::is_control) {
        "it holds a slash or a control character"
    } else if name.contains(others) {
        "the code of a culture is what follows the last `_`"
    } else {
        return None;
    };
    Some(ShapeError::Name { name: name.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use pluriverse_agents::kinds::recorded::RecordedReply;

    use super::*;
    use crate::inputs::recordings::Index;
    use crate::shapes::tests::Scratch;

    fn interview(model: &str, culture: &str, round: u32) -> Interview {
        let row = |item: &str, response: Option<&str>| InterviewRow {
            item: item.into(),
            question: "How \"important\"?\n1. Very".into(),
            instruction: "Say so.".into(),
            response: response.map(Arc::from),
        };
        Interview {
            model: model.into(),
            culture: culture.into(),
            round,
            system: "You live there.".into(),
            rows: vec![row("Q1", Some(&boxed(round as i32))), row("Q2", None), row("Q3", Some("I\u{2028}won't \\"))],
        }
    }

    #[test]
    fn our_own_reader_reads_every_round_back() {
        let scratch = Scratch::new();
        let interviews: Vec<Interview> = (0..4).map(|round| interview("some_model-1.5", "BRA", round)).collect();
        write(&interviews, scratch.path()).expect("written");
        let index = Index::of(scratch.path()).expect("the layout");
        assert_eq!(index.models(), BTreeSet::from(["some_model-1.5"]));
        let rounds: BTreeSet<u32> = (0..4).collect();
        assert_eq!(index.rounds("some_model-1.5"), rounds);
        let recording = index.read("some_model-1.5", &BTreeSet::from([Arc::from("BRA")]), &rounds).expect("readable");
        for round in 0..4 {
            let replies = &recording.rounds[&(Arc::from("BRA"), round)].replies;
            assert_eq!(replies["Q1"], RecordedReply::Text(boxed(round as i32)));
            assert_eq!(replies["Q2"], RecordedReply::Null);
            assert_eq!(replies["Q3"], RecordedReply::Text("I\u{2028}won't \\".into()));
        }
    }

    #[test]
    fn rows_have_the_fields_of_the_published_ones_in_order() {
        let scratch = Scratch::new();
        write(&[interview("m", "BRA", 1)], scratch.path()).expect("written");
        let path = scratch.path().join("wvs_evaluation_interaction/m_BRA_system.jsonl");
        let text = std::fs::read_to_string(path).expect("there");
        assert_eq!(
            text.lines().nth(1).expect("a second row"),
            "{\"idx\":1,\"q_id\":\"Q2\",\"question\":\"How \\\"important\\\"?\\n1. Very\",\"system\":\"You live there.\",\
             \"instruction\":\"Say so.\",\"response\":null}"
        );
    }

    #[test]
    fn everything_that_readers_would_trip_over_is_refused_before_anything_is_written() {
        let scratch = Scratch::new();
        let mut twice = interview("m", "CHN", 0);
        twice.rows.push(twice.rows[0].clone());
        let wrong = [
            interview("org/m", "BRA", 0),
            interview("m", "B_RA", 0),
            interview("", "BRA", 0),
            interview("..", "BRA", 0),
            twice,
            interview("m", "MEX", 2),
            interview("m", "MEX", 2),
        ];
        assert_eq!(write(&wrong, scratch.path()).expect_err("refused").len(), 6);
        assert_eq!(std::fs::read_dir(scratch.path()).expect("a folder").count(), 0);
        write(&[interview("m", "BRA", 0)], scratch.path()).expect("written");
        let again = write(&[interview("m", "BRA", 0)], scratch.path()).expect_err("there already");
        assert!(matches!(&again[..], [ShapeError::Occupied { .. }]), "{again:?}");
    }
}
