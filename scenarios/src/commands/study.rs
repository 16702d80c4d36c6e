//! `pluriverse study`: landscape studies over systems of one agent a culture, from recordings or from a run.

use std::path::Path;
use std::sync::Arc;

use pluriverse_agents::parse::ParseRule;
use pluriverse_engine::agent::AgentId;
use pluriverse_engine::record::table::{Column, ColumnKind, TableSpec, TableWriter};
use pluriverse_engine::seed::{Purpose, PurposeStreams, Streams};
use pluriverse_worlds::inference::resample::Resamples;
use pluriverse_worlds::survey::measures::distance::{between_agents, between_references};
use pluriverse_worlds::survey::{Coding, ReferenceSheet, Statistic};
use serde::Serialize;

use super::Exit;
use super::cli::{CompositionArgs, LandscapeArgs, MixedArgs, Studied, StudyArgs, StudyKind};
use super::output::{Form, complain_of, counted, figure, say, say_json, signed, table};
use crate::inputs::asset::AssetError;
use crate::studies::compositions::{MOST_CULTURES, OfSize, QUANTILES, compositions};
use crate::studies::landscape::{Association, Correlation, Point, association, points};
use crate::studies::measure::{ItemFigure, ItemVariant, Society, items};
use crate::studies::mixed::{Assignment, Coverage, EXHAUSTIVE_UP_TO, Mixed, Range, Tables, exhaustive, list, search};
use crate::studies::robustness::robustness;
use crate::studies::systems::{Choice, Source, System};

/// Resamples, permutations and the like.
const DRAWS: usize = 1000;

/// Permutations behind a p.
const PERMUTATIONS: usize = 10_000;

/// Carries the command out.
pub fn execute(args: &StudyArgs, form: Form) -> Exit {
    let done = match &args.kind {
        StudyKind::MixedBackbones(mixed) => mixed_backbones(mixed, form),
        StudyKind::Compositions(composition) => of_compositions(composition, form),
        StudyKind::Landscape(landscape) => of_landscape(landscape, form),
        StudyKind::Sensitivity(studied) => sensitivity(studied, form),
    };
    match done {
        Ok(()) => Exit::Done,
        Err(errors) => {
            errors.iter().for_each(complain_of);
            Exit::Mistake
        }
    }
}

/// What a study is made of.
struct Material {
    source: Source,
    systems: Vec<System>,
    references: Vec<ReferenceSheet>,
    spans: Vec<u32>,
    streams: Streams,
    how: String,
}

impl Material {
    fn of(args: &Studied) -> Result<Self, Vec<AssetError>> {
        let choice = Choice { cultures: args.cultures.clone(), systems: args.systems.clone(), round: args.round };
        let source = Source::read(&args.dir, args.base.as_deref().unwrap_or(Path::new("")), &choice)?;
        let rule = args.parse.map_or(ParseRule::Paper, ParseRule::from);
        let statistic = args.statistic.map_or(Statistic::Mode, Statistic::from);
        let coding = args.coding.map_or(Coding::AsPublished, Coding::from);
        let systems = source.systems(rule);
        if systems.is_empty() {
            return Err(vec![AssetError::new("all answers are missing: there is no system to study")]);
        }
        let sheet = |code: &Arc<str>| source.reference.sheet(code, &source.survey, statistic, coding);
        let read = if source.has_replies() { format!("replies read by rule {}, ", rule.name()) } else { String::new() };
        Ok(Self {
            references: source.cultures.iter().map(sheet).collect(),
            spans: source.survey.squared_spans(),
            streams: Streams::new(args.seed, "study", 0),
            how: format!(
                "{}; {} in round {}, {} items; {read}humans by {} ({})",
                source.cultures.iter().map(|code| &**code).collect::<Vec<_>>().join(" "),
                counted(systems.len() as u64, "system", "systems"),
                source.round,
                source.survey.len(),
                statistic.name(),
                coding.name()
            ),
            systems,
            source,
        })
    }

