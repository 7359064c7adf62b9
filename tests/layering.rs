//! The layers of `src/` as an exact list: imports point down only (ARCHITECTURE.md). A new import is a decision: it is
//! written down here or it does not happen.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room of the library, from top to bottom, with the rooms that it may name. Not a transitive list: a room names
/// what it uses.
const ALLOWED: &[(&str, &[&str])] = &[
    ("serve", &["address", "error", "headers", "model", "progress"]),
    (
        "deploy",
        &[
            "address",
            "config",
            "error",
            "fingerprint",
            "geometry",
            "headers",
            "iiif",
            "model",
            "output",
            "pipeline",
            "progress",
            "pyramid",
            "settings",
            "state",
            "store",
        ],
    ),
    ("watch", &["content", "error", "output"]),
    (
        "pipeline",
        &[
            "address",
            "config",
            "content",
            "cutting",
            "decode",
            "discovery",
            "error",
            "finding",
            "fingerprint",
            "geometry",
            "iiif",
            "media",
            "model",
            "output",
            "plan",
            "progress",
            "render",
            "settings",
            "site",
            "source",
            "state",
            "text",
            "tiling",
        ],
    ),
    ("hosting", &["address", "error", "headers", "iiif"]),
    ("headers", &["iiif", "model"]),
    ("plan", &["address", "cutting", "error", "fingerprint", "model", "settings", "site"]),
    ("cutting", &["model", "pyramid", "settings"]),
    ("import", &["address", "content", "decode", "error", "model", "tables"]),
    (
        "content",
        &[
            "address", "config", "decode", "error", "finding", "media", "metadata", "model", "settings", "source",
            "tables", "yaml",
        ],
    ),
    ("source", &["config", "decode", "error", "fingerprint", "state", "store"]),
    ("media", &["error", "geometry", "model"]),
    ("tiling", &["decode", "encode", "error", "geometry", "iiif", "model", "output", "pyramid", "settings"]),
    ("discovery", &["address", "geometry", "iiif", "model", "site", "tables"]),
    ("render", &["address", "error", "fingerprint", "geometry", "iiif", "model", "site"]),
    ("store", &["config", "error", "state"]),
    ("decode", &["error", "geometry", "libjpeg", "model", "openjpeg", "pyramid", "settings", "splice"]),
    ("encode", &["error", "geometry", "libjpeg", "model", "settings"]),
    ("state", &["address", "error", "fingerprint", "machine", "model", "output", "settings"]),
    ("output", &["address", "error", "fingerprint"]),
    ("iiif", &["address", "fingerprint", "geometry", "model", "pyramid", "settings", "site", "text"]),
    ("metadata", &["error", "model", "xml"]),
    ("site", &["address", "geometry", "model", "pyramid", "settings"]),
    ("config", &["address", "error", "finding", "machine", "model", "settings", "tables", "text"]),
    ("tables", &["error", "finding", "model", "yaml"]),
    ("text", &["error", "geometry", "model", "xml"]),
    ("model", &["address", "finding", "geometry", "settings"]),
    ("settings", &[]),
    ("splice", &["error", "geometry", "libjpeg"]),
    ("pyramid", &["geometry"]),
    ("geometry", &[]),
    ("progress", &["error", "finding", "fingerprint"]),
    ("fingerprint", &[]),
    ("address", &[]),
    ("xml", &["error"]),
    ("yaml", &["error"]),
    ("error", &["finding"]),
    ("finding", &[]),
    ("machine", &[]),
    ("libjpeg", &[]),
    ("openjpeg", &[]),
    ("lib", &[]),
];

/// Where the compiler is told to trust us: the doors to C libraries.
const UNSAFE: [&str; 2] = ["libjpeg/", "openjpeg.rs"];

/// Who may write to standard output: the terminal, and the worker process, to the build that started it.
const SPEAKING: [&str; 2] = ["cli/terminal.rs", "cli/worker.rs"];

const PRINTING: [&str; 7] = ["println!", "eprintln!", "print!(", "eprint!(", "dbg!(", "stdout()", "stderr()"];

struct Source {
    /// Below `src/`.
    name: String,
    /// Without comments.
    code: String,
}

