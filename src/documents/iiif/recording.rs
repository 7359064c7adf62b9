//! Sound and video as they are painted on a canvas, and the files with their words.

use super::descriptive::Place;
use super::media_type::media_type;
use super::presentation::{Annotation, AnnotationPage, Body, RecordingBody, Words};
use crate::model::address::BaseUrl;
use crate::model::site::SitePage;
use crate::model::{Caption, Recording, RecordingKind, published_file};

/// The media type of a recording: that of its ending, or for sound in a container that is named for video.
pub fn format(recording: &Recording) -> &'static str {
    match (media_type(recording.path.as_str()), recording.kind) {
        (Some("video/mp4"), RecordingKind::Sound) => "audio/mp4",
        (Some("video/webm"), RecordingKind::Sound) => "audio/webm",
        (Some(known), _) => known,
        (None, RecordingKind::Sound) => "audio/mpeg",
        (None, RecordingKind::Video) => "video/mp4",
    }
}

pub fn body(recording: &Recording, base: &BaseUrl) -> Body {
    Body::Recording(RecordingBody {
        id: base.url(&recording.path),
        kind: match recording.kind {
            RecordingKind::Sound => "Sound",
            RecordingKind::Video => "Video",
        },
        label: recording.label.clone(),
        format: format(recording),
        height: recording.size.map(|size| size.height),
        width: recording.size.map(|size| size.width),
        duration: recording.duration,
    })
}

/// The part of the canvas `id` that the page's own recording takes, where others follow.
pub fn first_target(page: &SitePage, id: &str) -> String {
    let end = page.recordings.first().map_or(0.0, |recording| recording.duration);
    format!("{id}#t=0,{end}")
}

/// The recordings that follow that of the page, each with the part of the canvas `id` that it takes.
pub fn sequels(page: &SitePage, id: &str, base: &BaseUrl) -> Vec<(Body, String)> {
    let mut start = page.recordings.first().map_or(0.0, |recording| recording.duration);
    let placed = |sequel: &Recording| {
        let end = ((start + sequel.duration) * 1000.0).round() / 1000.0;
        let target = format!("{id}#t={start},{end}");
        start = end;
        (body(sequel, base), target)
    };
    page.sequels.iter().map(placed).collect()
}

/// The captions of `page`, whose canvas is `id`: one file, or several to choose from.
pub fn captions(page: &SitePage, id: &str, place: Place<'_>) -> Option<AnnotationPage> {
    let captions = &page.description.as_ref()?.captions.0;
    let words = |caption: &Caption| {
        Body::Words(Words {
            id: place.base.url(&published_file(place.folder, &caption.file)),
            kind: "Text",
            label: caption.label.clone(),
            format: media_type(&caption.file),
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
