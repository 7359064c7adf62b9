//! Settings that ask for a part of the program that it was built without: they are refused, never ignored.

use super::project::Config;
use crate::error::{Error, ErrorKind, Result};

/// The first setting of `config` that asks for a missing feature: a message, and the setting's keys.
pub fn lacking(config: &Config) -> Option<(String, Vec<&'static str>)> {
    let asked = [
        (config.remote.is_some(), cfg!(feature = "deploy"), "deploy", vec!["content"]),
        (!config.targets.is_empty(), cfg!(feature = "deploy"), "deploy", vec!["deploy"]),
        (!config.discovery.is_empty(), cfg!(feature = "discovery"), "discovery", vec!["discovery"]),
        (config.older.image, cfg!(feature = "image2"), "image2", vec!["iiif", "image-api"]),
        (config.older.presentation, cfg!(feature = "image2"), "image2", vec!["iiif", "presentation-api"]),
    ];
    let (.., feature, keys) = asked.into_iter().find(|(is_asked, is_built_in, ..)| *is_asked && !is_built_in)?;
    let why = format!("`{}` needs the feature `{feature}`: this program was built without it", keys.join("."));
    Some((why, keys))
}

impl Config {
    /// Refuses what [`lacking`] finds, also where a program has changed the settings after they were read.
    ///
    /// # Errors
    /// A setting asks for a feature that is not built in.
    pub(crate) fn check_features(&self) -> Result<()> {
        lacking(self).map_or(Ok(()), |(why, _)| Err(Error::new(ErrorKind::Config, why)))
    }
}
