//! Amazon's hosting, in two ways.
//!
//! CloudFront before a private S3 bucket: a function for addresses, and a CloudFormation template with everything:
//! bucket, access for the distribution alone, CORS, and a policy for deploys. The same again for Terraform.
//!
//! A bucket that readers ask directly: CORS, and a policy that lets everybody read everything except the notes of
//! deploys. A bucket cannot redirect: bare image ids lead nowhere, and the page of a folder is at `index.html` only.
//!
//! Media types and `Cache-Control` are properties of the objects in the bucket: `iiif-build deploy` sets them.

use super::site::{Files, HostingFile, Site, Viewers, fill};
use crate::error::Result;
use crate::publish::headers::{CONTENT_SECURITY_POLICY, DOCUMENTS};
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct Values {
    base: String,
    /// The same as the prefix of object names in the bucket.
    prefix: String,
    api: &'static str,
    documents: &'static str,
    policy: &'static str,
    viewers: Option<Viewers>,
    /// Patterns of addresses with older names of qualities, for which the function runs. It does not run for others.
    renamed: &'static [&'static str],
    /// The lines of the function.
    function: Vec<String>,
}

/// The qualities of versions 2 and 1 that are the same as `default`.
const RENAMED: [&str; 2] = ["iiif/2/*/0/native.*", "iiif/2/*/0/color.*"];

pub(super) fn cloudfront(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    let prefix = base.trim_start_matches('/').to_owned();
    let api = if site.image_api_2 { "[23]" } else { "3" };
    let renamed: &[&str] = if site.image_api_2 { &RENAMED } else { &[] };
    let mut values = Values {
        base,
        prefix,
        api,
        documents: DOCUMENTS,
        policy: CONTENT_SECURITY_POLICY,
        viewers: site.viewers(),
        renamed,
        function: vec![],
    };
    let function = fill(include_str!("cloudfront.js"), &values)?;
    values.function = function.lines().map(str::to_owned).collect();
    let template = fill(include_str!("cloudfront.yaml"), &values)?;
    let terraform = fill(include_str!("cloudfront.tf"), &values)?;
    let folder = site.root.join("hosting").join("cloudfront");
    let next = vec![
        format!(
            "aws cloudformation deploy --stack-name my-site --template-file {} --capabilities CAPABILITY_IAM",
            folder.join("template.yaml").display()
        ),
        format!("or, with Terraform: terraform -chdir={} init, then apply -var bucket=NAME", folder.display()),
        format!(
            "in iiif-build.toml, below [deploy.live]: url = \"s3://BUCKET/{}\" and cloudfront = \"DISTRIBUTION-ID\", as the \
             outputs name them; then: iiif-build deploy",
            values.prefix.trim_end_matches('/')
        ),
    ];
    let file = |name: &str, text| HostingFile { path: folder.join(name), text };
    Ok(Files {
        files: vec![file("template.yaml", template), file("main.tf", terraform), file("function.js", function)],
        next,
    })
}

/// The placeholder for an unknown bucket.
const UNKNOWN: &str = "BUCKET";

pub(super) fn s3(site: &Site<'_>) -> Result<Files> {
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

/// The bucket and the prefix of its objects, from the two forms of a bucket's address. A domain of the owner shows
/// neither.
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
