//! `viewer` and `open-in`: the viewers that item pages lead to.

use super::mistakes::Mistake;
use crate::model::address::BaseUrl;
use crate::model::{OtherViewer, SiteViewer};
use std::path::Path;

/// The list of `open-in` with the site's own viewers before it. Without the setting `open-in`, a viewer that the site has is
/// not linked a second time on another site. `mistakes` get that of `open-in`, and the viewers that `add-viewer` did not bring
/// into the folder `static_files`.
pub fn listed(
    own: &[SiteViewer],
    open_in: Option<Vec<OtherViewer>>,
    base_url: &BaseUrl,
    static_files: &Path,
    mistakes: &mut Vec<Mistake>,
) -> Vec<OtherViewer> {
    let mut entries: Vec<OtherViewer> = own.iter().map(|viewer| viewer.entry(base_url)).collect();
    let others = open_in.unwrap_or_else(|| {
        let mut usual = OtherViewer::usual();
        usual.retain(|other| entries.iter().all(|own| own.label != other.label));
        usual
    });
    let refused = others.iter().find_map(OtherViewer::refused);
    mistakes.extend(refused.map(|why| Mistake::at("open-in", why)));
    mistakes.extend(own.iter().filter(|viewer| !is_there(**viewer, static_files)).map(|viewer| missing(*viewer)));
    entries.extend(others);
    entries
}

fn is_there(viewer: SiteViewer, static_files: &Path) -> bool {
    static_files.join(viewer.folder()).join("index.html").is_file()
}

fn missing(viewer: SiteViewer) -> Mistake {
    let (name, folder) = (viewer.name(), viewer.folder());
    let why = format!("static/{folder}/index.html is not there: run `iiif-build add-viewer {name}`");
    Mistake::at("viewer", why)
}
