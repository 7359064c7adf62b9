//! The dump of all metadata: nothing is lost in the JSON, and the table describes the same scans again.

use super::hostile;
use crate::archive::{after, assert_at_rest, plate};
use crate::project::Project;
use iiif_build::input::tables::read;
use iiif_build::model::settings::TableSettings;
use serde_json::{Value, json};
use std::path::Path;

const ON: &str = "language = \"en\"\ndiscovery = [\"dump\"]\n";

const ITEM: &str = r##"
id = "letters-1"
summary = "On <i>war</i>"
rights = "http://creativecommons.org/publicdomain/mark/1.0/"
nav-date = 1784-12-01T00:00:00Z
[label]
en = "Letters"
fr = "Lettres"
[[metadata]]
label = { en = ["Creator"], fr = ["Auteur"] }
value = ["A", "B"]
[[metadata]]
label = "Title"
value = { de = ["Briefe"], fr = ["Lettres"] }
[[metadata]]
label = "a@en"
value = "=HYPERLINK(\"http://evil.example\")"
[[metadata]]
label = "'=x"
value = ["-1", "+2"]
"##;

fn project() -> Project {
    Project::new()
        .file("iiif-build.toml", ON)
        .file("content/shelf/collection.toml", "label = \"Shelf\"\n")
        .file("content/shelf/a/item.toml", ITEM)
        .file("content/shelf/a/1.tif", plate(1))
        .file("content/shelf/a/2.tif", plate(2))
        .file("content/b/1.tif", plate(3))
}

#[test]
fn the_table_has_a_row_for_each_item_and_a_column_for_each_label() {
    let site = project().built();
    let text = site.text("dump/items.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let expected = "item, label@en, label@fr, label, summary@en, rights, nav-date, built:id, built:manifest, \
        built:page, built:pages, Creator@en, metadata:Title@de, metadata:Title@fr, metadata:a@en@en, metadata:'=x@en";
    assert_eq!(header.join(", "), expected);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, column: &str| &rows[row][header.iter().position(|name| name == column).unwrap()];
    assert_eq!((rows.len(), cell(0, "item"), cell(1, "item")), (2, "b", "shelf/a"));
    assert_eq!([cell(1, "built:id"), cell(1, "built:pages")], ["letters-1", "2"]);
    assert_eq!(cell(1, "built:manifest"), format!("{}shelf/a/manifest.json", site.base_url));
    assert_eq!(cell(1, "nav-date"), "1784-12-01T00:00:00Z");
    let formulas = rows.iter().flatten().chain(header.iter().map(String::as_str));
    assert!(formulas.into_iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])));
}

#[test]
fn the_table_describes_the_same_scans_again() {
    let table = project().built().text("dump/items.csv");
    let again = Project::new()
        .file("iiif-build.toml", ON)
        .file("content/items.csv", &table)
        .file("content/shelf/collection.toml", "label = \"Shelf\"\n")
        .file("content/shelf/a/item.toml", "id = \"letters-1\"\n")
        .file("content/shelf/a/1.tif", plate(1))
        .file("content/shelf/a/2.tif", plate(2))
        .file("content/b/1.tif", plate(3));
    assert_eq!(again.built().text("dump/items.csv"), table);
}

#[test]
fn the_json_holds_what_manifests_say() {
    let site = project().built();
    let items = site.json("dump/items.json");
    assert_eq!(items.as_array().unwrap().len(), 2);
    assert_eq!(site.text("dump/items.json").lines().count(), 4, "an item on each line");
    let (item, manifest) = (&items[1], site.json("shelf/a/manifest.json"));
    for property in ["label", "summary", "metadata", "rights", "navDate"] {
        assert_eq!(item[property], manifest[property], "{property}");
    }
    assert_eq!([&item["id"], &item["path"]], ["letters-1", "shelf/a"]);
    assert_eq!((&item["manifest"], &item["pages"]), (&manifest["id"], &json!(2)));
    assert_eq!(item["thumbnail"], manifest["thumbnail"][0]["id"]);
}

#[test]
fn it_follows_each_change_and_goes_when_it_is_turned_off() {
    let project = project();
    project.built();
    assert_at_rest(&project);
    let corrected = after(&project, |project| project.write("content/b/item.toml", "label = \"B\"\n"));
    assert!(corrected.changes.written.contains("dump/items.csv"));
    let gone = after(&project, |project| project.remove("content/shelf/a"));
    assert!(gone.changes.written.contains("dump/items.json"));
    let off = after(&project, |project| project.write("iiif-build.toml", "language = \"en\"\n"));
    off.wrote_and_removed(&[], &["dump/items.csv", "dump/items.json"]);
}

#[test]
fn hostile_texts_stay_texts() {
    let site = hostile::project("\"dump\"").built();
    let item: Value = site.json("dump/items.json")[0].clone();
    assert_eq!(item["label"]["none"][0], hostile::TEXT);
    let (records, warnings) =
        read(&site.read("dump/items.csv"), Path::new("items.csv"), &TableSettings::default()).unwrap();
    assert_eq!(warnings, [""; 0]);
    let label: Vec<&String> = records.below[0].description.label.values().collect();
    assert_eq!(label, [&hostile::TEXT.replace('\0', "\u{fffd}")]);
}

#[test]
fn rare_labels_have_no_column_and_somebody_is_told() {
    let pairs: String =
        (0..1100).map(|number| format!("[[metadata]]\nlabel = \"Label {number}\"\nvalue = \"x\"\n")).collect();
    let project = Project::new()
        .file("iiif-build.toml", ON)
        .file("content/a/item.toml", &pairs)
        .file("content/a/1.tif", plate(1));
    let report = project.build();
    assert!(report.warnings().any(|found| found.message.contains("100 rare kinds")), "{:?}", report.diagnostics);
    let site = project.site();
    assert_eq!(site.json("dump/items.json")[0]["metadata"].as_array().unwrap().len(), 1100);
}
