//! The catalogue: scenarios that come with the program, each runnable by name.

/// Names and texts, in the order they are listed.
pub static SCENARIOS: &[(&str, &str)] = &[
    ("dilemmas", include_str!("../catalog/dilemmas.ron")),
    ("exposure-with-controls", include_str!("../catalog/exposure-with-controls.ron")),
    ("moltbook", include_str!("../catalog/moltbook.ron")),
    ("moltbook-drift", include_str!("../catalog/moltbook-drift.ron")),
    ("moltbook-llm", include_str!("../catalog/moltbook-llm.ron")),
    ("monoculture", include_str!("../catalog/monoculture.ron")),
    ("panel-at-rest", include_str!("../catalog/panel-at-rest.ron")),
    ("participatory-budgeting", include_str!("../catalog/participatory-budgeting.ron")),
    ("pluralism", include_str!("../catalog/pluralism.ron")),
    ("quickstart", include_str!("../catalog/quickstart.ron")),
    ("social-exposure", include_str!("../catalog/social-exposure.ron")),
    ("steered-society", include_str!("../catalog/steered-society.ron")),
    ("value-survey", include_str!("../catalog/value-survey.ron")),
];

/// The text of a catalogue scenario.
pub fn by_name(name: &str) -> Option<&'static str> {
    let name = name.strip_suffix(".ron").unwrap_or(name);
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
