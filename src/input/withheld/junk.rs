//! Names of files and folders that no archivist made: what file managers, network drives, recycle bins, snapshots and
//! raw converters leave in a folder. None of them is ever published.

/// Folders of network drives, recycle bins, snapshots and file systems, in lower case.
const SYSTEM: [&str; 43] = [
    ".@__thumb",
    ".@upload_cache",
    ".appledb",
    ".appledesktop",
    ".appledouble",
    ".dropbox.cache",
    ".stversions",
    ".recycle",
    ".snapshot",
    ".snapshots",
    ".trashes",
    "@eadir",
    "@recycle",
    "@recently-snapshot",
    "@sharebin",
    "@snapshot",
    "@cloudsync",
    "@database@",
    "@sharesnap",
    "@synologydrive",
    "@tmp",
    "@__thumb",
    "#recycle",
    "#snapshot",
    "~snapshot",
    "$recycle.bin",
    "$extend",
    "recycler",
    "system volume information",
    "lost+found",
    "__macosx",
    "network trash folder",
    "cleanup at startup",
    "trashbox",
    "temporary items",
    "thevolumesettingsfolder",
    "desktop db",
    "desktop df",
    "files_trashbin",
    "files_versions",
    "_vti_cnf",
    "_vti_pvt",
    "_gsdata_",
];

/// Caches of programs that develop or list images, in lower case.
const CACHES: [&str; 16] = [
    ".picasaoriginals",
    ".picasa.ini",
    "adobe bridge cache.bc",
    "adobe bridge cache.bct",
    "ipod photo cache",
    "captureone",
    "nksc_param",
    "canonmsc",
    "zbthumbnail.info",
    "thumbs.db",
    "ehthumbs.db",
    "ehthumbs_vista.db",
    "picasa.ini",
    "nc_fllst.dat",
    "digikam4.db",
    "thumbnails-digikam.db",
];

/// Endings of caches and catalogues of such programs, in lower case.
const CACHE_ENDINGS: [&str; 11] = [
    ".lrdata",
    ".lrcat-data",
    ".cocatalog",
    ".cocatalogdb",
    ".cosessiondb",
    ".comask",
    ".dtmp",
    ".bridgecache",
    ".bridgecachet",
    ".cot",
    ".cop",
];

/// Parts of the names of files in which a Synology drive keeps attributes.
const STREAMS: [&str; 2] = ["@synoeastream", "@synoresource"];

/// Parts of the names of files that programs for sharing keep beside the real one if two people changed it: Syncthing,
/// and in brackets Dropbox, Nextcloud and ownCloud.
const CONFLICT: &str = ".sync-conflict-";
const CONFLICTED: &str = "conflicted copy";

/// Endings of files that were not finished, in lower case.
const UNFINISHED: [&str; 8] = [".tmp", ".part", ".partial", ".filepart", ".crdownload", ".opdownload", ".bak", ".swp"];

/// Why a file is junk whose name begins with a dot.
const HIDDEN: &str = "hidden";

/// Why a file or folder of this name is junk, if it is.
pub fn junk(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    if name.starts_with("._") {
        Some("left by macOS beside the real file")
    } else if matches!(lower.as_str(), ".ds_store" | "desktop.ini" | "icon\r") {
        Some("left by a file manager")
    } else if is_system(&lower) {
        Some("of the system: a recycle bin, snapshots, thumbnails of a network drive or the like")
    } else if CACHES.contains(&lower.as_str()) || CACHE_ENDINGS.iter().any(|end| lower.ends_with(end)) {
        Some("a cache of a program for images")
    } else if is_conflict(&lower) {
        Some("kept by a program for sharing files beside the real file")
    } else if name.starts_with('.') {
        Some(HIDDEN)
    } else if name.ends_with('~') || name.starts_with("~$") || UNFINISHED.iter().any(|end| lower.ends_with(end)) {
        Some("temporary")
    } else {
        None
    }
}

/// Whether a path, `/`-separated, names junk, or something in a folder that is junk. A hidden file is none if somebody
/// names it.
pub fn leads_to_junk(path: &str) -> bool {
    path.split('/').any(|name| !matches!(name, "." | "..") && junk(name).is_some_and(|why| why != HIDDEN))
}

fn is_system(lower: &str) -> bool {
    // What chkdsk finds: FOUND.000, FOUND.001 …
    let found = lower.strip_prefix("found.").is_some_and(|number| number.len() == 3 && is_number(number));
    found || SYSTEM.contains(&lower) || STREAMS.iter().any(|stream| lower.ends_with(stream))
}

fn is_conflict(lower: &str) -> bool {
    let in_brackets = |text: &str| text.rsplit_once('(').is_some_and(|(_, inside)| inside.contains(CONFLICTED));
    lower.contains(CONFLICT) || lower.rsplit_once(')').is_some_and(|(before, _)| in_brackets(before))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systems_and_programs_leave_is_junk_in_any_case() {
        for name in [
            "@eaDir",
            "@Recycle",
            "@Recently-Snapshot",
            "$RECYCLE.BIN",
            "$Recycle.Bin",
            "System Volume Information",
            "#recycle",
            "#snapshot",
            ".Trashes",
            "lost+found",
            "__MACOSX",
            "Thumbs.db",
            "CaptureOne",
            "0001.dtmp",
            ".@__thumb",
            "FOUND.000",
            "Scans Previews.lrdata",
            "0001.jpg@SynoEAStream",
            "~$items.xlsx",
            "._0001.tif",
            ".AppleDouble",
            ".picasaoriginals",
            "Catalog.cocatalogdb",
            "0001 (Anna's conflicted copy 2024-03-01).tif",
            "0001.sync-conflict-20240301-101112-ABCDEFG.tif",
            "0001.tif.filepart",
            ".~lock.items.ods#",
        ] {
            assert!(junk(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_only_resembles_it_is_content() {
        for name in [
            "recycle",
            "eaDir",
            "found.html",
            "snapshot",
            "lost and found",
            "Capture One prints",
            "trash",
            "@home",
            "conflicted copy.tif",
        ] {
            assert_eq!(junk(name), None, "{name}");
        }
        assert!(leads_to_junk("a/@eaDir/1.pdf") && !leads_to_junk("../a/.notes/1.pdf"));
    }
}
