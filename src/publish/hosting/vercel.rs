//! `vercel.json`: <https://vercel.com/docs/project-configuration/vercel-json>.

use super::rules::{DEEP, rules};
use super::{Files, HostingFile, Site};
use crate::error::Result;
use serde_json::{Value, json};

pub(super) fn files(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    let publish = site.in_project(site.served_folder()?)?;
    let settings = json!({
        "$schema": "https://openapi.vercel.sh/vercel.json",
        "framework": null,
        "installCommand": "",
        "buildCommand": "",
        "outputDirectory": publish,
        "trailingSlash": true,
        "redirects": redirects(site, &base),
        "headers": headers(&base, site.image_apis()),
    });
    let file = HostingFile { path: site.root.join("vercel.json"), text: format!("{settings:#}\n") };
    let next = format!("build, then: npx vercel deploy --prod; {publish} must not be ignored by git or .vercelignore");
    Ok(Files { files: vec![file], next: vec![next] })
}

/// `trailingSlash` comes first and adds a slash, but not to what has a dot: an id may be met either way.
fn redirects(site: &Site<'_>, base: &str) -> Vec<Value> {
    let redirect = |api: &&str, end: &str| {
        let to = format!("{base}iiif/{api}/:id/info.json");
        json!({ "source": format!("{base}iiif/{api}/:id{end}"), "destination": to, "statusCode": 303 })
    };
    site.image_apis().iter().flat_map(|api| ["", "/"].map(|end| redirect(api, end))).collect()
}

fn headers(base: &str, image_apis: &[&str]) -> Vec<Value> {
    let rule = |source: String, name: &str, value: &str| json!({ "source": source, "headers": [{ "key": name, "value": value }] });
    let everything = rule(format!("{base}(.*)"), "Access-Control-Allow-Origin", "*");
    let ours = rules(image_apis).into_iter().map(|(pattern, name, value)| rule(source(base, pattern), name, value));
    std::iter::once(everything).chain(ours).collect()
}

/// A pattern in the language of path-to-regexp.
fn source(base: &str, pattern: &str) -> String {
    match (pattern.strip_prefix(DEEP), pattern.strip_suffix('*')) {
        (Some(name), _) => format!("{base}:folders*/{name}"),
        (_, Some(start)) => format!("{base}{start}:rest"),
        _ => format!("{base}{pattern}"),
    }
}
