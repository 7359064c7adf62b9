//! Answers one request with a file of the site.

use super::{Shown, pages};
use crate::config::Config;
use crate::model::pyramid::addresses::INFO_JSON;
use crate::model::{IMAGES, IMAGES_2};
use crate::publish::headers::headers;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tower_http::services::ServeFile;

/// Documents larger than this are streamed as they are.
const MAX_REWRITTEN_BYTES: u64 = 64 << 20;

const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// How long a reader may wait for an image that is being made.
const PATIENCE: Duration = Duration::from_secs(120);

/// Files that certificate authorities, browsers and identity services ask for (RFC 8615). All other names that begin with
/// a dot are private.
const WELL_KNOWN: &str = ".well-known";

/// A built site, and the address that its documents show instead of the published one.
pub struct Site {
    output: PathBuf,
    static_files: PathBuf,
    base_url: String,
    local_url: String,
}

impl Site {
    pub fn new(config: &Config, local_url: &str) -> Site {
        Site {
            output: config.output.clone(),
            static_files: config.static_files.clone(),
            base_url: config.base_url.as_str().to_owned(),
            local_url: local_url.to_owned(),
        }
    }

    /// The file that a URL path names; `None` if it would leave the site.
    fn locate(&self, path: &str) -> Option<PathBuf> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let mut file = self.output.clone();
        for (depth, segment) in path.split('/').filter(|segment| !segment.is_empty()).enumerate() {
            let is_hidden = segment.starts_with('.') && (depth > 0 || segment != WELL_KNOWN);
            if is_hidden || segment.contains(['\\', '\0', ':']) {
                return None;
            }
            file.push(segment);
        }
        Some(file)
    }

    /// The path of `file` below the site's root, with `/`.
    fn path(&self, file: &Path) -> String {
        file.strip_prefix(&self.output).unwrap_or(file).to_string_lossy().replace('\\', "/")
    }

    /// Whether the build wrote `file` and may name the site's address in it. Files of the project, such as METS or pages
    /// in `static/`, are in any encoding, and readers compare them with the original.
    fn is_own_document(&self, file: &Path) -> bool {
        let path = self.path(file);
        is_document(&path) && !self.static_files.join(&path).is_file()
    }

    /// The text of a document with this server's address instead of the published one.
    fn localized(&self, text: &str) -> String {
        let text = text.replace(&self.base_url, &self.local_url);
        text.replace(&in_query(&self.base_url), &in_query(&self.local_url))
    }

    fn content_type(&self, file: &Path) -> HeaderValue {
        HeaderValue::from_static(headers(&self.path(file)).content_type)
    }
}

/// Whether documents that name the site's address have such a path below the site's root.
fn is_document(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_in_root = folder.is_empty();
    match name {
        INFO_JSON => [IMAGES, IMAGES_2].iter().any(|images| folder.starts_with(images)),
        "manifest.json" | "manifest.v2.json" | "collection.json" | "collection.v2.json" | "index.html" => true,
        "404.html" | "atom.xml" | "oai-pmh.xml" | "robots.txt" => is_in_root,
        _ if is_in_root => name.starts_with("sitemap") && name.ends_with(".xml"),
        _ if !name.ends_with(".json") => false,
        _ => ["activity", "dump"].contains(&folder) || folder.split('/').any(|folder| folder == "annotations"),
    }
}

/// The site as one request sees it.
struct View {
    site: Arc<Site>,
    /// Which state of it, if pages are to notice when it changes.
    state: Option<String>,
}

/// GET and HEAD of a file, of a folder's `index.html`, or `404.html`.
pub(super) async fn answer(State(shown): State<Arc<Shown>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if let Some(page) = shown.live.as_ref().and_then(|live| pages::building(live, request.headers())) {
        return page;
    }
    // The state first: a page that is newer than it says is loaded once too often, not once too few.
    let state = shown.live.as_ref().and_then(|live| live.site());
    let view = View { state, site: shown.site() };
    let path = request.uri().path().to_owned();
    let Some(mut file) = view.site.locate(&path) else { return not_found(&view).await };
    if tokio::fs::metadata(&file).await.is_ok_and(|metadata| metadata.is_dir()) {
        if !path.ends_with('/') {
            return Redirect::permanent(&format!("{path}/")).into_response();
        }
        file.push("index.html");
    }
    if let Some((live, id)) = shown.live.as_ref().zip(image_of(&path)) {
        // After that there is nothing, or what was there before.
        let _ = tokio::time::timeout(PATIENCE, live.awaited.until_done(&id)).await;
    }
    match tokio::fs::metadata(&file).await {
        Ok(metadata) if metadata.len() <= MAX_REWRITTEN_BYTES && view.site.is_own_document(&file) => {
            document(&view, &file).await
        }
        Ok(_) => stream(&view, request, &file).await,
        Err(_) => not_found(&view).await,
    }
}

/// The id of the image whose file a URL path names.
fn image_of(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let below = [IMAGES, IMAGES_2].iter().find_map(|images| path.strip_prefix(images))?.strip_prefix('/')?;
    Some(percent_decode_str(below.split('/').next()?).decode_utf8().ok()?.into_owned())
}

/// A document of the build with this server's address in it. One that is not UTF-8 is sent as it is.
async fn document(view: &View, file: &Path) -> Response {
    let Ok(bytes) = tokio::fs::read(file).await else { return StatusCode::NOT_FOUND.into_response() };
    let body = match String::from_utf8(bytes) {
        Ok(text) => {
            let text = view.site.localized(&text);
            let is_live_page = view.state.is_some() && file.extension().is_some_and(|ending| ending == "html");
            if is_live_page { pages::with_script(text, view.state.as_deref()) } else { text }.into_bytes()
        }
        Err(error) => error.into_bytes(),
    };
    ([(CONTENT_TYPE, view.site.content_type(file)), (CACHE_CONTROL, NO_CACHE)], body).into_response()
}

/// A URL as the value of a parameter of another, as templates write it.
fn in_query(url: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(url, ENCODED).to_string()
}

/// Any other file, with ranges and conditional requests.
async fn stream(view: &View, request: Request, file: &Path) -> Response {
    match ServeFile::new(file).try_call(request).await {
        Ok(mut response) => {
            // A browser may keep it, but asks whether it is still the same.
            response.headers_mut().insert(CACHE_CONTROL, NO_CACHE);
            response.headers_mut().insert(CONTENT_TYPE, view.site.content_type(file));
            response.map(Body::new)
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn not_found(view: &View) -> Response {
    let page = document(view, &view.site.output.join("404.html")).await;
    (StatusCode::NOT_FOUND, page).into_response()
}
