//! What metadata becomes: in manifests as given, in pages escaped or sanitised.

use crate::draw::page;
use crate::older::BOTH;
use crate::project::Project;
use crate::prove::assert_proven;
use crate::site::Site;
use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};

const SCRIPT: &str = "<script>alert(1)</script>";
const HANDLER: &str = "<img alt=x onerror=alert(1)>";

/// Panics if the page runs or loads anything that the theme did not put there.
fn assert_harmless(site: &Site, path: &str) {
    let html = Html::parse_document(&site.text(path));
    for element in html.tree.nodes().filter_map(ElementRef::wrap) {
        let (name, text) = (element.value().name(), element.text().collect::<String>());
        let handler = element.value().attrs().find(|(name, value)| name.starts_with("on") && value.contains("alert"));
        assert_eq!(handler, None, "{path}");
        let is_data = element.attr("type") == Some("application/ld+json");
        assert!(!(name == "script" && !is_data && text.contains("alert")), "{path} holds a script");
        let address = element.attr("href").or(element.attr("src")).unwrap_or_default();
        assert!(!address.trim_start().to_lowercase().starts_with("javascript:"), "{path} links to {address}");
        assert_ne!(name, "iframe", "{path}");
    }
}

#[test]
fn html_and_script_in_metadata_are_sanitised_everywhere() {
    let item = format!(
        r#"label = "{SCRIPT}{HANDLER}"
        summary = "<p onclick='alert(1)'>Fine <b>bold</b>{SCRIPT}{HANDLER}<iframe src='x'></iframe></p>"
        [[metadata]]
        label = "{SCRIPT}"
        value = ["{HANDLER}", "<a href='javascript:alert(1)'>x</a>", "3 < 4 & 5 > 2", "\" onmouseover=\"alert(1)"]
        [required-statement]
        label = "R"
        value = "{SCRIPT}"
        [pages."1.png"]
        label = "{HANDLER}" "#
    );
    let project = Project::new().file("content/a/1.png", page()).file("content/a/item.toml", &item);
    let site = project.file("content/collection.toml", format!("label = \"{SCRIPT}\"\nsummary = \"{SCRIPT}\"")).built();
    assert_proven(&site);
    for path in ["index.html", "a/index.html", "404.html"] {
        assert_harmless(&site, path);
    }
    assert!(site.text("a/index.html").contains("<b>bold</b>"), "allowed HTML stays");
    let manifest = site.json("a/manifest.json");
    assert_eq!(manifest["label"]["none"][0], format!("{SCRIPT}{HANDLER}"), "labels are plain text, kept as they are");
    let markup: Vec<&serde_json::Value> = manifest["metadata"][0]["value"]["none"].as_array().unwrap().iter().collect();
    for value in
        markup.into_iter().chain([&manifest["summary"]["none"][0], &manifest["requiredStatement"]["value"]["none"][0]])
    {
        let value = value.as_str().unwrap();
        let is_markup = value.starts_with('<') && value.ends_with('>');
        let harmful =
            ["<script", "onerror", "onclick", "javascript:", "<iframe"].into_iter().find(|word| value.contains(word));
        assert!(!is_markup || harmful.is_none(), "{value}");
    }
    assert_eq!(manifest["metadata"][0]["value"]["none"][2], "3 < 4 & 5 > 2", "plain text stays as it is");
}

/// Presentation API 3, 4.2: `src` begins with http: or https:, `href` may be mailto: too.
#[test]
fn addresses_in_metadata_are_absolute_or_gone() {
    let item = "summary = \"<p>See <a href='x'>this</a> <img src='y' alt='that'></p>\"";
    let site = Project::new().file("content/a/1.png", page()).file("content/a/item.toml", item).built();
    let summary = site.json("a/manifest.json")["summary"]["none"][0].as_str().unwrap().to_owned();
    assert_eq!(summary, "<p>See <a>this</a> <img alt=\"that\"></p>");
    assert_proven(&site);
}

