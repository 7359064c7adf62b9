//! Same input, same settings: same bytes.

use crate::draw::{bilevel, colour, jpeg, page, png};
use crate::project::Project;
use crate::tiff;

fn project(jobs: usize) -> Project {
    let pages: Vec<tiff::Page> = (0..4).map(|page| tiff::Page::min_is_white(&bilevel(900 + page, 600))).collect();
    Project::new()
        .with_jobs(jobs)
        .file("content/a/1.png", png(colour(2100, 1300)))
        .file("content/a/2.jpg", jpeg(colour(1300, 2100)))
        .file("content/b/c/3.tif", tiff::encode(&pages, true))
        .file("content/b/d/4.png", page())
}

#[test]
fn one_thread_and_four_write_the_same_bytes_in_any_folder() {
    let (one, four) = (project(1), project(4));
    let (one, four) = (one.built().contents(""), four.built().contents(""));
    assert!(one.len() > 100);
    assert!(one.keys().eq(four.keys()), "other files");
    for (path, bytes) in &one {
        assert!(four[path] == *bytes, "{path} differs");
    }
}
