//! The command line's words.

use std::path::PathBuf;

use clap::builder::TypedValueParser as _;
use clap::{Args, Parser, Subcommand, ValueEnum};
use pluriverse_worlds::survey::{Coding, Statistic};

use crate::load;
use crate::resolve::Asking;
use pluriverse_agents::parse::ParseRule;

/// Simulate societies of culturally grounded AI agents and measure what living together does to the plurality of
/// their values.
#[derive(Parser, Debug)]
#[command(name = "pluriverse", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Print JSON instead of tables.
    #[arg(long, global = true)]
    pub json: bool,
    /// Show no progress.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Form of the log on stderr; RUST_LOG says how much of it.
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub log: LogForm,
}

/// Form of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum LogForm {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run a scenario and leave a run directory.
    Run(RunArgs),
    /// Look a scenario over: every mistake at once, then what it would do.
    Check(ScenarioArgs),
    /// List scenarios, surveys, cultures, backbones and metrics.
    List,
    /// The paper's measures over a folder of recordings (published layout) or a run.
    Measure(MeasureArgs),
    /// Fit surrogate presets to a folder of recordings and check the fit.
    Calibrate(CalibrateArgs),
    /// Carry a run out again from its stored replies, asking nobody, and compare every file.
    Replay(ReplayArgs),
    /// What an agent of a run was asked, what it said, and how that was read.
    Show(ShowArgs),
    /// What an agent would be asked, word for word, without asking anybody.
    Prompt(PromptArgs),
    /// A few small questions to every server of a scenario: does it answer, and what can it do?
    Ping(ScenarioArgs),
    /// Measure what agents of a run posted in the space of an embeddings server.
    Embed(EmbedArgs),
    /// Write the page about a run again: report.html in its directory.
    Report(ReportArgs),
    /// Set runs against each other, in tables and on a page; says why where they cannot be compared.
    Compare(CompareArgs),
    /// Which classical model of opinion dynamics a run's societies follow, with intervals and out-of-sample error.
    Fit(FitArgs),
    /// How many replicates an effect of a given size needs, from a pilot run of a few.
    Power(PowerArgs),
    /// Landscape studies over systems of one agent a culture, from recordings or a run.
    Study(StudyArgs),
    /// Budgeting rules over Pabulib files: what each funds, what that means to voters, and every tie.
    Tally(TallyArgs),
    /// The stored replies of a run as JSON lines, sorted, without what differs between two ways of getting there.
    Export(ExportArgs),
}

/// What to count, and how.
#[derive(Args, Clone, Debug)]
pub struct TallyArgs {
    /// Pabulib files (.pb); several over the same projects are also set against each other.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// A rule by name, repeatable; `all` is every rule there is. Default: all that go over an election once.
    #[arg(long, value_name = "RULE")]
    pub rule: Vec<String>,
    /// What breaks ties, strongest first; the order of ids comes last.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "natural")]
    pub ties: Vec<TallyTies>,
    /// Who is one voter: every ballot, or every agent with its weight split over the ballots it cast.
    #[arg(long, value_enum, default_value = "ballot")]
    pub voter: TallyVoter,
    /// Column of the votes whose texts say whose ballots they are: `district`, for one. Default: the column `agent`.
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// What Add1 adds to a voter's endowment at a time: a number or a fraction. With costs of order 1 write 1/100.
    #[arg(long, value_name = "AMOUNT", default_value = "1", allow_hyphen_values = true)]
    pub increment: String,
    /// By what share of itself a budget increase raises the budget at a time.
    #[arg(long, value_name = "SHARE", default_value = "1/100", allow_hyphen_values = true)]
    pub budget_step: String,
    /// Also find every outcome that some way of breaking ties leads to, where they can be followed.
    #[arg(long)]
    pub irresolute: bool,
    /// Sets of projects looked at before EJR or PJR is called not decided.
    #[arg(long, value_name = "SETS", default_value_t = 1_000_000)]
    pub search: u64,
}

