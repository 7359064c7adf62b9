//! Marks in what metadata, rights, tables and systems withhold: no published byte holds one, in no format and at no
//! place that the site reaches. The same archive made public first shows that the search finds each of them.

mod archive;

use crate::archive::assert_as_clean;
use crate::cli;
use crate::deploy::bucket::Bucket;
use crate::deploy::server;
use crate::draw::{page, png};
use crate::http::get;
use crate::older::BOTH;
use crate::pdf::reader::Pdf;
use crate::project::Project;
use crate::site::Site;
use crate::withheld::{alto, revealing, reveals, secret};
use archive::{GONE, OPEN, SETTINGS, archive, change};
use std::collections::BTreeSet;
use std::fs;

fn built(project: &Project) -> Site {
    project.build();
    project.site()
}

#[track_caller]
fn assert_closed(project: &Project) {
    let site = project.site();
    assert_eq!(revealing(&site.root), BTreeSet::new());
    assert_eq!(revealing(&project.root().join(".iiif-build")), BTreeSet::new());
    for item in OPEN {
        assert!(site.has(&format!("{item}/manifest.json")), "{item} is open");
    }
    for item in GONE {
        assert!(!site.has(&format!("{item}/manifest.json")), "{item} is closed");
    }
}

#[test]
fn no_mark_in_what_is_withheld_is_published_whatever_withholds_it() {
    let project = archive(true);
    let report = project.build();
    assert_closed(&project);
    let site = project.site();
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert_eq!(failures.len(), 1, "the refused annotations: {failures:?}");
    assert_eq!(site.page_labels("m"), ["i"]);
    assert_eq!(site.page_labels("a4").len(), 1);
    for (item, pages) in [("m", 1), ("a4", 1)] {
        assert_eq!(Pdf::read(site.read(&format!("{item}/{item}.pdf"))).contents().len(), pages, "the PDF of {item}");
    }
    // What is left of the originals is what it was.
    let ead = site.text("files/ead.xml");
    assert!(ead.starts_with("<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE ead") && ead.contains("Open file"));
    assert!(
        ead.contains("<unittitle>Partly open</unittitle></did><dao xlink:href='http://example.org/x/1.png'/>\n</c>")
    );
    assert_eq!(site.text("files/items.csv"), "item;label;publish;embargo\r\nc1;Open;yes;\r\n");
    for path in [
        "a1/files/finding-aid.xml",
        "m/files/mets.xml",
        "mods/files/mods.xml",
        "marc/files/marc.xml",
        "utf16/files/ead.xml",
        "ead3/files/ead.xml",
        "e/files/list.xml",
    ] {
        assert!(site.has(path), "{path}");
    }
    assert!(!site.has("x/files/items.xlsx"), "a workbook cannot be cut");
    let said = format!("{:?}", report.diagnostics);
    assert!(
        said.contains("it is published without") && said.contains("rows cannot be cut out of a workbook"),
        "{said}"
    );
    assert_as_clean_but_for_failures(&project);
}

fn assert_as_clean_but_for_failures(project: &Project) {
    let clean = project.afresh();
    clean.build();
    let contents = |project: &Project| {
        let mut contents = project.site().contents("");
        contents
            .retain(|path, _| !path.starts_with("activity") && !matches!(path.as_str(), "atom.xml" | "oai-pmh.xml"));
        contents
    };
    assert!(contents(project) == contents(&clean));
}

