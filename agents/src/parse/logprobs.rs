//! The distribution over an item's options that a model's own probabilities give.

use std::sync::Arc;

use pluriverse_engine::exchange::TokenLogprobs;
use pluriverse_worlds::survey::state::Distribution;

/// The distribution at the answer token: the token that holds byte `at` of the reply, which must be one option's mark,
/// in either case, alone or in brackets. Each option has the probability of all tokens that are its mark; the tail is
/// what falls on other tokens or was not told. `None` where the token is no mark.
pub(super) fn distribution(tokens: &[TokenLogprobs], at: usize, marks: &[Arc<str>]) -> Option<Distribution> {
    // Servers may trim a reply of blanks that its tokens still have: the mark may stand a little further on.
    const SLACK: usize = 3;
    let mut end = 0;
    let from = tokens.iter().position(|token| {
        end += token.token.len();
        end > at
    })?;
    let answer = tokens[from..].iter().take(SLACK).find(|token| place(&token.token, marks).is_some())?;
    let mut shares = vec![0.0; marks.len()];
    let listed = answer.top.iter().map(|alternative| (&*alternative.token, alternative.logprob));
    // The token itself is usually one of its alternatives, but servers need not list it.
    let unlisted = answer.top.iter().all(|alternative| alternative.token != answer.token);
    for (token, logprob) in listed.chain(unlisted.then_some((&*answer.token, answer.logprob))) {
        if let Some(place) = place(token, marks)
            && logprob.is_finite()
        {
            shares[place] += libm::exp(logprob.min(0.0));
        }
    }
    let sum: f64 = shares.iter().sum();
    if sum > 1.0 {
        // Rounding of the server's figures.
        for share in &mut shares {
            *share /= sum;
        }
    }
    Some(Distribution { shares, tail: (1.0 - sum).max(0.0), samples: None })
}

/// The option whose mark a token is.
fn place(token: &str, marks: &[Arc<str>]) -> Option<usize> {
    // Tokenisers write a leading blank in their own ways.
    let bare = token.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '(' | ')' | '.' | ':' | '"' | '*' | '\u{2581}' | '\u{120}')
    });
    marks.iter().position(|mark| mark.eq_ignore_ascii_case(bare))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_engine::exchange::TokenAlternative;
    use proptest::prelude::*;

    fn token(text: &str, top: &[(&str, f64)]) -> TokenLogprobs {
        TokenLogprobs {
            token: Arc::from(text),
            logprob: top.iter().find(|(token, _)| *token == text).map_or(-0.5, |(_, share)| libm::log(*share)),
            top: top
                .iter()
                .map(|(token, share)| TokenAlternative { token: Arc::from(*token), logprob: libm::log(*share) })
                .collect(),
        }
    }

    fn marks() -> Vec<Arc<str>> {
        ["A", "B", "C"].map(Arc::from).to_vec()
    }

    fn near(found: &[f64], expected: &[f64]) -> bool {
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12)
    }

    #[test]
    fn tokens_of_one_mark_are_added_up_and_the_rest_is_the_tail() {
        let answer = token("B", &[("B", 0.5), (" B", 0.1), ("a", 0.2), ("I", 0.05)]);
        let found = distribution(&[token("(", &[("(", 0.9)]), answer], 1, &marks()).expect("a distribution");
        assert!(near(&found.shares, &[0.2, 0.6, 0.0]), "{:?}", found.shares);
        assert!((found.tail - 0.2).abs() < 1e-12);
    }

    #[test]
    fn a_token_that_is_not_among_its_alternatives_counts_too() {
        let mut answer = token("C", &[("A", 0.25)]);
        answer.logprob = libm::log(0.5);
        let found = distribution(&[answer], 0, &marks()).expect("a distribution");
        assert!(near(&found.shares, &[0.25, 0.0, 0.5]), "{:?}", found.shares);
    }

    #[test]
    fn without_a_mark_there_is_no_distribution() {
        assert_eq!(distribution(&[token("I", &[("I", 0.9), ("A", 0.1)])], 0, &marks()), None);
        assert_eq!(distribution(&[], 0, &marks()), None);
    }

    proptest! {
        #[test]
        fn shares_and_tail_sum_to_one(
            weights in prop::collection::vec(0.0_f64..1.0, 6),
            names in prop::collection::vec(prop::sample::select(vec!["A", "B", " C", "a", "x", "D"]), 6),
        ) {
            let sum: f64 = weights.iter().sum::<f64>().max(1.0);
            let top: Vec<(&str, f64)> = names.into_iter().zip(weights.iter().map(|weight| weight / sum)).collect();
            let mut answer = token("A", &top);
            answer.logprob = libm::log(0.1);
            let found = distribution(&[answer], 0, &marks()).expect("A is a mark");
            prop_assert!((found.shares.iter().sum::<f64>() + found.tail - 1.0).abs() < 1e-9);
            prop_assert!(found.shares.iter().all(|&share| (0.0..=1.0).contains(&share)));
        }
    }
}
