//! PROBE of sound and video: how long a recording is, and how large its picture. No sample is ever decoded, and the
//! files are published as they are.
//!
//! MP4 and WebM are read here ([`mp4`], [`webm`]), for what is asked of them is a few numbers; all other sound is the
//! business of `lofty`.

mod mp4;
mod sound;
mod webm;

#[cfg(test)]
mod tests;

use crate::error::{Error, ErrorKind, Result};
use crate::model::{RecordingHeader, RecordingKind};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Endings of files that are taken for sound.
const SOUND: [&str; 10] = ["aac", "flac", "m4a", "m4b", "mp3", "oga", "ogg", "opus", "wav", "weba"];

/// Endings of files that are taken for video.
const VIDEO: [&str; 5] = ["m4v", "mov", "mp4", "ogv", "webm"];

/// What a file is taken for by its name, in whatever case; `None`: no recording.
pub fn kind_of_name(name: &str) -> Option<RecordingKind> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        ending if SOUND.contains(&ending) => Some(RecordingKind::Sound),
        ending if VIDEO.contains(&ending) => Some(RecordingKind::Video),
        _ => None,
    }
}

/// Reads the header of a recording.
///
/// # Errors
/// A file that is not what its name says, or that is damaged before its length is known.
pub fn probe(path: &Path) -> Result<RecordingHeader> {
    let file = File::open(path).map_err(|error| Error::read(ErrorKind::Content, path, error))?;
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let header = match ending.as_str() {
        "m4a" | "m4b" | "m4v" | "mov" | "mp4" => mp4::probe(&mut BufReader::new(file)),
        "weba" | "webm" => webm::probe(&mut BufReader::new(file)),
        _ => sound::probe(file, &ending),
    };
    header.map_err(|why| {
        let error = Error::new(ErrorKind::Content, why).with_path(path);
        error.with_hint(
            "play it to see whether it is whole; or say its `duration` below [pages.\"its name\"] in item.toml",
        )
    })
}

/// Why a header cannot be read.
type Refused = String;

/// Seconds as the JSON of documents has them: to the millisecond; `None` of what is no length.
fn seconds(value: f64) -> Option<f64> {
    let rounded = (value * 1000.0).round() / 1000.0;
    (rounded.is_finite() && rounded > 0.0).then_some(rounded)
}

/// A file ended too early, or could not be read.
fn unreadable(error: &std::io::Error) -> Refused {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "the file ends within its header".to_owned(),
        _ => format!("cannot read: {error}"),
    }
}
