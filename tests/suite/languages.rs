//! The language marks of pages, and words in the reader's language.

use crate::draw::page;
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use scraper::{Html, Selector};

const ITEM: &str = r#"
label = { de = "Brief", ar = "رسالة", en = "Letter" }
summary = { de = "Ein <i>Brief</i>", fr = "Une lettre" }
metadata = [
  { label = { de = "Datum", en = "Date" }, value = "2018-05-16T09:16:39Z" },
  { label = "Umfang", value = { de = "2 Blatt", ar = "ورقتان" } },
]
"#;

fn site(settings: &str) -> Project {
    Project::new()
        .file("iiif-build.toml", settings)
        .file("content/a/item.toml", ITEM)
        .file("content/a/1.png", page())
        .file("content/a/2.png", page())
}

/// The value of an attribute of the first element that is selected.
fn attribute(site: &Site, path: &str, selector: &str, name: &str) -> Option<String> {
    let html = Html::parse_document(&site.text(path));
    let element = html.select(&Selector::parse(selector).unwrap()).next()?;
    element.attr(name).map(str::to_owned)
}

fn text(site: &Site, path: &str, selector: &str) -> String {
    let html = Html::parse_document(&site.text(path));
    let element = html.select(&Selector::parse(selector).unwrap()).next().unwrap_or_else(|| panic!("no {selector}"));
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_site_in_german_has_german_words_and_says_so() {
    let site = site("language = \"de\"\n").built();
    assert_proven(&site);
    for path in ["index.html", "a/index.html", "404.html"] {
        assert_eq!(attribute(&site, path, "html", "lang").as_deref(), Some("de"));
        assert_eq!(attribute(&site, path, "html", "dir").as_deref(), Some("ltr"));
    }
    assert_eq!(text(&site, "a/index.html", "#about"), "Über dieses Objekt");
    assert_eq!(text(&site, "index.html", ".card-count"), "2 Seiten");
    assert_eq!(text(&site, "a/index.html", "time"), "16. Mai 2018");
    assert_eq!(attribute(&site, "a/index.html", "time", "datetime").as_deref(), Some("2018-05-16T09:16:39Z"));
    assert_eq!(attribute(&site, "index.html", "meta[property='og:locale']", "content").as_deref(), Some("de_DE"));
}

#[test]
fn a_site_without_words_of_its_language_marks_them_as_english() {
    for language in ["hu", "fa"] {
        let site = site(&format!("language = \"{language}\"\n")).built();
        assert_eq!(attribute(&site, "a/index.html", "html", "lang").as_deref(), Some("en"));
        assert_eq!(attribute(&site, "a/index.html", "html", "dir").as_deref(), Some("ltr"));
        assert_eq!(text(&site, "a/index.html", "#about"), "About this item");
    }
    let site = site("language = \"fa\"\n").file("content/a/item.toml", "label = { fa = \"نامه\" }\n").built();
    assert_eq!(attribute(&site, "a/index.html", "h1 span", "lang").as_deref(), Some("fa"));
    assert_eq!(attribute(&site, "a/index.html", "h1 span", "dir").as_deref(), Some("rtl"));
}

#[test]
fn a_project_brings_the_words_of_a_language_written_from_right_to_left() {
    let project = site("language = \"ar\"\n")
        .file("templates/words.ar.toml", "about_item = \"عن هذه القطعة\"\npages_two = \"صفحتان\"\n");
    let site = project.built();
    assert_eq!(attribute(&site, "a/index.html", "html", "lang").as_deref(), Some("ar"));
    assert_eq!(attribute(&site, "a/index.html", "html", "dir").as_deref(), Some("rtl"));
    assert_eq!(text(&site, "a/index.html", "#about"), "عن هذه القطعة");
    assert_eq!(text(&site, "index.html", ".card-count"), "صفحتان", "the word needs no figure");
    // A text in another language keeps its own direction.
    assert_eq!(attribute(&site, "a/index.html", ".summary > div", "dir").as_deref(), Some("ltr"));
    assert!(site.text("site.webmanifest").contains("\"dir\": \"rtl\""));
}

#[test]
fn one_language_of_a_text_is_shown_and_the_others_are_one_step_away() {
    let site = site("language = \"de\"\n").built();
    let page = "a/index.html";
    assert_eq!(text(&site, page, "h1"), "Brief");
    assert_eq!(text(&site, page, ".item-heading .translations summary"), "العربية, English");
    assert_eq!(attribute(&site, page, ".item-heading .translations summary span", "lang").as_deref(), Some("ar"));
    assert_eq!(attribute(&site, page, ".item-heading .translations p", "dir").as_deref(), Some("rtl"));
    assert_eq!(text(&site, page, ".summary .translations summary"), "Français");
    assert_eq!(attribute(&site, page, ".translations", "open"), None);
}

#[test]
fn a_mistake_in_the_words_of_a_language_is_told_with_its_line() {
    let project =
        site("language = \"pl\"\n").file("templates/words.pl.toml", "about_item = \"O\"\nabuot_collection = \"O\"\n");
    let error = project.refused();
    assert!(error.to_string().contains("words.pl.toml:2") && error.to_string().contains("about_collection"), "{error}");
}
