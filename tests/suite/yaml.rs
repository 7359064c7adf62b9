//! `item.yaml` and `collection.yml`: the same keys as in TOML, and mistakes with their places.

use crate::draw::page;
use crate::project::Project;
use serde_json::json;

const ITEM: &str = "label: {en: Essay, fr: [Essai]}\nsummary: >\n  On\n  reason\nrights: http://creativecommons.org/publicdomain/mark/1.0/\n\
    nav-date: 1784-12-01T00:00:00Z\nbehavior: [paged]\nmetadata:\n  - label: Date\n    value: \"1784\"\npages:\n  1.png:\n    label: Cover\n";

#[test]
fn an_item_and_a_collection_may_be_described_in_yaml() {
    let site = Project::new()
        .file("content/books/collection.yml", "# Books\nlabel: Books\n")
        .file("content/books/kant/item.yaml", ITEM)
        .file("content/books/kant/1.png", page())
        .file("content/books/hegel/item.yml", "")
        .file("content/books/hegel/1.png", page())
        .built();
    assert_eq!(site.json("books/collection.json")["label"], json!({"none": ["Books"]}));
    let manifest = site.json("books/kant/manifest.json");
    assert_eq!(manifest["label"], json!({"en": ["Essay"], "fr": ["Essai"]}));
    assert_eq!(manifest["summary"], json!({"none": ["On reason\n"]}));
    assert_eq!(manifest["metadata"][0]["value"], json!({"none": ["1784"]}));
    assert_eq!((&manifest["navDate"], &manifest["behavior"][0]), (&json!("1784-12-01T00:00:00Z"), &json!("paged")));
    assert_eq!(manifest["items"][0]["label"], json!({"none": ["Cover"]}));
}

#[test]
fn mistakes_in_yaml_have_line_and_column() {
    for (text, line, expected) in [
        ("label: A\nlabell: B\n", 2, "labell"),
        ("label: A\n\nbehavior: [pagged]\n", 3, "pagged"),
        ("label: A\nlabel: B\n", 2, "duplicate"),
        ("label: 'A\n", 1, ""),
        ("metadata:\n  - label: Date\n    value: 1784\n", 3, "a text"),
        ("label: A\nimages:\n  tile-size: 100\n", 3, "tile-size is 100"),
    ] {
        let project = Project::new().file("content/kant/item.yaml", text).file("content/kant/1.png", page());
        let error = project.build_with_failure();
        assert!(error.path().is_some_and(|path| path.ends_with("kant/item.yaml")), "{error}");
        assert!(error.message().contains(expected), "{text:?}: {error}");
        assert_eq!(error.position().map(|at| at.line), Some(line), "{text:?}: {error}");
    }
}

#[test]
fn two_forms_of_one_file_are_refused_and_both_are_named() {
    let project = Project::new()
        .file("content/kant/item.toml", "label = \"A\"")
        .file("content/kant/item.yml", "label: A")
        .file("content/kant/1.png", page());
    assert!(project.build_with_failure().message().ends_with("item.toml and by item.yml"));
}
