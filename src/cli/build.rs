//! `iiif-build build`.

use super::report_file::ReportFile;
use super::terminal::Terminal;
use super::{BuildArguments, CheckArguments, Global, Outcome, interrupt};
use clap::Args;
use iiif_build::config::Config;
use iiif_build::error::Error;
use iiif_build::finding::Finding;
use iiif_build::pipeline::{self, Report};
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
    let config = arguments.checks.within(arguments.build.config(global)?);
    if !config.base_url_is_set && !config.strict {
        terminal.found(&[Finding::no_base_url(config.base_url.as_str())]);
    }
    interrupt::listen(|| false);
    let Some(path) = &arguments.report else { return build(&config, terminal) };
    let report = ReportFile::create(path, terminal)?;
    let done = pipeline::build(&config, &report);
    let written = report.finish(&done);
    let outcome = told(&done?, &config, terminal);
    written.map(|()| outcome)
}

/// Builds and says what came of it.
pub fn build(config: &Config, terminal: &Terminal) -> Result<Outcome, Error> {
    Ok(told(&pipeline::build(config, terminal)?, config, terminal))
}

fn told(report: &Report, config: &Config, terminal: &Terminal) -> Outcome {
    terminal.summary(report, &config.output);
    let is_clean = report.failures.is_empty() && !(config.strict && report.warnings().next().is_some());
    if is_clean { Outcome::Complete } else { Outcome::SomeFailed }
}
