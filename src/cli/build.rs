//! `iiif-build build`.

use super::terminal::Terminal;
use super::{BuildArguments, Global, Outcome};
use iiif_build::config::Config;
use iiif_build::error::Error;
use iiif_build::pipeline;

pub fn run(arguments: &BuildArguments, global: &Global, terminal: &Terminal) -> Result<Outcome, Error> {
    let config = arguments.config(global)?;
    if !config.base_url_is_set {
        terminal.warn(&format!("ids point at {}: set base-url before you publish", config.base_url.as_str()));
    }
    build(&config, terminal)
}

/// Builds and says what came of it.
pub fn build(config: &Config, terminal: &Terminal) -> Result<Outcome, Error> {
    let report = pipeline::build(config, terminal)?;
    terminal.summary(&report, &config.output);
    Ok(if report.failures.is_empty() { Outcome::Complete } else { Outcome::SomeFailed })
}
