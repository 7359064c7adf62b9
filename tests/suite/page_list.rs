//! `plan --csv`: every file of the content, and the same as the list of pages.

use crate::cli::run;
use crate::draw::{grey, page, png};
use crate::project::Project;
use iiif_build::model::FileRole;
use std::collections::{BTreeMap, BTreeSet};

/// Every kind of thing that a page can be.
fn project() -> Project {
    let picture = |side: u32| png(grey(side, side + 7));
    let item = "label = { en = \"Letters\" }\nstart = \"x_0002_se.png\"\n\
        [pages.\"x_0001.png\"]\nlabel = { en = \"Cover\", fr = \"Couverture\" }\n\
        [pages.\"x_0003.png\"]\nid = \"iii\"\nlabel = [\"three\", \"drei\"]\n\
        [pages.\"x_0005.png\"]\nmissing = true\nmetadata = [{ label = \"Lost\", value = \"1945\" }]\n\
        [pages.\"x_0006.png\"]\nlayers = [{ file = \"x_0006.png\", label = \"Day\" }, { file = \"uv.png\", label = \"UV\" }]\n\
        [pages.\"x_0007.png\"]\npublish = false\n\
        [[structures]]\nlabel = \"Part\"\npages = [\"x_0003.png\", \"x_0002_se.png\", \"x_0007.png\"]\n";
    Project::new()
        .file("content/letters/item.toml", item)
        .file("content/letters/x_0001.png", picture(31))
        .file("content/letters/x_0002_m.png", picture(32))
        .file("content/letters/x_0002_se.png", picture(33))
        .file("content/letters/x_0003.png", picture(34))
        .file("content/letters/x_0006.png", picture(36))
        .file("content/letters/uv.png", picture(36))
        .file("content/letters/x_0007.png", picture(37))
        .file("content/letters/ocr/x_0002.txt", "text")
        .file("content/letters/Thumbs.db", "junk")
        .file("content/letters/notes.docx", "private")
        .file("content/shelf/日本語 é/=1+1_001.png", picture(40))
        .file("content/shelf/日本語 é/-2_002.png", picture(41))
        .file("content/shelf/日本語 é/'a, \"b\"\u{2013}c_003.png", picture(42))
        .file("content/shelf/twins/1.png", picture(43))
        .file("content/shelf/twins/1.jpg", crate::draw::jpeg(grey(44, 44)))
        .file("content/shelf/collection.toml", "label = \"Shelf\"\n")
}

fn csv(project: &Project) -> String {
    let (code, out, said) = run(project, &["plan", "--csv"]);
    assert_eq!(code, Some(0), "{said}");
    out
}

fn documents(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let mut all = project.built().contents("");
    all.retain(|path, _| !path.ends_with(".jpg"));
    all
}

/// A table to change.
struct Table(Vec<Vec<String>>);

impl Table {
    fn of(text: &str) -> Table {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        Table(reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect())
    }

    fn column(&self, name: &str) -> usize {
        self.0[0]
            .iter()
            .position(|header| header == name)
            .unwrap_or_else(|| panic!("no column {name}: {:?}", self.0[0]))
    }

    fn row(&self, file: &str) -> usize {
        let column = self.column("file");
        self.0.iter().position(|row| row[column] == file).unwrap_or_else(|| panic!("no row {file}"))
    }

    fn set(&mut self, file: &str, column: &str, value: &str) {
        let (row, column) = (self.row(file), self.column(column));
        self.0[row][column] = value.to_owned();
    }

    fn text(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(vec![]);
        self.0.iter().for_each(|row| writer.write_record(row).unwrap());
        writer.into_inner().unwrap()
    }
}

