//! Every property of Presentation API 3 on every class that may have it (appendix A of the specification), and none on a
//! class that must not: the key that sets it there, or `extra` where docs/properties.md says so.

use crate::draw::page;
use crate::project::Project;
use crate::prove::assert_proven;
use serde_json::Value;

/// Appendix A: which of Collection, Manifest, Canvas and Range may have a property. Those of content resources are not
/// here; `navPlace` is an extension.
const ALLOWED: [(&str, [bool; 4]); 29] = [
    ("id", [true, true, true, true]),
    ("type", [true, true, true, true]),
    ("label", [true, true, true, true]),
    ("metadata", [true, true, true, true]),
    ("summary", [true, true, true, true]),
    ("requiredStatement", [true, true, true, true]),
    ("rights", [true, true, true, true]),
    ("provider", [true, true, true, true]),
    ("thumbnail", [true, true, true, true]),
    ("navDate", [true, true, true, true]),
    ("navPlace", [true, true, true, true]),
    ("placeholderCanvas", [true, true, true, true]),
    ("accompanyingCanvas", [true, true, true, true]),
    ("height", [false, false, true, false]),
    ("width", [false, false, true, false]),
    ("duration", [false, false, true, false]),
    ("viewingDirection", [true, true, false, true]),
    ("behavior", [true, true, true, true]),
    ("homepage", [true, true, true, true]),
    ("seeAlso", [true, true, true, true]),
    ("rendering", [true, true, true, true]),
    ("service", [true, true, true, true]),
    ("services", [true, true, false, false]),
    ("partOf", [true, true, true, true]),
    ("start", [false, true, false, true]),
    ("supplementary", [false, false, false, true]),
    ("items", [true, true, true, true]),
    ("structures", [false, true, false, false]),
    ("annotations", [true, true, true, true]),
];

/// What may be said of all classes.
const OF_ALL: &str = r#"
label = "A"
summary = "B"
metadata = [{ label = "C", value = "D" }]
required-statement = { label = "E", value = "F" }
rights = "http://creativecommons.org/licenses/by/4.0/"
provider = { id = "https://example.org/", label = "G", logo = { id = "https://example.org/logo.png" } }
nav-date = 1850-01-01T00:00:00Z
nav-place = [13.4, 52.5]
behavior = "no-auto-advance"
homepage = { id = "https://example.org/a", label = "H", language = "en" }
see-also = { id = "https://example.org/a.xml" }
rendering = { id = "https://example.org/a.pdf", label = "I" }
service = { id = "https://example.org/s", type = "X" }
part-of = { id = "https://example.org/c.json", label = "J" }
"#;

const BEFORE_AND_BESIDE: &str =
    "placeholder = { file = \"before.png\", label = \"K\" }\naccompanying = \"beside.png\"\n";

fn item() -> String {
    // Each file has one place: a page's are named for it.
    let of_page = BEFORE_AND_BESIDE.replace("before", "page-before").replace("beside", "page-beside");
    let of_range = BEFORE_AND_BESIDE.replace("before", "range-before").replace("beside", "range-beside");
    format!(
        "{OF_ALL}{BEFORE_AND_BESIDE}\
         viewing-direction = \"right-to-left\"\nstart = \"2\"\nthumbnail = \"2.png\"\n\
         services = {{ id = \"https://example.org/t\", type = \"X\" }}\n\
         annotations = [{{ file = \"text.csv\", label = \"L\" }}]\n\
         [pages.\"1.png\"]\n{OF_ALL}{of_page}duration = 4\nwidth = 600\nheight = 400\n\
         [[structures]]\n{OF_ALL}{of_range}viewing-direction = \"left-to-right\"\nstart = \"2.png\"\npages = [\"1\", \"2\"]\n\
         thumbnail = \"range.png\"\nsupplementary = \"text.csv\"\n\
         extra.annotations = [{{ id = \"https://example.org/anno.json\", type = \"AnnotationPage\" }}]\n"
    )
}

