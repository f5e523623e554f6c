//! Just enough HTTP to ask the example: one request a connection, over the loopback.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest answer that is read: 4 MiB.
const LARGEST: u64 = 4 << 20;

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        let mut headers = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    }
}

/// Asks `127.0.0.1` on this port; a body is sent as JSON.
///
/// # Errors
///
/// When nobody listens, when the answer isn't HTTP, and after ten seconds of silence.
pub(crate) fn ask(port: u16, method: &str, path: &str, body: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // With HTTP/1.0 the answer comes unchunked, and ends with the connection.
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut bytes = Vec::new();
    stream.take(LARGEST).read_to_end(&mut bytes)?;
    parse(&String::from_utf8_lossy(&bytes))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer isn't HTTP"))
}

fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_status_headers_and_body() {
        let answer = parse("HTTP/1.0 201 Created\r\nlocation: /orders/1\r\n\r\n{\"a\":1}").expect("it is HTTP");
        assert_eq!(
            (answer.status, answer.header("Location"), answer.body.as_str()),
            (201, Some("/orders/1"), "{\"a\":1}")
        );
        assert_eq!(answer.header("etag"), None);
    }

    #[test]
    fn what_is_not_http_is_no_answer() {
        for text in ["", "hello", "HTTP/1.0 abc\r\n\r\n"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
