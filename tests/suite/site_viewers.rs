//! Other viewers that the site has itself: the setting `viewer`, and what `add-viewer` refuses. That they work with the
//! Manifests of a site is tested in a browser.

use crate::cli::{command, run};
use crate::draw::page;
use crate::project::{BASE_URL, Project};
use flate2::Compression;
use flate2::write::GzEncoder;
use iiif_build::error::ErrorKind;
use iiif_build::model::SiteViewer;
use iiif_build::publish::viewers::{Package, unpacked};
use std::fs;
use std::io::Write;
use tar::{Builder, EntryType, Header};

fn project(settings: &str) -> Project {
    Project::new().file("content/books/a/0001.png", page()).file("iiif-build.toml", settings)
}

/// One with the page of Mirador, as if it had been added.
fn with_mirador(settings: &str) -> Project {
    project(settings).file("static/viewers/mirador/index.html", "<title>Mirador</title>")
}

#[test]
fn the_sites_own_viewers_come_first_and_are_not_named_twice() {
    let site = with_mirador("viewer = 'mirador'").built();
    let html = site.text("books/a/index.html").replace("&#x2F;", "/");
    let own = format!("{BASE_URL}viewers/mirador/?iiif-content=");
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} is not in {html}"));
    assert!(at(&own) < at("universalviewer.dev"), "{html}");
    assert!(html.contains(&format!("data-pattern=\"{own}{{state}}\"")), "{html}");
    assert!(!html.contains("projectmirador.org"), "Mirador is named twice");
    assert!(!html[at(&own)..].split_once('>').unwrap().0.contains("external"), "it is a page of this site");
    assert!(site.has("viewers/mirador/index.html"));
}

#[test]
fn the_list_of_open_in_stands_below_the_sites_own_viewers() {
    let settings =
        "viewer = ['mirador', 'mirador']\nopen-in = [{ label = 'Ours', url = 'https://a.example/{manifest}' }]";
    let html = with_mirador(settings).built().text("books/a/index.html").replace("&#x2F;", "/");
    assert_eq!(html.matches("viewers/mirador/?iiif-content=http").count(), 1, "{html}");
    assert!(html.find("viewers/mirador/") < html.find("https://a.example/"), "{html}");
    let html = with_mirador("viewer = 'mirador'\nopen-in = []").built().text("books/a/index.html");
    assert!(html.contains("viewers") && !html.contains("universalviewer.dev"), "{html}");
}

#[test]
fn a_viewer_that_is_not_there_is_a_mistake_of_the_settings_with_the_command_that_brings_it() {
    for (settings, told) in [
        ("title = 'A'\nviewer = 'clover'", "run `iiif-build add-viewer clover`"),
        ("title = 'A'\nviewer = ['universalviewer']", "run `iiif-build add-viewer universalviewer`"),
        ("title = 'A'\nviewer = 'miradr'", "did you mean \"mirador\"?"),
        ("title = 'A'\nviewer = ['mirador', 'tify']", "expected one of \"mirador\", \"universalviewer\", \"clover\""),
        ("title = 'A'\nviewers = 'mirador'", "did you mean `viewer`?"),
    ] {
        let refused = with_mirador(settings).refused();
        assert_eq!(refused.kind(), ErrorKind::Config, "{settings}");
        assert_eq!(refused.position().map(|at| at.line), Some(2), "{settings}: {refused}");
        assert!(refused.to_string().contains(told), "{settings}: {refused}");
    }
}

#[test]
fn a_package_with_other_bytes_is_refused_and_nothing_is_written() {
    let project =
        project("viewer = 'mirador'").file("mirador.tgz", packed(&[("package/dist/mirador.min.js", "evil()")]));
    let file = project.root().join("mirador.tgz");
    let (code, _, said) = run(&project, &["add-viewer", "mirador", "--from", file.to_str().unwrap()]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("this is not the npm package mirador 4.0.0"), "{said}");
    assert!(!project.root().join("static").exists());
}

#[test]
fn a_registry_that_cannot_be_reached_is_named_without_credentials() {
    let project = project("");
    let output = command(&["add-viewer", "clover", "--root"])
        .arg(project.root())
        .env("NPM_CONFIG_REGISTRY", "http://user:hush@localhost:1/npm/")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("@samvera/clover-iiif 3.3.8") && said.contains("--from FILE"), "{said}");
    assert!(said.contains("localhost:1") && !said.contains("hush"), "{said}");
}

