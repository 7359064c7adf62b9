//! Stands for `deploy` in a program that was built without that feature.

use super::arguments::Outcome;
use super::terminal::Terminal;
use iiif_build::build::shards::{Selection, ShardedPlan, TaskEnd};
use iiif_build::build::{ImageSink, Report};
use iiif_build::config::{Config, Destination};
use iiif_build::error::{Error, ErrorKind};
use iiif_build::storage::shared::SharedFolder;

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
    Err(refused(&destination.url()))
}

pub fn announce_to_store(
    destination: Destination,
    _: &Config,
    _: &ConsentArguments,
    _: impl FnOnce(Option<&dyn ImageSink>) -> Result<Report, Error>,
    _: &Terminal,
) -> Result<Report, Error> {
    Err(refused(&destination.url()))
}

pub fn upload_shards(
    url: &str,
    _: &Config,
    _: &ShardedPlan,
    _: &Selection,
    _: &Terminal,
) -> Result<(TaskEnd, Report), Error> {
    Err(refused(url))
}

pub fn shared_folder(destination: Destination, _: Option<&Config>) -> Result<SharedFolder, Error> {
    Err(refused(&destination.url()))
}

fn refused(url: &str) -> Error {
    let why = format!("{url} needs the feature `deploy`: this program was built without it");
    Error::new(ErrorKind::Config, why).with_hint("say a folder")
}
