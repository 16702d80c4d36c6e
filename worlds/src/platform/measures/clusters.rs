//! Topics for texts that come without one.

use super::text::corpus::Corpus;
use super::vectors::{UnitVectors, dot};

/// Rounds of reassignment, at most.
const ROUNDS: usize = 30;

/// The cluster of each document of a corpus, from 0 to `clusters` − 1: spherical k-means on TF-IDF (Dhillon & Modha
/// 2001) that starts from the first document and then, in turn, the document least similar to all those before
/// (Gonzalez 1985). No chance is involved; of equally near clusters the first is taken, and a cluster that lost all its
/// documents stays where it was. `None` for fewer documents than clusters, or no cluster.
pub fn k_means(corpus: &Corpus<'_>, clusters: usize) -> Option<Vec<u32>> {
    let vectors = UnitVectors::tf_idf(corpus);
    if clusters == 0 || vectors.rows().len() < clusters {
        return None;
    }
    let mut centres = seeds(&vectors, clusters);
    let mut assigned = assign(&vectors, &centres);
    for _ in 0..ROUNDS {
        move_centres(&vectors, &assigned, &mut centres);
        let next = assign(&vectors, &centres);
        if next == assigned {
            break;
        }
        assigned = next;
    }
    Some(assigned)
}

/// Documents far from one another, as dense vectors.
fn seeds(vectors: &UnitVectors, clusters: usize) -> Vec<Vec<f64>> {
    let mut closest = vec![f64::NEG_INFINITY; vectors.rows().len()];
    let mut centres = Vec::with_capacity(clusters);
    let mut next = 0;
    while centres.len() < clusters {
        let mut centre = vec![0.0; vectors.dimensions()];
        for &(place, value) in &vectors.rows()[next] {
            centre[place as usize] = value;
        }
        for (row, closest) in vectors.rows().iter().zip(&mut closest) {
            *closest = closest.max(dot(row, &centre));
        }
        centres.push(centre);
        next = first_best(closest.iter().map(|closest| -closest));
    }
    centres
}

fn assign(vectors: &UnitVectors, centres: &[Vec<f64>]) -> Vec<u32> {
    let nearest = |row: &Vec<(u32, f64)>| first_best(centres.iter().map(|centre| dot(row, centre))) as u32;
    vectors.rows().iter().map(nearest).collect()
}

/// Centres to the mean directions of what is assigned to them.
fn move_centres(vectors: &UnitVectors, assigned: &[u32], centres: &mut [Vec<f64>]) {
    for (cluster, centre) in (0..).zip(centres) {
        let mut sum = vec![0.0; centre.len()];
        for (row, _) in vectors.rows().iter().zip(assigned).filter(|(_, assigned)| **assigned == cluster) {
            for &(place, value) in row {
                sum[place as usize] += value;
            }
        }
        let length = sum.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length > 0.0 {
            *centre = sum.into_iter().map(|value| value / length).collect();
        }
    }
}

/// The place of the largest value, the first of equal ones.
fn first_best(values: impl Iterator<Item = f64>) -> usize {
    let best = values.enumerate().reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map_or(0, |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::corpus;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn documents_of_one_topic_end_up_together() {
        let texts = ["crab claw sea", "vote tax law", "sea crab wave", "law vote court", "claw wave", "tax court"];
        assert_eq!(k_means(&corpus(&texts), 2), Some(vec![0, 1, 0, 1, 0, 1]));
        assert_eq!(k_means(&corpus(&texts), 1), Some(vec![0; 6]));
    }

    #[test]
    fn there_are_no_more_clusters_than_documents() {
        assert_eq!(k_means(&corpus(&["a", "b"]), 3), None);
        assert_eq!(k_means(&corpus(&["a", "b"]), 0), None);
        assert_eq!(k_means(&corpus(&["a", "a", "b"]), 3), Some(vec![0, 0, 1]));
    }

    proptest! {
        #[test]
        fn equal_documents_share_a_cluster(
            texts in prop::collection::vec("[a-e]( [a-e]){0,4}", 3..12), clusters in 1_usize..4,
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let found = k_means(&corpus(&[&texts[..], &texts[..]].concat()), clusters).expect("documents");
            prop_assert_eq!(&found[..texts.len()], &found[texts.len()..]);
            prop_assert!(found.iter().all(|&cluster| (cluster as usize) < clusters));
        }
    }
}