#[test]
fn every_file_of_the_content_is_in_the_list_with_what_it_is() {
    let project = project();
    let planned = project.plan();
    let listed: BTreeMap<String, FileRole> = planned
        .files
        .iter()
        .filter_map(|planned| {
            Some((planned.file.path.as_ref()?.strip_prefix(project.root()).unwrap(), planned.file.role))
        })
        .map(|(path, role)| (path.to_string_lossy().into_owned(), role))
        .collect();
    let there: BTreeSet<String> = files(&project.root().join("content"), "content");
    assert_eq!(listed.keys().cloned().collect::<BTreeSet<_>>(), there);
    for (file, role) in [
        ("content/letters/x_0001.png", FileRole::Page),
        ("content/letters/uv.png", FileRole::Layer),
        ("content/letters/item.toml", FileRole::Metadata),
        ("content/letters/ocr/x_0002.txt", FileRole::Text),
        ("content/letters/x_0002_m.png", FileRole::Ignored),
        ("content/letters/x_0007.png", FileRole::Ignored),
        ("content/letters/Thumbs.db", FileRole::Ignored),
        ("content/shelf/collection.toml", FileRole::Metadata),
    ] {
        assert_eq!(listed[file], role, "{file}");
    }
    let lost = planned.files.iter().find(|planned| planned.file.path.is_none()).unwrap();
    assert_eq!((lost.file.role, lost.file.page.as_deref()), (FileRole::Missing, Some("0005")));
}

fn files(folder: &std::path::Path, above: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let path = format!("{above}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            all.extend(files(&entry.path(), &path));
        } else {
            all.insert(path);
        }
    }
    all
}

#[test]
fn the_list_saved_as_it_is_changes_no_byte_wherever_it_lies() {
    let project = project();
    let before = documents(&project);
    let list = csv(&project);
    for place in
        ["content/pages.csv", "content/letters/pages.csv", "content/shelf/pages.csv", "content/shelf/twins/pages.csv"]
    {
        project.write(place, &list);
        let report = project.build();
        assert_eq!((report.written, report.images, report.removed), (0, 0, 0), "{place}");
        assert_eq!(documents(&project), before, "{place}");
        assert_eq!(documents(&project.afresh()), before, "{place}");
        project.remove(place);
    }
    project.write("content/pages.csv", &list);
    let again = csv(&project);
    let pages = |text: &str| {
        let table = Table::of(text);
        let (role, rule) = (table.column("role"), table.column("rule"));
        let row = |mut row: Vec<String>| {
            row[rule].clear();
            row
        };
        table.0.into_iter().filter(|row| ["page", "missing"].contains(&row[role].as_str())).map(row).collect::<Vec<_>>()
    };
    assert_eq!(pages(&again), pages(&list), "the list of a listed collection is the same list");
}

#[test]
fn rows_that_are_changed_change_the_pages() {
    let project = project();
    let mut table = Table::of(&csv(&project));
    let (first, third) = (table.row("x_0001.png"), table.row("x_0006.png"));
    table.0.swap(first, third);
    table.set("x_0002_se.png", "label", "Seite =2");
    table.set("x_0002_se.png", "page", "2v");
    let dropped = table.row("x_0005.png");
    table.0.remove(dropped);
    table.set("x_0002_m.png", "role", "page");
    table.set("x_0002_m.png", "page", "raw");
    table.set("x_0002_m.png", "label", "Raw");
    project.write("content/pages.csv", table.text());
    let site = project.built();
    assert_eq!(site.page_labels("letters"), ["0006", "Seite =2", "Cover", "three", "Raw"]);
    assert!(site.image_ids().contains("letters_2v") && site.image_ids().contains("letters_raw"));
    assert!(!site.image_ids().contains("letters_0002"));
    let overruled = project.plan().diagnostics.into_iter().find(|diagnostic| diagnostic.code.name() == "overruled");
    assert!(overruled.is_none(), "{overruled:?}");
    table.set("x_0001.png", "label@en", "Binding");
    project.write("content/pages.csv", table.text());
    assert_eq!(project.built().page_labels("letters")[2], "Cover", "item.toml says so");
    assert!(project.plan().diagnostics.iter().any(|diagnostic| diagnostic.code.name() == "overruled"));
}

