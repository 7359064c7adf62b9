//! `kill -9` at random moments, two hundred times, while the sources change; then the site is that of a clean build.

use super::{Running, scan};
use crate::archive::{assert_as_clean, assert_at_rest};
use crate::older::BOTH;
use crate::ownership::lost::listed;
use crate::project::Project;
use crate::random::Random;
use crate::told::Told;
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

const KILLS: usize = 200;

/// However slow the machine is, the loop ends after this.
const AT_MOST: Duration = Duration::from_secs(85);

const ITEMS: u32 = 6;
const PAGES: u32 = 4;

/// Of an image, in pixels: a build must sometimes get as far as its documents before the next edit.
const SIDE: u32 = 400;

/// A project that somebody edits between builds, and what builds said was done.
struct WorkerServer {
    project: Project,
    random: Random,
    /// How often each image was replaced, by its id.
    versions: BTreeMap<String, u32>,
    /// Which version of an image a build reported as made.
    done: BTreeMap<String, u32>,
    made_again: Vec<String>,
    edits: u32,
    /// Whether the site is published for clients of version 2 too.
    is_older: bool,
}

fn settings(is_older: bool) -> String {
    format!("[images]\ntile-size = 128\n{}", if is_older { BOTH } else { "" })
}

fn id(item: u32, page: u32) -> String {
    format!("item{item}_{page}")
}

impl WorkerServer {
    fn new(seed: u64) -> WorkerServer {
        let project = Project::new().file("iiif-build.toml", settings(true));
        let (versions, done, made_again) = (BTreeMap::new(), BTreeMap::new(), vec![]);
        let mut desk =
            WorkerServer { project, random: Random(seed), versions, done, made_again, edits: 0, is_older: true };
        (0..ITEMS).for_each(|item| desk.add_item(item));
        desk
    }

    fn add_item(&mut self, item: u32) {
        (0..PAGES).for_each(|page| self.replace(item, page));
    }

    fn has_item(&self, item: u32) -> bool {
        self.versions.contains_key(&id(item, 0))
    }

    fn replace(&mut self, item: u32, page: u32) {
        self.edits += 1;
        self.project.write(&format!("content/item{item}/{page}.tif"), scan(SIDE, self.edits));
        self.versions.insert(id(item, page), self.edits);
    }

    fn remove_item(&mut self, item: u32) {
        self.project.remove(&format!("content/item{item}"));
        for page in 0..PAGES {
            self.versions.remove(&id(item, page));
            self.done.remove(&id(item, page));
        }
    }

    /// One of the things that curators do.
    fn edit(&mut self) {
        let (item, what) = (self.random.below(ITEMS), self.random.below(12));
        match (self.has_item(item), what) {
            (false, _) => self.add_item(item),
            (true, 0..5) => (0..=self.random.below(3)).for_each(|page| self.replace(item, page)),
            (true, 5..8) => {
                self.edits += 1;
                let label = format!("label = \"Label {}\"\n", self.edits);
                self.project.write(&format!("content/item{item}/item.toml"), label);
            }
            (true, 8..10) => {
                self.is_older = !self.is_older;
                self.project.write("iiif-build.toml", settings(self.is_older));
            }
            (true, _) => self.remove_item(item),
        }
    }

    /// Notes what a build made, and whether it was made before.
    fn note(&mut self, told: &Told) {
        for (path, why) in told.made("image") {
            let id = path.strip_prefix("iiif/3/").unwrap_or(&path).to_owned();
            let version = self.versions.get(&id).copied().unwrap_or_default();
            if self.done.insert(id.clone(), version) == Some(version) {
                self.made_again.push(format!("{id} after edit {}: {why:?}", self.edits));
            }
        }
    }

    /// Every image that a Manifest names is there, once a worker that is still ending has put down what it holds.
    fn assert_fulfilled(&self, kills: usize) {
        let start = Instant::now();
        while !self.unfulfilled().is_empty() {
            let patience = Duration::from_secs(1);
            assert!(start.elapsed() < patience, "after kill {kills} Manifests name in vain: {:?}", self.unfulfilled());
            sleep(Duration::from_millis(10));
        }
    }