    fn draws(&self, what: &'static str) -> PurposeStreams {
        self.streams.of(Purpose(what))
    }

    fn names(&self) -> Vec<Arc<str>> {
        self.systems.iter().map(|system| system.name.clone()).collect()
    }
}

/// What `mixed-backbones --json` prints.
#[derive(Serialize)]
struct MixedReport<'a> {
    cultures: &'a [Arc<str>],
    backbones: Vec<Arc<str>>,
    #[serde(flatten)]
    mixed: &'a Mixed,
}

fn mixed_backbones(args: &MixedArgs, form: Form) -> Result<(), Vec<AssetError>> {
    let one = |error| vec![error];
    let material = Material::of(&args.studied)?;
    let (systems, cultures) = (&material.systems, &material.source.cultures);
    let tables = Tables::of(systems, cultures, &material.references, &material.spans).map_err(one)?;
    let mixed = match (tables.assignments(), args.search) {
        (_, Some(starts)) => search(&tables, starts, &mut material.draws("mixed.search").stream(AgentId(0), 0)),
        (Some(all), None) if all <= EXHAUSTIVE_UP_TO => exhaustive(&tables),
        _ => {
            return Err(vec![AssetError {
                message: format!(
                    "{} backbones for {} cultures make more than {EXHAUSTIVE_UP_TO} assignments",
                    systems.len(),
                    cultures.len()
                ),
                help: Some(
                    "--search N climbs from N random starts instead; --systems and --cultures choose fewer".to_owned(),
                ),
            }]);
        }
    };
    if let Some(folder) = &args.table {
        if mixed.coverage == Coverage::Searched {
            return Err(vec![AssetError::new(
                "the table holds all assignments, and a search does not go through them",
            )]);
        }
        write_table(&tables, folder).map_err(one)?;
    }
    let names = material.names();
    if form == Form::Json {
        say_json(&MixedReport { cultures, backbones: names, mixed: &mixed });
        return Ok(());
    }
    say(&format!("{}\n", material.how));
    tell_mixed(&mixed, &names, cultures);
    if let Some(folder) = &args.table {
        say(&format!("\nAll assignments: {}", folder.join("assignments.parquet").display()));
    }
    Ok(())
}

fn tell_mixed(mixed: &Mixed, names: &[Arc<str>], cultures: &[Arc<str>]) {
    say(&match mixed.coverage {
        Coverage::Exhaustive => format!("{} assignments, all there are", mixed.assignments),
        Coverage::Searched => {
            format!("{} assignments met by the search, not all: extremes may lie beyond", mixed.assignments)
        }
    });
    let range = |name: &str, range: &Range| {
        vec![name.to_owned(), figure(Some(range.min), 2), figure(Some(range.mean), 2), figure(Some(range.max), 2)]
    };
    say(&table(
        &["over assignments", "least", "mean", "most"],
        &[
            range("diversity (Diversity_P)", &mixed.pairwise_diversity),
            range("tree (Diversity_S)", &mixed.structural_diversity),
            range("alignment", &mixed.alignment),
        ],
    ));
    let words = |assignment: &Assignment| {
        let each = cultures.iter().zip(&assignment.backbones);
        each.map(|(code, &backbone)| format!("{code} {}", names[usize::from(backbone)])).collect::<Vec<_>>().join(", ")
    };
    let row = |label: String, assignment: &Assignment, words: String| {
        let f = assignment.figures;
        let figures = [f.pairwise_diversity, f.structural_diversity, f.alignment].map(|value| figure(Some(value), 2));
        [vec![label], figures.to_vec(), vec![words]].concat()
    };
    let mut rows: Vec<Vec<String>> = mixed.frontier.iter().map(|a| row("mixed".to_owned(), a, words(a))).collect();
    rows.extend(
        mixed
            .single_frontier
            .iter()
            .map(|&single| row("single".to_owned(), &mixed.singles[single], names[single].to_string())),
    );
    say(&format!(
        "\nFrontier: no other assignment is better in both diversity and alignment\n{}",
        table(&["", "diversity", "tree", "alignment", "backbones"], &rows)
    ));
    let rows: Vec<Vec<String>> = mixed
        .gains
        .iter()
        .map(|gain| {
            let two =
                |(diversity, alignment): (f64, f64)| [signed(Some(diversity), 2), signed(Some(alignment), 2)].to_vec();
            [
                vec![gain.point.to_owned(), names[gain.best_single].to_string()],
                two(gain.over_best),
                vec![names[gain.nearest_single].to_string()],
                two(gain.over_nearest),
            ]
            .concat()
        })
        .collect();
    let headers = ["mixed", "best single", "diversity", "alignment", "nearest single", "diversity", "alignment"];
    say(&format!("\nGains over single backbones, in points\n{}", table(&headers, &rows)));
    say("These are extremes over many assignments of single answers: part of every gain is chance.");
}