#[test]
fn formulas_and_numbers_are_guarded_from_spreadsheets() {
    let project = project();
    let list = csv(&project);
    assert!(list.starts_with('\u{feff}'), "Excel reads UTF-8");
    let table = Table::of(&list);
    for row in &table.0[1..] {
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            let is_number_with_zeros =
                cell.len() > 1 && cell.starts_with('0') && cell.bytes().all(|b| b.is_ascii_digit());
            assert!(!is_number_with_zeros, "{cell:?} would lose its zeros");
        }
    }
    assert_eq!(table.0[table.row("'=1+1_001.png")][table.column("page")], "'001");
}

#[test]
fn a_list_of_pages_holds_before_what_a_mets_lists() {
    let mets = "<mets xmlns=\"http://www.loc.gov/METS/\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"><fileSec><fileGrp USE=\"DEFAULT\">\
        <file ID=\"F1\" MIMETYPE=\"image/png\"><FLocat LOCTYPE=\"URL\" xlink:href=\"1.png\"/></file>\
        <file ID=\"F2\" MIMETYPE=\"image/png\"><FLocat LOCTYPE=\"URL\" xlink:href=\"2.png\"/></file></fileGrp></fileSec>\
        <structMap TYPE=\"PHYSICAL\"><div TYPE=\"physSequence\"><div TYPE=\"page\" ORDERLABEL=\"I\"><fptr FILEID=\"F1\"/></div>\
        <div TYPE=\"page\" ORDERLABEL=\"II\"><fptr FILEID=\"F2\"/></div></div></structMap></mets>";
    let project = Project::new().file("content/a/mets.xml", mets).file("content/a/1.png", page());
    let project = project.file("content/a/2.png", png(grey(20, 30)));
    assert_eq!(project.built().page_labels("a"), ["I", "II"]);
    let list = csv(&project);
    let mut lines: Vec<&str> = list.lines().collect();
    lines.swap(1, 2);
    for place in ["content/pages.csv", "content/a/pages.csv"] {
        project.write(place, lines.join("\n"));
        assert_eq!(project.built().page_labels("a"), ["II", "I"], "{place}");
        project.remove(place);
    }
}