#[test]
fn the_search_finds_each_mark_that_is_public_and_none_after_it_is_withheld() {
    let project = archive(false);
    let site = built(&project);
    let public = revealing(&site.root);
    for path in [
        "files/ead.xml",
        "files/items.csv",
        "a1/files/finding-aid.xml",
        "a2/manifest.json",
        "a3/manifest.json",
        "a4/manifest.json",
        "a5/index.html",
        "m/files/mets.xml",
        "m/manifest.json",
        "m/text/2-sesame.xml",
        "m/text/2-sesame.txt",
        "m/text/index.json",
        "m/text/1.json",
        "m/text/1.boxes.json",
        "m/text.txt",
        "m/m.pdf",
        "a4/a4.pdf",
        "m/index.html",
        "whole/manifest.json",
        "mods/files/mods.xml",
        "mods/manifest.json",
        "closed/files/mods.xml",
        "dc/manifest.json",
        "marc/manifest.json",
        "utf16/files/ead.xml",
        "ead3/files/ead.xml",
        "c2/manifest.json",
        "late/manifest.json",
        "r/text/1.xml",
        "notes/annotations/bad/page-1.json",
        "inner/files/deep/sesame.txt",
        "e/manifest.json",
        "x/files/items.xlsx",
        "collection.json",
        "dump/items.csv",
        "dump/items.json",
        "atom.xml",
        "oai-pmh.xml",
        "bin/a.txt",
        "snapshot/a.txt",
        "iiif/3/recycled_1/full/max/0/default.jpg",
        "iiif/3/a4_2-sesame/full/max/0/default.jpg",
        "iiif/2/e_2/full/full/0/default.jpg",
    ] {
        assert!(public.contains(path), "{path} does not reveal what is public, of {public:#?}");
    }
    change(&project, true);
    readable_annotations(&project);
    built(&project);
    assert_closed(&project);
    assert_as_clean_but_for_failures(&project);
    change(&project, false);
    built(&project);
    assert_eq!(revealing(&site.root), public, "and it comes back");
}

/// Annotations that cannot be read any more are not withheld: the item stays as it was published.
fn readable_annotations(project: &Project) {
    project.write("content/notes/bad.json", "[]");
}

