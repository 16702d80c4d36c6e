//! Both shapes, out and in again, and folders that are not quite of a shape.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type, Int96Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::*;

/// A folder that goes when it is dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("pluriverse-shapes-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn holding(files: &[(&str, &str)]) -> Self {
        let scratch = Self::new();
        for (name, text) in files {
            std::fs::write(scratch.0.join(name), text).expect("written");
        }
        scratch
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What reading a folder refuses it for, without the folder's own name.
fn told(scratch: &Scratch) -> Vec<String> {
    let own = scratch.path().display().to_string();
    let errors = read(scratch.path()).expect_err("mistakes");
    errors.iter().map(|error| error.to_string().replace(&format!("{own}/"), "").replace(&own, "the folder")).collect()
}

/// Texts with what formats choke on. No shape tells an empty one from none.
fn nasty() -> impl Strategy<Value = Arc<str>> {
    let odd = prop::sample::select(vec![
        "\"",
        "\\",
        "\n",
        "\r\n",
        "\t",
        "\u{2028}",
        "\u{feff}",
        "'",
        ",",
        "{",
        "}",
        "\u{1}",
        "é",
        "漢字",
        "👩‍👩‍👧",
        "null",
        "NaN",
        "\u{202e}",
        "\\u0000",
        " ",
    ])
    .prop_map(str::to_owned);
    let piece = prop_oneof![odd, "[a-z]{1,5}", "\\PC{1,3}"];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| Arc::from(pieces.concat()))
}

fn when() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(-62_167_219_200_i64..=253_402_300_799)
}

fn said(empty: f64) -> impl Strategy<Value = Arc<str>> {
    prop::option::weighted(1.0 - empty, nasty()).prop_map(Option::unwrap_or_default)
}

fn count() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(any::<i64>())
}

fn agents() -> impl Strategy<Value = AgentRecord> {
    let counts = (count(), count(), count(), prop::option::of(any::<bool>()));
    (nasty(), nasty(), said(0.3), counts, when(), when(), prop::option::of(nasty())).prop_map(
        |(id, name, description, (karma, followers, following, claimed), created_at, last_active, culture)| {
            AgentRecord {
                id,
                name,
                description,
                karma,
                followers,
                following,
                claimed,
                created_at,
                last_active,
                culture,
            }
        },
    )
}

fn submolts() -> impl Strategy<Value = SubmoltRecord> {
    (nasty(), prop::option::of(nasty()), said(0.3), count(), count(), when()).prop_map(
        |(name, display_name, description, subscribers, post_count, created_at)| SubmoltRecord {
            name,
            display_name,
            description,
            subscribers,
            post_count,
            created_at,
        },
    )
}

/// Nobody, or an author by name and id.
fn authors() -> impl Strategy<Value = Option<(Arc<str>, Arc<str>)>> {
    prop::option::of((nasty(), nasty()))
}

fn posts() -> impl Strategy<Value = PostRecord> {
    let texts = (nasty(), prop::option::of(nasty()), said(0.2), said(0.2), prop::option::of(nasty()));
    (texts, authors(), count(), count(), when(), when(), prop::option::of(any::<bool>()), prop::option::of(nasty()))
        .prop_map(
            |(
                (id, submolt, title, content, url),
                author,
                score,
                comment_count,
                created_at,
                fetched_at,
                pinned,
                culture,
            )| {
                let (author, author_name) = author.unzip();
                PostRecord {
                    id,
                    author,
                    author_name,
                    submolt,
                    title,
                    content,
                    url,
                    score,
                    comment_count,
                    created_at,
                    fetched_at,
                    pinned,
                    culture,
                    ..PostRecord::default()
                }
            },
        )
}

fn comments() -> impl Strategy<Value = CommentRecord> {
    let texts = (nasty(), nasty(), prop::option::of(nasty()), said(0.2));
    (texts, authors(), count(), when(), when(), prop::option::of(nasty())).prop_map(
        |((id, post, parent, content), author, score, created_at, fetched_at, culture)| {
            let (author, author_name) = author.unzip();
            CommentRecord {
                id,
                post,
                parent,
                author,
                author_name,
                content,
                score,
                created_at,
                fetched_at,
                culture,
                ..CommentRecord::default()
            }
        },
    )
}

