//! What a curator changes in a finished document: properties merged into it (RFC 7396), then a patch (RFC 6902).

use crate::model::Description;
use serde::Serialize;
use serde_json::Value;

/// The bytes of a document, and why a patch could not be applied: it is left out then.
pub struct Amended {
    pub bytes: Vec<u8>,
    pub refused: Option<String>,
}

/// `document` with what `description` adds to it, and each of `parts` to the element of `items` in its place.
pub fn amended(document: &impl Serialize, description: &Description, parts: &[Option<&Description>]) -> Amended {
    let extra = |part: &Option<&Description>| part.is_some_and(|part| !part.extra.is_empty());
    if description.extra.is_empty() && description.patch.is_none() && !parts.iter().any(extra) {
        return Amended { bytes: super::to_json(document), refused: None };
    }
    // Only a map with keys that are no strings can fail, and there is none.
    let mut json = serde_json::to_value(document).unwrap_or_default();
    let items = json.get_mut("items").and_then(Value::as_array_mut);
    for (item, part) in items.into_iter().flatten().zip(parts) {
        part.iter().for_each(|part| merge(item, part));
    }
    merge(&mut json, description);
    let refused = description.patch.as_deref().and_then(|operations| patch(&mut json, operations).err());
    Amended { bytes: super::to_json(&json), refused }
}

/// `document` as JSON with what `description` adds to it.
pub fn with_extra(document: &impl Serialize, description: &Description) -> Value {
    // Only a map with keys that are no strings can fail, and there is none.
    let mut json = serde_json::to_value(document).unwrap_or_default();
    merge(&mut json, description);
    json
}

/// Its own properties win, and `null` takes one out.
fn merge(json: &mut Value, description: &Description) {
    if !description.extra.is_empty() {
        json_patch::merge(json, &Value::Object(description.extra.clone()));
    }
}

/// All operations, or none.
fn patch(json: &mut Value, operations: &[Value]) -> Result<(), String> {
    let patch: json_patch::Patch =
        serde_json::from_value(Value::Array(operations.to_vec())).map_err(|error| error.to_string())?;
    json_patch::patch(json, &patch).map_err(|error| error.to_string())
}
