//! Folders as people have them: which files are pages, which of several files of a page is taken, which PDF is offered, in
//! which order members stand, and folders of images with one table.

use crate::draw::{grey, jpeg, page, png};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;

fn scan(width: u32, height: u32) -> Vec<u8> {
    png(grey(width, height))
}

fn photo(width: u32, height: u32) -> Vec<u8> {
    jpeg(grey(width, height))
}

/// The files that the pages of a project are made from, below `content/`.
fn taken(project: &Project) -> Vec<String> {
    let content = project.root().join("content");
    let path = |path: &std::path::Path| path.strip_prefix(&content).unwrap().to_str().unwrap().to_owned();
    project.plan().plan.images.iter().map(|image| path(&image.master.source)).collect()
}

/// The codes of what is not published because another file is.
fn left(project: &Project) -> Vec<(String, &'static str)> {
    let name = |path: &std::path::Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    project.plan().ignored.iter().map(|ignored| (name(&ignored.path), ignored.code.name())).collect()
}

fn members(site: &Site, collection: &str) -> Vec<String> {
    let items = site.json(collection)["items"].as_array().unwrap().clone();
    items.iter().map(|item| crate::site::plain_label(&item["label"])).collect()
}

#[test]
fn a_page_in_two_formats_is_one_page_in_folders_or_side_by_side() {
    let project = Project::new()
        .file("content/a/TIFF 600dpi/ledger_001.tif", scan(300, 200))
        .file("content/a/TIFF 600dpi/ledger_002.tif", scan(310, 200))
        .file("content/a/jpeg/ledger_001.jpg", photo(150, 100))
        .file("content/a/jpeg/ledger_002.jpg", photo(155, 100))
        .file("content/b/1.png", scan(300, 200))
        .file("content/b/1.jpg", photo(300, 200));
    assert_eq!(taken(&project), ["a/TIFF 600dpi/ledger_001.tif", "a/TIFF 600dpi/ledger_002.tif", "b/1.png"]);
    assert!(left(&project).iter().all(|(name, code)| name.ends_with(".jpg") && *code == "other-copy"));
    let site = project.built();
    assert_proven(&site);
    assert_eq!((site.page_labels("a"), site.page_labels("b")), (vec!["001".into(), "002".into()], vec!["1".into()]));
}

#[test]
fn words_at_the_end_of_names_tell_copies_and_thumbnails() {
    for (best, others) in [
        ("x_001_master.png", ["x_001_access.jpg", "x_001_thumb.jpg"]),
        ("x_001.png", ["x_001-small.jpg", "x_001_t.jpg"]),
        ("x-001-edited.png", ["x-001-master.png", "x-001-preview.jpg"]),
        ("m-001_archive.png", ["m-001_web.jpg", "m-001_t.jpg"]),
        ("map.png", ["map_web.jpg", "map-150x150.jpg"]),
    ] {
        let mut project = Project::new().file(&format!("content/a/{best}"), scan(300, 200));
        for other in others {
            project = project.file(&format!("content/a/{other}"), photo(150, 100));
        }
        assert_eq!(taken(&project), [format!("a/{best}")]);
        let token = if best.starts_with("map") { "map" } else { "001" };
        assert_eq!(project.built().page_labels("a"), [token], "{best}");
    }
}

#[test]
fn a_thumbnail_alone_and_the_side_of_a_leaf_are_pages() {
    let project = Project::new().file("content/a/x_001_thumb.png", page()).file("content/b/x_002_t.png", page());
    let site = project.built();
    assert_eq!((site.page_labels("a"), site.page_labels("b")), (vec!["001".into()], vec!["002 t".into()]));
}

#[test]
fn a_larger_picture_is_better_than_one_without_loss() {
    let project = Project::new().file("content/a/1.png", scan(30, 20)).file("content/a/1.jpg", photo(300, 200));
    assert_eq!(taken(&project), ["a/1.jpg"]);
}

