//! What is measured on a platform, measured on published data.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluriverse_worlds::platform::fidelity::{Compared, compare, judged};
use pluriverse_worlds::platform::measures::attention::{gini, top_share};
use pluriverse_worlds::platform::measures::power_law::fit;
use pluriverse_worlds::platform::measures::text::compression::compression_ratio;
use pluriverse_worlds::platform::measures::text::lexical::Lexical;
use pluriverse_worlds::platform::measures::text::near_duplicates::near_duplicates;
use pluriverse_worlds::platform::measures::text::repetition::exact_duplicates;
use pluriverse_worlds::platform::measures::text::self_bleu::self_bleu;
use pluriverse_worlds::platform::measures::threads::{Comment, Post, Threads};
use pluriverse_worlds::platform::measures::ties::{Dyads, Ties};
use pluriverse_worlds::platform::measures::{Corpus, Share, Writing};
use serde::Serialize;

use crate::shapes::PlatformRecord;

/// Words in the window in which words are measured.
pub const WINDOW: usize = 20_000;

/// Distinct-n, for n from 1 to 5.
const DISTINCT: [&str; 5] =
    ["platform_distinct_1", "platform_distinct_2", "platform_distinct_3", "platform_distinct_4", "platform_distinct_5"];

/// What was found.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MeasuredData {
    /// Accounts that wrote or are told of.
    pub agents: usize,
    /// Posts.
    pub posts: usize,
    /// Comments whose post is there.
    pub comments: usize,
    /// Figures by the names they have in runs.
    pub figures: BTreeMap<&'static str, Option<f64>>,
    /// Beside the published platform.
    pub fidelity: Vec<Compared>,
    /// How many of the main figures are near, and how many there are.
    pub inside: (usize, usize),
}

/// Measures published data. Inequality is over accounts that are told of or seen to write.
pub fn measure(record: &PlatformRecord) -> MeasuredData {
    let talk = Talk::of(record);
    let mut figures: BTreeMap<&'static str, Option<f64>> = BTreeMap::new();
    attention(record, &talk, &mut figures);
    threads(&talk, &mut figures);
    texts(record, &talk, &mut figures);
    let fidelity = compare(|metric| figures.get(metric).copied().flatten());
    let inside = judged(&fidelity);
    MeasuredData {
        agents: talk.agents,
        posts: talk.posts.len(),
        comments: talk.comments.len(),
        figures,
        fidelity,
        inside,
    }
}

/// Posts and comments by number.
struct Talk {
    agents: usize,
    posts: Vec<Post>,
    comments: Vec<Comment>,
    /// Places of the comments in the record.
    places: Vec<usize>,
}

impl Talk {
    fn of(record: &PlatformRecord) -> Self {
        let mut numbers: BTreeMap<Arc<str>, u32> = BTreeMap::new();
        let mut number = |name: &Arc<str>| {
            let next = numbers.len() as u32;
            *numbers.entry(name.clone()).or_insert(next)
        };
        for agent in &record.agents {
            number(&agent.id);
        }
        let unknown: Arc<str> = Arc::from("");
        let first = record.posts.iter().filter_map(|post| post.created_at).min().unwrap_or_default();
        let at =
            |created: Option<i64>| created.map_or(0, |created| (created - first).clamp(0, i64::from(u32::MAX)) as u32);
        let mut places_of_posts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut posts = Vec::new();
        for post in &record.posts {
            places_of_posts.entry(&post.id).or_insert(posts.len());
            posts.push(Post { author: number(post.author.as_ref().unwrap_or(&unknown)), at: at(post.created_at) });
        }
        let parents: BTreeMap<&str, &str> =
            record.comments.iter().filter_map(|comment| Some((&*comment.id, &**comment.parent.as_ref()?))).collect();
        let kept: Vec<usize> = (0..record.comments.len())
            .filter(|&place| places_of_posts.contains_key(&*record.comments[place].post))
            .collect();
        let places: BTreeMap<&str, usize> =
            kept.iter().enumerate().map(|(place, &row)| (&*record.comments[row].id, place)).collect();
        let comments = kept.iter().map(|&row| {
            let comment = &record.comments[row];
            Comment {
                post: places_of_posts[&*comment.post],
                parent: comment.parent.as_ref().and_then(|parent| places.get(&**parent).copied()),
                depth: depth(&comment.id, &parents),
                author: number(comment.author.as_ref().unwrap_or(&unknown)),
                at: at(comment.created_at),
            }
        });
        let comments = comments.collect();
        Self { agents: numbers.len(), posts, comments, places: kept }
    }
}

/// Deeper than any platform lets threads go: parents that go round are cut off there.
const DEEPEST: u32 = 64;

fn depth(id: &str, parents: &BTreeMap<&str, &str>) -> u32 {
    let mut depth = 0;
    let mut at = id;
    while let Some(parent) = parents.get(at).filter(|_| depth < DEEPEST) {
        depth += 1;
        at = parent;
    }
    depth
}

