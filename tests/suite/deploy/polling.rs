//! Somebody who reads a site while it is deployed: one document after the other, and the files that it names.

use super::bucket::{Bucket, Client};
use super::reader::{Files, named};
use crate::project::Project;
use crate::random::Random;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

/// Between two documents: servers and the program are to have their turn.
const PAUSE: Duration = Duration::from_millis(15);

/// Of the files that a document names so many are looked for each time, drawn by lot.
const AT_ONCE: usize = 4;

pub struct Polling {
    has_ended: Arc<AtomicBool>,
    thread: JoinHandle<Found>,
}

#[derive(Default)]
pub struct Found {
    /// Documents that were read, each as often as it was.
    pub read: u64,
    pub broken: Vec<String>,
}

impl Polling {
    /// While `project` is deployed to where `before` was.
    pub fn of(bucket: &Bucket, project: &Project, before: &Files) -> Polling {
        let client = Client::of(bucket.server, &bucket.name);
        let (local, before) = (project.site(), before.clone());
        let has_ended = Arc::new(AtomicBool::new(false));
        let ended = has_ended.clone();
        let thread = spawn(move || {
            let paths: BTreeSet<String> = local.files("").into_iter().chain(before.keys().cloned()).collect();
            let documents: Vec<String> = paths.into_iter().filter(|path| is_document(path)).collect();
            let (mut found, mut random) = (Found::default(), Random(0x2545_f491_4f6c_dd1d));
            while !ended.load(Ordering::Relaxed) {
                let path = &documents[random.below(documents.len() as u32) as usize];
                look(&client, path, &before, &local.root, &mut random, &mut found);
                sleep(PAUSE);
            }
            found
        });
        Polling { has_ended, thread }
    }

    pub fn end(self) -> Found {
        self.has_ended.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn is_document(path: &str) -> bool {
    path.ends_with(".json") || path.ends_with(".html")
}

/// What is not there is missed only if the document that names it is still as it was when it was read.
fn look(client: &Client, path: &str, before: &Files, local: &Path, random: &mut Random, found: &mut Found) {
    let Some(bytes) = client.get(path) else { return };
    found.read += 1;
    let mut named = named(path, &bytes, before, local);
    for _ in 0..AT_ONCE.min(named.len()) {
        let name = named.swap_remove(random.below(named.len() as u32) as usize);
        if !client.has(&name) && client.get(path).as_ref() == Some(&bytes) {
            found.broken.push(format!("{path} names {name}"));
        }
    }
}
