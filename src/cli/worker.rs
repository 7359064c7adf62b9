//! `iiif-build worker`, hidden: the process in which images are decoded. The build starts it and speaks to it.

use super::Outcome;
use clap::Args;
use iiif_build::build;
use iiif_build::error::Error;
use std::io;

/// Beside the budget: code, stacks, buffers, and what estimates miss.
const SLACK: u64 = 512 << 20;

/// Of each thread.
const STACK: u64 = 16 << 20;

#[derive(Args)]
pub struct WorkerArguments {
    #[arg(long)]
    jobs: usize,
    #[arg(long)]
    memory: u64,
}

pub fn run(arguments: &WorkerArguments) -> Result<Outcome, Error> {
    limit_memory(arguments.memory.saturating_add(SLACK).saturating_add(arguments.jobs as u64 * STACK));
    build::serve_worker(arguments.jobs, io::stdin().lock(), io::stdout())?;
    Ok(Outcome::Complete)
}

/// Has the system refuse memory beyond `bytes`: a codec that runs wild dies before the machine does.
#[cfg(unix)]
fn limit_memory(bytes: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Data).maximum;
    // A stricter limit that somebody else has set stays.
    let _ = setrlimit(Resource::Data, Rlimit { current: Some(maximum.map_or(bytes, |most| most.min(bytes))), maximum });
}

#[cfg(not(unix))]
fn limit_memory(_: u64) {}
