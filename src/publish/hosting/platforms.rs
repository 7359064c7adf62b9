//! Platforms that publish a folder: Netlify, Cloudflare Pages and Vercel, whose headers are set by rules with patterns,
//! and GitHub Pages, which has no headers and no redirects.
//!
//! Netlify and Cloudflare Pages read `_headers` and `_redirects` at the root of the published folder:
//! <https://docs.netlify.com/manage/routing/headers/>, <https://docs.netlify.com/manage/routing/redirects/overview/>,
//! <https://developers.cloudflare.com/pages/configuration/headers/> (at most 100 rules, one `*` in each, lines of 2,000
//! characters), <https://developers.cloudflare.com/pages/configuration/redirects/> (at most 100 with placeholders).
//! Vercel reads `vercel.json`: <https://vercel.com/docs/project-configuration/vercel-json>. GitHub Pages needs a
//! workflow:
//! <https://docs.github.com/pages/getting-started-with-github-pages/using-custom-workflows-with-github-pages>.
//!
//! At most one rule sets a header for any file, because hosts treat two differently: one joins the values, one takes
//! the last, one the most specific. So the policy that the pages of other viewers need is that of the whole site here.

use super::site::{Files, HostingFile, Site, fill};
use crate::error::Result;
use crate::publish::headers::headers;
use crate::storage::state::FOLDER as NOTES;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write;

/// Files that get a header, with an example for which [`headers`] is asked. The pattern is written as Netlify,
/// Cloudflare Pages and Vercel read it, except for [`DEEP`]: `:name` is one segment, `*` at the end of a segment is any
/// text.
struct Rule {
    pattern: &'static str,
    example: &'static str,
}

/// Zero or more segments, with the slash after them.
const DEEP: &str = "**/";

/// Files whose media type cannot be derived from the ending.
const TYPED: [Rule; 4] = [
    Rule { pattern: "iiif/3/:id/info.json", example: "iiif/3/a/info.json" },
    Rule { pattern: "**/manifest.json", example: "a/manifest.json" },
    Rule { pattern: "**/collection.json", example: "a/collection.json" },
    Rule { pattern: "atom.xml", example: "atom.xml" },
];

/// Files that caches may keep. Without a rule, hosts do not allow that. `assets/` may hold other files too, so the
/// rules name those of the theme, whose names contain a hash.
const KEPT: [Rule; 11] = [
    Rule { pattern: "iiif/3/:id/:region/:size/0/:file", example: "iiif/3/a/full/max/0/default.jpg" },
    Rule { pattern: "iiif/2/:id/:region/:size/0/:file", example: "iiif/2/a/full/full/0/default.jpg" },
    Rule { pattern: "assets/theme-*", example: "assets/theme-ABCD2345.css" },
    Rule { pattern: "assets/viewer-*", example: "assets/viewer-ABCD2345.js" },
    Rule { pattern: "assets/reading-*", example: "assets/reading-ABCD2345.js" },
    Rule { pattern: "assets/views-*", example: "assets/views-ABCD2345.js" },
    Rule { pattern: "assets/share-*", example: "assets/share-ABCD2345.js" },
    Rule { pattern: "assets/recordings-*", example: "assets/recordings-ABCD2345.js" },
    Rule { pattern: "assets/scripted-*", example: "assets/scripted-ABCD2345.js" },
    Rule { pattern: "assets/collection-*", example: "assets/collection-ABCD2345.js" },
    Rule { pattern: "assets/icon-*", example: "assets/icon-ABCD2345.svg" },
];

/// The rules of a site with or without images for Image API 2: pattern, header, value.
fn rules(image_apis: &[&str]) -> Vec<(&'static str, &'static str, &'static str)> {
    let is_there =
        |rule: &&Rule| rule.pattern.strip_prefix("iiif/").is_none_or(|below| image_apis.contains(&&below[..1]));
    let typed = TYPED.iter().map(|rule| (rule.pattern, "Content-Type", headers(rule.example).content_type));
    let kept = KEPT.iter().filter(is_there);
    typed.chain(kept.map(|rule| (rule.pattern, "Cache-Control", headers(rule.example).cache_control))).collect()
}

const HEADERS: &str = "_headers";
const REDIRECTS: &str = "_redirects";

pub(super) fn netlify(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    let mut redirects = netlify_redirects(site, &base, &[""]);
    if base != "/" {
        // Netlify looks for the page at the root only.
        let _ = writeln!(redirects, "{base}* {base}404.html 404");
    }
    let publish = site.in_project(site.served_folder()?)?;
    let next = format!("publish the folder {publish}: `publish = \"{publish}\"` below [build] of netlify.toml");
    header_files(site, &base, redirects, next)
}

pub(super) fn cloudflare_pages(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    // An address with a slash at the end is different there.
    let mut redirects = netlify_redirects(site, &base, &["", "/"]);
    // Unlike Netlify it publishes names that begin with a dot. Its redirects come before files, and have no status 404.
    let _ = writeln!(redirects, "{base}{NOTES}/* {base}404.html 302");
    let publish = site.in_project(site.served_folder()?)?;
    let next = format!("build, then: npx wrangler pages deploy {publish}; at most 20,000 files (`iiif-build plan`)");
    header_files(site, &base, redirects, next)
}