#[test]
fn a_file_and_a_folder_named_like_html_do_no_harm() {
    let project = Project::new().file("content/a/1.png", page());
    // No slash can stand in a name, so no closing tag either; `<` and `>` are refused as Windows cannot keep them.
    let names =
        [format!("content/a/{HANDLER}.png"), format!("content/{HANDLER}/1.png"), "content/b&quot;'x/1.png".into()];
    let project = names.iter().fold(project, |project, name| project.file(name, page()));
    let failures = project.build().failures;
    assert_eq!(failures.len(), 2, "{failures:?}");
    let site = project.site();
    assert_proven(&site);
    for path in site.files("").iter().filter(|path| path.ends_with(".html")) {
        assert_harmless(&site, path);
    }
}

#[test]
fn metadata_reaches_the_manifest_as_the_specification_spells_it() {
    let item = r#"
        label = { fr = "Lettre", en = ["Letter", "Note"] }
        summary = "Plain"
        metadata = [{ label = { en = "Author" }, value = ["A. Bebel", "N. N."] }]
        rights = "http://creativecommons.org/licenses/by/4.0/"
        required-statement = { label = "Source", value = "Library" }
        provider = { id = "https://example.org/", label = "Library", homepage = { id = "https://example.org/home" } }
        homepage = { id = "https://example.org/letter", label = "About" }
        see-also = { id = "https://example.org/mets.xml", format = "application/xml" }
        nav-date = 1879-01-01T00:00:00Z
        behavior = ["paged"]
        viewing-direction = "right-to-left"
    "#;
    let project = Project::new().file("iiif-build.toml", "language = \"de\"").file("content/a/1.png", page());
    let site = project.file("content/a/item.toml", item).built();
    assert_proven(&site);
    let manifest = site.json("a/manifest.json");
    for (key, value) in [
        ("label", json!({ "en": ["Letter", "Note"], "fr": ["Lettre"] })),
        ("summary", json!({ "de": ["Plain"] })),
        ("metadata", json!([{ "label": { "en": ["Author"] }, "value": { "de": ["A. Bebel", "N. N."] } }])),
        ("rights", json!("http://creativecommons.org/licenses/by/4.0/")),
        ("requiredStatement", json!({ "label": { "de": ["Source"] }, "value": { "de": ["Library"] } })),
        ("navDate", json!("1879-01-01T00:00:00Z")),
        ("behavior", json!(["paged"])),
        ("viewingDirection", json!("right-to-left")),
    ] {
        assert_eq!(manifest[key], value, "{key}");
    }
    assert_eq!(manifest["provider"][0]["type"], "Agent");
    assert_eq!(manifest["provider"][0]["homepage"][0]["type"], "Text");
    assert_eq!(manifest["homepage"][0]["label"], json!({ "de": ["About"] }));
    assert_eq!(manifest["seeAlso"][0]["format"], "application/xml");
    assert_eq!(site.json("iiif/3/a_1/info.json")["rights"], "http://creativecommons.org/licenses/by/4.0/");
}

#[test]
fn a_folder_of_images_without_any_metadata_is_a_good_item() {
    let site = Project::new()
        .file("content/Some Letters/0007.png", page())
        .file("content/Some Letters/012v.png", page())
        .built();
    assert_proven(&site);
    assert_eq!(site.json("Some Letters/manifest.json")["label"], json!({ "none": ["Some Letters"] }));
    assert_eq!(site.page_labels("Some Letters"), ["0007", "012v"]);
    assert!(site.text("Some Letters/index.html").contains("Some Letters"));
}

/// Links given as files of the project, under names that have to be encoded.
const LINKS_TO_FILES: &str = r#"
    homepage = { file = "about us.pdf", label = "About us" }
    see-also = { file = "about.rdf", label = "RDF" }
    rendering = { file = "book.pdf", label = "PDF" }
    [provider]
    id = "https://library.example/"
    label = "Library"
    homepage = { file = "home é.pdf", label = "Home" }
    logo = { file = "logo.svg" }
    see-also = { file = "library.rdf" }
