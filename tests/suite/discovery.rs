//! What search engines and harvesters find: JSON-LD in pages, the sitemap with its images, and the feeds.

mod activity;
mod atom;
mod dump;
mod harvester;
mod hostile;
mod oai_pmh;

use crate::archive::{after, plate};
use crate::draw::page;
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use scraper::{Html, Selector};
use serde_json::{Value, json};

const ITEM: &str = r#"
summary = "<p>On <b>war</b> &amp; peace</p>"
rights = "http://creativecommons.org/publicdomain/mark/1.0/"
homepage = { id = "https://catalogue.example/1", label = "Catalogue" }
provider = { id = "https://library.example/", label = "The Library" }
[label]
en = "Letters </script><script>alert(1)</script>"
fr = "Lettres"
"#;

fn project() -> Project {
    Project::new()
        .file("iiif-build.toml", "language = \"en\"\n")
        .file("content/shelf/collection.toml", "label = \"Shelf\"\n")
        .file("content/shelf/a/item.toml", ITEM)
        .file("content/shelf/a/1.png", page())
        .file("content/shelf/a/2.png", page())
}

/// The JSON-LD of a page, of which there is exactly one.
fn json_ld(site: &Site, path: &str) -> Value {
    let html = Html::parse_document(&site.text(path));
    let scripts: Vec<String> = html
        .select(&Selector::parse("script[type='application/ld+json']").unwrap())
        .map(|script| script.text().collect())
        .collect();
    assert_eq!(scripts.len(), 1, "{path}");
    serde_json::from_str(&scripts[0]).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn an_items_page_tells_search_engines_what_is_known_and_nothing_else() {
    let site = project().built();
    assert_proven(&site);
    let base = &site.base_url;
    let expected = json!({
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "@id": format!("{base}shelf/a/"),
        "url": format!("{base}shelf/a/"),
        "name": "Letters </script><script>alert(1)</script>",
        "alternateName": [{ "@value": "Lettres", "@language": "fr" }],
        "description": "On war & peace",
        "image": format!("{base}iiif/3/shelf-a_1/full/max/0/default.jpg"),
        "thumbnailUrl": json_ld(&site, "shelf/a/index.html")["thumbnailUrl"],
        "license": "http://creativecommons.org/publicdomain/mark/1.0/",
        "provider": [{ "@type": "Organization", "@id": "https://library.example/", "name": "The Library" }],
        "sameAs": ["https://catalogue.example/1"],
        "isPartOf": { "@type": "Collection", "@id": format!("{base}shelf/"), "name": "Shelf" },
        "encoding": {
            "@type": "MediaObject",
            "contentUrl": format!("{base}shelf/a/manifest.json"),
            "encodingFormat": "application/ld+json;profile=\"http://iiif.io/api/presentation/3/context.json\"",
        },
    });
    assert_eq!(json_ld(&site, "shelf/a/index.html"), expected);
    for address in ["image", "thumbnailUrl"] {
        assert!(site.has(&site.path_of(expected[address].as_str().unwrap()).unwrap()), "{address}");
    }
}

#[test]
fn a_collections_page_names_the_collection_around_it() {
    let site = project().built();
    let base = &site.base_url;
    let (root, shelf) = (json_ld(&site, "index.html"), json_ld(&site, "shelf/index.html"));
    assert_eq!([&root["@type"], &root["@id"]], ["Collection", base.as_str()]);
    assert_eq!(root.get("isPartOf"), None);
    assert_eq!(shelf["isPartOf"]["@id"], *base);
    assert_eq!(shelf["encoding"]["contentUrl"], format!("{base}shelf/collection.json"));
    assert_eq!(shelf["image"], format!("{base}iiif/3/shelf-a_1/full/max/0/default.jpg"));
}

#[test]
fn the_sitemap_names_every_scan_of_a_page() {
    let project = project();
    let images = |site: &Site| -> Vec<String> {
        let sitemap = site.text("sitemap.xml");
        let named = sitemap.split("<image:loc>").skip(1).filter_map(|rest| rest.split("</image:loc>").next());
        named.map(|address| site.path_of(address).unwrap()).collect()
    };
    let site = project.built();
    let full = |number: u32| format!("iiif/3/shelf-a_{number}/full/max/0/default.jpg");
    assert_eq!(images(&site), [full(1), full(2)]);
    assert!(images(&site).iter().all(|path| site.has(path)));
    assert!(roxmltree::Document::parse(&site.text("sitemap.xml")).is_ok());
    assert!(site.text("robots.txt").contains(&format!("Sitemap: {}sitemap.xml", site.base_url)));
    let item = format!("{ITEM}[pages.\"1.png\"]\npublish = false\n");
    project.write("content/shelf/a/item.toml", item);
    assert_eq!(images(&project.built()), [full(2)]);
}

#[test]
fn a_new_scan_is_in_the_sitemap_after_the_next_build() {
    let project = project();
    project.built();
    let effect = after(&project, |project| project.write("content/shelf/a/3.tif", plate(3)));
    assert!(effect.changes.written.contains("sitemap.xml"), "{:?}", effect.changes.written);
}
