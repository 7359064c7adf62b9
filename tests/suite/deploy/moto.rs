//! Against a server that speaks S3: `moto_server`, where `IIIF_BUILD_MOTO` names it (`pip install 'moto[server,s3]'`).

use crate::cli;
use crate::http::{Answer, request};
use iiif_build::headers::headers;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The server asks for a signature and does not check it.
const SIGNED: (&str, &str) = (
    "Authorization",
    "AWS4-HMAC-SHA256 Credential=KEY/20300101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
);

fn get(port: u16, path: &str) -> Answer {
    request(port, "GET", path, &[SIGNED])
}

struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start() -> Option<Server> {
        let program = std::env::var_os("IIIF_BUILD_MOTO")?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        command.args(["-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Server { process: command.spawn().unwrap(), port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "the server does not start");
            sleep(Duration::from_millis(100));
        }
        Some(server)
    }

    /// A bucket and a distribution before it; its id.
    fn prepare(&self) -> String {
        assert_eq!(request(self.port, "PUT", "/scans", &[SIGNED, ("Content-Length", "0")]).status, 200);
        let body = "<DistributionConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><CallerReference>a</CallerReference>\
             <Origins><Quantity>1</Quantity><Items><Origin><Id>b</Id><DomainName>scans.s3.amazonaws.com</DomainName>\
             <S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin></Items></Origins>\
             <DefaultCacheBehavior><TargetOriginId>b</TargetOriginId><ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>\
             </DefaultCacheBehavior><Comment></Comment><Enabled>true</Enabled></DistributionConfig>";
        let made = self.cloudfront("POST", "/2020-05-31/distribution", &body);
        made.split("<Id>")
            .nth(1)
            .and_then(|rest| rest.split("</Id>").next())
            .unwrap_or_else(|| panic!("{made}"))
            .to_owned()
    }

    fn cloudfront(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
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
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_bucket_holds_the_site_with_its_types_and_nothing_that_is_gone() {
    let Some(server) = Server::start() else { return println!("skipped: no moto_server") };
    let port = server.port;
    let settings = format!(
        "base-url = \"https://published.example/x/\"\n[deploy.live]\nurl = \"s3://scans/x\"\ngrace = \"0h\"\n\
         endpoint = \"http://127.0.0.1:{port}\"\nregion = \"us-east-1\"\n"
    );
    // Larger than what is put in one piece.
    let recording = vec![7; 17 << 20];
    let project = cli::project().file("iiif-build.toml", settings).file("static/large.bin", recording);
    project.built();
    let deploy = || {
        let mut command = cli::command(&["deploy", "--root"]);
        command.arg(project.root()).env("AWS_ACCESS_KEY_ID", "KEY").env("AWS_SECRET_ACCESS_KEY", "SECRET");
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = deploy();
    assert_eq!((code, said.contains("no such bucket"), said.contains("SECRET")), (Some(1), true, false), "{said}");
    assert_eq!(request(port, "PUT", "/scans", &[SIGNED, ("Content-Length", "0")]).status, 200);
    for changed in [false, false, true] {
        if changed {
            project.remove("content/letters/2.tif");
            project.built();
        }
        let (code, said) = deploy();
        assert_eq!(code, Some(0), "{said}");
    }
    let site = project.site();
    for (path, bytes) in site.contents("") {
        let answer = get(port, &format!("/scans/x/{path}"));
        assert!(answer.status == 200 && answer.body == bytes, "{path}: {}", answer.status);
        assert_eq!(answer.header("content-type"), Some(headers(&path).content_type), "{path}");
        assert_eq!(answer.header("cache-control"), Some(headers(&path).cache_control), "{path}");
    }
    let listed = get(port, "/scans?list-type=2").text();
    let private = listed.matches("<Key>x/.iiif-build/").count();
    assert_eq!((listed.matches("<Key>").count(), private), (site.files("").len() + 2, 2), "{listed}");
}

#[test]
fn a_distribution_is_told_what_to_fetch_again() {
    let Some(server) = Server::start() else { return println!("skipped: no moto_server") };
    let (port, id) = (server.port, server.prepare());
    let settings = format!(
        "base-url = \"https://published.example/x/\"\n[deploy.live]\nurl = \"s3://scans/x\"\ncompress = \"gzip\"\n\
         endpoint = \"http://127.0.0.1:{port}\"\nregion = \"us-east-1\"\ncloudfront = \"{id}\"\n"
    );
    let project = cli::project().file("iiif-build.toml", settings);
    for label in ["Letters", "Correspondence"] {
        project.write("content/letters/item.toml", format!("label = \"{label}\"\n"));
        project.built();
        let mut command = cli::command(&["deploy", "--root"]);
        command.arg(project.root()).env("AWS_ACCESS_KEY_ID", "KEY").env("AWS_SECRET_ACCESS_KEY", "SECRET");
        let output = command.env("AWS_ENDPOINT_URL_CLOUDFRONT", format!("http://127.0.0.1:{port}")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let listed = server.cloudfront("GET", &format!("/2020-05-31/distribution/{id}/invalidation"), "");
    let ids: Vec<&str> = listed.split("<Id>").skip(1).filter_map(|rest| rest.split("</Id>").next()).collect();
    assert_eq!(ids.len(), 2, "{listed}");
    let told: String = ids
        .iter()
        .map(|one| server.cloudfront("GET", &format!("/2020-05-31/distribution/{id}/invalidation/{one}"), ""))
        .collect();
    assert!(told.contains("<Path>/x/*</Path>") && told.contains("<Path>/x/letters/*</Path>"), "{told}");
    let manifest = get(port, "/scans/x/letters/manifest.json");
    assert_eq!(manifest.header("content-encoding"), Some("gzip"));
    assert!(manifest.body.starts_with(&[0x1f, 0x8b]));
}
