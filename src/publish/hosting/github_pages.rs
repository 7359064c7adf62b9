//! GitHub Pages: a workflow, and nothing else. It lets nobody set headers or redirects.
//!
//! <https://docs.github.com/pages/getting-started-with-github-pages/using-custom-workflows-with-github-pages>

use super::{Files, HostingFile, Site, fill};
use crate::error::Result;
use serde::Serialize;

#[derive(Serialize)]
struct Values {
    publish: String,
    /// Otherwise the workflow asks GitHub where the site will be.
    knows_address: bool,
}

pub(super) fn files(site: &Site<'_>) -> Result<Files> {
    // Whatever the path of `base-url`: the output is what lies there.
    let values = Values { publish: site.in_project(site.output)?, knows_address: site.base_url.is_some() };
    let workflow = HostingFile {
        path: site.root.join(".github/workflows/pages.yml"),
        text: fill(include_str!("github-pages.yml"), &values)?,
    };
    // For those who publish a branch: folders whose name begins with _ would be left out.
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
