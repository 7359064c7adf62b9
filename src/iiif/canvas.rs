//! The Canvas of a page: its image, the layers to choose from, the details painted on it.

use super::address;
use super::descriptive::{Descriptive, Place};
use super::image::FULL_MAX;
use super::page_text::Links;
use super::presentation::{Annotation, AnnotationPage, Body, Canvas, Choice, Image, ImageService};
use crate::address::BaseUrl;
use crate::geometry::Size;
use crate::model::{CompanionRole, LanguageMap};
use crate::site::{SiteCompanion, SiteImage, SitePage};

/// The canvas of a page without a scan, in an item without any.
const EMPTY: Size = Size { width: 1000, height: 1400 };

/// The canvas of `page`; `like` is the size of a canvas on which nothing is painted, `links` lead to what else there is.
pub fn canvas(page: &SitePage, place: Place<'_>, like: Option<Size>, links: Links) -> Canvas {
    let id = address::canvas(place.base, place.folder, &page.token);
    let size = page.image.as_ref().map(|image| image.pyramid.full).or(like).unwrap_or(EMPTY);
    let described = page.description.as_deref().map(|description| place.descriptive(description, &id));
    let mut descriptive = Descriptive { label: page.label.clone(), ..described.unwrap_or_default() };
    descriptive.see_also.extend(links.see_also);
    descriptive.rendering.extend(links.rendering);
    let items = match page.image.is_some() || !page.companions.is_empty() {
        true => {
            vec![AnnotationPage { id: format!("{id}/page"), kind: "AnnotationPage", items: painted(page, &id, place) }]
        }
        false => vec![],
    };
    Canvas {
        kind: "Canvas",
        descriptive,
        height: size.height,
        width: size.width,
        thumbnail: page.image.iter().map(|image| thumbnail(image, place.base)).collect(),
        placeholder_canvas: beside(&page.companions, &CompanionRole::Placeholder, &id, place).map(Box::new),
        accompanying_canvas: beside(&page.companions, &CompanionRole::Accompanying, &id, place).map(Box::new),
        items,
        annotations: links.annotations,
        id,
    }
}

/// The page's image, or the choice of its layers, then the details above it.
fn painted(page: &SitePage, id: &str, place: Place<'_>) -> Vec<Annotation> {
    let image = |image: &SiteImage, label: &LanguageMap| body(image, label.clone(), place.base);
    let layer = |companion: &SiteCompanion| match &companion.role {
        CompanionRole::Layer { label } => Some(image(&companion.image, label)),
        _ => None,
    };
    let own = page.image.iter().map(|own| image(own, &page.image_label));
    let mut layers: Vec<Image> = own.chain(page.companions.iter().filter_map(layer)).collect();
    let whole = match layers.len() {
        0 => None,
        1 => layers.pop().map(Body::Image),
        _ => Some(Body::Choice(Choice { kind: "Choice", items: layers })),
    };
    let whole = whole.map(|body| (body, id.to_owned()));
    let detail = |companion: &SiteCompanion| match &companion.role {
        CompanionRole::Detail { label, at: [left, top, width, height] } => {
            let target = format!("{id}#xywh={left},{top},{width},{height}");
            Some((Body::Image(image(&companion.image, label)), target))
        }
        _ => None,
    };
    let bodies = whole.into_iter().chain(page.companions.iter().filter_map(detail));
    let annotation = |(index, (body, target)): (usize, (Body, String))| Annotation {
        id: if index == 0 { format!("{id}/image") } else { format!("{id}/image/{}", index + 1) },
        kind: "Annotation",
        motivation: "painting",
        body,
        target,
    };
    bodies.enumerate().map(annotation).collect()
}

/// The canvas of an image that is shown for another one, below whose id its own lies.
pub fn beside(companions: &[SiteCompanion], role: &CompanionRole, id: &str, place: Place<'_>) -> Option<Canvas> {
    let companion = companions.iter().find(|companion| companion.role == *role)?;
    let name = if *role == CompanionRole::Placeholder { "placeholder" } else { "accompanying" };
    let id = format!("{id}/{name}");
    let size = companion.image.pyramid.full;
    let annotation = Annotation {
        id: format!("{id}/image"),
        kind: "Annotation",
        motivation: "painting",
        body: Body::Image(body(&companion.image, LanguageMap::default(), place.base)),
        target: id.clone(),
    };
    Some(Canvas {
        kind: "Canvas",
        descriptive: Descriptive::default(),
        height: size.height,
        width: size.width,
        thumbnail: vec![],
        placeholder_canvas: None,
        accompanying_canvas: None,
        items: vec![AnnotationPage { id: format!("{id}/page"), kind: "AnnotationPage", items: vec![annotation] }],
        annotations: vec![],
        id,
    })
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
