//! Profiles in words, for a prompt.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Profile;
use super::dimensions::Dimensions;
use super::traits::{AgeBand, Education, Income, Religion, Residence, Sex};
use crate::template::{Template, TemplateError, compile};

/// How profiles are put into words, as an asset or in a study's own language. `{{` and `}}` stand for braces.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileTemplates {
    /// Name of the set.
    pub name: Arc<str>,
    /// The whole: who somebody is and what they hold. Variables: `person`, `values`.
    pub whole: String,
    /// Who somebody is; left out where no trait is told. Variable: `traits`.
    pub person: String,
    /// What stands between two traits.
    pub between: String,
    /// What stands between the sentences of two value dimensions.
    pub between_values: String,
    /// Ages.
    pub ages: AgeWords,
    /// Sex.
    pub sex: SexWords,
    /// Education.
    pub education: EducationWords,
    /// Income.
    pub income: IncomeWords,
    /// Urban or rural.
    pub residence: ResidenceWords,
    /// Denomination.
    pub religion: ReligionWords,
    /// Region. Variable: `region`.
    pub region: String,
    /// Names of regions by their code in the survey file. A region that is a bare number and has no name is not told.
    #[serde(default)]
    pub regions: BTreeMap<Arc<str>, String>,
    /// Words for the levels of value dimensions in place of those of the dimensions themselves, by id: as many as the
    /// dimension has levels, the most of it first.
    #[serde(default)]
    pub values: BTreeMap<Arc<str>, Vec<String>>,
}

/// Ages in words. Variables: `first` and `last` age, `next` age after the last.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeWords {
    /// A band from 0 up.
    pub below: String,
    /// A band with two ends.
    pub within: String,
    /// A band without an upper end.
    pub above: String,
}

/// Sex in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SexWords {
    /// [`Sex::Male`].
    pub male: String,
    /// [`Sex::Female`].
    pub female: String,
    /// Not told, where other traits are.
    pub unsaid: String,
}

/// Education in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EducationWords {
    /// [`Education::Lower`].
    pub lower: String,
    /// [`Education::Middle`].
    pub middle: String,
    /// [`Education::Higher`].
    pub higher: String,
}

/// Income in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncomeWords {
    /// [`Income::Low`].
    pub low: String,
    /// [`Income::Medium`].
    pub medium: String,
    /// [`Income::High`].
    pub high: String,
}

/// Urban or rural in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidenceWords {
    /// [`Residence::Urban`].
    pub urban: String,
    /// [`Residence::Rural`].
    pub rural: String,
}

/// Denominations in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReligionWords {
    /// [`Religion::None`].
    pub none: String,
    /// [`Religion::Catholic`].
    pub catholic: String,
    /// [`Religion::Protestant`].
    pub protestant: String,
    /// [`Religion::Orthodox`].
    pub orthodox: String,
    /// [`Religion::Jewish`].
    pub jewish: String,
    /// [`Religion::Muslim`].
    pub muslim: String,
    /// [`Religion::Hindu`].
    pub hindu: String,
    /// [`Religion::Buddhist`].
    pub buddhist: String,
    /// [`Religion::OtherChristian`].
    pub other_christian: String,
    /// [`Religion::Other`].
    pub other: String,
}

/// Checked templates and the dimensions they tell of.
pub struct ProfileWords {
    texts: ProfileTemplates,
    dimensions: Dimensions,
    whole: Template,
    person: Template,
    region: Template,
    below: Template,
    within: Template,
    above: Template,
}

