//! Opens a bucket of each service: S3 and stores with its protocol, Google Cloud Storage, Azure Blob Storage.
//!
//! Credentials for Google: `GOOGLE_SERVICE_ACCOUNT`, `GOOGLE_APPLICATION_CREDENTIALS`, those of `gcloud auth
//! application-default login`, the machine's own. For Azure: `AZURE_STORAGE_ACCOUNT_KEY`, a SAS, a client and its
//! secret, a federated token, `az login` with `AZURE_USE_AZURE_CLI=true`, the machine's own. For S3 see
//! [`Credentials`].

use super::credentials::Credentials;
use super::errors::failed;
use super::throttle::Throttled;
use crate::config::Access;
use crate::error::{Error, ErrorKind, Result};
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::azure::{AzureConfigKey, MicrosoftAzure, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, ClientConfigKey, ClientOptions, RetryConfig};
use std::env;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The address at which the clouds of Amazon, Google and Azure give a machine its own credentials.
const MACHINE_IDENTITY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)), 80);

/// Longer than any cloud takes to answer.
const MACHINE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a request that fails is sent again. A request is signed once, and a signature is valid for five minutes with
/// some stores. Between two renewals of a lease there is time for a failed write and a failed read.
const RETRIED_FOR: Duration = Duration::from_secs(180);

/// The first pause, and the longest. Each is a random time up to so many times the one before: with less than 3 the
/// pauses would not grow.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));
const PAUSE_GROWTH: f64 = 4.0;

/// How long one attempt may take with all its bytes: 16 MiB over a slow line, while others are sent too.
const ATTEMPT: &str = "120 seconds";

/// Settings that give credentials for Azure. With them, the machine is not asked.
const AZURE_CREDENTIALS: [AzureConfigKey; 6] = [
    AzureConfigKey::AccessKey,
    AzureConfigKey::SasKey,
    AzureConfigKey::Token,
    AzureConfigKey::ClientSecret,
    AzureConfigKey::FederatedTokenFile,
    AzureConfigKey::MsiEndpoint,
];

/// Opens a bucket of S3. Its region is that of `access`, or else of the environment, the profile or the machine.
pub fn s3(bucket: &str, access: &Access) -> Result<AmazonS3> {
    let credentials = Credentials::of(access)?;
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_region(credentials.region());
    if let Some(endpoint) = &access.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(is_plain(endpoint));
    }
    if builder.get_config_value(&AmazonS3ConfigKey::Endpoint).is_none() {
        // Buckets with Object Lock take no file without one. The hash is part of the signature anyway. Other stores
        // know it or refuse it; for those that need it there is AWS_CHECKSUM_ALGORITHM.
        builder = builder.with_checksum_algorithm(Checksum::SHA256);
    }
    builder
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), ATTEMPT)
        .with_retry(retries())
        .with_credentials(Arc::new(credentials))
        .with_http_connector(Throttled::default())
        .build()
        .map_err(|error| failed(&error))
}

/// Opens a bucket of Google Cloud Storage.
pub fn google(bucket: &str, access: &Access) -> Result<GoogleCloudStorage> {
    let mut builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket);
    if let Some(endpoint) = &access.endpoint {
        let options = ClientOptions::new().with_allow_http(is_plain(endpoint));
        builder = builder.with_base_url(endpoint.trim_end_matches('/')).with_client_options(options);
    }
    if !has_google_credentials(&builder) {
        check_machine("set GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`")?;
    }
    builder
        .with_config(GoogleConfigKey::Client(ClientConfigKey::Timeout), ATTEMPT)
        .with_retry(retries())
        .with_http_connector(Throttled::default())
        .build()
        .map_err(|error| failed(&error))
}

fn has_google_credentials(builder: &GoogleCloudStorageBuilder) -> bool {
    const KEYS: [GoogleConfigKey; 3] =
        [GoogleConfigKey::ServiceAccount, GoogleConfigKey::ServiceAccountKey, GoogleConfigKey::ApplicationCredentials];
    let is_set = KEYS.iter().any(|key| builder.get_config_value(key).is_some());
    let is_anonymous = builder.get_config_value(&GoogleConfigKey::SkipSignature).is_some_and(|skips| skips == "true");
    is_set || is_anonymous || google_defaults().is_some_and(|path| path.is_file())
}

/// The file in which `gcloud` keeps the default credentials of a user.
fn google_defaults() -> Option<PathBuf> {
    let (folder, path) = match cfg!(windows) {
        true => ("APPDATA", "gcloud/application_default_credentials.json"),
        false => ("HOME", ".config/gcloud/application_default_credentials.json"),
    };
    env::var_os(folder).map(|folder| PathBuf::from(folder).join(path))
}

/// Opens a container of Azure Blob Storage.
pub fn azure(account: &str, container: &str, access: &Access) -> Result<MicrosoftAzure> {
    let mut builder = MicrosoftAzureBuilder::from_env().with_account(account).with_container_name(container);
    if let Some(endpoint) = &access.endpoint {
        builder = builder.with_endpoint(endpoint.clone()).with_allow_http(is_plain(endpoint));
    }
    let is_on = |key: AzureConfigKey| builder.get_config_value(&key).is_some_and(|value| value == "true");
    let is_set = AZURE_CREDENTIALS.iter().any(|key| builder.get_config_value(key).is_some());
    if !is_set && ![AzureConfigKey::UseAzureCli, AzureConfigKey::SkipSignature].into_iter().any(is_on) {
        check_machine("set AZURE_STORAGE_ACCOUNT_KEY, or run `az login` and set AZURE_USE_AZURE_CLI=true")?;
    }
    builder
        .with_config(AzureConfigKey::Client(ClientConfigKey::Timeout), ATTEMPT)
        .with_retry(retries())
        .with_http_connector(Throttled::default())
        .build()
        .map_err(|error| failed(&error))
}

/// The time alone ends the attempts: `object_store` counts ten by default, which are over within two seconds.
fn retries() -> RetryConfig {
    let (init_backoff, max_backoff) = PAUSES;
    let backoff = BackoffConfig { init_backoff, max_backoff, base: PAUSE_GROWTH };
    RetryConfig { backoff, max_retries: usize::MAX, retry_timeout: RETRIED_FOR }
}

/// Whether `endpoint` is reached without TLS, as servers on this machine are.
fn is_plain(endpoint: &str) -> bool {
    endpoint.starts_with("http://")
}

/// Checks that this machine can have credentials of its own. Without the check, requests would be repeated for minutes.
///
/// # Errors
/// No cloud is reachable.
fn check_machine(hint: &str) -> Result<()> {
    match TcpStream::connect_timeout(&MACHINE_IDENTITY, MACHINE_TIMEOUT) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::new(ErrorKind::Network, "no credentials were found").with_hint(hint)),
    }
}
