//! The descriptive and linking properties that a curator gives, in the form of Presentation API 3, section 3.

use super::address::Destination;
use super::html::markup;
use super::media_type::{media_type, resource_type};
use super::presentation::{Agent, Descriptive, External, NAV_PLACE_CONTEXT, Pair};
use crate::model::address::{BaseUrl, SitePath};
use crate::model::{Description, LabelValue, LanguageMap, Link, NavPlace, Provider};
use serde_json::{Map, Value, json};

/// The item or collection that a resource belongs to, and the address of the site. Links to files depend on both.
#[derive(Clone, Copy)]
pub struct ResourceContext<'a> {
    pub base: &'a BaseUrl,
    /// The folder of the item or collection.
    pub folder: &'a SitePath,
}

impl ResourceContext<'_> {
    /// The properties that `description` gives to the resource `id`.
    pub fn descriptive(self, description: &Description, id: &str) -> Descriptive {
        let pages = |links: &[Link]| links.iter().map(|link| self.homepage(link)).collect();
        Descriptive {
            label: description.label.clone(),
            summary: with_markup(&description.summary),
            metadata: pairs(&description.metadata),
            required_statement: description.required_statement.as_ref().map(pair),
            rights: description.rights.clone(),
            provider: description.provider.0.iter().map(|provider| self.agent(provider)).collect(),
            nav_date: description.nav_date.clone(),
            nav_place: description.nav_place.as_ref().map(|place| nav_place(place, id)),
            behavior: description.behavior.0.clone(),
            viewing_direction: description.viewing_direction,
            homepage: pages(&description.homepage.0),
            see_also: description.see_also.0.iter().map(|link| self.dataset(link)).collect(),
            rendering: pages(&description.rendering.0),
            service: description.service.0.clone(),
            services: description.services.0.clone(),
        }
    }

    /// The resources of others that a resource belongs to, each of type `kind` unless its link has another type.
    pub fn part_of(self, description: &Description, kind: &str) -> Vec<External> {
        description.part_of.0.iter().map(|link| External { format: None, ..self.external(link, kind) }).collect()
    }

    fn agent(self, provider: &Provider) -> Agent {
        Agent {
            id: provider.id.clone(),
            kind: "Agent",
            label: provider.label.clone(),
            homepage: provider.homepage.0.iter().map(|link| self.homepage(link)).collect(),
            logo: provider.logo.0.iter().map(|link| self.external(link, "Image")).collect(),
            see_also: provider.see_also.0.iter().map(|link| self.dataset(link)).collect(),
        }
    }

    /// A page for people. `label` is required, so the address takes its place where it is missing.
    fn homepage(self, link: &Link) -> External {
        let mut external = self.external(link, "Text");
        if external.label.is_empty() {
            external.label = LanguageMap::plain(&external.id);
        }
        if external.kind == "Text" {
            external.format.get_or_insert_with(|| "text/html".to_owned());
        }
        external
    }

    /// A description for machines.
    fn dataset(self, link: &Link) -> External {
        self.external(link, "Dataset")
    }

    /// A resource of type `kind`, unless the link or the ending of its file has another type.
    fn external(self, link: &Link, kind: &str) -> External {
        let destination = Destination::of(link, self.folder);
        let format = link.format.clone().or_else(|| media_type(destination.name()).map(str::to_owned));
        let by_format = || format.as_deref().and_then(resource_type).filter(|_| kind == "Text");
        External {
            kind: link.kind.clone().unwrap_or_else(|| by_format().unwrap_or(kind).to_owned()),
            id: destination.url(self.base),
            label: link.label.clone(),
            format,
            profile: link.profile.clone(),
            language: link.language.0.clone(),
        }
    }
}

/// The contexts of the extensions that the descriptions in `all` use.
pub fn extensions<'a>(mut all: impl Iterator<Item = &'a Description>) -> Vec<&'static str> {
    if all.any(|description| description.nav_place.is_some()) { vec![NAV_PLACE_CONTEXT] } else { vec![] }
}

fn pairs(metadata: &[LabelValue]) -> Vec<Pair> {
    metadata.iter().map(pair).collect()
}

fn pair(pair: &LabelValue) -> Pair {
    Pair { label: pair.label.clone(), value: with_markup(&pair.value) }
}

fn with_markup(map: &LanguageMap) -> LanguageMap {
    map.map(|value| markup(value).unwrap_or_else(|| value.to_owned()))
}

/// A GeoJSON FeatureCollection, as the extension requires. Its ids begin with that of the resource.
pub fn nav_place(place: &NavPlace, id: &str) -> Value {
    let features = match place {
        NavPlace::Point(at) => vec![json!({ "type": "Feature", "geometry": { "type": "Point", "coordinates": at } })],
        NavPlace::GeoJson(json) if json.get("type").is_some_and(|kind| kind == "FeatureCollection") => {
            return identified(json.clone(), || format!("{id}/place"));
        }
        NavPlace::GeoJson(feature) => vec![Value::Object(feature.clone())],
    };
    let feature = |(index, feature)| match feature {
        Value::Object(feature) => identified(feature, || format!("{id}/place/{}", index + 1)),
        other => other,
    };
    let features: Vec<Value> = features.into_iter().enumerate().map(feature).collect();
    json!({ "id": format!("{id}/place"), "type": "FeatureCollection", "features": features })
}

fn identified(object: Map<String, Value>, id: impl FnOnce() -> String) -> Value {
    if object.contains_key("id") {
        return Value::Object(object);
    }
    std::iter::once(("id".to_owned(), Value::String(id()))).chain(object).collect::<Map<_, _>>().into()
}
