//! `iiif-build watch` and `serve`: what is saved is soon built, and open pages hear of it.

use crate::cli::{command, project};
use crate::draw::{colour, page, png};
use crate::http::get;
use crate::project::Project;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a machine that is busy with other things may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Long enough that a build that should not happen would have begun.
const LULL: Duration = Duration::from_millis(1500);

const LABEL: &str = "content/letters/item.toml";

/// A running `watch` or `serve`; ends with the test.
struct Watched {
    process: Child,
    said: Receiver<String>,
    project: Project,
}

impl Watched {
    fn start(arguments: &[&str], project: Project) -> Watched {
        let mut command = command(arguments);
        command.args(["--log", "json", "--root"]);
        Watched::by(command, project)
    }

    /// The command's last argument is `--root`.
    fn by(mut command: Command, project: Project) -> Watched {
        command.arg(project.root());
        let mut process = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let (sender, said) = channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Watched { process, said, project }
    }

    /// Has built once, and waits.
    fn watch(project: Project) -> Watched {
        let watched = Watched::start(&["watch"], project);
        watched.built();
        watched
    }

    /// Waits for a line that the program says, and for its end if it says nothing more.
    fn hear(&self, words: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.said.recv_timeout(left).unwrap_or_else(|_| panic!("nobody says {words:?}"));
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Waits until a build is over: how many images failed.
    fn built(&self) -> u64 {
        let summary: Value = serde_json::from_str(&self.hear("\"summary\"")).unwrap();
        self.hear("waiting for changes");
        summary["failed"].as_u64().unwrap()
    }

    /// Builds until what is asked holds. A save may be seen in several parts.
    fn built_until(&self, what: &str, holds: impl Fn(&Project) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(&self.project) {
            assert!(Instant::now() < end, "never: {what}");
            let _ = self.said.recv_timeout(Duration::from_millis(50));
        }
    }

    fn assert_quiet(&self) {
        while self.said.try_recv().is_ok() {}
        if let Ok(line) = self.said.recv_timeout(LULL) {
            panic!("nothing has changed, yet: {line}");
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn labelled(project: &Project, label: &str) -> bool {
    let page = project.public().join("letters/index.html");
    fs::read_to_string(page).is_ok_and(|text| text.contains(label))
}

#[test]
fn a_save_of_any_kind_is_built() {
    let watched = Watched::watch(project());
    let root = watched.project.root().to_path_buf();

    watched.project.write(LABEL, "label = \"Written in place\"");
    watched.built_until("written in place", |project| labelled(project, "Written in place"));

    fs::write(root.join("content/letters/.item.toml.new"), "label = \"Moved over\"").unwrap();
    fs::rename(root.join("content/letters/.item.toml.new"), root.join(LABEL)).unwrap();
    watched.built_until("renamed and replaced", |project| labelled(project, "Moved over"));

    fs::rename(root.join(LABEL), root.join("content/letters/item.toml~")).unwrap();
    watched.project.write(LABEL, "label = \"As vim does\"");
    watched.built_until("backed up and written anew", |project| labelled(project, "As vim does"));

    watched.project.remove(LABEL);
    watched.built_until("removed", |project| !labelled(project, "As vim does"));
}

#[test]
fn what_the_build_does_not_read_or_writes_itself_starts_no_build() {
    let project = project().file("static/CNAME", "x").file("iiif-build.toml", "output = \"static/../out\"\n");
    let watched = Watched::watch(project);
    watched.assert_quiet();
    for path in ["README.md", "out/letters/index.html", ".iiif-build/x", "content/letters/.item.toml.swp"] {
        watched.project.write(path, "not a source");
    }
    watched.assert_quiet();
}

#[test]
fn templates_static_files_and_settings_are_seen_even_where_there_were_none() {
    let watched = Watched::watch(project());
    let is = |project: &Project, path: &str, text: &str| {
        fs::read_to_string(project.public().join(path)).is_ok_and(|there| there.contains(text))
    };
    watched.project.write("static/.well-known/words.txt", "one");
    watched.built_until("a static file", |project| is(project, ".well-known/words.txt", "one"));
    watched.project.write("static/.well-known/words.txt", "two");
    watched.built_until("its change", |project| is(project, ".well-known/words.txt", "two"));

    watched.project.write("templates/404.html", "nothing here");
    watched.built_until("a template", |project| is(project, "404.html", "nothing here"));
    watched.project.write("templates/404.html", "nothing there");
    watched.built_until("its change", |project| is(project, "404.html", "nothing there"));

    watched.project.write("iiif-build.toml", "base-url = \"https://moved.example/\"\n");
    watched.built_until("a setting", |project| is(project, "collection.json", "https://moved.example/"));
    watched.project.write("iiif-build.toml", "bas-url = 1\n");
    assert!(watched.hear("\"error\"").contains("bas-url"));
    watched.project.write("iiif-build.toml", "base-url = \"https://again.example/\"\n");
    watched.built_until("its correction", |project| is(project, "collection.json", "https://again.example/"));
}

#[test]
fn folders_that_are_moved_in_renamed_and_moved_out_are_followed() {
    let watched = Watched::watch(project().file("elsewhere/new/box/1.png", page()));
    let root = watched.project.root().to_path_buf();
    let has = |item: &'static str| move |project: &Project| project.public().join(item).join("manifest.json").exists();

    fs::rename(root.join("elsewhere/new"), root.join("content/new")).unwrap();
    watched.built_until("moved in", has("new/box"));
    fs::rename(root.join("content/new"), root.join("content/newer")).unwrap();
    watched.built_until("renamed", |project| has("newer/box")(project) && !has("new/box")(project));
    watched.project.write("content/newer/box/item.toml", "label = \"Followed\"");
    watched.built_until("changed at its new place", |project| {
        fs::read_to_string(project.public().join("newer/box/index.html")).is_ok_and(|text| text.contains("Followed"))
    });
    fs::rename(root.join("content/newer"), root.join("elsewhere/newer")).unwrap();
    watched.built_until("moved out", |project| !has("newer/box")(project));
}

#[cfg(unix)]
#[test]
fn folders_behind_links_are_watched() {
    use std::os::unix::fs::symlink;
    let project = project().file("masters/box/1.png", page());
    let root = project.root().to_path_buf();
    fs::rename(root.join("content"), root.join("real")).unwrap();
    symlink(root.join("real"), root.join("content")).unwrap();
    let watched = Watched::watch(project);

    watched.project.write("real/letters/item.toml", "label = \"Behind one link\"");
    watched.built_until("content is a link", |project| labelled(project, "Behind one link"));
    symlink(root.join("masters/box"), root.join("content/box")).unwrap();
    let item = |label: &'static str| {
        move |project: &Project| {
            fs::read_to_string(project.public().join("box/index.html")).is_ok_and(|text| text.contains(label))
        }
    };
    watched.built_until("a link to a folder comes", item("box"));
    watched.project.write("masters/box/item.toml", "label = \"Behind two links\"");
    watched.built_until("a change behind it", item("Behind two links"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_copied_in_slowly_is_built_once_and_whole() {
    let watched = Watched::watch(project());
    let bytes = png(colour(500, 400));
    let mut file = File::create(watched.project.root().join("content/letters/9.png")).unwrap();
    for chunk in bytes.chunks(bytes.len() / 10 + 1) {
        file.write_all(chunk).unwrap();
        thread::sleep(Duration::from_millis(120));
    }
    drop(file);
    assert!(watched.hear("changed: ").contains("9.png"));
    assert_eq!(watched.built(), 0, "the first build after the copy saw all of it");
    assert!(watched.project.public().join("iiif/3/letters_9/info.json").exists());
    watched.assert_quiet();
}

/// What `serve` tells open pages, one status after the other.
struct Pages {
    port: u16,
    statuses: Receiver<Value>,
}

impl Pages {
    fn open(watched: &Watched) -> Pages {
        let line = watched.hear("serving http://localhost:");
        let port = line.split("localhost:").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
        Pages { port, statuses: subscribe(port) }
    }

    /// Waits for a status that no build follows yet.
    fn hear(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let status = self.statuses.recv_timeout(left).unwrap_or_else(|_| panic!("no page hears: {what}"));
            if status["building"].is_null() && holds(&status) {
                return status;
            }
        }
    }

    fn html(&self) -> String {
        get(self.port, "/letters/").text()
    }
}

fn subscribe(port: u16) -> Receiver<Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET /.iiif-build/events HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n").unwrap();
    let (sender, statuses) = channel();
    let lines = BufReader::new(stream).lines();
    thread::spawn(move || {
        let told = lines.map_while(Result::ok).filter_map(|line| {
            let data = line.strip_prefix("data:")?;
            Some(serde_json::from_str(data.trim()).unwrap())
        });
        told.map(|status| sender.send(status)).take_while(Result::is_ok).count()
    });
    statuses
}

#[test]
fn pages_hear_of_each_change_and_of_each_mistake() {
    let watched = Watched::start(&["serve", "--port", "0"], project());
    let pages = Pages::open(&watched);
    let first = pages.hear("the first build", |status| !status["site"].is_null());
    let script = format!("data-site={}", first["site"]);
    assert!(pages.html().contains(&script), "the page knows which state it shows");
    assert_eq!(get(pages.port, "/.iiif-build/live.js").status, 200);

    watched.project.write(LABEL, "label = \"Corrected\"");
    let second = pages.hear("a corrected label", |status| status["site"] != first["site"]);
    assert!(pages.html().contains("Corrected") && !pages.html().contains(&script));

    watched.project.write("templates/item.html", "{% if %}");
    let wrong = pages.hear("a mistake", |status| status["failed"] == true);
    let problem = &wrong["problems"][0];
    assert!(problem["place"].as_str().unwrap().ends_with("item.html:1:7"), "{problem}");
    assert_eq!(wrong["site"], second["site"]);
    assert!(pages.html().contains("Corrected"), "the last good page is still served");
    let late = subscribe(pages.port).recv_timeout(PATIENCE).unwrap();
    assert_eq!(late["problems"], wrong["problems"], "a page that is opened now hears of it too");
    let written = fs::read_to_string(watched.project.public().join("letters/index.html")).unwrap();
    assert!(!written.contains("live.js"), "the script is never written");

    watched.project.write("templates/item.html", "{% extends \"theme/item.html\" %}\n");
    let mended = pages.hear("the mistake is mended", |status| status["failed"] == false);
    assert_eq!(mended["problems"], serde_json::json!([]));

    watched.project.write("content/letters/<b>.png", "no image");
    let partial = pages.hear("a broken image", |status| status["problems"][0].is_object());
    assert_eq!(partial["failed"], false);
    assert!(partial["problems"][0]["place"].as_str().unwrap().contains("<b>.png"));
}

#[test]
fn a_server_whose_site_is_not_built_yet_says_so_and_later_shows_it() {
    let watched = Watched::start(&["serve", "--port", "0"], project().file("content/letters/item.toml", "label = "));
    let pages = Pages::open(&watched);
    pages.hear("the first build fails", |status| status["failed"] == true && status["site"].is_null());
    let page = crate::http::request(pages.port, "GET", "/letters/", &[("Accept", "text/html,*/*")]);
    assert_eq!(page.status, 503);
    assert!(page.text().contains("data-iiif-build-progress") && page.text().contains("live.js"));
    watched.project.write(LABEL, "label = \"At last\"");
    pages.hear("the site is there", |status| !status["site"].is_null());
    assert!(pages.html().contains("At last"));
}

/// As many readers as there are descriptors: the build finds none left.
#[cfg(target_os = "linux")]
#[test]
fn an_edit_that_finds_no_descriptor_left_is_built_when_there_are_some_again() {
    let project = project();
    let serve = command(&["serve", "--port", "0", "--log", "json", "--root"]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 96; exec \"$0\" \"$@\""]).arg(serve.get_program()).args(serve.get_args());
    let watched = Watched::by(limited, project);
    let line = watched.hear("serving http://localhost:");
    let port: u16 = line.split("localhost:").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
    watched.hear("waiting for changes");
    let mut readers: Vec<TcpStream> = (0..120).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
    for reader in &mut readers {
        // It may have been turned away.
        let _ = write!(reader, "GET /.iiif-build/events HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    }
    let descriptors = format!("/proc/{}/fd", watched.process.id());
    watched.built_until("there is no descriptor left", |_| fs::read_dir(&descriptors).unwrap().count() >= 96);
    watched.project.write(LABEL, "label = \"In the crowd\"");
    watched.project.write("content/more/1.png", page());
    watched.hear("try again");
    assert!(!labelled(&watched.project, "In the crowd"));
    drop(readers);
    watched.built_until("the edit", |project| labelled(project, "In the crowd"));
    watched.built_until("the folder", |project| project.public().join("more/manifest.json").exists());
    watched.project.write("content/more/item.toml", "label = \"Seen\"");
    watched.built_until("an edit in the new folder", |project| {
        fs::read_to_string(project.public().join("more/index.html")).is_ok_and(|text| text.contains("Seen"))
    });
}

#[test]
fn events_are_for_pages_of_this_machine_only() {
    let watched = Watched::start(&["serve", "--port", "0"], project());
    let port = Pages::open(&watched).port;
    for host in ["rebound.example", "localhost.example:8000", "127.0.0.1.example"] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "GET /.iiif-build/events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut status = String::new();
        BufReader::new(stream).read_line(&mut status).unwrap();
        assert!(status.contains(" 403 "), "{host}: {status}");
    }
    let script = crate::http::request(port, "GET", "/.iiif-build/live.js", &[("Origin", "https://other.example")]);
    assert_eq!((script.status, script.header("access-control-allow-origin")), (200, None));
}

#[test]
fn without_watching_pages_are_served_as_they_are_published() {
    let watched = Watched::start(&["serve", "--no-watch", "--port", "0"], project());
    let line = watched.hear("serving http://localhost:");
    let port = line.split("localhost:").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
    assert!(!get(port, "/letters/").text().contains("live.js"));
    assert_eq!(get(port, "/.iiif-build/events").status, 404);
}

#[cfg(unix)]
#[test]
fn an_interrupted_server_ends_although_pages_are_open() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let mut watched = Watched::start(&["serve", "--port", "0"], project());
        let pages = Pages::open(&watched);
        pages.hear("the first build", |status| !status["site"].is_null());
        watched.hear("waiting for changes");
        // SAFETY: a signal to a process of this test.
        unsafe { libc::kill(watched.process.id() as i32, signal) };
        let end = Instant::now() + PATIENCE;
        let code = loop {
            if let Some(status) = watched.process.try_wait().unwrap() {
                break status.code();
            }
            assert!(Instant::now() < end, "it does not end");
            thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(code, Some(0));
    }
}
