//! CloudFront before a private S3 bucket: a function for addresses, and a CloudFormation template that holds it and all
//! else: bucket, access of the distribution alone, CORS, and a policy for whoever deploys. The same once more for Terraform.
//!
//! Media types and `Cache-Control` are properties of the objects in the bucket: `iiif-build deploy` sets them.

use super::{Files, HostingFile, Site, fill};
use crate::error::Result;
use crate::publish::headers::DOCUMENTS;
use serde::Serialize;

#[derive(Serialize)]
struct Values {
    base: String,
    /// The same as the beginning of names in the bucket.
    prefix: String,
    api: &'static str,
    documents: &'static str,
    /// Addresses of images by names of old, which the function leads to the files. All others come without it.
    renamed: &'static [&'static str],
    /// The lines of the function.
    function: Vec<String>,
}

/// Qualities of version 2 and of version 1 that show what `default` does.
const RENAMED: [&str; 2] = ["iiif/2/*/0/native.*", "iiif/2/*/0/color.*"];

pub(super) fn files(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    let prefix = base.trim_start_matches('/').to_owned();
    let api = if site.image_api_2 { "[23]" } else { "3" };
    let renamed: &[&str] = if site.image_api_2 { &RENAMED } else { &[] };
    let mut values = Values { base, prefix, api, documents: DOCUMENTS, renamed, function: vec![] };
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
