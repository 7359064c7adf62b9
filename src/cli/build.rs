//! `iiif-build build`.

use super::arguments::{BuildArguments, CheckArguments, Global, Outcome};
use super::report_file::ReportFile;
use super::shards::TaskArguments;
use super::terminal::{Terminal, say_finishing};
use super::{deploy, interrupt, plan};
use clap::Args;
use iiif_build::build::{self, ImageSink, Report};
use iiif_build::config::Config;
use iiif_build::diagnostics::Diagnostic;
use iiif_build::error::Error;
use std::path::PathBuf;

#[derive(Args)]
pub struct SiteArguments {
    #[command(flatten)]
    build: BuildArguments,
    #[command(flatten)]
    checks: CheckArguments,
    #[command(flatten)]
    consent: deploy::ConsentArguments,
    /// Write a report of the build to a JSON file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    task: TaskArguments,
}

pub fn run(arguments: &SiteArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    if arguments.task.is_wanted() {
        return arguments.task.run(&arguments.build, global, terminal);
    }
    let destination = arguments.build.destination()?;
    let (config, mistakes) = arguments.build.read(global)?;
    let config = arguments.checks.within(config);
    if !mistakes.is_empty() {
        return plan::refused(&mistakes, &config, terminal);
    }
    if !config.base_url_is_set && !config.strict {
        terminal.found(&[Diagnostic::no_base_url(config.base_url.as_str())]);
    }
    interrupt::listen(|| false, say_finishing);
    match destination {
        Some(destination) => {
            let make = |sink: Option<&dyn ImageSink>| make(&config, sink, arguments, terminal);
            deploy::build_into_store(destination, &config, &arguments.consent, make, terminal)
        }
        None => {
            let is_first = !config.output.join("index.html").exists();
            let report = make(&config, None, arguments, terminal)?;
            let outcome = summary(&report, &config, terminal);
            if is_first && report.refused.is_none() {
                terminal.say(NEXT);
            }
            Ok(outcome)
        }
    }
}

/// What a user can do after the first build.
const NEXT: &str = "next: `iiif-build serve --open` shows the site on this machine. `iiif-build deploy` and `iiif-build hosting HOST` publish it";

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
    let report = ReportFile::create(path, config, terminal)?;
    let done = build::build_with(config, sink, &report);
    let (written, done) = (report.finish(&done), done?);
    if written.is_err() {
        // The summary is shown all the same.
        summary(&done, config, terminal);
    }
    written.map(|()| done)
}

/// Shows the summary of a build.
fn summary(report: &Report, config: &Config, terminal: &Terminal) -> Outcome {
    terminal.summary(report, &config.output);
    Outcome::of(report, config)
}
