//! A disk that is full, of bytes or of inodes: a clear error, no half file, and the next build goes on.
//!
//! The whole project lies on a small tmpfs, its state too. It is mounted in a namespace of its own (`unshare`), which
//! needs no rights where the system allows that; elsewhere the tests say `skipped` and pass.

use super::scan;
use crate::project::{BASE_URL, Project};
use crate::site::Site;
use crate::told::Told;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// Builds on a disk with the options `$LIMIT`, again with those of `$MORE`, and once more. `$OUT` keeps what came.
const SCRIPT: &str = r#"
mount -t tmpfs -o "$LIMIT" tmpfs "$DISK" || exit 77
cp -R "$SOURCES/." "$DISK"
build() {
  "$PROGRAM" build --log json --jobs 2 --base-url "$BASE_URL" --root "$DISK" 2>"$OUT/$1.log"
  echo $? >"$OUT/$1.code"
  mkdir -p "$DISK/public"
  cp -R "$DISK/public" "$OUT/$1"
}
build full
mount -o "remount,$MORE" "$DISK" || exit 77
build more
build last
"#;

struct Outcome {
    full: (Told, Tree),
    more: (Told, Tree),
    last: Told,
    clean: Tree,
}

type Tree = BTreeMap<String, Vec<u8>>;

fn tree(folder: &Path) -> Tree {
    let site = Site { root: folder.to_path_buf(), base_url: String::new(), max_size: 0, _folder: None };
    site.contents("")
}

/// Bytes and inodes that a tree takes on a tmpfs, generously.
fn space(tree: &Tree) -> (usize, usize) {
    let bytes = tree.values().map(|bytes| bytes.len().next_multiple_of(4096)).sum();
    let folders = |path: &str| path.match_indices('/').map(|(at, _)| path[..at].to_owned()).collect::<Vec<_>>();
    let folders: std::collections::BTreeSet<String> = tree.keys().flat_map(|path| folders(path)).collect();
    (bytes, tree.len() + folders.len())
}

/// `None` where no small disk can be had. `limit` answers mount options by what sources and site take.
fn on_a_small_disk(limit: impl Fn((usize, usize), (usize, usize)) -> [String; 2]) -> Option<Outcome> {
    let project = Project::new().file("iiif-build.toml", "[images]\ntile-size = 128\n");
    let project = (0..16).fold(project, |project, number| {
        project.file(&format!("content/item{}/{number}.tif", number / 4), scan(400, number))
    });
    let clean = project.afresh().built().contents("");
    let [limit, more] = limit(space(&tree(project.root())), space(&clean));
    let place = tempfile::tempdir().unwrap();
    let [disk, out] = ["disk", "out"].map(|name| place.path().join(name));
    [&disk, &out].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
    let status = Command::new("unshare")
        .args(["-Urm", "sh", "-c", SCRIPT])
        .envs([("LIMIT", limit), ("MORE", more), ("BASE_URL", BASE_URL.to_owned())])
        .envs([("DISK", &disk), ("OUT", &out), ("SOURCES", &project.root().to_path_buf())])
        .env("PROGRAM", env!("CARGO_BIN_EXE_iiif-build"))
        .output();
    if !status.as_ref().is_ok_and(|output| output.status.success()) {
        println!("skipped: no small disk can be mounted here: {status:?}");
        return None;
    }
    let told = |name: &str| {
        let read = |ending: &str| fs::read_to_string(out.join(format!("{name}.{ending}"))).unwrap();
        Told::new(read("code").trim().parse().ok(), read("log"))
    };
    let both = |name: &str| (told(name), tree(&out.join(name)));
    Some(Outcome { full: both("full"), more: both("more"), last: told("last"), clean })
}

/// A tile is that of a clean build. A document may be that of a site without the images for which there was no room.
fn is_whole(path: &str, bytes: &[u8], clean: &Tree) -> bool {
    match path.rsplit('.').next() {
        Some("json") => serde_json::from_slice::<serde_json::Value>(bytes).is_ok(),
        Some("html") => bytes.trim_ascii_end().ends_with(b"</html>"),
        Some("xml" | "txt") => !bytes.is_empty(),
        _ => clean.get(path).is_some_and(|clean| clean == bytes),
    }
}

fn assert_survived(outcome: Option<Outcome>) {
    let Some(Outcome { full: (full, half), more: (more, whole), last, clean }) = outcome else { return };
    assert_eq!(full.code, Some(1), "{}", full.said);
    let is_clear = |message: &str| message.contains("space") || message.contains("full") || message.contains("inode");
    let mut errors = full.events("error").filter(|error| error["kind"] == "output");
    assert!(errors.any(|error| is_clear(&error.to_string())), "no clear error: {}", full.said);
    let published = half.iter().filter(|(path, _)| !path.contains(".partial-"));
    let wrong: Vec<_> =
        published.filter(|(path, bytes)| !is_whole(path, bytes, &clean)).map(|(path, _)| path).collect();
    assert!(wrong.is_empty(), "half files: {wrong:?}");

    assert_eq!(more.code, Some(0), "{}", more.said);
    let twice: Vec<String> = full.images().intersection(&more.images()).cloned().collect();
    assert!(twice.is_empty(), "made again: {twice:?}");
    assert!(whole.keys().eq(clean.keys()), "other files than a clean build");
    assert!(whole == clean, "other bytes than a clean build");
    assert!(last.code == Some(0) && last.made_nothing(), "{}", last.said);
}

#[test]
fn a_full_disk_is_a_clear_error_and_the_next_build_goes_on() {
    assert_survived(on_a_small_disk(|(sources, _), (site, _)| {
        [format!("size={}", sources + site / 2 + 200_000), "size=200m".to_owned()]
    }));
}

#[test]
fn a_disk_without_inodes_is_a_clear_error_and_the_next_build_goes_on() {
    assert_survived(on_a_small_disk(|(_, sources), (_, site)| {
        [format!("size=200m,nr_inodes={}", sources + site / 2 + 20), "nr_inodes=100000".to_owned()]
    }));
}

#[test]
fn a_disk_with_no_room_at_all_is_a_clear_error() {
    assert_survived(on_a_small_disk(|(sources, _), _| [format!("size={}", sources + 8192), "size=200m".to_owned()]));
}
