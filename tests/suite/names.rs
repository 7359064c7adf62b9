//! Names and ids: which work, which are refused, and what two of them must not share.

use crate::draw::{grey, page, png};
use crate::project::Project;
use crate::prove::assert_proven;
use iiif_build::error::{Error, ErrorKind};

#[test]
fn folders_that_lie_too_deep_are_refused_and_the_rest_is_built() {
    let project = Project::new().file("content/a/1.png", page());
    project.write(&format!("content/{}1.png", "d/".repeat(700)), page());
    let error = project.build_with_failure();
    assert!(error.message().contains("more than 100 folders"), "{error}");
    assert!(project.site().has("a/manifest.json"));
}

#[test]
fn spaces_apostrophes_and_any_script_work() {
    let folders =
        ["Père Goriot's letters", "日本の本", "Ελλάδα & Co", "a+b=c", "[x] {y}", "L’été (1)", "semi;colon, comma"];
    let mut project = Project::new();
    for folder in folders {
        project = project
            .file(&format!("content/{folder}/ページ 一.png"), page())
            .file(&format!("content/{folder}/it's 002.png"), page());
    }
    let site = project.built();
    assert_proven(&site);
    for folder in folders {
        assert_eq!(site.page_labels(folder), ["002", "ページ 一"], "{folder}");
        assert_eq!(site.json(&format!("{folder}/manifest.json"))["label"]["none"][0], folder);
    }
}

#[test]
fn names_are_published_in_one_unicode_form() {
    let site = Project::new().file("content/cafe\u{301}/1.png", page()).built();
    assert_proven(&site);
    assert!(site.has("caf\u{e9}/manifest.json"));
}

/// The site without what cannot be named, and the first error about it.
fn refused(path: &str) -> Error {
    let project = Project::new().file("content/good/1.png", page()).file(path, page());
    let error = project.build().failures.swap_remove(0);
    let site = project.site();
    assert_proven(&site);
    assert_eq!(site.image_ids().len(), 1);
    assert_eq!(error.kind(), ErrorKind::Content);
    assert!(error.hint().is_some(), "{error:?}");
    error
}

#[test]
fn a_percent_sign_in_a_name_is_refused_clearly() {
    for path in ["content/a%2Fb/1.png", "content/a/%2F.png", "content/a/1%2F..%2F2.png"] {
        let error = refused(path);
        assert!(error.to_string().contains("%2F") && error.message().contains("'%'"), "{error:?}");
    }
}

#[test]
fn names_that_windows_or_urls_cannot_keep_are_refused() {
    for path in [
        "content/NUL/1.png",
        "content/a?b/1.png",
        "content/a#b/1.png",
        "content/a\\b/1.png",
        "content/a:b/1.png",
        "content/a/con.png",
        "content/ends./1.png",
    ] {
        refused(path);
    }
}

#[test]
fn a_folder_named_as_an_address_of_the_site_is_refused() {
    for name in ["iiif", "assets", "Search", "index.html", "parts"] {
        refused(&format!("content/{name}/1.png"));
    }
}

#[test]
fn two_files_for_one_id_are_an_error_that_names_both() {
    let project = Project::new().file("content/a/x.png", page()).file("content/a/y.png", page());
    project.write("content/a/item.toml", "[pages.\"x.png\"]\nid = \"1\"\n[pages.\"y.png\"]\nid = \"1\"\n");
    let error = project.build_with_failure();
    let text = format!("{error:?}");
    assert_eq!(error.kind(), ErrorKind::Content);
    let path = |name: &str| project.root().join("content/a").join(name).display().to_string();
    assert!(text.contains(&path("x.png")) && text.contains(&path("y.png")), "{text}");
    assert_proven(&project.site());
    assert_eq!(project.site().image_ids().len(), 1);
}

#[test]
fn names_of_one_number_are_pages_with_their_whole_names() {
    for (first, second, tokens) in
        [("001.png", "scan_001.png", ["001", "scan 001"]), ("001.png", "x-001_m.png", ["001", "x-001"])]
    {
        let project =
            Project::new().file(&format!("content/a/{first}"), page()).file(&format!("content/a/{second}"), page());
        assert_eq!(project.built().page_labels("a"), tokens);
    }
}

#[test]
fn two_endings_or_folders_of_one_name_are_one_page() {
    for (first, second) in [("0020.tif", "0020.jp2"), ("0020.tif", "img/0020.tif")] {
        let project =
            Project::new().file(&format!("content/a/{first}"), page()).file(&format!("content/a/{second}"), page());
        assert_eq!(project.built().page_labels("a"), ["0020"]);
    }
}

