//! PROBE of sound and video: the length of a recording, and the size of its picture. No sample is decoded, and the
//! files are published as they are.
//!
//! MP4 and WebM are read here ([`mp4`], [`webm`]), because only a few numbers are needed of them. `lofty` reads all
//! other sound.

mod mp4;
mod webm;

#[cfg(test)]
mod tests;

use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{RecordingHeader, RecordingKind};
use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::{AudioFile, FileType};
use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Endings of files that are taken for sound.
const SOUND: [&str; 10] = ["aac", "flac", "m4a", "m4b", "mp3", "oga", "ogg", "opus", "wav", "weba"];

/// Endings of files that are taken for video.
const VIDEO: [&str; 5] = ["m4v", "mov", "mp4", "ogv", "webm"];

/// The kind of a file by the ending of its name, in any case. `None`: it is not a recording.
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
/// A file of another format than its ending, or one that is damaged before its length is known.
pub fn probe(path: &Path) -> Result<RecordingHeader> {
    let file = files::open(path).map_err(|error| Error::read(ErrorKind::Content, path, error))?;
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let header = match ending.as_str() {
        "m4a" | "m4b" | "m4v" | "mov" | "mp4" => mp4::probe(&mut BufReader::new(file)),
        "weba" | "webm" => webm::probe(&mut BufReader::new(file)),
        _ => probe_sound(file, &ending),
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

/// Seconds, rounded to the millisecond as documents have them. `None`: the value is not a length.
fn seconds(value: f64) -> Option<f64> {
    let rounded = (value * 1000.0).round() / 1000.0;
    (rounded.is_finite() && rounded > 0.0).then_some(rounded)
}

/// Why a file could not be read: it ended too early, or reading failed.
fn unreadable(error: &std::io::Error) -> Refused {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "the file ends within its header".to_owned(),
        _ => format!("cannot read: {error}"),
    }
}

/// Reads the length of MP3, FLAC, Ogg, WAV and bare AAC. `ending`: that of the file's name, in lower case.
fn probe_sound(file: File, ending: &str) -> std::result::Result<RecordingHeader, Refused> {
    // The library allocates at most 16 MiB, but may panic.
    let read = catch_unwind(AssertUnwindSafe(|| read_sound(file, ending)));
    let duration = read.unwrap_or_else(|_| Err("its header is damaged".to_owned()))?;
    Ok(RecordingHeader { kind: RecordingKind::Sound, duration: seconds(duration), size: None })
}

fn read_sound(file: File, ending: &str) -> std::result::Result<f64, Refused> {
    let options = ParseOptions::new().read_tags(false).read_cover_art(false).parsing_mode(ParsingMode::Relaxed);
    let probe = lofty::probe::Probe::new(BufReader::new(file)).options(options);
    let probe = probe.guess_file_type().map_err(|error| unreadable(&error))?;
    let found = probe.file_type().ok_or("this is no sound in a known format")?;
    if !is_named(found, ending) {
        return Err(format!("it is named .{ending}, but holds {found:?}"));
    }
    let read = probe.read().map_err(|error| format!("its header cannot be read: {error}"))?;
    Ok(read.properties().duration().as_secs_f64())
}

/// Whether the name fits the format. Browsers use the name.
fn is_named(found: FileType, ending: &str) -> bool {
    match found {
        FileType::Aac => ending == "aac",
        FileType::Flac => ending == "flac",
        FileType::Mpeg => ending == "mp3",
        FileType::Opus | FileType::Vorbis | FileType::Speex => matches!(ending, "oga" | "ogg" | "opus"),
        FileType::Wav => ending == "wav",
        _ => false,
    }
}
