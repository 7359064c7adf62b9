//! `iiif-build worker`, hidden: the process in which images are decoded. The build starts it and sends it tasks.

use super::Outcome;
use clap::Args;
use iiif_build::build;
use iiif_build::error::{Error, ErrorKind};
use std::io::{self, Write};

/// Bytes beside the budget: code, buffers, and what estimates miss.
const SLACK: u64 = 512 << 20;

/// Bytes beside the budget for each thread.
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
    let answers = answers().map_err(|error| Error::new(ErrorKind::Internal, format!("worker: {error}")))?;
    build::serve_worker(arguments.jobs, io::stdin().lock(), answers)?;
    Ok(Outcome::Complete)
}

/// Where the build reads answers: on Unix standard input is a socket for both directions, so that what a C library
/// prints is not among them. Else, and where another program stands between the two, standard output.
fn answers() -> io::Result<Box<dyn Write + Send>> {
    #[cfg(unix)]
    {
        use rustix::fs::{FileType, fstat};
        use std::os::fd::AsFd;
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        if FileType::from_raw_mode(fstat(&input)?.st_mode) == FileType::Socket {
            return Ok(Box::new(std::fs::File::from(input)));
        }
    }
    Ok(Box::new(io::stdout()))
}

/// Has the system refuse memory beyond `bytes`: a codec that takes ever more ends before the machine does.
#[cfg(unix)]
fn limit_memory(bytes: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Data).maximum;
    // A stricter limit that somebody else has set stays.
    let _ = setrlimit(Resource::Data, Rlimit { current: Some(maximum.map_or(bytes, |most| most.min(bytes))), maximum });
}

#[cfg(not(unix))]
fn limit_memory(_: u64) {}
