//! Names in `featured` that are of nothing below the collection.

use super::description::COLLECTION_FILE;
use crate::diagnostics::{Code, Diagnostic};
use crate::model::address::SitePath;
use crate::model::{Collection, Member};
use std::path::Path;

/// A warning for each name in the collection and below.
pub fn unknown(root: &Collection, content: &Path) -> Vec<Diagnostic> {
    let inner = root.members.iter().filter_map(|member| match member {
        Member::Collection(inner) => Some(inner),
        Member::Item(_) => None,
    });
    let below = inner.flat_map(|inner| unknown(inner, content));
    let names =
        root.description.featured.iter().filter(|name| !is_below(root, &root.path.join(name.trim_matches('/'))));
    let own = names.map(|name| {
        let message = format!("`featured` names {name:?}, and no item or collection below has this path");
        let warning = Diagnostic::new(Code::Metadata, message);
        let path = content.join(root.path.as_str()).join(COLLECTION_FILE);
        warning.with_path(path).with_hint("write the path of a folder as its address has it, from this collection on")
    });
    own.chain(below).collect()
}

fn is_below(collection: &Collection, path: &SitePath) -> bool {
    collection.members.iter().any(|member| match member {
        Member::Item(item) => item.path == *path,
        Member::Collection(inner) => inner.path == *path || is_below(inner, path),
    })
}
