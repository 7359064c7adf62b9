//! The ladder of wings and rooms in `src/`: imports point down only (ARCHITECTURE.md).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The wings of `src/` from top to bottom, each with its rooms from top to bottom. A wing may import the wings below it,
/// a room the rooms below it in its wing. `*` is the wing's own files; where it is not listed, they are the top room.
const WINGS: &[(&str, &[&str])] = &[
    ("publish", &["watch", "serve", "deploy", "viewers", "hosting", "headers"]),
    (
        "build",
        &[
            "pipeline",
            "publish",
            "claim",
            "documents",
            "shards",
            "images",
            "survey",
            "single",
            "memory",
            "worker",
            "run",
            "texts",
            "image_sink",
            "stages",
            "report",
            "plan",
            "last_good",
            "progress",
            "watermark_file",
            "threads",
        ],
    ),
    ("documents", &["discovery", "render", "pdf", "card", "iiif", "text", "info_json", "json", "document"]),
    (
        "input",
        &[
            "import", "content", "source", "media", "metadata", "tables", "withheld", "location", "text", "language",
            "xml", "yaml", "budget",
        ],
    ),
    ("pixels", &["tiling", "tile_plan", "decode", "encode", "splice", "libjpeg", "openjpeg"]),
    ("storage", &["shared", "store", "state", "ownership", "lock", "output", "revision", "fingerprint"]),
    ("config", &["*", "files", "machine"]),
    ("model", &["site", "*", "pyramid", "settings", "geometry", "address"]),
    ("error", &[]),
    ("diagnostics", &[]),
];

/// Where the compiler is told to trust us: the doors to C libraries.
const UNSAFE: [&str; 2] = ["pixels/libjpeg/", "pixels/openjpeg.rs"];

/// Who may write to standard output: the terminal, and the worker process, to the build that started it.
const SPEAKING: [&str; 2] = ["cli/terminal.rs", "cli/worker.rs"];

const PRINTING: [&str; 7] = ["println!", "eprintln!", "print!(", "eprint!(", "dbg!(", "stdout()", "stderr()"];

struct Source {
    /// Below `src/`.
    name: String,
    /// Without comments.
    code: String,
}

/// A place on the ladder: a wing, and a room of it or `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Room {
    wing: String,
    room: String,
}

impl Room {
    /// Of a module path below the crate's root, such as `pixels::decode::tiff` or `pixels::decode`.
    fn of(path: &[String]) -> Room {
        let wing = path.first().cloned().unwrap_or_default();
        let rooms = WINGS.iter().find(|(name, _)| *name == wing).map_or(&[][..], |(_, rooms)| rooms);
        let room = path.get(1).filter(|name| rooms.contains(&name.as_str())).cloned();
        Room { wing, room: room.unwrap_or("*".to_owned()) }
    }

    /// How far from the top: the wing's place, and the room's place in it.
    fn depth(&self) -> Option<(usize, usize)> {
        let wing = WINGS.iter().position(|(name, _)| *name == self.wing)?;
        let room = WINGS[wing].1.iter().position(|name| *name == self.room);
        Some((wing, room.map_or(0, |room| room + 1)))
    }
}

impl Source {
    /// The path of the file's module below the crate's root.
    fn module(&self) -> Vec<String> {
        let path = self.name.strip_suffix(".rs").unwrap_or(&self.name);
        path.strip_suffix("/mod").unwrap_or(path).split('/').map(str::to_owned).collect()
    }

    fn is_binary(&self) -> bool {
        matches!(self.module()[0].as_str(), "main" | "cli")
    }

    /// Every path that the code takes from the crate's root or from a module above its own.
    fn imports(&self) -> BTreeSet<Vec<String>> {
        let module = self.module();
        // Inside `mod tests { … }` at the end of a file `super` is the file's own module.
        let outside_tests = self.code.split("\nmod tests {").next().unwrap_or_default();
        let above = paths_after(outside_tests, "super::").into_iter().filter_map(|path| {
            let levels = 1 + path.iter().take_while(|name| *name == "super").count();
            let kept = module.len().checked_sub(levels)?;
            Some([&module[..kept], &path[levels - 1..]].concat())
        });
        above.chain(paths_after(&self.code, "crate::")).collect()
    }
}