fn attention(record: &PlatformRecord, talk: &Talk, figures: &mut BTreeMap<&'static str, Option<f64>>) {
    let mut activity = vec![0_u64; talk.agents];
    let authors = talk.posts.iter().map(|post| post.author).chain(talk.comments.iter().map(|comment| comment.author));
    for author in authors {
        activity[author as usize] += 1;
    }
    let active: Vec<u64> = activity.iter().copied().filter(|&count| count > 0).collect();
    figures.insert("platform_activity_gini", gini(&activity));
    figures.insert("platform_activity_gini_of_active", gini(&active));
    figures.insert("platform_activity_exponent", fit(&activity).map(|law| law.exponent));
    let mut submolts: BTreeMap<&str, u64> = BTreeMap::new();
    for post in &record.posts {
        *submolts.entry(post.submolt.as_deref().unwrap_or("")).or_default() += 1;
    }
    let counts: Vec<u64> = submolts.values().copied().collect();
    let all: u64 = counts.iter().sum();
    figures.insert("platform_top10_submolt_share", top_share(&counts, 10));
    let general = submolts.get("general").copied().unwrap_or_default();
    figures.insert("platform_general_share", (all > 0).then(|| general as f64 / all as f64));
    figures.insert("platform_submolt_exponent", fit(&counts).map(|law| law.exponent));
    let votes = record.posts.iter().map(|post| (post.upvotes, post.downvotes));
    let votes = votes.chain(record.comments.iter().map(|comment| (comment.upvotes, comment.downvotes)));
    let known: Vec<(i64, i64)> = votes.filter_map(|(up, down)| Some((up?, down?))).collect();
    let (up, down) = known.iter().fold((0, 0), |sum, votes| (sum.0 + votes.0, sum.1 + votes.1));
    figures.insert("platform_downvote_share", (up + down > 0).then(|| down as f64 / (up + down) as f64));
    let mut received = vec![0_u64; talk.agents];
    for (post, row) in talk.posts.iter().zip(&record.posts) {
        received[post.author as usize] += row.upvotes.or(row.score).unwrap_or_default().max(0) as u64;
    }
    for (comment, &place) in talk.comments.iter().zip(&talk.places) {
        let row = &record.comments[place];
        received[comment.author as usize] += row.upvotes.or(row.score).unwrap_or_default().max(0) as u64;
    }
    figures.insert("platform_upvote_gini", gini(&received));
}

fn threads(talk: &Talk, figures: &mut BTreeMap<&'static str, Option<f64>>) {
    let threads = Threads::of(&talk.posts, &talk.comments);
    let share = |share: Option<Share>| share.map(Share::value);
    figures.insert("platform_commented_share", share(threads.commented));
    figures.insert("platform_comments_per_commented_post", threads.comments_per_post.map(|of| of.mean));
    figures.insert("platform_median_comments_per_commented_post", threads.comments_per_post.map(|of| of.median));
    let depths = threads.by_depth;
    figures.insert("platform_depth1_share", depths.map(|shares| shares[0].value()));
    figures.insert("platform_depth2_share", depths.map(|shares| shares[1].value()));
    figures.insert("platform_deeper_share", depths.map(|shares| shares[2].value()));
    figures.insert("platform_reply_incidence", share(threads.replied));
    figures.insert("platform_flat_share", share(threads.flat));
    figures.insert("platform_author_returns", share(threads.author_returns));
    figures.insert("platform_re_entry", threads.re_entry.map(|mean| mean.value));
    figures.insert("platform_median_minutes_to_comment", threads.first_comment.map(|of| of.median / 60.0));
    let ties = Ties::of_comments(&talk.posts, &talk.comments);
    figures.insert("platform_reciprocity", share(ties.reciprocity()));
    figures.insert("platform_tie_density", share(ties.density(talk.agents)));
    figures.insert("platform_thread_reciprocity", share(Dyads::of(&talk.posts, &talk.comments).of_tied));
}

fn texts(record: &PlatformRecord, talk: &Talk, figures: &mut BTreeMap<&'static str, Option<f64>>) {
    let posts = talk.posts.iter().zip(&record.posts).map(|(post, row)| {
        let text: Arc<str> = Arc::from(format!("{}\n{}", row.title, row.content));
        (post.at, post.author, text)
    });
    let comments = talk.comments.iter().zip(&talk.places);
    let comments =
        comments.map(|(comment, &place)| (comment.at, comment.author, record.comments[place].content.clone()));
    let mut said: Vec<(u32, u32, Arc<str>)> = posts.chain(comments).collect();
    said.sort_by_key(|(at, ..)| *at);
    let writings: Vec<Writing<'_>> = said.iter().map(|(_, author, text)| Writing { author: *author, text }).collect();
    let Some(corpus) = Corpus::latest_words(&writings, WINDOW.min(words(&writings))) else {
        return;
    };
    let lexical = Lexical::of(&corpus);
    for (metric, value) in DISTINCT.into_iter().zip(lexical.distinct) {
        figures.insert(metric, value);
    }
    figures.insert("platform_trigram_bits", lexical.trigram_bits);
    figures.insert("platform_compression", compression_ratio(&corpus));
    figures.insert("platform_duplicates", exact_duplicates(&corpus).map(Share::value));
    figures.insert("platform_near_duplicates", near_duplicates(&corpus).map(Share::value));
    figures.insert("platform_self_bleu", self_bleu(&corpus, 20).map(|mean| mean.value));
}

/// How many words there are, as far as a window needs to know.
fn words(writings: &[Writing<'_>]) -> usize {
    let mut words = 0;
    for writing in writings.iter().rev() {
        words += Corpus::of(std::slice::from_ref(writing)).tokens();
        if words >= WINDOW {
            break;
        }
    }
    words
}
