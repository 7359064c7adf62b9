//! The local server: a built site as a static host serves it, with CORS and IIIF content types.
//!
//! Documents of the build name the site's `base-url`. While they are served here they name this server instead, so that
//! viewers stay on the machine. All other files are served byte for byte. Pages that are served [live](Live) also get a
//! script that reloads them. The files on disk are never changed.
//!
//! Pages and images are sent whatever host name a request has, and every other site may read them (CORS): they are what
//! will be public, and tunnels and proxies have names of their own. What a build reports names files of this machine: its
//! events need a local host name, so that no page elsewhere whose name was rebound to this machine hears of them.
//!
//! Rejected: a second output tree for local work, which would double the disk. Rejected: building with a local address,
//! which would then be published.

mod awaited;
mod conditions;
mod files;
mod live;
mod pages;
mod place;
mod site;

pub use live::Live;

use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use axum::Router;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE};
use parking_lot::RwLock;
use site::{Shown, Site};
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tower_http::cors::CorsLayer;

/// How long running answers may take when the server ends.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(300);

/// A server that has its port but does not answer yet.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    url: String,
}

impl Server {
    /// Takes `port`; 0 takes any free one. The server is reachable from this machine only.
    ///
    /// # Errors
    /// The port is taken.
    pub fn bind(port: u16) -> Result<Server> {
        let failed = |error: io::Error| {
            let (why, hint) = match error.kind() {
                io::ErrorKind::AddrInUse => {
                    ("another program uses it".to_owned(), "end that program, or choose another port: --port 8001")
                }
                io::ErrorKind::PermissionDenied => {
                    (error.to_string(), "ports below 1024 are for the system: --port 8001")
                }
                _ => (error.to_string(), "choose another port: --port 8001"),
            };
            Error::new(ErrorKind::Network, format!("cannot serve on port {port}: {why}"))
                .with_hint(hint)
                .with_source(error)
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port))).map_err(failed)?;
        let url = format!("http://localhost:{}/", listener.local_addr().map_err(failed)?.port());
        Ok(Server { runtime, listener, url })
    }

    /// Serves, on its own threads, the site that was built with `config`. With `live`, pages reload themselves.
    pub fn start(self, config: &Config, live: Option<Arc<Live>>) -> Serving {
        let Server { runtime, listener, url } = self;
        let cors = CorsLayer::permissive().expose_headers([ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE]);
        let site = RwLock::new(Arc::new(Site::new(config, &url)));
        let is_live = live.is_some();
        let shown = Arc::new(Shown { site, live });
        let public = Router::new().fallback(files::answer).layer(cors);
        let app = if is_live { public.merge(pages::routes()) } else { public };
        let app = app.with_state(shown.clone());
        // It ends with the runtime, or if the system takes the port away, which cannot be prevented.
        runtime.spawn(async { axum::serve(listener, app).await });
        Serving { runtime, url, shown }
    }
}

/// A running server.
pub struct Serving {
    runtime: Runtime,
    url: String,
    shown: Arc<Shown>,
}

impl Serving {
    /// The address for a browser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves from now on the site that was built with `config`.
    pub fn show(&self, config: &Config) {
        *self.shown.site.write() = Arc::new(Site::new(config, &self.url));
    }

    /// Serves until the process is interrupted.
    pub fn run(self) {
        // Without a handler the signal ends the process at once, which is fine too.
        self.runtime.block_on(tokio::signal::ctrl_c()).unwrap_or(());
        self.stop();
    }

    /// Ends, even if there are open connections.
    pub fn stop(self) {
        self.runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    }
}
