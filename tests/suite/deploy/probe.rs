//! The published site is looked at: on a host of our own that serves the built files, well or with one fault.

use super::host::{Asked, Reply, host};
use super::target;
use crate::cli;
use crate::draw::{colour, png};
use crate::project::Project;
use iiif_build::build::progress::Silent;
use iiif_build::config::{DistributionId, Target};
use iiif_build::publish::deploy::{Probed, probe};
use iiif_build::publish::headers::headers;
use percent_encoding::percent_decode_str;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What a good host would answer, and what was asked.
type Fault = fn(&Asked, Reply) -> Reply;

const NONE: Fault = |_, reply| reply;

/// As a host does that `iiif-build hosting` has told everything.
fn good(folder: &Path, asked: &Asked) -> Reply {
    let path = percent_decode_str(&asked.path).decode_utf8().unwrap().into_owned();
    let Some(path) = path.strip_prefix("/x/") else { return Reply::of(404, "") };
    let is_bare = path.starts_with("iiif/3/") && path.matches('/').count() == 2;
    let open = |reply: Reply| reply.header("Access-Control-Allow-Origin", "*");
    if is_bare {
        return open(Reply::of(303, "").header("Location", &format!("{}/info.json", asked.path)));
    }
    let path = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    match fs::read(folder.join(&path)).ok().filter(|_| !path.starts_with('.')) {
        None => open(Reply::of(404, "no such file")),
        Some(bytes) => {
            let told = headers(&path);
            open(Reply::of(200, bytes))
                .header("Content-Type", told.content_type)
                .header("Cache-Control", told.cache_control)
        }
    }
}