/// What breaks ties.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum TallyTies {
    /// The higher score first.
    MostVotes,
    /// The lower cost first.
    LowestCost,
    /// The higher cost first.
    HighestCost,
    /// Ids with runs of digits by value: 9 before 10.
    Natural,
    /// Ids character by character: 10 before 9.
    Lexicographic,
}

/// Who is one voter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum TallyVoter {
    /// Every ballot.
    Ballot,
    /// Every agent.
    Agent,
}

/// What to replay.
#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// A run directory.
    pub run: PathBuf,
    /// Where to leave the replayed run. Default: nowhere, it is compared and thrown away.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder from which the run's relative paths (survey, reference, cultures) start. Default: the current one.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
    /// Threads for the systems that compute.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// What to show of a run.
#[derive(Args, Clone, Debug)]
pub struct ShowArgs {
    /// A run directory.
    pub run: PathBuf,
    /// Only this society.
    #[arg(long)]
    pub society: Option<String>,
    /// Only this arm.
    #[arg(long)]
    pub arm: Option<String>,
    /// Only this replicate.
    #[arg(long)]
    pub replicate: Option<u32>,
    /// Only this agent.
    #[arg(long)]
    pub agent: Option<u32>,
    /// Only this round.
    #[arg(long)]
    pub round: Option<u32>,
    /// Only this item.
    #[arg(long)]
    pub item: Option<String>,
    /// Only requests with this outcome, e.g. unparsable.
    #[arg(long)]
    pub outcome: Option<String>,
    /// How many requests are shown in full.
    #[arg(long, default_value_t = 3)]
    pub full: usize,
}

/// What prompt to write.
#[derive(Args, Clone, Debug)]
pub struct PromptArgs {
    /// Which scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The society. Default: the first.
    #[arg(long)]
    pub society: Option<String>,
    /// The arm. Default: the first.
    #[arg(long)]
    pub arm: Option<String>,
    /// The replicate.
    #[arg(long, default_value_t = 0)]
    pub replicate: u32,
    /// The agent.
    #[arg(long, default_value_t = 0)]
    pub agent: u32,
    /// The round; 0 is the first survey.
    #[arg(long, default_value_t = 0)]
    pub round: u32,
    /// The item. Default: the first.
    #[arg(long)]
    pub item: Option<String>,
    /// Who of a panel is asked: 0 the base, from 1 on its personas.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub voice: u16,
    /// Take what was said in earlier rounds from this run of the same scenario.
    #[arg(long, value_name = "DIR")]
    pub run: Option<PathBuf>,
}

/// What to write a page about.
#[derive(Args, Clone, Debug)]
pub struct ReportArgs {
    /// A run directory.
    pub run: PathBuf,
    /// Folder from which the run's relative paths (survey, reference, cultures) start. Default: the current one.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
}

/// What to compare.
#[derive(Args, Clone, Debug)]
pub struct CompareArgs {
    /// Run directories; the others are set against the first.
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// The page.
    #[arg(long, value_name = "FILE", default_value = "comparison.html")]
    pub out: PathBuf,
    /// Folder from which the runs' relative paths (survey, reference, cultures) start. Default: the current one.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
}

/// What to fit classical models to.
#[derive(Args, Clone, Debug)]
pub struct FitArgs {
    /// A run directory.
    pub run: PathBuf,
    /// Only this society.
    #[arg(long)]
    pub society: Option<String>,
    /// Folder from which the run's relative paths (survey, reference, cultures) start. Default: the current one.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
}

/// What effect is to be found, and from which pilot that is told.
#[derive(Args, Clone, Debug)]
pub struct PowerArgs {
    /// The run directory of a pilot with at least two replicates.
    pub run: PathBuf,
    /// Only this society.
    #[arg(long)]
    pub society: Option<String>,
    /// The arm whose effect is to be found. Default: the exposed one.
    #[arg(long, value_name = "ARM")]
    pub treatment: Option<String>,
    /// The arm it is compared with. Default: the one that is only asked again.
    #[arg(long, value_name = "ARM")]
    pub control: Option<String>,
    /// The exposure round. Default: the last.
    #[arg(long)]
    pub round: Option<u32>,
    /// Only this measure, by its name among the observations.
    #[arg(long)]
    pub measure: Option<String>,
    /// The size of an effect, in the unit in which the table shows the measure: how many replicates find it?
    #[arg(long, requires = "measure")]
    pub effect: Option<f64>,
    /// Probability with which an effect of that size is to be found.
    #[arg(long, default_value_t = 0.8, value_parser = probability)]
    pub power: f64,
    /// Folder from which the run's relative paths (survey, reference, cultures) start. Default: the current one.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
}

