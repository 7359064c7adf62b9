//! Buckets by their URLs, as deploys and content name them, and how they are reached. Credentials are never settings.

use super::secrets::{holds_secrets, without_secrets};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Deserializer};
use std::path::PathBuf;

/// The place that a `url` names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
#[non_exhaustive]
pub enum Destination {
    /// A bucket or a part of it.
    Bucket(Bucket),
    /// `file:///folder`
    Folder(PathBuf),
}

/// A bucket, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The service that keeps it.
    pub service: Service,
    /// The name of the bucket, or of Azure's container.
    pub name: String,
    /// The beginning of all keys, without slashes around it. Empty: the whole bucket.
    pub prefix: String,
}

/// The service that keeps a bucket, or whose protocol the store uses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// `s3://bucket/prefix`
    S3,
    /// `gs://bucket/prefix`
    Google,
    /// `az://account/container/prefix`
    Azure {
        /// The name of the storage account.
        account: String,
    },
}

/// How a bucket is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Access {
    /// The URL of the store, if it is not the service's own.
    pub endpoint: Option<String>,
    /// The region, for S3.
    pub region: Option<String>,
    /// The name under which this machine keeps credentials of AWS.
    pub profile: Option<String>,
}

/// A bucket that holds content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteContent {
    /// The bucket, or the part of it, with the content.
    pub bucket: Bucket,
    /// How the bucket is reached.
    pub access: Access,
    /// How many bytes of masters are kept on this machine, by default 10 GiB. Those used longest ago are removed first.
    pub cache_size: u64,
}

impl Bucket {
    /// Reads a URL. `None`: it is not the URL of a bucket.
    ///
    /// # Errors
    /// The URL is that of a bucket, but cannot be used. The message holds no credentials.
    pub fn parse(url: &str) -> Option<Result<Bucket, String>> {
        let (scheme, rest) = url.split_once("://")?;
        let (service, rest) = match scheme {
            "s3" => (Service::S3, rest),
            "gs" => (Service::Google, rest),
            "az" => {
                let (account, rest) = rest.split_once('/').unwrap_or((rest, ""));
                if !is_name(account) {
                    return Some(Err(unusable("az://…", "it must be az://account/container/prefix")));
                }
                (Service::Azure { account: account.to_owned() }, rest)
            }
            _ => return None,
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if !is_name(name) {
            // The URL is not shown: there may be credentials before an `@`.
            return Some(Err(unusable(&format!("{scheme}://…"), "there is no name of a bucket in it")));
        }
        let prefix = prefix.trim_end_matches('/');
        let is_segment = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['?', '#']);
        if !prefix.is_empty() && !prefix.split('/').all(is_segment) {
            return Some(Err(unusable(url, "its prefix has an empty or relative segment")));
        }
        Some(Ok(Bucket { service, name: name.to_owned(), prefix: prefix.to_owned() }))
    }

    /// The URL. Two spellings of one bucket have the same.
    pub fn url(&self) -> String {
        let Bucket { service, name, prefix } = self;
        let place = match service {
            Service::S3 => format!("s3://{name}"),
            Service::Google => format!("gs://{name}"),
            Service::Azure { account } => format!("az://{account}/{name}"),
        };
        if prefix.is_empty() { place } else { format!("{place}/{prefix}") }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
}

impl Destination {
    /// The URL, as settings write it.
    pub fn url(&self) -> String {
        match self {
            Destination::Bucket(bucket) => bucket.url(),
            Destination::Folder(folder) => format!("file://{}", folder.display().to_string().replace('%', "%25")),
        }
    }
}

impl TryFrom<String> for Destination {
    type Error = String;

    fn try_from(url: String) -> Result<Destination, String> {
        if let Some(bucket) = Bucket::parse(&url) {
            return bucket.map(Destination::Bucket);
        }
        let written = url.strip_prefix("file://");
        let written = written.ok_or_else(|| unusable(&url, "it must start with s3://, gs://, az:// or file:///"))?;
        let path = PathBuf::from(decoded(written).map_err(|why| unusable(&url, &why))?);
        let is_plain = path.is_absolute() && path.components().all(|part| part.as_os_str() != "..");
        if is_plain { Ok(Destination::Folder(path)) } else { Err(unusable(&url, "the path is not absolute")) }
    }
}

/// The path of a `file:` URL, without its percent-encoding: `a%20b` is `a b`.
fn decoded(written: &str) -> Result<String, String> {
    for (at, _) in written.match_indices('%') {
        let escape: String = written[at..].chars().take(3).collect();
        let code = escape.get(1..).filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.map(str::to_ascii_lowercase).as_deref() {
            None => return Err(format!("{escape:?} is not an escape such as %20; a percent sign is written %25")),
            Some("2f" | "00") => {
                return Err(format!("{escape:?} stands for a character that no name of a folder can have"));
            }
            Some(_) => {}
        }
    }
    let text = percent_decode_str(written).decode_utf8();
    text.map(String::from).map_err(|_| "its escapes are not UTF-8: \u{fc} is written %C3%BC".to_owned())
}

fn unusable(url: &str, why: &str) -> String {
    format!("{:?} cannot be used: {why}", without_secrets(url))
}

/// Reads the `endpoint` of a store. One with credentials is refused: it would be in logs, proxies and backups.
pub fn endpoint<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let endpoint = Option::<String>::deserialize(deserializer)?;
    match endpoint.as_deref().map(why_no_endpoint) {
        Some(Some(why)) => Err(serde::de::Error::custom(format!("`endpoint` cannot be used: {why}"))),
        _ => Ok(endpoint),
    }
}

