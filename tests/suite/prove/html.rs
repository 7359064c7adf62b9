//! The pages for people: whatever a page, the sitemap or robots.txt points at must be there.

use super::{Size, picture};
use crate::site::Site;
use percent_encoding::percent_decode_str;
use rayon::prelude::*;
use scraper::{ElementRef, Html};
use std::collections::BTreeSet;

pub fn problems(site: &Site) -> Vec<String> {
    let pages: Vec<String> = site.files("").into_iter().filter(|path| path.ends_with(".html")).collect();
    let mut problems: Vec<String> = pages.par_iter().flat_map_iter(|path| page_problems(site, path)).collect();
    problems.extend(
        ["index.html", "404.html", "robots.txt"]
            .iter()
            .filter(|path| !site.has(path))
            .map(|path| format!("{path} is missing")),
    );
    let listed = listed_in_sitemap(site);
    let indexed: BTreeSet<String> =
        pages.into_iter().filter(|path| !site.text(path).contains("<meta name=\"robots\" content=\"noindex")).collect();
    problems.extend(
        listed.symmetric_difference(&indexed).map(|path| format!("{path} is not both a page and in the sitemap")),
    );
    problems
}

fn listed_in_sitemap(site: &Site) -> BTreeSet<String> {
    let sitemap = site.text("sitemap.xml");
    let addresses = sitemap.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap_or_default());
    addresses.map(|address| site.path_of(address).map_or_else(|problem| problem, |path| path + "index.html")).collect()
}

fn page_problems(site: &Site, path: &str) -> Vec<String> {
    let html = Html::parse_document(&site.text(path));
    let page = Page { site, path };
    let mut problems = vec![];
    let mut ids = BTreeSet::new();
    for element in html.tree.nodes().filter_map(ElementRef::wrap) {
        problems.extend(page.links(element).into_iter().filter_map(|link| page.broken(&link, &html)));
        problems.extend(page.fetched_elsewhere(element));
        problems.extend(page.misstated_size(element));
        problems.extend(forbidden(element));
        if element.attr("id").is_some_and(|id| !ids.insert(id)) {
            problems.push(format!("two elements have the id {:?}", element.attr("id")));
        }
    }
    let canonical = html.tree.nodes().filter_map(ElementRef::wrap).find(|link| link.attr("rel") == Some("canonical"));
    let canonical = canonical.and_then(|link| link.attr("href")).map(|href| site.path_of(href).unwrap_or_default());
    if path != "404.html" && canonical.map(|folder| folder + "index.html").as_deref() != Some(path) {
        problems.push("its canonical address is another".into());
    }
    problems.into_iter().map(|problem| format!("{path}: {problem}")).collect()
}

/// What a strict Content-Security-Policy does not let a browser use.
fn forbidden(element: ElementRef<'_>) -> Option<String> {
    let name = element.value().name();
    let is_data = element.attr("type") == Some("application/ld+json");
    match name {
        "style" => return Some("has a style element".into()),
        "script" if element.attr("src").is_none() && !is_data => return Some("has an inline script".into()),
        _ => {}
    }
    let attribute =
        element.value().attrs().map(|(name, _)| name).find(|name| *name == "style" || name.starts_with("on"));
    attribute.map(|attribute| format!("{name} has the attribute {attribute}"))
}

struct Page<'a> {
    site: &'a Site,
    path: &'a str,
}

impl Page<'_> {
    /// Every address that the element holds.
    fn links(&self, element: ElementRef<'_>) -> Vec<String> {
        let mut links: Vec<String> = ["href", "src", "data-info", "data-viewer", "poster"]
            .iter()
            .filter_map(|name| element.attr(name))
            .map(str::to_owned)
            .collect();
        links.extend(srcset(element).into_iter().map(|(source, _)| source));
        if element.attr("property") == Some("og:image") {
            links.extend(element.attr("content").map(str::to_owned));
        }
        links
    }

    /// Why a link leads nowhere; those to other hosts are not followed.
    fn broken(&self, link: &str, html: &Html) -> Option<String> {
        if let Some(anchor) = link.strip_prefix('#') {
            let is_there =
                html.tree.nodes().filter_map(ElementRef::wrap).any(|element| element.attr("id") == Some(anchor));
            return (!is_there).then(|| format!("there is no {link}"));
        }
        let target = self.target(link)?;
        (!self.site.has(&target)).then(|| format!("{link} leads to {target}, which is not there"))
    }

    /// The file that a link names, if it is the site's.
    fn target(&self, link: &str) -> Option<String> {
        let link = link.split(['?', '#']).next().unwrap_or_default();
        let mut segments: Vec<String> = vec![];
        let relative = match link.strip_prefix(&self.site.base_url) {
            Some(path) => path,
            None if link.starts_with("data:") || link.starts_with("mailto:") || link.contains("://") => return None,
            None => {
                segments.extend(self.path.split('/').map(str::to_owned));
                segments.pop();
                link
            }
        };
        for segment in relative.split('/') {
            match segment {
                "." | "" => {}
                ".." if segments.is_empty() => return Some(format!("{link} (above the root)")),
                ".." => drop(segments.pop()),
                name => segments.push(percent_decode_str(name).decode_utf8_lossy().into_owned()),
            }
        }
        if relative.is_empty() || relative.ends_with('/') || relative == "." {
            segments.push("index.html".into());
        }
        Some(segments.join("/"))
    }

    /// Nothing that a browser loads by itself comes from another host.
    fn fetched_elsewhere(&self, element: ElementRef<'_>) -> Option<String> {
        let loads = element.attr("src").or_else(|| {
            let is_loaded = matches!(element.attr("rel"), Some("stylesheet" | "icon" | "preload" | "preconnect"));
            element.attr("href").filter(|_| is_loaded)
        });
        let elsewhere =
            |link: &str| link.contains("://") && !link.starts_with(&self.site.base_url) && !link.starts_with("data:");
        loads.filter(|link| elsewhere(link)).map(|link| format!("loads {link}"))
    }

    /// Width and height of an `img`, and the widths in its `srcset`, are those of the files.
    fn misstated_size(&self, element: ElementRef<'_>) -> Option<String> {
        let actual = |link: &str| -> Option<Size> {
            let image = picture::decode(self.site, &self.target(link)?).ok()?;
            Some((image.width(), image.height()))
        };
        let number = |name: &str| element.attr(name)?.parse::<u32>().ok();
        let stated = element.attr("src").zip(number("width").zip(number("height")));
        let wrong = stated.filter(|(source, size)| actual(source) != Some(*size));
        let wrong_width =
            srcset(element).into_iter().find(|(source, width)| actual(source).map(|size| size.0) != Some(*width));
        match (wrong, wrong_width) {
            (Some((source, size)), _) => Some(format!("{source} is said to be {size:?}")),
            (None, Some((source, width))) => Some(format!("{source} is said to be {width} wide")),
            (None, None) => None,
        }
    }
}

fn srcset(element: ElementRef<'_>) -> Vec<(String, u32)> {
    let candidate = |text: &str| {
        let (source, width) = text.trim().rsplit_once(' ')?;
        Some((source.to_owned(), width.trim_end_matches('w').parse().ok()?))
    };
    // Commas stand in IIIF addresses too; a candidate ends with a comma and a space.
    element.attr("srcset").map(|set| set.split(", ").filter_map(candidate).collect()).unwrap_or_default()
}