fn probability(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "write a number, for example 0.8".to_owned())?;
    if (0.05..1.0).contains(&value) { Ok(value) } else { Err("a power lies from 0.05 to below 1".to_owned()) }
}

/// Which study.
#[derive(Args, Clone, Debug)]
pub struct StudyArgs {
    /// The study.
    #[command(subcommand)]
    pub kind: StudyKind,
}

/// The studies.
#[derive(Subcommand, Clone, Debug)]
pub enum StudyKind {
    /// Every assignment of backbones to cultures: frontier of diversity and alignment, gains over single backbones.
    MixedBackbones(MixedArgs),
    /// Diversity over every subset of cultures, for each system and for the humans.
    Compositions(CompositionArgs),
    /// Diversity against alignment over systems, with intervals and how they hang together.
    Landscape(LandscapeArgs),
    /// The headline figures under every choice a reviewer would question.
    Sensitivity(Studied),
    /// Societies and arms of runs over several objectives: Pareto front, hypervolume, trade-off-steerable score.
    Objectives(ObjectivesArgs),
    /// Recorded moral dilemmas against people's: reliability from the passes, misalignment, and what constants would score.
    Dilemmas(DilemmaArgs),
    /// People's choices among four replies: how far they agree, and how many one reply for all satisfies.
    CommunityAlignment(ComparisonArgs),
}

/// Which comparisons.
#[derive(Args, Clone, Debug)]
pub struct ComparisonArgs {
    /// A file in the layout published with Community Alignment: a table (.csv) or lines of JSON (.jsonl).
    pub file: PathBuf,
}

/// What is set against each other, and in what.
#[derive(Args, Clone, Debug)]
pub struct ObjectivesArgs {
    /// Run directories.
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Figures of societies by their names among the observations, each `NAME`, `NAME:max` or `NAME:min`.
    #[arg(long, value_delimiter = ',', default_value = "pairwise_diversity,alignment")]
    pub objectives: Vec<String>,
    /// The worst value of each objective, from which the hypervolume is measured. Default: by nature, 0 or 1.
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    pub reference: Vec<f64>,
    /// The round. Default: the last in which the survey was asked.
    #[arg(long)]
    pub round: Option<u32>,
}

/// Which recorded dilemmas, and against whom.
#[derive(Args, Clone, Debug)]
pub struct DilemmaArgs {
    /// A folder of recordings, one .csv a model, in the layout published with arXiv 2605.10843; or one such file.
    pub dir: PathBuf,
    /// Human preferences: a file of shares (.json) in the published layout, a file of AMCEs (.ron), or `amce`. Default:
    /// human_amce.json beside the recordings, else `amce`.
    #[arg(long, value_name = "FILE")]
    pub human: Option<String>,
    /// Models, by the names of their files without `.csv`. Default: all.
    #[arg(long, value_delimiter = ',')]
    pub models: Vec<String>,
    /// Countries, by code. Default: all.
    #[arg(long, value_delimiter = ',')]
    pub countries: Vec<String>,
    /// By which recorded gaps are divided before they become probabilities.
    #[arg(long, value_name = "T", default_value_t = 0.5)]
    pub decision_temperature: f64,
    /// s of the reliability exp(−V/s).
    #[arg(long, value_name = "S", default_value_t = 0.04)]
    pub reliability_scale: f64,
}

