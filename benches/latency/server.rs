//! The program as it serves a project, seen as a browser and a terminal see it.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing takes longer than this.
const PATIENCE: Duration = Duration::from_secs(120);

/// See the [module](self). Ends with this value.
pub struct Server {
    process: Child,
    address: String,
    told: Receiver<Told>,
    site: String,
}

enum Told {
    /// A line of the log.
    Line(Instant, Value),
    /// The state of the site, to an open page.
    Site(String),
}

/// When what became of a change.
pub struct Seen {
    /// The build began.
    pub noticed: Instant,
    pub built: Instant,
    /// The seconds of its stages.
    pub stages: Vec<(String, f64)>,
}

impl Server {
    /// Starts it and waits until it has built and waits for changes.
    pub fn start(project: &Path) -> Server {
        let mut process = Command::new(env!("CARGO_BIN_EXE_iiif-build"))
            .args(["--log", "json", "serve", "--port", "0", "--root"])
            .arg(project)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let log = BufReader::new(process.stderr.take().expect("its log"));
        let (sender, told) = channel();
        thread::spawn({
            let sender = sender.clone();
            move || follow_log(log, &sender)
        });
        let mut server = Server { process, address: String::new(), told, site: String::new() };
        server.address = server.message("serving http://").split(['/', ' ']).nth(3).expect("an address").to_owned();
        let events = BufReader::new(server.request("/.iiif-build/events"));
        thread::spawn(move || follow_events(events, &sender));
        server.message("waiting for changes");
        server
    }

    /// Follows a change until an open page was told.
    pub fn follow(&mut self) -> Seen {
        let (mut noticed, mut built, mut is_told, mut stages) = (None, None, false, vec![]);
        loop {
            match self.next() {
                Told::Site(site) if site != self.site => {
                    self.site = site;
                    is_told = true;
                }
                Told::Line(at, line) if text(&line).starts_with("changed:") => noticed = Some(at),
                Told::Line(at, line) if line["event"] == "summary" => {
                    built = Some(at);
                    let times = line["stages"].as_array().expect("stages").iter();
                    let time =
                        |time: &Value| (time["stage"].as_str().unwrap_or_default().into(), time["seconds"].as_f64());
                    stages = times.map(time).map(|(stage, time)| (stage, time.unwrap_or_default())).collect();
                }
                _ => {}
            }
            if let (Some(noticed), Some(built), true) = (noticed, built, is_told) {
                return Seen { noticed, built, stages };
            }
        }
    }

    /// The body of what is at `path`.
    pub fn fetch(&self, path: &str) -> Vec<u8> {
        let mut answer = vec![];
        self.request(path).read_to_end(&mut answer).expect("an answer");
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        assert!(answer.starts_with(b"HTTP/1.0 200"), "{path}: {}", String::from_utf8_lossy(&answer[..end]));
        answer.split_off(end + 4)
    }

    /// In HTTP 1.0, whose answers come in one piece.
    fn request(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address.replace("localhost", "127.0.0.1")).expect("a connection");
        let request = format!("GET {path} HTTP/1.0\r\nHost: {}\r\nAccept: */*\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).expect("a request");
        stream
    }

    /// Waits for a message that begins so.
    fn message(&mut self, beginning: &str) -> String {
        loop {
            match self.next() {
                Told::Line(_, line) if text(&line).starts_with(beginning) => return text(&line).to_owned(),
                Told::Line(_, line) if line["event"] == "error" => panic!("{line}"),
                Told::Line(..) => {}
                Told::Site(site) => self.site = site,
            }
        }
    }

    /// Takes note of what has been told so far.
    pub fn catch_up(&mut self) {
        while let Ok(told) = self.told.try_recv() {
            if let Told::Site(site) = told {
                self.site = site;
            }
        }
    }

    fn next(&self) -> Told {
        self.told.recv_timeout(PATIENCE).expect("the server says something")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text(line: &Value) -> &str {
    line["text"].as_str().unwrap_or_default()
}

fn follow_log(log: impl BufRead, to: &Sender<Told>) {
    for line in log.lines().map_while(Result::ok) {
        let told = Told::Line(Instant::now(), serde_json::from_str(&line).unwrap_or_default());
        if to.send(told).is_err() {
            return;
        }
    }
}

fn follow_events(events: impl BufRead, to: &Sender<Told>) {
    for line in events.lines().map_while(Result::ok) {
        let Some(status) = line.strip_prefix("data: ").and_then(|data| serde_json::from_str::<Value>(data).ok()) else {
            continue;
        };
        let told = status["site"].as_str().map(|site| Told::Site(site.to_owned()));
        if told.is_some_and(|told| to.send(told).is_err()) {
            return;
        }
    }
}
