//! The Canvas of a page: its image or recording, the layers to choose from, the details painted on it, the captions of
//! a recording.

use super::address;
use super::descriptive::ResourceContext;
use super::media_type::media_type;
use super::presentation::{
    Annotation, AnnotationPage, Annotations, Body, Canvas, Descriptive, Image, ImageService, RecordingBody, Words,
};
use super::text::Links;
use crate::model::address::BaseUrl;
use crate::model::geometry::Size;
use crate::model::pyramid::addresses::FULL_MAX;
use crate::model::site::{SiteCompanion, SiteImage, SitePage};
use crate::model::{Caption, CompanionRole, Description, LabelledFile, LanguageMap, Recording, RecordingKind};

/// The size of the canvas of a page without a scan, in an item without any.
const EMPTY: Size = Size { width: 1000, height: 1400 };

/// The canvas of `page` with its `links`. A canvas on which nothing is painted has the size `like`.
pub fn canvas(page: &SitePage, context: ResourceContext<'_>, like: Option<Size>, links: Links) -> Canvas {
    let id = address::canvas(context.base, context.folder, &page.token);
    let of_nothing = || page.recordings.is_empty().then(|| like.unwrap_or(EMPTY));
    let size = page.size().or_else(of_nothing);
    let description = page.description.as_deref();
    let companion =
        |role: &CompanionRole| companion_canvas(role, &page.companions, description, &id, context).map(Box::new);
    let described = description.map(|description| context.descriptive(description, &id));
    let mut descriptive = Descriptive { label: page.label.clone(), ..described.unwrap_or_default() };
    descriptive.see_also.extend(links.see_also);
    descriptive.rendering.extend(links.rendering);
    let painted = painted(page, &id, context);
    let items = match painted.is_empty() {
        true => vec![],
        false => vec![AnnotationPage { id: format!("{id}/page"), kind: "AnnotationPage", items: painted }],
    };
    let there = links.annotations.into_iter().map(Annotations::There);
    let annotations = captions(page, &id, context).map(Annotations::Here).into_iter().chain(there).collect();
    Canvas {
        kind: "Canvas",
        descriptive,
        height: size.map(|size| size.height),
        width: size.map(|size| size.width),
        duration: page.duration(),
        thumbnail: page.picture().into_iter().map(|image| thumbnail(image, context.base)).collect(),
        placeholder_canvas: companion(&CompanionRole::Placeholder),
        accompanying_canvas: companion(&CompanionRole::Accompanying),
        part_of: description.map(|description| context.part_of(description, "Manifest")).unwrap_or_default(),
        items,
        annotations,
        id,
    }
}

/// The page's image or recording, or the choice of its layers, then the details above it.
fn painted(page: &SitePage, id: &str, context: ResourceContext<'_>) -> Vec<Annotation> {
    let image = |image: &SiteImage, label: &LanguageMap| Body::Image(body(image, label.clone(), context.base));
    let layer = |companion: &SiteCompanion| match &companion.role {
        CompanionRole::Layer { label } => Some(image(&companion.image, label)),
        _ => None,
    };
    let own = page.image.iter().map(|own| image(own, &page.image_label));
    let recordings = page.recordings.iter().map(|recording| recording_body(recording, context.base));
    let layers = own.chain(page.companions.iter().filter_map(layer)).chain(recordings).collect();
    let target = if page.sequels.is_empty() { id.to_owned() } else { first_target(page, id) };
    let whole = Body::of_any(layers).map(|body| (body, target));
    let detail = |companion: &SiteCompanion| match &companion.role {
        CompanionRole::Detail { label, at: [left, top, width, height] } => {
            let target = format!("{id}#xywh={left},{top},{width},{height}");
            Some((image(&companion.image, label), target))
        }
        _ => None,
    };
    let name = if page.recordings.is_empty() { "image" } else { "recording" };
    let sequels = sequels(page, id, context.base);
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

/// The placeholder or accompanying canvas of the resource `id`, with the image in that `role`. Its own id begins with
/// `id`.
pub fn companion_canvas(
    role: &CompanionRole,
    all: &[SiteCompanion],
    description: Option<&Description>,
    id: &str,
    context: ResourceContext<'_>,
) -> Option<Canvas> {
    let image = image_of(all, role)?;
    let (named, name) = match role {
        CompanionRole::Placeholder => (&description?.placeholder, "placeholder"),
        CompanionRole::Accompanying => (&description?.accompanying, "accompanying"),
        _ => return None,
    };
    Some(showing(image, named.as_ref(), format!("{id}/{name}"), context))
}

/// The image with the role `role`.
pub fn image_of<'a>(companions: &'a [SiteCompanion], role: &CompanionRole) -> Option<&'a SiteImage> {
    companions.iter().find(|companion| companion.role == *role).map(|companion| &companion.image)
}

