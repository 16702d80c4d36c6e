//! Small histories whose outcome is worked out by hand.

use std::sync::Arc;

use pluriverse_engine::agent::AgentId;

use crate::platform::action::{Action, CommentSort, Done, Refusal, Sign, Sort};
use crate::platform::body::{Body, Link, Stance, Writing};
use crate::platform::guests::{Admitted, Deed, GuestAct, Guests, Says};
use crate::platform::ids::{CommentId, Moment, PostId, SubmoltId, Target};
use crate::platform::limits::LimitProfile;
use crate::platform::rules::{Audience, MOST_NOTICES, RepeatedVote, Rules};
use crate::platform::state::content::Standing;
use crate::platform::state::{FeedOf, Platform, Reader};

const BODY: Body = Body::Stated(Stance { item: 3, option: 1, wording: 0 });

fn open(rules: Rules) -> Platform {
    Platform::new(Rules { limits: LimitProfile::Off, ..rules }, 4)
}

fn post(platform: &mut Platform, agent: u32) -> PostId {
    let action = Action::CreatePost { submolt: SubmoltId(0), body: BODY };
    let Ok(Done::Posted(post)) = platform.act(AgentId(agent), &action) else { panic!("a post is posted") };
    post
}

fn comment(platform: &mut Platform, agent: u32, post: PostId, parent: Option<CommentId>) -> Result<CommentId, Refusal> {
    match platform.act(AgentId(agent), &Action::Comment { post, parent, body: BODY })? {
        Done::Commented(comment) => Ok(comment),
        other => panic!("{other:?}"),
    }
}

fn vote(platform: &mut Platform, agent: u32, target: Target, sign: Sign) -> Result<Done, Refusal> {
    platform.act(AgentId(agent), &Action::Vote { target, sign })
}

fn figures(platform: &Platform, post: PostId) -> (u32, u32, i32) {
    let content = platform.post(post).expect("a post").content;
    (content.votes.up, content.votes.down, platform.accounts()[content.author.index()].karma)
}

#[test]
fn a_vote_is_cast_turned_and_taken_back_and_karma_goes_along() {
    let mut platform = open(Rules::default());
    let id = post(&mut platform, 0);
    let on = Target::Post(id);
    let steps = [
        (1, Sign::Up, Ok(Done::Voted), (1, 0, 1)),
        (2, Sign::Up, Ok(Done::Voted), (2, 0, 2)),
        (1, Sign::Down, Ok(Done::Turned), (1, 1, 0)),
        (1, Sign::Down, Ok(Done::TakenBack), (1, 0, 1)),
        (0, Sign::Up, Err(Refusal::SelfVote), (1, 0, 1)),
        (1, Sign::Down, Ok(Done::Voted), (1, 1, 0)),
        (2, Sign::Up, Ok(Done::TakenBack), (0, 1, -1)),
    ];
    for (agent, sign, result, after) in steps {
        assert_eq!(vote(&mut platform, agent, on, sign), result);
        assert_eq!(figures(&platform, id), after);
    }
    let totals = platform.totals();
    assert_eq!((totals.upvotes, totals.downvotes, totals.taken_back), (2, 2, 2));
}

#[test]
fn a_repeated_vote_is_refused_where_it_does_not_take_the_vote_back() {
    let mut platform = open(Rules { repeated_vote: RepeatedVote::Refused, ..Rules::default() });
    let id = post(&mut platform, 0);
    assert_eq!(vote(&mut platform, 1, Target::Post(id), Sign::Up), Ok(Done::Voted));
    assert_eq!(vote(&mut platform, 1, Target::Post(id), Sign::Up), Err(Refusal::DuplicateVote));
    assert_eq!(vote(&mut platform, 1, Target::Post(id), Sign::Down), Ok(Done::Turned));
    assert_eq!(figures(&platform, id), (0, 1, -1));
}

