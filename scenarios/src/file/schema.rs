//! The scenario file format: what a user writes. Numbers are wide here so that a wrong one can be named; ranges are
//! checked when the scenario is resolved.

use pluriverse_agents::drafts::AnswerDrafting;
use pluriverse_agents::form::AnswerDesign;
use pluriverse_agents::kinds::scripted::{Cue, Line};
use pluriverse_agents::kinds::surrogate::model::Changes;
use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::openai::ChoiceField;
use pluriverse_worlds::budgeting::VoterUnit;
use pluriverse_worlds::budgeting::tally::{Completion, Rule, TieBreaking, Utility};
use pluriverse_worlds::budgeting::vote::{BallotForm, Recall};
use pluriverse_worlds::dynamics::NullModel;
use pluriverse_worlds::exposure::Shown;
use pluriverse_worlds::exposure::design::{MemoryPolicy, OptionOrder, OwnAnswer, PeerOrder, Update, Who};
use pluriverse_worlds::inference::Method;
use pluriverse_worlds::network::Direction;
use pluriverse_worlds::network::record::RecordNetwork;
use pluriverse_worlds::plane::observe::RecordPlane;
use pluriverse_worlds::plane::{Edition, Partial};
use pluriverse_worlds::survey::observe::Metric;
use pluriverse_worlds::survey::record::RecordAnswers;
use pluriverse_worlds::survey::{Coding, Statistic};
use serde::{Deserialize, Serialize};

use super::dilemmas::DilemmaSpec;
use super::drafting::DraftSpec;
use super::in_order::InOrder;
use super::panel::PanelSpec;
use super::personas::PersonaSpec;
use super::posting::PostSpec;

/// A scenario: who lives in it, what happens to them, what is measured.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name of the scenario, also of its runs.
    pub name: String,
    /// What it asks, in a sentence.
    #[serde(default)]
    pub about: String,
    /// Seed of every random stream.
    #[serde(default = "default_seed")]
    pub seed: i64,
    /// The questionnaire: an embedded survey or a path.
    #[serde(default = "default_survey")]
    pub survey: String,
    /// Which of its items are asked.
    #[serde(default)]
    pub items: Items,
    /// Items that are asked in addition and left out of every measure but those that need them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_ask: Vec<String>,
    /// The human reference.
    #[serde(default)]
    pub reference: ReferenceChoice,
    /// The cultures: the embedded list or a path.
    #[serde(default = "default_cultures")]
    pub cultures: String,
    /// The prompt templates: an embedded set or a path.
    #[serde(default = "default_prompts")]
    pub prompts: String,
    /// The prompt templates of votes: an embedded set or a path.
    #[serde(default = "default_vote_prompts", skip_serializing_if = "is_default_vote_prompts")]
    pub vote_prompts: String,
    /// The prompt templates of posting: an embedded set or a path.
    #[serde(default = "default_post_prompts", skip_serializing_if = "is_default_post_prompts")]
    pub post_prompts: String,
    /// The value dimensions of profiles: an embedded set or a path.
    #[serde(default = "default_dimensions", skip_serializing_if = "is_default_dimensions")]
    pub dimensions: String,
    /// The templates that put profiles into words: an embedded set or a path.
    #[serde(default = "default_profile_prompts", skip_serializing_if = "is_default_profile_prompts")]
    pub profile_prompts: String,
    /// The prompt templates of dilemmas: an embedded set or a path.
    #[serde(default = "default_dilemma_prompts", skip_serializing_if = "is_default_dilemma_prompts")]
    pub dilemma_prompts: String,
    /// The prompt templates of drafting: an embedded set or a path.
    #[serde(default = "default_draft_prompts", skip_serializing_if = "is_default_draft_prompts")]
    pub draft_prompts: String,
    /// Surrogate presets: the embedded ones or a path.
    #[serde(default = "default_presets")]
    pub presets: String,
    /// How answers are asked for.
    #[serde(default)]
    pub answer: AnswerDesign,
    /// How answers are read.
    #[serde(default)]
    pub parse: ParseRule,
    /// What answers for agents, by name.
    pub backbones: InOrder<BackboneSpec>,
    /// The societies, by name; stepped side by side in this order.
    #[serde(default)]
    pub societies: InOrder<Society>,
    /// The society that all others are set against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// Shorthand for a single society.
    #[serde(default)]
    pub population: Option<Vec<Member>>,
    /// Network of the single society.
    #[serde(default)]
    pub network: Option<NetworkSpec>,
    /// The treatments each society is put through, side by side, from the same first answers.
    #[serde(default = "default_arms")]
    pub arms: Vec<ArmSpec>,
    /// How often everything is repeated under other random numbers.
    #[serde(default = "one")]
    pub replicates: i64,
    /// What happens, in order.
    pub timeline: Vec<Phase>,
    /// What is measured after every tick.
    #[serde(default = "default_observe")]
    pub observe: Vec<Metric>,
    /// Distance in percent up to which agents count as one cluster. The default is about what asking the same agent
    /// twice puts between its answers.
    #[serde(default = "default_cluster_within")]
    pub cluster_within: f64,
    /// The Inglehart–Welzel plane, where it is observed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub plane: PlaneSpec,
    /// How large a society may be for exact pairwise measures, and how estimates are made beyond.
    #[serde(default)]
    pub estimate: EstimateSpec,
    /// How intervals are made.
    #[serde(default)]
    pub intervals: IntervalSpec,
    /// What is written besides the observations.
    #[serde(default)]
    pub record: RecordSpec,
    /// What the run may use up.
    #[serde(default)]
    pub limits: LimitsSpec,
    /// Path of a table of prices.
    #[serde(default)]
    pub prices: Option<String>,
    /// Calls under way at once for each backbone that does not say otherwise.
    #[serde(default = "default_in_flight")]
    pub in_flight: i64,
}

