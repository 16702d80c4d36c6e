//! What the engine costs beside the model it calls: whole processes against the loopback server, CPU time and memory
//! as the system counts them. `cargo bench -p pluriverse-benches --bench exchange`; beside it, where `wrk` is
//! installed, what that load generator gets from the same server in the same run.
//!
//! The bench is client and server as well: it starts itself again with a word that says which.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use pluriverse_scenarios::commands::cli::Cli;
use pluriverse_scenarios::commands::execute;
use pluriverse_tests::{Act, Loopback, chosen_option};

/// 223 items; six cultures. 15 of each make 20,070 answers, 2 of each 2,676.
const SCENARIO: &str = r#"Scenario(
    name: "load",
    backbones: { "model": OpenAi(base_url: "URL", model: "loopback-1", temperature: 1.0, in_flight: IN_FLIGHT) },
    population: [(cultures: ["BRA", "CHN", "MEX", "NGA", "NZL", "USA"], backbone: "model", count: COUNT)],
    timeline: [Survey],
    observe: [PairwiseDiversity],
)"#;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.first().map(String::as_str) {
        Some("server") => serve(words[1].parse().expect("milliseconds")),
        Some("client") => {
            let all = std::iter::once("pluriverse").chain(words[1..].iter().map(String::as_str));
            std::process::exit(i32::from(execute(&Cli::parse_from(all)).code()));
        }
        _ => measure(),
    }
}

fn serve(latency_ms: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime builds");
    runtime.block_on(Loopback::serve_forever(0, move |arrival| {
        let text = format!("\\boxed{{{}}}", chosen_option(&arrival.body));
        (Duration::from_millis(latency_ms), Act::Say(text))
    }));
}

fn measure() {
    let folder = std::env::temp_dir().join(format!("pluriverse-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    println!("{:<44} {:>8} {:>9} {:>12} {:>9}", "whole process", "calls", "calls/s", "CPU-ms/call", "peak MB");
    for (what, latency, in_flight, count) in [
        ("0 ms, 64 in flight, 2,676 answers", 0, 64, 2),
        ("0 ms, 64 in flight, 20,070 answers", 0, 64, 15),
        ("50 ms, 64 in flight, 20,070 answers", 50, 64, 15),
        ("250 ms, 512 in flight, 20,070 answers", 250, 512, 15),
    ] {
        let server = Server::start(latency);
        let out = folder.join(format!("{latency}-{in_flight}-{count}"));
        run(&folder, &server, &out, what, in_flight, count);
        if latency == 50 {
            public_load_generator(&folder, &server, in_flight);
        }
    }
    replay(&folder.join("0-64-15"));
    std::fs::remove_dir_all(&folder).expect("removed");
}

fn run(folder: &Path, server: &Server, out: &Path, what: &str, in_flight: u32, count: u32) {
    let text = SCENARIO
        .replace("URL", &server.url)
        .replace("IN_FLIGHT", &in_flight.to_string())
        .replace("COUNT", &count.to_string());
    let scenario = folder.join("load.ron");
    std::fs::write(&scenario, text).expect("written");
    let words = ["run", "-q", "--json", &scenario.display().to_string(), "--out", &out.display().to_string()]
        .map(str::to_owned);
    let used = Used::of(&mut client(&words));
    let costs = std::fs::read_to_string(out.join("costs.json")).expect("costs");
    let costs: serde_json::Value = serde_json::from_str(&costs).expect("JSON");
    let calls = costs["models"]["calls"].as_f64().expect("a count");
    let (rate, each) = (calls / used.wall, used.cpu_ms / calls);
    println!("{what:<44} {calls:>8} {rate:>9.0} {each:>12.3} {:>9.1}", used.peak_mb);
}

fn replay(run: &Path) {
    let used = Used::of(&mut client(&["replay".to_owned(), "-q".to_owned(), run.display().to_string()]));
    println!(
        "{:<44} {:>8} {:>9.0} {:>12.3} {:>9.1}",
        "replay of 20,070 answers",
        0,
        20_070.0 / used.wall,
        used.cpu_ms / 20_070.0,
        used.peak_mb
    );
}

/// What a load generator gets from the same server, with one body over and over and nothing read or kept.
fn public_load_generator(folder: &Path, server: &Server, in_flight: u32) {
    let script = folder.join("post.lua");
    let body = format!(
        r#"{{"model":"loopback-1","messages":[{{"role":"system","content":"x"}},{{"role":"user","content":"{}"}}]}}"#,
        "word ".repeat(80)
    );
    let lua = format!("wrk.method = 'POST'\nwrk.body = '{body}'\nwrk.headers['Content-Type'] = 'application/json'\n");
    std::fs::write(&script, lua).expect("written");
    let mut generator = Command::new("wrk");
    generator.args(["-t1", "-d10s", &format!("-c{in_flight}"), "-s"]).arg(&script);
    generator.arg(format!("{}/chat/completions", server.url)).stdout(Stdio::piped());
    let Ok(mut child) = generator.spawn() else {
        println!("  beside it: wrk is not installed");
        return;
    };
    let used = Used::of(&mut child);
    let mut said = String::new();
    let _ = child.stdout.take().map(|mut stdout| stdout.read_to_string(&mut said));
    let calls = said.lines().find_map(|line| line.split_once(" requests in ")?.0.trim().parse::<f64>().ok());
    let Some(calls) = calls else {
        println!("  beside it: wrk said nothing that can be read");
        return;
    };
    let (rate, each) = (calls / used.wall, used.cpu_ms / calls);
    println!("{:<44} {calls:>8} {rate:>9.0} {each:>12.3} {:>9.1}", "  beside it: wrk, the same server", used.peak_mb);
}

fn client(words: &[String]) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this bench"));
    command.arg("client").args(words).stdout(Stdio::null());
    command.spawn().expect("the client starts")
}

/// What a process has used: looked at while it runs, because the system forgets it with the process.
struct Used {
    wall: f64,
    cpu_ms: f64,
    peak_mb: f64,
}

impl Used {
    #[expect(clippy::disallowed_methods, reason = "a bench is about time")]
    fn of(child: &mut Child) -> Self {
        let started = Instant::now();
        let process = format!("/proc/{}", child.id());
        let (mut cpu_ms, mut peak_mb) = (0.0_f64, 0.0_f64);
        while child.try_wait().expect("a child").is_none() {
            let stat = std::fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
            let fields: Vec<f64> = stat
                .rsplit(')')
                .next()
                .unwrap_or("")
                .split_whitespace()
                .filter_map(|field| field.parse().ok())
                .collect();
            // Fields 14 and 15 of the line, in hundredths of a second; the state between is no number.
            if let (Some(user), Some(system)) = (fields.get(10), fields.get(11)) {
                cpu_ms = (user + system) * 10.0;
            }
            let status = std::fs::read_to_string(format!("{process}/status")).unwrap_or_default();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
            if let Some(kb) = peak.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()) {
                peak_mb = kb / 1000.0;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Self { wall: started.elapsed().as_secs_f64(), cpu_ms, peak_mb }
    }
}

/// The loopback server in a process of its own.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(latency_ms: u64) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this bench"));
        command.args(["server", &latency_ms.to_string()]).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("its first line");
        let url = line.trim().trim_start_matches("READY ").to_owned();
        Self { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
