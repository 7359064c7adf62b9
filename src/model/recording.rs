//! Recordings: sound and video.

use super::LanguageMap;
use crate::model::address::SitePath;
use crate::model::geometry::Size;
use serde::{Deserialize, Serialize};

/// The kinds of recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordingKind {
    /// Sound without video.
    Sound,
    /// Video, with or without sound.
    Video,
}

/// The header of a file with sound or video.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RecordingHeader {
    /// Sound or video.
    pub kind: RecordingKind,
    /// Seconds, more than 0. `None`: the file does not state it.
    pub duration: Option<f64>,
    /// The size of video, upright and in square pixels. `None`: the file does not state it.
    pub size: Option<Size>,
}

/// A recording as it is published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// The path of the file in the site.
    pub path: SitePath,
    /// Sound or video.
    pub kind: RecordingKind,
    /// Seconds, more than 0.
    pub duration: f64,
    /// `Some` for all video.
    pub size: Option<Size>,
    /// The label among the layers of its page.
    pub label: LanguageMap,
}
