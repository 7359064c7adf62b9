//! The Atom feed of what is new.

use super::hostile;
use crate::archive::{assert_at_rest, plate};
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use roxmltree::{Document, Node};
use std::thread::sleep;
use std::time::Duration;

const ATOM: &str = "http://www.w3.org/2005/Atom";

fn project() -> Project {
    let item = "label = { en = \"A\", fr = \"Ah\" }\nsummary = \"<p>On <b>war</b></p>\"\n\
        rights = \"http://creativecommons.org/publicdomain/mark/1.0/\"\n\
        provider = { id = \"https://library.example/\", label = \"The Library\" }\n";
    Project::new()
        .file("iiif-build.toml", "title = \"Archive\"\nlanguage = \"en\"\ndiscovery = [\"atom\"]\n")
        .file("content/a/item.toml", item)
        .file("content/a/1.tif", plate(1))
        .file("content/b/1.tif", plate(2))
}

fn inner<'a, 'b>(node: Node<'a, 'b>, name: &str) -> Vec<Node<'a, 'b>> {
    node.children().filter(|child| child.has_tag_name((ATOM, name))).collect()
}

fn text(node: Node<'_, '_>, name: &str) -> String {
    let found = inner(node, name);
    assert_eq!(found.len(), 1, "{name}");
    found[0].text().unwrap_or_default().to_owned()
}

/// Titles in order, after the feed was held to RFC 4287: what must be there, once, and lead to what is published.
fn titles(site: &Site) -> Vec<String> {
    let text_of_feed = site.text("atom.xml");
    let document = Document::parse(&text_of_feed).unwrap();
    let feed = document.root_element();
    assert!(feed.has_tag_name((ATOM, "feed")));
    let entries = inner(feed, "entry");
    let mut last = text(feed, "updated");
    assert!(!text(feed, "title").is_empty() && !inner(feed, "author").is_empty());
    assert_eq!(text(feed, "id"), site.base_url);
    for entry in &entries {
        let (id, updated) = (text(*entry, "id"), text(*entry, "updated"));
        assert!(updated <= last && text(*entry, "published") <= updated, "{updated} {last}");
        last = updated;
        let links: Vec<_> = inner(*entry, "link").iter().map(|link| link.attribute("href").unwrap()).collect();
        assert_eq!(links[0], id);
        assert!(site.has(&format!("{}index.html", site.path_of(&id).unwrap())));
        assert!(site.has(&site.path_of(links[1]).unwrap()));
        let thumbnail = entry.children().find(|child| child.tag_name().name() == "thumbnail").unwrap();
        assert!(site.has(&site.path_of(thumbnail.attribute("url").unwrap()).unwrap()));
    }
    entries.iter().map(|entry| text(*entry, "title")).collect()
}

#[test]
fn what_changed_last_comes_first_and_names_what_is_known_of_it() {
    let project = project();
    let site = project.built();
    assert_eq!(titles(&site), ["A", "b"]);
    let feed = site.text("atom.xml");
    let document = Document::parse(&feed).unwrap();
    let entry = inner(document.root_element(), "entry")[0];
    assert_eq!(text(entry, "summary"), "On war");
    assert_eq!(text(inner(entry, "author")[0], "name"), "The Library");
    assert_eq!(text(entry, "rights"), "http://creativecommons.org/publicdomain/mark/1.0/");
    sleep(Duration::from_millis(1100));
    project.write("content/b/item.toml", "label = \"B\"\n");
    assert_eq!(titles(&project.built()), ["B", "A"]);
    project.remove("content/b");
    assert_eq!(titles(&project.built()), ["A"]);
    assert_at_rest(&project);
}

#[test]
fn the_start_page_alone_leads_to_it_while_it_is_wanted() {
    let project = project().file("content/shelf/c/1.tif", plate(4));
    let site = project.built();
    assert_proven(&site);
    let link = "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Archive\" href=\"atom.xml\">";
    assert!(site.text("index.html").contains(link));
    assert!(!site.text("shelf/index.html").contains("atom"));
    project.write("iiif-build.toml", "title = \"Archive\"\nlanguage = \"en\"\n");
    let site = project.built();
    assert!(!site.has("atom.xml") && !site.text("index.html").contains("atom"));
}

#[test]
fn hostile_texts_stay_texts() {
    let site = hostile::project("\"atom\"").built();
    assert_eq!(titles(&site), [hostile::in_xml()]);
}

#[test]
fn a_feed_of_many_items_names_a_hundred() {
    let project = Project::new().file("iiif-build.toml", "discovery = [\"atom\"]\n");
    (0..104u8).for_each(|number| project.write(&format!("content/{number:03}/1.tif"), plate(number)));
    let titles = titles(&project.built());
    assert_eq!((titles.len(), titles[0].as_str(), titles[99].as_str()), (100, "000", "099"));
}
