//! Azure Blob Storage. Credentials: `AZURE_STORAGE_ACCOUNT_KEY`, a SAS, a client and its secret, a federated token, `az login`
//! with `AZURE_USE_AZURE_CLI=true`, the machine's own.

use super::throttle::Throttled;
use super::{failed, is_plain, machine_identity};
use crate::config::Access;
use crate::error::Result;
use object_store::azure::{AzureConfigKey, MicrosoftAzure, MicrosoftAzureBuilder};

/// What stands for credentials of its own in the environment.
const KEYS: [AzureConfigKey; 6] = [
    AzureConfigKey::AccessKey,
    AzureConfigKey::SasKey,
    AzureConfigKey::Token,
    AzureConfigKey::ClientSecret,
    AzureConfigKey::FederatedTokenFile,
    AzureConfigKey::MsiEndpoint,
];

/// Opens a container.
pub fn open(account: &str, container: &str, access: &Access) -> Result<MicrosoftAzure> {
    let mut builder = MicrosoftAzureBuilder::from_env().with_account(account).with_container_name(container);
    if let Some(endpoint) = &access.endpoint {
        builder = builder.with_endpoint(endpoint.clone()).with_allow_http(is_plain(endpoint));
    }
    let is_on = |key: AzureConfigKey| builder.get_config_value(&key).is_some_and(|value| value == "true");
    let is_said = KEYS.iter().any(|key| builder.get_config_value(key).is_some());
    if !is_said && ![AzureConfigKey::UseAzureCli, AzureConfigKey::SkipSignature].into_iter().any(is_on) {
        machine_identity::check("set AZURE_STORAGE_ACCOUNT_KEY, or run `az login` and set AZURE_USE_AZURE_CLI=true")?;
    }
    builder.with_http_connector(Throttled::default()).build().map_err(|error| failed(&error))
}