impl ProfileWords {
    /// Checks the templates, and the words for levels against the dimensions.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn new(templates: &ProfileTemplates, dimensions: &Dimensions) -> Result<Self, Vec<TemplateError>> {
        let mut errors = wrong_values(templates, dimensions);
        let mut checked = |name, text: &str, variables: &[&str], required: &[&str]| {
            compile(name, text, variables, required).unwrap_or_else(|found| {
                errors.extend(found);
                Template::default()
            })
        };
        let ages = &["first", "last", "next"];
        let whole = checked("whole", &templates.whole, &["person", "values"], &["person", "values"]);
        let person = checked("person", &templates.person, &["traits"], &["traits"]);
        let region = checked("region", &templates.region, &["region"], &["region"]);
        let below = checked("ages.below", &templates.ages.below, ages, &["last|next"]);
        let within = checked("ages.within", &templates.ages.within, ages, &["first", "last|next"]);
        let above = checked("ages.above", &templates.ages.above, &["first"], &["first"]);
        if !errors.is_empty() {
            return Err(errors);
        }
        let (texts, dimensions) = (templates.clone(), dimensions.clone());
        Ok(Self { texts, dimensions, whole, person, region, below, within, above })
    }

    /// A profile in words: its traits, then its values in the order of the dimensions. What it does not tell is not
    /// told, nor are levels and dimensions there are none of (see [`Profile::faults`]); an empty profile has no words.
    pub fn of(&self, profile: &Profile) -> Arc<str> {
        let traits = self.traits(profile);
        let person = if traits.is_empty() { String::new() } else { self.person.fill(&[&traits]) };
        let values = self.values(profile);
        if person.is_empty() && values.is_empty() {
            return Arc::from("");
        }
        Arc::from(self.whole.fill(&[&person, &values]).trim())
    }

    fn traits(&self, profile: &Profile) -> String {
        let texts = &self.texts;
        let others = [
            profile.age.map(|band| self.age(band)),
            profile.education.map(|education| texts.education.of(education).to_owned()),
            profile.income.map(|income| texts.income.of(income).to_owned()),
            profile.residence.map(|residence| texts.residence.of(residence).to_owned()),
            profile.region.as_deref().and_then(|region| self.region(region)),
            profile.religion.map(|religion| texts.religion.of(religion).to_owned()),
        ];
        let others: Vec<String> = others.into_iter().flatten().collect();
        if others.is_empty() && profile.sex.is_none() {
            return String::new();
        }
        let sex = match profile.sex {
            Some(Sex::Male) => &texts.sex.male,
            Some(Sex::Female) => &texts.sex.female,
            None => &texts.sex.unsaid,
        };
        let told: Vec<String> = [sex.clone()].into_iter().chain(others).filter(|words| !words.is_empty()).collect();
        told.join(&texts.between)
    }

    fn age(&self, AgeBand { from, to }: AgeBand) -> String {
        let first = from.to_string();
        match to {
            None => self.above.fill(&[&first]),
            Some(last) => {
                let template = if from == 0 { &self.below } else { &self.within };
                template.fill(&[&first, &last.to_string(), &(u16::from(last) + 1).to_string()])
            }
        }
    }

    fn region(&self, region: &str) -> Option<String> {
        let named = self.texts.regions.get(region).map(String::as_str);
        let code = region.bytes().all(|byte| byte.is_ascii_digit());
        let name = named.or_else(|| (!code).then_some(region))?;
        Some(self.region.fill(&[name]))
    }

    fn values(&self, profile: &Profile) -> String {
        let words = self.dimensions.dimensions.iter().filter_map(|dimension| {
            let place = usize::from(profile.values.get(&dimension.id)?.0);
            match self.texts.values.get(&dimension.id) {
                Some(words) => words.get(place).map(String::as_str),
                None => dimension.levels.get(place).map(|level| &*level.words),
            }
        });
        words.collect::<Vec<_>>().join(&self.texts.between_values)
    }
}

impl EducationWords {
    fn of(&self, education: Education) -> &str {
        match education {
            Education::Lower => &self.lower,
            Education::Middle => &self.middle,
            Education::Higher => &self.higher,
        }
    }
}

impl IncomeWords {
    fn of(&self, income: Income) -> &str {
        match income {
            Income::Low => &self.low,
            Income::Medium => &self.medium,
            Income::High => &self.high,
        }
    }
}

impl ResidenceWords {
    fn of(&self, residence: Residence) -> &str {
        match residence {
            Residence::Urban => &self.urban,
            Residence::Rural => &self.rural,
        }
    }
}

impl ReligionWords {
    fn of(&self, religion: Religion) -> &str {
        match religion {
            Religion::None => &self.none,
            Religion::Catholic => &self.catholic,
            Religion::Protestant => &self.protestant,
            Religion::Orthodox => &self.orthodox,
            Religion::Jewish => &self.jewish,
            Religion::Muslim => &self.muslim,
            Religion::Hindu => &self.hindu,
            Religion::Buddhist => &self.buddhist,
            Religion::OtherChristian => &self.other_christian,
            Religion::Other => &self.other,
        }
    }
}

fn wrong_values(templates: &ProfileTemplates, dimensions: &Dimensions) -> Vec<TemplateError> {
    let wrong = |(id, words): (&Arc<str>, &Vec<String>)| {
        let problem = match dimensions.by_id(id) {
            None => format!("there is no value dimension `{id}` in `{}`", dimensions.name),
            Some(dimension) if dimension.levels.len() != words.len() => {
                format!("`{id}` has {} levels, not {}", dimension.levels.len(), words.len())
            }
            Some(_) if words.iter().any(|words| words.trim().is_empty()) => format!("`{id}` has a level without words"),
            Some(_) => return None,
        };
        Some(TemplateError { template: "values", problem })
    };
    templates.values.iter().filter_map(wrong).collect()
}