/// `assignments.parquet`: one row an assignment, in order, the last culture's backbone fastest.
static ASSIGNMENTS: TableSpec = TableSpec {
    name: "assignments",
    columns: &[
        ("assignment", ColumnKind::Integer),
        ("pairwise_diversity", ColumnKind::Real),
        ("structural_diversity", ColumnKind::Real),
        ("alignment", ColumnKind::Real),
    ],
};

fn write_table(tables: &Tables, folder: &Path) -> Result<(), AssetError> {
    const PORTION: usize = 1 << 20;
    let failed = |error: &dyn std::fmt::Display| AssetError::new(format!("cannot write {}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut writer = TableWriter::create(folder, &ASSIGNMENTS).map_err(|error| failed(&error))?;
    let mut columns: [Vec<Option<f64>>; 3] = Default::default();
    let (mut next, mut broken) = (0_i64, None);
    let mut flush = |columns: &mut [Vec<Option<f64>>; 3]| {
        let rows = columns[0].len() as i64;
        let [p, s, a] = std::mem::take(columns);
        let numbers = Column::Integer((next..next + rows).map(Some).collect());
        next += rows;
        if let Err(error) = writer.append(&[numbers, Column::Real(p), Column::Real(s), Column::Real(a)]) {
            broken.get_or_insert(error);
        }
    };
    list(tables, |figures| {
        let values = [figures.pairwise_diversity, figures.structural_diversity, figures.alignment];
        columns.iter_mut().zip(values).for_each(|(column, value)| column.push(Some(value)));
        if columns[0].len() == PORTION {
            flush(&mut columns);
        }
    });
    flush(&mut columns);
    match broken {
        Some(error) => Err(failed(&error)),
        None => writer.finish().map_err(|error| failed(&error)),
    }
}

/// A system's subsets.
#[derive(Serialize)]
struct Composed {
    system: Arc<str>,
    sizes: Vec<OfSize>,
}

fn of_compositions(args: &CompositionArgs, form: Form) -> Result<(), Vec<AssetError>> {
    let material = Material::of(&args.studied)?;
    let cultures = &material.source.cultures;
    let c = cultures.len();
    if c > MOST_CULTURES {
        return Err(vec![AssetError::new(format!("{c} cultures have too many subsets: at most {MOST_CULTURES}"))]);
    }
    if let Some(&size) = args.sizes.iter().find(|&&size| !(2..=c).contains(&size)) {
        return Err(vec![AssetError::new(format!("subsets of {c} cultures have 2 to {c} of them, not {size}"))]);
    }
    let mut all = Vec::with_capacity(material.systems.len() + 1);
    let human =
        |a: usize, b: usize| between_references(&material.references[a], &material.references[b], &material.spans).0;
    all.push(composed("humans", cultures, human)?);
    for system in &material.systems {
        let id = |place: usize| AgentId(place as u32);
        let distance = |a: usize, b: usize| between_agents(&system.sheets, &material.spans, id(a), id(b)).percent();
        all.push(composed(&system.name, cultures, distance)?);
    }
    let wanted = |size: usize| args.sizes.is_empty() || args.sizes.contains(&size);
    all.iter_mut().for_each(|system| system.sizes.retain(|of| wanted(of.cultures)));
    if form == Form::Json {
        say_json(&serde_json::json!({ "cultures": cultures, "quantiles": QUANTILES, "systems": all }));
        return Ok(());
    }
    say(&format!("{}\n", material.how));
    let humans = all[0].sizes.clone();
    for system in &all {
        say(&format!(
            "{}: Diversity_P over all subsets of cultures\n{}\n",
            system.system,
            sizes(system, &humans, cultures)
        ));
    }
    say(
        "Gap: the largest Diversity_P of the system less that of the humans, in points and relative to it; the subsets may differ.",
    );
    Ok(())
}

fn composed(
    name: &str,
    cultures: &[Arc<str>],
    distance: impl Fn(usize, usize) -> Option<f64>,
) -> Result<Composed, Vec<AssetError>> {
    let c = cultures.len();
    let mut distances = vec![0.0; c * c];
    for a in 0..c {
        for b in a + 1..c {
            let found = distance(a, b).ok_or_else(|| {
                vec![AssetError::new(format!("{name}: {} and {} have no item in common", cultures[a], cultures[b]))]
            })?;
            distances[a * c + b] = found;
            distances[b * c + a] = found;
        }
    }
    Ok(Composed { system: Arc::from(name), sizes: compositions(&distances, c) })
}

fn sizes(system: &Composed, humans: &[OfSize], cultures: &[Arc<str>]) -> String {
    let members =
        |places: &[u8]| places.iter().map(|&place| &*cultures[usize::from(place)]).collect::<Vec<_>>().join(" ");
    let rows: Vec<Vec<String>> = system
        .sizes
        .iter()
        .zip(humans)
        .map(|(of, human)| {
            let two = |value: f64| figure(Some(value), 2);
            let [low, _, middle, _, high] = of.quantiles.map(two);
            let mut row =
                vec![of.cultures.to_string(), of.subsets.to_string(), two(of.min), low, middle, high, two(of.max)];
            if &*system.system != "humans" {
                row.push(signed(Some(of.max - human.max), 2));
                row.push(format!("{:+.1}", (of.max - human.max) / human.max * 100.0));
            }
            row.push(members(&of.most));
            row
        })
        .collect();
    let mut headers = vec!["cultures", "subsets", "least", "5 %", "middle", "95 %", "most"];
    if &*system.system != "humans" {
        headers.extend(["gap", "gap %"]);
    }
    headers.push("most diverse");
    table(&headers, &rows)
}

/// What `landscape --json` prints.
#[derive(Serialize)]
struct LandscapeReport<'a> {
    cultures: &'a [Arc<str>],
    points: &'a [Point],
    association: &'a Association,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<(Arc<str>, Vec<ItemFigure>)>,
}

fn of_landscape(args: &LandscapeArgs, form: Form) -> Result<(), Vec<AssetError>> {
    let material = Material::of(&args.studied)?;
    let survey = &material.source.survey;
    let resamples = Resamples::draw(survey.len(), DRAWS, &material.draws("landscape.items"));
    let found = points(survey, &material.systems, &material.references, &resamples);
    let pairs: Vec<(f64, f64)> = found.iter().filter_map(|p| p.pairwise_diversity.zip(p.alignment)).collect();
    let association = association(&pairs, PERMUTATIONS, &material.draws("landscape.systems"));
    let tables = item_tables(args, &material)?;
    if form == Form::Json {
        let cultures = &material.source.cultures;
        say_json(&LandscapeReport { cultures, points: &found, association: &association, items: tables });
        return Ok(());
    }
    say(&format!("{}\n", material.how));
    let cell = |value: Option<f64>, interval: Option<(f64, f64)>| match interval {
        Some((lower, upper)) => format!("{} [{lower:.2}, {upper:.2}]", figure(value, 2)),
        None => figure(value, 2),
    };
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|point| {
            let [p, s, a] = point.intervals;
            vec![
                point.system.to_string(),
                cell(point.pairwise_diversity, p),
                cell(point.structural_diversity, s),
                cell(point.alignment, a),
            ]
        })
        .collect();
    say(&table(&["system", "diversity", "tree", "alignment"], &rows));
    let coefficient = |name: &str, Correlation { coefficient, p, interval }: Correlation| match (coefficient, p) {
        (Some(coefficient), Some(p)) => {
            let interval = interval.map_or("no interval".to_owned(), |(low, high)| format!("{low:+.3} to {high:+.3}"));
            format!("{name} {coefficient:+.3}, p {p:.4}, 95 % interval {interval}")
        }
        _ => format!("{name}: fewer than three systems, or figures that do not vary"),
    };
    say(&format!(
        "\nDiversity against alignment over {}\n{}\n{}",
        counted(association.systems as u64, "system", "systems"),
        coefficient("Pearson's r", association.pearson),
        coefficient("Spearman's ρ", association.spearman)
    ));
    say(&format!(
        "Intervals of figures: {DRAWS} resamples of the items. p and intervals of coefficients: {PERMUTATIONS} permutations and \
         resamples of the systems."
    ));
    for (system, items) in tables {
        let row = |item: &ItemFigure| vec![item.item.to_string(), figure(item.diversity, 3), figure(item.alignment, 3)];
        let rows: Vec<Vec<String>> = items.iter().map(row).collect();
        say(&format!("\n{system}, item by item\n{}", table(&["item", "D_q", "A_q"], &rows)));
    }
    Ok(())
}