/// What a study is made of.
#[derive(Args, Clone, Debug)]
pub struct Studied {
    /// A folder of recordings, or a run directory.
    pub dir: PathBuf,
    /// Cultures, by code. Default: those all systems have in common.
    #[arg(long, value_delimiter = ',')]
    pub cultures: Vec<String>,
    /// Systems: backbones of recordings; of a run its backbones, with `SOCIETY/` before them where there are several
    /// societies. Default: all.
    #[arg(long, value_delimiter = ',')]
    pub systems: Vec<String>,
    /// The round; 0 is before any exposure.
    #[arg(long, default_value_t = 0)]
    pub round: u32,
    /// How replies of recordings are read. Default: paper.
    #[arg(long, value_enum)]
    pub parse: Option<ParseArg>,
    /// How a population becomes one sheet. Default: mode.
    #[arg(long, value_enum)]
    pub statistic: Option<StatisticArg>,
    /// How codes of data files become option numbers. Default: as-published.
    #[arg(long, value_enum)]
    pub coding: Option<CodingArg>,
    /// Seed of what is drawn.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Folder to leave the study's tables in, as Parquet.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder from which a run's relative paths start. Default: the current one.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
}

/// Mixed backbones.
#[derive(Args, Clone, Debug)]
pub struct MixedArgs {
    /// What it is made of.
    #[command(flatten)]
    pub studied: Studied,
    /// Climb from this many random starts instead of going through all assignments.
    #[arg(long, value_name = "STARTS", value_parser = clap::value_parser!(u32).range(1..))]
    pub search: Option<u32>,
    /// Also write every assignment to --out.
    #[arg(long, requires = "out")]
    pub assignments: bool,
}

/// Compositions.
#[derive(Args, Clone, Debug)]
pub struct CompositionArgs {
    /// What it is made of.
    #[command(flatten)]
    pub studied: Studied,
    /// Only subsets of these sizes. Default: all.
    #[arg(long, value_delimiter = ',')]
    pub sizes: Vec<usize>,
}

/// The landscape.
#[derive(Args, Clone, Debug)]
pub struct LandscapeArgs {
    /// What it is made of.
    #[command(flatten)]
    pub studied: Studied,
    /// Also D_q and A_q of every item, for these systems.
    #[arg(long, value_delimiter = ',')]
    pub items: Vec<String>,
}

/// What to embed.
#[derive(Args, Clone, Debug)]
pub struct EmbedArgs {
    /// A run directory in which agents posted.
    pub run: PathBuf,
    /// Address of an OpenAI-compatible server up to and without `/embeddings`, e.g. `http://127.0.0.1:8000/v1`.
    #[arg(long, value_name = "URL")]
    pub server: String,
    /// Name of the embedding model.
    #[arg(long)]
    pub model: String,
    /// Environment variable that holds the server's key, where it wants one.
    #[arg(long, value_name = "VARIABLE")]
    pub key: Option<String>,
    /// How many of the latest texts are measured: figures of equally many compare.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=512).map(|texts| texts as usize))]
    pub texts: usize,
}

/// What to export.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// A run directory.
    pub run: PathBuf,
    /// Write posts in the tables of the Moltbook Observatory or in the API's lines, or answers in the published rows of
    /// the value survey, instead of printing stored replies.
    #[arg(long = "as", value_enum, value_name = "SHAPE")]
    pub shape: Option<ShapeArg>,
    /// Folder to write shapes to.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Society, of shapes. Default: the first.
    #[arg(long)]
    pub society: Option<String>,
    /// Arm, of shapes. Default: exposed.
    #[arg(long)]
    pub arm: Option<String>,
    /// Replicate, of shapes.
    #[arg(long, default_value_t = 0)]
    pub replicate: u32,
}

/// Published shapes of data.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShapeArg {
    /// Parquet tables of the Moltbook Observatory.
    Observatory,
    /// JSON lines as Moltbook's API words them.
    Api,
    /// The rows of the value survey's recordings.
    Survey,
}

/// Which scenario, and what to change about it.
#[derive(Args, Clone, Debug)]
pub struct ScenarioArgs {
    /// Name of a catalogue scenario, or path of a .ron file.
    pub scenario: String,
    /// Seed of every random stream, instead of the scenario's.
    #[arg(long, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    pub seed: Option<u64>,
    /// Change a value: a path of fields joined by dots, then RON. May be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Answer from recordings: every surrogate becomes the recorded backbone of its preset's name.
    #[arg(long, value_name = "DIR")]
    pub recordings: Option<PathBuf>,
    /// Table of prices, instead of the scenario's.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
}