#[test]
fn the_list_is_written_into_a_file_and_rows_of_no_known_role_are_refused() {
    let project = project();
    let file = project.root().join("content/pages.csv");
    let (code, out, said) = run(&project, &["plan", "--csv", file.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{said}");
    assert!(std::fs::read_to_string(&file).unwrap().contains("x_0001.png"));
    project.write("content/pages.csv", "item,role,file\nletters,paeg,x_0001.png\n");
    assert!(project.build_with_failure().message().contains("\"paeg\" is no role"));
}

#[test]
fn a_list_that_is_there_is_never_written_over() {
    let project = Project::new().file("content/a/1.png", page());
    let file = project.root().join("content/pages.csv");
    let (code, ..) = run(&project, &["plan", "--csv", file.to_str().unwrap()]);
    assert_eq!(code, Some(0));
    project.write("content/pages.csv", "item,file,label\na,1.png,By hand\n");
    let (code, _, said) = run(&project, &["plan", "--csv", file.to_str().unwrap()]);
    assert!(code == Some(2) && said.contains("already"), "{code:?} {said}");
    assert!(std::fs::read_to_string(file).unwrap().contains("By hand"));
}

/// A METS that lists `files` in this order, under the labels `1`, `2` …
fn mets(files: &[&str]) -> String {
    let ids: Vec<&str> = files.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let id = |file: &str| ids.iter().position(|known| *known == file).unwrap();
    let file = |file: &&str| format!("<file ID='F{}'><FLocat LOCTYPE='URL' xlink:href='{file}'/></file>", id(file));
    let page = |(at, file): (usize, &&str)| {
        format!("<div TYPE='page' ORDERLABEL='{}'><fptr FILEID='F{}'/></div>", at + 1, id(file))
    };
    let group: String = ids.iter().map(file).collect();
    let pages: String = files.iter().enumerate().map(page).collect();
    format!(
        "<mets xmlns='http://www.loc.gov/METS/' xmlns:xlink='http://www.w3.org/1999/xlink'><fileSec>\
         <fileGrp USE='DEFAULT'>{group}</fileGrp></fileSec><structMap TYPE='PHYSICAL'><div TYPE='physSequence'>{pages}\
         </div></structMap></mets>"
    )
}

fn two_images() -> Project {
    Project::new().file("content/a/1.png", page()).file("content/a/2.png", png(grey(20, 30)))
}

/// The messages of the diagnostics `duplicate`.
fn repetitions(project: &Project) -> Vec<String> {
    let found = project.plan().diagnostics.into_iter().filter(|found| found.code.name() == "duplicate");
    found.map(|found| found.message).collect()
}

#[test]
fn a_file_that_a_mets_lists_twice_is_two_pages() {
    let project = two_images().file("content/a/mets.xml", mets(&["1.png", "2.png", "1.png"]));
    let site = project.built();
    assert_eq!(site.page_labels("a"), ["1", "2", "3"]);
    assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["a_1", "a_1_2", "a_2"]);
    assert_eq!(repetitions(&project), ["its metadata lists \"1.png\" again, as page 3 with the id \"1_2\""]);
}

#[test]
fn a_file_that_is_not_there_and_is_listed_twice_is_missed_once() {
    let project = two_images().file("content/a/mets.xml", mets(&["1.png", "gone.png", "2.png", "gone.png"]));
    let failure = project.build_with_failure();
    assert_eq!(failure.message(), "its metadata lists \"gone.png\", which is not there");
    assert_eq!(project.site().page_labels("a"), ["1", "2", "3", "4"]);
}

#[test]
fn rows_for_one_file_with_ids_of_their_own_are_pages_without_a_warning() {
    let project = two_images();
    project.write(
        "content/pages.csv",
        "item,file,page,label\na,1.png,map,Map\na,2.png,,Text\na,1.png,map-again,Map again\n",
    );
    let site = project.built();
    assert_eq!(site.page_labels("a"), ["Map", "Text", "Map again"]);
    assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["a_2", "a_map", "a_map-again"]);
    assert_eq!(repetitions(&project), [""; 0]);
    let list = csv(&project);
    let before = documents(&project);
    project.write("content/pages.csv", list);
    assert_eq!(documents(&project), before, "and the list that is written of it is the same list");
}

#[test]
fn a_name_that_only_resembles_a_listed_file_is_still_not_there() {
    let project = two_images().file("content/pages.csv", "item,file,page\na,1.png,x\na,1.jpg,y\n");
    let failure = project.build_with_failure();
    assert_eq!(failure.message(), "its metadata lists \"1.jpg\", which is not there");
}

#[test]
fn a_withheld_file_that_is_listed_twice_is_withheld_twice() {
    let project = two_images().file("content/a/mets.xml", mets(&["1.png", "2.png", "1.png"]));
    project.write("content/a/item.toml", "[pages.\"1.png\"]\npublish = false\n");
    let site = project.built();
    assert_eq!(site.page_labels("a"), ["2"]);
    assert_eq!(site.image_ids().into_iter().collect::<Vec<_>>(), ["a_2"]);
}

#[test]
fn an_annotation_file_that_is_named_twice_is_said_to_be() {
    let project = two_images().file("content/a/notes.csv", "page,text\n1.png,Ink\n");
    project.write("content/a/item.toml", "annotations = [\"notes.csv\", \"notes.csv\"]\n");
    assert_eq!(project.build_with_failure().message(), "`annotations` names \"notes.csv\" twice");
}