/// The Inglehart–Welzel plane.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaneSpec {
    /// Its figures: embedded ones or a path.
    #[serde(default = "default_plane")]
    pub figures: String,
    /// Which publication positions of countries are taken from.
    #[serde(default)]
    pub edition: Edition,
    /// What happens to somebody with fewer than ten indicators.
    #[serde(default)]
    pub partial: Partial,
}

impl Default for PlaneSpec {
    fn default() -> Self {
        Self { figures: default_plane(), edition: Edition::default(), partial: Partial::default() }
    }
}

/// What a run may use up before it stops, resumably.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsSpec {
    /// Calls to servers, over all sessions of the run.
    #[serde(default)]
    pub requests: Option<i64>,
    /// Tokens of prompts and replies, over all sessions of the run.
    #[serde(default)]
    pub tokens: Option<i64>,
    /// Money, in the currency of the table of prices, over all sessions of the run.
    #[serde(default)]
    pub money: Option<f64>,
    /// Seconds since the session began.
    #[serde(default)]
    pub wall_time: Option<f64>,
    /// Largest share of a society's requests in one tick that may bring no answer, 0 to 1.
    #[serde(default = "default_failure_share")]
    pub failure_share: f64,
}

impl Default for LimitsSpec {
    fn default() -> Self {
        Self { requests: None, tokens: None, money: None, wall_time: None, failure_share: default_failure_share() }
    }
}

/// Which items of the survey are asked.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Items {
    /// The items of the published set.
    #[default]
    Paper,
    /// Every item of the survey.
    All,
    /// These, in the survey's order.
    Only(Vec<String>),
}

/// The human reference and how a population becomes one sheet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceChoice {
    /// The figures: embedded ones or a path.
    #[serde(default = "default_figures")]
    pub figures: String,
    /// The statistic.
    #[serde(default)]
    pub statistic: Statistic,
    /// The coding.
    #[serde(default)]
    pub coding: Coding,
}

impl Default for ReferenceChoice {
    fn default() -> Self {
        Self { figures: default_figures(), statistic: Statistic::default(), coding: Coding::default() }
    }
}

