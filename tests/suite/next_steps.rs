//! What newcomers stumble over: each is told in plain words, with the next step.

use crate::first_use::{folder, run_in};
use std::fs;
use std::path::Path;

fn settings(root: &Path, text: &str) {
    fs::write(root.join("iiif-build.toml"), text).unwrap();
}

#[test]
fn the_url_of_a_folder_is_decoded_and_a_deploy_says_where_the_site_is() {
    let scans = folder(&["content/letters/1.png"]);
    let root = scans.path().canonicalize().unwrap();
    let target = |url: &str| {
        settings(&root, &format!("base-url = \"https://scans.example/\"\n[deploy.live]\nurl = \"file://{url}\"\n"));
    };
    let place = root.join("my site");
    target(&place.display().to_string().replace(' ', "%20"));
    assert_eq!(run_in(&root, &["build"]).0, Some(0));
    let (code, said) = run_in(&root, &["deploy"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(place.join("letters/manifest.json").is_file() && !root.join("my%20site").exists());
    let told = format!("the site is in file://{}, for readers at https://scans.example/", place.display());
    assert!(said.contains(&told), "{said}");

    target("/srv/100%");
    let (code, said) = run_in(&root, &["deploy"]);
    assert!(code == Some(2) && said.contains("\"%\" is not an escape") && said.contains("%25"), "{said}");
}

#[test]
fn a_deploy_to_a_folder_that_cannot_be_written_speaks_of_the_url() {
    let scans = folder(&["content/letters/1.png"]);
    settings(scans.path(), "base-url = \"https://a.example/\"\n[deploy.live]\nurl = \"file:///proc/nothing/site\"\n");
    assert_eq!(run_in(scans.path(), &["build"]).0, Some(0));
    let (code, said) = run_in(scans.path(), &["deploy"]);
    assert!(code != Some(0) && said.contains("`url` of the target") && !said.contains("--output"), "{said}");
}

#[test]
fn the_name_of_a_language_is_told_with_its_tag() {
    let scans = folder(&["content/letters/1.png", "content/talks/a.png"]);
    settings(scans.path(), "title = \"Letters\"\nlanguage = \"german\"\n");
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(2) && said.contains("iiif-build.toml:2:") && said.contains("German is \"de\""), "{said}");
    settings(scans.path(), "");
    let item = scans.path().join("content/letters/item.toml");
    for (text, told) in [
        ("label = { deutsch-x = \"Brief\" }\n", "expected one such as"),
        ("label = { ger = \"Brief\" }\n", "the tag of German is \"de\""),
        ("homepage = { id = \"https://a.example/\", label = \"a\", language = \"french\" }\n", "French is \"fr\""),
        ("language = \"german\"\n", "label = { de = "),
    ] {
        fs::write(&item, text).unwrap();
        let (code, said) = run_in(scans.path(), &["build"]);
        assert!(code == Some(2) && said.contains("item.toml:1:") && said.contains(told), "{text}: {said}");
    }
    fs::remove_file(&item).unwrap();
    fs::write(scans.path().join("content/items.csv"), "item,label@german\nletters,Briefe\n").unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(0) && said.contains("warning[metadata]") && said.contains("German is \"de\""), "{said}");
}

#[test]
fn a_site_of_nothing_is_a_warning_with_the_next_step() {
    let empty = folder(&[]);
    fs::create_dir(empty.path().join("content")).unwrap();
    let (code, said) = run_in(empty.path(), &["build"]);
    assert!(code == Some(0) && said.contains("warning[no-content]: content: no content was found here"), "{said}");
    assert!(said.contains("iiif-build init --example"), "{said}");
    assert_eq!(run_in(empty.path(), &["build", "--strict", "--base-url", "https://a.example/"]).0, Some(1));
    // What is withheld is content too.
    let closed = folder(&["content/letters/1.png"]);
    fs::write(closed.path().join("content/letters/item.toml"), "publish = false\n").unwrap();
    let (code, said) = run_in(closed.path(), &["build"]);
    assert!(code == Some(0) && !said.contains("no-content"), "{said}");
}

