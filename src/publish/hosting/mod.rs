//! The files that a web host needs so that it serves a built site as IIIF clients expect: CORS, media types, how long
//! things may be kept, a bare image id that leads to its `info.json` (Image API 3, 2), pages of folders, the page for
//! what is not there.
//!
//! Pure: a [`Site`] in, [`Files`] out; nothing is read or written. What is said of a file comes from
//! [`headers`](crate::publish::headers) alone. A module for each language in which hosts are told.

mod cloudfront;
mod github_pages;
mod header_files;
mod place;
mod rules;
mod s3;
mod servers;
mod vercel;

use crate::error::{Error, ErrorKind, Result};
use crate::model::address::BaseUrl;
use serde::Serialize;
use std::path::{Path, PathBuf};
use tera::{Context, Tera};

/// Where a site can be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// As it is called on the command line.
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
}

/// What a host has to know of a site. Paths are absolute.
pub struct Site<'a> {
    /// `None`: nobody has chosen one.
    pub base_url: Option<&'a BaseUrl>,
    /// The project's folder.
    pub root: &'a Path,
    pub output: &'a Path,
    /// What lies here is copied into the output.
    pub static_files: &'a Path,
    /// Whether it has images for Image API 2.
    pub image_api_2: bool,
}

/// A file for a host, and where the host looks for it.
#[derive(Debug, PartialEq, Eq)]
pub struct HostingFile {
    pub path: PathBuf,
    pub text: String,
}

/// What is to be written, and what to do then.
#[derive(Debug)]
pub struct Files {
    pub files: Vec<HostingFile>,
    /// Sentences for whoever asked for them.
    pub next: Vec<String>,
}

/// The files for a host.
pub fn files(host: Host, site: &Site<'_>) -> Result<Files> {
    match host {
        Host::Netlify => header_files::netlify(site),
        Host::CloudflarePages => header_files::cloudflare_pages(site),
        Host::Vercel => vercel::files(site),
        Host::GithubPages => github_pages::files(site),
        Host::Nginx => servers::nginx(site),
        Host::Apache => servers::apache(site),
        Host::Cloudfront => cloudfront::files(site),
        Host::S3 => s3::files(site),
    }
}

/// A template of ours with its gaps filled.
fn fill(template: &str, values: &impl Serialize) -> Result<String> {
    let filled = Context::from_serialize(values).and_then(|values| Tera::one_off(template, &values, false));
    filled.map_err(|error| Error::new(ErrorKind::Internal, format!("a file for a host cannot be made: {error}")))
}
