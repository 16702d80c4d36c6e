//! What agents of a finished run did on their platform, read back strand by strand.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pluriverse_engine::record::read::read_portions;
use pluriverse_engine::record::table::TableSpec;
use pluriverse_worlds::culture::Cultures;
use pluriverse_worlds::platform::action::Sign;
use pluriverse_worlds::platform::body::{Link, Stance, Writing};
use pluriverse_worlds::platform::guests::{Deed, GuestAct, Guests, Says};
use pluriverse_worlds::platform::ids::{CommentId, Moment, PostId, Target};
use pluriverse_worlds::platform::record::{COMMENTS, EVENTS, POSTS};
use pluriverse_worlds::survey::Survey;

use super::asset::AssetError;
use super::columns::Columns;
use super::run::StrandName;

/// What was done in one strand, as guests would do it again.
pub struct StrandPosts {
    /// Whose.
    pub name: StrandName,
    /// What was done.
    pub guests: Guests,
}

/// What was written, by number.
type Written = BTreeMap<(StrandName, u32), Deed>;

/// Reads the platform tables of a run directory, strands by society, arm and replicate. Votes that were refused and
/// what only reads are left out; so are deletions: guests leave what they wrote.
pub fn posts_of(directory: &Path, survey: &Survey, cultures: &Cultures) -> Result<Vec<StrandPosts>, AssetError> {
    let failed = |error: pluriverse_engine::record::RecordError| AssetError::new(error.to_string());
    let mut of: BTreeMap<(StrandName, u32), Arc<str>> = BTreeMap::new();
    let posts = written(directory, &POSTS, survey, &mut of).map_err(failed)?;
    let comments = written(directory, &COMMENTS, survey, &mut of).map_err(failed)?;
    let mut acts: BTreeMap<StrandName, Vec<GuestAct>> = BTreeMap::new();
    read_portions(directory, &EVENTS, &mut |columns| {
        let events = Columns::of(&EVENTS, columns);
        for row in events.rows() {
            let name = events.strand(row);
            if let Some(deed) = deed(&events, row, &name, &posts, &comments) {
                let at = Moment(events.number("at", row).unwrap_or_default());
                let guest = events.number("agent", row).unwrap_or_default();
                acts.entry(name).or_default().push(GuestAct { at, guest, deed });
            }
        }
    })
    .map_err(failed)?;
    let strand = |(name, acts): (StrandName, Vec<GuestAct>)| {
        let guests = acts.iter().map(|act| act.guest + 1).max().unwrap_or_default();
        let culture = |guest: u32| {
            let code = of.get(&(name.clone(), guest))?;
            cultures.by_code(code)
        };
        let cultures = (0..guests).map(culture).collect();
        StrandPosts { guests: Guests { acts: Arc::new(acts), cultures: Arc::new(cultures) }, name }
    };
    Ok(acts.into_iter().map(strand).collect())
}

fn deed(events: &Columns<'_>, row: usize, name: &StrandName, posts: &Written, comments: &Written) -> Option<Deed> {
    let made = || events.number("made", row).map(|made| (name.clone(), made));
    match (events.text("action", row), events.text("result", row)) {
        ("create_post", "ok") => posts.get(&made()?).cloned(),
        ("comment", "ok") => comments.get(&made()?).cloned(),
        (vote, "voted" | "turned" | "taken_back") => {
            let sign = if vote.starts_with("up") { Sign::Up } else { Sign::Down };
            let number = events.number("number", row)?;
            let target = match events.text("on", row) {
                "post" => Target::Post(PostId(number)),
                _ => Target::Comment(CommentId(number)),
            };
            Some(Deed::Vote { target, sign })
        }
        _ => None,
    }
}

/// Reads posts or comments, and of which culture who wrote them is.
fn written(
    directory: &Path,
    spec: &'static TableSpec,
    survey: &Survey,
    of: &mut BTreeMap<(StrandName, u32), Arc<str>>,
) -> Result<Written, pluriverse_engine::record::RecordError> {
    let table = Columns::read(directory, spec)?;
    let mut found = Written::new();
    for row in table.rows() {
        let name = table.strand(row);
        let author = table.number("agent", row).unwrap_or_default();
        of.entry((name.clone(), author)).or_insert_with(|| Arc::from(table.text("culture", row)));
        let stance = survey.position(table.text("item", row)).map(|item| Stance {
            item: item as u16,
            option: table.number("option", row).unwrap_or_default() as u8,
            wording: table.number("wording", row).unwrap_or_default() as u16,
        });
        let link = if table.text("type", row) == "link" { Link::Yes } else { Link::No };
        let says = match stance {
            Some(stance) => Says::Position(stance),
            None => Says::Words(Writing {
                title: Arc::from(table.text("title", row)),
                content: Arc::from(table.text("content", row)),
                link,
            }),
        };
        let (number, deed) = if spec.name == POSTS.name {
            let number = table.number("post", row).unwrap_or_default();
            (number, Deed::Post { number, submolt: Arc::from(table.text("submolt", row)), says })
        } else {
            let number = table.number("comment", row).unwrap_or_default();
            let post = table.number("post", row).unwrap_or_default();
            (number, Deed::Comment { number, post, parent: table.number("parent", row), says })
        };
        found.insert((name, number), deed);
    }
    Ok(found)
}
