//! A distribution before a bucket, as moto has them: it is told what to fetch again.

use super::server::{KEY, SECRET, Server, moto};
use crate::cli;
use crate::http::request;
use std::io::{Read, Write};
use std::net::TcpStream;

/// The server asks for a signature and does not check it.
const SIGNED: (&str, &str) = (
    "Authorization",
    "AWS4-HMAC-SHA256 Credential=KEY/20300101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
);

/// A bucket and a distribution before it; its id.
fn prepare(server: &Server) -> String {
    assert_eq!(request(server.port, "PUT", "/distributed", &[SIGNED, ("Content-Length", "0")]).status, 200);
    let body = "<DistributionConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><CallerReference>a</CallerReference>\
         <Origins><Quantity>1</Quantity><Items><Origin><Id>b</Id><DomainName>scans.s3.amazonaws.com</DomainName>\
         <S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin></Items></Origins>\
         <DefaultCacheBehavior><TargetOriginId>b</TargetOriginId><ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>\
         </DefaultCacheBehavior><Comment></Comment><Enabled>true</Enabled></DistributionConfig>";
    let made = cloudfront(server, "POST", "/2020-05-31/distribution", body);
    made.split("<Id>").nth(1).and_then(|rest| rest.split("</Id>").next()).unwrap_or_else(|| panic!("{made}")).to_owned()
}

fn cloudfront(server: &Server, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let scope = "Credential=KEY/20300101/us-east-1/cloudfront/aws4_request, SignedHeaders=host, Signature=0";
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: cloudfront.amazonaws.com\r\nConnection: close\r\n\
         Authorization: AWS4-HMAC-SHA256 {scope}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut answer = String::new();
    stream.write_all(head.as_bytes()).unwrap();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_distribution_is_told_what_to_fetch_again() {
    let Some(server) = moto() else { return };
    let (port, id) = (server.port, prepare(server));
    let settings = format!(
        "base-url = \"https://published.example/x/\"\n[deploy.live]\nurl = \"s3://distributed/x\"\ncompress = \"gzip\"\n\
         endpoint = \"http://127.0.0.1:{port}\"\nregion = \"us-east-1\"\ncloudfront = \"{id}\"\n"
    );
    let project = cli::project().file("iiif-build.toml", settings);
    for label in ["Letters", "Correspondence"] {
        project.write("content/letters/item.toml", format!("label = \"{label}\"\n"));
        project.built();
        let mut command = cli::command(&["deploy", "--root"]);
        command.arg(project.root()).env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", SECRET);
        let output = command.env("AWS_ENDPOINT_URL_CLOUDFRONT", format!("http://127.0.0.1:{port}")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let listed = cloudfront(server, "GET", &format!("/2020-05-31/distribution/{id}/invalidation"), "");
    let ids: Vec<&str> = listed.split("<Id>").skip(1).filter_map(|rest| rest.split("</Id>").next()).collect();
    assert_eq!(ids.len(), 2, "{listed}");
    let told: String = ids
        .iter()
        .map(|one| cloudfront(server, "GET", &format!("/2020-05-31/distribution/{id}/invalidation/{one}"), ""))
        .collect();
    assert!(told.contains("<Path>/x/*</Path>") && told.contains("<Path>/x/letters/*</Path>"), "{told}");
    let manifest = request(port, "GET", "/distributed/x/letters/manifest.json", &[SIGNED]);
    assert_eq!(manifest.header("content-encoding"), Some("gzip"));
    assert!(manifest.body.starts_with(&[0x1f, 0x8b]));
}
