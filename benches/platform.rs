//! The platform at scale: time of a feed under every ranker, bytes a live item, and resident memory over many windows
//! of retention.
//!
//! Not a statistical bench. Arguments after `--`: `feeds`, `memory` or `retention` (default: all three, each in a
//! process of its own where memory is compared), then the number of posts (default 100000, 1000000 and 200000).

use std::time::Instant;

use pluriverse_engine::agent::AgentId;
use pluriverse_worlds::platform::action::{Action, Sign, Sort};
use pluriverse_worlds::platform::body::{Body, Stance};
use pluriverse_worlds::platform::ids::{CommentId, Moment, PostId, SubmoltId, Target};
use pluriverse_worlds::platform::limits::LimitProfile;
use pluriverse_worlds::platform::ranker::Ranker;
use pluriverse_worlds::platform::rules::Rules;
use pluriverse_worlds::platform::schedule::below;
use pluriverse_worlds::platform::state::{FeedOf, Platform, Reader};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

/// A line of `/proc/self/status` in bytes, e.g. `VmRSS` (resident now).
fn status_bytes(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let found = status.lines().find(|text| text.starts_with(line)).expect("a line of it");
    1_024 * found.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("KiB")
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let count = |usual: u32| words.iter().find_map(|word| word.parse().ok()).unwrap_or(usual);
    match words.first().map(String::as_str) {
        Some("feeds") => feeds(count(100_000)),
        Some("memory") => memory(count(1_000_000)),
        Some("retention") => retention(count(200_000)),
        _ => {
            let own = std::env::current_exe().expect("a path");
            for part in ["feeds", "memory", "retention"] {
                assert!(std::process::Command::new(&own).arg(part).status().expect("a process").success());
            }
        }
    }
}

/// A society that posts, comments and votes.
struct Crowd {
    platform: Platform,
    rng: ChaCha8Rng,
    agents: u32,
    submolts: u32,
    posts: u32,
    comments: u32,
}

impl Crowd {
    fn new(rules: Rules, agents: u32, submolts: u32) -> Self {
        let mut platform = Platform::new(Rules { limits: LimitProfile::Off, ..rules }, agents);
        for number in platform.submolts().len() as u32..submolts {
            platform.found(format!("place-{number}").into(), "".into(), None);
        }
        Self { platform, rng: ChaCha8Rng::seed_from_u64(1), agents, submolts, posts: 0, comments: 0 }
    }

    fn below(&mut self, n: u32) -> u32 {
        below(self.rng.next_u32(), n)
    }

    /// A number below n, small ones much more often: below a power of two that is drawn evenly.
    fn heavy(&mut self, n: u32) -> u32 {
        let power = self.below(n.ilog2() + 2);
        self.below((1 << power).min(n))
    }

    fn body(&mut self) -> Body {
        Body::Stated(Stance { item: self.below(200) as u16, option: 1, wording: 0 })
    }

    /// Some agents post much more than others.
    fn post(&mut self) {
        let agent = AgentId(self.heavy(self.agents));
        let submolt = SubmoltId(self.heavy(self.submolts));
        let action = Action::CreatePost { submolt, body: self.body() };
        self.platform.act(agent, &action).expect("no limits");
        self.posts += 1;
    }

    /// Comments and votes go mostly to the youngest.
    fn comment(&mut self) {
        let (agent, post) =
            (AgentId(self.below(self.agents)), PostId(self.posts - 1 - self.heavy(self.posts.min(50_000))));
        let action = Action::Comment { post, parent: None, body: self.body() };
        if self.platform.act(agent, &action).is_ok() {
            self.comments += 1;
        }
    }

    fn vote_on_young(&mut self) {
        let target = if self.comments > 0 && self.below(2) == 0 {
            Target::Comment(CommentId(self.comments - 1 - self.heavy(self.comments.min(50_000))))
        } else {
            Target::Post(PostId(self.posts - 1 - self.heavy(self.posts.min(50_000))))
        };
        self.vote(target);
    }