fn records() -> impl Strategy<Value = PlatformRecord> {
    let few = 0..5;
    (
        prop::collection::vec(agents(), few.clone()),
        prop::collection::vec(submolts(), few.clone()),
        prop::collection::vec(posts(), few.clone()),
        prop::collection::vec(comments(), few),
    )
        .prop_map(|(agents, submolts, posts, comments)| PlatformRecord { agents, submolts, posts, comments })
}

fn without_culture(mut record: PlatformRecord) -> PlatformRecord {
    record.agents.iter_mut().for_each(|agent| agent.culture = None);
    record.posts.iter_mut().for_each(|post| post.culture = None);
    record.comments.iter_mut().for_each(|comment| comment.culture = None);
    record
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn observatory_tables_come_back_as_they_were_written(record in records(), with_culture: bool) {
        let scratch = Scratch::new();
        let fields = if with_culture { Fields::WithCulture } else { Fields::Published };
        observatory::write(&record, scratch.path(), "2026-02-01", fields).expect("written");
        let expected = if with_culture { record } else { without_culture(record) };
        prop_assert_eq!(read(scratch.path()).expect("readable"), expected);
    }

    #[test]
    fn api_lines_come_back_as_they_were_written(
        mut record in records(),
        with_culture: bool,
        votes: (i32, i32),
        flags: (Option<bool>, Option<bool>),
    ) {
        for post in &mut record.posts {
            let (up, down) = (i64::from(votes.0), i64::from(votes.1));
            (post.upvotes, post.downvotes, post.deleted, post.spam) = (Some(up), Some(down), flags.0, flags.1);
            post.score = Some(up - down);
            post.fetched_at = None;
        }
        for comment in &mut record.comments {
            (comment.deleted, comment.spam, comment.fetched_at) = (flags.0, flags.1, None);
        }
        let scratch = Scratch::new();
        let fields = if with_culture { Fields::WithCulture } else { Fields::Published };
        api::write(&record, scratch.path(), fields).expect("written");
        let expected = if with_culture { record } else { without_culture(record) };
        prop_assert_eq!(read(scratch.path()).expect("readable"), expected);
    }
}

fn small() -> PlatformRecord {
    let agent = AgentRecord { id: "a1".into(), name: "ada".into(), ..AgentRecord::default() };
    let post = PostRecord {
        id: "p1".into(),
        author: Some("a1".into()),
        upvotes: Some(3),
        downvotes: Some(1),
        ..PostRecord::default()
    };
    let comment = CommentRecord { id: "c1".into(), post: "p1".into(), ..CommentRecord::default() };
    PlatformRecord { agents: vec![agent], posts: vec![post], comments: vec![comment], ..PlatformRecord::default() }
}

#[test]
fn nothing_is_overwritten() {
    let scratch = Scratch::new();
    observatory::write(&small(), scratch.path(), "2026-02-01", Fields::Published).expect("written");
    let again = observatory::write(&small(), scratch.path(), "2026-02-01", Fields::Published).expect_err("there");
    assert_eq!(again.len(), 4, "{again:?}");
    observatory::write(&small(), scratch.path(), "2026-02-02", Fields::Published).expect("another day");
    observatory::write(&small(), scratch.path(), "2026-02-31", Fields::Published).expect_err("no day");
    let scratch = Scratch::holding(&[("posts_all.jsonl", "kept")]);
    let again = api::write(&small(), scratch.path(), Fields::Published).expect_err("there");
    assert!(matches!(&again[..], [ShapeError::Occupied { .. }]), "{again:?}");
    assert_eq!(std::fs::read_dir(scratch.path()).expect("a folder").count(), 1, "nothing else was written");
}

#[test]
fn moments_without_a_text_are_refused() {
    let mut record = small();
    record.posts[0].created_at = Some(i64::MAX);
    let scratch = Scratch::new();
    let errors = observatory::write(&record, scratch.path(), "2026-02-01", Fields::Published).expect_err("no text");
    assert!(matches!(&errors[..], [ShapeError::Value { field: "created_at", row: 1, .. }]), "{errors:?}");
    let errors = api::write(&record, scratch.path(), Fields::Published).expect_err("no text");
    assert!(matches!(&errors[..], [ShapeError::Value { field: "created_at", row: 1, .. }]), "{errors:?}");
}

