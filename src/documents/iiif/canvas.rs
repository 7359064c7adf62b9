//! The Canvas of a page: its image, the layers to choose from, the details painted on it.

use super::address;
use super::descriptive::{Descriptive, Place};
use super::page_text::Links;
use super::presentation::{Annotation, AnnotationPage, Annotations, Body, Canvas, Image, ImageService};
use super::recording;
use crate::model::address::BaseUrl;
use crate::model::geometry::Size;
use crate::model::pyramid::addresses::FULL_MAX;
use crate::model::site::{SiteCompanion, SiteImage, SitePage};
use crate::model::{CompanionRole, Description, LabelledFile, LanguageMap};

/// The canvas of a page without a scan, in an item without any.
const EMPTY: Size = Size { width: 1000, height: 1400 };

/// The canvas of `page`; `like` is the size of a canvas on which nothing is painted, `links` lead to what else there is.
pub fn canvas(page: &SitePage, place: Place<'_>, like: Option<Size>, links: Links) -> Canvas {
    let id = address::canvas(place.base, place.folder, &page.token);
    let of_nothing = || page.recordings.is_empty().then(|| like.unwrap_or(EMPTY));
    let size = page.size().or_else(of_nothing);
    let said = page.description.as_deref();
    let described = said.map(|description| place.descriptive(description, &id));
    let mut descriptive = Descriptive { label: page.label.clone(), ..described.unwrap_or_default() };
    descriptive.see_also.extend(links.see_also);
    descriptive.rendering.extend(links.rendering);
    let painted = painted(page, &id, place);
    let items = match painted.is_empty() {
        true => vec![],
        false => vec![AnnotationPage { id: format!("{id}/page"), kind: "AnnotationPage", items: painted }],
    };
    let there = links.annotations.into_iter().map(Annotations::There);
    let annotations = recording::captions(page, &id, place).map(Annotations::Here).into_iter().chain(there).collect();
    Canvas {
        kind: "Canvas",
        descriptive,
        height: size.map(|size| size.height),
        width: size.map(|size| size.width),
        duration: page.duration(),
        thumbnail: page.picture().into_iter().map(|image| thumbnail(image, place.base)).collect(),
        placeholder_canvas: placeholder(said, &page.companions, &id, place).map(Box::new),
        accompanying_canvas: accompanying(said, &page.companions, &id, place).map(Box::new),
        part_of: said.map(|said| place.part_of(said, "Manifest")).unwrap_or_default(),
        items,
        annotations,
        id,
    }
}

/// The page's image or recording, or the choice of its layers, then the details above it.
fn painted(page: &SitePage, id: &str, place: Place<'_>) -> Vec<Annotation> {
    let image = |image: &SiteImage, label: &LanguageMap| Body::Image(body(image, label.clone(), place.base));
    let layer = |companion: &SiteCompanion| match &companion.role {
        CompanionRole::Layer { label } => Some(image(&companion.image, label)),
        _ => None,
    };
    let own = page.image.iter().map(|own| image(own, &page.image_label));
    let recordings = page.recordings.iter().map(|recording| recording::body(recording, place.base));
    let layers = own.chain(page.companions.iter().filter_map(layer)).chain(recordings).collect();
    let target = if page.sequels.is_empty() { id.to_owned() } else { recording::first_target(page, id) };
    let whole = Body::of_any(layers).map(|body| (body, target));
    let detail = |companion: &SiteCompanion| match &companion.role {
        CompanionRole::Detail { label, at: [left, top, width, height] } => {
            let target = format!("{id}#xywh={left},{top},{width},{height}");
            Some((image(&companion.image, label), target))
        }
        _ => None,
    };
    let name = if page.recordings.is_empty() { "image" } else { "recording" };
    let sequels = recording::sequels(page, id, place.base);
    let bodies = whole.into_iter().chain(sequels).chain(page.companions.iter().filter_map(detail));
    let annotation = |(index, (body, target)): (usize, (Body, String))| Annotation {
        id: if index == 0 { format!("{id}/{name}") } else { format!("{id}/{name}/{}", index + 1) },
        kind: "Annotation",
        motivation: "painting",
        body,
        target,
    };
    bodies.enumerate().map(annotation).collect()
}

/// The canvas shown before that of `id`, below which its own id lies.
pub fn placeholder(said: Option<&Description>, all: &[SiteCompanion], id: &str, place: Place<'_>) -> Option<Canvas> {
    let image = image_of(all, &CompanionRole::Placeholder)?;
    Some(showing(image, said?.placeholder.as_ref(), format!("{id}/placeholder"), place))
}

/// The canvas shown beside that of `id`, below which its own id lies.
pub fn accompanying(said: Option<&Description>, all: &[SiteCompanion], id: &str, place: Place<'_>) -> Option<Canvas> {
    let image = image_of(all, &CompanionRole::Accompanying)?;
    Some(showing(image, said?.accompanying.as_ref(), format!("{id}/accompanying"), place))
}

/// The image that has the role `role`.
pub fn image_of<'a>(companions: &'a [SiteCompanion], role: &CompanionRole) -> Option<&'a SiteImage> {
    companions.iter().find(|companion| companion.role == *role).map(|companion| &companion.image)
}

/// A canvas with the id `id` on which nothing but `image` is, labelled as in `named`.
pub fn showing(image: &SiteImage, named: Option<&LabelledFile>, id: String, place: Place<'_>) -> Canvas {
    let label = named.map(|named| named.label.clone()).unwrap_or_default();
    let size = image.pyramid.full;
    let annotation = Annotation {
        id: format!("{id}/image"),
        kind: "Annotation",
        motivation: "painting",
        body: Body::Image(body(image, LanguageMap::default(), place.base)),
        target: id.clone(),
    };
    Canvas {
        kind: "Canvas",
        descriptive: Descriptive { label, ..Descriptive::default() },
        height: Some(size.height),
        width: Some(size.width),
        duration: None,
        thumbnail: vec![],
        placeholder_canvas: None,
        accompanying_canvas: None,
        part_of: vec![],
        items: vec![AnnotationPage { id: format!("{id}/page"), kind: "AnnotationPage", items: vec![annotation] }],
        annotations: vec![],
        id,
    }
}

fn body(image: &SiteImage, label: LanguageMap, base: &BaseUrl) -> Image {
    let service = address::image(base, &image.id);
    let painted = image.pyramid.max_size();
    Image {
        id: format!("{service}/{FULL_MAX}"),
        kind: "Image",
        label,
        format: "image/jpeg",
        width: painted.width,
        height: painted.height,
        service: vec![ImageService { id: service, kind: "ImageService3", profile: "level0" }],
    }
}

/// A published file of at least 200 pixels width where there is one.
pub fn thumbnail(image: &SiteImage, base: &BaseUrl) -> Image {
    let size = image.pyramid.thumbnail();
    Image {
        id: base.url(&address::published(image, size)),
        kind: "Image",
        label: LanguageMap::default(),
        format: "image/jpeg",
        width: size.width,
        height: size.height,
        service: vec![],
    }
}
