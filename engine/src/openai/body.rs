//! The body of a request.

use std::fmt::Write;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::KIND;
use crate::exchange::{Call, ModelIdentity};

/// Settings of a reply. What is `None` is not sent, and the server's own default holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sampling {
    /// Temperature.
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// Most tokens of a reply.
    pub max_tokens: Option<u64>,
    /// The number from which the seeds that are sent derive, a different one for every draw.
    pub seed: Option<u64>,
    /// Texts at which the model stops.
    pub stop: Vec<String>,
    /// Fields passed on as they are; they win over the ones above.
    pub extra: Map<String, Value>,
}

/// The form in which a reply is asked for, beyond what the prompt says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplyForm {
    /// Any text.
    Text,
    /// A JSON object `{"answer": …}` whose answer is one of the prompt's choices (`response_format`).
    Schema,
    /// One of the prompt's choices and nothing else.
    Choice(ChoiceField),
    /// Any text, with the log-probabilities of so many alternatives to every token.
    Logprobs {
        /// How many alternatives.
        top: u8,
    },
}

/// How a server is told to choose: there is no common way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum ChoiceField {
    /// `structured_outputs: {"choice": […]}` (vLLM from 0.12).
    #[default]
    StructuredOutputs,
    /// `guided_choice: […]` (vLLM before 0.12).
    GuidedChoice,
    /// `grammar: "root ::= …"` (llama.cpp).
    Grammar,
}

/// What all bodies of one backbone share, written once.
pub(super) struct Body {
    model: Arc<str>,
    /// `{"model":…` up to the messages.
    head: String,
    /// The settings, as fields behind the messages.
    tail: String,
    form: ReplyForm,
    sampling: Arc<str>,
    seed: Option<u64>,
}

impl Body {
    pub(super) fn new(model: &Arc<str>, sampling: &Sampling, form: ReplyForm) -> Self {
        let mut fields = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        };
        set("temperature", sampling.temperature.map(Value::from));
        set("top_p", sampling.top_p.map(Value::from));
        set("max_tokens", sampling.max_tokens.map(Value::from));
        set("stop", (!sampling.stop.is_empty()).then(|| Value::from(sampling.stop.clone())));
        if let ReplyForm::Logprobs { top } = form {
            set("logprobs", Some(Value::from(true)));
            set("top_logprobs", Some(Value::from(top)));
        }
        for (name, value) in &sampling.extra {
            set(name, Some(value.clone()));
        }
        let tail = fields.iter().fold(String::new(), |mut tail, (name, value)| {
            // Writing to a string cannot fail.
            let _ = write!(tail, ",{}:{value}", Value::from(name.as_str()));
            tail
        });
        // What a reply depends on besides the messages: the settings, and how the choices are put.
        let mut identity = fields;
        let put = match form {
            ReplyForm::Text | ReplyForm::Logprobs { .. } => None,
            ReplyForm::Schema => Some("schema"),
            ReplyForm::Choice(ChoiceField::StructuredOutputs) => Some("structured_outputs"),
            ReplyForm::Choice(ChoiceField::GuidedChoice) => Some("guided_choice"),
            ReplyForm::Choice(ChoiceField::Grammar) => Some("grammar"),
        };
        if let Some(put) = put {
            identity.insert("choices as".to_owned(), Value::from(put));
        }
        if let Some(seed) = sampling.seed {
            identity.insert("seed from".to_owned(), Value::from(seed));
        }
        Self {
            model: model.clone(),
            head: format!("{{\"model\":{},\"messages\":[", Value::from(&**model)),
            tail,
            form,
            sampling: Arc::from(sorted(identity)),
            seed: sampling.seed,
        }
    }

    pub(super) fn identity(&self) -> ModelIdentity {
        ModelIdentity { kind: KIND, model: self.model.clone(), sampling: self.sampling.clone(), seed: self.seed }
    }

    /// The body of one call.
    pub(super) fn write(&self, call: &Call) -> Box<RawValue> {
        let mut body = self.head.clone();
        for (index, message) in call.prompt.messages.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(body, "{comma}{{\"role\":\"{}\",\"content\":", message.role.name());
            // A string is always JSON.
            body.push_str(&serde_json::to_string(&*message.text).unwrap_or_default());
            body.push('}');
        }
        body.push(']');
        body.push_str(&self.tail);
        if let Some(seed) = call.seed {
            let _ = write!(body, ",\"seed\":{seed}");
        }
        if !call.prompt.choices.is_empty() {
            self.write_choices(&mut body, &call.prompt.choices);
        } else if let (ReplyForm::Schema, Some(schema)) = (self.form, &call.prompt.schema) {
            let _ = write!(
                body,
                ",\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"actions\",\"strict\":true,\
                 \"schema\":{schema}}}}}"
            );
        }
        body.push('}');
        RawValue::from_string(body).unwrap_or_default()
    }

    fn write_choices(&self, body: &mut String, choices: &[Arc<str>]) {
        let list = Value::from(choices.iter().map(|choice| Value::from(&**choice)).collect::<Vec<_>>());
        let _ = match self.form {
            ReplyForm::Text | ReplyForm::Logprobs { .. } => Ok(()),
            ReplyForm::Schema => write!(
                body,
                ",\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"answer\",\"strict\":true,\
                 \"schema\":{{\"type\":\"object\",\"properties\":{{\"answer\":{{\"type\":\"string\",\"enum\":{list}}}}},\
                 \"required\":[\"answer\"],\"additionalProperties\":false}}}}}}"
            ),
            ReplyForm::Choice(ChoiceField::StructuredOutputs) => {
                write!(body, ",\"structured_outputs\":{{\"choice\":{list}}}")
            }
            ReplyForm::Choice(ChoiceField::GuidedChoice) => write!(body, ",\"guided_choice\":{list}"),
            ReplyForm::Choice(ChoiceField::Grammar) => {
                let rules: Vec<String> = choices.iter().map(|choice| Value::from(&**choice).to_string()).collect();
                write!(body, ",\"grammar\":{}", Value::from(format!("root ::= {}", rules.join(" | "))))
            }
        };
    }
}

