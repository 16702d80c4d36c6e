//! The store of words against a plain map.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use crate::platform::body::{Link, Writing, WritingId, Writings};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn words_are_kept_until_they_are_let_go_and_no_id_comes_twice(
        steps in proptest::collection::vec((0..3_u32, 0..60_u32), 0..200),
    ) {
        let (mut writings, mut plain) = (Writings::default(), BTreeMap::new());
        let mut next = 0;
        for (kind, id) in steps {
            if kind > 0 {
                let writing = Writing { title: Arc::from(""), content: Arc::from(next.to_string()), link: Link::No };
                prop_assert_eq!(writings.keep(writing.clone()), WritingId(next));
                plain.insert(next, writing);
                next += 1;
            } else {
                // Some of them were let go before, and some never were.
                writings.forget(WritingId(id));
                plain.remove(&id);
            }
            prop_assert_eq!((writings.len(), writings.is_empty()), (plain.len(), plain.is_empty()));
            for id in 0..next + 2 {
                prop_assert_eq!(writings.get(WritingId(id)), plain.get(&id));
            }
        }
    }
}