/// What answers for agents.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum BackboneSpec {
    /// A response model, no language model needed.
    Surrogate {
        /// Name of the preset.
        preset: String,
        /// Parameters with other values than the preset's.
        #[serde(default, skip_serializing_if = "Changes::is_empty")]
        with: Changes,
    },
    /// A classical model of opinion dynamics, over first answers like a surrogate's.
    NullModel {
        /// Name of the preset that answers the first survey.
        preset: String,
        /// Parameters of it with other values than the preset's.
        #[serde(default, skip_serializing_if = "Changes::is_empty")]
        with: Changes,
        /// The model.
        model: NullModel,
    },
    /// Recordings in the published layout.
    Recorded {
        /// The folder that holds `wvs_evaluation/` and the interaction rounds.
        path: String,
        /// The backbone's name in the recordings.
        model: String,
    },
    /// A language model behind an OpenAI-compatible server.
    OpenAi(Box<OpenAiSpec>),
    /// A panel of personas over another of the backbones.
    Panel(Box<PanelSpec>),
    /// A script, for tests.
    Scripted {
        /// The cues, in order.
        #[serde(default)]
        cues: Vec<Cue>,
        /// What is done when no cue fits.
        otherwise: Line,
        /// Longest delay before a reply, in milliseconds.
        #[serde(default)]
        latency_ms: u64,
    },
}

/// A language model behind one or several OpenAI-compatible servers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAiSpec {
    /// The server's address up to and without `/chat/completions`.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Several servers of the same model: the least loaded is asked.
    #[serde(default)]
    pub base_urls: Vec<String>,
    /// The model's name, as the server knows it.
    pub model: String,
    /// Name of the environment variable that holds the key.
    #[serde(default)]
    pub key: Option<String>,
    /// Header that carries the key as it is, where it does not go as a bearer token.
    #[serde(default)]
    pub key_header: Option<String>,
    /// Temperature; the server's default where absent, like the next four.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    #[serde(default)]
    pub top_p: Option<f64>,
    /// Most tokens of a reply.
    #[serde(default)]
    pub max_tokens: Option<i64>,
    /// The number from which the seeds sent to the server derive.
    #[serde(default)]
    pub seed: Option<i64>,
    /// Texts at which the model stops.
    #[serde(default)]
    pub stop: Vec<String>,
    /// Fields passed to the server as they are.
    #[serde(default)]
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// How the server is told to choose, for answers of format `Choice`.
    #[serde(default)]
    pub choice_as: ChoiceField,
    /// Calls under way at once; the scenario's where absent.
    #[serde(default)]
    pub in_flight: Option<i64>,
    /// Seconds a call may take.
    #[serde(default = "default_timeout")]
    pub timeout: f64,
    /// Calls a request gets before its failure is final.
    #[serde(default = "default_attempts")]
    pub attempts: i64,
    /// Seconds before the first repetition; doubles with each.
    #[serde(default = "default_backoff")]
    pub backoff: f64,
}

/// A population and its network.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Society {
    /// Who lives in it.
    pub population: Vec<Member>,
    /// Who is exposed to whom.
    #[serde(default)]
    pub network: NetworkSpec,
}

/// Some agents of one kind. Members are interleaved evenly, so that neighbours on a ring are of different kinds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Code of the culture they are grounded in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub culture: Option<String>,
    /// Several cultures at once: as many members as codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cultures: Vec<String>,
    /// Name of the backbone that answers for them.
    pub backbone: String,
    /// How many agents of each culture.
    #[serde(default = "one")]
    pub count: i64,
    /// Who they are besides, for prompts.
    #[serde(default)]
    pub persona: String,
    /// Who each of them is besides: a profile an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personas: Option<PersonaSpec>,
    /// What people of their culture preferred, told to language models behind the persona.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples: Option<ExampleSpec>,
    /// How they come to an answer: at once, or by drafting several and taking one.
    #[serde(default, skip_serializing_if = "AnswerDrafting::is_single")]
    pub drafting: AnswerDrafting,
}

