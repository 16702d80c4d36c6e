//! As much of HTTP/1.1 as clients of the protocol speak, written by hand so that every way of breaking it is open.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Act, Shared, chat_reply};

/// What becomes of a connection after a reply.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Keep,
    Close,
    Reset,
}

/// Answers requests on one connection until either side ends it.
pub(crate) async fn connection(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut buffer: Vec<u8> = Vec::new();
    while let Some((head, body)) = read_request(&mut stream, &mut buffer).await {
        let key = ["authorization:", "api-key:"].iter().find_map(|name| {
            let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(name))?;
            Some(line[name.len()..].trim().to_owned())
        });
        let (latency, act, request) = shared.arrive(&body, key);
        if latency > Duration::ZERO {
            tokio::time::sleep(latency).await;
        }
        let after = perform(&mut stream, act, &request).await;
        shared.leave();
        match after {
            After::Keep => {}
            After::Close => break,
            After::Reset => {
                // Closing with unread data or a zero linger sends a reset.
                let _ = stream.set_zero_linger();
                break;
            }
        }
    }
}

async fn perform(stream: &mut TcpStream, act: Act, request: &serde_json::Value) -> After {
    let reply = |text: &str| chat_reply(request, text);
    let sent = match act {
        Act::Say(text) => stream.write_all(&message(200, &[], &reply(&text))).await,
        Act::Body(body) => stream.write_all(&message(200, &[], &body)).await,
        Act::Status(status, headers, body) => stream.write_all(&message(status, &headers, &body)).await,
        Act::Slowly(text, pause) => slowly(stream, &reply(&text), pause).await,
        Act::ResetMidBody | Act::Truncate => {
            let whole = message(200, &[], &reply("\\boxed{1}"));
            let _ = stream.write_all(&whole[..whole.len() - 20]).await;
            let _ = stream.flush().await;
            return if matches!(act, Act::Truncate) { After::Close } else { After::Reset };
        }
        Act::Close => return After::Close,
        Act::Hang => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            return After::Close;
        }
    };
    if sent.is_ok() { After::Keep } else { After::Close }
}

async fn slowly(stream: &mut TcpStream, body: &str, pause: Duration) -> std::io::Result<()> {
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        .await?;
    for piece in body.as_bytes().chunks(body.len() / 4 + 1) {
        stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
        stream.write_all(piece).await?;
        stream.write_all(b"\r\n").await?;
        stream.flush().await?;
        tokio::time::sleep(pause).await;
    }
    stream.write_all(b"0\r\n\r\n").await
}

fn message(status: u16, headers: &[(&str, String)], body: &str) -> Vec<u8> {
    let more: String = headers.iter().map(|(name, value)| [*name, ": ", value, "\r\n"].concat()).collect();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{more}\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// Head and body of the next request; `None` at the end of the connection.
async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let head_end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
        if !buffer[0].is_ascii_uppercase() {
            // Somebody speaks TLS to a plain port.
            let _ = stream.write_all(b"HTTP/1.1 400 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
            return None;
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let end = head_end + length.unwrap_or(0);
    while buffer.len() < end {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[head_end..end].to_vec();
    buffer.drain(..end);
    Some((head, body))
}
