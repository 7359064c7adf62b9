//! Additions for pages that are served live: the script, its events, and a page for the time before there is a site.

use super::live::{EVENTS_PATH, Live, SCRIPT_PATH, Status};
use super::site::Shown;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::WatchStream;

const SCRIPT: &str = include_str!("live.js");
const BUILDING: &str = include_str!("building.html");

/// How soon a page looks for a server that has gone away.
const RETRY: Duration = Duration::from_millis(500);

/// The addresses below `/.iiif-build/`. They have no CORS and need a local host name: they are for this machine only.
pub(super) fn routes() -> Router<Arc<Shown>> {
    let script = || async {
        let headers = [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
        (headers, SCRIPT)
    };
    Router::new()
        .route(SCRIPT_PATH, get(script))
        .route(EVENTS_PATH, get(events))
        .route_layer(middleware::from_fn(by_local_name))
}

/// Refuses a request whose host name is not local: it comes from a page on another site whose name was rebound to this
/// machine.
async fn by_local_name(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(_) => host.split_inclusive(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_local = matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost");
    if is_local { next.run(request).await } else { StatusCode::FORBIDDEN.into_response() }
}

/// The current status, then each change.
async fn events(State(shown): State<Arc<Shown>>) -> Response {
    let Some(live) = &shown.live else { return StatusCode::NOT_FOUND.into_response() };
    let statuses = WatchStream::new(live.subscribe()).map(|status| Ok::<_, Infallible>(event(&status)));
    let stream = Sse::new(statuses).keep_alive(KeepAlive::default());
    ([(CACHE_CONTROL, "no-store")], stream).into_response()
}

fn event(status: &Status) -> Event {
    // A status is plain data, so this cannot fail.
    Event::default().retry(RETRY).event("status").data(serde_json::to_string(status).unwrap_or_default())
}

/// Adds the script to a page, with the state of the site that the page shows.
pub(super) fn with_script(mut html: String, site: Option<&str>) -> String {
    let script = format!("<script src=\"{SCRIPT_PATH}\" data-site=\"{}\" defer></script>", site.unwrap_or_default());
    let end = memchr::memmem::rfind(html.to_ascii_lowercase().as_bytes(), b"</body").unwrap_or(html.len());
    html.insert_str(end, &script);
    html
}

/// The answer while there is no site yet; `None`: there is one.
pub(super) fn building(live: &Live, headers: &HeaderMap) -> Option<Response> {
    if live.site().is_some() {
        return None;
    }
    let accepts = headers.get(axum::http::header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let body = match accepts.contains("text/html") {
        true => Html(with_script(BUILDING.to_owned(), None)).into_response(),
        false => "not built yet\n".into_response(),
    };
    let headers = [(CACHE_CONTROL, "no-store"), (RETRY_AFTER, "1")];
    Some((StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response())
}

#[cfg(test)]
mod tests {
    use super::with_script;

    #[test]
    fn the_script_stands_before_the_end_of_the_body() {
        let page = with_script("<body><pre></body></pre>É</BODY></html>".to_owned(), Some("1-2"));
        assert!(
            page.contains("É<script src=\"/.iiif-build/live.js\" data-site=\"1-2\" defer></script></BODY>"),
            "{page}"
        );
        assert!(with_script("no body".to_owned(), None).ends_with("</script>"));
    }
}
