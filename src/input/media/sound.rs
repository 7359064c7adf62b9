//! The length of MP3, FLAC, Ogg, WAV and bare AAC.

use super::{Refused, seconds};
use crate::model::{RecordingHeader, RecordingKind};
use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::{AudioFile, FileType};
use lofty::probe::Probe;
use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads the file whose name has this ending, in lower case.
pub fn probe(file: File, ending: &str) -> Result<RecordingHeader, Refused> {
    // The library bounds what it allocates (16 MiB); that it never panics is not for us to promise.
    let read = catch_unwind(AssertUnwindSafe(|| read(file, ending)));
    let duration = read.unwrap_or_else(|_| Err("its header is damaged".to_owned()))?;
    Ok(RecordingHeader { kind: RecordingKind::Sound, duration: seconds(duration), size: None })
}

fn read(file: File, ending: &str) -> Result<f64, Refused> {
    let options = ParseOptions::new().read_tags(false).read_cover_art(false).parsing_mode(ParsingMode::Relaxed);
    let probe = Probe::new(BufReader::new(file)).options(options);
    let probe = probe.guess_file_type().map_err(|error| super::unreadable(&error))?;
    let found = probe.file_type().ok_or("this is no sound in a known format")?;
    if !is_named(found, ending) {
        return Err(format!("it is named .{ending}, but holds {found:?}"));
    }
    let read = probe.read().map_err(|error| format!("its header cannot be read: {error}"))?;
    Ok(read.properties().duration().as_secs_f64())
}

/// Whether browsers, which go by the name, will take the file for what it is.
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
