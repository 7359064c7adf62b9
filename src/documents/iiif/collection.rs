//! A Collection. Presentation API 3 has no paging, so a collection with too many members is split into parts.

use super::address;
use super::canvas::thumbnail;
use super::descriptive::{ResourceContext, extensions, nav_place};
use super::json::{Amended, amended};
use super::presentation::{Context, External, Image, Reference, Resource};
use crate::model::address::{BaseUrl, SitePath};
use crate::model::site::{SiteCollection, SiteImage, SiteMember};
use crate::model::{Description, LanguageMap};

/// The most members of one document. Viewers load longer documents slowly.
const MAX_MEMBERS: usize = 1000;

/// The documents of a collection within `above`: its own, then those of its parts if it has too many members.
pub fn collection_json(
    collection: &SiteCollection,
    above: Option<&SiteCollection>,
    base: &BaseUrl,
) -> Vec<(SitePath, Amended)> {
    let part_of = above.map(|above| whole(&above.path, &above.description.label, base));
    let parts = parts(collection);
    if parts.is_empty() {
        let items = collection.members.iter().map(|member| reference(member, base)).collect();
        return vec![document(&collection.path, &collection.description, &collection.members, part_of, items, base)];
    }
    let items = parts.iter().map(|(path, description, members)| Reference {
        thumbnail: pictured(members.iter().find_map(SiteMember::picture), base),
        ..reference_to(path, &description.label, base)
    });
    let items = items.collect();
    let own = document(&collection.path, &collection.description, &collection.members, part_of, items, base);
    let of_whole = || Some(whole(&collection.path, &collection.description.label, base));
    let parts = parts.iter().map(|(path, description, members)| {
        let items = members.iter().map(|member| reference(member, base)).collect();
        document(path, description, members, of_whole(), items, base)
    });
    std::iter::once(own).chain(parts).collect()
}

/// The paths of the documents of a collection, those of its parts first.
pub fn addresses(collection: &SiteCollection) -> Vec<SitePath> {
    let count = match collection.members.len() {
        members if members <= MAX_MEMBERS => 0,
        members => members.div_ceil(MAX_MEMBERS),
    };
    let parts = (0..count).map(|index| address::collection(&part_path(collection, index)));
    parts.chain([address::collection(&collection.path)]).collect()
}

fn part_path(collection: &SiteCollection, index: usize) -> SitePath {
    collection.path.join(&format!("parts/{}", index + 1))
}

/// The parts of a collection with more than [`MAX_MEMBERS`] members; each is labelled by its first and last member.
pub fn parts(collection: &SiteCollection) -> Vec<(SitePath, Description, &[SiteMember])> {
    if collection.members.len() <= MAX_MEMBERS {
        return vec![];
    }
    let name = |member: Option<&SiteMember>| {
        member.and_then(|member| member.description().label.values().next()).cloned().unwrap_or_default()
    };
    let part = |(index, members): (usize, _)| {
        let members: &[SiteMember] = members;
        let label = LanguageMap::plain(format!("{} – {}", name(members.first()), name(members.last())));
        (part_path(collection, index), Description { label, ..Description::default() }, members)
    };
    collection.members.chunks(MAX_MEMBERS).enumerate().map(part).collect()
}

fn document(
    path: &SitePath,
    description: &Description,
    members: &[SiteMember],
    part_of: Option<External>,
    items: Vec<Reference>,
    base: &BaseUrl,
) -> (SitePath, Amended) {
    let (folder, path) = (path, address::collection(path));
    let context = ResourceContext { base, folder };
    let collection = Resource {
        context: Context::with_extensions(extensions(
            std::iter::once(description).chain(members.iter().map(SiteMember::description)),
        )),
        id: base.url(&path),
        kind: "Collection",
        descriptive: context.descriptive(description, &base.url(folder)),
        thumbnail: pictured(members.iter().find_map(SiteMember::picture), base),
        placeholder_canvas: None,
        accompanying_canvas: None,
        start: None,
        part_of: part_of.into_iter().chain(context.part_of(description, "Collection")).collect(),
        items,
        structures: vec![],
        annotations: vec![],
    };
    (path, amended(&collection, description, &[]))
}

fn pictured(image: Option<&SiteImage>, base: &BaseUrl) -> Vec<Image> {
    image.map(|image| thumbnail(image, base)).into_iter().collect()
}

fn reference(member: &SiteMember, base: &BaseUrl) -> Reference {
    let mut reference = reference_to(member.path(), &member.description().label, base);
    if let SiteMember::Item(item) = member {
        reference.id = base.url(&address::manifest(&item.path));
        reference.kind = "Manifest";
    }
    reference.nav_date = member.description().nav_date.clone();
    let place = member.description().nav_place.as_ref();
    reference.nav_place = place.map(|place| nav_place(place, &base.url(member.path())));
    reference.thumbnail = pictured(member.picture(), base);
    reference
}

/// The reference of a member to the collection at `path` that holds it.
pub fn whole(path: &SitePath, label: &LanguageMap, base: &BaseUrl) -> External {
    External::new(base.url(&address::collection(path)), "Collection", label.clone())
}

fn reference_to(path: &SitePath, label: &LanguageMap, base: &BaseUrl) -> Reference {
    let id = base.url(&address::collection(path));
    Reference { id, kind: "Collection", label: label.clone(), thumbnail: vec![], nav_date: None, nav_place: None }
}
