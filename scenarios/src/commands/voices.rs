//! Who answers in words for the agents of a society when requests are reckoned: they themselves, or the voices of their
//! panels.

use std::sync::Arc;

use pluriverse_agents::kinds::panel::{BaseVoice, Panel, Presented};
use pluriverse_engine::agent::Backbone;
use pluriverse_worlds::culture::CultureProfile;

use crate::resolve::{AgentSpec, Resolved, ResolvedBackbone, ResolvedSociety};

/// Agents of a society for whom one backbone answers in the same way.
pub(super) struct Spoken<'a> {
    /// The agents, at least one.
    pub(super) agents: Vec<&'a AgentSpec>,
    panel: Option<&'a Panel>,
}

impl<'a> Spoken<'a> {
    /// Everybody for whom a backbone answers: its own agents, and those of each panel over it.
    pub(super) fn of(resolved: &'a Resolved, society: &'a ResolvedSociety, backbone: Backbone) -> Vec<Self> {
        let over = |(place, (_, own)): (usize, &'a (Arc<str>, ResolvedBackbone))| {
            let panel = own.panel().map(|panel| &**panel);
            let answers = panel.map_or(place == backbone.index(), |panel| panel.over == backbone);
            let agents = || society.agents.iter().filter(|agent| agent.backbone.index() == place).collect();
            answers.then(|| Self { agents: agents(), panel })
        };
        let all = resolved.backbones.iter().enumerate().filter_map(over);
        all.filter(|spoken| !spoken.agents.is_empty()).collect()
    }

    /// Only the first agents: as many at most.
    pub(super) fn first(&self, most: usize) -> &[&'a AgentSpec] {
        &self.agents[..self.agents.len().min(most)]
    }

    /// Whether they answer by a panel.
    pub(super) const fn is_panel(&self) -> bool {
        self.panel.is_some()
    }

    /// Voices of one agent.
    pub(super) fn voices(&self) -> f64 {
        self.panel.map_or(1.0, |panel| f64::from(panel.settings.personas) + 1.0)
    }

    /// Orders of options in which each voice is asked about an item of the survey.
    pub(super) fn orders(&self) -> f64 {
        if self.is_panel() { [Presented::AsAsked, Presented::Reversed].len() as f64 } else { 1.0 }
    }

    /// Characters of the system prompts of an agent's voices, by voice: `neutral` is that of a voice that is told of no
    /// country, `system` makes the others of a profile and a persona.
    pub(super) fn systems(
        &self,
        resolved: &Resolved,
        agent: AgentSpec,
        neutral: impl Fn() -> Arc<str>,
        system: impl Fn(&CultureProfile, &str) -> Arc<str>,
    ) -> Vec<usize> {
        let profile = resolved.cultures.profile(agent.culture);
        let own = || system(profile, &resolved.personas.text(agent.persona));
        let length = |text: Arc<str>| text.chars().count();
        let Some(panel) = self.panel else {
            return vec![length(own())];
        };
        let base = match panel.base {
            BaseVoice::Neutral => neutral(),
            BaseVoice::Culture => own(),
        };
        let personas = panel.of(agent.culture).iter().map(|persona| system(profile, &persona.words));
        std::iter::once(base).chain(personas).map(length).collect()
    }

    /// The longest persona in which an agent writes.
    pub(super) fn persona(&self, resolved: &Resolved, agent: AgentSpec) -> Arc<str> {
        let words = self.panel.into_iter().flat_map(|panel| panel.of(agent.culture)).map(|persona| &persona.words);
        let longest = words.max_by_key(|words| words.chars().count());
        longest.map_or_else(|| resolved.personas.text(agent.persona), Arc::clone)
    }
}
