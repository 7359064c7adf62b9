//! The HTTP client of this program for AWS's credential providers: one client and one TLS for all that is asked of networks.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use reqwest::{Client, Method, RequestBuilder, Response};

/// See the [module](self).
#[derive(Debug)]
pub struct Connections;

/// With its timeouts.
#[derive(Debug)]
struct Connection(Result<Client, String>);

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
        let asked = self
            .0
            .clone()
            .map_err(|why| ConnectorError::other(why.into(), None))
            .and_then(|client| ask(&client, &request).map_err(|error| ConnectorError::user(error.into())));
        HttpConnectorFuture::new(async move { answered(asked?.send().await.map_err(failed)?).await })
    }
}

fn ask(client: &Client, request: &HttpRequest) -> Result<RequestBuilder, &'static str> {
    let method = Method::from_bytes(request.method().as_bytes()).map_err(|_| "no method of HTTP")?;
    let body = request.body().bytes().ok_or("a body that is not in memory")?.to_vec();
    let asked = client.request(method, request.uri()).body(body);
    Ok(request.headers().iter().fold(asked, |asked, (name, value)| asked.header(name, value)))
}

async fn answered(response: Response) -> Result<HttpResponse, ConnectorError> {
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
    // What is asked for may have a token in it.
    let error = error.without_url();
    match error.is_timeout() {
        true => ConnectorError::timeout(error.into()),
        false => ConnectorError::io(error.into()),
    }
}
