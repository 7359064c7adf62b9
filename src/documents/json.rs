//! How documents become JSON: structs without their empty properties.

use serde::Serialize;
use std::collections::BTreeMap;

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
        $crate::documents::json::json_objects! {
            @fields $head [
                $($done)*
                $(#[$meta])*
                #[serde($(rename = $key,)? skip_serializing_if = "crate::documents::json::is_empty")]
                $vis $field: $type,
            ] $($rest)*
        }
    };
    (
        @fields $head:tt [$($done:tt)*]
        $(#[$meta:meta])* $vis:vis $field:ident $(as $key:literal)? : $type:ty, $($rest:tt)*
    ) => {
        $crate::documents::json::json_objects! {
            @fields $head [$($done)* $(#[$meta])* $(#[serde(rename = $key)])? $vis $field: $type,] $($rest)*
        }
    };
    ($($(#[$meta:meta])* $vis:vis struct $name:ident $(<$($parameter:tt),+>)? { $($fields:tt)* })+) => {
        $($crate::documents::json::json_objects! {
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

impl<K, V> MayBeEmpty for BTreeMap<K, V> {
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

/// JSON without white space.
pub fn to_compact_json(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).unwrap_or_default()
}