/// The paths in `code` that begin with `root`, without it: `crate::a::{b, c::D}` holds `a::b` and `a::c::D`.
fn paths_after(code: &str, root: &str) -> Vec<Vec<String>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '$';
    code.match_indices(root)
        .filter(|(at, _)| !code[..*at].ends_with(is_part))
        .flat_map(|(at, _)| paths(&code[at + root.len()..]))
        .collect()
}

/// The paths at the beginning of `code`: one, or those of a group.
fn paths(code: &str) -> Vec<Vec<String>> {
    if let Some(group) = code.strip_prefix('{') {
        return outer_parts(group).iter().flat_map(|part| paths(part)).collect();
    }
    let name: String = code.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    match code[name.len()..].strip_prefix("::") {
        Some(rest) => paths(rest).into_iter().map(|path| [vec![name.clone()], path].concat()).collect(),
        None => vec![vec![name]],
    }
}

/// The parts of a group at its own depth: `a, b::{c, d}}` holds `a` and `b::{c, d}`.
fn outer_parts(group: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in group.chars().filter(|c| !c.is_whitespace()) {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += match c {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                };
                parts.last_mut().unwrap().push(c);
            }
        }
    }
    parts.into_iter().filter(|part| !part.is_empty()).collect()
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
    for source in sources().iter().filter(|source| !source.is_binary() && source.name != "lib.rs") {
        let own = Room::of(&source.module());
        let Some(depth) = own.depth() else {
            offences.push(format!("src/{}: this wing is not in the list of tests/layering.rs", source.name));
            continue;
        };
        for path in source.imports() {
            let named = Room::of(&path);
            // What the crate exports at its root is for others.
            if named != own && named.depth().is_none_or(|below| below <= depth) {
                offences.push(format!("src/{} -> {}", source.name, path.join("::")));
            }
        }
    }
    assert_none(offences);
}

#[test]
fn every_room_on_the_ladder_is_there() {
    let sources = sources();
    let rooms: BTreeSet<Room> = sources.iter().map(|source| Room::of(&source.module())).collect();
    let listed = WINGS.iter().flat_map(|(wing, names)| {
        let room = |room: &&str| Room { wing: (*wing).to_owned(), room: (*room).to_owned() };
        names.iter().map(room).collect::<Vec<_>>()
    });
    assert_none(listed.filter(|room| !rooms.contains(room)).map(|room| format!("{room:?} is not there")).collect());
}

#[test]
fn every_folder_of_a_wing_is_a_room_on_the_ladder() {
    let offences = sources().into_iter().filter(|source| !source.is_binary()).filter_map(|source| {
        let module = source.module();
        let (_, rooms) = WINGS.iter().find(|(wing, _)| *wing == module[0])?;
        let is_folder = source.name.matches('/').count() > 1;
        (is_folder && !rooms.contains(&module[1].as_str())).then(|| format!("src/{}", source.name))
    });
    assert_none(offences.collect());
}

#[test]
fn src_has_at_most_thirteen_entries() {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().count();
    assert!(entries <= 13, "{entries}");
}

#[test]
fn the_binary_reaches_the_library_by_its_public_name_only() {
    let is_offence = |source: &Source, path: &[String]| match source.is_binary() {
        true => WINGS.iter().any(|(wing, _)| *wing == path[0]),
        false => matches!(path[0].as_str(), "cli" | "main"),
    };
    let offences = sources().into_iter().flat_map(|source| {
        let named = paths_after(&source.code, "crate::").into_iter().filter(|path| is_offence(&source, path));
        named.map(|path| format!("src/{} -> crate::{}", source.name, path.join("::"))).collect::<Vec<_>>()
    });
    assert_none(offences.collect());
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
            // Not the words of a Content-Security-Policy, such as 'unsafe-inline'.
            let is_followed = |c: char| is_part(c) || c == '-';
            !code[..at].ends_with(is_part) && !code[at + word.len()..].starts_with(is_followed)
        })
    };
    let offences = sources()
        .into_iter()
        .filter(|source| is_word(&source.code) && !UNSAFE.iter().any(|door| source.name.starts_with(door)));
    assert_none(offences.map(|source| format!("src/{}: unsafe", source.name)).collect());
}