#[test]
fn the_latest_dump_of_a_row_wins_in_the_place_of_the_earliest() {
    let scratch = Scratch::new();
    let dump = |date: &str, posts: &[(&str, i64)]| {
        let posts =
            posts.iter().map(|&(id, score)| PostRecord { id: id.into(), score: Some(score), ..PostRecord::default() });
        let record = PlatformRecord { posts: posts.collect(), ..PlatformRecord::default() };
        observatory::write(&record, scratch.path(), date, Fields::Published).expect("written");
    };
    dump("2026-02-10", &[("b", 10), ("c", 1)]);
    dump("2026-02-09", &[("a", 1), ("b", 9)]);
    dump("2025-12-31", &[("b", 1), ("a", 0)]);
    let posts = read(scratch.path()).expect("readable").posts;
    let told: Vec<(&str, Option<i64>)> = posts.iter().map(|post| (&*post.id, post.score)).collect();
    assert_eq!(told, [("b", Some(10)), ("a", Some(1)), ("c", Some(1))]);
}

#[test]
fn tables_of_several_row_groups_come_back_row_for_row() {
    let comment = |at: u32| CommentRecord {
        id: at.to_string().into(),
        post: (at / 7).to_string().into(),
        parent: at.is_multiple_of(3).then(|| at.saturating_sub(1).to_string().into()),
        score: (!at.is_multiple_of(5)).then_some(i64::from(at)),
        ..CommentRecord::default()
    };
    let record = PlatformRecord { comments: (0..40_000).map(comment).collect(), ..PlatformRecord::default() };
    let scratch = Scratch::new();
    observatory::write(&record, scratch.path(), "2026-02-01", Fields::Published).expect("written");
    assert_eq!(read(scratch.path()).expect("readable"), record);
}

#[test]
fn published_columns_are_those_of_the_archive_in_order() {
    let scratch = Scratch::new();
    observatory::write(&small(), scratch.path(), "2026-02-01", Fields::Published).expect("written");
    let columns = |table: &str| {
        use parquet::file::reader::{FileReader, SerializedFileReader};
        let file = File::open(scratch.path().join(format!("data/{table}/2026-02-01.parquet"))).expect("there");
        let reader = SerializedFileReader::new(file).expect("Parquet");
        let fields = reader.metadata().file_metadata().schema().get_fields().to_vec();
        fields.iter().map(|field| field.name().to_owned()).collect::<Vec<_>>().join(",")
    };
    for (table, names) in [
        (
            "agents",
            "id,name,description,karma,follower_count,following_count,is_claimed,owner_x_handle,first_seen_at,\
             last_seen_at,created_at,avatar_url,dump_date",
        ),
        (
            "posts",
            "id,agent_id,agent_name,submolt,title,content,url,score,comment_count,created_at,fetched_at,is_pinned,\
             dump_date",
        ),
        ("comments", "id,post_id,agent_id,agent_name,parent_id,content,score,created_at,fetched_at,dump_date"),
        (
            "submolts",
            "name,display_name,description,subscriber_count,post_count,created_at,first_seen_at,avatar_url,banner_url,\
             dump_date",
        ),
    ] {
        assert_eq!(columns(table), names);
    }
    assert_eq!(read(scratch.path()).expect("readable").posts[0].score, Some(2), "votes become the score");
}