/// Examples of people's choices among replies, as few shots in a prompt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleSpec {
    /// Comparisons in the layout published with Community Alignment.
    pub file: String,
    /// How many each agent of a culture is told: the same to all of them.
    #[serde(default = "three")]
    pub count: i64,
}

fn three() -> i64 {
    3
}

/// Who is exposed to whom.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum NetworkSpec {
    /// Everybody to everybody else.
    #[default]
    Complete,
    /// Each to its nearest on a ring.
    RingLattice {
        /// How many, even, half on either side.
        neighbours: i64,
    },
    /// A ring lattice of which some edges are rewired.
    WattsStrogatz {
        /// How many neighbours each has before rewiring, even.
        neighbours: i64,
        /// Probability that an edge is rewired.
        rewire: f64,
    },
    /// Pairs joined at random: each with probability `p`, or `m` of them.
    ErdosRenyi {
        /// Probability of a tie, for G(n,p).
        #[serde(default)]
        p: Option<f64>,
        /// Number of ties, for G(n,m).
        #[serde(default)]
        m: Option<i64>,
    },
    /// Grown by preferential attachment.
    BarabasiAlbert {
        /// Ties each new agent comes with.
        m: i64,
    },
    /// Ties by culture.
    StochasticBlock {
        /// Probability of a tie between agents of one culture.
        within: f64,
        /// Probability of a tie between agents of two cultures.
        between: f64,
    },
    /// Ties by cultural distance.
    Homophily {
        /// Mean number of ties an agent has.
        degree: f64,
        /// How fast ties grow rarer with distance: probability falls as exp(−strength · distance).
        strength: f64,
        /// In which distance.
        #[serde(default)]
        by: CulturalDistance,
    },
    /// A table of edges.
    EdgeList {
        /// The file.
        path: String,
        /// Whether edges lead one way or both.
        #[serde(default)]
        direction: Direction,
    },
    /// A GraphML document.
    GraphMl {
        /// The file.
        path: String,
    },
}

/// A distance between cultures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum CulturalDistance {
    /// On the Inglehart–Welzel map, in its units.
    #[default]
    Map,
    /// Between the human reference sheets, in percent (Div).
    Answers,
}

/// A treatment arm: a treatment with the design of the exposure phases, or with some of its knobs turned otherwise.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ArmSpec {
    /// Agents are shown their peers' answers.
    Exposed,
    /// Agents are asked again and shown nothing.
    ReAsk,
    /// Agents are shown answers that are not their peers'.
    Placebo(PlaceboSpec),
    /// Agents are shown their peers' answers without demonyms.
    Unlabelled,
    /// One of these under a name and knobs of its own.
    Arm(Box<ArmDesign>),
}

/// A treatment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TreatmentSpec {
    /// See [`ArmSpec::Exposed`].
    Exposed,
    /// See [`ArmSpec::ReAsk`].
    ReAsk,
    /// See [`ArmSpec::Placebo`].
    Placebo(PlaceboSpec),
    /// See [`ArmSpec::Unlabelled`].
    Unlabelled,
}

/// Whose answers a placebo shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum PlaceboSpec {
    /// A permuted donor's, to the same item.
    Donor,
    /// The peers', to other items.
    AcrossItems,
    /// Uniform over the options.
    Uniform,
    /// Those of this run directory.
    OtherRun(String),
}

/// An arm with a name and knobs of its own; a knob that is absent is the phase's.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmDesign {
    /// Its name.
    pub name: String,
    /// Its treatment.
    pub treatment: TreatmentSpec,
    /// What is shown.
    #[serde(default)]
    pub shown: Option<Shown>,
    /// Whose.
    #[serde(default)]
    pub who: Option<Who>,
    /// In which order.
    #[serde(default)]
    pub order: Option<PeerOrder>,
    /// Whether an agent's own answer of the round before is shown to it.
    #[serde(default)]
    pub own: Option<OwnAnswer>,
    /// What an agent remembers.
    #[serde(default)]
    pub memory: Option<MemoryPolicy>,
    /// When answers can be seen.
    #[serde(default)]
    pub update: Option<Update>,
    /// In which order options are offered.
    #[serde(default)]
    pub options: Option<OptionOrder>,
}

