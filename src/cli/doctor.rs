//! `iiif-build doctor`: what this machine has, and what of it will hurt a build.

use super::arguments::{Global, Outcome};
use super::terminal::{Terminal, in_bytes};
use clap::Args;
use iiif_build::config::machine::{self, Watches};
use iiif_build::config::{Config, Overrides, Resources};
use iiif_build::error::Error;
use iiif_build::pixels::codecs;
use iiif_build::storage::file_system::FileSystem;
use indicatif::HumanCount;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Less free space than this is soon used up.
const LEAST_FREE: u64 = 2 << 30;
/// A site has some 80 files for each page.
const LEAST_FILES: u64 = 100_000;
/// Memory for pixels that is enough for nearly every scan.
const LEAST_MEMORY: u64 = 512 << 20;
/// Files that a build can have open at the same time.
const LEAST_OPEN: u64 = 1024;

#[derive(Args)]
pub struct DoctorArguments {
    /// The project's folder, instead of --root.
    #[arg(value_name = "PROJECT")]
    project: Option<PathBuf>,
    /// The folder that will be written [default: public in the project].
    #[arg(long, value_name = "DIR", env = "IIIF_BUILD_OUTPUT")]
    output: Option<PathBuf>,
}

/// A fact about the machine.
struct Finding {
    what: &'static str,
    fact: String,
    /// What to do about it, if it will hurt.
    advice: Option<String>,
}

impl Finding {
    fn well(what: &'static str, fact: impl Into<String>) -> Finding {
        Finding { what, fact: fact.into(), advice: None }
    }

    fn hurts_if(mut self, hurts: bool, advice: impl Into<String>) -> Finding {
        self.advice = hurts.then(|| advice.into());
        self
    }
}

pub fn run(arguments: &DoctorArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let root = arguments.project.as_deref().unwrap_or(&global.root);
    let mut overrides = Overrides::default();
    overrides.output = arguments.output.clone();
    // It also helps where there is no project yet.
    let config = Config::load(root, &overrides).ok();
    let output = config
        .as_ref()
        .map_or_else(|| arguments.output.clone().unwrap_or(root.join("public")), |config| config.output.clone());
    let findings: Vec<Finding> = std::iter::once(Finding::well("codecs", codecs::versions().join(", ")))
        .chain(of_machine())
        .chain(of_output(&output))
        .chain(config.map(|config| of_watches(&config)))
        .collect();
    findings.iter().for_each(|finding| show(finding, terminal));
    let is_well = findings.iter().all(|finding| finding.advice.is_none());
    Ok(if is_well { Outcome::Complete } else { Outcome::SomeFailed })
}

fn show(Finding { what, fact, advice }: &Finding, terminal: &Terminal) {
    if terminal.is_json() {
        return terminal.print_json(&json!({ "what": what, "fact": fact, "advice": advice }));
    }
    terminal.print(&format!("{} {what:<17} {fact}", if advice.is_some() { "hurts" } else { "ok   " }));
    if let Some(advice) = advice {
        terminal.print(&format!("      {:<17} → {advice}", ""));
    }
}

fn of_machine() -> Vec<Finding> {
    let (Resources { jobs, memory: pixels, .. }, memory) = (Resources::default(), machine::memory());
    let mut found = vec![
        Finding::well("processor", format!("{jobs} cores; --jobs N takes fewer")),
        Finding::well(
            "memory",
            format!("{}, of which {} for pixels; --memory SIZE changes that", in_bytes(memory), in_bytes(pixels)),
        )
        .hurts_if(
            pixels < LEAST_MEMORY,
            "large scans can be refused: give this machine or its container 2 GiB of memory",
        ),
    ];
    if let Some(open) = machine::open_files() {
        let fact = format!("{} at the same time", HumanCount(open));
        found.push(Finding::well("open files", fact).hurts_if(open < LEAST_OPEN, "raise the limit: ulimit -n 4096"));
    }
    found.push(Finding::well(
        "locale",
        machine::locale().unwrap_or_else(|| "none is set; iiif-build needs none".to_owned()),
    ));
    found
}

/// The nearest folder at or above the output that exists tells what the output will be like.
fn of_output(output: &Path) -> Vec<Finding> {
    let output = std::path::absolute(output).unwrap_or_else(|_| output.to_path_buf());
    let folder = output.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let place = folder.display();
    let found = match FileSystem::at(folder) {
        Ok(found) => found,
        Err(error) => {
            let advice = "choose a folder that you may write, with --output or `output` in iiif-build.toml";
            return vec![Finding::well("output", error.to_string()).hurts_if(true, advice)];
        }
    };
    let FileSystem { has_hard_links, ignores_case, normalises, free_bytes, free_files } = found;
    let mut findings = vec![];
    if let Some(free) = free_bytes {
        let advice = "`iiif-build plan` says how much the site needs; --output names another disk";
        findings.push(
            Finding::well("disk", format!("{} free at {place}", in_bytes(free))).hurts_if(free < LEAST_FREE, advice),
        );
    }
    if let Some(free) = free_files {
        let advice = "a page has some 80 files; use another disk, or larger tiles (images.tile-size)";
        findings.push(
            Finding::well("files (inodes)", format!("{} more at {place}", HumanCount(free)))
                .hurts_if(free < LEAST_FILES, advice),
        );
    }
    let links = if has_hard_links { "yes" } else { "no: images for Image API 2 would be copies" };
    let names = match (ignores_case, normalises) {
        (false, false) => "each spelling is a file of its own",
        (true, false) => "A and a are one file: two items whose names differ only so are refused",
        (false, true) => "é in two spellings is one file",
        (true, true) => "A and a are one file, and so is é in two spellings: such names are refused",
    };
    findings.extend([Finding::well("hard links", links), Finding::well("file names", names)]);
    findings
}

/// `watch` and `serve` watch each folder of the content.
fn of_watches(config: &Config) -> Finding {
    let Watches { most, folders } = machine::watches(&config.content);
    match most {
        None => Finding::well("watched folders", format!("{}; the system names no limit", HumanCount(folders))),
        Some(most) => {
            let fact = format!("{} in the content; the system allows {}", HumanCount(folders), HumanCount(most));
            let advice = format!("sudo sysctl fs.inotify.max_user_watches={}", (folders * 4).max(524_288));
            Finding::well("watched folders", fact).hurts_if(folders >= most, advice)
        }
    }
}
