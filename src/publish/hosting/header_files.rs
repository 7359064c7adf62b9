//! `_headers` and `_redirects`, which Netlify and Cloudflare Pages read at the root of what they serve.
//!
//! <https://docs.netlify.com/manage/routing/headers/>, <https://docs.netlify.com/manage/routing/redirects/overview/>,
//! <https://developers.cloudflare.com/pages/configuration/headers/> (at most 100 rules, one `*` in each, lines of 2,000
//! characters), <https://developers.cloudflare.com/pages/configuration/redirects/> (at most 100 with placeholders).

use super::rules::{DEEP, rules};
use super::{Files, HostingFile, Site};
use crate::error::Result;
use std::fmt::Write;

const HEADERS: &str = "_headers";
const REDIRECTS: &str = "_redirects";

pub(super) fn netlify(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    let mut redirects = redirects(site, &base, &[""]);
    if base != "/" {
        // It looks for the page at its root only.
        let _ = writeln!(redirects, "{base}* {base}404.html 404");
    }
    let publish = site.in_project(site.served_folder()?)?;
    let next = format!("publish the folder {publish}: `publish = \"{publish}\"` below [build] of netlify.toml");
    files(site, &base, redirects, next)
}

pub(super) fn cloudflare_pages(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    // A slash at the end is another address there.
    let redirects = redirects(site, &base, &["", "/"]);
    let publish = site.in_project(site.served_folder()?)?;
    let next = format!("build, then: npx wrangler pages deploy {publish}; at most 20,000 files (`iiif-build plan`)");
    files(site, &base, redirects, next)
}

fn files(site: &Site<'_>, base: &str, redirects: String, publish: String) -> Result<Files> {
    let headers = headers(base, site.image_apis());
    let file = |name: &str, text| Ok(HostingFile { path: site.at_served_root(name)?, text });
    let mut next = vec![publish];
    if base != "/" {
        next.push("they lie in the output: where that is made anew, write them again after the build (--force)".into());
    }
    Ok(Files { files: vec![file(HEADERS, headers)?, file(REDIRECTS, redirects)?], next })
}

fn headers(base: &str, image_apis: &[&str]) -> String {
    let mut text = String::from(
        "# Written by `iiif-build hosting`. What no rule names is asked for again each time, which is the host's way.\n",
    );
    let _ = write!(text, "\n{base}*\n  Access-Control-Allow-Origin: *\n");
    for (pattern, name, value) in rules(image_apis) {
        for address in addresses(base, pattern) {
            let _ = write!(text, "\n{address}\n  {name}: {value}\n");
        }
    }
    text
}

/// A pattern in the language of both. `*/` does not stand for nothing.
fn addresses(base: &str, pattern: &str) -> Vec<String> {
    match pattern.strip_prefix(DEEP) {
        Some(name) => vec![format!("{base}{name}"), format!("{base}*/{name}")],
        None => vec![format!("{base}{pattern}")],
    }
}

/// From a bare image id to its info.json, for each `end` of the address.
fn redirects(site: &Site<'_>, base: &str, ends: &[&str]) -> String {
    let mut text = String::from("# Written by `iiif-build hosting`: a bare image id leads to its info.json.\n");
    for api in site.image_apis() {
        for end in ends {
            let _ = writeln!(text, "{base}iiif/{api}/:id{end} {base}iiif/{api}/:id/info.json 303");
        }
    }
    text
}