fn collection() -> String {
    let canvas = |name: &str| {
        format!("{{ id = \"https://example.org/{name}\", type = \"Canvas\", width = 1, height = 1, items = [] }}")
    };
    format!(
        "{OF_ALL}viewing-direction = \"left-to-right\"\nservices = {{ id = \"https://example.org/t\", type = \"X\" }}\n\
         [extra]\nplaceholderCanvas = {}\naccompanyingCanvas = {}\n\
         annotations = [{{ id = \"https://example.org/anno.json\", type = \"AnnotationPage\" }}]\n",
        canvas("before"),
        canvas("beside")
    )
}

fn project() -> Project {
    let images = ["", "page-", "range-"].map(|of| [format!("{of}before.png"), format!("{of}beside.png")]).concat();
    let images = images.iter().map(String::as_str).chain(["1.png", "2.png", "range.png"]);
    images
        .fold(Project::new(), |project, name| project.file(&format!("content/c/a/{name}"), page()))
        .file("content/c/collection.toml", collection())
        .file("content/c/a/item.toml", item())
        .file("content/c/a/text.csv", "page,motivation,text\n1,supplementing,Text\n,commenting,Whole\n")
}

#[test]
fn every_property_stands_on_each_class_that_may_have_it_and_on_no_other() {
    let site = project().built();
    assert_proven(&site);
    let manifest = site.json("c/a/manifest.json");
    let classes = [&site.json("c/collection.json"), &manifest, &manifest["items"][0], &manifest["structures"][0]];
    let names = ["Collection", "Manifest", "Canvas", "Range"];
    assert_eq!(classes.map(|class| class["type"].as_str().unwrap()), names);
    for (class, column) in classes.iter().zip(0..) {
        let given: Vec<&str> = ALLOWED.iter().map(|(name, _)| *name).filter(|name| class.get(name).is_some()).collect();
        let allowed = ALLOWED.iter().filter(|(_, allowed)| allowed[column]).map(|(name, _)| *name);
        assert_eq!(given, allowed.collect::<Vec<_>>(), "{}", names[column]);
    }
    assert_eq!(manifest["@context"][0], "http://iiif.io/api/extension/navplace/context.json");
}

#[test]
fn a_range_leads_to_its_start_its_pictures_and_its_texts() {
    let site = project().built();
    let manifest = site.json("c/a/manifest.json");
    let range = &manifest["structures"][0];
    let there = |id: &Value| assert!(site.path_of(id.as_str().unwrap()).is_ok_and(|path| site.has(&path)), "{id}");
    assert_eq!(range["start"]["id"], manifest["items"][1]["id"]);
    assert_eq!(range["placeholderCanvas"]["label"]["none"][0], "K");
    there(&range["placeholderCanvas"]["items"][0]["items"][0]["body"]["id"]);
    there(&range["thumbnail"][0]["id"]);
    there(&range["supplementary"]["id"]);
    assert_eq!(range["supplementary"]["type"], "AnnotationCollection");
    assert_eq!(range["partOf"][0]["type"], "Manifest");
}

#[test]
fn the_page_that_a_curator_chooses_is_shown_for_the_item() {
    let site = project().built();
    let thumbnail = |document: &Value| document["thumbnail"][0]["id"].as_str().unwrap().to_owned();
    assert!(thumbnail(&site.json("c/a/manifest.json")).contains("/c-a_2/"));
    assert!(thumbnail(&site.json("c/collection.json")["items"][0]).contains("/c-a_2/"));
}