/// A built site and the host that serves it.
struct Scene {
    project: Project,
    fault: Arc<Mutex<Fault>>,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Scene {
    fn new() -> Scene {
        let folder = Arc::new(Mutex::new(PathBuf::new()));
        let (fault, asked) = (Arc::new(Mutex::new(NONE)), Arc::new(Mutex::new(vec![])));
        let (served, wrong, seen) = (folder.clone(), fault.clone(), asked.clone());
        let port = host(move |request| {
            seen.lock().unwrap().push((request.path.clone(), request.header("origin").to_owned()));
            let reply = good(&served.lock().unwrap(), request);
            let fault = *wrong.lock().unwrap();
            Some(fault(request, reply))
        });
        let base_url = format!("http://127.0.0.1:{port}/x/");
        let project = Project::new()
            .with_base_url(&base_url)
            .file("iiif-build.toml", format!("base-url = \"{base_url}\"\n[deploy.live]\nurl = \"file:///nowhere\"\n"))
            .file("content/L'été/a b.png", png(colour(700, 500)))
            .file("content/maps/1.png", png(colour(60, 40)));
        project.built();
        *folder.lock().unwrap() = project.public();
        Scene { project, fault, asked }
    }

    fn look(&self, fault: Fault, target: &Target, changed: &[&str]) -> Probed {
        *self.fault.lock().unwrap() = fault;
        self.asked.lock().unwrap().clear();
        let changed: Vec<String> = changed.iter().map(|path| (*path).to_owned()).collect();
        probe(&self.project.config().unwrap(), target, &changed, false, &Silent).unwrap()
    }

    fn faults(&self, fault: Fault) -> Vec<String> {
        told(&self.look(fault, &target(0), &[]).faults)
    }

    fn advice(&self, fault: Fault) -> Vec<String> {
        let probed = self.look(fault, &target(0), &[]);
        assert_eq!(told(&probed.faults), Vec::<String>::new());
        told(&probed.advice)
    }
}

fn told(errors: &[iiif_build::error::Error]) -> Vec<String> {
    errors.iter().map(|error| format!("{error} ({})", error.hint().unwrap_or_default())).collect()
}

/// In all of `told`, which were found at so many addresses.
fn assert_told(told: &[String], addresses: usize, words: &[&str]) {
    let more =
        |one: &String| one.split_once("(here and at ").map_or(0, |(_, rest)| rest[..1].parse::<usize>().unwrap());
    assert_eq!(told.iter().map(|one| 1 + more(one)).sum::<usize>(), addresses, "{told:#?}");
    assert!(told.iter().all(|one| words.iter().all(|word| one.contains(word))), "{words:?}: {told:#?}");
}

fn without(mut reply: Reply, name: &str) -> Reply {
    reply.headers.retain(|(other, _)| other != name);
    reply
}

fn with(reply: Reply, name: &str, value: &str) -> Reply {
    without(reply, name).header(name, value)
}

#[test]
fn a_site_that_is_served_well_is_found_well() {
    let scene = Scene::new();
    let probed = scene.look(NONE, &target(0), &[]);
    assert_eq!((told(&probed.faults), told(&probed.advice), probed.questions), (vec![], vec![], 6));
    assert!(scene.asked.lock().unwrap().iter().all(|(_, origin)| origin.starts_with("https://")));
}

#[test]
fn what_was_just_put_is_looked_at() {
    let scene = Scene::new();
    for (changed, id) in [("iiif/3/maps_1", "maps_1"), ("iiif/3/L'été_a b", "L%27%C3%A9t%C3%A9_a%20b")] {
        scene.look(NONE, &target(0), &[changed, "maps/manifest.json"]);
        let asked = scene.asked.lock().unwrap();
        let has = |path: &str| asked.iter().any(|(asked, _)| asked == path);
        assert!(has(&format!("/x/iiif/3/{id}/info.json")) && has("/x/maps/manifest.json"), "{asked:?}");
    }
}

#[test]
fn what_a_cache_still_holds_is_asked_for_again_and_what_is_set_wrongly_is_not() {
    let scene = Scene::new();
    static ASKED: AtomicU32 = AtomicU32::new(0);
    *scene.fault.lock().unwrap() = |asked, reply| match asked.path.ends_with("default.jpg") {
        true if ASKED.fetch_add(1, Ordering::SeqCst) < 2 => Reply { body: b"an older tile".to_vec(), ..reply },
        _ => reply,
    };
    let config = scene.project.config().unwrap();
    let probed = probe(&config, &target(0), &[], true, &Silent).unwrap();
    assert_eq!((told(&probed.faults), ASKED.load(Ordering::SeqCst)), (vec![], 3));
    let begun = Instant::now();
    *scene.fault.lock().unwrap() = |_, reply| without(reply, "Access-Control-Allow-Origin");
    assert_told(&told(&probe(&config, &target(0), &[], true, &Silent).unwrap().faults), 3, &["Access-Control"]);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_host_that_is_not_there_is_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let elsewhere =
        Project::new().with_base_url(&format!("http://127.0.0.1:{port}/")).file("content/a/1.png", png(colour(60, 40)));
    elsewhere.built();
    let probed = probe(&elsewhere.config().unwrap(), &target(0), &[], false, &Silent).unwrap();
    assert_told(&told(&probed.faults), 6, &["there is no answer: ", "Connection refused", "`probe = false`"]);
}

#[test]
fn each_fault_of_a_host_is_told_with_what_helps() {
    let scene = Scene::new();
    let no_cors = scene.faults(|_, reply| without(reply, "Access-Control-Allow-Origin"));
    assert_told(&no_cors, 3, &["no Access-Control-Allow-Origin", "iiif-build hosting nginx"]);
    let other_origin = scene.faults(|_, reply| with(reply, "Access-Control-Allow-Origin", "https://other.example"));
    assert_told(&other_origin, 3, &["https://other.example"]);
    let no_types = scene.faults(|_, reply| with(reply, "Content-Type", "binary/octet-stream"));
    assert_told(&no_types, 4, &["binary/octet-stream instead of"]);
    let kept = scene.faults(|_, reply| with(reply, "Cache-Control", "public, max-age=31536000, immutable"));
    assert_told(&kept, 3, &["too long"]);
    let missing = scene.faults(|_, _| Reply::of(403, "<Error/>"));
    assert_told(&missing, 4, &["status 403", "base-url"]);
    let moved = scene.faults(|_, _| Reply::of(301, "").header("Location", "https://elsewhere.example/"));
    assert_told(&moved, 4, &["status 301, which leads to https://elsewhere.example/"]);
    let old = scene.faults(|asked, reply| match asked.path.ends_with("default.jpg") {
        true => Reply { body: b"an older tile".to_vec(), ..reply },
        false => reply,
    });
    assert_told(&old, 1, &["not send the file that was built", "a cache before the host"]);
    let other_id = scene.faults(|asked, mut reply| {
        let text = String::from_utf8_lossy(&reply.body).replace("http://127.0.0.1", "https://old.example");
        reply.body = if asked.path.ends_with(".json") { text.into_bytes() } else { reply.body };
        reply
    });
    assert_told(&other_id, 2, &["its id is https://old.example", "`base-url`"]);
    let page = scene.faults(|asked, reply| match asked.path.ends_with(".json") {
        true => Reply { body: b"<!doctype html>".to_vec(), ..reply },
        false => reply,
    });
    assert_told(&page, 2, &["not a document of IIIF"]);
}

#[test]
fn notes_of_deploys_must_not_be_served_but_a_page_for_everything_is_none() {
    let scene = Scene::new();
    fn notes(asked: &Asked, reply: Reply) -> Reply {
        if asked.path.ends_with("pointer.json") { Reply::of(200, "{\"version\":2,\"state\":null}") } else { reply }
    }
    assert_told(&scene.faults(notes), 1, &["pointer.json", "notes of deploys"]);
    let all = scene
        .faults(|asked, reply| if asked.path.ends_with("pointer.json") { Reply::of(200, "<html>") } else { reply });
    assert_eq!(all, Vec::<String>::new());
}

#[test]
fn what_viewers_can_do_without_is_advice() {
    let scene = Scene::new();
    let bare = scene.advice(|_, reply| if reply.status == 303 { Reply::of(404, "") } else { reply });
    assert_told(&bare, 1, &["info.json (status 404)", "Image API 3, 2"]);
    let elsewhere = scene.advice(|_, reply| if reply.status == 303 { with(reply, "Location", "/") } else { reply });
    assert_told(&elsewhere, 1, &["status 303"]);
    let json = scene.advice(|asked, reply| match asked.path.ends_with(".json") {
        true => with(reply, "Content-Type", "application/json"),
        false => reply,
    });
    assert_told(&json, 2, &["application/json instead of application/ld+json"]);
    let lenient = scene.advice(|asked, reply| match asked.path.ends_with(".json") {
        true => with(reply, "Content-Type", "application/ld+json"),
        false => reply,
    });
    assert_eq!(lenient, Vec::<String>::new());
    assert_told(&scene.advice(|_, reply| without(reply, "Cache-Control")), 4, &["Cache-Control"]);
}

#[test]
fn compressed_files_are_unpacked_before_they_are_compared() {
    let scene = Scene::new();
    let faults = scene.faults(|asked, reply| {
        if !asked.path.ends_with(".json") {
            return reply;
        }
        let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, &reply.body).unwrap();
        let reply = with(reply, "Content-Encoding", "gzip");
        Reply { body: packed.finish().unwrap(), ..reply }
    });
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn what_helps_depends_on_what_serves_the_site() {
    let scene = Scene::new();
    let id = DistributionId::try_from("E2QWRUHAPOMQZL".to_owned()).unwrap();
    let mut target = target(0);
    target.cloudfront = Some(id);
    let probed = scene.look(|_, reply| without(reply, "Access-Control-Allow-Origin"), &target, &[]);
    assert_told(&told(&probed.faults), 3, &["iiif-build hosting cloudfront"]);
}

#[test]
fn the_program_looks_when_it_is_asked_to_and_exits_with_1_over_a_fault() {
    let scene = Scene::new();
    let (code, _, said) = cli::run(&scene.project, &["deploy", "--probe"]);
    assert_eq!((code, said.contains("all is as viewers need it")), (Some(0), true), "{said}");
    *scene.fault.lock().unwrap() = |_, reply| without(reply, "Access-Control-Allow-Origin");
    let (code, _, said) = cli::run(&scene.project, &["deploy", "--probe"]);
    assert_eq!((code, said.contains("hint: viewers on other hosts")), (Some(1), true), "{said}");
}
