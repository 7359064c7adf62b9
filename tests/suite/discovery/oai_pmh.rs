//! The OAI Static Repository.

use super::hostile;
use crate::archive::{after, assert_at_rest, plate};
use crate::project::Project;
use roxmltree::{Document, Node};

const OAI: &str = "http://www.openarchives.org/OAI/2.0/";
const REPOSITORY: &str = "http://www.openarchives.org/OAI/2.0/static-repository";

const ON: &str = "title = \"Archive\"\nlanguage = \"en\"\ndiscovery = [\"oai-pmh\"]\n[oai-pmh]\n\
    admin-email = \"archive@example.org\"\ngateway = \"https://gateway.example/oai/\"\n";

fn project() -> Project {
    let item = "label = { en = \"Letters\", fr = \"Lettres\" }\nsummary = \"<p>On <b>war</b></p>\"\n\
        rights = \"http://creativecommons.org/publicdomain/mark/1.0/\"\n\
        provider = { id = \"https://library.example/\", label = \"The Library\" }\n\
        metadata = [{ label = \"Verfasser:\", value = [\"A\", \"B\"] }, { label = \"Data\", value = \"unknown\" }]\n";
    Project::new()
        .file("iiif-build.toml", ON)
        .file("content/a/item.toml", item)
        .file("content/a/1.tif", plate(1))
        .file("content/b/1.tif", plate(2))
        .file("content/c/item.toml", "label = \"Secret\"\npublish = false\n")
        .file("content/c/1.tif", plate(3))
}

fn elements<'a, 'b>(node: Node<'a, 'b>) -> Vec<Node<'a, 'b>> {
    node.children().filter(Node::is_element).collect()
}

fn names(node: Node<'_, '_>) -> Vec<String> {
    elements(node).iter().map(|inner| inner.tag_name().name().to_owned()).collect()
}

/// The Dublin Core of each record, after the file was held to the schema's order and the rules of section 3.2.
fn records(text: &str) -> Vec<Vec<(String, String)>> {
    let document = Document::parse(text).unwrap();
    let root = document.root_element();
    assert!(root.has_tag_name((REPOSITORY, "Repository")));
    assert_eq!(names(root), ["Identify", "ListMetadataFormats", "ListRecords"]);
    let [identify, formats, list] = elements(root)[..] else { panic!() };
    let order = [
        "repositoryName",
        "baseURL",
        "protocolVersion",
        "adminEmail",
        "earliestDatestamp",
        "deletedRecord",
        "granularity",
    ];
    assert_eq!(names(identify), order);
    assert!(elements(identify).iter().all(|inner| inner.tag_name().namespace() == Some(OAI)));
    let said: Vec<&str> = elements(identify).iter().map(|inner| inner.text().unwrap()).collect();
    assert_eq!([said[2], said[5], said[6]], ["2.0", "no", "YYYY-MM-DD"]);
    assert_eq!(names(elements(formats)[0]), ["metadataPrefix", "schema", "metadataNamespace"]);
    assert_eq!(list.attribute("metadataPrefix"), Some("oai_dc"));
    let record = |record: Node<'_, '_>| {
        assert!(record.has_tag_name((OAI, "record")));
        let [header, metadata] = elements(record)[..] else { panic!() };
        assert_eq!((names(header), header.attribute("status")), (vec!["identifier".into(), "datestamp".into()], None));
        let datestamp = elements(header)[1].text().unwrap();
        assert!(datestamp.len() == 10 && datestamp >= said[4]);
        let dc = elements(metadata)[0];
        assert!(dc.has_tag_name(("http://www.openarchives.org/OAI/2.0/oai_dc/", "dc")));
        let term = |term: Node<'_, '_>| {
            assert_eq!(term.tag_name().namespace(), Some("http://purl.org/dc/elements/1.1/"));
            let language = term.attribute(("http://www.w3.org/XML/1998/namespace", "lang"));
            let language = language.map(|tag| format!("@{tag}")).unwrap_or_default();
            (format!("{}{language}", term.tag_name().name()), term.text().unwrap_or_default().to_owned())
        };
        elements(dc).into_iter().map(term).collect()
    };
    elements(list).into_iter().map(record).collect()
}

#[test]
fn an_item_is_told_in_dublin_core_as_far_as_that_is_certain() {
    let site = project().built();
    let text = site.text("oai-pmh.xml");
    let records = records(&text);
    let base = &site.base_url;
    let expected = [
        ("title@en", "Letters"),
        ("title@fr", "Lettres"),
        ("description@en", "On war"),
        ("creator@en", "A"),
        ("creator@en", "B"),
        ("publisher@en", "The Library"),
        ("rights", "http://creativecommons.org/publicdomain/mark/1.0/"),
        ("identifier", &format!("{base}a/")),
        ("identifier", &format!("{base}a/manifest.json")),
    ];
    assert_eq!(records.len(), 2);
    assert_eq!(records[0], expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let own = base.strip_prefix("https://").unwrap();
    assert!(text.contains(&format!("<oai:baseURL>https://gateway.example/oai/{own}oai-pmh.xml</oai:baseURL>")));
    assert!(text.contains(&format!("<oai:identifier>{base}a/manifest.json</oai:identifier>")));
    assert!(!text.contains("Secret") && !text.contains("unknown"));
}

#[test]
fn it_follows_each_change_and_goes_when_it_is_turned_off() {
    let project = project();
    project.built();
    assert_at_rest(&project);
    project.remove("content/b");
    assert_eq!(records(&project.built().text("oai-pmh.xml")).len(), 1);
    let off = after(&project, |project| project.write("iiif-build.toml", "title = \"Archive\"\nlanguage = \"en\"\n"));
    off.wrote_and_removed(&[], &["oai-pmh.xml"]);
}

#[test]
fn hostile_texts_stay_texts() {
    let site = hostile::project("\"oai-pmh\"").built();
    let record = records(&site.text("oai-pmh.xml")).remove(0);
    for name in ["title", "description", "creator", "publisher"] {
        let value = record.iter().find(|(element, _)| element == name).map(|(_, value)| value.clone());
        assert_eq!(value, Some(hostile::in_xml()), "{name}");
    }
}
