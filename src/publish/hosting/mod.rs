//! The files that a web host needs so that it serves a built site as IIIF clients expect: CORS, media types, caching, a
//! redirect from a bare image id to its `info.json` (Image API 3, 2), pages of folders, and the page for missing files.
//!
//! Pure: a [`Site`] in, [`Files`] out; nothing is read or written. All headers of files come from
//! [`headers`](crate::publish::headers).

mod amazon;
mod platforms;
mod servers;
mod site;

pub use site::{Files, HostingFile, Site};

use crate::error::Result;

/// A host where a site can be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host {
    Netlify,
    CloudflarePages,
    Vercel,
    GithubPages,
    Nginx,
    Apache,
    Cloudfront,
    S3,
}

impl Host {
    /// All hosts, in the order of the command line.
    pub const ALL: [Host; 8] = [
        Host::Netlify,
        Host::CloudflarePages,
        Host::Vercel,
        Host::GithubPages,
        Host::Nginx,
        Host::Apache,
        Host::Cloudfront,
        Host::S3,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Host::Netlify => "netlify",
            Host::CloudflarePages => "cloudflare-pages",
            Host::Vercel => "vercel",
            Host::GithubPages => "github-pages",
            Host::Nginx => "nginx",
            Host::Apache => "apache",
            Host::Cloudfront => "cloudfront",
            Host::S3 => "s3",
        }
    }

    /// What keeps a site of so many files and bytes from this host, such as `at most 20,000 files`. `None`: nothing that is
    /// known. After <https://developers.cloudflare.com/pages/platform/limits/> (free plan) and
    /// <https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits>.
    pub fn refuses(self, files: u64, bytes: u64) -> Option<&'static str> {
        match self {
            Host::CloudflarePages if files > 20_000 => Some("at most 20,000 files"),
            Host::GithubPages if bytes > 1 << 30 => Some("at most 1 GB"),
            _ => None,
        }
    }
}

/// The files for a host.
///
/// # Errors
/// The path of `base-url` or the place of the output does not suit the host.
pub fn files(host: Host, site: &Site<'_>) -> Result<Files> {
    match host {
        Host::Netlify => platforms::netlify(site),
        Host::CloudflarePages => platforms::cloudflare_pages(site),
        Host::Vercel => platforms::vercel(site),
        Host::GithubPages => platforms::github_pages(site),
        Host::Nginx => servers::nginx(site),
        Host::Apache => servers::apache(site),
        Host::Cloudfront => amazon::cloudfront(site),
        Host::S3 => amazon::s3(site),
    }
}