/// Writes one row group of a table as another program would have it.
fn foreign(path: &Path, message: &str, write: &dyn Fn(&str, &mut SerializedColumnWriter<'_>)) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let schema = Arc::new(parse_message_type(message).expect("a schema"));
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer =
        SerializedFileWriter::new(File::create(path).expect("made"), schema.clone(), properties).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    for field in schema.get_fields() {
        let mut column = group.next_column().expect("no error").expect("a column");
        write(field.name(), &mut column);
        column.close().expect("closed");
    }
    group.close().expect("closed");
    writer.close().expect("closed");
}

fn put<T: DataType>(column: &mut SerializedColumnWriter<'_>, values: &[T::T]) {
    column.typed::<T>().write_batch(values, None, None).expect("written");
}

fn put_texts(column: &mut SerializedColumnWriter<'_>, texts: &[&str]) {
    put::<ByteArrayType>(column, &texts.iter().map(|text| ByteArray::from(*text)).collect::<Vec<_>>());
}

#[test]
fn times_and_numbers_are_read_however_they_are_stored() {
    let stamp = 1_769_949_296_i64;
    for (column, scale) in [
        ("INT64 created_at (TIMESTAMP(MILLIS,true))", 1_000),
        ("INT64 created_at (TIMESTAMP(MICROS,false))", 1_000_000),
        ("INT64 created_at (TIMESTAMP(NANOS,true))", 1_000_000_000),
        ("INT64 created_at (TIMESTAMP_MILLIS)", 1_000),
        ("INT64 created_at", 1),
        ("INT64 created_at", 1_000),
        ("DOUBLE created_at", 1),
        ("INT32 created_at", 1),
        ("INT96 created_at", 1),
        ("BYTE_ARRAY created_at (UTF8)", 1),
    ] {
        let scratch = Scratch::new();
        let message = format!(
            "message posts {{ REQUIRED INT64 id; OPTIONAL BYTE_ARRAY agent_id (UTF8); REQUIRED BYTE_ARRAY submolt; \
             REQUIRED BYTE_ARRAY title; REQUIRED BYTE_ARRAY content; REQUIRED DOUBLE score; REQUIRED {column}; }}"
        );
        foreign(&scratch.path().join("posts.parquet"), &message, &|name, writer| match name {
            "id" => put::<Int64Type>(writer, &[7, 8]),
            "agent_id" => {
                writer.typed::<ByteArrayType>().write_batch(&[], Some(&[0, 0]), None).expect("written");
            }
            "score" => put::<DoubleType>(writer, &[3.0, f64::NAN]),
            "created_at" => match column.split(' ').next() {
                Some("INT64") => put::<Int64Type>(writer, &[stamp * scale; 2]),
                Some("DOUBLE") => put::<DoubleType>(writer, &[stamp as f64 + 0.7, stamp as f64]),
                Some("INT32") => put::<Int32Type>(writer, &[stamp as i32; 2]),
                Some("INT96") => {
                    let mut value = parquet::data_type::Int96::new();
                    let nanos = (stamp % 86_400) as u64 * 1_000_000_000;
                    value.set_data(nanos as u32, (nanos >> 32) as u32, (stamp / 86_400 + 2_440_588) as u32);
                    put::<Int96Type>(writer, &[value; 2]);
                }
                _ => put_texts(writer, &["2026-02-01 12:34:56", "2026-02-01T13:34:56.25+01:00"]),
            },
            _ => put_texts(writer, &["x", "y"]),
        });
        std::fs::create_dir(scratch.path().join("comments")).expect("made");
        observatory::write(&small(), &scratch.path().join("w"), "2026-02-01", Fields::Published).expect("written");
        let comments = scratch.path().join("w/data/comments/2026-02-01.parquet");
        std::fs::copy(comments, scratch.path().join("comments/part-0.parquet")).expect("copied");
        let posts = read(scratch.path()).unwrap_or_else(|errors| panic!("{column}: {errors:?}")).posts;
        let told: Vec<_> = posts.iter().map(|post| (&*post.id, post.score, post.created_at)).collect();
        assert_eq!(told, [("7", Some(3), Some(stamp)), ("8", None, Some(stamp))], "{column}");
    }
}

#[test]
fn every_file_that_lacks_columns_is_one_error_with_near_names() {
    let scratch = Scratch::new();
    foreign(
        &scratch.path().join("data/posts/2026-02-01.parquet"),
        "message posts { REQUIRED BYTE_ARRAY id; REQUIRED BYTE_ARRAY agentid; REQUIRED BYTE_ARRAY submolt;
         REQUIRED BYTE_ARRAY title; REQUIRED BYTE_ARRAY body; REQUIRED BYTE_ARRAY created_at; }",
        &|_, column| put_texts(column, &["x"]),
    );
    foreign(
        &scratch.path().join("data/comments/2026-02-01.parquet"),
        "message comments { REQUIRED BYTE_ARRAY id; REQUIRED BYTE_ARRAY post_id; REQUIRED BYTE_ARRAY agent_id;
         REQUIRED BYTE_ARRAY content; REQUIRED BYTE_ARRAY created_at; }",
        &|_, column| put_texts(column, &["x"]),
    );
    std::fs::create_dir(scratch.path().join("submolts")).expect("made");
    std::fs::write(scratch.path().join("submolts/x.parquet"), "no Parquet at all").expect("written");
    let told = told(&scratch);
    assert!(told[0].starts_with("submolts/x.parquet is not a usable Parquet file: "), "{}", told[0]);
    assert_eq!(
        told[1..],
        [
            "data/posts/2026-02-01.parquet lacks the columns `agent_id` (is `agentid` meant?), `content`; it has id, \
             agentid, submolt, title, body, created_at",
            "data/comments/2026-02-01.parquet lacks the column `parent_id`; it has id, post_id, agent_id, content, \
             created_at",
        ]
    );
}

