//! Answers one request with a file of the site.

use super::place::Place;
use super::site::{Shown, Site};
use super::{conditions, pages};
use crate::model::pyramid::addresses::INFO_JSON;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use std::fs::Metadata;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tower_http::services::ServeFile;

/// Larger documents are sent as they are.
const MAX_REWRITTEN_BYTES: u64 = 64 << 20;

const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// How long a reader waits for an image that is being made.
const IMAGE_TIMEOUT: Duration = Duration::from_secs(120);

/// The site as one request sees it.
struct View {
    site: Arc<Site>,
    /// The state of the site that pages compare with later ones; `None`: pages are not live, or there is no site yet.
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
    // The state is read first: a page may then be reloaded once too often, but never once too few.
    let state = shown.live.as_ref().and_then(|live| live.site());
    let view = View { state, site: shown.site() };
    let Some(place) = Place::of(request.uri().path()) else { return not_found(&view).await };
    let mut file = view.site.file(&place);
    if tokio::fs::metadata(&file).await.is_ok_and(|metadata| metadata.is_dir()) {
        if place.is_image() {
            // Image API 3, 2.
            return Redirect::to(&format!("{}{INFO_JSON}", place.folder_url())).into_response();
        }
        if !place.is_folder {
            return to_folder(&place, request.uri().query());
        }
        file.push("index.html");
    } else if place.is_folder {
        return not_found(&view).await;
    }
    if let Some((live, id)) = shown.live.as_ref().zip(place.image_id()) {
        // After the timeout the previous file is sent, if there is one.
        let _ = tokio::time::timeout(IMAGE_TIMEOUT, live.awaited.until_done(&id)).await;
    }
    match tokio::fs::metadata(&file).await {
        Ok(metadata) if metadata.len() <= MAX_REWRITTEN_BYTES && view.site.is_own_document(&file) => {
            document(&view, &file).await
        }
        Ok(metadata) if metadata.is_file() => stream(&view, request, &file, &metadata).await,
        _ => not_found(&view).await,
    }
}

/// The address of a folder has a slash at its end, or the links of its page would lead elsewhere. A browser does not keep the
/// redirect: the next site on this port may have a file there.
fn to_folder(place: &Place, query: Option<&str>) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let redirect = Redirect::permanent(&format!("{}{query}", place.folder_url()));
    ([(CACHE_CONTROL, NO_CACHE)], redirect).into_response()
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
    let headers = [(CONTENT_TYPE, view.site.content_type(file)), (CACHE_CONTROL, NO_CACHE)];
    with_policy((headers, body).into_response(), view, file)
}

fn with_policy(mut response: Response, view: &View, file: &Path) -> Response {
    if let Some(policy) = view.site.policy(file) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A file as it is, with one range, and conditional requests.
async fn stream(view: &View, mut request: Request, file: &Path, metadata: &Metadata) -> Response {
    conditions::simplify(&mut request, metadata);
    match ServeFile::new(file).try_call(request).await {
        Ok(mut response) => {
            // A browser may keep it, but must ask whether it has changed.
            response.headers_mut().insert(CACHE_CONTROL, NO_CACHE);
            response.headers_mut().insert(CONTENT_TYPE, view.site.content_type(file));
            with_policy(response.map(Body::new), view, file)
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn not_found(view: &View) -> Response {
    let page = document(view, &view.site.output.join("404.html")).await;
    (StatusCode::NOT_FOUND, page).into_response()
}
