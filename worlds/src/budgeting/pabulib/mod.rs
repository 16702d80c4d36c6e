//! Pabulib files (`.pb`): elections as texts that researchers' tools read and write (pabulib.org/format).
//!
//! A text has the sections META, PROJECTS and VOTES, each a title line, a header line and rows whose fields are parted
//! by semicolons and quoted as in CSV. Reading is lenient where that is safe: a byte order mark, either kind of line
//! break, empty lines, blanks around fields and around the commas of lists, columns and sections in any order, names
//! of sections, columns and keys in any letter case, decimal commas, `None` for what is missing. Whatever could change
//! an outcome is a mistake: a project or a voter that occurs twice, a ballot naming an unknown project, points that do
//! not pair with projects, a quote left open.
//!
//! Points of cumulative and scoring ballots stand highest first, ties in the order of the file, as Pabulib wants it;
//! both reading and [`Election::new`] put them so. Columns with a `votes` or a `score` by project are counted anew when
//! written and not kept. `target` and `targets` are read as `beneficiaries`, which they are called now. Two columns are
//! this program's own: `dimension` of a project and `agent` of a ballot.

mod column;
mod election;
mod fault;
mod lookup;
mod meta;
mod projects;
mod read;
mod table;
mod text;
mod votes;
mod write;

pub use column::Column;
pub use election::{Election, ElectionFault};
pub use fault::{FAULTS_SHOWN, PabulibFault};
pub use read::read;
pub use write::write;
