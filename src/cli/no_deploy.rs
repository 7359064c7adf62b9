//! Stands for `deploy` in a program that was built without that feature.

use super::arguments::Outcome;
use super::terminal::Terminal;
use iiif_build::build::{ImageSink, Report};
use iiif_build::config::{Config, Destination};
use iiif_build::error::{Error, ErrorKind};

/// Consent to what a deploy refuses unasked.
#[derive(clap::Args)]
pub struct ConsentArguments {}

pub fn build_into_store(
    destination: Destination,
    _: &Config,
    _: &ConsentArguments,
    _: impl FnOnce(Option<&dyn ImageSink>) -> Result<Report, Error>,
    _: &Terminal,
) -> Result<Outcome, Error> {
    let why = format!("{} needs the feature `deploy`: this program was built without it", destination.url());
    Err(Error::new(ErrorKind::Config, why).with_hint("build into a folder"))
}
