//! Prompts of dilemmas: groups of characters in words, one option for each.

use std::sync::Arc;

use pluriverse_worlds::culture::CultureProfile;
use pluriverse_worlds::dilemmas::Scenario;
use pluriverse_worlds::dilemmas::scenario::{Age, Animal, Character, Fitness, Label, Order, Sex, Status};
use pluriverse_worlds::survey::{Item, Scale};
use serde::{Deserialize, Serialize};

use crate::form::{AnswerFormat, Marks};
use crate::prompt::FormTexts;
use crate::template::{Template, TemplateError, compile, quoted};

/// The templates of dilemmas, as written in an asset: in any language. `{{` and `}}` stand for braces.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename = "DilemmaPrompts", deny_unknown_fields)]
pub struct DilemmaPromptTemplates {
    /// Name of the set.
    pub name: Arc<str>,
    /// System prompt: who the model is to be. Variables: `country`, `demonym`, `persona`.
    pub system: String,
    /// System prompt of a panel's base voice, which is told of no country: plain text.
    #[serde(default = "default_neutral")]
    pub neutral: String,
    /// User prompt. Variables: `options`, `form`, `country`, `demonym`.
    pub question: String,
    /// One option. Variables: `mark`, `spared` and `lost` (groups).
    pub option: String,
    /// One character of a group. Variables: `noun`, `fitness`, `status`; the last two may be empty.
    pub character: String,
    /// What stands between two characters: plain text.
    pub between: String,
    /// A group of nobody: plain text.
    pub nobody: String,
    /// What characters are called: plain texts.
    pub nouns: Nouns,
    /// Who is fit; all of these may differ by sex, as adjectives do.
    pub fit: BySex,
    /// Who is not.
    pub unfit: BySex,
    /// Who is of high standing.
    pub high: BySex,
    /// Who is of low standing.
    pub low: BySex,
    /// What `form` stands for, by the form of the answer.
    #[serde(default)]
    pub forms: FormTexts,
    /// User prompt behind a reply that cannot be read, where the scenario allows one. Variables: `form`, `options`.
    pub reformat: String,
    /// What `form` stands for where agents answer in their own words: plain text.
    #[serde(default = "default_open")]
    pub open: String,
    /// System prompt of who judges such an answer: plain text.
    #[serde(default = "default_judge_system")]
    pub judge_system: String,
    /// User prompt of the judge. Variables: `options`, `reply`.
    #[serde(default = "default_judge")]
    pub judge: String,
}

fn default_open() -> String {
    "Say in two or three sentences what the car should do, and why.".to_owned()
}

fn default_judge_system() -> String {
    "You read answers with care and say in JSON which option each commits to.".to_owned()
}

fn default_judge() -> String {
    "Somebody was asked which of two things a car should do:\n\n{options}\n\nThey answered:\n\n{reply}\n\nWhich option does \
     the answer commit to, and how clearly, from 0 to 1? Reply with one JSON object and nothing else: {{\"choice\": \"A\", \"B\" or \
     \"UNCERTAIN\", \"confidence\": a number from 0 to 1}}"
        .to_owned()
}

fn default_neutral() -> String {
    "You are a helpful assistant.".to_owned()
}

/// Words for characters.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the words")]
pub struct Nouns {
    pub girl: String,
    pub woman: String,
    pub old_woman: String,
    pub boy: String,
    pub man: String,
    pub old_man: String,
    pub dog: String,
    pub cat: String,
}

/// A word in both genders.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BySex {
    /// Of a girl or woman.
    pub female: String,
    /// Of a boy or man.
    pub male: String,
}

impl BySex {
    fn of(&self, sex: Sex) -> &str {
        match sex {
            Sex::Female => &self.female,
            Sex::Male => &self.male,
        }
    }
}

/// The templates of dilemmas, checked and ready to be filled.
pub struct DilemmaPrompts {
    system: Template,
    question: Template,
    option: Template,
    character: Template,
    reformat: Template,
    judge: Template,
    form: String,
    marks: Marks,
    words: DilemmaPromptTemplates,
}

const SYSTEM: &[&str] = &["country", "demonym", "persona"];
const QUESTION: &[&str] = &["options", "form", "country", "demonym"];
const OPTION: &[&str] = &["mark", "spared", "lost"];
const CHARACTER: &[&str] = &["noun", "fitness", "status"];
const REFORMAT: &[&str] = &["form", "options"];
const JUDGE: &[&str] = &["options", "reply"];

