//! S3, and whatever speaks it.

use super::credentials::Credentials;
use super::throttle::Throttled;
use super::{failed, is_plain};
use crate::config::Access;
use crate::error::Result;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use std::sync::Arc;

/// Opens a bucket. Without a word of the region it is that of the environment, the profile or the machine.
pub fn open(bucket: &str, access: &Access) -> Result<AmazonS3> {
    let credentials = Credentials::of(access)?;
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_region(credentials.region());
    if let Some(endpoint) = &access.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(is_plain(endpoint));
    }
    builder
        .with_credentials(Arc::new(credentials))
        .with_http_connector(Throttled::default())
        .build()
        .map_err(|error| failed(&error))
}
