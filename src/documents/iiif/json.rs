//! A curator's changes to a finished document: properties are merged into it (RFC 7396), then a patch is applied (RFC
//! 6902).

use crate::documents::json::{MayBeEmpty, to_json};
use crate::model::{Description, LanguageMap};
use serde::Serialize;
use serde_json::Value;

impl MayBeEmpty for LanguageMap {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// The bytes of a document.
pub struct Amended {
    pub bytes: Vec<u8>,
    /// Why the patch could not be applied, if so. The document is then without it.
    pub refused: Option<String>,
}

/// `document` with the properties and the patch of `description`; each of `parts` amends the element of `items` at the
/// same index.
pub fn amended(document: &impl Serialize, description: &Description, parts: &[Option<&Description>]) -> Amended {
    let extra = |part: &Option<&Description>| part.is_some_and(|part| !part.extra.is_empty());
    if description.extra.is_empty() && description.patch.is_none() && !parts.iter().any(extra) {
        return Amended { bytes: to_json(document), refused: None };
    }
    // Only a map with keys that are no strings can fail, and there is none.
    let mut json = serde_json::to_value(document).unwrap_or_default();
    let items = json.get_mut("items").and_then(Value::as_array_mut);
    for (item, part) in items.into_iter().flatten().zip(parts) {
        part.iter().for_each(|part| merge(item, part));
    }
    merge(&mut json, description);
    let refused = description.patch.as_deref().and_then(|operations| patch(&mut json, operations).err());
    Amended { bytes: to_json(&json), refused }
}

/// `document` as JSON with the properties that `description` adds to it.
pub fn with_extra(document: &impl Serialize, description: &Description) -> Value {
    // Only a map with keys that are no strings can fail, and there is none.
    let mut json = serde_json::to_value(document).unwrap_or_default();
    merge(&mut json, description);
    json
}

/// Properties of the description replace those of `json`; `null` removes one.
fn merge(json: &mut Value, description: &Description) {
    if !description.extra.is_empty() {
        json_patch::merge(json, &Value::Object(description.extra.clone()));
    }
}

/// Applies all operations, or none.
fn patch(json: &mut Value, operations: &[Value]) -> Result<(), String> {
    let patch: json_patch::Patch =
        serde_json::from_value(Value::Array(operations.to_vec())).map_err(|error| error.to_string())?;
    json_patch::patch(json, &patch).map_err(|error| error.to_string())
}
