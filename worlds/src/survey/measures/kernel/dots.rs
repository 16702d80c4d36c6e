//! Inner products of rows of bytes: the one file with instructions of particular processors.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "vector instructions behind a check that the processor has them")
)]

/// Bytes a row is padded to a multiple of.
pub(super) const LANES: usize = 32;

/// The product of any two bytes that meet is at most this.
pub(super) const MOST: u8 = 127;

/// Vectors a row may have: sixteen-bit sums of 2 · 127 from each stay below 2¹⁵.
pub(super) const MOST_VECTORS: usize = 128;

/// Which instructions inner products are made with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Instructions {
    /// Those every processor has.
    Portable,
    /// AVX2, 32 bytes at a time.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Instructions {
    /// The fastest that this processor has.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self::Avx2;
        }
        Self::Portable
    }

    /// The name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "AVX2",
        }
    }
}

/// Inner products of `row` with each row of `rows`, into `products`: one for each, in order.
///
/// All rows are as long as `row`, a multiple of [`LANES`] up to [`MOST_VECTORS`] of them; the product of any two bytes that
/// meet is at most [`MOST`].
pub(super) fn dots(instructions: Instructions, row: &[u8], rows: &[u8], products: &mut [u32]) {
    let length = row.len();
    assert!(length > 0 && length.is_multiple_of(LANES) && length <= LANES * MOST_VECTORS);
    assert_eq!(rows.len(), length * products.len());
    match instructions {
        Instructions::Portable => portable(row, rows, products),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: lengths were checked above, and the variant is only made where the processor has AVX2 or by a caller who
        // names it; `detect` is asked again so that naming it elsewhere is safe, too.
        Instructions::Avx2 if std::arch::is_x86_feature_detected!("avx2") => unsafe { avx2::dots(row, rows, products) },
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => portable(row, rows, products),
    }
}

fn portable(row: &[u8], rows: &[u8], products: &mut [u32]) {
    for (product, other) in products.iter_mut().zip(rows.chunks_exact(row.len())) {
        *product = row.iter().zip(other).map(|(a, b)| u32::from(*a) * u32::from(*b)).sum();
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    #![expect(clippy::cast_ptr_alignment, reason = "loads and stores that need no alignment")]

    use std::arch::x86_64::{
        __m128i, __m256i, _mm_add_epi32, _mm_storeu_si128, _mm256_add_epi16, _mm256_castsi256_si128,
        _mm256_extracti128_si256, _mm256_hadd_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16,
        _mm256_set1_epi16, _mm256_setzero_si256,
    };

    use super::LANES;

    /// See [`super::dots`]. Four rows at a time share the loads of `row`.
    ///
    /// # Safety
    ///
    /// The processor must have AVX2; `row.len()` must be a multiple of 32 and `rows` hold `products.len()` rows of it.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn dots(row: &[u8], rows: &[u8], products: &mut [u32]) {
        let length = row.len();
        let (fours, rest) = products.as_chunks_mut::<4>();
        let mut other = rows.as_ptr();
        for four in fours {
            // SAFETY: four rows lie behind `other`.
            unsafe {
                let sums = four_sums(row, other);
                _mm_storeu_si128(four.as_mut_ptr().cast::<__m128i>(), sums);
                other = other.add(4 * length);
            }
        }
        let done = rows.len() - rest.len() * length;
        super::portable(row, &rows[done..], rest);
    }

    /// Inner products of `row` with the four rows behind `other`.
    #[target_feature(enable = "avx2")]
    unsafe fn four_sums(row: &[u8], other: *const u8) -> __m128i {
        let length = row.len();
        let mut sums = [_mm256_setzero_si256(); 4];
        for place in (0..length).step_by(LANES) {
            // SAFETY: `place + 32 <= length`, and four rows of `length` lie behind `other`.
            unsafe {
                let mine = load(row.as_ptr().add(place));
                for (which, sum) in sums.iter_mut().enumerate() {
                    let theirs = load(other.add(which * length + place));
                    *sum = _mm256_add_epi16(*sum, _mm256_maddubs_epi16(mine, theirs));
                }
            }
        }
        let ones = _mm256_set1_epi16(1);
        let [a, b, c, d] = sums.map(|sum| _mm256_madd_epi16(sum, ones));
        let sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
        _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums))
    }

    #[target_feature(enable = "avx2")]
    unsafe fn load(from: *const u8) -> __m256i {
        // SAFETY: the caller has 32 bytes there.
        unsafe { _mm256_loadu_si256(from.cast::<__m256i>()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_processor_finds_the_same_integers(
            vectors in 1_usize..9, count in 0_usize..11, seed in any::<u64>(), most in 1_u8..=MOST,
        ) {
            let length = vectors * LANES;
            let mut state = seed | 1;
            let mut next = |most: u8| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state % (u64::from(most) + 1)) as u8
            };
            let row: Vec<u8> = (0..length).map(|_| next(most)).collect();
            let rows: Vec<u8> = (0..length * count).map(|_| next(MOST / most.max(1)).min(MOST)).collect();
            let mut expected = vec![0; count];
            portable(&row, &rows, &mut expected);
            let mut found = vec![0; count];
            dots(Instructions::detect(), &row, &rows, &mut found);
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_largest_rows_of_the_largest_bytes_do_not_overflow() {
        let (row, rows) = (vec![MOST; LANES * MOST_VECTORS], vec![1; LANES * MOST_VECTORS * 5]);
        let mut found = vec![0; 5];
        dots(Instructions::detect(), &row, &rows, &mut found);
        assert_eq!(found, vec![u32::from(MOST) * (LANES * MOST_VECTORS) as u32; 5]);
        let eleven = vec![11; LANES * MOST_VECTORS];
        dots(Instructions::detect(), &eleven, &eleven, &mut found[..1]);
        assert_eq!(found[0], 121 * (LANES * MOST_VECTORS) as u32);
    }
}
