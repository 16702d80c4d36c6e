//! Words, in the latest window of so many of them: windows of one size compare, whatever was written how fast.

use std::collections::BTreeSet;
use std::sync::Arc;

use bevy_ecs::prelude::Resource;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::observation::Observation;

use super::figure;
use crate::platform::ids::Moment;
use crate::platform::measures::text::compression::compression_ratio;
use crate::platform::measures::text::lexical::Lexical;
use crate::platform::measures::text::near_duplicates::near_duplicates;
use crate::platform::measures::text::repetition::{exact_duplicates, self_repetition};
use crate::platform::measures::text::self_bleu::self_bleu;
use crate::platform::measures::topics::{Divergence, Weights, jensen_shannon};
use crate::platform::measures::vendi::{self, Kernel};
use crate::platform::measures::vocabulary::{common_words, inter_agent_jaccard, tf_idf_spread};
use crate::platform::measures::{Corpus, Share, Writing, authorship, clusters};
use crate::platform::state::{Content, Platform, Standing};
use crate::platform::wording::Words;

/// Texts that are looked through at most, from the latest on.
const LATEST: usize = 4_000;

/// Texts in a Vendi score.
const VENDI: usize = 100;

/// Words of each author whose vocabularies are compared.
const WORDS_EACH: usize = 60;

/// Words that more than this share of the authors uses are no topic of anybody's.
const COMMON: f64 = 0.5;

/// Texts in a divergence of topics: it leans high where there are few, so only equally many compare.
const SPOKEN: usize = 200;

/// Clusters of texts where they take no position on an item.
const TOPICS: usize = 12;

/// Distinct-n, for n from 1 to 5.
const DISTINCT: [&str; 5] =
    ["platform_distinct_1", "platform_distinct_2", "platform_distinct_3", "platform_distinct_4", "platform_distinct_5"];

/// Words that most agents used when it was first measured: left out of vocabularies ever after.
#[derive(Resource, Clone, PartialEq, Eq, Debug, Default)]
pub struct CommonWords(Option<BTreeSet<String>>);

/// A text on the platform.
struct Said {
    at: Moment,
    author: AgentId,
    text: Arc<str>,
    item: Option<u16>,
}

pub(super) fn observe(
    platform: &Platform,
    words: &Words,
    window: usize,
    common: &mut CommonWords,
    out: &mut Vec<Observation>,
) {
    let said = latest(platform, words);
    let writings: Vec<Writing<'_>> =
        said.iter().map(|said| Writing { author: said.author.0, text: &said.text }).collect();
    let corpus = Corpus::latest_words(&writings, window);
    out.push(figure("platform_texts", Some(writings.len() as f64), platform.totals().posts));
    let Some(corpus) = corpus else {
        // Fewer words than a window: nothing of them compares with anything.
        return;
    };
    of_window(&corpus, out);
    let left_out = common.0.get_or_insert_with(|| common_words(&corpus, COMMON));
    let overlap = inter_agent_jaccard(&Corpus::of(&writings), WORDS_EACH, left_out);
    let authors = overlap.map_or(0, |overlap| overlap.authors as u64);
    out.push(figure("platform_vocabulary_overlap", overlap.map(|overlap| overlap.jaccard), authors));
    let guessed = authorship::identifiability(&writings);
    let texts = guessed.map_or(0, |guessed| guessed.texts as u64);
    out.push(figure("platform_author_accuracy", guessed.map(|guessed| guessed.accuracy), texts));
    out.push(figure("platform_author_chance", guessed.map(|guessed| guessed.chance), texts));
    let latest = Corpus::latest_documents(&writings, VENDI);
    for (metric, kernel) in [("platform_vendi_tf_idf", Kernel::TfIdf), ("platform_vendi_trigrams", Kernel::Trigrams)] {
        let score = latest.as_ref().and_then(|latest| vendi::of_texts(latest, kernel));
        let n = score.map_or(0, |score| score.documents as u64);
        out.push(figure(metric, score.map(|score| score.score), n));
    }
    let divergence = topics(&said, words, &writings);
    let items = divergence.map_or(0, |divergence| divergence.items as u64);
    out.push(figure("platform_topic_divergence", divergence.map(|divergence| divergence.bits), items));
}

