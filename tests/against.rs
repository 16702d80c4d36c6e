//! Societies set against one of them: differences are those of the figures they are made of, and are told.

use pluriverse_engine::simulation::SystemOrder;
use pluriverse_scenarios::commands::set_against::SetAgainst;
use pluriverse_scenarios::commands::trajectory::TickEffect;
use pluriverse_scenarios::comparison::{against, difference, named};

use crate::support::{ScenarioFile, loaded, mistakes_of, run};

const TWO: &str = r#"Scenario(
    name: "two",
    backbones: { "house": Surrogate(preset: "Qwen3.5-27B"), "panel": Panel(over: "house") },
    societies: {
        "panels": (population: [(cultures: ["BRA", "CHN", "NZL"], backbone: "panel")]),
        "plain": (population: [(cultures: ["BRA", "CHN", "NZL"], backbone: "house", count: 2)]),
    },
    against: "plain",
    arms: [Exposed, ReAsk],
    replicates: 5,
    timeline: [Survey, Exposure(rounds: 2), Vote()],
    observe: [PairwiseDiversity, Alignment, Overton],
)"#;

fn estimate(effects: &[TickEffect], tick: u32, society: &str, sides: (&str, &str), metric: &str) -> f64 {
    let found = effects.iter().find(|effect| {
        (effect.tick, &*effect.society, &*effect.metric) == (tick, society, metric)
            && (&*effect.treatment, &*effect.control) == sides
    });
    found.and_then(|effect| effect.estimate).unwrap_or_else(|| panic!("{tick} {society} {sides:?} {metric}"))
}

#[test]
fn differences_between_societies_are_those_of_their_levels_and_of_their_effects() {
    let file = ScenarioFile::new(TWO);
    let resolved = loaded(&file.path(), &[], None).unwrap_or_else(|error| panic!("{}", error.render()));
    let finished = run(&resolved, 2, SystemOrder::AsRegistered);
    let effects = &finished.effects;
    let both = difference("exposed", "re-ask");
    for metric in ["pairwise_diversity", "alignment"] {
        for (tick, side, sides) in [
            (0, "shared", ("shared", "")),
            (2, "exposed", ("exposed", "")),
            (2, "re-ask", ("re-ask", "")),
            (2, &*both, ("exposed", "re-ask")),
        ] {
            let [own, plain] = ["panels", "plain"].map(|society| estimate(effects, tick, society, sides, metric));
            let less = estimate(effects, tick, "panels", (side, &named("plain", side)), metric);
            assert!((less - (own - plain)).abs() < 1e-12, "{tick} {side} {metric}");
        }
    }
    let apart = effects.iter().filter(|effect| against(&effect.control).is_some());
    assert!(apart.clone().all(|effect| &*effect.society == "panels" && effect.interval.is_some()));
    // Two metrics: once before the fork, then two arms and their difference in each of two rounds.
    assert_eq!(apart.count(), 2 * (1 + 2 * 3));
    let told = SetAgainst::of(&resolved, &finished.trajectories, effects).expect("societies").render().join("\n");
    for part in
        ["at the end, exposed", "what exposure did", "entropy of votes (nats)", "Overton coverage", "Student's t"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_society_that_is_not_there_is_named_and_one_alone_is_not_compared() {
    let found = mistakes_of(&TWO.replace("against: \"plain\"", "against: \"plian\""));
    for part in ["there is no society `plian` to set others against", "did you mean `plain`?"] {
        assert!(found.contains(part), "{part}: {found}");
    }
    let alone =
        TWO.replace("\"panels\": (population: [(cultures: [\"BRA\", \"CHN\", \"NZL\"], backbone: \"panel\")]),", "");
    let found = mistakes_of(&alone);
    assert!(found.contains("there is no other society to be set against `plain`"), "{found}");
}