fn header_files(site: &Site<'_>, base: &str, redirects: String, publish: String) -> Result<Files> {
    let headers = netlify_headers(base, site);
    let file = |name: &str, text| Ok(HostingFile { path: site.at_served_root(name)?, text });
    let mut next = vec![publish];
    if base != "/" {
        next.push("they lie in the output: where that is made anew, write them again after the build (--force)".into());
    }
    Ok(Files { files: vec![file(HEADERS, headers)?, file(REDIRECTS, redirects)?], next })
}

fn netlify_headers(base: &str, site: &Site<'_>) -> String {
    let mut text = String::from(
        "# Written by `iiif-build hosting`. What no rule names is asked for again each time, which is the host's way.\n",
    );
    let policy = site.policy_of_all();
    let _ = write!(text, "\n{base}*\n  Access-Control-Allow-Origin: *\n  Content-Security-Policy: {policy}\n");
    for (pattern, name, value) in rules(site.image_apis()) {
        for address in addresses(base, pattern) {
            let _ = write!(text, "\n{address}\n  {name}: {value}\n");
        }
    }
    text
}

/// A pattern for Netlify and Cloudflare Pages. Their `*/` is at least one segment.
fn addresses(base: &str, pattern: &str) -> Vec<String> {
    match pattern.strip_prefix(DEEP) {
        Some(name) => vec![format!("{base}{name}"), format!("{base}*/{name}")],
        None => vec![format!("{base}{pattern}")],
    }
}

/// From a bare image id to its info.json, for each `end` of the address.
fn netlify_redirects(site: &Site<'_>, base: &str, ends: &[&str]) -> String {
    let mut text = String::from("# Written by `iiif-build hosting`: a bare image id leads to its info.json.\n");
    for api in site.image_apis() {
        for end in ends {
            let _ = writeln!(text, "{base}iiif/{api}/:id{end} {base}iiif/{api}/:id/info.json 303");
        }
    }
    text
}

pub(super) fn vercel(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    let publish = site.in_project(site.served_folder()?)?;
    let settings = json!({
        "$schema": "https://openapi.vercel.sh/vercel.json",
        "framework": null,
        "installCommand": "",
        "buildCommand": "",
        "outputDirectory": publish,
        "trailingSlash": true,
        "redirects": vercel_redirects(site, &base),
        "headers": vercel_headers(&base, site),
    });
    let file = HostingFile { path: site.root.join("vercel.json"), text: format!("{settings:#}\n") };
    let next = format!("build, then: npx vercel deploy --prod; {publish} must not be ignored by git or .vercelignore");
    Ok(Files { files: vec![file], next: vec![next] })
}

/// `trailingSlash` comes first and adds a slash, but not to names with a dot: an id may arrive with or without it. Redirects
/// come before files. Those of the notes must not be read.
fn vercel_redirects(site: &Site<'_>, base: &str) -> Vec<Value> {
    let redirect = |api: &&str, end: &str| {
        let to = format!("{base}iiif/{api}/:id/info.json");
        json!({ "source": format!("{base}iiif/{api}/:id{end}"), "destination": to, "statusCode": 303 })
    };
    let to = format!("{base}404.html");
    let notes = json!({ "source": format!("{base}{NOTES}/(.*)"), "destination": to, "statusCode": 302 });
    site.image_apis().iter().flat_map(|api| ["", "/"].map(|end| redirect(api, end))).chain([notes]).collect()
}

fn vercel_headers(base: &str, site: &Site<'_>) -> Vec<Value> {
    let rule = |source: String, name: &str, value: &str| json!({ "source": source, "headers": [{ "key": name, "value": value }] });
    let everything = json!({
        "source": format!("{base}(.*)"),
        "headers": [
            { "key": "Access-Control-Allow-Origin", "value": "*" },
            { "key": "Content-Security-Policy", "value": site.policy_of_all() },
        ],
    });
    let ours = rules(site.image_apis())
        .into_iter()
        .map(|(pattern, name, value)| rule(vercel_source(base, pattern), name, value));
    std::iter::once(everything).chain(ours).collect()
}

/// A pattern as path-to-regexp reads it.
fn vercel_source(base: &str, pattern: &str) -> String {
    match (pattern.strip_prefix(DEEP), pattern.strip_suffix('*')) {
        (Some(name), _) => format!("{base}:folders*/{name}"),
        (_, Some(start)) => format!("{base}{start}:rest"),
        _ => format!("{base}{pattern}"),
    }
}

#[derive(Serialize)]
struct Workflow {
    publish: String,
    /// If not, the workflow asks GitHub for the address of the site.
    knows_address: bool,
}

pub(super) fn github_pages(site: &Site<'_>) -> Result<Files> {
    // GitHub serves the output at the path of `base-url`, for any path.
    let values = Workflow { publish: site.in_project(site.output)?, knows_address: site.base_url.is_some() };
    let workflow = HostingFile {
        path: site.root.join(".github/workflows/pages.yml"),
        text: fill(include_str!("github-pages.yml"), &values)?,
    };
    // For users who publish a branch: without it, folders whose names begin with _ are left out.
    let no_jekyll = HostingFile { path: site.static_files.join(".nojekyll"), text: String::new() };
    let next = vec![
        "name in the workflow where iiif-build comes from; in the repository's settings, Pages: Source = GitHub Actions"
            .to_owned(),
        "GitHub Pages takes no headers and no redirects: it sends CORS * and application/json by itself, which viewers \
         read; a bare image id is not led to its info.json, and everything is kept for 10 minutes"
            .to_owned(),
    ];
    Ok(Files { files: vec![workflow, no_jekyll], next })
}
