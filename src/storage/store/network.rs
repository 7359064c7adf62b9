//! Everything that requests to networks share: threads, TLS, and the HTTP client. AWS's credential providers use this
//! client too, because compiling their own costs as much as everything else together.

use crate::error::{Error, ErrorKind, Result};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use reqwest::{Client, Method, RequestBuilder, Response};
use tokio::runtime::{Builder, Runtime};

/// Threads on which many requests can wait.
///
/// # Errors
/// The system has no threads left.
pub fn runtime() -> Result<Runtime> {
    started(&mut Builder::new_multi_thread())
}

/// Waits for `work` on this thread.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    Ok(started(&mut Builder::new_current_thread())?.block_on(work))
}

fn started(builder: &mut Builder) -> Result<Runtime> {
    let runtime = builder.enable_all().build();
    runtime.map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start: {error}")))
}

/// Chooses the implementation of cryptography for TLS; the program has only one. Certificates are checked against those
/// that the system trusts.
pub fn choose_cryptography() {
    // An error means that it was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Makes HTTP clients for AWS's credential providers.
#[derive(Debug)]
pub struct Connections;

/// A client with its timeouts, or the reason why there is none.
#[derive(Debug)]
struct Connection(std::result::Result<Client, String>);

impl HttpClient for Connections {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let mut builder = Client::builder();
        if let Some(timeout) = settings.connect_timeout() {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(timeout) = settings.read_timeout() {
            builder = builder.read_timeout(timeout);
        }
        SharedHttpConnector::new(Connection(builder.build().map_err(|error| error.to_string())))
    }
}

impl HttpConnector for Connection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let prepared = self
            .0
            .clone()
            .map_err(|why| ConnectorError::other(why.into(), None))
            .and_then(|client| prepare(&client, &request).map_err(|error| ConnectorError::user(error.into())));
        HttpConnectorFuture::new(async move { convert(prepared?.send().await.map_err(failed)?).await })
    }
}

fn prepare(client: &Client, request: &HttpRequest) -> std::result::Result<RequestBuilder, &'static str> {
    let method = Method::from_bytes(request.method().as_bytes()).map_err(|_| "no method of HTTP")?;
    let body = request.body().bytes().ok_or("a body that is not in memory")?.to_vec();
    let prepared = client.request(method, request.uri()).body(body);
    Ok(request.headers().iter().fold(prepared, |prepared, (name, value)| prepared.header(name, value)))
}

async fn convert(response: Response) -> std::result::Result<HttpResponse, ConnectorError> {
    let malformed = |_| ConnectorError::other("no answer of HTTP".into(), None);
    let status = StatusCode::try_from(response.status().as_u16()).map_err(malformed)?;
    let headers = response.headers().clone();
    let body = response.bytes().await.map_err(failed)?;
    let mut answer = HttpResponse::new(status, SdkBody::from(body.to_vec()));
    for (name, value) in &headers {
        if let Ok(value) = value.to_str() {
            answer.headers_mut().append(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(answer)
}

fn failed(error: reqwest::Error) -> ConnectorError {
    // The address may contain a token.
    let error = error.without_url();
    match error.is_timeout() {
        true => ConnectorError::timeout(error.into()),
        false => ConnectorError::io(error.into()),
    }
}
