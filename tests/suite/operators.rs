//! What happens to operators over the years: broken clones, mistakes, colleagues. After each of it the published site is
//! what it was or what was meant, never less.

mod colleagues;
mod failed;
mod loss;
mod place;
mod strangers;
mod takedown;

use crate::archive::archive;
use crate::project::Project;
use place::Place;

/// The archive, deployed to `place`.
fn deployed(place: &Place) -> Project {
    let project = archive();
    place.is_target_of(&project, "");
    project.built();
    place.deployed(&project, &[]);
    place.assert_shows(&project);
    project
}

/// A copy of the sources alone, as a fresh clone without caches is.
fn fresh(project: &Project) -> Project {
    let copy = project.cloned();
    copy.remove(".iiif-build");
    copy.remove("public");
    copy
}
