//! A curator's changes to a finished document: properties are merged into it (RFC 7396), then a patch is applied (RFC
//! 6902).

use crate::documents::json::{MayBeEmpty, to_json};
use crate::error::{Error, ErrorKind};
use crate::input::budget::Budget;
use crate::model::{Description, LanguageMap};
use json_patch::PatchOperation;
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

/// Applies all operations, or none. Each is measured before: a few that copy what they copied would fill all memory.
fn patch(json: &mut Value, operations: &[Value]) -> Result<(), String> {
    let patch: json_patch::Patch =
        serde_json::from_value(Value::Array(operations.to_vec())).map_err(|error| error.to_string())?;
    let (mut changed, budget) = (json.clone(), Budget::new(Measure::of(json).bytes, TIMES));
    for (index, operation) in patch.iter().enumerate() {
        let refused = |error: Error| format!("operation '/{index}' is not applied: {}", error.message());
        measure(&changed, operation, &budget).map_err(refused)?;
        json_patch::patch_unsafe(&mut changed, std::slice::from_ref(operation)).map_err(|mut error| {
            error.operation = index;
            error.to_string()
        })?;
    }
    *json = changed;
    Ok(())
}

/// A patched document may always have so many times its own size.
const TIMES: u64 = 16;

/// Depth of a patched document: that of any JSON that is read.
const MAX_DEPTH: usize = 128;

/// Copies that are in memory at a time: the value, and the JSON that is made of it.
const COPIES: usize = 3;

/// Takes what an operation makes from the budget.
fn measure(document: &Value, operation: &PatchOperation, budget: &Budget) -> crate::error::Result<()> {
    let at = |pointer: &str| document.pointer(pointer);
    let (made, from) = match operation {
        PatchOperation::Add(add) => (Some(&add.value), None),
        PatchOperation::Replace(replace) => (Some(&replace.value), None),
        PatchOperation::Copy(copy) => (at(copy.from.as_str()), None),
        PatchOperation::Move(moved) => (at(moved.from.as_str()), Some(moved.from.as_str())),
        PatchOperation::Remove(_) | PatchOperation::Test(_) => (None, None),
    };
    for pointer in std::iter::once(operation.path().as_str()).chain(from) {
        // The elements behind it move.
        let list = pointer.rsplit_once('/').and_then(|(list, _)| at(list)?.as_array());
        budget.work(1 + list.map_or(0, Vec::len))?;
    }
    let Some(Measure { bytes, depth }) = made.map(Measure::of) else { return Ok(()) };
    budget.work(bytes / VALUE)?;
    if operation.path().as_str().matches('/').count() + depth > MAX_DEPTH {
        return Err(Error::new(ErrorKind::Content, format!("the document would be more than {MAX_DEPTH} deep")));
    }
    if from.is_some() { Ok(()) } else { budget.take(bytes * COPIES) }
}

/// Memory for a value, beside its text.
const VALUE: usize = size_of::<Value>();

/// The size of a value.
struct Measure {
    bytes: usize,
    depth: usize,
}

impl Measure {
    fn of(value: &Value) -> Measure {
        let (mut whole, mut inner) = (Measure { bytes: VALUE, depth: 1 }, 0);
        let mut add = |value: &Value| {
            let Measure { bytes, depth } = Measure::of(value);
            whole.bytes = whole.bytes.saturating_add(bytes);
            inner = inner.max(depth);
        };
        match value {
            Value::Array(values) => values.iter().for_each(&mut add),
            Value::Object(entries) => entries.values().for_each(&mut add),
            _ => {}
        }
        let text = match value {
            Value::String(text) => text.len(),
            Value::Object(entries) => entries.keys().map(|key| key.len() + VALUE).sum(),
            _ => 0,
        };
        Measure { bytes: whole.bytes.saturating_add(text), depth: whole.depth + inner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(operations: Value) -> Result<Value, String> {
        let mut document = json!({ "a": ["x", "y"], "b": { "c": "z" } });
        patch(&mut document, operations.as_array().unwrap()).map(|()| document)
    }

    #[test]
    fn all_operations_are_applied_or_none_and_an_error_has_its_number() {
        let add = json!({ "op": "add", "path": "/a/0", "value": 1 });
        let moved = json!({ "op": "move", "from": "/b/c", "path": "/d" });
        assert_eq!(patched(json!([add, moved])).unwrap(), json!({ "a": [1, "x", "y"], "b": {}, "d": "z" }));
        let error = patched(json!([add, { "op": "remove", "path": "/e" }])).unwrap_err();
        assert!(error.contains("'/1'"), "{error}");
    }

    #[test]
    fn a_document_neither_grows_nor_nests_without_bounds() {
        let copies = |from: &str| -> Value {
            (0..40).map(|at| json!({ "op": "copy", "from": from, "path": format!("/{at}") })).collect()
        };
        assert!(patched(copies("")).unwrap_err().contains("memory"));
        assert!(patched(copies("/a")).is_ok());
        let mut path = String::new();
        let nested = (0..40).map(|_| {
            let operation = json!({ "op": "copy", "from": "/b", "path": format!("/b{path}/n") });
            path = format!("{path}/n{path}");
            operation
        });
        let nested: Value = nested.take(12).collect();
        assert!(patched(nested).unwrap_err().contains("deep"));
        let shifts: Value = (0..30_000).map(|_| json!({ "op": "add", "path": "/a/0", "value": "" })).collect();
        assert!(patched(shifts).unwrap_err().contains("too long"));
    }
}
