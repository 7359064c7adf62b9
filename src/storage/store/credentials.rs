//! Credentials for AWS as its own tools find them: the environment, profiles (keys, roles, SSO, processes), a web identity,
//! the container, the machine. They are held in memory only, and stand in no message.

use super::connection::Connections;
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

/// Where nobody says a region; stores that are not Amazon's take it for theirs.
const REGION: &str = "us-east-1";

/// So long before they expire credentials are renewed.
const EARLY: Duration = Duration::from_secs(300);

/// How long the machine may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// See the [module](self).
#[derive(Debug)]
pub struct Credentials {
    profile: Option<String>,
    region: String,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    chain: Option<Chain>,
    last: Option<(Arc<AwsCredential>, Option<SystemTime>)>,
}

#[derive(Debug)]
struct Chain {
    /// Where one is named, before anything else.
    profile: Option<ProfileFileCredentialsProvider>,
    others: DefaultCredentialsChain,
}

impl Credentials {
    /// Those for `access`, looked for when they are first asked for. Not to be called where futures run.
    pub fn of(access: &Access) -> Result<Credentials> {
        super::choose_cryptography();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start: {error}")))?;
        let region = runtime.block_on(region(access));
        Ok(Credentials { profile: access.profile.clone(), region, held: Mutex::default() })
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    /// Keys that are valid now.
    pub async fn current(&self) -> Result<Arc<AwsCredential>> {
        let mut held = self.held.lock().await;
        let valid = |until: &Option<SystemTime>, early| until.is_none_or(|until| until > SystemTime::now() + early);
        if let Some((keys, until)) = &held.last
            && valid(until, EARLY)
        {
            return Ok(keys.clone());
        }
        let chain = match held.chain.take() {
            Some(chain) => chain,
            None => self.chain().await,
        };
        let found = chain.find().await;
        held.chain = Some(chain);
        let found = match (found, &held.last) {
            (Ok(found), _) => found,
            (Err(_), Some((keys, until))) if valid(until, Duration::ZERO) => return Ok(keys.clone()),
            (Err(error), _) => return Err(refused(&error)),
        };
        let keys = Arc::new(AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
        });
        held.last = Some((keys.clone(), found.expiry()));
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
    /// A profile that is named is meant; but where this machine does not know it, as in CI, the others are.
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

/// The settings', the environment's, the profile's or, where the store is Amazon's, the machine's.
async fn region(access: &Access) -> String {
    if let Some(region) = &access.region {
        return region.clone();
    }
    let config = client();
    let mut profile = ProfileFileRegionProvider::builder().configure(&config);
    if let Some(name) = &access.profile {
        profile = profile.profile_name(name);
    }
    let told = match access.profile {
        Some(_) => RegionProviderChain::first_try(profile.build()).or_else(EnvironmentVariableRegionProvider::new()),
        None => RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(profile.build()),
    };
    let told = match access.endpoint {
        Some(_) => told,
        None => told.or_else(ImdsRegionProvider::builder().imds_client(machine(&config)).build()),
    };
    told.region().await.map_or(REGION.to_owned(), |region| region.to_string())
}

fn client() -> ProviderConfig {
    ProviderConfig::empty().with_behavior_version(Some(BehaviorVersion::v2026_01_12())).with_http_client(Connections)
}

/// Asks the machine, which answers at once or never.
fn machine(config: &ProviderConfig) -> imds::Client {
    let client = imds::Client::builder().configure(config).max_attempts(2);
    client.connect_timeout(PATIENCE).read_timeout(PATIENCE).operation_timeout(4 * PATIENCE).build()
}

/// Says what went wrong, but not what a process said on its standard error: nobody knows what is in it.
fn refused(error: &CredentialsError) -> Error {
    let first: &(dyn std::error::Error + 'static) = error;
    let causes = std::iter::successors(first.source(), |error| error.source()).map(ToString::to_string);
    let why = causes.map(|told| told.split("Stderr:").next().unwrap_or_default().trim_end().to_owned());
    let why = why.collect::<Vec<_>>().join(": ");
    // The machine is asked last.
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) || why.contains("IMDS") {
        let hint = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to the name of a profile";
        return Error::new(ErrorKind::Network, "no credentials were found").with_hint(hint);
    }
    Error::new(ErrorKind::Network, format!("credentials cannot be had: {why}"))
        .with_hint("with SSO: run `aws sso login`; else see whether `aws sts get-caller-identity` works")
}
