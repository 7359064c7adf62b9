//! Against a server that speaks S3: `moto_server`, where `IIIF_BUILD_MOTO` names it (`pip install 'moto[server,s3]'`).

use crate::cli;
use crate::http::{Answer, request};
use iiif_build::headers::headers;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The server asks for a signature and does not check it.
pub const SIGNED: (&str, &str) = (
    "Authorization",
    "AWS4-HMAC-SHA256 Credential=KEY/20300101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
);

fn get(port: u16, path: &str) -> Answer {
    request(port, "GET", path, &[SIGNED])
}

pub struct Server {
    process: Child,
    pub port: u16,
}

impl Server {
    pub fn start() -> Option<Server> {
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
