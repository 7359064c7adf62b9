//! CloudFront before a private S3 bucket: a function for addresses, and a CloudFormation template that holds it and all
//! else: bucket, access of the distribution alone, CORS, and a policy for whoever deploys.
//!
//! Media types and `Cache-Control` are properties of the objects in the bucket: whoever uploads them sets them.

use super::{Files, HostingFile, Site, fill};
use crate::error::Result;
use crate::headers::DOCUMENTS;
use serde::Serialize;

#[derive(Serialize)]
struct Values {
    base: String,
    /// The same as the beginning of names in the bucket.
    prefix: String,
    api: &'static str,
    documents: &'static str,
    /// The lines of the function.
    function: Vec<String>,
}

pub(super) fn files(site: &Site<'_>) -> Result<Files> {
    let base = site.base_path()?;
    let prefix = base.trim_start_matches('/').to_owned();
    let api = if site.image_api_2 { "[23]" } else { "3" };
    let mut values = Values { base, prefix, api, documents: DOCUMENTS, function: vec![] };
    let function = fill(include_str!("cloudfront.js"), &values)?;
    values.function = function.lines().map(str::to_owned).collect();
    let template = fill(include_str!("cloudfront.yaml"), &values)?;
    let folder = site.root.join("hosting").join("cloudfront");
    let next = vec![
        format!(
            "aws cloudformation deploy --stack-name my-site --template-file {} --capabilities CAPABILITY_IAM",
            folder.join("template.yaml").display()
        ),
        format!("upload the site to s3://BUCKET/{} with media types and Cache-Control", values.prefix),
    ];
    let file = |name: &str, text| HostingFile { path: folder.join(name), text };
    Ok(Files { files: vec![file("template.yaml", template), file("function.js", function)], next })
}