    /// At each moment the list in the output names every file of ours, so that nothing stays if the records are lost too.
    fn assert_listed(&self, kills: usize) {
        let public = self.project.public();
        let published = self.project.site().files("");
        let list = std::fs::read_to_string(public.join(".iiif-build/output.jsonl")).unwrap_or_default();
        let listed = listed(&list);
        let is_ours = |file: &&String| !file.contains(".partial-") && !file.starts_with(".iiif-build/");
        for file in published.iter().filter(is_ours) {
            let image = file.split('/').take(3).collect::<Vec<_>>().join("/");
            assert!(listed.contains(file) || listed.contains(&image), "after kill {kills} {file} is not listed");
        }
    }

    /// While one folder takes the place of another, its old one is beside.
    fn unfulfilled(&self) -> Vec<String> {
        let public = self.project.public();
        let manifest = |item: u32| std::fs::read(public.join(format!("item{item}/manifest.json"))).ok();
        let manifests = (0..ITEMS).filter_map(|item| serde_json::from_slice::<Value>(&manifest(item)?).ok());
        let canvases = manifests.flat_map(|manifest| manifest["items"].as_array().cloned().unwrap_or_default());
        let service = |canvas: Value| -> Option<String> {
            let id = canvas["items"][0]["items"][0]["body"]["service"][0]["id"].as_str()?.to_owned();
            id.rsplit('/').next().map(str::to_owned)
        };
        let is_there = |id: &String| {
            let image = |name: String| public.join("iiif/3").join(name).join("full/max/0/default.jpg").is_file();
            image(id.clone()) || image(format!(".partial-old-{id}"))
        };
        canvases.filter_map(service).filter(|id| !is_there(id)).collect()
    }
}

/// `KILLS_SEED=N` tries other moments.
fn seed() -> u64 {
    let given = std::env::var("KILLS_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    given.map_or(0x1d0f_5eed_2026_0004, |seed| seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
}

#[test]
fn two_hundred_kills_lose_nothing_and_do_nothing_twice() {
    let mut desk = WorkerServer::new(seed());
    let (start, mut kills, mut ends) = (Instant::now(), 0, 0);
    // In milliseconds: about as long as a build takes on this machine, so that kills meet all of its stages.
    let mut longest = 150.0_f64;
    let mut killed_after = BTreeMap::<String, u32>::new();
    while kills < KILLS && start.elapsed() < AT_MOST {
        let mut build = Running::start(&desk.project, &[]);
        sleep(Duration::from_millis(u64::from(5 + desk.random.below(longest as u32))));
        let is_killed = build.is_running();
        // A crash of the program alone, or a power cut for all of it.
        match (is_killed, desk.random.below(2)) {
            (true, 0) => build.signal(Signal::KILL),
            (true, _) => build.signal_all(Signal::KILL),
            (false, _) => {}
        }
        let told = build.end(Duration::from_secs(10));
        assert!(told.code.is_none_or(|code| code == 0), "a build after a kill failed: {}", told.said);
        desk.note(&told);
        desk.assert_fulfilled(kills);
        desk.assert_listed(kills);
        if is_killed {
            kills += 1;
            longest = (longest * 1.1).min(1500.0);
            let stage = told.events("stage").last().map_or("nothing", |stage| stage["stage"].as_str().unwrap());
            *killed_after.entry(stage.to_owned()).or_default() += 1;
        } else {
            ends += 1;
            longest = (longest * 0.7).max(60.0);
        }
        // There must be something to do, and sometimes a build should get far.
        if !is_killed || desk.random.below(3) == 0 {
            desk.edit();
        }
    }
    println!("{kills} kills, {ends} builds that came to their end, {:?}; after {killed_after:?}", start.elapsed());
    assert!(kills >= KILLS / 2, "only {kills} kills in {AT_MOST:?}");

    let last = Told::by(&desk.project, &[]).well();
    desk.note(&last);
    assert_as_clean(&desk.project);
    assert_at_rest(&desk.project);
    assert!(desk.made_again.is_empty(), "{} images made again: {:#?}", desk.made_again.len(), desk.made_again);
    assert!(desk.done.keys().eq(desk.versions.keys()), "each image was made: {:?}", desk.done);
}
