//! The description of the item inside its PDF, as XMP (ISO 16684-1).

use super::{Label, PRODUCER, readable};
use crate::documents::iiif::html::plain;
use crate::model::{Description, LanguageMap, NO_LANGUAGE};

/// The description as XMP. `languages`: those of the PDF.
pub fn packet(description: &Description, title: &Label, languages: &[String]) -> String {
    let statement = description.required_statement.as_ref().map(|pair| pair.value.map(plain));
    let rights = statement.or_else(|| description.rights.as_deref().map(LanguageMap::plain));
    let publishers = description.provider.0.iter().flat_map(|provider| provider.label.values().take(1));
    let publishers: Vec<String> = publishers.cloned().collect();
    let statement = description.rights.as_deref().map(|rights| element("xmpRights:WebStatement", &escaped(rights)));
    let properties = [
        Some(element("dc:format", "application/pdf")),
        Some(alternatives("dc:title", &description.label, &title.text)),
        rights.map(|rights| alternatives("dc:rights", &rights, rights.values().next().map_or("", String::as_str))),
        bag("dc:language", languages),
        bag("dc:publisher", &publishers),
        statement,
        Some(element("pdf:Producer", PRODUCER)),
    ];
    let properties: String = properties.into_iter().flatten().collect();
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<rdf:Description rdf:about=\"\"\
         \x20xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\"\
         \x20xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\">\n{properties}</rdf:Description>\n</rdf:RDF>\n\
         </x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
}

/// A value in several languages; `default` is for readers of all others.
fn alternatives(name: &str, map: &LanguageMap, default: &str) -> String {
    let known = map.entries().filter(|(tag, _)| *tag != NO_LANGUAGE);
    let value = |(tag, values): (&str, &[String])| item(&format!(" xml:lang=\"{}\"", escaped(tag)), &values.join("; "));
    let all = std::iter::once(item(" xml:lang=\"x-default\"", default)).chain(known.map(value));
    element(name, &format!("<rdf:Alt>{}</rdf:Alt>", all.collect::<String>()))
}

fn bag(name: &str, values: &[String]) -> Option<String> {
    let items: String = values.iter().map(|value| item("", value)).collect();
    (!items.is_empty()).then(|| element(name, &format!("<rdf:Bag>{items}</rdf:Bag>")))
}

fn item(attribute: &str, text: &str) -> String {
    format!("<rdf:li{attribute}>{}</rdf:li>", escaped(text))
}

fn element(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>\n")
}

fn escaped(text: &str) -> String {
    readable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_well_formed_whatever_is_in_it() {
        let text = "label = { de = 'Übung & <b>', none = 'a]]>' }\nrights = 'http://x/?a&b'\n\
            [required-statement]\nlabel = 'By'\nvalue = '<b>Us</b> \\u0007\"'";
        let description: Description = toml::from_str(text).unwrap();
        let title = Label::of(&description.label, "de");
        let packet = packet(&description, &title, &["de".into()]);
        let document = roxmltree::Document::parse(&packet).unwrap();
        let texts: Vec<&str> = document
            .descendants()
            .filter(|node| node.has_tag_name((RDF, "li")))
            .filter_map(|node| node.text())
            .collect();
        assert_eq!(texts[..2], ["Übung & <b>", "Übung & <b>"]);
        assert!(texts.iter().any(|text| text.starts_with("Us ")), "{texts:?}");
    }

    const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
}