#[test]
fn masters_decides_between_forms_that_folders_state() {
    let project = Project::new()
        .file("content/a/preservation/1.png", scan(300, 200))
        .file("content/a/access/1.jpg", photo(150, 100))
        .file("content/a/thumbs/1.jpg", photo(20, 20));
    assert_eq!(taken(&project), ["a/preservation/1.png"]);
    project.write("iiif-build.toml", "masters = [\"access\"]\n");
    assert_eq!(taken(&project), ["a/access/1.jpg"]);
}

#[test]
fn a_page_that_was_not_edited_comes_from_its_master() {
    let project = Project::new()
        .file("content/a/master/1.png", scan(300, 200))
        .file("content/a/master/2.png", scan(300, 200))
        .file("content/a/master_edited/2.png", scan(250, 200));
    assert_eq!(taken(&project), ["a/master/1.png", "a/master_edited/2.png"]);
}

#[test]
fn files_of_one_name_with_other_proportions_are_two_pages_and_that_is_said() {
    for (other, token) in [("content/a/1.jpg", "1.jpg"), ("content/a/jpg/1.png", "jpg 1")] {
        let project = Project::new().file("content/a/1.png", scan(300, 200)).file(other, photo(200, 300));
        let report = project.build();
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        assert!(
            report.diagnostics.iter().any(|found| found.code.name() == "copies-differ"),
            "{:?}",
            report.diagnostics
        );
        assert_proven(&project.site());
        assert_eq!(project.site().page_labels("a"), ["1", token]);
    }
}

#[test]
fn a_damaged_master_is_told_and_the_copy_beside_it_is_shown() {
    let project = Project::new().file("content/a/1.tif", "no image").file("content/a/1.jpg", photo(150, 100));
    let error = project.build_with_failure();
    assert!(error.to_string().contains("1.tif"), "{error}");
    assert_eq!(project.site().page_labels("a"), ["1"]);
    project.remove("content/a/1.tif");
    project.write("content/a/1.png", scan(150, 100));
    project.write("content/a/1_thumb.jpg", "no image");
    assert_proven(&project.built());
}

#[test]
fn a_description_of_one_file_holds_for_the_page_and_withholds_all_of_it() {
    let project = Project::new()
        .file("content/a/1.png", scan(300, 200))
        .file("content/a/1.jpg", photo(150, 100))
        .file("content/a/2.png", page())
        .file("content/a/item.toml", "start = \"1.jpg\"\n[pages.\"1.jpg\"]\nlabel = \"First\"\n");
    assert_eq!(project.built().page_labels("a"), ["First", "2"]);
    project.write("content/a/item.toml", "[pages.\"1.jpg\"]\npublish = false\n");
    let site = project.built();
    assert_eq!(site.page_labels("a"), ["2"]);
    assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["a_2"]);
}

#[test]
fn a_picture_and_a_recording_of_one_name_are_two_pages() {
    let project = Project::new().file("content/a/1.png", page()).file("content/a/1.wav", crate::recorded::wav(2.0));
    assert_eq!(project.built().page_labels("a"), ["1.png", "1.wav"]);
}

#[test]
fn pages_with_one_number_and_other_names_have_their_names() {
    let names = ["recto_001.png", "verso_001.png", "recto_002.png", "plate-1.png"];
    let project = names.iter().fold(Project::new(), |project, name| project.file(&format!("content/a/{name}"), page()));
    let site = project.built();
    assert_proven(&site);
    assert_eq!(site.page_labels("a"), ["1", "recto 001", "recto 002", "verso 001"]);
}

#[test]
fn listed_pages_with_one_number_and_other_names_have_their_names() {
    let list = "item,file\na,verso_001.png\na,recto_001.png\n";
    let project = Project::new()
        .file("content/a/recto_001.png", page())
        .file("content/a/verso_001.png", page())
        .file("content/b/x_001.png", page())
        .file("content/b/bitonal_001.png", page())
        .file("content/pages.csv", format!("{list}b,x_001.png\n"));
    let site = project.built();
    assert_eq!(
        (site.page_labels("a"), site.page_labels("b")),
        (vec!["verso 001".into(), "recto 001".into()], vec!["001".into()])
    );
}

