//! How far texts compress.

use super::corpus::Corpus;

/// The level of Zstandard, its default. Figures hold for one version of the library.
const LEVEL: i32 = 3;

/// Bytes of the documents over bytes of the same compressed, documents joined by line feeds, with Zstandard at level 3:
/// higher is more repetitive (Shaib et al. 2024, with gzip). It grows with the amount of text. `None` without
/// documents.
pub fn compression_ratio(corpus: &Corpus<'_>) -> Option<f64> {
    let texts: Vec<&str> = corpus.documents().iter().map(|document| document.text).collect();
    let joined = texts.join("\n");
    if joined.is_empty() {
        return None;
    }
    let compressed = zstd::bulk::compress(joined.as_bytes(), LEVEL).ok()?;
    Some(joined.len() as f64 / compressed.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::corpus;
    use super::*;

    #[test]
    fn the_same_text_again_and_again_compresses_further_than_different_ones() {
        let (same, mut different) = (vec!["a crab walks along the beach"; 40], Vec::new());
        let texts: Vec<String> = (0..40_u32).map(|i| format!("{} {}", i * 7_919, i * i * 104_729)).collect();
        different.extend(texts.iter().map(String::as_str));
        let (same, different) = (compression_ratio(&corpus(&same)), compression_ratio(&corpus(&different)));
        assert!(same > Some(10.0) && different < Some(3.0), "{same:?} {different:?}");
    }

    #[test]
    fn no_text_has_no_ratio() {
        assert_eq!(compression_ratio(&corpus(&[])), None);
        assert_eq!(compression_ratio(&corpus(&["…"])), None);
    }
}