"#;

fn with_linked_files(project: Project, folder: &str) -> Project {
    ["about us.pdf", "about.rdf", "book.pdf", "home é.pdf", "logo.svg", "library.rdf"]
        .iter()
        .fold(project, |project, name| project.file(&format!("content/{folder}/{name}"), *name))
}

/// A collection with an item, both of which link to files.
fn linked_site() -> Site {
    let project = Project::new()
        .file("iiif-build.toml", format!("discovery = [\"dump\"]\n{BOTH}"))
        .file("content/node/a/1.png", page())
        .file("content/node/collection.toml", LINKS_TO_FILES)
        .file("content/node/a/item.toml", LINKS_TO_FILES);
    let site = with_linked_files(with_linked_files(project, "node"), "node/a").built();
    assert_proven(&site);
    site
}

#[test]
fn links_given_as_files_lead_to_the_published_files_in_pages() {
    let site = linked_site();
    for folder in ["node", "node/a"] {
        let html = Html::parse_document(&site.text(&format!("{folder}/index.html")));
        let root = "../".repeat(folder.split('/').count());
        let selector = Selector::parse(".links a:not([class])").unwrap();
        let links = html.select(&selector).filter_map(|link| link.attr("href"));
        let files = ["home%20%C3%A9.pdf", "about%20us.pdf", "book.pdf", "about.rdf"];
        let expected = files.map(|file| format!("{root}{folder}/files/{file}"));
        assert_eq!(links.take(expected.len()).collect::<Vec<_>>(), expected, "{folder}");
        let selector = Selector::parse("script[type='application/ld+json']").unwrap();
        let json_ld = html.select(&selector).next().unwrap();
        let json_ld: Value = serde_json::from_str(&json_ld.text().collect::<String>()).unwrap();
        assert_eq!(json_ld["sameAs"], json!([format!("{}{folder}/files/about%20us.pdf", site.base_url)]));
        assert!(site.has(&format!("{folder}/files/home é.pdf")) && site.has(&format!("{folder}/files/book.pdf")));
    }
}

#[test]
fn links_given_as_files_lead_to_the_published_files_in_documents_and_feeds() {
    let site = linked_site();
    let dump = site.json("dump/items.json");
    let item = dump.as_array().unwrap().iter().find(|item| item["path"] == "node/a").unwrap();
    let documents = [
        ("node", site.json("node/collection.json")),
        ("node/a", site.json("node/a/manifest.json")),
        ("node/a", item.clone()),
    ];
    for (folder, document) in documents {
        for (pointer, file) in [
            ("/homepage/0/id", "about%20us.pdf"),
            ("/seeAlso/0/id", "about.rdf"),
            ("/rendering/0/id", "book.pdf"),
            ("/provider/0/homepage/0/id", "home%20%C3%A9.pdf"),
            ("/provider/0/logo/0/id", "logo.svg"),
            ("/provider/0/seeAlso/0/id", "library.rdf"),
        ] {
            let address = format!("{}{folder}/files/{file}", site.base_url);
            assert_eq!(document.pointer(pointer), Some(&json!(address)), "{folder} {pointer}");
        }
    }
    for (folder, name) in [("node", "collection.v2.json"), ("node/a", "manifest.v2.json")] {
        let document = site.json(&format!("{folder}/{name}"));
        for (pointer, file) in [
            ("/related/@id", "about%20us.pdf"),
            ("/seeAlso/@id", "about.rdf"),
            ("/rendering/@id", "book.pdf"),
            ("/logo", "logo.svg"),
        ] {
            let address = format!("{}{folder}/files/{file}", site.base_url);
            assert_eq!(document.pointer(pointer), Some(&json!(address)), "{name} {pointer}");
        }
    }
}
