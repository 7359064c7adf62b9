//! `iiif-build build`.

use super::arguments::{BuildArguments, CheckArguments, Global, Outcome};
use super::report_file::ReportFile;
use super::terminal::{Terminal, say_finishing};
use super::{deploy as deploy_command, interrupt};
use clap::Args;
use iiif_build::build::{self, ImageSink, Report};
use iiif_build::config::{Config, Destination, Target};
use iiif_build::diagnostics::Diagnostic;
use iiif_build::error::{Error, ErrorKind};
use iiif_build::publish::deploy::{NamedTarget, Options, StreamingDeploy, Verify, deploy};
use iiif_build::storage::store::Store;
use std::path::PathBuf;

#[derive(Args)]
pub struct SiteArguments {
    #[command(flatten)]
    build: BuildArguments,
    #[command(flatten)]
    checks: CheckArguments,
    /// Write what was done, and why, to a JSON file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub fn run(arguments: &SiteArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let destination = arguments.build.destination()?;
    let config = arguments.checks.within(arguments.build.config(global)?);
    if !config.base_url_is_set && !config.strict {
        terminal.found(&[Diagnostic::no_base_url(config.base_url.as_str())]);
    }
    interrupt::listen(|| false, say_finishing);
    match destination {
        Some(destination) => build_into_store(destination, &config, arguments, terminal),
        None => Ok(summary(&make(&config, None, arguments, terminal)?, &config, terminal)),
    }
}

/// Builds, and shows the summary.
pub fn build(config: &Config, terminal: &Terminal) -> Result<Outcome, Error> {
    Ok(summary(&build::build(config, terminal)?, config, terminal))
}

fn make(
    config: &Config,
    sink: Option<&dyn ImageSink>,
    arguments: &SiteArguments,
    terminal: &Terminal,
) -> Result<Report, Error> {
    let Some(path) = &arguments.report else { return build::build_with(config, sink, terminal) };
    let report = ReportFile::create(path, terminal)?;
    let done = build::build_with(config, sink, &report);
    let (written, done) = (report.finish(&done), done?);
    if written.is_err() {
        // The summary is shown all the same.
        summary(&done, config, terminal);
    }
    written.map(|()| done)
}

/// Builds into a store: images are put one by one, everything else when the build is complete.
fn build_into_store(
    destination: Destination,
    config: &Config,
    arguments: &SiteArguments,
    terminal: &Terminal,
) -> Result<Outcome, Error> {
    if config.older.image {
        let why = "what goes to a store while it is built has the addresses of Image API 3 only";
        let hint = "set `image-api = [\"3\"]`, or build into a folder and deploy that";
        return Err(Error::new(ErrorKind::Config, why).with_hint(hint));
    }
    let url = destination.url();
    let named = config.targets.iter().find(|(_, target)| target.url == destination);
    let (name, target) = match named {
        Some((name, target)) => (name.clone(), target.clone()),
        None => (url, Target::of(destination)),
    };
    let store = Store::open(&target)?;
    let named = NamedTarget { name: &name, target: &target };
    let streaming = StreamingDeploy::new(config, named, &store, terminal)?;
    let built = streaming.during(|| make(config, Some(&streaming), arguments, terminal));
    let built = match built {
        Ok(built) if !built.refused => built,
        done => {
            streaming.give_up();
            return Ok(summary(&done?, config, terminal));
        }
    };
    let outcome = summary(&built, config, terminal);
    // The deploy that follows continues from here.
    drop(streaming);
    let options = Options { verify: config.verify.then_some(Verify::Full), ..Options::default() };
    let report = deploy(config, named, &store, options, terminal)?;
    Ok(outcome.and(deploy_command::report(&report, named, false, terminal)))
}

/// Shows the summary. Returns whether everything was built, without warnings if the build is strict.
fn summary(report: &Report, config: &Config, terminal: &Terminal) -> Outcome {
    terminal.summary(report, &config.output);
    let is_clean = report.failures.is_empty() && !(config.strict && report.warnings().next().is_some());
    if is_clean { Outcome::Complete } else { Outcome::SomeFailed }
}
