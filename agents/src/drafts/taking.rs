//! An answer that is drafted before it is given, turn by turn: drafts are asked for, and then which of them to take.

use std::sync::Arc;

use pluriverse_engine::exchange::CallResult;
use pluriverse_engine::outcome::Outcome;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::read::Drafted;
use super::{AnswerDrafting, RETRIES, draft, number, sections};

/// An answer being drafted, as far as it has come.
#[derive(Clone, Debug)]
pub struct Taking {
    way: AnswerDrafting,
    /// The order in which drafts are shown.
    order: Vec<usize>,
    drafts: Vec<Arc<str>>,
    /// Replies of this stage that could not be read.
    unread: u16,
}

/// What follows from a reply.
#[derive(Clone, PartialEq, Debug)]
pub enum Next {
    /// Drafts are asked for once more.
    Draft,
    /// Which of these drafts is taken is asked.
    Choose(Vec<Arc<str>>),
    /// This draft is taken, or none is.
    Done(Drafted<Arc<str>>),
}

/// How one reply was read, and what follows.
#[derive(Clone, PartialEq, Debug)]
pub struct Turn {
    /// What it was asked for, as the table of requests tells it.
    pub rule: &'static str,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it brought nothing.
    pub reason: Option<Arc<str>>,
    /// What follows.
    pub next: Next,
}

impl Taking {
    /// `None` where an answer is given at once. The draws put drafts into an order before one is taken.
    pub fn new(way: AnswerDrafting, rng: &mut ChaCha8Rng) -> Option<Self> {
        let mut order: Vec<usize> = (0..usize::from(way.drafts()?)).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, (rng.next_u32() % (last as u32 + 1)) as usize);
        }
        Some(Self { way, order, drafts: Vec::new(), unread: 0 })
    }

    /// Takes the next reply in.
    pub fn take_in(&mut self, result: &CallResult) -> Turn {
        if self.drafts.len() < self.order.len() { self.read_drafts(result) } else { self.read_choice(result) }
    }

    fn shown(&self) -> Vec<Arc<str>> {
        self.order.iter().map(|&place| self.drafts[place].clone()).collect()
    }

    fn read_drafts(&mut self, result: &CallResult) -> Turn {
        let read = match self.way {
            AnswerDrafting::Nc(drafts) => sections(result, usize::from(drafts)),
            AnswerDrafting::Single | AnswerDrafting::Independent(_) => draft(result).map(|text| vec![text]),
        };
        match read {
            Ok(drafts) => {
                self.drafts.extend(drafts);
                self.unread = 0;
                let whole = self.drafts.len() == self.order.len();
                let next = if whole { Next::Choose(self.shown()) } else { Next::Draft };
                Turn { rule: "draft", outcome: Outcome::Answered, reason: None, next }
            }
            Err(why) => self.failed("draft", why, Next::Draft),
        }
    }

    fn read_choice(&mut self, result: &CallResult) -> Turn {
        match number(result, self.order.len()) {
            Ok(chosen) => {
                let next = Next::Done(Ok(self.drafts[self.order[chosen - 1]].clone()));
                Turn { rule: "choice", outcome: Outcome::Answered, reason: None, next }
            }
            Err(why) => self.failed("choice", why, Next::Choose(self.shown())),
        }
    }

    /// What is read as nothing is asked for again, so many times; what failed otherwise is not.
    fn failed(&mut self, rule: &'static str, (outcome, reason): (Outcome, Arc<str>), again: Next) -> Turn {
        self.unread += 1;
        let unread = matches!(outcome, Outcome::Unparsable | Outcome::OutOfRange);
        let next = if unread && self.unread <= RETRIES { again } else { Next::Done(Err((outcome, reason.clone()))) };
        Turn { rule, outcome, reason: Some(reason), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_engine::exchange::{CallFailure, Completion};
    use rand_chacha::rand_core::SeedableRng;

    fn taking(way: AnswerDrafting) -> Taking {
        Taking::new(way, &mut ChaCha8Rng::seed_from_u64(3)).expect("it drafts")
    }

    fn say(taking: &mut Taking, text: &str) -> Turn {
        taking.take_in(&Ok(Completion::of_text(text)))
    }

    #[test]
    fn drafts_of_one_reply_are_shown_and_one_is_taken() {
        let mut taking = taking(AnswerDrafting::Nc(3));
        assert_eq!(say(&mut taking, "### 1\n### 2").next, Next::Draft);
        let Next::Choose(shown) = say(&mut taking, "### 1\n### 2\n### 3").next else {
            panic!("all drafts are there");
        };
        assert_eq!(shown.len(), 3);
        assert_eq!(say(&mut taking, "none of them").next, Next::Choose(shown.clone()));
        assert_eq!(say(&mut taking, "2").next, Next::Done(Ok(shown[1].clone())));
    }

    #[test]
    fn independent_drafts_are_collected_one_by_one() {
        let mut taking = taking(AnswerDrafting::Independent(2));
        assert_eq!(say(&mut taking, "one").next, Next::Draft);
        assert!(matches!(say(&mut taking, "two").next, Next::Choose(shown) if shown.len() == 2));
    }

    #[test]
    fn what_cannot_be_read_is_given_up_after_three_more_times_and_a_failed_call_at_once() {
        let mut taking = taking(AnswerDrafting::Nc(2));
        for _ in 0..RETRIES {
            assert_eq!(say(&mut taking, "x").next, Next::Draft);
        }
        assert!(matches!(say(&mut taking, "x").next, Next::Done(Err((Outcome::Unparsable, _)))));
        let mut other = self::taking(AnswerDrafting::Nc(2));
        let failed = CallFailure { outcome: Outcome::TimedOut, reason: Arc::from("late") };
        assert!(matches!(other.take_in(&Err(failed)).next, Next::Done(Err((Outcome::TimedOut, _)))));
    }

    #[test]
    fn who_answers_at_once_drafts_nothing() {
        assert!(Taking::new(AnswerDrafting::Single, &mut ChaCha8Rng::seed_from_u64(3)).is_none());
    }
}