#[test]
fn what_metadata_withholds_is_taken_down_with_documents_and_only_too() {
    for arguments in [&["--documents"][..], &["--only", "a1"]] {
        let project = archive(false);
        // Under their real names they were never public.
        ["content/recycled", "content/j/thumbs", "content/j/captures"].iter().for_each(|folder| project.remove(folder));
        built(&project);
        change(&project, true);
        readable_annotations(&project);
        let output = project.command(&[&["build"], arguments].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert_closed(&project);
    }
}

#[test]
fn serve_gives_nothing_that_is_withheld() {
    let open = archive(false);
    let public = revealing(&built(&open).root);
    let project = archive(true);
    let mut process = cli::command(&["serve", "--no-watch", "--port", "0", "--root"])
        .arg(project.root())
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(process.stderr.take().unwrap());
    let port = loop {
        let mut line = String::new();
        assert!(std::io::BufRead::read_line(&mut lines, &mut line).unwrap() > 0, "the server ended");
        if let Some((_, rest)) = line.split_once("serving http://localhost:") {
            break rest.split('/').next().unwrap().parse().unwrap();
        }
    };
    std::thread::spawn(move || std::io::Read::read_to_end(&mut lines, &mut vec![]));
    let found: Vec<&String> = public.iter().filter(|path| reveals(&get(port, &format!("/{path}")).body)).collect();
    let open = get(port, "/a1/manifest.json").status;
    process.kill().unwrap();
    process.wait().unwrap();
    // A page that says that there is none may repeat the address.
    assert_eq!((found.into_iter().filter(|path| !path.contains("sesame")).collect::<Vec<_>>(), open), (vec![], 200));
}

#[test]
fn no_object_of_a_deploy_holds_what_is_withheld() {
    let project = archive(true);
    built(&project);
    let folder = tempfile::tempdir().unwrap();
    let (url, base) = (folder.path().join("live"), crate::project::BASE_URL);
    let target = format!("base-url = \"{base}\"\n{SETTINGS}{BOTH}[deploy.live]\nurl = \"file://{}\"\n", url.display());
    project.write("iiif-build.toml", target);
    // The failure is refused annotations, which a deploy may be asked to accept.
    repair(&project);
    let output = cli::command(&["deploy", "live", "--root"]).arg(project.root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read_dir(folder.path().join("live")).unwrap().count() > 3);
    assert_eq!(revealing(folder.path()), BTreeSet::new());
    server::each(|server| {
        let bucket = Bucket::on(server);
        bucket.is_target_of(&project, "2d");
        built(&project);
        let output = bucket.command(&project, &[]).output().unwrap();
        assert!(output.status.success(), "{}: {}", server.name, String::from_utf8_lossy(&output.stderr));
        let objects = bucket.client.everything();
        assert!(objects.iter().any(|(path, _)| path.contains(".iiif-build")), "{}", server.name);
        let found: Vec<&String> = objects
            .iter()
            .filter(|(path, bytes)| reveals(path.as_bytes()) || reveals(bytes))
            .map(|(path, _)| path)
            .collect();
        assert_eq!(found, Vec::<&String>::new(), "{}", server.name);
    });
}

/// An archive that was public, without what is only renamed when it is withheld, and without what fails then.
fn public_archive() -> Project {
    let project = archive(false);
    for folder in ["content/recycled", "content/j/thumbs", "content/j/captures", "content/r", "content/notes", "static"]
    {
        project.remove(folder);
    }
    built(&project);
    project
}

/// Withholds what [`public_archive`] published.
fn withhold(project: &Project) {
    change(project, true);
    ["content/r", "content/notes", "static"].iter().for_each(|folder| project.remove(folder));
    project.write("content/inner/item.toml", "label = \"Outer\"\n");
}

#[test]
fn what_is_withheld_after_the_records_were_lost_is_taken_down_too() {
    let project = public_archive();
    let site = project.site();
    assert!(!revealing(&site.root).is_empty());
    withhold(&project);
    project.remove(".iiif-build");
    built(&project);
    assert_eq!(revealing(&site.root), BTreeSet::new());
    assert_as_clean_but_for_failures(&project);
}

#[test]
fn a_deploy_leaves_no_object_that_shows_what_is_withheld_by_now_whatever_the_grace_time() {
    server::each(|server| {
        let project = public_archive();
        let bucket = Bucket::on(server);
        bucket.is_target_of(&project, "2d");
        let marked = |objects: Vec<(String, Vec<u8>)>| {
            let found = objects.into_iter().filter(|(path, bytes)| reveals(path.as_bytes()) || reveals(bytes));
            found.map(|(path, _)| path).collect::<Vec<_>>()
        };
        let deploy = || {
            built(&project);
            let output = bucket.command(&project, &[]).output().unwrap();
            assert!(output.status.success(), "{}: {}", server.name, String::from_utf8_lossy(&output.stderr));
            marked(bucket.client.everything())
        };
        assert!(!deploy().is_empty(), "{}", server.name);
        withhold(&project);
        assert_eq!(deploy(), Vec::<String>::new(), "{}", server.name);
    });
}

/// Removes what fails, so that the site is whole.
fn repair(project: &Project) {
    project.remove("content/r/1.xml");
    project.write("content/notes/bad.json", "[]");
    project.write("content/inner/item.toml", "label = \"Outer\"\n");
    project.built();
}

#[test]
fn a_whole_finding_aid_that_is_internal_withholds_its_folder() {
    let ead = "<ead audience='internal'><archdesc><did><unittitle>Sesame</unittitle></did></archdesc></ead>";
    let project = Project::new().file("content/a/1.png", page()).file("content/a/ead.xml", ead);
    let project = project.file("content/b/1.png", page()).file("content/c/d/1.png", page());
    let project = project.file(
        "content/c/ead.xml",
        ead.replace("<ead audience='internal'><archdesc", "<ead><archdesc audience='internal'"),
    );
    assert_eq!(project.built().image_ids(), ["b_1".to_owned()].into());
}

#[test]
fn a_curator_can_publish_what_metadata_withholds() {
    let project = Project::new().file("content/a/1.png", page()).file("content/b/1.png", page());
    let ead = "<ead><archdesc><dsc><c id='a' audience='internal'/><c id='b'><did><dao audience='internal' href='b/1.png'/></did></c></dsc></archdesc></ead>";
    let project = project.file("content/ead.xml", ead).file("content/c/1.png", page());
    assert_eq!(project.built().image_ids(), ["c_1".to_owned()].into());
    project.write("content/a/item.toml", "publish = true");
    project.write("content/b/item.toml", "[pages.\"1.png\"]\npublish = true");
    assert_eq!(project.built().image_ids(), ["a_1", "b_1", "c_1"].map(str::to_owned).into());
    assert_as_clean(&project);
}

#[test]
fn a_copy_for_access_stays_public_where_only_the_master_is_denied() {
    let mets = "<mets xmlns:xlink='x'><amdSec ID='a'><rightsMD ID='r'><mdWrap><xmlData><RightsDeclarationMD><Context CONTEXTCLASS='GENERAL PUBLIC'>\
        <Permissions DISPLAY='false'/></Context></RightsDeclarationMD></xmlData></mdWrap></rightsMD></amdSec><fileSec>\
        <fileGrp USE='MASTER' ADMID='r'><file ID='m'><FLocat xlink:href='tif/1.png'/></file></fileGrp>\
        <fileGrp USE='DEFAULT'><file ID='d'><FLocat xlink:href='jpg/1.webp'/></file></fileGrp></fileSec>\
        <structMap TYPE='PHYSICAL'><div><div TYPE='page'><fptr FILEID='m'/><fptr FILEID='d'/></div></div></structMap></mets>";
    let project = Project::new().file("content/a/mets.xml", mets).file("content/a/tif/1.png", png(secret()));
    let project = project.file("content/a/jpg/1.webp", crate::draw::webp(crate::draw::colour(150, 100)));
    let site = project.built();
    assert_eq!((site.image_ids().len(), revealing(&site.root)), (1, BTreeSet::new()));
    assert!(!site.text("a/files/mets.xml").contains("MASTER' ADMID='r'><file"));
}

#[test]
fn an_original_without_withheld_parts_keeps_each_byte() {
    let mods =
        "\u{feff}<?xml version='1.0'?>\r\n<mods  ><titleInfo><title>T</title></titleInfo><note>x</note></mods>\n";
    let project = Project::new().file("content/a/1.png", page()).file("content/a/mods.xml", mods);
    assert_eq!(project.built().read("a/files/mods.xml"), mods.as_bytes());
}

#[test]
fn what_systems_leave_is_listed_as_junk_and_no_description_brings_it_back() {
    let project = Project::new()
        .file("content/a/1.png", page())
        .file("content/a/@eaDir/x.pdf", "%PDF sesame")
        .file("content/a/item.toml", "rendering = { file = \"@eaDir/x.pdf\", label = \"X\" }")
        .file("content/System Volume Information/1.png", page())
        .file("content/lost+found/#123.png", page());
    let ignored = project.plan().ignored;
    let junk = ignored.iter().filter(|ignored| ignored.code.name() == "junk").count();
    assert_eq!(junk, 3, "{ignored:?}");
    assert!(project.build_with_failure().message().contains("which is junk"));
    assert_eq!(revealing(&project.public()), BTreeSet::new());
}

#[test]
fn a_text_that_becomes_no_text_is_taken_down() {
    let project = Project::new().file("content/a/1.png", page()).file("content/a/1.xml", alto("Dear"));
    assert!(project.built().has("a/text/1.xml"));
    project.write("content/a/1.xml", "<html><body>sesame</body></html>");
    assert!(!project.built().has("a/text/1.xml"));
    assert_eq!(revealing(&project.public()), BTreeSet::new());
    project.remove("content/a/1.xml");
    project.write("content/a/1.html", "<html><body>sesame</body></html>");
    assert!(project.build_with_failure().message().contains("not the text of a page"));
    assert_eq!(revealing(&project.public()), BTreeSet::new());
    // And the next build says so again.
    assert!(project.build_with_failure().message().contains("not the text of a page"));
}

#[test]
fn a_row_of_a_page_withholds_the_page() {
    let rows = |publish: &str| {
        format!("id,parentid,file,label,publish\nb,,,Book,\n1,b,1.png,One,\n2,b,2.png,Sesame,{publish}\n")
    };
    let project = Project::new().file("content/b/1.png", page()).file("content/b/2.png", png(secret()));
    let project = project.file("content/items.csv", rows("yes"));
    let project = project.file("content/collection.toml", "see-also = { file = \"items.csv\" }");
    assert!(revealing(&project.built().root).contains("iiif/3/b_2/full/max/0/default.jpg"));
    project.write("content/items.csv", rows("no"));
    let site = project.built();
    assert_eq!((revealing(&site.root), site.page_labels("b")), (BTreeSet::new(), vec!["One".to_owned()]));
    assert_as_clean(&project);
}

#[test]
fn junk_that_an_earlier_version_published_goes_at_once() {
    let project = Project::new().file("content/a/1.png", page()).file("content/open/1.png", page());
    let project = project.file("content/a/eaDir/1.png", png(secret()));
    project.built();
    // As if it had always had this name.
    fs::rename(project.root().join("content/a/eaDir"), project.root().join("content/a/@eaDir")).unwrap();
    project.built();
    assert_eq!(revealing(&project.public()), BTreeSet::new());
    assert_as_clean(&project);
}
