//! The messages between the build and a worker process: one JSON object per line.
//!
//! The build's first line holds the [`Rights`] of the process, and each further line is a [`Request`]. The process
//! answers with [`Reply`] lines, in any order.

use crate::build::watermark_file::WatermarkFile;
use crate::error::Error;
use crate::model::ImageHeader;
use crate::model::settings::ImageSettings;
use crate::pixels::decode::Format;
use crate::storage::fingerprint::FileStamp;
use crate::storage::output::{FolderDigest, staging_folder};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The files that a worker process can read and write; it has no other right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Files, and folders with all that is below them.
    pub read: Vec<PathBytes>,
    /// The folder below which it can make, write and remove files.
    pub write: Option<PathBytes>,
}

/// A task with its own number.
#[derive(Serialize)]
pub struct Request<'a> {
    pub number: u64,
    pub task: &'a Task,
}

/// A [`Request`] as it is read.
#[derive(Deserialize)]
pub struct Received {
    pub number: u64,
    pub task: Task,
}

#[derive(Serialize, Deserialize)]
pub enum Task {
    /// Read the headers of some files; no pixel is decoded.
    Probe {
        paths: Vec<PathBytes>,
        settings: ImageSettings,
    },
    /// Decode the watermark in a file within `memory` bytes.
    Watermark {
        path: PathBytes,
        memory: u64,
    },
    Tile(Box<TileTask>),
}

impl Task {
    /// The rights of a process that does only this task.
    pub fn rights(&self) -> Rights {
        match self {
            Task::Probe { paths, .. } => Rights { read: paths.clone(), write: None },
            Task::Watermark { path, .. } => Rights { read: vec![path.clone()], write: None },
            Task::Tile(task) => {
                let watermark = task.watermark.iter().map(|watermark| watermark.file.clone());
                let staging = staging_folder(&PathBuf::from(&task.target));
                Rights {
                    read: std::iter::once(task.source.clone()).chain(watermark).collect(),
                    write: Some(staging.as_path().into()),
                }
            }
        }
    }

    /// The rights of a process that does all tasks like this one: files anywhere, images in one folder.
    pub fn shared_rights(&self) -> Rights {
        let folder = match self {
            Task::Probe { .. } | Task::Watermark { .. } => None,
            Task::Tile(task) => {
                PathBuf::from(&task.target).parent().map(|folder| match folder.as_os_str().is_empty() {
                    true => Path::new(".").into(),
                    false => folder.into(),
                })
            }
        };
        Rights { read: vec![Path::new("/").into()], write: folder }
    }

    /// Whether it may decode JPEG 2000. OpenJPEG 2.5.3 can write beyond its memory (its issue 1652).
    pub fn needs_openjpeg(&self) -> bool {
        let is_jp2 = |header: &ImageHeader| *header.format == *Format::Jp2.name();
        match self {
            // Headers of JPEG 2000 are read without OpenJPEG.
            Task::Probe { .. } => false,
            Task::Watermark { .. } => true,
            Task::Tile(task) => {
                is_jp2(&task.header) || task.watermark.as_ref().is_some_and(|watermark| is_jp2(&watermark.header))
            }
        }
    }
}

/// One image and how to cut it.
#[derive(Serialize, Deserialize)]
pub struct TileTask {
    pub source: PathBytes,
    pub header: ImageHeader,
    pub settings: ImageSettings,
    /// The watermark that the settings name.
    pub watermark: Option<WatermarkTask>,
    /// Without the whole-image files that viewers ask for beside tiles.
    pub tiles_only: bool,
    /// Bytes that the decoder may hold.
    pub memory: u64,
    /// The image's folder.
    pub target: PathBytes,
    /// Is published with the image's files; the build writes it itself.
    #[serde(skip)]
    pub info_json: Vec<u8>,
    /// The stamp of the source when its header was read. The build checks that it is the same after all pixels were
    /// read.
    pub stamp: FileStamp,
}

/// A watermark as it was when its header was read.
#[derive(Serialize, Deserialize)]
pub struct WatermarkTask {
    pub file: PathBytes,
    pub header: ImageHeader,
    pub stamp: FileStamp,
}

impl WatermarkTask {
    /// The watermark in `settings`, whose file is `mark`.
    pub fn of(settings: &ImageSettings, mark: Option<&WatermarkFile>) -> Option<WatermarkTask> {
        let WatermarkFile { file, stamp, header, .. } = mark.filter(|_| settings.watermark.is_some())?;
        Some(WatermarkTask { file: file.as_path().into(), header: header.clone(), stamp: *stamp })
    }
}

/// All files of an image are written.
#[derive(Serialize, Deserialize)]
pub struct Tiled {
    pub digest: FolderDigest,
    /// The damage of the source although all its pixels could be read.
    pub damage: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Reply {
    pub number: u64,
    pub answer: Answer,
}

#[derive(Serialize, Deserialize)]
pub enum Answer {
    /// This many more pixels are done; the task goes on.
    Advanced(u64),
    /// The headers of all images in each file, or why they cannot be read.
    Probed(Vec<std::result::Result<Vec<ImageHeader>, Error>>),
    Watermark(ImageHeader),
    Tiled(Tiled),
    Failed(Error),
}

/// A path in the system's own bytes, which need not be text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathBytes(Vec<u8>);

impl From<&Path> for PathBytes {
    fn from(path: &Path) -> PathBytes {
        PathBytes(path.as_os_str().as_encoded_bytes().to_vec())
    }
}

impl From<&PathBytes> for PathBuf {
    #[cfg(unix)]
    fn from(path: &PathBytes) -> PathBuf {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(path.0.clone()).into()
    }

    #[cfg(not(unix))]
    fn from(path: &PathBytes) -> PathBuf {
        String::from_utf8_lossy(&path.0).into_owned().into()
    }
}