/// A canvas with the id `id` that shows only `image`, and has the label of `named`.
pub fn showing(image: &SiteImage, named: Option<&LabelledFile>, id: String, context: ResourceContext<'_>) -> Canvas {
    let label = named.map(|named| named.label.clone()).unwrap_or_default();
    let size = image.pyramid.full;
    let annotation = Annotation {
        id: format!("{id}/image"),
        kind: "Annotation",
        motivation: "painting",
        body: Body::Image(body(image, LanguageMap::default(), context.base)),
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

/// A published file that is at least 200 pixels wide, where there is one.
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

/// The media type of a recording. It depends on the ending, and for MP4 and WebM on whether there is video.
pub fn recording_format(recording: &Recording) -> &'static str {
    match (media_type(recording.path.as_str()), recording.kind) {
        (Some("video/mp4"), RecordingKind::Sound) => "audio/mp4",
        (Some("video/webm"), RecordingKind::Sound) => "audio/webm",
        (Some(known), _) => known,
        (None, RecordingKind::Sound) => "audio/mpeg",
        (None, RecordingKind::Video) => "video/mp4",
    }
}

fn recording_body(recording: &Recording, base: &BaseUrl) -> Body {
    Body::Recording(RecordingBody {
        id: base.url(&recording.path),
        kind: match recording.kind {
            RecordingKind::Sound => "Sound",
            RecordingKind::Video => "Video",
        },
        label: recording.label.clone(),
        format: recording_format(recording),
        height: recording.size.map(|size| size.height),
        width: recording.size.map(|size| size.width),
        duration: recording.duration,
    })
}

/// The part of the canvas `id` that the first recording takes, where others follow.
fn first_target(page: &SitePage, id: &str) -> String {
    let end = page.recordings.first().map_or(0.0, |recording| recording.duration);
    format!("{id}#t=0,{end}")
}

/// The recordings that follow the first, each with the part of the canvas `id` that it takes.
fn sequels(page: &SitePage, id: &str, base: &BaseUrl) -> Vec<(Body, String)> {
    let mut start = page.recordings.first().map_or(0.0, |recording| recording.duration);
    let placed = |sequel: &Recording| {
        let end = ((start + sequel.duration) * 1000.0).round() / 1000.0;
        let target = format!("{id}#t={start},{end}");
        start = end;
        (recording_body(sequel, base), target)
    };
    page.sequels.iter().map(placed).collect()
}

/// The captions of `page`, whose canvas is `id`: one file, or a choice of several.
fn captions(page: &SitePage, id: &str, context: ResourceContext<'_>) -> Option<AnnotationPage> {
    let captions = &page.description.as_ref()?.captions.0;
    let words = |caption: &Caption| {
        Body::Words(Words {
            id: context.base.url(&caption.published(context.folder)),
            kind: "Text",
            label: caption.label.clone(),
            format: media_type(&caption.published_name()),
            language: caption.language.clone(),
        })
    };
    let body = Body::of_any(captions.iter().map(words).collect())?;
    let annotation = Annotation {
        id: format!("{id}/captions/1"),
        kind: "Annotation",
        motivation: "supplementing",
        body,
        target: id.to_owned(),
    };
    Some(AnnotationPage { id: format!("{id}/captions"), kind: "AnnotationPage", items: vec![annotation] })
}