/// A run of rounds of one mechanism.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Phase {
    /// Every item is asked once, nothing shown.
    Survey,
    /// Every item is asked in each round, peers' answers of the round before shown.
    Exposure {
        /// How many rounds.
        rounds: i64,
        /// What is shown.
        #[serde(default)]
        shown: Shown,
        /// Whose.
        #[serde(default)]
        who: Who,
        /// In which order.
        #[serde(default)]
        order: PeerOrder,
        /// Whether an agent's own answer of the round before is shown to it.
        #[serde(default)]
        own: OwnAnswer,
        /// What an agent remembers.
        #[serde(default)]
        memory: MemoryPolicy,
        /// When answers can be seen.
        #[serde(default)]
        update: Update,
    },
    /// Every agent votes on what a budget is spent on.
    Vote(Box<VoteSpec>),
    /// Agents live on a platform of posts, comments and votes.
    Post(Box<PostSpec>),
    /// Every agent judges moral dilemmas.
    Dilemmas(Box<DilemmaSpec>),
    /// Agents draft replies to everyday prompts, which are judged by the values they speak for.
    Draft(Box<DraftSpec>),
}

/// A vote, and the rounds of discussion before it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteSpec {
    /// The ballot paper: an embedded one or a path.
    #[serde(default = "default_ballot")]
    pub ballot: String,
    /// What can be spent, as a decimal; the ballot paper's budget where absent.
    #[serde(default)]
    pub budget: Option<String>,
    /// What a ballot has to be.
    #[serde(default)]
    pub form: BallotForm,
    /// How many ballots every agent casts.
    #[serde(default = "one")]
    pub samples: i64,
    /// Rounds of discussion: polls before the vote. In every one but the first, and in the vote, agents are shown
    /// ballots of the poll before.
    #[serde(default)]
    pub deliberation: i64,
    /// Whose ballots.
    #[serde(default)]
    pub who: Who,
    /// In which order.
    #[serde(default)]
    pub order: PeerOrder,
    /// Whether an agent's own ballot of the poll before is shown to it.
    #[serde(default)]
    pub own: OwnAnswer,
    /// Which of its own latest answers an agent that votes in words is reminded of.
    #[serde(default)]
    pub recall: Recall,
    /// Who counts as one voter.
    #[serde(default)]
    pub voter: VoterUnit,
    /// The rules ballots are counted by. Where none is named: greedy by votes, sequential Phragmén where ballots are
    /// approvals, and Equal Shares with its utilitarian completion.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// How ties are broken.
    #[serde(default)]
    pub ties: TieBreaking,
    /// What Add1 adds to a voter's endowment at a time, as a decimal or a fraction; a thousandth of an equal share of
    /// the budget where absent, whatever number votes.
    #[serde(default)]
    pub increment: Option<String>,
}

impl VoteSpec {
    /// The rules where none is named.
    pub fn default_rules(form: BallotForm) -> Vec<Rule> {
        let shares = Rule::EqualShares { utility: Utility::Cardinality, completion: Completion::Utilitarian };
        match form {
            BallotForm::Approval(_) => vec![Rule::GreedyByVotes, Rule::SequentialPhragmen, shares],
            BallotForm::Ranking(_) | BallotForm::Cumulative { .. } | BallotForm::Scoring { .. } => {
                vec![Rule::GreedyByVotes, shares]
            }
        }
    }
}

/// How intervals are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalSpec {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// How many resamples.
    #[serde(default = "default_resamples")]
    pub resamples: i64,
}

impl Default for IntervalSpec {
    fn default() -> Self {
        Self { method: Method::default(), resamples: default_resamples() }
    }
}

