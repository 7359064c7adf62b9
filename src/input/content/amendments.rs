//! Changes to a whole document that a curator keeps beside his metadata: `manifest.extra.json` is merged into it (RFC
//! 7396), then `manifest.patch.json` is applied (RFC 6902); of a collection's document the same under its name.

use super::description::{COLLECTION_FILE, ITEM_FILE};
use crate::error::{Error, ErrorKind, Position, Result};
use crate::input::source::ContentSource;
use crate::model::Description;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::io::ErrorKind::NotFound;
use std::path::Path;

/// The names of such files, each with the metadata file beside which it stands.
pub const AMENDMENTS: [(&str, &str); 4] = [
    ("manifest.extra.json", ITEM_FILE),
    ("manifest.patch.json", ITEM_FILE),
    ("collection.extra.json", COLLECTION_FILE),
    ("collection.patch.json", COLLECTION_FILE),
];

/// Those that may stand beside `file`.
pub fn beside(file: &str) -> impl Iterator<Item = &'static str> + '_ {
    AMENDMENTS.iter().filter(move |(_, beside)| *beside == file).map(|(name, _)| *name)
}

/// Adds those that stand in `folder` beside `file` to what it says.
pub fn read(folder: &Path, file: &str, source: &ContentSource, description: &mut Description) -> Result<()> {
    for name in beside(file) {
        let path = folder.join(name);
        if name.ends_with(".extra.json") {
            let extra: Option<Map<String, Value>> = json(&path, source, "a JSON object")?;
            description.extra.extend(extra.into_iter().flatten());
        } else {
            description.patch = json(&path, source, "a JSON Patch, a list of operations")?;
            operations(description.patch.as_deref().unwrap_or_default(), &path)?;
        }
    }
    Ok(())
}

/// Refuses what is no operation of a patch.
fn operations(patch: &[Value], path: &Path) -> Result<()> {
    for (index, operation) in patch.iter().enumerate() {
        serde_json::from_value::<json_patch::PatchOperation>(operation.clone()).map_err(|error| {
            let message = format!("operation {} is none of RFC 6902: {error}", index + 1);
            Error::new(ErrorKind::Content, message).with_path(path)
        })?;
    }
    Ok(())
}

/// What is in a file; `None`: there is none.
fn json<T: DeserializeOwned>(path: &Path, source: &ContentSource, expected: &str) -> Result<Option<T>> {
    let bytes = match source.read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == NotFound => return Ok(None),
        Err(error) => return Err(Error::read(ErrorKind::Content, path, error)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let position = Position { line: error.line(), column: error.column() };
        Error::new(ErrorKind::Content, format!("expected {expected}: {error}")).with_path(path).with_position(position)
    })
}
