//! Micro-benches: the distance kernel, both diversities, the surrogate's hot path, the reading of replies.

use divan::{Bencher, black_box};
use pluriverse_agents::kinds::surrogate::answer::{Draws, Situation, answer_row};
use pluriverse_agents::kinds::surrogate::model::{HumanPositions, Mind};
use pluriverse_agents::kinds::surrogate::{PERSON, REQUEST};
use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::seed::Streams;
use pluriverse_scenarios::inputs::asset::{self, Asset, PRESETS};
use pluriverse_scenarios::studies::setting::Setting;
use pluriverse_worlds::culture::Culture;
use pluriverse_worlds::survey::AnswerSheets;
use pluriverse_worlds::survey::measures::{distance, diversity};

fn main() {
    divan::main();
}

struct Surrogate {
    setting: Setting,
    mind: Mind,
    streams: Streams,
}

fn surrogate() -> Surrogate {
    let setting = Setting::embedded().expect("assets");
    let presets = Asset::find(&PRESETS, "recorded-backbones", std::path::Path::new("")).expect("embedded");
    let presets = asset::presets(&presets).expect("readable");
    let name = "Qwen3.5-27B";
    let human = HumanPositions::new(&setting.survey, &setting.reference, &setting.cultures);
    let mind = Mind::new(name, &presets.presets[name], &setting.survey, &human, &setting.cultures);
    Surrogate { setting, mind, streams: Streams::new(1, "bench", 0) }
}

fn society(agents: usize) -> (AnswerSheets, Vec<u32>) {
    let surrogate = surrogate();
    let items = surrogate.setting.survey.len();
    let mut sheets = AnswerSheets::new(agents, items);
    let mut draws = Draws::new(items);
    let (person, request) = (surrogate.streams.of(PERSON), surrogate.streams.of(REQUEST));
    for (agent, row) in (0_u32..).zip(sheets.cells_mut().chunks_mut(items)) {
        draws.draw(&person, &request, AgentId(agent), 0);
        answer_row(
            row,
            &surrogate.mind,
            Culture((agent % 19) as u16),
            &draws,
            Situation { asked_before: 0, shown: None, own: None, stance: &[] },
        );
    }
    (sheets, surrogate.setting.survey.squared_spans())
}

#[divan::bench]
fn distance_of_two_sheets(bencher: Bencher<'_, '_>) {
    let (sheets, spans) = society(2);
    bencher.bench(|| distance::between_agents(&sheets, &spans, black_box(AgentId(0)), black_box(AgentId(1))));
}

#[divan::bench(args = [100, 1000])]
fn pairwise_diversity(bencher: Bencher<'_, '_>, agents: usize) {
    let (sheets, spans) = society(agents);
    let ids: Vec<AgentId> = sheets.agent_ids().collect();
    bencher.bench(|| diversity::pairwise_diversity(black_box(&sheets), &spans, &ids));
}

#[divan::bench(args = [100, 1000])]
fn structural_diversity(bencher: Bencher<'_, '_>, agents: usize) {
    let (sheets, spans) = society(agents);
    let ids: Vec<AgentId> = sheets.agent_ids().collect();
    bencher.bench(|| diversity::structural_diversity(black_box(&sheets), &spans, &ids));
}

#[divan::bench]
fn answers_of_one_agent(bencher: Bencher<'_, '_>) {
    let surrogate = surrogate();
    let items = surrogate.setting.survey.len();
    let mut sheets = AnswerSheets::new(1, items);
    let mut draws = Draws::new(items);
    let (person, request) = (surrogate.streams.of(PERSON), surrogate.streams.of(REQUEST));
    bencher.counter(divan::counter::ItemsCount::new(items)).bench_local(|| {
        draws.draw(&person, &request, AgentId(0), 0);
        answer_row(
            sheets.cells_mut(),
            &surrogate.mind,
            Culture(0),
            &draws,
            Situation { asked_before: 0, shown: None, own: None, stance: &[] },
        );
    });
}

#[divan::bench(args = ["Paper", "Lenient"])]
fn reading_a_reply(bencher: Bencher<'_, '_>, rule: &str) {
    let rule = if rule == "Paper" { ParseRule::Paper } else { ParseRule::Lenient };
    let setting = Setting::embedded().expect("assets");
    let reply = "Let me think about what people around me would say. On balance: \\boxed{3}";
    bencher.bench(|| rule.read(black_box(reply), &setting.survey.items[0]));
}
