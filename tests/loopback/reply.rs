//! What the server says: a function of the request alone.

use serde_json::{Value, json};

/// A number below `below` that is a function of a request's messages, its seed and a salt.
pub fn draw(request: &Value, salt: &str, below: u64) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(request["messages"].to_string().as_bytes());
    hasher.update(request["seed"].to_string().as_bytes());
    hasher.update(salt.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first) % below.max(1)
}

/// An option of the item a request asks about, from 1, drawn from the request.
pub fn chosen_option(request: &Value) -> u64 {
    let asked = request["messages"].as_array().into_iter().flatten().rev();
    let texts: Vec<&str> = asked.filter_map(|message| message["content"].as_str()).collect();
    let offered = |number: u64| texts.iter().any(|text| text.contains(&format!("\n{number}. ")));
    let options = (1..=20).take_while(|&number| offered(number)).count() as u64;
    draw(request, "option", options.max(2)) + 1
}

/// A chat completion that says this, with log-probabilities where they are asked for.
pub fn chat_reply(request: &Value, text: &str) -> String {
    let prompt: usize = request["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|message| message["content"].as_str())
        .map(|text| text.len() / 4)
        .sum();
    let logprobs = if request["logprobs"] == true { letters(request, text) } else { Value::Null };
    json!({
        "id": "chatcmpl-loopback",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "system_fingerprint": "fp_loopback",
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": text },
            "logprobs": logprobs,
            "finish_reason": "stop",
        }],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": text.len() / 4 + 1,
            "prompt_tokens_details": { "cached_tokens": prompt / 2 },
        },
    })
    .to_string()
}

/// A token with four letters as alternatives: 40, 30, 15 and 5 percent, and the rest untold.
fn letters(request: &Value, text: &str) -> Value {
    let first = draw(request, "letter", 4) as usize;
    let letter = |place: usize| ["A", "B", " C", "D"][(first + place) % 4];
    let top: Vec<Value> = [0.4, 0.3, 0.15, 0.05]
        .iter()
        .enumerate()
        .map(|(place, share)| json!({ "token": letter(place), "logprob": libm::log(*share), "bytes": null }))
        .collect();
    let token = if text.len() <= 2 { json!(letter(0)) } else { json!(text) };
    json!({ "content": [{ "token": token, "logprob": libm::log(0.4), "top_logprobs": top }] })
}