#[test]
fn a_header_in_the_settings_that_no_table_has_is_told() {
    let scans = folder(&["content/letters/1.png"]);
    fs::write(scans.path().join("content/items.csv"), "item,Titel\nletters,Briefe\n").unwrap();
    settings(scans.path(), "[tables.columns]\n\"Titl\" = \"label@de\"\n\"Regal\" = \"\"\n");
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(0) && said.contains("warning[unused-column]: iiif-build.toml:"), "{said}");
    assert!(said.contains("\"Titl\", which no table has; did you mean \"Titel\"?"), "{said}");
    assert!(said.contains("\"Regal\", which no table has\n"), "{said}");
    // The same where the table lacks the column that it was to be.
    fs::write(scans.path().join("content/items.csv"), "Signatur,Titel\nletters,Briefe\n").unwrap();
    settings(scans.path(), "[tables.columns]\n\"Signatr\" = \"item\"\n\"Titel\" = \"label@de\"\n");
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(1) && said.contains("[tables.columns] says that \"Signatr\" is \"item\""), "{said}");
    assert!(said.contains("did you mean \"Signatur\"?"), "{said}");
    settings(scans.path(), "[tables.columns]\n\"Signatur\" = \"item\"\n\"Titel\" = \"label@de\"\n");
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(0) && !said.contains("unused-column"), "{said}");
}

#[test]
fn captions_of_no_recording_are_told_and_others_are_not() {
    let talks = folder(&["content/talks/other.vtt", "content/talks/talk.en.srt", "content/empty/lost.srt"]);
    fs::write(talks.path().join("content/talks/talk.wav"), crate::recorded::wav(1.0)).unwrap();
    let captions = "1\n00:00:00,000 --> 00:00:01,000\nGood evening\n";
    fs::write(talks.path().join("content/talks/talk.en.srt"), captions).unwrap();
    fs::write(talks.path().join("content/talks/talk.en.vtt"), "WEBVTT\n\n00:00.000 --> 00:01.000\nGood evening\n")
        .unwrap();
    let (code, said) = run_in(talks.path(), &["build"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("warning[not-read]: content/talks: \"other.vtt\": captions of no recording"), "{said}");
    assert!(said.contains("warning[not-read]: content/empty: \"lost.srt\": captions of no recording"), "{said}");
    assert!(said.contains("interview.en.vtt") && !said.contains("talk.en"), "{said}");
    // Nothing has images, and the summary does not speak of them.
    assert!(said.contains("public: 1 recording\n") && !said.contains("images"), "{said}");
}

#[test]
fn records_without_a_folder_are_named_with_the_folders_that_may_be_theirs() {
    let scans = folder(&["content/letters/1.png", "content/kannt/1.png", "content/herdr/1.png"]);
    let rows = "item,label\nletters,a\nkant,b\nherder,c\ngoethe,d\nheine,e\n";
    fs::write(scans.path().join("content/items.csv"), rows).unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert_eq!(code, Some(0), "{said}");
    let line = said.lines().find(|line| line.contains("[unused-record]")).unwrap();
    for told in [
        "4 of 5 records",
        "such as \"kant\" (row 3, is it of the folder \"kannt\"?)",
        "\"herder\" (row 4, is it of the folder \"herdr\"?)",
        "\"goethe\" (row 5)",
    ] {
        assert!(line.contains(told), "{told}: {line}");
    }
    assert!(!line.contains("heine"), "{line}");
}

#[test]
fn a_shelf_mark_is_the_folder_that_is_called_so_as_far_as_a_name_can_be() {
    let label = |root: &Path, folder: &str| {
        let manifest = fs::read_to_string(root.join("public").join(folder).join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        manifest["label"].as_object().unwrap().values().next().unwrap()[0].as_str().unwrap().to_owned()
    };
    let table = |root: &Path, rows: &str| {
        fs::write(root.join("content/items.csv"), format!("item,label,publish\n{rows}")).unwrap()
    };
    let scans = folder(&["content/MS 12-3/1.png", "content/ms_12_4/1.png", "content/Cod. lat. 5/1.png"]);
    table(scans.path(), "MS 12/3,Psalter,\nMS 12:4,Hours,\nCod. lat. 5,Bible,\n");
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(0) && !said.contains("[unused-record]") && !said.contains("[no-row]"), "{said}");
    for (folder, title) in [("MS 12-3", "Psalter"), ("ms_12_4", "Hours"), ("Cod. lat. 5", "Bible")] {
        assert_eq!(label(scans.path(), folder), title, "{said}");
    }
    // The exact name holds before one that is only alike.
    table(scans.path(), "MS 12/3,Psalter,\nMS 12-3,Missal,\n");
    assert_eq!(run_in(scans.path(), &["build"]).0, Some(0));
    assert_eq!(label(scans.path(), "MS 12-3"), "Missal");
    // Of two that are alike none is taken.
    table(scans.path(), "MS 12/3,Psalter,\nMS 12:3,Missal,\n");
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(0) && said.contains("may go by several records, \"MS 12/3\" and \"MS 12:3\""), "{said}");
    assert_eq!(label(scans.path(), "MS 12-3"), "MS 12-3");
    // One of them that withholds is enough.
    table(scans.path(), "MS 12/3,Psalter,\nMS 12:3,Missal,no\n");
    assert_eq!(run_in(scans.path(), &["build"]).0, Some(0));
    assert!(!scans.path().join("public/MS 12-3").exists());
    // Two folders for one record are told.
    fs::create_dir(scans.path().join("content/MS_12_3")).unwrap();
    fs::copy(scans.path().join("content/ms_12_4/1.png"), scans.path().join("content/MS_12_3/1.png")).unwrap();
    table(scans.path(), "MS 12/3,Psalter,\n");
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(0) && said.contains("\"MS 12-3\" and \"MS_12_3\" all go by the record \"MS 12/3\""), "{said}");
}

