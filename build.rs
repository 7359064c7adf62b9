//! Prepares what the crate embeds but the repository does not hold.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::time::{Duration, UNIX_EPOCH};

fn main() {
    compile_libjpeg_shim();
    name_codecs();
    // Only pages of a site need the bundle.
    if std::env::var_os("CARGO_FEATURE_SITE").is_some() {
        bundle_site();
    }
}

/// Compiles our door to libjpeg-turbo against the headers of the library that `turbojpeg-sys` built.
fn compile_libjpeg_shim() {
    let shim = "src/pixels/libjpeg/shim.c";
    println!("cargo::rerun-if-changed={shim}");
    let include = std::env::var("DEP_TURBOJPEG_INCLUDE").unwrap_or_default();
    cc::Build::new().file(shim).includes(include.split(',')).compile("iiif_build_libjpeg");
}

/// The crates that read and write pixels, beside the two C libraries that know their own versions.
const CODECS: [&str; 10] =
    ["fax", "image", "jxl-oxide", "libdeflater", "libwebp-sys", "lzma-rust2", "moxcms", "png", "ruzstd", "weezl"];

/// Hands their versions to `src/pixels/codecs.rs`. A package without `Cargo.lock` names none.
fn name_codecs() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = fs::read_to_string("Cargo.lock").unwrap_or_default();
    let value = |line: Option<&str>, key: &str| Some(line?.strip_prefix(key)?.trim_matches('"').to_owned());
    let mut named = vec![];
    for package in lock.split("[[package]]\n") {
        let mut lines = package.lines();
        let Some(name) = value(lines.next(), "name = ") else { continue };
        let Some(version) = value(lines.next(), "version = ") else { continue };
        if CODECS.contains(&name.as_str()) {
            named.push(format!("{name} {version}"));
        }
    }
    println!("cargo::rustc-env=IIIF_BUILD_CODECS={}", named.join(","));
}

/// Bundles `site/` into `site/dist/` unless it holds the bundle of exactly these sources; a published package does.
fn bundle_site() {
    let site = Path::new("site");
    let stamp = site.join("dist/.sources");
    for path in ["templates", "site/src", "site/build.mjs", "site/package.json", "site/package-lock.json"] {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-changed={}", stamp.display());

    let sources = or_exit(fingerprint(site), "site/ cannot be read");
    if fs::read_to_string(&stamp).is_ok_and(|bundled| bundled == sources) {
        return;
    }
    npm(site, &["ci", "--no-audit", "--no-fund"]);
    npm(site, &["run", "build"]);
    or_exit(write_stamp(&stamp, &sources), "site/dist/.sources cannot be written");
}

fn npm(site: &Path, arguments: &[&str]) {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(program).args(arguments).current_dir(site).output();
    let output = or_exit(output, "site/dist must be bundled, which needs Node.js 20 or later with npm");
    if !output.status.success() {
        let _ = io::stderr().write_all(&output.stdout);
        let _ = io::stderr().write_all(&output.stderr);
        fail(&format!("`npm {}` failed in site/", arguments.join(" ")));
    }
}

/// FNV-1a over names and bytes. Not modification times: unpacking a package sets those anew, in any order.
fn fingerprint(site: &Path) -> io::Result<String> {
    let mut files = ["build.mjs", "package.json", "package-lock.json"].map(|name| site.join(name)).to_vec();
    list(&site.join("src"), &mut files)?;
    files.sort();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for file in files {
        let name = file.to_string_lossy().replace('\\', "/");
        for byte in name.bytes().chain(fs::read(&file)?) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    Ok(format!("{hash:016x}\n"))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// An old date, so that cargo does not take the stamp for a change made since this script began.
fn write_stamp(stamp: &Path, sources: &str) -> io::Result<()> {
    let mut file = File::create(stamp)?;
    file.write_all(sources.as_bytes())?;
    file.set_modified(UNIX_EPOCH + Duration::from_secs(86_400))
}

fn or_exit<T>(result: io::Result<T>, problem: &str) -> T {
    result.unwrap_or_else(|error| fail(&format!("{problem}: {error}")))
}

fn fail(problem: &str) -> ! {
    println!("cargo::error={problem}");
    exit(1)
}
