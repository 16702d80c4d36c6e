//! The page around a report: head, style, the little script, and the policy that keeps everything else out.

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("enrich.js");

/// SHA-256 of the page's script, in base64: the only one that its policy lets run.
pub const SCRIPT_DIGEST: &str = "yC1FPHthFrxzxoIoqv3QYUpDJ3gHZQpGGQ82g+YlJYs=";

/// By what a page of this program is known.
pub const GENERATOR: &str = r#"<meta name="generator" content="pluriverse">"#;

/// A whole page.
pub(super) fn page(title: &str, body: &Markup) -> String {
    let policy =
        format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_DIGEST}'; img-src data:");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                (PreEscaped(GENERATOR))
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Pluriverse" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string() + "\n"
}
