//! PROBE of sound and video: the length of a recording, and the size of its picture. No sample is decoded, and the
//! files are published as they are. Their captions are in [`captions`].
//!
//! MP4, WebM and WAV are read here ([`mp4`], [`webm`], [`wav`]), because only a few numbers are needed of them. `lofty` reads the
//! headers of FLAC and Ogg. A length is never estimated from the size of a file: where a header states none, or not that of the
//! file as it is, the frames are gone through ([`mp3`], [`frames`], [`flac`]).

pub mod captions;
mod flac;
mod frames;
mod mp3;
mod mp4;
mod reader;
mod wav;
mod webm;

#[cfg(test)]
mod tests;

use crate::config::files;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{RecordingHeader, RecordingKind};
use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::{AudioFile, FileType};
use reader::Reader;
use std::fs::File;
use std::io::{BufReader, Seek};
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
        "m4a" | "m4b" | "m4v" | "mov" | "mp4" => mp4::probe(file),
        "weba" | "webm" => webm::probe(file),
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

/// A kind of sound, by the first bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sound {
    Wav,
    Mp3,
    Aac,
    Flac,
    Ogg,
    Other(&'static str),
}

impl Sound {
    fn of(found: FileType) -> Sound {
        match found {
            FileType::Aac => Sound::Aac,
            FileType::Flac => Sound::Flac,
            FileType::Mpeg => Sound::Mp3,
            FileType::Opus | FileType::Vorbis | FileType::Speex => Sound::Ogg,
            FileType::Wav => Sound::Wav,
            FileType::Aiff => Sound::Other("AIFF"),
            FileType::Ape => Sound::Other("Monkey's Audio"),
            FileType::Mp4 => Sound::Other("MP4"),
            FileType::WavPack => Sound::Other("WavPack"),
            _ => Sound::Other("something else"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Sound::Wav => "WAV",
            Sound::Mp3 => "MP3",
            Sound::Aac => "AAC",
            Sound::Flac => "FLAC",
            Sound::Ogg => "Ogg",
            Sound::Other(name) => name,
        }
    }

    /// Whether a file may have this ending. Browsers go by it.
    fn is_named(self, ending: &str) -> bool {
        match self {
            Sound::Wav => ending == "wav",
            Sound::Mp3 => ending == "mp3",
            Sound::Aac => ending == "aac",
            Sound::Flac => ending == "flac",
            Sound::Ogg => matches!(ending, "oga" | "ogg" | "opus"),
            Sound::Other(_) => false,
        }
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
    // All of them move one file, so that each begins anew.
    let reader = || Reader::new(&file);
    let is_wav = reader()?.len() >= 12 && wav::is_wav(&reader()?.bytes(0)?);
    let found = if is_wav { Sound::Wav } else { guess(&file)? };
    if !found.is_named(ending) {
        return Err(format!("it is named .{ending}, but holds {}", found.name()));
    }
    match found {
        Sound::Wav => wav::seconds(&mut reader()?),
        Sound::Mp3 => mp3::seconds(&mut reader()?),
        Sound::Aac => frames::seconds(&mut reader()?, frames::adts),
        Sound::Flac => {
            let (stated, rate) = read_header(&file)?;
            flac::seconds(&mut reader()?, rate, stated)
        }
        Sound::Ogg | Sound::Other(_) => read_header(&file).map(|(seconds, _)| seconds),
    }
}

fn guess(mut file: &File) -> std::result::Result<Sound, Refused> {
    file.rewind().map_err(|error| unreadable(&error))?;
    let probe = lofty::probe::Probe::new(BufReader::new(file));
    let probe = probe.guess_file_type().map_err(|error| unreadable(&error))?;
    probe.file_type().map(Sound::of).ok_or_else(|| "this is no sound in a known format".to_owned())
}

/// The length in seconds, and the samples a second.
fn read_header(mut file: &File) -> std::result::Result<(f64, u32), Refused> {
    file.rewind().map_err(|error| unreadable(&error))?;
    let options = ParseOptions::new().read_tags(false).read_cover_art(false).parsing_mode(ParsingMode::Relaxed);
    let probe = lofty::probe::Probe::new(BufReader::new(file)).options(options);
    let probe = probe.guess_file_type().map_err(|error| unreadable(&error))?;
    let read = probe.read().map_err(|error| format!("its header cannot be read: {error}"))?;
    let properties = read.properties();
    Ok((properties.duration().as_secs_f64(), properties.sample_rate().unwrap_or_default()))
}