#[test]
fn values_that_cannot_be_read_are_counted_by_column() {
    let scratch = Scratch::new();
    foreign(
        &scratch.path().join("comments.parquet"),
        "message comments { REQUIRED BYTE_ARRAY id; REQUIRED BYTE_ARRAY post_id; REQUIRED BYTE_ARRAY agent_id;
         REQUIRED BYTE_ARRAY parent_id; REQUIRED BYTE_ARRAY content; REQUIRED BYTE_ARRAY created_at; }",
        &|name, column| match name {
            "id" => put_texts(column, &["x", "", "z"]),
            "created_at" => put_texts(column, &["2026-02-01", "yesterday", "2026-02-30"]),
            _ => put_texts(column, &["", "b", "c"]),
        },
    );
    assert_eq!(
        told(&scratch),
        [
            "the folder holds no posts: looked for data/posts/*.parquet, posts/*.parquet, data/posts.parquet and \
             posts.parquet",
            "comments.parquet, row 2: created_at `yesterday` is not a moment (RFC 3339, YYYY-MM-DD HH:MM:SS, a \
             timestamp, or Unix seconds) (and 1 more like it)",
            "comments.parquet, row 2: id is empty",
            "comments.parquet, row 1: post_id is empty",
        ]
    );
}

#[test]
fn a_crawl_is_read_in_every_wording_of_it() {
    let posts = concat!(
        r#"{"id":"5f1c","title":"On \"rust\"","content":"line one\nline two 🦀","type":"text","author_id":"ag-1","author":{"id":"ag-1","name":"ada","karma":12,"followerCount":3,"isClaimed":true},"submolt":{"id":"s-1","name":"general","display_name":"General"},"upvotes":5,"downvotes":1,"score":4,"comment_count":3,"hot_score":0,"is_pinned":false,"is_locked":false,"is_deleted":false,"verification_status":"verified","is_spam":true,"created_at":"2026-02-01T12:34:56.123Z","updated_at":"2026-02-01T12:34:56.123Z","_scraped_at":"2026-02-02T00:00:00Z"}"#,
        "\n\n",
        r#"{"id":17,"title":"A link","url":"https://example.org/?a=b","author":null,"submolt_name":"general","created_at":null}"#,
        "\r\n",
        r#"{"id":"x","title":"","content":null,"agent_name":"bo","author":"bo","submolt":"general","created_at":1769949296}"#,
    );
    let comments = concat!(
        r#"{"id":"c1","post_id":"5f1c","content":"Yes","parent_id":null,"author":{"id":"ag-2","name":"bo","karma":1,"follower_count":2},"upvotes":1,"downvotes":0,"depth":0,"replies":[],"post_title":"On","submolt":"general","created_at":"2026-02-01T12:35:00Z"}"#,
        "\n",
        r#"{"id":"c2","post_id":"5f1c","content":"No","parent_id":"c1","author_id":"ag-1","author_name":"ada","depth":9,"created_at":"2026-02-01 12:36:00"}"#,
        "\n",
    );
    let agents = r#"{"id":"ag-1","name":"ada","description":null,"karma":12,"followerCount":3,"followingCount":0,"isClaimed":true,"createdAt":"2026-01-30T00:00:00Z","lastActive":null,"owner":{"x_handle":"someone"}}"#;
    let submolts = r#"[{"id":"s-1","name":"general","display_name":"General","description":"All","subscriber_count":9,"created_at":"2026-01-27T00:00:00Z","created_by":{"id":"q"}}]"#;
    let scratch = Scratch::holding(&[
        ("posts_all.jsonl", posts),
        ("comments_all.jsonl", comments),
        ("agents_seen.jsonl", agents),
        ("submolts.json", submolts),
    ]);
    let record = read(scratch.path()).expect("readable");
    assert_eq!(record.posts[0].created_at, Some(1_769_949_296));
    assert_eq!(&*record.posts[0].content, "line one\nline two 🦀");
    assert_eq!((record.posts[0].spam, record.posts[0].net_votes()), (Some(true), Some(4)));
    let authors: Vec<_> =
        record.posts.iter().map(|post| (&*post.id, post.author.as_deref(), post.submolt.as_deref())).collect();
    assert_eq!(
        authors,
        [("5f1c", Some("ag-1"), Some("general")), ("17", None, Some("general")), ("x", Some("bo"), Some("general"))]
    );
    assert_eq!(record.comments[1].author_name.as_deref(), Some("ada"));
    assert_eq!(record.comments[0].net_votes(), Some(1), "votes stand in for a score");
    assert_eq!(record.depths(), [Some(0), Some(1)], "followed, not believed");
    assert_eq!((record.agents[0].followers, record.agents[0].claimed), (Some(3), Some(true)));
    assert_eq!((&*record.submolts[0].name, record.submolts[0].subscribers), ("general", Some(9)));
    assert_eq!(record.check(), []);
}