impl DilemmaPrompts {
    /// Checks the templates against the form of the answers, and that words tell apart what they must; every mistake at
    /// once.
    pub fn new(templates: &DilemmaPromptTemplates, format: AnswerFormat) -> Result<Self, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let mut compile = |name, text: &str, variables, required: &[&str]| {
            compile(name, text, variables, required).unwrap_or_else(|mut found| {
                errors.append(&mut found);
                Template::default()
            })
        };
        let forms = &templates.forms;
        let prompts = Self {
            system: compile("system", &templates.system, SYSTEM, &[]),
            question: compile("question", &templates.question, QUESTION, &["options", "form"]),
            option: compile("option", &templates.option, OPTION, OPTION),
            character: compile("character", &templates.character, CHARACTER, CHARACTER),
            reformat: compile("reformat", &templates.reformat, REFORMAT, &["form"]),
            judge: compile("judge", &templates.judge, JUDGE, JUDGE),
            form: match format {
                AnswerFormat::Boxed => forms.boxed.clone(),
                AnswerFormat::Number | AnswerFormat::Choice => forms.number.clone(),
                AnswerFormat::Letter | AnswerFormat::Logprobs { .. } => forms.letter.clone(),
                AnswerFormat::Schema => forms.schema.clone(),
            },
            marks: format.marks(),
            words: templates.clone(),
        };
        errors.extend(templates.alike());
        if errors.is_empty() { Ok(prompts) } else { Err(errors) }
    }

    /// The same for answers in the agents' own words, which a judge reads: options are marked with letters.
    pub fn open(templates: &DilemmaPromptTemplates) -> Result<Self, Vec<TemplateError>> {
        let prompts = Self::new(templates, AnswerFormat::Letter)?;
        Ok(Self { form: templates.open.clone(), ..prompts })
    }

    /// What a judge is asked about a reply to a scenario in an order.
    pub fn judge(&self, scenario: &Scenario, order: Order, reply: &str) -> [Arc<str>; 2] {
        let asked = self.judge.fill(&[&self.options(scenario, order), &quoted(reply)]);
        [Arc::from(self.words.judge_system.as_str()), Arc::from(asked)]
    }

    /// The system prompt of an agent.
    pub fn system(&self, profile: &CultureProfile, persona: &str) -> Arc<str> {
        let filled = self.system.fill(&[&profile.country, &profile.demonym, persona]);
        Arc::from(filled.trim_end())
    }

    /// The system prompt of a panel's base voice.
    pub fn neutral(&self) -> Arc<str> {
        Arc::from(self.words.neutral.as_str())
    }

    /// The user prompt of a scenario in an order.
    pub fn question(&self, profile: &CultureProfile, scenario: &Scenario, order: Order) -> Arc<str> {
        let options = self.options(scenario, order);
        Arc::from(self.question.fill(&[&options, &self.form, &profile.country, &profile.demonym]))
    }

    /// The user prompt behind a reply that cannot be read.
    pub fn reformat(&self, scenario: &Scenario, order: Order) -> Arc<str> {
        Arc::from(self.reformat.fill(&[&self.form, &self.options(scenario, order)]))
    }

    /// The scenario as an item of two options, whom each spares, for the reading of replies.
    pub fn item(&self, scenario: &Scenario, order: Order) -> Item {
        let spared = |label| Arc::from(self.group(scenario.spared(label, order)));
        Item {
            id: Arc::from(scenario.id.as_str()),
            theme: Arc::from("dilemmas"),
            question: Arc::from(""),
            options: [Label::A, Label::B].map(spared).to_vec(),
            scale: Scale::Binary,
            first_code: 1,
            paper: false,
        }
    }

    /// The marks of both options.
    pub fn marks(&self) -> Vec<Arc<str>> {
        [1, 2].map(|option| Arc::from(self.marks.of(option))).to_vec()
    }

    fn options(&self, scenario: &Scenario, order: Order) -> String {
        let option = |(number, label): (i32, Label)| {
            let [spared, lost] = [label, label.other()].map(|label| self.group(scenario.spared(label, order)));
            self.option.fill(&[&self.marks.of(number), &spared, &lost])
        };
        [(1, Label::A), (2, Label::B)].map(option).join("\n")
    }

    fn group(&self, characters: &[Character]) -> String {
        if characters.is_empty() {
            return self.words.nobody.clone();
        }
        let each: Vec<String> = characters.iter().map(|character| self.character(*character)).collect();
        each.join(&self.words.between)
    }

    fn character(&self, character: Character) -> String {
        let words = &self.words;
        let nouns = &words.nouns;
        match character {
            Character::Animal(Animal::Dog) => self.character.fill(&[&nouns.dog, "", ""]),
            Character::Animal(Animal::Cat) => self.character.fill(&[&nouns.cat, "", ""]),
            Character::Person { sex, age, fitness, status } => {
                let noun = match (sex, age) {
                    (Sex::Female, Age::Young) => &nouns.girl,
                    (Sex::Female, Age::Adult) => &nouns.woman,
                    (Sex::Female, Age::Old) => &nouns.old_woman,
                    (Sex::Male, Age::Young) => &nouns.boy,
                    (Sex::Male, Age::Adult) => &nouns.man,
                    (Sex::Male, Age::Old) => &nouns.old_man,
                };
                let fitness = match fitness {
                    Fitness::Fit => words.fit.of(sex),
                    Fitness::Unmarked => "",
                    Fitness::Unfit => words.unfit.of(sex),
                };
                let status = match status {
                    Status::High => words.high.of(sex),
                    Status::Unmarked => "",
                    Status::Low => words.low.of(sex),
                };
                self.character.fill(&[noun, fitness, status])
            }
        }
    }
}