/// Files with one mistake each: its line, and what is said of it.
const FORBIDDEN: [(&str, &str, usize, &str); 28] = [
    ("c/collection.toml", "label = 'C'\nstart = '1'\n", 2, "`start` says nothing of a collection"),
    ("c/collection.toml", "width = 1\nheight = 1\n", 1, "`width` says nothing of a collection"),
    ("c/collection.toml", "\n[[structures]]\nlabel = 'A'\n", 2, "`structures` says nothing of a collection"),
    ("c/collection.toml", "behavior = 'sequence'", 1, "\"sequence\" says nothing of a collection"),
    ("c/collection.toml", "behavior = ['multi-part', 'together']", 1, "exclude each other"),
    ("c/a/item.toml", "\nduration = 4\n", 2, "`duration` says nothing of an item"),
    ("c/a/item.toml", "behavior = 'facing-pages'", 1, "\"facing-pages\" says nothing of an item"),
    ("c/a/item.toml", "behavior = 'hidden'", 1, "\"hidden\" says nothing of an item"),
    ("c/a/item.toml", "label = 'A'\nbehavior = ['paged', 'individuals']", 2, "exclude each other"),
    ("c/a/item.toml", "\nbehavior = 'pagged'", 2, "did you mean \"paged\"?"),
    ("c/a/item.toml", "homepage = 'https://a'", 1, "expected a table with `id`"),
    ("c/a/item.toml", "\nnav-place = [52.0, 130.0]", 2, "from -90 to 90"),
    ("c/a/item.toml", "rights = 'https://example.org/'", 1, "`rights`"),
    ("c/a/item.toml", "homepage = [{ id = 'https://a' },\n  { id = 'b' }]", 2, "is not a web address"),
    ("c/a/item.toml", "homepage = { id = 'https://a', language = 'English!' }", 1, "language tag"),
    ("c/a/item.toml", "provider = { id = 'https://a', label = {} }", 1, "needs a `label`"),
    ("c/a/item.toml", "\nservice = { id = 'https://a' }", 2, "a service has an `id` and a `type`"),
    ("c/a/item.toml", "part-of = { file = 'a.json' }", 1, "`part-of` leads to"),
    ("c/a/item.toml", "[pages.'1.png']\nviewing-direction = 'right-to-left'\n", 2, "says nothing of a page"),
    (
        "c/a/item.toml",
        "[pages.'1.png']\nlabel = 'A'\nservices = []\nstart = '1'\n",
        4,
        "`start` says nothing of a page",
    ),
    ("c/a/item.toml", "[pages.'1.png']\nthumbnail = '2.png'\n", 2, "has its own"),
    ("c/a/item.toml", "[pages.'1.png']\nbehavior = 'paged'\n", 2, "\"paged\" says nothing of a page"),
    (
        "c/a/item.toml",
        "[[structures]]\nlabel = 'A'\n[[structures]]\nlabel = 'B'\nwidth = 1\nheight = 1\n",
        5,
        "a range",
    ),
    ("c/a/item.toml", "[[structures]]\nlabel = 'A'\nbehavior = 'multi-part'\n", 3, "says nothing of a range"),
    (
        "c/a/item.toml",
        "[[structures]]\nlabel = 'A'\n[[structures.structures]]\nlabel = 'B'\nbehavior = 'sequence'\npages = ['1']\n",
        5,
        "at the top of `structures` only",
    ),
    ("c/a/item.toml", "[[structures]]\nlabel = 'A'\nsupplementary = 'a.csv'\n", 3, "no file of `annotations`"),
    ("c/a/item.toml", "[[structures]]\nlabel = 'A'\npagse = ['1']\n", 3, "pagse"),
    (
        "c/a/item.yaml",
        "label: A\nstructures:\n  - label: B\n    behavior: paged\n  - behavior: paged\n",
        5,
        "needs a `label`",
    ),
];

#[test]
fn what_the_specification_forbids_is_refused_at_its_line() {
    for (file, text, line, expected) in FORBIDDEN {
        let project = Project::new().file("content/c/a/1.png", page()).file(&format!("content/{file}"), text);
        let failures = project.build().failures;
        // A key may be missing beside the one that is wrong: the first in the file is meant.
        let error = failures.first().unwrap_or_else(|| panic!("{text}: nothing is told"));
        assert!(error.message().contains(expected), "{text}: {error}");
        assert_eq!(error.position().map(|at| at.line), Some(line), "{text}: {error}");
    }
}
