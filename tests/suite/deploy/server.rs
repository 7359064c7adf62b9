//! Two servers that speak S3: `moto_server` and `s3s-fs`, which believes no signature and no checksum. `make test`
//! installs both and names them in `IIIF_BUILD_MOTO` and `IIIF_BUILD_S3S`. Each runs once for all tests.

use std::env;
use std::ffi::OsStr;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

pub const KEY: &str = "AKIDEXAMPLE";
pub const SECRET: &str = "secret-that-nobody-may-see";

/// Runs until the pipe to its standard input closes, which it does however the tests end.
const WHILE_SOMEBODY_LISTENS: &str = r#""$@" </dev/null & read -r _; kill $!; rm -rf "$FOLDER""#;

pub struct Server {
    pub name: &'static str,
    pub port: u16,
    /// Whether it knows which buckets there are.
    pub misses_buckets: bool,
    /// Whether it looks at signatures.
    pub checks_signatures: bool,
    _lifeline: ChildStdin,
}

/// Calls `test` with each server that is installed.
pub fn each(test: impl Fn(&'static Server)) {
    for server in [moto(), s3s()].into_iter().flatten() {
        test(server);
    }
}

pub fn moto() -> Option<&'static Server> {
    static MOTO: OnceLock<Option<Server>> = OnceLock::new();
    let start = || Server::start("moto", "IIIF_BUILD_MOTO", true, |port, _| vec!["-p".into(), port]);
    MOTO.get_or_init(start).as_ref()
}

pub fn s3s() -> Option<&'static Server> {
    static S3S: OnceLock<Option<Server>> = OnceLock::new();
    let arguments = |port, folder: String| {
        let named = ["--host", "127.0.0.1", "--access-key", KEY, "--secret-key", SECRET, "--port"];
        [&named.map(str::to_owned)[..], &[port, folder]].concat()
    };
    S3S.get_or_init(|| Server::start("s3s-fs", "IIIF_BUILD_S3S", false, arguments)).as_ref()
}

impl Server {
    fn start(
        name: &'static str,
        variable: &str,
        is_moto: bool,
        arguments: impl Fn(String, String) -> Vec<String>,
    ) -> Option<Server> {
        let Some(program) = env::var_os(variable) else {
            println!("skipped: no {name}, for {variable} names none");
            return None;
        };
        let folder: PathBuf = tempfile::tempdir().unwrap().keep();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("sh");
        command.args([OsStr::new("-c"), OsStr::new(WHILE_SOMEBODY_LISTENS), OsStr::new("sh"), &program]);
        command.args(arguments(port.to_string(), folder.to_str().unwrap().to_owned())).env("FOLDER", &folder);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let lifeline = command.spawn().unwrap().stdin.take().unwrap();
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "{name} does not start");
            sleep(Duration::from_millis(50));
        }
        Some(Server { name, port, misses_buckets: is_moto, checks_signatures: !is_moto, _lifeline: lifeline })
    }
}
