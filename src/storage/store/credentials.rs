//! Credentials for AWS, found as its own tools find them: in the environment, in profiles (keys, roles, SSO,
//! processes), from a web identity, the container or the machine. They are held in memory only, and are in no message.
//!
//! Profiles, roles and SSO are read by `aws-config`, the only part of AWS's SDK that is used, and not by code of our
//! own.

use super::network::{Connections, block_on, choose_cryptography};
use crate::config::Access;
use crate::error::{Error, ErrorKind, Result};
use async_trait::async_trait;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::imds;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// The region if none is set. Stores of other providers accept it.
const DEFAULT_REGION: &str = "us-east-1";

/// Credentials are renewed this long before they expire.
const RENEWED_BEFORE: Duration = Duration::from_secs(300);

/// How long the machine may take to answer.
const MACHINE_TIMEOUT: Duration = Duration::from_secs(1);

/// See the [module](self).
#[derive(Debug)]
pub struct Credentials {
    profile: Option<String>,
    region: String,
    cache: Mutex<Cache>,
}

#[derive(Debug, Default)]
struct Cache {
    chain: Option<Chain>,
    last: Option<(Arc<AwsCredential>, Option<SystemTime>)>,
}

#[derive(Debug)]
struct Chain {
    /// The profile that the settings name; it comes first.
    profile: Option<ProfileFileCredentialsProvider>,
    others: DefaultCredentialsChain,
}

impl Credentials {
    /// The credentials for `access`. They are looked for at their first use. Must not be called in a future.
    pub fn of(access: &Access) -> Result<Credentials> {
        choose_cryptography();
        let region = block_on(region(access))?;
        Ok(Credentials { profile: access.profile.clone(), region, cache: Mutex::default() })
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    /// Keys that are valid now.
    pub async fn current(&self) -> Result<Arc<AwsCredential>> {
        let mut cache = self.cache.lock().await;
        let valid = |until: &Option<SystemTime>, early| until.is_none_or(|until| until > SystemTime::now() + early);
        if let Some((keys, until)) = &cache.last
            && valid(until, RENEWED_BEFORE)
        {
            return Ok(keys.clone());
        }
        let chain = match cache.chain.take() {
            Some(chain) => chain,
            None => self.chain().await,
        };
        let found = chain.find().await;
        cache.chain = Some(chain);
        let found = match (found, &cache.last) {
            (Ok(found), _) => found,
            (Err(_), Some((keys, until))) if valid(until, Duration::ZERO) => return Ok(keys.clone()),
            (Err(error), _) => return Err(refused(&error)),
        };
        let keys = Arc::new(AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
        });
        cache.last = Some((keys.clone(), found.expiry()));
        Ok(keys)
    }

    async fn chain(&self) -> Chain {
        let config = client().with_region(Some(Region::new(self.region.clone())));
        let profile = self
            .profile
            .as_ref()
            .map(|name| ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name).build());
        let others = DefaultCredentialsChain::builder()
            .imds_client(machine(&config))
            .region(Region::new(self.region.clone()))
            .configure(config)
            .build()
            .await;
        Chain { profile, others }
    }
}

impl Chain {
    /// The named profile comes first. Where this machine does not have it, as in CI, the others are tried.
    async fn find(&self) -> std::result::Result<aws_credential_types::Credentials, CredentialsError> {
        if let Some(profile) = &self.profile {
            match profile.provide_credentials().await {
                Err(CredentialsError::CredentialsNotLoaded(_)) => {}
                found => return found,
            }
        }
        self.others.provide_credentials().await
    }
}

#[async_trait]
impl CredentialProvider for Credentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let current = self.current().await;
        current.map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })
    }
}

/// The region of the settings, the environment, the profile or, for stores of Amazon, the machine.
async fn region(access: &Access) -> String {
    if let Some(region) = &access.region {
        return region.clone();
    }
    let config = client();
    let mut profile = ProfileFileRegionProvider::builder().configure(&config);
    if let Some(name) = &access.profile {
        profile = profile.profile_name(name);
    }
    let named = match access.profile {
        Some(_) => RegionProviderChain::first_try(profile.build()).or_else(EnvironmentVariableRegionProvider::new()),
        None => RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(profile.build()),
    };
    let named = match access.endpoint {
        Some(_) => named,
        None => named.or_else(ImdsRegionProvider::builder().imds_client(machine(&config)).build()),
    };
    named.region().await.map_or(DEFAULT_REGION.to_owned(), |region| region.to_string())
}

fn client() -> ProviderConfig {
    ProviderConfig::empty().with_behavior_version(Some(BehaviorVersion::v2026_01_12())).with_http_client(Connections)
}

/// The client for the machine's own credentials. The machine answers at once or never.
fn machine(config: &ProviderConfig) -> imds::Client {
    let client = imds::Client::builder().configure(config).max_attempts(2);
    client.connect_timeout(MACHINE_TIMEOUT).read_timeout(MACHINE_TIMEOUT).operation_timeout(4 * MACHINE_TIMEOUT).build()
}

/// The error in words, without the standard error of processes, which may contain secrets.
fn refused(error: &CredentialsError) -> Error {
    let first: &(dyn std::error::Error + 'static) = error;
    let causes = std::iter::successors(first.source(), |error| error.source()).map(ToString::to_string);
    let why = causes.map(|cause| cause.split("Stderr:").next().unwrap_or_default().trim_end().to_owned());
    let why = why.collect::<Vec<_>>().join(": ");
    // The machine is asked last.
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) || why.contains("IMDS") {
        let hint = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to the name of a profile";
        return Error::new(ErrorKind::Network, "no credentials were found").with_hint(hint);
    }
    Error::new(ErrorKind::Network, format!("credentials cannot be had: {why}"))
        .with_hint("with SSO: run `aws sso login`; else see whether `aws sts get-caller-identity` works")
}