/// JSON that does not depend on the order in which settings were written.
fn sorted(fields: Map<String, Value>) -> String {
    let fields: std::collections::BTreeMap<String, Value> = fields.into_iter().collect();
    // Names and JSON values are JSON.
    serde_json::to_string(&fields).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::AgentId;
    use crate::exchange::{Message, Prompt, RequestId, Role};

    fn call(choices: &[&str], seed: Option<i64>) -> Call {
        let messages = vec![
            Message { role: Role::System, text: Arc::from("be \"somebody\"\n") },
            Message { role: Role::User, text: Arc::from("well?") },
        ];
        let choices = choices.iter().map(|choice| Arc::from(*choice)).collect();
        Call {
            id: RequestId { agent: AgentId(0), slot: 0, sample: 0, turn: 0 },
            endpoint: 0,
            prompt: Arc::new(Prompt { messages, choices, schema: None }),
            seed,
        }
    }

    fn written(sampling: &Sampling, form: ReplyForm, call: &Call) -> Value {
        let body = Body::new(&Arc::from("m"), sampling, form).write(call);
        serde_json::from_str(body.get()).expect("JSON")
    }

    #[test]
    fn only_what_is_set_is_sent_and_extras_pass_untouched() {
        let plain = written(&Sampling::default(), ReplyForm::Text, &call(&[], None));
        assert_eq!(plain.as_object().expect("an object").keys().collect::<Vec<_>>(), ["model", "messages"]);
        assert_eq!(plain["messages"][0]["content"], "be \"somebody\"\n");
        let mut extra = Map::new();
        extra.insert("top_k".to_owned(), Value::from(20));
        extra.insert("temperature".to_owned(), Value::from(0.3));
        let sampling = Sampling { temperature: Some(0.7), max_tokens: Some(64), extra, ..Sampling::default() };
        let full = written(&sampling, ReplyForm::Logprobs { top: 5 }, &call(&[], Some(7)));
        assert_eq!(full["temperature"], 0.3);
        assert_eq!((&full["top_k"], &full["max_tokens"]), (&Value::from(20), &Value::from(64)));
        assert_eq!((&full["logprobs"], &full["top_logprobs"]), (&Value::from(true), &Value::from(5)));
        assert_eq!(full["seed"], 7);
    }

    #[test]
    fn choices_are_put_in_the_servers_own_way() {
        let put = |form| written(&Sampling::default(), form, &call(&["1", "2"], None));
        let schema = put(ReplyForm::Schema);
        let answer = &schema["response_format"]["json_schema"]["schema"]["properties"]["answer"]["enum"];
        assert_eq!(answer, &serde_json::json!(["1", "2"]));
        let choice = |field| put(ReplyForm::Choice(field));
        assert_eq!(
            choice(ChoiceField::StructuredOutputs)["structured_outputs"]["choice"],
            serde_json::json!(["1", "2"])
        );
        assert_eq!(choice(ChoiceField::GuidedChoice)["guided_choice"], serde_json::json!(["1", "2"]));
        assert_eq!(choice(ChoiceField::Grammar)["grammar"], "root ::= \"1\" | \"2\"");
    }
}
