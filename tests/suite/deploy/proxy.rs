//! A proxy between the program and a server: it counts requests, answers some of them with a fault, and can stand still at
//! one of them so that the program can be killed there. What it passes on it does not change.

use super::wire::{self, Head, Length};
use crate::random::Random;
use percent_encoding::percent_decode_str;
use std::io::{self, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What happens to requests; of a hundred each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    pub slow_down: u32,
    /// The connection is reset before the request is read.
    pub reset: u32,
    /// The request is done, and its answer or the half of it never comes.
    pub lost: u32,
    /// At most, in milliseconds.
    pub latency: u32,
    /// Writing is not allowed.
    pub is_read_only: bool,
    /// The server does not know itself when a bucket is not there.
    pub has_no_bucket: bool,
    /// From this request on the server is away for a while.
    pub outage: Option<(u64, Outage)>,
    /// At this request all stands still, before it is passed on or before it is answered.
    pub stops_at: Option<(u64, Moment)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outage {
    /// Nothing listens at its address.
    Refused,
    /// A load balancer says that nobody is there.
    Unavailable,
}

/// How long an outage lasts.
pub const OUTAGE: Duration = Duration::from_secs(8);

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Moment {
    BeforeItIsDone,
    BeforeItIsAnswered,
}

#[derive(Debug, Clone, Default)]
pub struct Counts {
    pub all: u64,
    pub gets: u64,
    pub heads: u64,
    pub puts: u64,
    pub deletes: u64,
    pub lists: u64,
    /// Of them, how many were answered by a fault.
    pub faults: u64,
    /// Keys that the server took, in the order in which it did.
    pub put: Vec<String>,
}

pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    port: u16,
    upstream: u16,
    state: Mutex<State>,
    changed: Condvar,
    /// Neither server compares and writes in one step, as S3 does: such requests go one after the other.
    conditional: Mutex<()>,
}

struct State {
    faults: Faults,
    counts: Counts,
    random: Random,
    stands_still: bool,
    /// Requests that the server has and has not answered.
    under_way: u32,
    has_ended: bool,
    /// When the outage ends.
    away_until: Option<Instant>,
}

enum Fate {
    /// And so many hundredths of the answer come back.
    PassedOn {
        comes_back: usize,
    },
    Answered(u16, &'static str),
}

impl Proxy {
    pub fn to(upstream: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            faults: Faults::default(),
            counts: Counts::default(),
            random: Random(0x9e37_79b9_7f4a_7c15),
            stands_still: false,
            under_way: 0,
            has_ended: false,
            away_until: None,
        };
        let (changed, conditional) = (Condvar::new(), Mutex::new(()));
        let shared = Arc::new(Shared { port, upstream, state: Mutex::new(state), changed, conditional });
        let all = shared.clone();
        thread::spawn(move || {
            let mut listener = listener;
            loop {
                let Ok((client, _)) = listener.accept() else { continue };
                if all.state.lock().unwrap().has_ended {
                    return;
                }
                if let Some(left) = all.state.lock().unwrap().refuses_for() {
                    drop((client, listener));
                    thread::sleep(left);
                    listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
                    continue;
                }
                let shared = all.clone();
                thread::spawn(move || while shared.serve_one(&client).is_ok_and(|goes_on| goes_on) {});
            }
        });
        Proxy { port, shared }
    }

    /// From now on; counts begin anew.
    pub fn set(&self, faults: Faults) {
        let mut state = self.shared.state.lock().unwrap();
        (state.faults, state.counts, state.away_until) = (faults, Counts::default(), None);
    }

    pub fn counts(&self) -> Counts {
        self.shared.state.lock().unwrap().counts.clone()
    }

    /// Whether it stands still within `patience`.
    pub fn stands_still_within(&self, patience: Duration) -> bool {
        let state = self.shared.state.lock().unwrap();
        self.shared.changed.wait_timeout_while(state, patience, |state| !state.stands_still).unwrap().0.stands_still
    }

