//! Sends an invalidation to CloudFront: one signed request (`CreateInvalidation` of its API of 2020-05-31), repeated
//! while the answer allows a later attempt.

use crate::build::progress::Observer;
use crate::config::{DistributionId, Target, without_secrets};
use crate::error::{Error, ErrorKind, Result};
use crate::model::address::BaseUrl;
use crate::storage::store::{Credentials, failed};
use object_store::ClientOptions;
use object_store::aws::{AwsAuthorizer, AwsCredential};
use object_store::client::{HttpClient, HttpConnector, HttpRequest, ReqwestConnector};
use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// The same for all regions except China.
const ENDPOINT: &str = "https://cloudfront.amazonaws.com";

/// The variable for another endpoint, as in all of Amazon's tools.
const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_CLOUDFRONT";

const REGION: &str = "us-east-1";

const TIMEOUT: Duration = Duration::from_secs(20);

/// The pauses between attempts in seconds, before randomness. The attempts must end well before the lease of a deploy.
const PAUSES: [f32; 7] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0];

/// The distribution that serves a target.
pub struct Distribution {
    id: DistributionId,
    endpoint: String,
    /// The address of the site that it serves.
    pub base_url: BaseUrl,
    credentials: Credentials,
}

/// A refusal, and whether a later attempt may succeed.
struct Refusal {
    error: Error,
    is_temporary: bool,
}

impl Distribution {
    /// The distribution of `target`, if it has one.
    pub fn of(target: &Target, base_url: &BaseUrl) -> Result<Option<Distribution>> {
        let Some(id) = target.cloudfront.clone() else { return Ok(None) };
        let endpoint = env::var(ENDPOINT_VARIABLE).ok().filter(|endpoint| !endpoint.is_empty());
        let endpoint = endpoint.unwrap_or_else(|| ENDPOINT.to_owned());
        let credentials = Credentials::of(&target.access())?;
        Ok(Some(Distribution { id, endpoint, base_url: base_url.clone(), credentials }))
    }

    /// Invalidates `paths`. CloudFront needs a minute or two until that is done everywhere.
    pub async fn invalidate(&self, paths: &[String], observer: &dyn Observer) -> Result<()> {
        let options = ClientOptions::new()
            .with_timeout(TIMEOUT)
            .with_connect_timeout(TIMEOUT)
            .with_allow_http(self.endpoint.starts_with("http://"));
        let client = ReqwestConnector::default().connect(&options).map_err(|error| failed(&error))?;
        // The same reference for each attempt, so that one whose answer was lost is not done twice.
        let body = body(paths, &format!("iiif-build-{:016x}", random()));
        for pause in PAUSES.iter().map(Some).chain([None]) {
            let credential = self.credentials.current().await?;
            match (self.post(&client, &credential, &body).await, pause) {
                (Ok(()), _) => return Ok(()),
                (Err(refusal), Some(pause)) if refusal.is_temporary && !observer.is_cancelled() => {
                    tokio::time::sleep(Duration::from_secs_f32(pause * (0.5 + chance()))).await;
                }
                (Err(refusal), _) => return Err(refusal.error),
            }
        }
        Ok(())
    }

    async fn post(
        &self,
        client: &HttpClient,
        credential: &AwsCredential,
        body: &str,
    ) -> std::result::Result<(), Refusal> {
        let request = self.request(credential, body).map_err(|error| Refusal { error, is_temporary: false })?;
        let unanswered = |error: object_store::client::HttpError| Refusal {
            error: Error::new(
                ErrorKind::Network,
                format!("CloudFront does not answer: {}", without_secrets(&error.to_string())),
            ),
            is_temporary: true,
        };
        let answer = client.execute(request).await.map_err(unanswered)?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(());
        }
        let text = answer.into_body().bytes().await.map_err(unanswered)?;
        Err(self.refusal(status, &String::from_utf8_lossy(&text)))
    }

    fn request(&self, credential: &AwsCredential, body: &str) -> Result<HttpRequest> {
        let unusable = |what: &str| Error::new(ErrorKind::Config, format!("{what} cannot be used for CloudFront"));
        // `AwsAuthorizer` panics over characters that cannot be sent.
        let parts = [&credential.key_id, credential.token.as_ref().unwrap_or(&credential.key_id)];
        if parts.iter().any(|part| !part.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(unusable("what the credentials hold"));
        }
        let url = format!("{}/2020-05-31/distribution/{}/invalidation", self.endpoint.trim_end_matches('/'), self.id);
        let mut request = HttpRequest::new(body.to_owned().into());
        *request.method_mut() = reqwest::Method::POST;
        *request.uri_mut() = url.parse().map_err(|_| unusable(ENDPOINT_VARIABLE))?;
        if request.uri().host().is_none() {
            return Err(unusable(ENDPOINT_VARIABLE));
        }
        let content_type = reqwest::header::HeaderValue::from_static("application/xml");
        request.headers_mut().insert(reqwest::header::CONTENT_TYPE, content_type);
        let signed = AwsAuthorizer::new(credential, "cloudfront", REGION).try_authorize(&mut request, None);
        signed.map_err(|error| failed(&error))?;
        Ok(request)
    }

    fn refusal(&self, status: u16, answer: &str) -> Refusal {
        // An answer that is no XML has no words: its status then says what happened.
        let document = roxmltree::Document::parse(answer).ok();
        let text = |name: &str| {
            let found = document.as_ref()?.descendants().find(|node| node.tag_name().name() == name)?;
            found.text().map(str::to_owned)
        };
        let code = text("Code").unwrap_or_default();
        let why = text("Message").unwrap_or_else(|| format!("HTTP status {status}"));
        let is_temporary =
            status == 429 || status >= 500 || matches!(code.as_str(), "TooManyInvalidationsInProgress" | "Throttling");
        let error =
            Error::new(ErrorKind::Network, format!("CloudFront refused the invalidation: {}", without_secrets(&why)));
        let id = &self.id;
        let error = match (code.as_str(), status) {
            ("TooManyInvalidationsInProgress", _) => error.with_hint("others are still being done: try again in some minutes"),
            ("NoSuchDistribution", _) | (_, 404) => error.with_hint(format!("there is no distribution {id}: look at `cloudfront`")),
            (_, 401 | 403) => error.with_hint(format!(
                "the credentials must allow cloudfront:CreateInvalidation on arn:aws:cloudfront::ACCOUNT:distribution/{id}"
            )),
            _ => error,
        };
        Refusal { error, is_temporary }
    }
}

/// `paths` are encoded, so they need no escapes in XML.
fn body(paths: &[String], reference: &str) -> String {
    let items: String = paths.iter().map(|path| format!("<Path>{path}</Path>")).collect();
    let count = paths.len();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">\
         <Paths><Quantity>{count}</Quantity><Items>{items}</Items></Paths>\
         <CallerReference>{reference}</CallerReference></InvalidationBatch>"
    )
}

/// `RandomState` has a new random seed each time.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// At least 0 and less than 1.
fn chance() -> f32 {
    (random() >> 40) as f32 / (1_u32 << 24) as f32
}