fn why_no_endpoint(endpoint: &str) -> Option<&'static str> {
    if holds_secrets(endpoint) {
        return Some("it holds credentials or a query; docs/deploy.md says where credentials belong");
    }
    let address = ["https://", "http://"].iter().find_map(|scheme| endpoint.strip_prefix(scheme));
    let is_host = address.is_some_and(|address| !address.starts_with('/') && !address.is_empty());
    if is_host { None } else { Some("it must begin with https:// or http:// and name a host") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(url: &str) -> Result<Destination, String> {
        Destination::try_from(url.to_owned())
    }

    #[test]
    fn a_destination_is_a_bucket_or_a_folder() {
        let bucket = |service: Service, name: &str, prefix: &str| {
            Ok(Destination::Bucket(Bucket { service, name: name.into(), prefix: prefix.into() }))
        };
        assert_eq!(destination("s3://scans"), bucket(Service::S3, "scans", ""));
        assert_eq!(destination("s3://scans/a/b/"), bucket(Service::S3, "scans", "a/b"));
        assert_eq!(destination("gs://scans/a"), bucket(Service::Google, "scans", "a"));
        let azure = Service::Azure { account: "library".into() };
        assert_eq!(destination("az://library/scans/a/b"), bucket(azure, "scans", "a/b"));
        assert_eq!(destination("file:///srv/www"), Ok(Destination::Folder("/srv/www".into())));
        for bad in [
            "scans",
            "s3://",
            "s3:///a",
            "s3://a/../b",
            "s3://a//b",
            "file://www",
            "file:///a/../b",
            "az://account",
            "az:///container",
            "ftp://a",
        ] {
            assert!(destination(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_escapes_in_the_url_of_a_folder_are_read_and_written_again() {
        for (url, folder) in [
            ("file:///srv/my%20scans", "/srv/my scans"),
            ("file:///srv/my scans", "/srv/my scans"),
            ("file:///srv/100%25", "/srv/100%"),
            ("file:///srv/a%2520b", "/srv/a%20b"),
            ("file:///srv/M%C3%BCller", "/srv/M\u{fc}ller"),
        ] {
            let read = destination(url).unwrap();
            assert_eq!(read, Destination::Folder(folder.into()), "{url}");
            assert_eq!(destination(&read.url()), Ok(read), "{url}");
        }
        for (url, escape) in [
            ("file:///srv/100%", "\"%\""),
            ("file:///srv/a%2", "%2"),
            ("file:///srv/a%zz", "%zz"),
            ("file:///srv/a%\u{e9}\u{e9}", "%\u{e9}"),
            ("file:///srv/a%2Fb", "%2F"),
            ("file:///srv/a%00", "%00"),
            ("file:///srv/M%FCller", "UTF-8"),
            ("file:///srv/%2e%2e/b", "not absolute"),
        ] {
            let why = destination(url).unwrap_err();
            assert!(why.contains(escape), "{url}: {why}");
        }
    }

    #[test]
    fn a_bucket_has_one_spelling() {
        for url in ["s3://scans/a/b", "gs://scans", "az://library/scans/a"] {
            assert_eq!(Bucket::parse(url).unwrap().unwrap().url(), url);
        }
    }

    #[test]
    fn what_a_refusal_says_has_no_credentials_in_it() {
        for url in [
            "s3://KEY:SECRET@scans",
            "az://KEY:SECRET@library/scans",
            "gs://KEY:SECRET@scans/a",
            "s3://scans/a?X-Amz-Signature=SECRET",
            "https://KEY:SECRET@host/scans",
            "az://library/scans/a?sig=SECRET",
        ] {
            assert!(!destination(url).unwrap_err().contains("SECRET"), "{url}");
        }
    }

    #[test]
    fn an_endpoint_with_credentials_is_refused() {
        for bad in ["http://KEY:SECRET@host", "https://host/?sig=SECRET", "host:9000", "https://", "ftp://host"] {
            assert!(why_no_endpoint(bad).is_some_and(|why| !why.contains("SECRET")), "{bad}");
        }
        for good in ["http://localhost:9000", "https://account.r2.cloudflarestorage.com", "https://host/path/"] {
            assert_eq!(why_no_endpoint(good), None, "{good}");
        }
    }
}
