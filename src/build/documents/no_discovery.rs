//! Stands for the feeds in a program that was built without the feature `discovery`: a site has none, and feeds of an
//! earlier build are removed. Settings that ask for a feed are refused before.

use super::folders::Documents;
use crate::build::run::Run;
use crate::build::stages::Running;
use crate::config::Config;
use crate::error::Result;
use crate::storage::state::DocumentRecord;

pub fn folders(_: &Config) -> impl Iterator<Item = &str> {
    std::iter::empty()
}

pub fn kept<'a>(_: &Run<'a>) -> impl Iterator<Item = &'a str> {
    std::iter::empty()
}

/// Only notes that the history of the site does not hold this build.
pub fn publish(_: &Documents<'_>, run: &Run<'_>, _: &Running<'_>) -> Result<Vec<(String, Option<DocumentRecord>)>> {
    run.state.note_history_gap()?;
    Ok(vec![])
}