#[test]
fn a_thread_goes_eleven_deep_and_no_deeper() {
    let mut platform = open(Rules::default());
    let id = post(&mut platform, 0);
    let mut parent = None;
    for depth in 0..=10 {
        let made = comment(&mut platform, 1, id, parent).expect("not too deep yet");
        assert_eq!(platform.comment(made).map(|comment| comment.depth), Some(depth));
        parent = Some(made);
    }
    assert_eq!(comment(&mut platform, 1, id, parent), Err(Refusal::TooDeep));
    assert_eq!(platform.totals().comments, [1; 11]);
    assert_eq!(platform.totals().replied, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
    assert_eq!((platform.totals().commented_posts, platform.totals().flat_posts), (1, 0));
}

#[test]
fn what_is_deleted_cannot_be_voted_on_and_its_karma_stays() {
    let mut platform = open(Rules::default());
    let id = post(&mut platform, 0);
    let reply = comment(&mut platform, 1, id, None).expect("a comment");
    assert!(vote(&mut platform, 1, Target::Post(id), Sign::Up).is_ok());
    assert_eq!(platform.act(AgentId(1), &Action::DeleteOwn { target: Target::Post(id) }), Err(Refusal::NotOwn));
    assert!(platform.act(AgentId(0), &Action::DeleteOwn { target: Target::Post(id) }).is_ok());
    assert_eq!(vote(&mut platform, 1, Target::Post(id), Sign::Up), Err(Refusal::UnknownTarget));
    assert_eq!(comment(&mut platform, 2, id, None), Err(Refusal::UnknownTarget));
    // The tree keeps its place: comments under it can be voted on.
    assert!(vote(&mut platform, 2, Target::Comment(reply), Sign::Up).is_ok());
    assert_eq!((platform.accounts()[0].karma, platform.accounts()[1].karma), (1, 1));
}

#[test]
fn what_has_left_keeps_counting_for_karma_and_takes_its_comments_along() {
    let mut platform = open(Rules { retention: Some(100), ..Rules::default() });
    let old = post(&mut platform, 0);
    assert!(vote(&mut platform, 1, Target::Post(old), Sign::Up).is_ok());
    platform.pass_to(Moment(90));
    let late = comment(&mut platform, 1, old, None).expect("a comment");
    let young = post(&mut platform, 0);
    platform.pass_to(Moment(99));
    platform.let_go();
    assert!(platform.post(old).is_some());
    platform.pass_to(Moment(100));
    platform.let_go();
    assert!(platform.post(old).is_none() && platform.post(young).is_some());
    // The comment is young enough to be here, and cannot be reached.
    assert!(platform.comment(late).is_some());
    assert_eq!(vote(&mut platform, 2, Target::Comment(late), Sign::Up), Err(Refusal::UnknownTarget));
    assert_eq!(platform.accounts()[0].karma, 1);
    assert!(platform.act(AgentId(0), &Action::MarkRead { until: Moment(100) }).is_ok());
    platform.pass_to(Moment(190));
    platform.let_go();
    assert_eq!((platform.posts().len(), platform.comments().len()), (0, 0));
}

#[test]
fn notices_nobody_reads_give_way_to_younger_ones() {
    let mut platform = open(Rules::default());
    let id = post(&mut platform, 0);
    for second in 0..=MOST_NOTICES as u32 {
        platform.pass_to(Moment(second));
        assert!(comment(&mut platform, 1, id, None).is_ok());
    }
    let notices = &platform.accounts()[0].notices;
    assert_eq!((notices.len(), notices[0].at), (MOST_NOTICES, Moment(1)));
    assert!(platform.act(AgentId(0), &Action::MarkRead { until: Moment(60) }).is_ok());
    assert_eq!(platform.accounts()[0].notices.len(), 4);
}

#[test]
fn agents_that_nobody_sees_read_themselves_and_guests() {
    let mut platform = open(Rules { audience: Audience::Themselves, ..Rules::default() });
    let guest = platform.join().0;
    let (own, other, theirs) = (post(&mut platform, 0), post(&mut platform, 1), post(&mut platform, guest));
    let read = |platform: &mut Platform, agent: u32, post| platform.act(AgentId(agent), &Action::GetPost { post });
    assert_eq!(read(&mut platform, 0, own), Ok(Done::Ok));
    assert_eq!(read(&mut platform, 0, other), Err(Refusal::UnknownTarget));
    assert_eq!(read(&mut platform, 0, theirs), Ok(Done::Ok));
    assert_eq!(read(&mut platform, guest, own), Err(Refusal::UnknownTarget));
    let mut reader = Reader::default();
    for of in [FeedOf::Agent(AgentId(0)), FeedOf::Everybody, FeedOf::Submolt(SubmoltId(0))] {
        platform.feed(of, Sort::New, 15, Moment(0), &mut |_| 0, &mut reader);
        assert_eq!(reader.posts, [theirs.0]);
    }
    // What it writes under a guest's post only its author reads, and it counts nowhere.
    let said = comment(&mut platform, 0, theirs, None).expect("a comment");
    assert_eq!(platform.thread(theirs, CommentSort::Top, 15, AgentId(0)), [said]);
    assert_eq!(platform.thread(theirs, CommentSort::Top, 15, AgentId(1)), []);
    assert_eq!(platform.post(theirs).map(|post| (post.comments, post.last)), Some((0, None)));
    assert_eq!(vote(&mut platform, 0, Target::Post(theirs), Sign::Up), Ok(Done::Voted));
    assert_eq!(vote(&mut platform, 0, Target::Post(theirs), Sign::Up), Ok(Done::TakenBack));
    assert_eq!(vote(&mut platform, 1, Target::Post(theirs), Sign::Down), Ok(Done::Voted));
    assert_eq!(figures(&platform, theirs), (0, 0, 0));
    assert_eq!(comment(&mut platform, 1, theirs, Some(said)), Err(Refusal::UnknownTarget));
    assert!(platform.act(AgentId(0), &Action::Follow { whom: AgentId(1) }).is_ok());
    assert_eq!((platform.accounts()[1].followers, platform.accounts()[1].notices.len()), (0, 0));
}

#[test]
fn guests_do_again_what_they_did_when_they_did_it() {
    let act = |at, guest, deed| GuestAct { at: Moment(at), guest, deed };
    let says = || Says::Words(Writing { title: Arc::from("t"), content: Arc::from("words"), link: Link::No });
    let submolt: Arc<str> = Arc::from("elsewhere");
    let acts = vec![
        act(10, 7, Deed::Post { number: 40, submolt: submolt.clone(), says: says() }),
        // More than a post in thirty minutes: the limits were those of their own platform.
        act(11, 7, Deed::Post { number: 41, submolt, says: says() }),
        act(
            12,
            3,
            Deed::Comment {
                number: 90,
                post: 41,
                parent: None,
                says: Says::Position(Stance { item: 0, option: 2, wording: 0 }),
            },
        ),
        act(13, 7, Deed::Vote { target: Target::Comment(CommentId(90)), sign: Sign::Up }),
        act(14, 3, Deed::Vote { target: Target::Post(PostId(12)), sign: Sign::Up }),
        act(20, 3, Deed::Vote { target: Target::Post(PostId(40)), sign: Sign::Down }),
    ];
    let guests = Guests { acts: Arc::new(acts), ..Guests::default() };
    let mut platform = Platform::new(Rules { audience: Audience::Themselves, ..Rules::default() }, 4);
    let mut admitted = Admitted::default();
    guests.act_until(Moment(19), &mut platform, &mut admitted);
    let posts: Vec<_> = platform.posts().map(|(_, post)| (post.content.created.0, post.content.standing)).collect();
    assert_eq!(posts, [(10, Standing::Public), (11, Standing::Public)]);
    assert_eq!((admitted.guest_of(AgentId(4)), admitted.guest_of(AgentId(5))), (Some(7), Some(3)));
    assert_eq!((platform.accounts()[5].karma, platform.accounts()[4].karma), (1, 0));
    assert_eq!(platform.rules().limits, LimitProfile::Feb2026);
    guests.act_until(Moment(30), &mut platform, &mut admitted);
    guests.act_until(Moment(30), &mut platform, &mut admitted);
    assert_eq!(figures(&platform, PostId(0)), (0, 1, -1));
}
