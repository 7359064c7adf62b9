//! Files that look meant for the site and are not read: each is a warning with what to do, and stands in the plan.

use crate::draw::page;
use crate::project::Project;
use iiif_build::diagnostics::Code;
use iiif_build::model::FileRole;

/// Messages and hints of the warnings about files that are not read.
fn told(project: &Project) -> Vec<String> {
    let found = project.plan().diagnostics;
    let found = found.iter().filter(|found| found.code == Code::NotRead && found.is_warning());
    found.map(|found| format!("{found} ({})", found.hint.as_deref().unwrap())).collect()
}

#[test]
fn a_description_under_another_name_is_told() {
    for name in ["ITEM.toml", "item.toml.txt", "item (1).toml", "metadata.toml", "Item.YML", "manifest.extras.json"] {
        let project = Project::new().file("content/letter/1.png", page());
        let project = project.file(&format!("content/letter/{name}"), "label: A\n");
        let told = told(&project);
        assert!(told.len() == 1 && told[0].contains(&format!("{name:?}")) && told[0].contains("(call it "), "{told:?}");
    }
}

#[test]
fn photographs_and_documents_that_are_not_read_are_told_with_what_to_do() {
    for (name, word) in [
        ("IMG_1.HEIC", "JPEG"),
        ("scan.CR3", "TIFF"),
        ("seal.psb", "TIFF or PNG"),
        ("map.bmp", "TIFF or PNG"),
        ("tape.aiff", "ffmpeg"),
        ("list.xlsb", "XLSX or CSV"),
        ("notes.docx", "TXT"),
    ] {
        let project = Project::new().file("content/letter/1.png", page()).file(&format!("content/letter/{name}"), "x");
        let told = told(&project);
        assert!(told.len() == 1 && told[0].contains(name) && told[0].contains(word), "{name}: {told:?}");
        assert!(!told[0].contains("nothing of this folder"), "{told:?}");
        let plan = project.plan();
        let file = plan.files.iter().find(|file| file.file.inner.ends_with(name)).unwrap();
        assert_eq!((file.file.role, file.file.code), (FileRole::Ignored, Some(Code::NotRead)));
    }
}

#[test]
fn a_folder_that_holds_nothing_else_is_told_once() {
    let project = Project::new().file("content/a/1.png", page());
    let project =
        project.file("content/raw/1.nef", "x").file("content/raw/2.nef", "x").file("content/books/b.pdf", "x");
    let told = told(&project);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("books") && told[0].contains("nothing of this folder is published"), "{told:?}");
    assert!(
        told[1].contains("\"1.nef\" and 1 more") && told[1].contains("nothing of this folder is published"),
        "{told:?}"
    );
}

#[test]
fn a_copy_that_is_read_makes_the_other_a_note() {
    let project =
        Project::new().file("content/a/1.png", page()).file("content/a/1.dng", "x").file("content/a/b.pdf", "x");
    let project = project.file("content/b/jpg/2.png", page()).file("content/b/raw/2.arw", "x");
    assert_eq!(told(&project), [""; 0]);
}

#[test]
fn what_is_linked_withheld_or_accepted_is_not_told() {
    let project = Project::new().file("content/a/1.png", page()).file("content/a/letter.docx", "x");
    let project = project.file("content/a/item.toml", "rendering = { file = 'letter.docx' }\n");
    let project = project.file("content/b/1.png", page()).file("content/b/2.heic", "x");
    let project = project.file("content/b/item.toml", "publish = false\n");
    let project = project.file("content/c/1.png", page()).file("content/c/list.xls", "x");
    let project = project.file("content/c/item.toml", "accept = ['not-read']\n");
    assert_eq!(told(&project), [""; 0]);
}
