//! The local server: a built site as a static host serves it, with CORS and IIIF content types.
//!
//! Documents name the site's `base-url`; while they are served here they name this server instead, so that viewers
//! stay on the machine. The files on disk are never changed.

mod files;

use crate::address::BaseUrl;
use crate::error::{Error, ErrorKind, Result};
use axum::Router;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

/// A server that has its port but does not answer yet.
pub struct Server {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    address: SocketAddr,
    site: files::Site,
}

impl Server {
    /// Takes `port` (0: any free one) for the site in `root` that was built for `base_url`. Reachable from this
    /// machine only.
    pub fn bind(root: &Path, base_url: &BaseUrl, port: u16) -> Result<Server> {
        let failed = |error: std::io::Error| {
            Error::new(ErrorKind::Network, format!("cannot serve on port {port}: {error}"))
                .with_hint("--port N chooses another")
                .with_source(error)
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port))).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let local = format!("http://localhost:{}/", address.port());
        let site = files::Site::new(root, base_url.as_str(), &local);
        Ok(Server { runtime, listener, address, site })
    }

    /// Where a browser finds the site.
    pub fn url(&self) -> String {
        format!("http://localhost:{}/", self.address.port())
    }

    /// Answers requests until the process is interrupted.
    pub fn run(self) -> Result<()> {
        let Server { runtime, listener, site, .. } = self;
        let cors = CorsLayer::permissive().expose_headers([ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE]);
        let app = Router::new().fallback(files::answer).with_state(std::sync::Arc::new(site)).layer(cors);
        let interrupted = async {
            // Without a handler the signal ends the process at once, which is as good.
            tokio::signal::ctrl_c().await.unwrap_or(());
        };
        runtime
            .block_on(async { axum::serve(listener, app).with_graceful_shutdown(interrupted).await })
            .map_err(|error| Error::new(ErrorKind::Network, format!("the server stopped: {error}")))
    }
}
