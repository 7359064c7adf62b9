//! Buckets that keep earlier versions: a deploy that deletes something says that it can still be read.

use super::deployed;
use super::place::{Place, each};
use crate::http;

/// What the program says of earlier versions when an item has gone.
fn told(place: &Place) -> bool {
    let project = deployed(place);
    project.remove("content/shelf/d");
    project.built();
    let said = place.deployed(&project, &["--delete-now", "--allow-shrink", "9"]);
    place.assert_shows(&project);
    said.contains("keeps earlier versions") && said.contains("docs/deploy.md")
}

#[test]
fn a_bucket_that_keeps_what_is_deleted_is_told_and_others_are_not() {
    each(|place| {
        let is_versioned = match place {
            Place::Bucket(bucket) if bucket.server.misses_buckets => {
                let body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
                let target = format!("/{}?versioning", bucket.name);
                let length = body.len().to_string();
                let headers = [("Content-Length", length.as_str())];
                let answer = http::request_with(bucket.server.port, "PUT", &target, &headers, body.as_bytes());
                assert_eq!(answer.status, 200, "{}", answer.text());
                true
            }
            _ => false,
        };
        assert_eq!(told(place), is_versioned);
    });
}

#[test]
fn a_bucket_that_keeps_nothing_is_not_told() {
    each(|place| assert!(!told(place)));
}
