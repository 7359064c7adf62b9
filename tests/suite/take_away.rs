//! What readers take away from the page of an item, as it stands in the HTML: citations, names of downloads, viewers elsewhere.

use crate::draw::page;
use crate::project::Project;
use crate::prove::assert_proven;
use iiif_build::error::ErrorKind;

const ITEM: &str = "label = '</pre><script>A & B'\nrights = 'http://creativecommons.org/licenses/by/4.0/'\n\
    metadata = [{ label = { de = 'Verfasser' }, value = 'Kant, <b>Immanuel</b>' }, { label = 'Date', value = '1784' }]\n";

fn project() -> Project {
    Project::new().file("content/books/a/0001.png", page()).file("content/books/a/item.toml", ITEM)
}

#[test]
fn an_item_is_cited_in_three_formats_and_nothing_in_it_is_markup() {
    let site = project().built();
    assert_proven(&site);
    let html = site.text("books/a/index.html");
    for expected in
        ["@misc{books-a,", "author = {Kant, Immanuel}", "TY  - GEN", "&quot;literal&quot;: &quot;Kant, Immanuel&quot;"]
    {
        assert!(html.contains(expected), "{expected}: {html}");
    }
    assert!(!html.contains("<script>A"), "{html}");
}

#[test]
fn downloads_are_called_after_the_item_and_the_page() {
    let html = project().built().text("books/a/index.html");
    assert!(html.contains("download=\"books-a_0001.jpg\""), "{html}");
    assert!(!html.contains("data-action=\"download\" download "), "{html}");
}

#[test]
fn other_viewers_are_those_of_the_settings() {
    let usual = project().built().text("books/a/index.html");
    assert!(usual.contains("projectmirador.org") && usual.contains("theseusviewer.org"), "{usual}");
    let own = "open-in = [{ label = 'Ours', url = 'https://ours.example/?m={manifest}&x=1' }]";
    let html = project().file("iiif-build.toml", own).built().text("books/a/index.html");
    let address = "https:&#x2F;&#x2F;ours.example&#x2F;?m=https%3A%2F%2Fscans.example.org%2Farchive%2Fbooks%2Fa%2Fmanifest.json&amp;x=1";
    assert!(html.contains(address) || html.contains(&address.replace("&#x2F;", "/")), "{html}");
    assert!(!html.contains("projectmirador.org"));
    let none = project().file("iiif-build.toml", "open-in = []").built().text("books/a/index.html");
    assert!(!none.contains("class=\"open-in\""), "{none}");
}

#[test]
fn a_viewer_without_a_place_for_the_manifest_is_a_mistake_of_the_settings() {
    for (setting, told) in [
        ("open-in = [{ label = 'A', url = 'https://a.example/' }]", "must contain {manifest}"),
        ("open-in = [{ label = 'A', url = 'javascript:{manifest}' }]", "begins with https://"),
        ("open-in = [{ label = 'A', address = 'https://a.example/{manifest}' }]", "the key `url`"),
    ] {
        let refused = project().file("iiif-build.toml", setting).refused();
        assert_eq!(refused.kind(), ErrorKind::Config);
        assert!(refused.to_string().contains(told), "{refused}");
    }
}

#[test]
fn another_viewer_changes_the_pages_of_items_and_no_manifest() {
    let project = project();
    let before = project.built();
    let manifest = before.text("books/a/manifest.json");
    project.write("iiif-build.toml", "open-in = []");
    let after = project.built();
    assert!(!after.text("books/a/index.html").contains("projectmirador.org"));
    assert_eq!(after.text("books/a/manifest.json"), manifest);
}
