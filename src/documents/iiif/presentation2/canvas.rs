//! The Canvas of a page in version 2, and the images on it (section 5.3).

use super::super::address;
use super::super::descriptive::ResourceContext;
use super::super::image2::{CONTEXT, FULL_FULL, LEVEL_0, published, service_uri};
use super::super::presentation;
use super::super::text::Links;
use super::annotations::references;
use super::types::{Annotation, Canvas, Image, Kind, Painted, Service, Several, in_version_2};
use crate::model::address::BaseUrl;
use crate::model::geometry::Size;
use crate::model::site::{SiteImage, SiteItem, SitePage};
use crate::model::{CompanionRole, LanguageMap};

/// The canvas of `page` with its `links`. A canvas on which nothing is painted has the size `like`.
pub fn canvas(page: &SitePage, item: &SiteItem, context: ResourceContext<'_>, like: Size, links: Links) -> Canvas {
    let id = address::canvas(context.base, context.folder, &page.token);
    let size = page.size().unwrap_or(like);
    let other_content = references(page, item, &links, context.base);
    let described = page.description.as_deref().map(|description| context.descriptive(description, &id));
    let mut full = presentation::Descriptive { label: page.label.clone(), ..described.unwrap_or_default() };
    full.see_also.extend(links.see_also);
    full.rendering.extend(links.rendering);
    Canvas {
        kind: "sc:Canvas",
        descriptive: in_version_2(full, Kind::Canvas),
        height: size.height,
        width: size.width,
        thumbnail: page.picture().map(|image| thumbnail(image, context.base)),
        images: painted(page, &id, context.base),
        other_content,
        id,
    }
}

/// The page's image, or the choice of its layers, then the details above it.
fn painted(page: &SitePage, id: &str, base: &BaseUrl) -> Vec<Annotation<Painted>> {
    let layers = page.companions.iter().filter_map(|companion| match &companion.role {
        CompanionRole::Layer { label } => Some(image(&companion.image, label, base)),
        _ => None,
    });
    let own = page.image.iter().map(|own| image(own, &page.image_label, base));
    let whole = choice(own.chain(layers)).map(|resource| (resource, id.to_owned()));
    let details = page.companions.iter().filter_map(|companion| match &companion.role {
        CompanionRole::Detail { label, at: [left, top, width, height], .. } => {
            let on = format!("{id}#xywh={left},{top},{width},{height}");
            Some((Painted::Image(image(&companion.image, label, base)), on))
        }
        _ => None,
    });
    let annotation = |(index, (resource, on)): (usize, (Painted, String))| Annotation {
        id: if index == 0 { format!("{id}/image") } else { format!("{id}/image/{}", index + 1) },
        kind: "oa:Annotation",
        motivation: Several(vec!["sc:painting"]),
        resource,
        on: on.into(),
    };
    whole.into_iter().chain(details).enumerate().map(annotation).collect()
}

/// One image, or a choice of several (section 6.1).
fn choice(mut images: impl Iterator<Item = Image>) -> Option<Painted> {
    let default = images.next()?;
    let item: Vec<Image> = images.collect();
    Some(match item.is_empty() {
        true => Painted::Image(default),
        false => Painted::Choice { kind: "oa:Choice", default, item },
    })
}

fn image(image: &SiteImage, label: &LanguageMap, base: &BaseUrl) -> Image {
    let id = service_uri(base, &image.id);
    let painted = image.pyramid.max_size();
    Image {
        id: format!("{id}/{FULL_FULL}"),
        label: Several::of(label),
        service: Some(Service { context: CONTEXT, id, profile: LEVEL_0 }),
        ..of_size(painted)
    }
}

/// A published file that is at least 200 pixels wide, where there is one.
pub fn thumbnail(image: &SiteImage, base: &BaseUrl) -> Image {
    let size = image.pyramid.thumbnail();
    Image { id: base.url(&published(image, size)), ..of_size(size) }
}

fn of_size(size: Size) -> Image {
    Image {
        id: String::new(),
        kind: "dctypes:Image",
        label: Several::default(),
        format: "image/jpeg",
        height: size.height,
        width: size.width,
        service: None,
    }
}