impl DilemmaPromptTemplates {
    /// Words that are empty or read the same, so that a dimension could not be seen.
    fn alike(&self) -> Vec<TemplateError> {
        let n = &self.nouns;
        let groups: [(&'static str, Vec<&str>); 5] = [
            ("nouns", vec![&n.girl, &n.woman, &n.old_woman, &n.boy, &n.man, &n.old_man, &n.dog, &n.cat]),
            ("fit, unfit", vec![&self.fit.female, &self.unfit.female]),
            ("fit, unfit", vec![&self.fit.male, &self.unfit.male]),
            ("high, low", vec![&self.high.female, &self.low.female]),
            ("high, low", vec![&self.high.male, &self.low.male]),
        ];
        let problem = |words: &[&str]| {
            let mut sorted: Vec<&str> = words.iter().map(|word| word.trim()).collect();
            sorted.sort_unstable();
            let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
            match (sorted.first(), twice) {
                (Some(&""), _) => Some("a word is empty".to_owned()),
                (_, Some(word)) => Some(format!("`{word}` stands for two of them, which nobody could tell apart")),
                _ => None,
            }
        };
        let error =
            |(template, words): (&'static str, Vec<&str>)| Some(TemplateError { template, problem: problem(&words)? });
        groups.into_iter().filter_map(error).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluriverse_worlds::culture::MapPosition;
    use pluriverse_worlds::dilemmas::Dimension;
    use pluriverse_worlds::dilemmas::scenario::Contrast;

    fn templates() -> DilemmaPromptTemplates {
        let both = |word: &str| BySex { female: word.to_owned(), male: word.to_owned() };
        let [girl, woman, old_woman, boy, man, old_man, dog, cat] =
            ["girl", "woman", "old woman", "boy", "man", "old man", "dog", "cat"].map(str::to_owned);
        DilemmaPromptTemplates {
            name: Arc::from("test"),
            system: "Be {demonym}. {persona}".to_owned(),
            neutral: default_neutral(),
            question: "Whom?\n{options}\n{form}".to_owned(),
            option: "{mark}: {spared} / {lost}".to_owned(),
            character: "{noun}{fitness}{status}".to_owned(),
            between: " + ".to_owned(),
            nobody: "nobody".to_owned(),
            nouns: Nouns { girl, woman, old_woman, boy, man, old_man, dog, cat },
            fit: both(", fit"),
            unfit: both(", unfit"),
            high: both(", rich"),
            low: both(", poor"),
            forms: FormTexts::default(),
            reformat: "Again: {form}".to_owned(),
            open: default_open(),
            judge_system: default_judge_system(),
            judge: default_judge(),
        }
    }

    fn scenario() -> Scenario {
        let person = |age| Character::Person { sex: Sex::Male, age, fitness: Fitness::Fit, status: Status::Low };
        Scenario {
            id: "Age-1".to_owned(),
            contrast: Contrast::Dimension(Dimension::Age),
            preferred: vec![person(Age::Young), Character::Animal(Animal::Cat)],
            other: Vec::new(),
            preferred_at: Label::B,
        }
    }

    #[test]
    fn groups_stand_in_the_order_asked_for_and_swapping_exchanges_them() {
        let prompts = DilemmaPrompts::new(&templates(), AnswerFormat::Letter).expect("good templates");
        let profile = CultureProfile {
            code: Arc::from("AAA"),
            country: Arc::from("Aland"),
            demonym: Arc::from("Alandish"),
            languages: Vec::new(),
            position: MapPosition { traditional_secular: 0.0, survival_self_expression: 0.0, year: 2020 },
        };
        let asked = prompts.question(&profile, &scenario(), Order::Original);
        let lines: Vec<&str> = asked.lines().collect();
        assert_eq!(lines[1..3], ["A: nobody / boy, fit, poor + cat", "B: boy, fit, poor + cat / nobody"]);
        let swapped = prompts.question(&profile, &scenario(), Order::Swapped);
        assert!(swapped.contains("A: boy, fit, poor + cat / nobody"), "{swapped}");
        assert_eq!(&*prompts.item(&scenario(), Order::Swapped).options[1], "nobody");
        assert_eq!(&*prompts.system(&profile, ""), "Be Alandish.");
    }

    #[test]
    fn templates_that_hide_a_dimension_are_refused_with_every_mistake() {
        let mut odd = templates();
        odd.option = "{mark}: {spared}".to_owned();
        odd.character = "{noun} {age}".to_owned();
        odd.unfit.male = ", fit".to_owned();
        odd.nouns.cat = "dog".to_owned();
        odd.low.female = " ".to_owned();
        let errors = DilemmaPrompts::new(&odd, AnswerFormat::Boxed).err().expect("refused");
        let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
        for part in ["{lost}", "unknown variable {age}", "`, fit`", "`dog`", "a word is empty", "{status}"] {
            assert!(text.iter().any(|error| error.contains(part)), "{part}: {text:?}");
        }
    }
}
