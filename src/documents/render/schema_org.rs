//! The schema.org description of a page in JSON-LD, for search engines. It holds only properties that a curator gave.
//! It does not hold the type, the date and the language of the work, because these are in metadata, which has no fixed
//! names.

use super::Settings;
use super::localized::text;
use crate::documents::iiif::address::Destination;
use crate::documents::iiif::html::plain;
use crate::documents::iiif::{PRESENTATION_MEDIA_TYPE, address};
use crate::documents::json::json_objects;
use crate::model::address::SitePath;
use crate::model::site::{SiteCollection, SiteImage};
use crate::model::{Description, LanguageMap};
use serde::Serialize;

/// An item or a collection.
pub struct Subject<'a> {
    pub kind: Kind,
    pub description: &'a Description,
    pub folder: &'a SitePath,
    /// Its Manifest or Collection.
    pub manifest: SitePath,
    /// The collection that it belongs to.
    pub parent: Option<&'a SiteCollection>,
    pub picture: Option<&'a SiteImage>,
}

/// The schema.org type.
#[derive(Clone, Copy, Serialize)]
pub enum Kind {
    CreativeWork,
    Collection,
}

json_objects! {
    /// Names and texts are plain and in the reader's language; a name in another one is an `alternateName`.
    struct Work<'a> {
        context as "@context": &'static str,
        kind as "@type": Kind,
        id as "@id": &'a str,
        url: &'a str,
        name: String,
        alternate_name?: Vec<Tagged>,
        description?: Option<String>,
        image?: Option<String>,
        thumbnail_url?: Option<String>,
        license?: Option<&'a str>,
        provider?: Vec<Thing>,
        /// Pages about it.
        same_as?: Vec<String>,
        is_part_of?: Option<Thing>,
        encoding: Encoding,
    }

    /// A name with its language.
    struct Tagged {
        value as "@value": String,
        language as "@language"?: Option<String>,
    }

    /// An organization or a collection, by its name.
    struct Thing {
        kind as "@type": &'static str,
        id as "@id": String,
        name: String,
    }

    struct Encoding {
        kind as "@type": &'static str,
        content_url: String,
        encoding_format: &'static str,
    }
}

/// The description as text for a `script` element. Nothing in it can close the element or open another.
pub fn json_ld(subject: &Subject<'_>, settings: &Settings<'_>) -> String {
    let Settings { base_url, language, .. } = *settings;
    let Subject { description, picture, .. } = subject;
    let url = base_url.folder_url(subject.folder);
    let label = text(&description.label, language);
    let tagged = label.others.into_iter().map(|other| Tagged { value: other.text, language: other.lang });
    let homepage = |link| Destination::of(link, subject.folder).url(base_url);
    let size = |image: &SiteImage| base_url.url(&address::published(image, image.pyramid.thumbnail()));
    let work = Work {
        context: "https://schema.org",
        kind: subject.kind,
        id: &url,
        url: &url,
        name: label.text,
        alternate_name: tagged.collect(),
        description: summary(&description.summary, language),
        image: picture.map(|image| base_url.url(&address::full_max(&image.id))),
        thumbnail_url: picture.map(size),
        license: description.rights.as_deref(),
        provider: (description.provider.0.iter())
            .map(|provider| thing("Organization", provider.id.clone(), &provider.label, language))
            .collect(),
        same_as: description.homepage.0.iter().map(homepage).collect(),
        is_part_of: subject
            .parent
            .map(|parent| thing("Collection", base_url.folder_url(&parent.path), &parent.description.label, language)),
        encoding: Encoding {
            kind: "MediaObject",
            content_url: base_url.url(&subject.manifest),
            encoding_format: PRESENTATION_MEDIA_TYPE,
        },
    };
    // Only a map with keys that are no strings can fail, and there is none.
    harmless(&serde_json::to_string(&work).unwrap_or_default())
}

fn thing(kind: &'static str, id: String, name: &LanguageMap, language: &str) -> Thing {
    Thing { kind, id, name: text(name, language).text }
}

/// In the reader's language, without markup.
pub fn summary(map: &LanguageMap, language: &str) -> Option<String> {
    let (_, values) = map.preferred(language).next()?;
    let texts: Vec<String> = values.iter().map(|value| plain(value)).collect();
    Some(texts.join(" ")).filter(|text| !text.is_empty())
}

/// The same JSON without the characters that have a meaning in HTML. Only strings can hold them.
fn harmless(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script() {
        let json = harmless(&serde_json::to_string("</script><!-- & \"x\"").unwrap());
        assert!(!json.contains(['<', '>', '&']));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), "</script><!-- & \"x\"");
    }
}
