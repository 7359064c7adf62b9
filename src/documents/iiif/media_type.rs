//! Media types by file ending, and the types that the Presentation API gives to such resources (section 3.2, `type`).

/// The media type of a file by the ending of its name.
pub fn media_type(name: &str) -> Option<&'static str> {
    let path = name.split(['?', '#']).next().unwrap_or(name);
    let last = path.rsplit('/').next().unwrap_or(path);
    Some(match last.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "epub" => "application/epub+zip",
        "txt" => "text/plain",
        "md" => "text/markdown",
        "html" | "htm" => "text/html",
        "xml" | "mets" | "alto" => "application/xml",
        "json" => "application/json",
        "jsonld" => "application/ld+json",
        "csv" => "text/csv",
        "vtt" => "text/vtt",
        "srt" => "application/x-subrip",
        "mp3" => "audio/mpeg",
        "m4a" | "m4b" => "audio/mp4",
        "aac" => "audio/aac",
        "flac" => "audio/flac",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "weba" => "audio/webm",
        "wav" => "audio/wav",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        "ogv" => "video/ogg",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "glb" => "model/gltf-binary",
        "zip" => "application/zip",
        _ => return None,
    })
}

/// The type of a resource with this media type.
pub fn resource_type(media_type: &str) -> Option<&'static str> {
    Some(match media_type.split('/').next()? {
        "image" => "Image",
        "audio" => "Sound",
        "video" => "Video",
        "model" => "Model",
        "text" => "Text",
        _ if matches!(media_type, "application/pdf" | "application/epub+zip") => "Text",
        _ => return None,
    })
}