impl Source {
    /// The room that the file belongs to: its folder, or its own name.
    fn room(&self) -> &str {
        let first = self.name.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_binary(&self) -> bool {
        matches!(self.room(), "main" | "cli")
    }

    /// The rooms named after `root`, as in `crate::pyramid::Pyramid` or `crate::{error, model}`.
    fn rooms_named_after(&self, root: &str) -> BTreeSet<String> {
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        self.code
            .match_indices(root)
            .filter(|(at, _)| !self.code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            .flat_map(|(at, _)| {
                let rest = &self.code[at + root.len()..];
                match rest.strip_prefix('{') {
                    Some(group) => outer_names(group).into_iter().map(|name| word(&name)).collect(),
                    None => vec![word(rest)],
                }
            })
            .collect()
    }
}

/// The parts of a `use` group at its own depth: `a, b::{c, d}}` holds `a` and `b::`.
fn outer_names(group: &str) -> Vec<String> {
    let (mut depth, mut names) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ if depth == 0 && !c.is_whitespace() => names[..].last_mut().unwrap().push(c),
            _ => {}
        }
    }
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

fn sources() -> Vec<Source> {
    fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.is_dir() {
                true => gather(&entry, files),
                false if entry.extension().is_some_and(|ending| ending == "rs") => files.push(entry),
                false => {}
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    gather(&root, &mut files);
    files.sort();
    files
        .iter()
        .map(|file| {
            let name = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let lines = fs::read_to_string(file).unwrap();
            let code: Vec<&str> = lines.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            Source { name, code: code.join("\n") }
        })
        .collect()
}

fn assert_none(offences: Vec<String>) {
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

#[test]
fn imports_point_down_only() {
    let mut offences = vec![];
    for source in sources().iter().filter(|source| !source.is_binary()) {
        match ALLOWED.iter().find(|(room, _)| *room == source.room()) {
            None => offences.push(format!("src/{}: this room is not in the list of tests/layering.rs", source.name)),
            Some((room, allowed)) => offences.extend(
                source
                    .rooms_named_after("crate::")
                    .iter()
                    .filter(|named| named != room && !allowed.contains(&named.as_str()))
                    .map(|named| format!("src/{} -> {named}", source.name)),
            ),
        }
    }
    assert_none(offences);
}

#[test]
fn each_room_names_only_rooms_below_it() {
    let depth = |name: &str| ALLOWED.iter().position(|(room, _)| *room == name);
    let upward = ALLOWED.iter().flat_map(|(room, allowed)| {
        allowed.iter().filter(|named| depth(named) <= depth(room)).map(move |named| format!("{room} -> {named}"))
    });
    assert_none(upward.collect());
}

#[test]
fn the_list_allows_nothing_that_nobody_imports() {
    let sources = sources();
    let is_used = |room: &str, named: &str| {
        sources
            .iter()
            .filter(|source| source.room() == room)
            .any(|source| source.rooms_named_after("crate::").contains(named))
    };
    let unused = ALLOWED.iter().flat_map(|(room, allowed)| {
        allowed.iter().filter(|named| !is_used(room, named)).map(move |named| format!("{room} -> {named}"))
    });
    assert_none(unused.collect());
}

#[test]
fn the_binary_reaches_the_library_by_its_public_name_only() {
    let rooms: Vec<&str> = ALLOWED.iter().map(|(room, _)| *room).collect();
    let mut offences = vec![];
    for source in sources().iter().filter(|source| source.is_binary()) {
        let inner = source.rooms_named_after("crate::").into_iter().filter(|named| rooms.contains(&named.as_str()));
        offences.extend(inner.map(|named| format!("src/{} -> crate::{named}", source.name)));
    }
    for source in sources().iter().filter(|source| !source.is_binary()) {
        let outer = source.rooms_named_after("crate::").into_iter().filter(|named| named == "cli" || named == "main");
        offences.extend(outer.map(|named| format!("src/{} -> {named}", source.name)));
    }
    assert_none(offences);
}

#[test]
fn only_the_terminal_prints() {
    let offences =
        sources().into_iter().filter(|source| !SPEAKING.contains(&source.name.as_str())).flat_map(|source| {
            PRINTING
                .into_iter()
                .filter(|print| source.code.contains(print))
                .map(|print| format!("src/{}: {print}", source.name))
                .collect::<Vec<_>>()
        });
    assert_none(offences.collect());
}

#[test]
fn unsafe_code_is_behind_the_doors_to_c() {
    let is_word = |code: &str| {
        code.match_indices("unsafe").any(|(at, word)| {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            !code[..at].ends_with(is_part) && !code[at + word.len()..].starts_with(is_part)
        })
    };
    let offences = sources()
        .into_iter()
        .filter(|source| is_word(&source.code) && !UNSAFE.iter().any(|door| source.name.starts_with(door)));
    assert_none(offences.map(|source| format!("src/{}: unsafe", source.name)).collect());
}
