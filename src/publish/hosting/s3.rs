//! A bucket that readers ask without anything before it: CORS, and a policy that lets everybody read but for the notes of
//! deploys. Media types and `Cache-Control` are properties of the objects.
//!
//! A bucket redirects nothing: bare image ids lead nowhere, and a folder's page is at `index.html` only.

use super::{Files, HostingFile, Site};
use crate::error::Result;
use serde_json::json;

/// Where nothing says which.
const UNKNOWN: &str = "BUCKET";

pub(super) fn files(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    let (bucket, prefix) = located(site.base_url.map(|url| url.host_name()).unwrap_or_default(), &base);
    let objects = format!("arn:aws:s3:::{bucket}/{prefix}");
    let cors = json!({
        "CORSRules": [{
            "AllowedOrigins": ["*"],
            "AllowedMethods": ["GET", "HEAD"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["Accept-Ranges", "Content-Length", "Content-Range", "ETag"],
            "MaxAgeSeconds": 86400
        }]
    });
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EverybodyReads",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": format!("{objects}*")
            },
            {
                "Sid": "ButNoNotes",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": format!("{objects}.iiif-build/*"),
                "Condition": { "StringNotEquals": { "aws:PrincipalAccount": "ACCOUNT" } }
            }
        ]
    });
    let folder = site.root.join("hosting").join("s3");
    let file = |name: &str, value| HostingFile { path: folder.join(name), text: format!("{value:#}\n") };
    let at = |name: &str| format!("file://{}", folder.join(name).display());
    let next = vec![
        "in policy.json: the account's number instead of ACCOUNT (aws sts get-caller-identity)".to_owned(),
        format!("aws s3api put-bucket-cors --bucket {bucket} --cors-configuration {}", at("cors.json")),
        format!(
            "aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration \
             BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=false,RestrictPublicBuckets=false"
        ),
        format!("aws s3api put-bucket-policy --bucket {bucket} --policy {}", at("policy.json")),
        "a bucket shows a page at its index.html only, and leads no bare image id to its info.json; with `hosting \
         cloudfront` both work, and the bucket stays private"
            .to_owned(),
    ];
    Ok(Files { files: vec![file("cors.json", cors), file("policy.json", policy)], next })
}

/// The bucket, and what the names of its objects begin with, by the two forms of a bucket's address. A name of the
/// owner's own says neither.
fn located<'a>(host: &'a str, base: &'a str) -> (&'a str, &'a str) {
    let path = base.trim_start_matches('/');
    if !host.ends_with(".amazonaws.com") {
        return (UNKNOWN, path);
    }
    if host.starts_with("s3.") || host.starts_with("s3-") {
        return path.split_once('/').unwrap_or((UNKNOWN, path));
    }
    (host.rsplit_once(".s3").map_or(UNKNOWN, |(bucket, _)| bucket), path)
}

#[cfg(test)]
mod tests {
    use super::located;

    #[test]
    fn a_buckets_address_names_it() {
        assert_eq!(located("scans.example.s3.eu-central-1.amazonaws.com", "/a/"), ("scans.example", "a/"));
        assert_eq!(located("s3.eu-central-1.amazonaws.com", "/scans/a/"), ("scans", "a/"));
        assert_eq!(located("scans.s3-website-us-east-1.amazonaws.com", "/"), ("scans", ""));
        assert_eq!(located("scans.example.org", "/a/"), ("BUCKET", "a/"));
    }
}
