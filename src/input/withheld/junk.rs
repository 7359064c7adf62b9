//! Names of files and folders that no archivist made: what file managers, network drives, recycle bins, snapshots and
//! raw converters leave in a folder. None of them is ever published.

/// Folders of network drives, recycle bins, snapshots and file systems, in lower case.
const SYSTEM: [&str; 29] = [
    ".@__thumb",
    ".recycle",
    ".snapshot",
    ".snapshots",
    ".trashes",
    "@eadir",
    "@recycle",
    "@recently-snapshot",
    "@sharebin",
    "@snapshot",
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
    "temporary items",
    "thevolumesettingsfolder",
    "desktop db",
    "desktop df",
    "files_trashbin",
    "_vti_cnf",
    "_gsdata_",
];

/// Caches of programs that develop or list images, in lower case.
const CACHES: [&str; 11] = [
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
const CACHE_ENDINGS: [&str; 9] =
    [".lrdata", ".lrcat-data", ".cocatalog", ".cosessiondb", ".dtmp", ".bridgecache", ".bridgecachet", ".cot", ".cop"];

/// Parts of the names of files in which a Synology drive keeps attributes.
const STREAMS: [&str; 2] = ["@synoeastream", "@synoresource"];

/// Endings of files that were not finished, in lower case.
const UNFINISHED: [&str; 5] = [".tmp", ".part", ".crdownload", ".bak", ".swp"];

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
        ] {
            assert!(junk(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_only_resembles_it_is_content() {
        for name in
            ["recycle", "eaDir", "found.html", "snapshot", "lost and found", "Capture One prints", "trash", "@home"]
        {
            assert_eq!(junk(name), None, "{name}");
        }
        assert!(leads_to_junk("a/@eaDir/1.pdf") && !leads_to_junk("../a/.notes/1.pdf"));
    }
}