/// How pairwise measures of large societies are estimated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstimateSpec {
    /// Societies of up to this many agents are measured exactly.
    #[serde(default = "default_above")]
    pub above: i64,
    /// Pairs drawn for Diversity_P.
    #[serde(default = "default_pairs")]
    pub pairs: i64,
    /// Agents in each of the twenty sub-societies drawn for Diversity_S.
    #[serde(default = "default_tree")]
    pub tree: i64,
}

impl Default for EstimateSpec {
    fn default() -> Self {
        Self { above: default_above(), pairs: default_pairs(), tree: default_tree() }
    }
}

/// What is written besides the observations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSpec {
    /// Whose answers.
    #[serde(default)]
    pub answers: RecordAnswers,
    /// Whether networks are written edge by edge.
    #[serde(default)]
    pub network: RecordNetwork,
    /// Whose positions on the plane.
    #[serde(default, skip_serializing_if = "is_default")]
    pub plane: RecordPlane,
}

impl OpenAiSpec {
    /// Fields that say how a server is reached and asked, not what a reply is.
    pub const SERVICE: [&str; 8] =
        ["base_url", "base_urls", "key", "key_header", "in_flight", "timeout", "attempts", "backoff"];

    /// All addresses.
    pub fn addresses(&self) -> impl Iterator<Item = &String> {
        self.base_url.iter().chain(&self.base_urls)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
fn default_plane() -> String {
    "plane".to_owned()
}
fn default_seed() -> i64 {
    42
}
fn default_survey() -> String {
    "wvs7-values".to_owned()
}
fn default_cultures() -> String {
    "countries".to_owned()
}
fn default_prompts() -> String {
    "survey".to_owned()
}
fn default_vote_prompts() -> String {
    "vote".to_owned()
}
/// Runs recorded before there were votes say nothing about their prompts, and nor does a run without any.
fn is_default_vote_prompts(name: &str) -> bool {
    name == default_vote_prompts()
}
fn default_post_prompts() -> String {
    "post".to_owned()
}
/// The same goes for posting.
fn is_default_post_prompts(name: &str) -> bool {
    name == default_post_prompts()
}
fn default_dimensions() -> String {
    "ten-values".to_owned()
}
/// And for profiles.
fn is_default_dimensions(name: &str) -> bool {
    name == default_dimensions()
}
fn default_profile_prompts() -> String {
    "profile".to_owned()
}
fn is_default_profile_prompts(name: &str) -> bool {
    name == default_profile_prompts()
}
fn default_dilemma_prompts() -> String {
    "dilemmas".to_owned()
}
/// And for dilemmas.
fn is_default_dilemma_prompts(name: &str) -> bool {
    name == default_dilemma_prompts()
}
fn default_draft_prompts() -> String {
    "drafts".to_owned()
}
/// And for drafting.
fn is_default_draft_prompts(name: &str) -> bool {
    name == default_draft_prompts()
}
fn default_ballot() -> String {
    "national-priorities".to_owned()
}
fn default_presets() -> String {
    "recorded-backbones".to_owned()
}
fn default_figures() -> String {
    "wvs7".to_owned()
}
fn default_observe() -> Vec<Metric> {
    vec![Metric::PairwiseDiversity, Metric::StructuralDiversity, Metric::Alignment, Metric::Consensus, Metric::Drift]
}
fn default_arms() -> Vec<ArmSpec> {
    vec![ArmSpec::Exposed]
}
fn default_cluster_within() -> f64 {
    10.0
}
fn default_resamples() -> i64 {
    1000
}
fn default_failure_share() -> f64 {
    0.2
}
fn default_timeout() -> f64 {
    120.0
}
fn default_attempts() -> i64 {
    6
}
fn default_backoff() -> f64 {
    0.5
}
fn default_in_flight() -> i64 {
    64
}
fn default_above() -> i64 {
    2000
}
fn default_pairs() -> i64 {
    100_000
}
fn default_tree() -> i64 {
    200
}
fn one() -> i64 {
    1
}
