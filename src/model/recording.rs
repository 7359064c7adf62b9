//! Sound and video.

use super::LanguageMap;
use crate::model::address::SitePath;
use crate::model::geometry::Size;
use serde::{Deserialize, Serialize};

/// What of a recording there is to perceive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordingKind {
    Sound,
    Video,
}

/// What the header of a file with sound or video says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RecordingHeader {
    pub kind: RecordingKind,
    /// Seconds, more than 0; `None`: the file does not say.
    pub duration: Option<f64>,
    /// Of video, upright and in square pixels; `None`: the file does not say.
    pub size: Option<Size>,
}

/// A recording as it is published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recording {
    /// Its file in the site.
    pub path: SitePath,
    pub kind: RecordingKind,
    /// Seconds, more than 0.
    pub duration: f64,
    /// `Some` of all video.
    pub size: Option<Size>,
    /// What it is called among its layers.
    pub label: LanguageMap,
}
