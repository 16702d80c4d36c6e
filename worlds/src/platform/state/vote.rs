//! Votes: cast, turned and taken back.

use pluriverse_engine::agent::AgentId;

use super::Platform;
use super::content::Standing;
use super::entry::Cast;
use crate::platform::action::{Done, Refusal, Sign};
use crate::platform::ids::Target;
use crate::platform::ranker::Votes;
use crate::platform::rules::RepeatedVote;

impl Platform {
    pub(super) fn vote(&mut self, agent: AgentId, target: Target, sign: Sign) -> Result<Done, Refusal> {
        let content = *self.readable(target, agent)?;
        if content.author == agent {
            return Err(Refusal::SelfVote);
        }
        let firsts = (self.first_post, self.first_comment);
        let votes = &mut self.accounts[agent.index()].votes;
        let found = votes.binary_search_by_key(&Cast::place(target), |cast| cast.target());
        let before = found.ok().map(|place| votes[place].sign());
        let done = match (found, before) {
            (Ok(_), Some(old)) if old == sign && self.rules.repeated_vote == RepeatedVote::Refused => {
                return Err(Refusal::DuplicateVote);
            }
            (Ok(place), Some(old)) if old == sign => {
                votes.remove(place);
                Done::TakenBack
            }
            (Ok(place), _) => {
                votes[place] = Cast::new(target, sign);
                Done::Turned
            }
            (Err(mut place), _) => {
                if votes.len().is_power_of_two() {
                    // Room doubles here: what has left the platform can be voted on no more. Capacity would not do, as
                    // a clone has another.
                    votes.retain(|cast| match cast.names() {
                        Target::Post(post) => post.0 >= firsts.0,
                        Target::Comment(comment) => comment.0 >= firsts.1,
                    });
                    place = votes.partition_point(|cast| cast.target() < Cast::place(target));
                }
                votes.insert(place, Cast::new(target, sign));
                Done::Voted
            }
        };
        match (done, sign) {
            (Done::TakenBack, _) => self.totals.taken_back += 1,
            (_, Sign::Up) => self.totals.upvotes += 1,
            (_, Sign::Down) => self.totals.downvotes += 1,
        }
        if self.standing(agent) == Standing::Public {
            let after = (done != Done::TakenBack).then_some(sign);
            self.count(target, content.author, before, after);
        }
        Ok(done)
    }

    /// Lets one agent's vote on something count as it is now instead of as it was.
    fn count(&mut self, target: Target, author: AgentId, before: Option<Sign>, after: Option<Sign>) {
        let counted = |mut votes: Votes| {
            match before {
                Some(Sign::Up) => votes.up -= 1,
                Some(Sign::Down) => votes.down -= 1,
                None => {}
            }
            match after {
                Some(Sign::Up) => votes.up += 1,
                Some(Sign::Down) => votes.down += 1,
                None => {}
            }
            votes
        };
        let (old, new) = match target {
            Target::Post(id) => {
                let Some(post) = self.post_mut(id) else {
                    return;
                };
                let (old, new) = (post.content.votes, counted(post.content.votes));
                post.content.votes = new;
                post.unseen = post.unseen.saturating_add((new.score() - old.score()) as i16);
                let (submolt, listed) = (post.submolt, post.is_listed());
                if listed {
                    let ranker = self.rules.ranker;
                    self.everything.revalue(id.0, old, new, &ranker);
                    self.submolts[submolt.0 as usize].posts.revalue(id.0, old, new, &ranker);
                }
                (old, new)
            }
            Target::Comment(id) => {
                let Some(comment) = self.comment_mut(id) else {
                    return;
                };
                let (old, new) = (comment.content.votes, counted(comment.content.votes));
                comment.content.votes = new;
                (old, new)
            }
        };
        let account = &mut self.accounts[author.index()];
        account.karma += new.score() - old.score();
        account.upvotes = account.upvotes + new.up - old.up;
    }
}
