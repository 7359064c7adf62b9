//! A build on many machines: `plan --shards`, `build --plan`, `finish` and `status`. Engines read the exit codes of these: 0
//! done, 64 used in a wrong way, 65 bad data (the same again fails again), 75 try again.

use super::arguments::{BuildArguments, CheckArguments, Global, Outcome};
use super::terminal::{Terminal, in_bytes, plural, say_finishing};
use super::{deploy, interrupt};
use clap::{Args, ValueEnum};
use iiif_build::build::shards::{Freezing, IntoFolder, Selection, ShardedPlan, Status, Taken, Task, TaskEnd, ranges};
use iiif_build::build::{self, ImageSink};
use iiif_build::config::{Config, Destination, Overrides};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::storage::shared::SharedFolder;
use serde_json::json;
use std::cell::Cell;
use std::path::PathBuf;

const DONE: u8 = 0;
/// `EX_USAGE`, `EX_DATAERR` and `EX_TEMPFAIL` of sysexits.h.
pub const USAGE: u8 = 64;
const BAD_DATA: u8 = 65;
const TRY_AGAIN: u8 = 75;

/// How `plan` writes a plan for many machines.
#[derive(Args)]
pub struct FreezeArguments {
    /// Write the plan down in N shards, which tasks on other machines can build.
    #[arg(long, value_name = "N", requires = "to", conflicts_with_all = ["files", "json", "csv"])]
    shards: Option<u32>,
    /// Where the plan is written: a folder that all machines share, or s3://, gs:// or az://.
    #[arg(long, value_name = "PLACE", requires = "shards")]
    to: Option<String>,
    /// Do not read the masters. Tasks then know a changed master by its size alone.
    #[arg(long, requires = "shards")]
    no_checksums: bool,
}

/// How `build` builds shards of a plan.
#[derive(Args)]
pub struct TaskArguments {
    /// Make only images, those of some shards of this plan.
    #[arg(long, value_name = "PLACE", requires = "shard")]
    plan: Option<String>,
    /// Which shards: 7, or 3,8-11, or auto for the number that Slurm, AWS Batch, Kubernetes or IIIF_BUILD_SHARD gives.
    #[arg(long, value_name = "WHICH", requires = "plan")]
    shard: Option<String>,
}

#[derive(Args)]
pub struct FinishArguments {
    #[command(flatten)]
    build: BuildArguments,
    #[command(flatten)]
    checks: CheckArguments,
    #[command(flatten)]
    consent: deploy::ConsentArguments,
    /// The place of the plan.
    #[arg(long, value_name = "PLACE")]
    plan: String,
    /// Publish without images that could not be made, if there are at most N.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    allow_failed: u64,
}

#[derive(Args)]
pub struct StatusArguments {
    /// The place of the plan.
    #[arg(long, value_name = "PLACE")]
    plan: String,
    /// Name only shards that are missing, or that have images that could not be made.
    #[arg(long)]
    failed: bool,
    /// How the shards are named: in words, as ranges for an engine such as 3,8-11, or as JSON.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Ranges,
    Json,
}

/// Whether the arguments of this process are those of such a command.
pub fn is_one(arguments: impl IntoIterator<Item = String>) -> bool {
    let is_ours = |word: &str| ["finish", "status", "--plan", "--shards"].contains(&word);
    arguments.into_iter().any(|word| is_ours(word.split('=').next().unwrap_or(&word)))
}

impl FreezeArguments {
    pub fn is_wanted(&self) -> bool {
        self.shards.is_some()
    }

    /// Writes the plan.
    pub fn run(
        &self,
        build: &BuildArguments,
        config: &Config,
        consent: &deploy::ConsentArguments,
        terminal: &Terminal,
    ) -> Result<Outcome, Error> {
        let write = || {
            let (Some(shards), Some(to)) = (self.shards, &self.to) else { return Ok(DONE) };
            let destination = build.destination()?;
            interrupt::listen(|| false, say_finishing);
            let folder = &open(to, Some(config))?;
            let store = destination.as_ref().map(Destination::url);
            let freezing = Freezing { folder, shards, checksums: !self.no_checksums, store };
            let freeze = |sink: Option<&dyn ImageSink>| build::freeze(config, sink, &freezing, terminal);
            let report = match destination {
                Some(destination) => deploy::announce_to_store(destination, config, consent, freeze, terminal)?,
                None => freeze(None)?,
            };
            if report.refused.is_some() {
                terminal.summary(&report, &config.output);
                return Ok(BAD_DATA);
            }
            // What failed so far was told. It is in no shard, and `finish` counts it.
            announce(&ShardedPlan::open(open(to, Some(config))?)?, to, terminal);
            Ok(DONE)
        };
        Ok(ended(write(), terminal))
    }
}

/// What a plan holds, and what comes next.
fn announce(plan: &ShardedPlan, to: &str, terminal: &Terminal) {
    let head = &plan.head;
    let (shards, images) = (plan.shards(), head.images());
    let most = head.shards.iter().map(|shard| shard.images).max().unwrap_or(0);
    let (shards_of, bytes) = (plural(shards.into(), "shard"), in_bytes(head.bytes()));
    terminal
        .say(&format!("{to}: {} in {shards_of}, at most {most} in each; masters of {bytes}", plural(images, "image")));
    let (last, tasks) = (shards.saturating_sub(1), plural(shards.into(), "task"));
    terminal.say(&format!(
        "next: `iiif-build build --plan {to} --shard auto` in {tasks}, numbered 0 to {last}; then `iiif-build finish --plan {to}`"
    ));
}

impl TaskArguments {
    pub fn is_wanted(&self) -> bool {
        self.plan.is_some()
    }