/// Figures of one window.
fn of_window(corpus: &Corpus<'_>, out: &mut Vec<Observation>) {
    let documents = corpus.documents().len() as u64;
    let lexical = Lexical::of(corpus);
    let tokens = lexical.tokens as u64;
    for (metric, value) in DISTINCT.into_iter().zip(lexical.distinct) {
        out.push(figure(metric, value, tokens));
    }
    out.push(figure("platform_trigram_bits", lexical.trigram_bits, tokens));
    out.push(figure("platform_compression", compression_ratio(corpus), tokens));
    let of = |metric, share: Option<Share>| {
        figure(metric, share.map(Share::value), share.map_or(0, |share| share.of as u64))
    };
    out.push(of("platform_self_repetition", self_repetition(corpus, 4)));
    out.push(of("platform_duplicates", exact_duplicates(corpus)));
    out.push(of("platform_near_duplicates", near_duplicates(corpus)));
    let bleu = self_bleu(corpus, 20);
    let rated = bleu.map_or(0, |bleu| bleu.n as u64);
    out.push(figure("platform_self_bleu", bleu.map(|bleu| bleu.value), rated));
    let spread = tf_idf_spread(corpus);
    out.push(figure("platform_tf_idf_dispersion", spread.map(|spread| spread.dispersion), documents));
    out.push(figure("platform_mean_cosine", spread.map(|spread| spread.mean_cosine), documents));
}

/// The latest texts of the society's agents, oldest first; deleted ones are gone.
fn latest(platform: &Platform, words: &Words) -> Vec<Said> {
    let by_member = |content: &Content| platform.is_member(content.author) && content.standing != Standing::Deleted;
    let posts = platform.posts().rev().filter(|(_, post)| by_member(&post.content)).take(LATEST).map(|(_, post)| {
        let (title, text) = words.of_post(platform, post);
        (post.content, Arc::from(format!("{title}\n{text}")))
    });
    let comments = platform
        .comments()
        .rev()
        .filter(|(_, comment)| by_member(&comment.content))
        .take(LATEST)
        .map(|(_, comment)| (comment.content, words.of_comment(platform, comment)));
    let said = |(content, text): (Content, Arc<str>)| Said {
        at: content.created,
        author: content.author,
        text,
        item: content.body.stance().map(|stance| stance.item),
    };
    let mut all: Vec<Said> = posts.chain(comments).map(said).collect();
    // Posts come before comments of the same second, and each kind from its latest on.
    all.reverse();
    all.sort_by_key(|said| said.at);
    all.split_off(all.len().saturating_sub(LATEST))
}

/// How far cultures speak about different things: items where they take positions, else clusters of texts.
fn topics(said: &[Said], words: &Words, writings: &[Writing<'_>]) -> Option<Divergence> {
    let from = said.len().checked_sub(SPOKEN)?;
    let (said, writings) = (&said[from..], &writings[from..]);
    let culture = |author: AgentId| words.culture(author.index()).map(|culture| u32::from(culture.0));
    let stated = said.iter().filter_map(|said| Some((culture(said.author)?, u32::from(said.item?))));
    let stated: Vec<(u32, u32)> = stated.collect();
    if stated.len() == said.len() {
        return jensen_shannon(&stated, Weights::BySize);
    }
    let corpus = Corpus::of(writings);
    let clusters = clusters::k_means(&corpus, TOPICS)?;
    let of_documents = corpus.documents().iter().map(|document| culture(AgentId(document.author)));
    let pairs = of_documents.zip(clusters).filter_map(|(culture, cluster)| Some((culture?, cluster)));
    jensen_shannon(&pairs.collect::<Vec<_>>(), Weights::BySize)
}