#[test]
fn a_file_of_somebody_else_in_the_way_is_refused_before_anything_is_fetched() {
    let project = with_mirador("");
    let output = command(&["add-viewer", "mirador", "--root"])
        .arg(project.root())
        .env("NPM_CONFIG_REGISTRY", "http://localhost:1")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("index.html") && said.contains("--force"), "{said}");
    let page = fs::read_to_string(project.root().join("static/viewers/mirador/index.html")).unwrap();
    assert_eq!(page, "<title>Mirador</title>");
}

/// A tar archive with entries of any name and type.
fn archive(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(vec![], Compression::fast()));
    for (path, kind, text) in entries {
        let mut header = Header::new_gnu();
        // Its own function for names refuses what is tested here.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        let is_link = matches!(kind, EntryType::Symlink | EntryType::Link);
        if is_link {
            header.set_link_name(text).unwrap();
        }
        let bytes = if is_link { &[][..] } else { text.as_bytes() };
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append(&header, bytes).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    archive(&files.iter().map(|(path, text)| (*path, EntryType::Regular, *text)).collect::<Vec<_>>())
}

const SCRIPT: (&str, EntryType, &str) = ("package/dist/mirador.min.js", EntryType::Regular, "Mirador = {}");
const LICENCE: (&str, EntryType, &str) = ("package/LICENSE", EntryType::Regular, "Apache");

#[test]
fn only_the_files_that_a_site_needs_are_unpacked() {
    let mirador = Package::of(SiteViewer::Mirador);
    let further = ("package/src/index.js", EntryType::Regular, "export");
    let folder = ("package/dist/", EntryType::Directory, "");
    let files = unpacked(&archive(&[LICENCE, further, folder, SCRIPT]), &mirador).unwrap();
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names, files[1].1.as_slice()), (vec!["LICENSE.txt", "mirador.min.js"], &b"Mirador = {}"[..]));

    let universal_viewer = Package::of(SiteViewer::UniversalViewer);
    let files = [
        ("package/dist/umd/UV.js", "UV = {}"),
        ("package/dist/umd/12.a.js", "1"),
        ("package/dist/uv.css", "a {}"),
        ("package/dist/esm/index.js", ""),
        ("package/LICENSE.txt", "MIT"),
    ];
    let names: Vec<_> =
        unpacked(&packed(&files), &universal_viewer).unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["umd/UV.js", "umd/12.a.js", "uv.css", "LICENSE.txt"]);
}

#[test]
fn a_hostile_archive_is_refused_as_a_whole() {
    let mirador = Package::of(SiteViewer::Mirador);
    for (path, kind, text) in [
        ("package/../../evil.js", EntryType::Regular, "evil"),
        ("package/dist/umd/../../../evil.js", EntryType::Regular, "evil"),
        ("/etc/evil", EntryType::Regular, "evil"),
        ("package\\..\\evil.js", EntryType::Regular, "evil"),
        ("C:/evil.js", EntryType::Regular, "evil"),
        ("package/link", EntryType::Symlink, "/etc/passwd"),
        ("package/hard", EntryType::Link, "package/LICENSE"),
        ("package/pipe", EntryType::Fifo, ""),
        ("package/device", EntryType::Char, ""),
        ("package/LICENSE", EntryType::Regular, "again"),
    ] {
        let refused = unpacked(&archive(&[SCRIPT, LICENCE, (path, kind, text)]), &mirador).unwrap_err();
        assert!(refused.message().contains("cannot be unpacked"), "{path}: {refused}");
    }
    // The name of a folder of the viewer must not lead out of it either.
    let universal_viewer = Package::of(SiteViewer::UniversalViewer);
    assert!(unpacked(&packed(&[("package/dist/umd/../../x.js", "")]), &universal_viewer).is_err());
}

#[test]
fn a_broken_archive_or_one_without_a_file_is_refused() {
    let mirador = Package::of(SiteViewer::Mirador);
    let whole = archive(&[SCRIPT, LICENCE]);
    for bytes in [&b""[..], b"no archive", &whole[..whole.len() / 2], &archive(&[SCRIPT])] {
        assert!(unpacked(bytes, &mirador).is_err(), "{} bytes", bytes.len());
    }
    let mut bomb = Builder::new(GzEncoder::new(vec![], Compression::fast()));
    let size = 128u64 << 20;
    let mut header = Header::new_gnu();
    header.set_path("package/dist/mirador.min.js").unwrap();
    header.set_size(size);
    header.set_cksum();
    bomb.append(&header, std::io::Read::take(std::io::repeat(b' '), size)).unwrap();
    let mut bomb = bomb.into_inner().unwrap();
    bomb.flush().unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 2 << 20 && unpacked(&bomb, &mirador).is_err());
}