    fn vote(&mut self, target: Target) {
        let agent = AgentId(self.below(self.agents));
        let sign = if self.below(10) < 8 { Sign::Up } else { Sign::Down };
        let _ = self.platform.act(agent, &Action::Vote { target, sign });
    }
}

fn rankers() -> [Ranker; 10] {
    [
        Ranker::MoltbookHot,
        Ranker::New,
        Ranker::Top { hours: None },
        Ranker::Top { hours: Some(24) },
        Ranker::Rising,
        Ranker::Controversial,
        Ranker::Best { z: 1.96 },
        Ranker::RedditHot,
        Ranker::Random,
        Ranker::OasisRandomTopK { k: 5, of: 100 },
    ]
}

/// Posts with heavy-tailed votes over a hundred communities, and feeds of 15 with votes between them.
fn feeds(posts: u32) {
    let mut crowd = Crowd::new(Rules::default(), 10_000, 100);
    for number in 0..posts {
        // A post in six seconds: 100,000 are a week.
        crowd.platform.pass_to(Moment(6 * number));
        crowd.post();
    }
    // The post of rank r gets votes in proportion to 1/r; ranks lie anywhere in time.
    for _ in 0..5 * posts {
        let rank = u64::from(crowd.heavy(posts));
        crowd.vote(Target::Post(PostId((rank * 7_919 % u64::from(posts)) as u32)));
    }
    let usual = AgentId(9_998);
    subscribe(&mut crowd.platform, usual, (5..25).map(|number| 13 * number));
    // Somebody who follows those that post most: a third of all posts.
    let eager = AgentId(9_999);
    subscribe(&mut crowd.platform, eager, 0..20);
    let mut scores: Vec<i32> = crowd.platform.posts().map(|(_, post)| post.content.votes.score()).collect();
    scores.sort_unstable();
    println!("{posts} posts, scores {:?} to {:?}", scores.first(), scores.last());
    scores.dedup();
    println!("{} different scores", scores.len());
    println!(
        "{:<20} {:<7} {:>10} {:>10} {:>10} {:>10} (ns)",
        "ranker", "sort", "everybody", "agent", "eager", "submolt"
    );
    for ranker in rankers() {
        crowd.platform.set_rules(Rules { ranker, ..*crowd.platform.rules() });
        let sorts: &[Sort] =
            if ranker == Ranker::MoltbookHot { &[Sort::Hot, Sort::New, Sort::Top, Sort::Rising] } else { &[Sort::Hot] };
        for &sort in sorts {
            let of = [FeedOf::Everybody, FeedOf::Agent(usual), FeedOf::Agent(eager), FeedOf::Submolt(SubmoltId(1))];
            let [all, agent, eager, submolt] = of.map(|of| time(&mut crowd, of, sort));
            let sort = format!("{sort:?}");
            println!("{:<20} {sort:<7} {all:>10} {agent:>10} {eager:>10} {submolt:>10}", ranker.name());
            assert!([all, agent, eager, submolt].iter().all(|&taken| taken < 1_000_000), "a feed takes a millisecond");
        }
    }
    let voting = now();
    for _ in 0..10_000 {
        let post = PostId(crowd.below(posts));
        crowd.vote(Target::Post(post));
    }
    println!("a vote on any post: {} ns", voting.elapsed().as_nanos() / 10_000);
}

/// Five communities of middling size in place of the featured ones, and twenty agents to follow.
fn subscribe(platform: &mut Platform, agent: AgentId, follows: impl Iterator<Item = u32>) {
    let featured = (0..5).map(|submolt| Action::Unsubscribe { submolt: SubmoltId(submolt) });
    let others = (20..25).map(|submolt| Action::Subscribe { submolt: SubmoltId(submolt) });
    let follows = follows.map(|whom| Action::Follow { whom: AgentId(whom) });
    for action in featured.chain(others).chain(follows) {
        platform.act(agent, &action).expect("known");
    }
}