#[test]
fn broken_lines_and_missing_fields_are_told_with_file_and_line_all_at_once() {
    let good = r#"{"id":"p","title":"t","content":"c","author":"a","submolt":"s","created_at":"2026-02-01"}"#;
    let posts = format!(
        "{good}\n{{\"id\": \"q\", \"tit\n[]\n{}\n{}\n{}\n",
        good.replace("\"content\"", "\"contents\"").replace("\"id\":\"p\",", ""),
        good.replace("\"content\"", "\"contents\"").replace("\"id\":\"p\"", "\"id\":null"),
        good.replace("2026-02-01", "soon"),
    );
    let comments = r#"{"id":"c","post_id":"p","content":"x","author":"a","created_at":"2026-02-01","parent":"b"}"#;
    let scratch = Scratch::holding(&[
        ("posts_all.jsonl", &posts),
        ("comments_all.jsonl", comments),
        ("submolts.jsonl", r#"{"name":{"not":"a name"}}"#),
    ]);
    let told = told(&scratch);
    assert!(told[0].starts_with("submolts.jsonl, line 1: not a JSON object of this shape: invalid type: map"));
    assert!(told[0].starts_with("submolts.jsonl, line 1: not a JSON object of this shape: invalid type: map"));
    assert!(told[1].starts_with("posts_all.jsonl, line 2: not a JSON object of this shape: EOF"), "{}", told[1]);
    assert!(told[1].ends_with("(and 1 more like it)"), "the array: {}", told[1]);
    assert_eq!(
        told[2..],
        [
            "posts_all.jsonl, line 4: lacks the fields `id`, `content` (is `contents` meant?); it has title, contents, \
             author, submolt, created_at (and 1 more like it)",
            "posts_all.jsonl, line 6: created_at `soon` is not a moment (RFC 3339, YYYY-MM-DD HH:MM:SS, a timestamp, \
             or Unix seconds)",
            "comments_all.jsonl, line 1: lacks the field `parent_id` (is `parent` meant?); it has id, post_id, \
             content, author, created_at, parent",
        ]
    );
}

#[test]
fn replies_within_a_comment_are_refused_rather_than_lost() {
    let comments = r#"{"id":"c","post_id":"p","parent_id":null,"content":"x","author":"a","created_at":"2026-02-01","replies":[{"id":"d"}]}"#;
    let scratch = Scratch::holding(&[("posts_all.jsonl", ""), ("comments_all.jsonl", comments)]);
    let told = told(&scratch);
    assert_eq!(
        told,
        ["comments_all.jsonl, line 1: holds replies within `replies`, where each comment has a line of its own"]
    );
}

#[test]
fn other_folders_are_refused_with_what_was_looked_for() {
    let told = |scratch: &Scratch| shape_of(scratch.path()).expect_err("no shape").to_string();
    let neither = told(&Scratch::holding(&[("posts.csv", "id")]));
    assert!(neither.contains("posts_all.jsonl") && neither.contains("data/posts/*.parquet"), "{neither}");
    let both = Scratch::holding(&[("posts_all.jsonl", ""), ("comments.parquet", "")]);
    assert!(told(&both).contains("both"));
    assert!(matches!(shape_of(Path::new("/no/such/folder")), Err(ShapeError::Io { .. })));
    let half = Scratch::holding(&[("comments_all.jsonl", "")]);
    let errors = read(half.path()).expect_err("no posts");
    assert!(matches!(&errors[..], [ShapeError::MissingPart { part: "posts", .. }]), "{errors:?}");
}
