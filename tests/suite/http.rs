//! As little of an HTTP client as the tests of `serve` need, and of a server: it sends a path as it is, without tidying it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends one request to a port of this machine.
pub fn request(port: u16, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    request_with(port, method, path, headers, &[])
}

/// The same with a body, whose length `headers` say.
pub fn request_with(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{headers}\r\n").unwrap();
    stream.write_all(body).unwrap();
    let mut bytes = vec![];
    stream.read_to_end(&mut bytes).unwrap();
    parse(&bytes)
}

pub fn get(port: u16, path: &str) -> Answer {
    request(port, "GET", path, &[])
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("the answer has no head");
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = dechunked(&answer.body);
    }
    answer
}

fn dechunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = vec![];
    while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap().trim(), 16).unwrap();
        body.extend_from_slice(&rest[line + 2..][..length]);
        rest = &rest[(line + 2 + length + 2).min(rest.len())..];
    }
    body
}

/// Answers every request to a port of this machine, for as long as the tests run. `answer` is given the head and the body of
/// a request, and says status, media type and body.
pub fn serve_all(answer: impl Fn(&str, &str) -> (u16, &'static str, String) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever hangs up is gone.
            let _ = answer_one(stream, &answer);
        }
    });
    port
}

fn answer_one(
    mut stream: TcpStream,
    answer: &(impl Fn(&str, &str) -> (u16, &'static str, String) + ?Sized),
) -> std::io::Result<()> {
    let (mut reader, mut head) = (BufReader::new(stream.try_clone()?), String::new());
    while reader.read_line(&mut head)? > 2 {}
    let length = head.lines().filter_map(|line| line.split_once(": "));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.filter_map(|(_, length)| length.trim().parse().ok()).next().unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, kind, text) = answer(&head, &String::from_utf8_lossy(&body));
    let length = text.len();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    )
}
