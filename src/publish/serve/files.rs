//! Answers one request with a file of the site.

use super::{Shown, pages};
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

/// The site's folder, and which address its documents are to show instead of which.
pub struct Site {
    root: PathBuf,
    base_url: String,
    local_url: String,
}

impl Site {
    pub fn new(root: &Path, base_url: &str, local_url: &str) -> Site {
        Site { root: root.to_path_buf(), base_url: base_url.to_owned(), local_url: local_url.to_owned() }
    }

    /// The file that a URL path names; `None` if it would leave the site.
    fn locate(&self, path: &str) -> Option<PathBuf> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let mut file = self.root.clone();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            if segment.starts_with('.') || segment.contains(['\\', '\0', ':']) {
                return None;
            }
            file.push(segment);
        }
        Some(file)
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
        Ok(metadata) if is_document(&file) && metadata.len() <= MAX_REWRITTEN_BYTES => document(&view, &file).await,
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

fn is_document(file: &Path) -> bool {
    matches!(file.extension().and_then(|ending| ending.to_str()), Some("json" | "html" | "xml" | "txt"))
}

/// A document with this server's address instead of the published one.
async fn document(view: &View, file: &Path) -> Response {
    let site = &view.site;
    match tokio::fs::read(file).await {
        Ok(bytes) => {
            let mut text = String::from_utf8_lossy(&bytes).replace(&site.base_url, &site.local_url);
            text = text.replace(&in_query(&site.base_url), &in_query(&site.local_url));
            if view.state.is_some() && file.extension().is_some_and(|ending| ending == "html") {
                text = pages::with_script(text, view.state.as_deref());
            }
            let headers = [(CONTENT_TYPE, content_type(site, file)), (CACHE_CONTROL, NO_CACHE)];
            (headers, text).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
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
            response.headers_mut().insert(CONTENT_TYPE, content_type(&view.site, file));
            response.map(Body::new)
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn not_found(view: &View) -> Response {
    (StatusCode::NOT_FOUND, document(view, &view.site.root.join("404.html")).await).into_response()
}

/// Says what a file of the site is.
fn content_type(site: &Site, file: &Path) -> HeaderValue {
    let path = file.strip_prefix(&site.root).unwrap_or(file).to_string_lossy().replace('\\', "/");
    HeaderValue::from_static(headers(&path).content_type)
}
