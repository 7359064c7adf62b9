//! From a save to the changed page in an open browser, on a project of 1,000 pages.
//!
//! `cargo bench --bench latency [-- ROUNDS]` serves a project of its own, saves something, waits until an open page is
//! told, and fetches what has changed. It prints a Markdown table. *At rest*: nothing has changed for so long that the
//! times of all files can be believed. *At once*: after the change before.

#[path = "../measure/machine.rs"]
mod machine;
mod project;
mod server;

use project::{Edit, Project};
use server::Server;
use std::collections::BTreeMap;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 15;

/// So long after the last change the times of files are believed.
const REST: Duration = Duration::from_millis(2500);

/// So long the server has done nothing when a change comes at once.
const PAUSE: Duration = Duration::from_millis(100);

/// What one change took, in milliseconds.
struct Latency {
    /// Until the build began, of the build, of its stages.
    noticed: f64,
    built: f64,
    stages: BTreeMap<String, f64>,
    /// Until the changed page was there again.
    reloaded: f64,
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(ROUNDS);
    let project = Project::new(std::env::temp_dir().join(format!("iiif-build-latency-{}", std::process::id())));
    let first =
        Command::new(env!("CARGO_BIN_EXE_iiif-build")).args(["-q", "build", "--root"]).arg(&project.root).status();
    assert!(first.is_ok_and(|status| status.success()), "the first build fails");
    let mut server = Server::start(&project.root);

    println!("{}; medians of {rounds} changes, in milliseconds\n", machine::machine());
    println!("| saved | | median | 90th percentile | worst | noticed | build | slowest stages |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut number = 1;
    for edit in Edit::ALL {
        for (when, pause) in [("at rest", REST), ("at once", PAUSE)] {
            let mut round = || {
                number += 1;
                project.prepare(number);
                sleep(pause);
                measure(&mut server, &project, edit, number)
            };
            print(edit, when, &(0..rounds).map(|_| round()).collect::<Vec<_>>());
        }
    }
}

fn measure(server: &mut Server, project: &Project, edit: Edit, number: u32) -> Latency {
    let before = server.fetch(&edit.path());
    server.catch_up();
    let start = Instant::now();
    project.save(edit, number);
    let seen = server.follow();
    let after = server.fetch(&edit.path());
    let reloaded = start.elapsed();
    assert!(shows(edit, number, &before, &after), "{}: the page does not show the change", edit.name());
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    Latency {
        noticed: milliseconds(seen.noticed - start),
        built: milliseconds(seen.built - seen.noticed),
        stages: seen.stages.into_iter().map(|(stage, seconds)| (stage, seconds * 1000.0)).collect(),
        reloaded: milliseconds(reloaded),
    }
}

fn shows(edit: Edit, number: u32, before: &[u8], after: &[u8]) -> bool {
    let text = String::from_utf8_lossy(after);
    match edit {
        Edit::Label => text.contains(&format!("Corrected {number}<")),
        Edit::Template => text.contains(&format!("Edition {number}<")),
        Edit::Page => before != after,
        Edit::Style => text.contains(&format!("order: {number} ")),
    }
}

fn print(edit: Edit, when: &str, latencies: &[Latency]) {
    let at = |part: f64, of: &dyn Fn(&Latency) -> f64| {
        let mut values: Vec<f64> = latencies.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[(values.len() as f64 * part) as usize - usize::from(part == 1.0)]
    };
    let reloaded = |latency: &Latency| latency.reloaded;
    let names = latencies[0].stages.keys();
    let mut stages: Vec<(&String, f64)> =
        names.map(|name| (name, at(0.5, &|latency| latency.stages.get(name).copied().unwrap_or(0.0)))).collect();
    stages.sort_by(|a, b| b.1.total_cmp(&a.1));
    let slowest: Vec<String> = stages.iter().take(4).map(|(name, time)| format!("{name} {time:.1}")).collect();
    println!(
        "| {} | {when} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {} |",
        edit.name(),
        at(0.5, &reloaded),
        at(0.9, &reloaded),
        at(1.0, &reloaded),
        at(0.5, &|latency| latency.noticed),
        at(0.5, &|latency| latency.built),
        slowest.join(" · "),
    );
}
