//! Collections in version 2 (section 5.8): the same tree, and the same parts of a collection with too many members.

use super::super::collection::parts;
use super::super::descriptive::ResourceContext;
use super::super::{Document, address, is_in_version_2};
use super::canvas::thumbnail;
use super::document_path;
use super::types::{CONTEXT, Collection, Image, Kind, Reference, Several, in_version_2};
use crate::documents::json::to_json;
use crate::model::address::{BaseUrl, SitePath};
use crate::model::site::{SiteCollection, SiteMember};
use crate::model::{Description, LanguageMap};

/// The documents of a collection within `above`, those of its parts first.
pub fn documents(collection: &SiteCollection, above: Option<&SiteCollection>, base: &BaseUrl) -> Vec<Document> {
    let SiteCollection { path, description, members, .. } = collection;
    let parts = parts(collection);
    let part = |(path, description, members): &(SitePath, Description, &[SiteMember])| {
        document(path, description, members, members_of(members, base), Some(&collection.path), base)
    };
    let part_of = |(path, description, members): &(SitePath, Description, &[SiteMember])| {
        reference(path, &description.label, members, base)
    };
    let mut documents: Vec<Document> = parts.iter().map(part).collect();
    let listed = if parts.is_empty() { members_of(members, base) } else { parts.iter().map(part_of).collect() };
    documents.push(document(path, description, members, listed, above.map(|above| &above.path), base));
    documents
}

/// One document with the references in `listed`. Its thumbnail is a picture of one of `members`.
fn document(
    path: &SitePath,
    description: &Description,
    members: &[SiteMember],
    listed: Vec<Reference>,
    above: Option<&SitePath>,
    base: &BaseUrl,
) -> Document {
    let (folder, path) = (path, document_path(&address::collection(path)));
    let full = ResourceContext { base, folder }.descriptive(description, &base.url(folder));
    let (collections, manifests) = listed.into_iter().partition(|reference| reference.kind == COLLECTION);
    let bytes = to_json(&Collection {
        context: CONTEXT,
        id: base.url(&path),
        kind: COLLECTION,
        descriptive: in_version_2(full, Kind::Collection),
        thumbnail: picture(members, base),
        within: above.map(|above| uri(above, base)),
        collections,
        manifests,
    });
    Document { path, bytes }
}

const COLLECTION: &str = "sc:Collection";

fn members_of(members: &[SiteMember], base: &BaseUrl) -> Vec<Reference> {
    let shown = members.iter().filter(|member| is_in_version_2(member));
    shown
        .map(|member| {
            let only = std::slice::from_ref(member);
            let mut reference = reference(member.path(), &member.description().label, only, base);
            if let SiteMember::Item(item) = member {
                reference.id = base.url(&document_path(&address::manifest(&item.path)));
                reference.kind = "sc:Manifest";
            }
            reference.nav_date = member.description().nav_date.clone();
            reference
        })
        .collect()
}

fn reference(path: &SitePath, label: &LanguageMap, members: &[SiteMember], base: &BaseUrl) -> Reference {
    Reference {
        id: uri(path, base),
        kind: COLLECTION,
        label: Several::of(label),
        thumbnail: picture(members, base),
        nav_date: None,
    }
}

/// The URI of the collection in the folder `path`.
fn uri(path: &SitePath, base: &BaseUrl) -> String {
    base.url(&document_path(&address::collection(path)))
}

fn picture(members: &[SiteMember], base: &BaseUrl) -> Option<Image> {
    members.iter().find_map(SiteMember::picture).map(|image| thumbnail(image, base))
}