impl From<&ScenarioArgs> for load::Request {
    fn from(args: &ScenarioArgs) -> Self {
        Self {
            scenario: args.scenario.clone(),
            seed: args.seed,
            set: args.set.clone(),
            recordings: args.recordings.clone(),
            prices: args.prices.clone(),
            asking: Asking::Servers,
        }
    }
}

/// How to run.
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are yes or no")]
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Which scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The run directory; must not hold another run. Default: runs/SCENARIO-SEED-DIGEST.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Take up the interrupted run in --out. What it has paid for is not asked for again.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// With --resume: ask again for what has failed for good.
    #[arg(long, requires = "resume")]
    pub retry_failed: bool,
    /// Store of replies shared between runs: what is in it is free, what is asked is added.
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Take replies from --cache and add none.
    #[arg(long, requires = "cache")]
    pub cache_read_only: bool,
    /// Do not ask before spending money. Without a terminal nobody is asked.
    #[arg(long, short)]
    pub yes: bool,
    /// Threads for the systems that compute. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// What to measure.
#[derive(Args, Clone, Debug)]
pub struct MeasureArgs {
    /// A folder of recordings, or a run directory.
    pub dir: PathBuf,
    /// Cultures to measure, by code. Default for recordings: those all backbones have in common.
    #[arg(long, value_delimiter = ',')]
    pub cultures: Vec<String>,
    /// How answers are read. Default for recordings: paper; a run's answers are read already.
    #[arg(long, value_enum)]
    pub parse: Option<ParseArg>,
    /// How a population becomes one sheet. Default for recordings: mode; for a run: its own.
    #[arg(long, value_enum)]
    pub statistic: Option<StatisticArg>,
    /// How codes of data files become option numbers. Default for recordings: as-published; for a run: its own.
    #[arg(long, value_enum)]
    pub coding: Option<CodingArg>,
    /// Also D_q and A_q of every item (with --json).
    #[arg(long)]
    pub items: bool,
    /// Folder from which a run's relative paths (survey, reference, cultures) start. Default: the current one.
    #[arg(long, value_name = "DIR")]
    pub base: Option<PathBuf>,
}

/// What to fit.
#[derive(Args, Clone, Debug)]
pub struct CalibrateArgs {
    /// A folder of recordings in the published layout.
    pub dir: PathBuf,
    /// Backbones to fit. Default: all of them.
    #[arg(long, value_delimiter = ',')]
    pub backbones: Vec<String>,
    /// Cultures to fit to. Default: those all backbones have in common.
    #[arg(long, value_delimiter = ',')]
    pub cultures: Vec<String>,
    /// Write the presets to this file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// [`ParseRule`] on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ParseArg {
    /// As the published scripts do it.
    Paper,
    /// Every usual way of naming an option.
    Lenient,
}

/// [`Statistic`] on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum StatisticArg {
    /// The most frequent answer.
    Mode,
    /// The middle answer.
    Median,
    /// The mean answer.
    Mean,
}

/// [`Coding`] on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum CodingArg {
    /// Codes unshifted, to reproduce the published digits.
    AsPublished,
    /// Codes of zero-based items shifted to option numbers.
    Corrected,
}

impl From<ParseArg> for ParseRule {
    fn from(arg: ParseArg) -> Self {
        match arg {
            ParseArg::Paper => Self::Paper,
            ParseArg::Lenient => Self::Lenient,
        }
    }
}

impl From<StatisticArg> for Statistic {
    fn from(arg: StatisticArg) -> Self {
        match arg {
            StatisticArg::Mode => Self::Mode,
            StatisticArg::Median => Self::Median,
            StatisticArg::Mean => Self::Mean,
        }
    }
}

impl From<CodingArg> for Coding {
    fn from(arg: CodingArg) -> Self {
        match arg {
            CodingArg::AsPublished => Self::AsPublished,
            CodingArg::Corrected => Self::Corrected,
        }
    }
}