    /// Nobody waits for what was held back: it never arrives. Returns when the server is at rest.
    pub fn forget(&self) {
        let mut state = self.shared.state.lock().unwrap();
        (state.stands_still, state.faults) = (false, Faults::default());
        self.shared.changed.notify_all();
        drop(self.shared.changed.wait_while(state, |state| state.under_way > 0).unwrap());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().has_ended = true;
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl Shared {
    /// Whether the connection may be used for another.
    fn serve_one(&self, mut client: &TcpStream) -> io::Result<bool> {
        if client.peek(&mut [0])? == 0 {
            return Ok(false);
        }
        let is_away = self.state.lock().unwrap().refuses_for().is_some();
        if is_away || self.state.lock().unwrap().is_reset() {
            // Closed with bytes unread: that is a reset.
            return Ok(false);
        }
        let mut stream = BufReader::new(client);
        let Some(head) = Head::read(&mut stream)? else { return Ok(false) };
        if head.header("expect").is_some() {
            client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let body = wire::body(&mut stream, &head, Length::None)?;
        let Some((number, fate, latency)) = self.arrived(&head) else { return Ok(false) };
        thread::sleep(latency);
        match fate {
            Fate::Answered(status, code) => answer(client, &head, status, code).map(|()| true),
            Fate::PassedOn { comes_back } => {
                let (answer, goes_on) = self.done(&head, &body)?;
                if self.is_held_back(number, Moment::BeforeItIsAnswered) {
                    return Ok(false);
                }
                client.write_all(&answer[..answer.len() * comes_back / 100])?;
                Ok(goes_on && comes_back == 100)
            }
        }
    }

    /// Its number, and what becomes of it; `None`: it stays here.
    fn arrived(&self, head: &Head) -> Option<(u64, Fate, Duration)> {
        let mut state = self.state.lock().unwrap();
        state.counts.count(head);
        let number = state.counts.all;
        let begins = state.faults.outage.is_some_and(|(first, _)| first == number) && state.away_until.is_none();
        if begins {
            state.away_until = Some(Instant::now() + OUTAGE);
        }
        let refuses = state.refuses_for().is_some();
        drop(state);
        if refuses {
            // The one that listens learns of it by the next connection.
            drop(TcpStream::connect(("127.0.0.1", self.port)));
            return None;
        }
        if self.is_held_back(number, Moment::BeforeItIsDone) {
            return None;
        }
        let mut state = self.state.lock().unwrap();
        let latency = match state.faults.latency {
            0 => 0,
            most => state.random.below(most),
        };
        let fate = state.fate(head);
        if matches!(fate, Fate::PassedOn { .. }) {
            state.under_way += 1;
        }
        Some((number, fate, Duration::from_millis(latency.into())))
    }

    /// Waits while all stands still, and then it is too late for this one.
    fn is_held_back(&self, number: u64, moment: Moment) -> bool {
        let mut state = self.state.lock().unwrap();
        if state.faults.stops_at == Some((number, moment)) {
            state.stands_still = true;
            self.changed.notify_all();
        }
        let is_held_back = state.stands_still;
        drop(self.changed.wait_while(state, |state| state.stands_still).unwrap());
        is_held_back
    }

    /// The server's answer, and whether the connection can be used after it.
    fn done(&self, head: &Head, body: &[u8]) -> io::Result<(Vec<u8>, bool)> {
        let is_conditional = ["if-match", "if-none-match"].iter().any(|name| head.header(name).is_some());
        let turn = is_conditional.then(|| self.conditional.lock().unwrap());
        let answered = exchange(self.upstream, head, body);
        drop(turn);
        let mut state = self.state.lock().unwrap();
        state.under_way -= 1;
        self.changed.notify_all();
        let (answer, body, goes_on) = answered?;
        if head.words()[0] == "PUT" && answer.status() / 100 == 2 {
            let path = percent_decode_str(head.words()[1]).decode_utf8().unwrap().into_owned();
            state.counts.put.push(path);
        }
        Ok(([answer.0, body].concat(), goes_on))
    }
}

/// On a connection of its own.
fn exchange(port: u16, head: &Head, body: &[u8]) -> io::Result<(Head, Vec<u8>, bool)> {
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    server.set_nodelay(true)?;
    server.write_all(&[&head.0, body].concat())?;
    let mut stream = BufReader::new(server);
    loop {
        let answer = Head::read(&mut stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        match answer.status() {
            100..200 => continue,
            _ if head.words()[0] == "HEAD" => return Ok((answer, vec![], true)),
            204 | 304 => return Ok((answer, vec![], true)),
            _ => {}
        }
        let has_end = ["content-length", "transfer-encoding"].iter().any(|name| answer.header(name).is_some());
        let closes = answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let body = wire::body(&mut stream, &answer, Length::UntilTheEnd)?;
        return Ok((answer, body, has_end && !closes));
    }
}

/// As S3 answers.
fn answer(mut client: &TcpStream, to: &Head, status: u16, code: &str) -> io::Result<()> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>As S3 says it.</Message>\
         <RequestId>4442587FB7D0A2F9</RequestId></Error>"
    );
    let head =
        format!("HTTP/1.1 {status} {code}\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n", body.len());
    let body = if to.words()[0] == "HEAD" { "" } else { &body };
    client.write_all(format!("{head}{body}").as_bytes())
}

impl State {
    /// How long nothing will listen; `None`: something does.
    fn refuses_for(&self) -> Option<Duration> {
        let refuses = self.faults.outage.is_some_and(|(_, kind)| kind == Outage::Refused);
        self.away_until.filter(|_| refuses)?.checked_duration_since(Instant::now())
    }

    fn is_unavailable(&self) -> bool {
        let is_unavailable = self.faults.outage.is_some_and(|(_, kind)| kind == Outage::Unavailable);
        is_unavailable && self.away_until.is_some_and(|until| until > Instant::now())
    }

    fn happens(&mut self, of_a_hundred: u32) -> bool {
        let happens = self.random.below(100) < of_a_hundred;
        self.counts.faults += u64::from(happens);
        happens
    }

    fn is_reset(&mut self) -> bool {
        self.happens(self.faults.reset)
    }

    fn fate(&mut self, head: &Head) -> Fate {
        let is_writing = !matches!(head.words()[0], "GET" | "HEAD");
        if self.faults.has_no_bucket {
            return Fate::Answered(404, "NoSuchBucket");
        }
        if self.faults.is_read_only && is_writing {
            return Fate::Answered(403, "AccessDenied");
        }
        if self.is_unavailable() {
            self.counts.faults += 1;
            return Fate::Answered(503, "ServiceUnavailable");
        }
        if self.happens(self.faults.slow_down) {
            return Fate::Answered(503, "SlowDown");
        }
        let is_lost = self.happens(self.faults.lost);
        Fate::PassedOn { comes_back: if is_lost { 50 * self.random.below(2) as usize } else { 100 } }
    }
}

impl Counts {
    fn count(&mut self, head: &Head) {
        let [method, target, _] = head.words();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let has_key = path.trim_matches('/').contains('/');
        self.all += 1;
        match method {
            "GET" if !has_key || query.contains("list-type") => self.lists += 1,
            "GET" => self.gets += 1,
            "HEAD" => self.heads += 1,
            "PUT" => self.puts += 1,
            "DELETE" => self.deletes += 1,
            "POST" if query.starts_with("delete") => self.deletes += 1,
            _ => {}
        }
    }
}