    /// Builds the shards.
    pub fn run(&self, build: &BuildArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
        let make = || {
            let (Some(place), Some(shard)) = (&self.plan, &self.shard) else { return Ok(DONE) };
            let config = build.config(global)?;
            interrupt::listen_and_end_with(TRY_AGAIN, || false, say_finishing);
            let plan = ShardedPlan::open(open(place, Some(&config))?)?;
            let variable = |name: &str| std::env::var(name).ok();
            let selection = Selection::parse(shard, plan.shards(), variable)?;
            let (end, report) = match &plan.head.store {
                None => {
                    let delivery = IntoFolder { output: &config.output };
                    Task { config: &config, plan: &plan, delivery: &delivery }.run(&selection, terminal)?
                }
                Some(url) => deploy::upload_shards(url, &config, &plan, &selection, terminal)?,
            };
            terminal.summary(&report, &config.output);
            Ok(match end {
                TaskEnd::Done => DONE,
                TaskEnd::BadData => BAD_DATA,
                TaskEnd::TryAgain => TRY_AGAIN,
            })
        };
        Ok(ended(make(), terminal))
    }
}

pub fn finish(arguments: &FinishArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let finish = || {
        let plan = |config: &Config| ShardedPlan::open(open(&arguments.plan, Some(config))?);
        // The records of a build into a store lie in a folder of their own.
        let head = plan(&arguments.build.config(global)?)?.head;
        let config = match &head.store {
            Some(url) => arguments.build.config_into(url, global)?,
            None => arguments.build.config(global)?,
        };
        let config = arguments.checks.within(config);
        interrupt::listen_and_end_with(TRY_AGAIN, || false, say_finishing);
        let plan = plan(&config)?;
        let taken = Taken::of(&plan, &config, arguments.allow_failed)?;
        let failed = Cell::new(0);
        let make = |sink: Option<&dyn ImageSink>| {
            let report = build::finish(&config, sink, &taken, terminal)?;
            failed.set(report.failures.len() as u64);
            Ok(report)
        };
        let outcome = match &head.store {
            Some(url) => {
                let destination = Destination::try_from(url.clone());
                let destination = destination.map_err(|why| Error::new(ErrorKind::Config, why))?;
                deploy::build_into_store(destination, &config, &arguments.consent, make, terminal)?
            }
            None => {
                let report = make(None)?;
                terminal.summary(&report, &config.output);
                Outcome::of(&report, &config)
            }
        };
        Ok(match outcome {
            Outcome::Complete => DONE,
            // It was allowed.
            Outcome::SomeFailed if (1..=arguments.allow_failed).contains(&failed.get()) => DONE,
            _ => BAD_DATA,
        })
    };
    Ok(ended(finish(), terminal))
}

pub fn status(arguments: &StatusArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let look = || {
        // Only for the credentials of a store.
        let config = Config::load(&global.root, &Overrides::default()).ok();
        let plan = ShardedPlan::open(open(&arguments.plan, config.as_ref())?)?;
        let status = Status::of(&plan)?;
        show(&status, &plan, arguments, terminal);
        Ok(match () {
            () if !status.missing.is_empty() => TRY_AGAIN,
            () if !status.failed.is_empty() => BAD_DATA,
            () => DONE,
        })
    };
    Ok(ended(look(), terminal))
}

fn show(status: &Status, plan: &ShardedPlan, arguments: &StatusArguments, terminal: &Terminal) {
    let of = |shards: &[u32]| ranges(shards.iter().copied());
    let mut again: Vec<u32> = status.missing.iter().chain(&status.failed).copied().collect();
    again.sort_unstable();
    match arguments.format {
        Format::Ranges if arguments.failed => terminal.print(&of(&again)),
        Format::Ranges => terminal.print(&ranges(0..plan.shards())),
        Format::Json => terminal.print_json(&json!({
            "shards": plan.shards(), "images": plan.head.images(), "made": status.images,
            "done": of(&status.done), "failed": of(&status.failed), "missing": of(&status.missing),
            "failures": status.failures.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })),
        Format::Text => {
            let (images, all) = (status.images, plan.head.images());
            if !arguments.failed {
                terminal.print(&format!("{images} of {} are made", plural(all, "image")));
                terminal.print(&format!("{} of {} done", status.done.len(), plural(plan.shards().into(), "shard")));
            }
            for (name, shards) in [("with images that could not be made", &status.failed), ("missing", &status.missing)]
            {
                if !shards.is_empty() {
                    terminal.print(&format!("{name}: {}", of(shards)));
                }
            }
            status.damaged.iter().chain(&status.failures).for_each(|error| terminal.print(&format!("  {error}")));
        }
    }
}

/// Opens the place of a plan. A bucket is reached as the target that has the same bucket, if there is one.
fn open(place: &str, config: Option<&Config>) -> Result<SharedFolder, Error> {
    if !place.contains("://") {
        return Ok(SharedFolder::Folder(PathBuf::from(place)));
    }
    match Destination::try_from(place.to_owned()).map_err(|why| Error::new(ErrorKind::Config, why))? {
        Destination::Folder(folder) => Ok(SharedFolder::Folder(folder)),
        destination => deploy::shared_folder(destination, config),
    }
}

/// The exit code of such a command.
fn ended(result: Result<u8, Error>, terminal: &Terminal) -> Outcome {
    Outcome::Code(result.unwrap_or_else(|error| {
        terminal.error(&error);
        match error.kind() {
            ErrorKind::Config => USAGE,
            ErrorKind::Content | ErrorKind::Image | ErrorKind::Template => BAD_DATA,
            // Disks, networks, other work, an end from outside.
            _ => TRY_AGAIN,
        }
    }))
}