/// D_q and A_q of the systems that are asked for.
fn item_tables(args: &LandscapeArgs, material: &Material) -> Result<Vec<(Arc<str>, Vec<ItemFigure>)>, Vec<AssetError>> {
    let cultures = &material.source.cultures;
    let references = cultures.iter().cloned().zip(material.references.iter().cloned()).collect();
    args.items
        .iter()
        .map(|wanted| {
            let system =
                material.systems.iter().find(|system| *system.name == **wanted).ok_or_else(|| {
                    vec![AssetError::new(format!("there is no system `{wanted}` among those studied"))]
                })?;
            let society = Society { cultures: cultures.clone(), sheets: system.sheets.clone() };
            Ok((system.name.clone(), items(&society, &material.source.survey, &references, ItemVariant::Plain)))
        })
        .collect()
}

fn sensitivity(args: &Studied, form: Form) -> Result<(), Vec<AssetError>> {
    let material = Material::of(args)?;
    let found = robustness(&material.source);
    if form == Form::Json {
        say_json(&found);
        return Ok(());
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|way| {
            let two = |value: Option<f64>| figure(value, 2);
            let name = |name: &Option<Arc<str>>| name.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string);
            vec![
                way.choice.to_owned(),
                way.items.to_string(),
                two(way.pairwise_diversity),
                two(way.human_pairwise_diversity),
                format!("{} of {}", way.below_humans.0, way.below_humans.1),
                two(way.structural_diversity),
                two(way.human_structural_diversity),
                two(way.alignment),
                signed(way.pearson, 3),
                signed(way.spearman, 3),
                name(&way.most_diverse),
                name(&way.most_aligned),
            ]
        })
        .collect();
    let headers = [
        "choice",
        "items",
        "diversity",
        "humans",
        "below",
        "tree",
        "humans",
        "alignment",
        "r",
        "ρ",
        "most diverse",
        "most aligned",
    ];
    say(&format!(
        "{}, {}\n\n{}",
        material.source.cultures.iter().map(|code| &**code).collect::<Vec<_>>().join(" "),
        counted(material.systems.len() as u64, "system", "systems"),
        table(&headers, &rows)
    ));
    say(
        "Diversity, tree and alignment are means over systems; r and ρ are of diversity and alignment over them. The first line is \
         the published way; each other line changes one choice.",
    );
    Ok(())
}
