//! How documents become JSON: structs without their empty properties, and what a curator changes in a finished
//! document: properties are merged into it (RFC 7396), then a patch is applied (RFC 6902).

use crate::model::{Description, LanguageMap};
use serde::Serialize;
use serde_json::Value;

/// Declares structs that are written as JSON objects, their fields in order and in camelCase.
///
/// `field as "@id": Type` gives a field another name in JSON. A property `field?: Type` is left out where it
/// [is empty](MayBeEmpty).
macro_rules! json_objects {
    (@fields [$($head:tt)*] [$($done:tt)*]) => {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        $($head)* { $($done)* }
    };
    (
        @fields $head:tt [$($done:tt)*]
        $(#[$meta:meta])* $vis:vis $field:ident $(as $key:literal)? ?: $type:ty, $($rest:tt)*
    ) => {
        $crate::documents::iiif::json::json_objects! {
            @fields $head [
                $($done)*
                $(#[$meta])*
                #[serde($(rename = $key,)? skip_serializing_if = "crate::documents::iiif::json::is_empty")]
                $vis $field: $type,
            ] $($rest)*
        }
    };
    (
        @fields $head:tt [$($done:tt)*]
        $(#[$meta:meta])* $vis:vis $field:ident $(as $key:literal)? : $type:ty, $($rest:tt)*
    ) => {
        $crate::documents::iiif::json::json_objects! {
            @fields $head [$($done)* $(#[$meta])* $(#[serde(rename = $key)])? $vis $field: $type,] $($rest)*
        }
    };
    ($($(#[$meta:meta])* $vis:vis struct $name:ident $(<$($parameter:tt),+>)? { $($fields:tt)* })+) => {
        $($crate::documents::iiif::json::json_objects! {
            @fields [$(#[$meta])* $vis struct $name $(<$($parameter),+>)?] [] $($fields)*
        })+
    };
}
pub(crate) use json_objects;

/// The value of a property that is left out of a document where it holds nothing.
pub trait MayBeEmpty {
    fn is_empty(&self) -> bool;
}

impl<T> MayBeEmpty for Option<T> {
    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl<T> MayBeEmpty for Vec<T> {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl MayBeEmpty for LanguageMap {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// Asked by the fields of [`json_objects`].
pub fn is_empty(value: &impl MayBeEmpty) -> bool {
    value.is_empty()
}

/// Pretty-printed JSON with a closing newline.
pub fn to_json(document: &impl Serialize) -> Vec<u8> {
    // Only a map with keys that are no strings can fail, and there is none.
    let mut bytes = serde_json::to_vec_pretty(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
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
