//! The opinion workload: a society whose graph and opinions follow from a hash, so that every implementation in every
//! language starts from the same and must end at the same. Each bench uses some of it.
#![expect(dead_code, reason = "several benches share the workload")]

/// Slots an agent reads.
pub(crate) const SLOTS: usize = 10;

/// Options of the items, in turn.
const OPTIONS: [u64; 5] = [2, 3, 4, 5, 10];

/// Where slots lead on the ring.
const OFFSETS: [i64; SLOTS] = [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5];

/// The hash everything comes from (Steele, Lea & Flood 2014).
fn splitmix64(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Whom each of `agents` reads: a ring with neighbours up to five places away, of whose slots a tenth are rewired.
pub(crate) fn slots(agents: usize) -> Vec<u32> {
    let n = agents as u64;
    let slot = |i: u64, s: usize| {
        let hash = splitmix64(1_000_003 + 10 * i + s as u64);
        if (hash >> 11) as f64 * (-53.0_f64).exp2() < 0.1 {
            let drawn = splitmix64(hash) % n;
            if drawn == i { (i + 1) % n } else { drawn }
        } else {
            (i as i64 + OFFSETS[s]).rem_euclid(n as i64) as u64
        }
    };
    (0..n).flat_map(|i| (0..SLOTS).map(move |s| slot(i, s) as u32)).collect()
}

/// The opinions at first: agents × items, from 1 to the item's number of options.
pub(crate) fn opinions(agents: usize, items: usize) -> Vec<f64> {
    let value = |place: usize| {
        let options = OPTIONS[(place % items) % OPTIONS.len()];
        (1 + splitmix64(2_000_003 + place as u64) % options) as f64
    };
    (0..agents * items).map(value).collect()
}

/// Steps between the first option and the last, by item.
pub(crate) fn spans(items: usize) -> impl Iterator<Item = u32> {
    (0..items).map(|item| OPTIONS[item % OPTIONS.len()] as u32 - 1)
}

/// What every implementation must end at: the sum of all opinions, the first and the last.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Checksum {
    /// Sum over agents and items.
    pub(crate) sum: f64,
    /// Opinion of the first agent on the first item.
    pub(crate) first: f64,
    /// Opinion of the last agent on the last item.
    pub(crate) last: f64,
}

impl Checksum {
    /// Of opinions, agents × items.
    pub(crate) fn of(values: &[f64]) -> Self {
        let end = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        Self { sum: values.iter().sum(), first: end(values.first()), last: end(values.last()) }
    }
}
