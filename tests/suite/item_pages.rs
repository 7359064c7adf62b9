//! The pages of an item in its HTML: figures while they are few, else links to pages with figures; gaps, the page to begin
//! with, layers, notes.

use crate::archive::{assert_as_clean, assert_at_rest};
use crate::draw::{grey, page, png};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use scraper::{Html, Selector};

/// The value of an attribute, or the text if `name` is empty, of each element.
fn values(site: &Site, path: &str, selector: &str, name: &str) -> Vec<String> {
    let html = Html::parse_document(&site.text(path));
    let selector = Selector::parse(selector).unwrap();
    let elements = html.select(&selector).filter_map(|element| match name {
        "" => Some(element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")),
        _ => element.value().attr(name).map(str::to_owned),
    });
    elements.collect()
}

fn count(site: &Site, path: &str, selector: &str) -> usize {
    values(site, path, selector, "").len()
}

#[test]
fn a_long_item_has_links_on_its_page_and_figures_on_pages_of_their_own() {
    let project = Project::new();
    for number in 1..=101 {
        project.write(&format!("content/a/{number:04}.png"), png(grey(16, 16 + number)));
    }
    project.write("content/a/item.toml", "[pages.'0077.png']\nmetadata = [{ label = 'Hand', value = 'B' }]\n");
    let site = project.built();
    assert_proven(&site);
    assert_at_rest(&project);
    let path = "a/index.html";
    assert_eq!((count(&site, path, "figure"), count(&site, path, ".pages > li")), (0, 101));
    assert_eq!(values(&site, path, "#page-0077 a", "href"), ["../a/pages/2/#page-0077"]);
    assert_eq!(values(&site, path, "[data-more]", "id"), ["page-0077"]);
    assert_eq!(values(&site, path, "#page-0077", "data-sizes"), ["16,93"]);
    let html = site.text(path);
    assert!(html.find("id=\"about\"") < html.find("<ol class=\"pages"), "the list comes last");

    let lists = ["a/pages/index.html", "a/pages/2/index.html", "a/pages/3/index.html"];
    assert_eq!(lists.map(|list| count(&site, list, "figure.page")), [50, 50, 1]);
    assert_eq!(values(&site, lists[1], "#page-0077 dd", ""), ["B"]);
    assert_eq!(values(&site, lists[1], "nav [rel]", "rel"), ["prev", "next"]);

    project.remove("content/a/0101.png");
    let site = project.built();
    assert_eq!(count(&site, path, "figure.page"), 100);
    assert!(lists.iter().all(|list| !site.has(list)), "pages of a list that is short again are removed");
    assert_as_clean(&project);
}

#[test]
fn the_first_picture_is_that_of_the_page_to_begin_with_and_gaps_are_pages() {
    let project = Project::new();
    project.write("content/a/1.png", page());
    project.write("content/a/3.png", png(grey(90, 60)));
    let item = "start = '3'\nbehavior = ['paged']\n[pages.'2.png']\nlabel = '<2>'\nmissing = true\n[pages.'3.png']\nbehavior = ['facing-pages']\n";
    project.write("content/a/item.toml", item);
    let site = project.built();
    assert_proven(&site);
    let path = "a/index.html";
    assert_eq!(values(&site, path, ".viewer", "data-start"), ["page-3"]);
    assert_eq!(values(&site, path, ".viewer", "data-page-count"), ["3"]);
    assert_eq!(values(&site, path, ".picture", "src"), ["../iiif/3/a_3/full/90,60/0/default.jpg"]);
    assert_eq!(values(&site, path, "link[rel=preload][as=fetch]", "href"), ["../iiif/3/a_3/info.json"]);
    assert_eq!(values(&site, path, ".page-missing .gap", ""), ["No image of <2>"]);
    assert_eq!(values(&site, path, "#page-3", "data-behavior"), ["facing-pages"]);
    assert_eq!(values(&site, path, "#page-2", "data-info"), Vec::<String>::new());
}

#[test]
fn notes_and_layers_stand_with_their_page_and_follow_each_change() {
    let project = Project::new();
    project.write("content/a/1.png", page());
    project.write("content/a/1-uv.png", page());
    let item = "annotations = 'notes.csv'\n[pages.'1.png']\nlayers = [{ file = '1.png', label = 'Plain' }, { file = '1-uv.png', label = '<UV>' }]\n";
    project.write("content/a/item.toml", item);
    project.write("content/a/notes.csv", "page,xywh,text\n1,\"30,20,150,100\",Ex libris\n");
    let site = project.built();
    assert_proven(&site);
    let path = "a/index.html";
    assert_eq!(values(&site, path, ".note", ""), ["Ex libris"]);
    assert_eq!(values(&site, path, ".note", "data-region"), ["10.000,10.000,50.000,50.000"]);
    assert_eq!(values(&site, path, ".layer", "data-label"), ["Plain", "<UV>"]);
    assert_eq!(count(&site, path, ".layer img"), 1);

    project.write("content/a/notes.csv", "page,xywh,text\n1,,<script>x</script>Other\n");
    let site = project.built();
    assert!(values(&site, path, ".note", "")[0].ends_with("Other"));
    assert_eq!(values(&site, path, ".note", "data-region"), Vec::<String>::new());
    assert_eq!(count(&site, path, ".note script"), 0);
    assert_as_clean(&project);
}

#[test]
fn labels_with_markup_and_five_thousand_letters_stay_text() {
    let project = Project::new();
    project.write("content/a/1.png", page());
    let label = format!("<img src=x onerror=alert(1)>\" {{{{ x }}}} \u{202e}{}", "a".repeat(5000));
    project.write("content/a/item.toml", format!("[pages.'1.png']\nlabel = '''{label}'''\n"));
    let site = project.built();
    assert_proven(&site);
    assert_eq!(count(&site, "a/index.html", "[onerror]"), 0);
    assert_eq!(values(&site, "a/index.html", ".page-label", ""), [label]);
}
