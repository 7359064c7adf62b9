//! METS `structMap`: which of several maps lists the pages.

use super::Mets;
use super::files::Files;
use super::pages::is_page;
use crate::input::location::FileKind;
use crate::input::xml;
use roxmltree::Node;

/// The map that lists the pages. Physical maps come first, but not one without files where another has some, and not a tree
/// of folders (Archivematica) where another lists pages. Of equal maps the one with the most files is taken, then the first.
pub fn of_pages<'a, 'input>(mets: &Mets<'a, 'input>, files: &Files<'a, 'input>) -> Option<Node<'a, 'input>> {
    let is_physical = |map: Node<'_, '_>| super::is_of_type(map, "physical");
    let mut best: Option<((Rank, usize), Node<'_, '_>)> = None;
    for map in xml::children(mets.root, "structMap") {
        let media = media(map, files);
        let rank = match (media > 0, has_pages(map), is_physical(map), is_tree_of_folders(map)) {
            (true, _, true, false) => Rank::Physical,
            (true, true, ..) => Rank::Pages,
            (true, _, true, true) => Rank::PhysicalFolders,
            (true, ..) => Rank::Files,
            (false, _, true, false) => Rank::WithoutFiles,
            (false, ..) => continue,
        };
        if best.is_none_or(|(known, _)| known < (rank, media)) {
            best = Some(((rank, media), map));
        }
    }
    best.map(|(_, map)| map)
}

/// From the least to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// All of its pages are missing.
    WithoutFiles,
    Files,
    PhysicalFolders,
    Pages,
    Physical,
}

fn is_tree_of_folders(map: Node<'_, '_>) -> bool {
    xml::child(map, "div").is_some_and(|div| div.attribute("TYPE") == Some("Directory"))
}

fn has_pages(map: Node<'_, '_>) -> bool {
    xml::below(map, "div").any(is_page)
}

/// How many times the map points to an image or a recording.
fn media(map: Node<'_, '_>, files: &Files<'_, '_>) -> usize {
    let ids = map.descendants().filter_map(|node| node.attribute("FILEID"));
    ids.filter_map(|id| files.get(id)).filter(|file| FileKind::is_media(file.kind)).count()
}
