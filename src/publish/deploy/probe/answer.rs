//! An answer of a host, as a viewer sees it. It comes from outside, so it is read up to the largest size of a file
//! only.

use crate::storage::store::choose_cryptography;
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::redirect::Policy;
use std::io::Read;
use std::time::Duration;

/// For the first byte, and for the last byte.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Larger files are not compared.
const MAX_BYTES: usize = 64 << 20;

/// A viewer on another host. This name cannot be registered.
const ORIGIN: &str = "https://viewer.example";

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub allow_origin: Option<String>,
    pub cache_control: Option<String>,
    pub location: Option<String>,
    /// Decompressed; `None`: it is too large, or compressed in an unknown way.
    pub body: Option<Vec<u8>>,
}

impl Answer {
    /// Whether scripts of other hosts may read it.
    pub fn is_readable_anywhere(&self) -> bool {
        self.allow_origin.as_deref().is_some_and(|origin| origin == "*" || origin == ORIGIN)
    }
}

pub struct Client(reqwest::Client);

impl Client {
    pub fn new() -> reqwest::Result<Client> {
        choose_cryptography();
        let client = reqwest::Client::builder().redirect(Policy::none()).connect_timeout(TIMEOUT).timeout(TIMEOUT);
        client.user_agent(concat!("iiif-build/", env!("CARGO_PKG_VERSION"))).build().map(Client)
    }

    /// # Errors
    /// The reason why there is no answer, in words.
    pub async fn get(&self, url: &str) -> Result<Answer, String> {
        self.fetch(url).await.map_err(|error| {
            let mut causes: Vec<String> = vec![];
            let mut cause: Option<&dyn std::error::Error> = Some(&error);
            while let Some(error) = cause {
                causes.push(error.to_string());
                cause = error.source();
            }
            // The last cause is the exact one: no such name, no connection, an invalid certificate.
            causes.pop().unwrap_or_default()
        })
    }

    async fn fetch(&self, url: &str) -> reqwest::Result<Answer> {
        let mut response = self.0.get(url).header(header::ORIGIN, ORIGIN).send().await?;
        let text = |headers: &HeaderMap, name: HeaderName| {
            headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers = response.headers().clone();
        let mut body = vec![];
        while body.len() <= MAX_BYTES {
            let Some(chunk) = response.chunk().await? else { break };
            body.extend_from_slice(&chunk);
        }
        let encoding = text(&headers, header::CONTENT_ENCODING);
        Ok(Answer {
            status: response.status().as_u16(),
            content_type: text(&headers, header::CONTENT_TYPE),
            allow_origin: text(&headers, header::ACCESS_CONTROL_ALLOW_ORIGIN),
            cache_control: text(&headers, header::CACHE_CONTROL),
            location: text(&headers, header::LOCATION),
            body: decompressed(body, encoding.as_deref()),
        })
    }
}

/// Buckets send compressed objects also to clients that did not request compression.
fn decompressed(body: Vec<u8>, encoding: Option<&str>) -> Option<Vec<u8>> {
    let read = |packed: &mut dyn Read| {
        let mut plain = vec![];
        packed.take(MAX_BYTES as u64 + 1).read_to_end(&mut plain).ok().map(|_| plain)
    };
    let plain = match encoding {
        None | Some("" | "identity") => Some(body),
        Some("gzip") => read(&mut flate2::read::GzDecoder::new(body.as_slice())),
        Some("br") => read(&mut brotli::Decompressor::new(body.as_slice(), 1 << 16)),
        Some(_) => None,
    };
    plain.filter(|plain| plain.len() <= MAX_BYTES)
}
