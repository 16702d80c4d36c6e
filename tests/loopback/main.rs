//! The loopback server as a process of its own, for benches: `loopback PORT LATENCY_MS [JITTER_MS]`.

use std::time::Duration;

use pluriverse_tests::{Act, Loopback, chosen_option, draw};

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|word| word.parse().expect("a number")).collect();
    let [port, latency, jitter] = [0, 1, 2].map(|place| numbers.get(place).copied().unwrap_or(0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime builds");
    runtime.block_on(Loopback::serve_forever(port as u16, move |arrival| {
        let spread = if jitter == 0 { 0 } else { draw(&arrival.body, "latency", jitter) };
        let text = format!("\\boxed{{{}}}", chosen_option(&arrival.body));
        (Duration::from_millis(latency + spread), Act::Say(text))
    }));
}