#[test]
fn the_pdf_of_an_item_is_offered_and_others_are_not() {
    let pdf = "%PDF-1.4\n%%EOF\n";
    let project = Project::new()
        .file("content/a/service_edited/a_1.png", page())
        .file("content/a/service_edited/a.pdf", pdf)
        .file("content/a/master/a.pdf", pdf)
        .file("content/b/x_1.png", page())
        .file("content/b/x.pdf", pdf)
        .file("content/b/contract.pdf", pdf)
        .file("content/c/1.png", page())
        .file("content/c/2.png", page())
        .file("content/c/pdf/1.pdf", pdf)
        .file("content/c/pdf/whole book.pdf", pdf);
    let site = project.built();
    assert_proven(&site);
    let file = |item: &str| {
        let rendering = site.json(&format!("{item}/manifest.json"))["rendering"].clone();
        assert_eq!(rendering.as_array().unwrap().len(), 1, "{rendering}");
        assert_eq!(rendering[0]["format"], "application/pdf");
        rendering[0]["id"].as_str().unwrap().to_owned()
    };
    assert!(file("a").ends_with("a/files/service_edited/a.pdf"), "{}", file("a"));
    assert!(file("b").ends_with("b/files/x.pdf") && file("c").ends_with("c/files/pdf/whole%20book.pdf"));
    assert!(!site.files("").iter().any(|file| file.contains("contract")));
    project.write("content/c/item.toml", "[pages.\"2.png\"]\npublish = false\n");
    project.write("content/b/item.toml", "rendering = { id = \"https://example.org/x.pdf\", label = \"PDF\" }\n");
    let site = project.built();
    assert!(site.json("c/manifest.json")["rendering"].is_null() && !site.has("c/files/pdf/whole book.pdf"));
    assert!(!site.has("b/files/x.pdf"));
}

fn shelf() -> Project {
    ["a", "b", "c10", "c9"]
        .iter()
        .fold(Project::new(), |project, name| project.file(&format!("content/shelf/{name}/1.png"), page()))
}

#[test]
fn members_stand_in_the_order_of_a_table_a_list_or_their_names() {
    let project = shelf();
    assert_eq!(members(&project.built(), "shelf/collection.json"), ["a", "b", "c9", "c10"]);
    project.write("content/items.csv", "item,note\nshelf/c10,x\nb,x\nshelf-a,x\n");
    assert_eq!(members(&project.built(), "shelf/collection.json"), ["c10", "b", "a", "c9"]);
    for (order, expected) in [
        ("'name'", ["a", "b", "c9", "c10"]),
        ("'table'", ["c10", "b", "a", "c9"]),
        ("['c9', 'B']", ["c9", "b", "a", "c10"]),
    ] {
        project.write("content/shelf/collection.toml", format!("order = {order}\n"));
        assert_eq!(members(&project.built(), "shelf/collection.json"), expected, "{order}");
    }
}

#[test]
fn an_order_that_cannot_be_kept_is_said() {
    for order in ["'finding-aid'", "['a', 'x']"] {
        let project = shelf().file("content/shelf/collection.toml", format!("order = {order}\n"));
        let report = project.build();
        assert!(report.diagnostics.iter().any(|found| found.message.contains("`order`")), "{:?}", report.diagnostics);
    }
    let project = shelf().file("content/shelf/a/item.toml", "order = 'name'\n");
    assert!(project.build_with_failure().message().contains("`order`"));
}

#[test]
fn pictures_in_content_are_one_item_without_a_table() {
    let project = Project::new()
        .file("content/x_001.png", page())
        .file("content/x_002.png", page())
        .file("content/x_001.txt", "words")
        .file("content/item.toml", "label = \"A box\"\n");
    let site = project.built();
    assert_proven(&site);
    assert_eq!(members(&site, "collection.json"), ["A box"]);
    assert_eq!(site.page_labels("content"), ["001", "002"]);
    project.write("content/other/1.png", page());
    let site = project.built();
    assert_eq!((members(&site, "collection.json").len(), site.page_labels("content").len()), (2, 2));
}