#[test]
fn a_page_is_described_by_its_number_if_only_one_image_has_it() {
    let scans = folder(&["content/kant/kant_001.png", "content/kant/kant_002.png", "content/kant/notes.txt"]);
    let item = scans.path().join("content/kant/item.toml");
    let manifest = || fs::read_to_string(scans.path().join("public/kant/manifest.json")).unwrap();
    fs::write(&item, "[pages.\"001\"]\nlabel = \"Title page\"\n[pages.kant_002]\nlabel = \"Preface\"\n").unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(manifest().contains("Title page") && manifest().contains("Preface"));
    fs::write(&item, "[pages.\"002\"]\npublish = false\n").unwrap();
    assert_eq!(run_in(scans.path(), &["build"]).0, Some(0));
    assert!(!manifest().contains("kant_002"));
    // Two images with the number: nobody knows which is meant.
    fs::copy(scans.path().join("content/kant/kant_001.png"), scans.path().join("content/kant/hume_002.png")).unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(1) && said.contains("describes \"002\"") && said.contains("only one file has it"), "{said}");
}

#[test]
fn a_table_where_a_list_of_tables_belongs_is_told_with_its_brackets() {
    let scans = folder(&["content/letters/1.png"]);
    fs::write(scans.path().join("content/letters/item.toml"), "label = \"x\"\n[metadata]\nAuthor = \"Kant\"\n")
        .unwrap();
    let (code, said) = run_in(scans.path(), &["build"]);
    assert!(code == Some(2) && said.contains("item.toml:2:") && said.contains("write [[metadata]]"), "{said}");
    assert!(said.contains("label = \"Author\", value = \"Immanuel Kant\""), "{said}");
}

#[test]
fn paths_are_shown_without_the_dots_of_the_settings() {
    let scans = folder(&["letters/1.png", "letters/3.png", "letters/4.png", "letters/5.png", "letters/6.png", "a.doc"]);
    settings(scans.path(), "content = \".\"\n");
    fs::write(scans.path().join("letters/Item.toml"), "").unwrap();
    let (code, said) = run_in(scans.path(), &["build", "-v"]);
    assert!(code == Some(0) && said.contains("warning[not-read]: letters: \"Item.toml\""), "{said}");
    assert!(said.contains("\npublic: 5 images cut") && !said.contains("./"), "{said}");
}

#[test]
fn init_beside_a_pdf_says_how_its_pages_become_images() {
    let papers = folder(&["book.PDF"]);
    let (code, said) = run_in(papers.path(), &["init"]);
    assert!(code == Some(2) && said.contains("none of them is an image") && said.contains("pdftoppm"), "{said}");
    fs::rename(papers.path().join("book.PDF"), papers.path().join("notes.txt")).unwrap();
    let (code, said) = run_in(papers.path(), &["init"]);
    assert!(code == Some(2) && said.contains("put scans into the folder") && !said.contains("pdftoppm"), "{said}");
    assert!(!papers.path().join("iiif-build.toml").exists());
}