/// Two folders that one file system keeps apart and another does not.
fn assert_collide(first: &str, second: &str) {
    let folder = |name: &str| format!("content/{name}/1.png");
    let project = Project::new().file(&folder(first), page()).file(&folder(second), page());
    let text = format!("{:?}", project.build_with_failure());
    assert!(text.contains(first) && text.contains(second), "{text}");
    assert_proven(&project.site());
}

#[test]
fn ids_that_differ_only_in_case_or_unicode_form_are_an_error_that_names_both() {
    assert_collide("Atlas", "atlas");
    assert_collide("ÉTÉ", "e\u{301}te\u{301}");
}

#[test]
fn ids_that_differ_only_in_sharp_or_long_s_are_an_error_that_names_both() {
    assert_collide("Straße", "STRASSE");
    assert_collide("Menſchen", "Menschen");
}

#[test]
fn ids_that_become_one_when_paths_are_joined_are_an_error_that_names_both() {
    let project = Project::new().file("content/a/b/1.png", page()).file("content/a-b/1.png", page());
    let text = format!("{:?}", project.build_with_failure());
    assert!(text.contains("a-b") && text.contains(&project.root().join("content/a/b").display().to_string()), "{text}");
    assert_proven(&project.site());
}

#[test]
fn image_ids_that_become_one_when_item_and_page_are_joined_are_an_error() {
    let project = Project::new()
        .file("content/a/b_1.png", page())
        .file("content/a_b/1.png", page())
        .file("content/a/item.toml", "[pages.\"b_1.png\"]\nid = \"b_1\"");
    project.build_with_failure();
    assert_proven(&project.site());
    assert_eq!(project.site().image_ids().len(), 1);
}

#[test]
fn ids_in_metadata_that_leave_the_site_are_refused() {
    for id in ["..", ".", "../evil", "/etc/passwd", "a/b", "C:\\x", "", " ", "a\\u0000b"] {
        for item in [
            format!("id = \"{id}\"", id = id.replace("\\x", "\\\\x")),
            format!("[pages.\"1.png\"]\nid = \"{}\"", id.replace("\\x", "\\\\x")),
        ] {
            let project = Project::new()
                .file("content/a/1.png", page())
                .file("content/b/1.png", page())
                .file("content/a/item.toml", &item);
            let failures = project.build().failures;
            assert!(
                !failures.is_empty() && failures.iter().all(|error| error.kind() == ErrorKind::Content),
                "{item}: {failures:?}"
            );
            let site = project.site();
            assert_proven(&site);
            assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["b_1"], "{item}");
        }
    }
}

#[test]
fn an_id_and_page_ids_of_ones_own_work() {
    let item = "id = \"ms-1\"\n[pages.\"x.png\"]\nid = \"f. 1r\"\nlabel = { la = \"folium 1\" }\n";
    let site = Project::new().file("content/a/x.png", page()).file("content/a/item.toml", item).built();
    assert_proven(&site);
    assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["ms-1_f. 1r"]);
    assert_eq!(site.canvases("a")[0]["label"]["la"][0], "folium 1");
}

#[test]
fn pages_stand_in_natural_order() {
    let names = ["x_10.png", "x_9.png", "x_002.png", "x_1v.png", "x_1r.png", "cover.png"];
    let site = names
        .iter()
        .fold(Project::new(), |project, name| project.file(&format!("content/a/{name}"), png(grey(9, 9))))
        .built();
    assert_eq!(site.page_labels("a"), ["1r", "1v", "002", "9", "10", "cover"]);
}

#[test]
fn junk_is_ignored_and_listed_by_the_plan() {
    let junk = ["Thumbs.db", "._x.tif", ".DS_Store", "desktop.ini", "1.png~", "notes.txt", "x.tif.part"];
    let project = junk.iter().fold(Project::new(), |project, name| project.file(&format!("content/a/{name}"), "junk"));
    let project = project.file("content/a/1.png", page()).file("content/.Trash/1.png", page());
    assert_proven(&project.built());
    assert_eq!(project.site().image_ids().len(), 1);
    let ignored: Vec<String> = project
        .plan()
        .ignored
        .iter()
        .map(|ignored| ignored.path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    for name in junk.iter().chain(&[".Trash"]) {
        assert!(ignored.iter().any(|ignored| ignored == name), "{name} is not listed: {ignored:?}");
    }
}