#[test]
fn pictures_beside_or_below_a_table_are_the_items_of_its_rows() {
    let table =
        "objectid,title,object_location\nfoto1,Harbour,/objects/h1.png|/objects/h2.png\nfoto2,Mill,/objects/m.png\n";
    let beside = table.replace("/objects/", "");
    for (folder, path, table) in [("content/objects", "objects/", table), ("content", "", beside.as_str())] {
        let project = Project::new()
            .file(&format!("{folder}/h2.png"), page())
            .file(&format!("{folder}/h1.png"), page())
            .file(&format!("{folder}/m.png"), page())
            .file(&format!("{folder}/stray.png"), page())
            .file(&format!("{folder}/thumbs/m_th.jpg"), photo(20, 20))
            .file("content/metadata.csv", table);
        let report = project.build();
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        assert!(report.diagnostics.iter().any(|found| found.code.name() == "no-row"), "{:?}", report.diagnostics);
        let site = project.site();
        assert_proven(&site);
        assert_eq!(site.page_labels(&format!("{path}foto1")), ["h1", "h2"], "{folder}");
        assert_eq!(members(&site, &format!("{path}collection.json")), ["Harbour", "Mill"]);
        assert_eq!(site.image_ids().len(), 3, "{:?}", site.image_ids());
    }
}

#[test]
fn a_row_of_a_flat_folder_that_is_withheld_withholds_its_pictures_alone() {
    let project = Project::new()
        .file("content/photos/a.png", page())
        .file("content/photos/b.png", page())
        .file("content/photos.csv", "id,filename,publish\np1,a.png,\np2,b.png,no\n");
    let site = project.built();
    assert_proven(&site);
    assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["photos-p1_a"]);
}

#[test]
fn rows_without_a_file_are_found_by_the_names_of_pictures() {
    let project = Project::new()
        .file("content/photos/obj1.png", page())
        .file("content/photos/obj2.png", page())
        .file("content/items.csv", "pid,label\nobj2,Second\nobj1,First\n");
    assert_eq!(members(&project.built(), "photos/collection.json"), ["Second", "First"]);
}

#[test]
fn a_table_of_folders_leaves_folders_of_images_as_they_are() {
    let project = Project::new()
        .file("content/a/001.png", page())
        .file("content/b/001.png", page())
        .file("content/b/002.png", page())
        .file("content/items.csv", "item,title,file\na,Item a,001.png\n");
    let site = project.built();
    assert_eq!((site.page_labels("a").len(), site.page_labels("b").len()), (1, 2));
}

#[test]
fn names_are_found_whatever_their_form_or_case() {
    let (composed, decomposed) = ("Seite_\u{e4}1", "Seite_a\u{308}1");
    let project = Project::new()
        .file(&format!("content/E\u{301}mile/{decomposed}.png"), page())
        .file("content/E\u{301}mile/b2.png", page())
        .file(
            "content/E\u{301}mile/item.toml",
            format!("start = \"{composed}.png\"\nannotations = \"NOTES.csv\"\n[pages.\"{composed}.png\"]\nlabel = \"first\"\n[pages.\"B2.PNG\"]\nlabel = \"second\"\n"),
        )
        .file("content/E\u{301}mile/notes.csv", format!("page,text\n{composed},x\n"))
        .file("content/items.csv", "item,title\n\u{c9}mile,Of education\n")
        .file("content/pages.csv", format!("item,file\n\u{c9}mile,b2.png\n\u{c9}mile,{composed}.png\n"));
    let report = project.build();
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert!(report.diagnostics.iter().any(|found| found.code.name() == "name-case"), "{:?}", report.diagnostics);
    let site = project.site();
    assert_proven(&site);
    assert_eq!(site.page_labels("\u{c9}mile"), ["second", "first"]);
}
