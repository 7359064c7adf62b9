//! Google Cloud Storage. Credentials: `GOOGLE_SERVICE_ACCOUNT`, `GOOGLE_APPLICATION_CREDENTIALS`, those of `gcloud auth
//! application-default login`, the machine's own.

use super::throttle::Throttled;
use super::{failed, is_plain, machine_identity};
use crate::config::Access;
use crate::error::Result;
use object_store::ClientOptions;
use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder, GoogleConfigKey};
use std::env;
use std::path::PathBuf;

/// Opens a bucket.
pub fn open(bucket: &str, access: &Access) -> Result<GoogleCloudStorage> {
    let mut builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket);
    if let Some(endpoint) = &access.endpoint {
        let options = ClientOptions::new().with_allow_http(is_plain(endpoint));
        builder = builder.with_base_url(endpoint.trim_end_matches('/')).with_client_options(options);
    }
    if !has_credentials(&builder) {
        machine_identity::check("set GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`")?;
    }
    builder.with_http_connector(Throttled::default()).build().map_err(|error| failed(&error))
}

fn has_credentials(builder: &GoogleCloudStorageBuilder) -> bool {
    const KEYS: [GoogleConfigKey; 3] =
        [GoogleConfigKey::ServiceAccount, GoogleConfigKey::ServiceAccountKey, GoogleConfigKey::ApplicationCredentials];
    let is_said = KEYS.iter().any(|key| builder.get_config_value(key).is_some());
    let is_anonymous = builder.get_config_value(&GoogleConfigKey::SkipSignature).is_some_and(|skips| skips == "true");
    is_said || is_anonymous || defaults().is_some_and(|path| path.is_file())
}

/// Where `gcloud` keeps the default credentials of a user.
fn defaults() -> Option<PathBuf> {
    let (folder, path) = match cfg!(windows) {
        true => ("APPDATA", "gcloud/application_default_credentials.json"),
        false => ("HOME", ".config/gcloud/application_default_credentials.json"),
    };
    env::var_os(folder).map(|folder| PathBuf::from(folder).join(path))
}
