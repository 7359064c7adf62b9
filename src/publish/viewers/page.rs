//! The page of a viewer: `index.html`, which holds no script and no style, the script that starts the viewer, and a style sheet.

use super::package::Package;
use super::tarball::File;
use crate::documents::render::Words;
use crate::error::{Error, ErrorKind, Result};
use crate::model::SiteViewer;
use serde::Serialize;
use tera::{Context, Tera};
use toml::Table;

const PAGE: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/page.css");
const CONTENT: &str = include_str!("page/content.js");

#[derive(Serialize)]
struct Values<'a> {
    language: &'a str,
    title: &'a str,
    styles: &'a [&'a str],
    scripts: &'a [&'a str],
    words: &'a Table,
}

/// The files of the page, with the words of the site.
pub fn files(package: &Package, words: &Words) -> Result<Vec<File>> {
    let values = Values {
        language: &words.language,
        title: package.viewer.title(),
        styles: package.styles,
        scripts: package.scripts,
        words: &words.table,
    };
    let filled = Context::from_serialize(&values).and_then(|values| Tera::one_off(PAGE, &values, true));
    let page = filled.map_err(|error| {
        Error::new(ErrorKind::Internal, format!("the page of {} cannot be made: {error}", package.viewer.title()))
    })?;
    let start = match package.viewer {
        SiteViewer::Mirador => include_str!("page/mirador.js"),
        SiteViewer::UniversalViewer => include_str!("page/universalviewer.js"),
        SiteViewer::Clover => include_str!("page/clover.js"),
    };
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    Ok(vec![
        file("page.css", STYLE.to_owned()),
        file("start.js", format!("{CONTENT}{start}")),
        file("index.html", page),
    ])
}
