//! `iiif-build tile` against `vips dzsave --layout iiif3`, whole processes, side by side.
//!
//! `cargo bench --bench versus_vips [-- CASE …]` makes its own inputs with `vips` (Debian: libvips-tools), runs both
//! programs in turn with two threads, the same quality, subsampling and tile size, and prints a Markdown table of
//! medians: wall time, CPU time, peak memory and their ratios. Every run writes into a folder of its own and nothing
//! is deleted until the end: on ext4, making folders right after deleting many is up to ten times as slow.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const THREADS: &str = "2";
const QUALITY: &str = "80";
const TILE_SIZE: &str = "512";

/// A page of the example collection, repeated to the size wanted and given grain, so that it compresses like a scan.
const PAGE: &str = "content/manuscripts/sapience/0_36c2c_default.jpg";

/// Name, file name, pixels, and the arguments of `vips` that save the input.
type Case = (&'static str, &'static str, (u32, u32), &'static [&'static str]);

const CASES: [Case; 4] = [
    ("raw RGB TIFF, 100 MP", "raw.tif", (12_240, 8_183), &["tiffsave", "--compression", "none"]),
    (
        "LZW TIFF, 100 MP",
        "lzw.tif",
        (12_240, 8_183),
        &["tiffsave", "--compression", "lzw", "--predictor", "horizontal"],
    ),
    (
        "deflate TIFF, 100 MP",
        "zip.tif",
        (12_240, 8_183),
        &["tiffsave", "--compression", "deflate", "--predictor", "horizontal"],
    ),
    ("JPEG 4:2:0, 100 MP", "photo.jpg", (12_240, 8_183), &["jpegsave", "--Q", "90", "--subsample-mode", "on"]),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let folder = std::env::temp_dir().join(format!("iiif-build-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    println!("{}\n", machine());
    println!("| input | output | iiif-build | vips | wall ratio | CPU ratio | peak MiB |");
    println!("|---|---|---|---|---|---|---|");
    for (name, file, size, save) in CASES {
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            let input = make_input(&folder, file, size, save);
            for extras in [false, true] {
                compare(name, &input, extras, &folder);
            }
        }
    }
    std::fs::remove_dir_all(&folder).expect("the temporary folder goes");
}

/// Processor, cores and the version of vips.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let vips = Command::new("vips").arg("--version").output().expect("vips: install libvips-tools").stdout;
    let (model, vips) = (model.trim_start_matches([' ', '\t', ':']), String::from_utf8_lossy(&vips));
    format!(
        "{model}, {cores} cores, {}, medians of {ROUNDS} paired runs, quality {QUALITY}, tile {TILE_SIZE}",
        vips.trim()
    )
}

fn vips(arguments: &[&str]) {
    let status = Command::new("vips").args(arguments).status().expect("vips runs");
    assert!(status.success(), "vips {arguments:?}");
}

fn make_input(folder: &Path, file: &str, (width, height): (u32, u32), save: &[&str]) -> PathBuf {
    let at = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (width, height) = (width.to_string(), height.to_string());
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE).to_string_lossy().into_owned();
    let (mosaic, cut, grain, sum, pixels, input) =
        (at("mosaic.v"), at("cut.v"), at("grain.v"), at("sum.v"), at("pixels.v"), folder.join(file));
    if !Path::new(&pixels).exists() {
        vips(&["replicate", &page, &mosaic, "8", "8"]);
        vips(&["crop", &mosaic, &cut, "0", "0", &width, &height]);
        vips(&["gaussnoise", &grain, &width, &height, "--sigma", "4"]);
        vips(&["add", &cut, &grain, &sum]);
        vips(&["cast", &sum, &pixels, "uchar"]);
        [&mosaic, &cut, &grain, &sum].into_iter().for_each(|file| std::fs::remove_file(file).expect("scratch goes"));
    }
    let saved = input.to_string_lossy().into_owned();
    vips(&[&[save[0], &pixels, &saved], &save[1..], &["--strip"]].concat());
    input
}

/// What one process took.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
    peak_kib: u64,
}

fn compare(name: &str, input: &Path, extras: bool, folder: &Path) {
    let (mut ours, mut theirs) = (vec![], vec![]);
    for round in 0..ROUNDS {
        let out = |program: &str| {
            folder.join(format!("{}-{extras}-{program}-{round}", input.display().to_string().replace('/', "_")))
        };
        let mut build = Command::new(env!("CARGO_BIN_EXE_iiif-build"));
        build.args(["-q", "tile", "--jobs", THREADS, "--quality", QUALITY, "--tile-size", TILE_SIZE]);
        build.args((!extras).then_some("--no-extras")).arg(input).arg(out("ours"));
        ours.push(run(&mut build));
        let mut dzsave = Command::new("vips");
        dzsave.env("VIPS_CONCURRENCY", THREADS).arg("dzsave").arg(input).arg(out("vips"));
        dzsave.args(["--layout", "iiif3", "--tile-size", TILE_SIZE, "--suffix", &format!(".jpg[Q={QUALITY}]")]);
        theirs.push(run(&mut dzsave));
    }
    let median = |costs: &[Cost], of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let wall = |costs: &[Cost]| median(costs, |cost| cost.wall.as_secs_f64());
    let cpu = |costs: &[Cost]| median(costs, |cost| cost.cpu.as_secs_f64());
    let peak = |costs: &[Cost]| median(costs, |cost| cost.peak_kib as f64 / 1024.0);
    println!(
        "| {name} | {} | {:.2} s | {:.2} s | {:.2} | {:.2} | {:.0} / {:.0} |",
        if extras { "complete" } else { "tiles only" },
        wall(&ours),
        wall(&theirs),
        wall(&ours) / wall(&theirs),
        cpu(&ours) / cpu(&theirs),
        peak(&ours),
        peak(&theirs),
    );
}

/// Runs a process to its end and asks the kernel what it took.
fn run(command: &mut Command) -> Cost {
    let start = Instant::now();
    // Waited for below, with its resources counted.
    #[allow(clippy::zombie_processes)]
    let child = command.stdout(Stdio::null()).spawn().expect("the program starts");
    let (mut status, mut usage) = (0, unsafe { std::mem::zeroed::<libc::rusage>() });
    // SAFETY: both pointers are valid; the child is not waited for elsewhere.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) };
    let wall = start.elapsed();
    assert!(waited > 0 && status == 0, "{command:?} failed");
    let time = |time: libc::timeval| Duration::from_micros(time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64);
    Cost { wall, cpu: time(usage.ru_utime) + time(usage.ru_stime), peak_kib: usage.ru_maxrss as u64 }
}
