//! Fetches a package from an npm registry.

use super::package::Package;
use super::tarball::MAX_PACKED;
use crate::config::without_secrets;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::store::{choose_cryptography, runtime};
use std::time::Duration;

/// The registry that npm asks by default.
pub const REGISTRY: &str = "https://registry.npmjs.org";

/// How long a connection may take, and how long no byte may come.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The bytes of the package, checked against its hash. `registry`: the address of one.
///
/// # Errors
/// It has no package of the name, does not answer, or sends other bytes.
pub fn fetch(package: &Package, registry: &str) -> Result<Vec<u8>> {
    let file = package.name.rsplit('/').next().unwrap_or(package.name);
    let url = format!("{}/{}/-/{file}-{}.tgz", registry.trim_end_matches('/'), package.name, package.version);
    let failed = |why: String| {
        let (name, version, registry) = (package.name, package.version, without_secrets(registry));
        let error = Error::new(ErrorKind::Network, format!("cannot fetch {name} {version} from {registry}: {why}"));
        error.with_hint("--from FILE takes a package that was downloaded before, as `npm pack` does")
    };
    if !registry.starts_with("https://") && !registry.starts_with("http://") {
        return Err(failed("the registry must have an address that begins with https://".to_owned()));
    }
    let bytes = runtime()?.block_on(download(&url)).map_err(failed)?;
    package.check(&bytes, ErrorKind::Network)?;
    Ok(bytes)
}

async fn download(url: &str) -> std::result::Result<Vec<u8>, String> {
    choose_cryptography();
    let client = reqwest::Client::builder().connect_timeout(TIMEOUT).read_timeout(TIMEOUT);
    let client = client.user_agent(concat!("iiif-build/", env!("CARGO_PKG_VERSION"))).build().map_err(last_cause)?;
    let response = client.get(url).send().await.map_err(last_cause)?;
    let mut response = response.error_for_status().map_err(|error| match error.status() {
        Some(status) => format!("the registry answers {status}"),
        None => last_cause(error),
    })?;
    let mut bytes = vec![];
    while let Some(chunk) = response.chunk().await.map_err(last_cause)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > MAX_PACKED {
            return Err(format!("the answer has more than {MAX_PACKED} bytes"));
        }
    }
    Ok(bytes)
}

/// The last cause is the exact one: no such name, no connection, an invalid certificate. Addresses are left out.
fn last_cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let first: &dyn std::error::Error = &error;
    let causes = std::iter::successors(Some(first), |error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}