/// Nanoseconds a feed takes, with a vote before each.
fn time(crowd: &mut Crowd, of: FeedOf, sort: Sort) -> u128 {
    let (mut reader, mut spent, times) = (Reader::default(), 0, 500);
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..times {
        crowd.vote_on_young();
        let begun = now();
        crowd.platform.feed(of, sort, 15, crowd.platform.now(), &mut |n| below(rng.next_u32(), n), &mut reader);
        spent += begun.elapsed().as_nanos();
        std::hint::black_box(&reader.posts);
    }
    spent / times
}

/// Resident bytes a live post, comment and vote: twice as many comments, three times as many votes.
fn memory(posts: u32) {
    let mut crowd = Crowd::new(Rules::default(), posts / 10, 100);
    let before = status_bytes("VmRSS");
    let (mut bytes, mut spent) = (before, now());
    let mut phase = |crowd: &Crowd, what: &str, items: u64| {
        let resident = status_bytes("VmRSS");
        let each = resident.saturating_sub(bytes) as f64 / items as f64;
        println!("{items} {what}: {each:.0} bytes each, {} ns each", spent.elapsed().as_nanos() / u128::from(items));
        (bytes, spent) = (resident, now());
        (crowd.platform.totals().posts, each)
    };
    for number in 0..posts {
        crowd.platform.pass_to(Moment(number));
        crowd.post();
    }
    phase(&crowd, "posts", u64::from(posts));
    (0..2 * posts).for_each(|_| crowd.comment_anywhere());
    phase(&crowd, "comments (notices included)", u64::from(2 * posts));
    (0..3 * posts).for_each(|_| crowd.vote_anywhere());
    let votes: usize = crowd.platform.accounts().iter().map(pluriverse_worlds::platform::state::Account::votes).sum();
    phase(&crowd, "votes", votes as u64);
    let items = crowd.platform.posts().len() + crowd.platform.comments().len() + votes;
    let each = (status_bytes("VmRSS") - before) as f64 / items as f64;
    println!("{items} live items: {each:.0} bytes each over all, resident {} MiB", status_bytes("VmRSS") >> 20);
    assert!(each <= 300.0, "more than 300 bytes an item");
}

impl Crowd {
    fn comment_anywhere(&mut self) {
        let (agent, post) = (AgentId(self.below(self.agents)), PostId(self.below(self.posts)));
        let action = Action::Comment { post, parent: None, body: self.body() };
        self.platform.act(agent, &action).expect("no limits");
        self.comments += 1;
    }

    /// A vote on a post whose votes are few as a rule, or on any comment.
    fn vote_anywhere(&mut self) {
        let target = if self.below(3) == 0 {
            Target::Post(PostId(self.below(self.posts)))
        } else {
            Target::Comment(CommentId(self.below(self.comments)))
        };
        self.vote(target);
    }
}

/// Ten windows of retention: resident memory after each.
fn retention(posts: u32) {
    let rules = Rules { retention: Some(posts), ranker: Ranker::Best { z: 1.96 }, ..Rules::default() };
    let mut crowd = Crowd::new(rules, 20_000, 100);
    for window in 0..10 {
        let begun = now();
        for second in 0..posts {
            crowd.platform.pass_to(Moment(window * posts + second));
            if second % 1_800 == 0 {
                crowd.platform.let_go();
            }
            crowd.post();
            let reading = AgentId(crowd.below(crowd.agents));
            crowd
                .platform
                .act(reading, &Action::MarkRead { until: Moment(window * posts + second) })
                .expect("no limits");
            (0..2).for_each(|_| crowd.comment());
            (0..3).for_each(|_| crowd.vote_on_young());
        }
        println!(
            "window {window}: resident {:.1} MiB, {} posts, {} comments, {:.2} s",
            status_bytes("VmRSS") as f64 / 1_048_576.0,
            crowd.platform.posts().len(),
            crowd.platform.comments().len(),
            begun.elapsed().as_secs_f64(),
        );
    }
}
