"""What is linked into the binary: crates, the C libraries in them, the browser's libraries, and what the compiler adds."""

import functools
import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The C libraries that crates carry: crate, name, licence, file with the version, the version in it.
C_LIBRARIES = [
    ("turbojpeg-sys", "libjpeg-turbo", "IJG AND BSD-3-Clause AND Zlib", "libjpeg-turbo/CMakeLists.txt", r"set\(VERSION ([\d.]+)\)"),
    ("openjpeg-sys", "openjpeg", "BSD-2-Clause", "config/opj_config_private.h", r'OPJ_PACKAGE_VERSION "([\d.]+)"'),
    ("libwebp-sys", "libwebp", "BSD-3-Clause", "vendor/configure.ac", r"AC_INIT\(\[libwebp\], \[([\d.]+)\]"),
    ("libdeflate-sys", "libdeflate", "MIT", "libdeflate/libdeflate.h", r'LIBDEFLATE_VERSION_STRING\s+"([\d.]+)"'),
    ("libsqlite3-sys", "sqlite", "blessing", "sqlite3/sqlite3.h", r'#define SQLITE_VERSION\s+"([\d.]+)"'),
    ("libmimalloc-sys", "mimalloc", "MIT", "c_src/mimalloc/v3/include/mimalloc.h", r"#define MI_MALLOC_VERSION (\d+)"),
]

# Corrections that a library carries although its version says otherwise: scanners look at the version.
BACKPORTS = {("libwebp", "1.3.1"): ["CVE-2023-4863"]}


@dataclass
class Component:
    name: str
    version: str
    licence: str
    purl: str
    folder: Path | None = None
    sha256: str | None = None
    authors: list[str] = field(default_factory=list)
    depends_on: list[str] = field(default_factory=list)
    backports: list[str] = field(default_factory=list)


@functools.cache
def metadata(target):
    """What cargo says of all crates of this target."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)


def package():
    """The crate's own entry."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--no-deps"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)["packages"][0]


def crates(target):
    """All crates that are linked into the binary, the program itself left out. Not those that only build or test it."""
    data = metadata(target)
    packages = {each["id"]: each for each in data["packages"]}
    nodes = {each["id"]: each for each in data["resolve"]["nodes"]}
    checksums = lock_checksums()

    def linked(identity):
        kinds = lambda dependency: [kind["kind"] for kind in dependency["dep_kinds"]]
        return [each["pkg"] for each in nodes[identity]["deps"] if None in kinds(each)]

    root = data["resolve"]["root"]
    waiting, seen = linked(root), {}
    while waiting:
        identity = waiting.pop()
        if identity in seen:
            continue
        crate = packages[identity]
        seen[identity] = Component(
            name=crate["name"],
            version=crate["version"],
            licence=re.sub(r"\s*/\s*", " OR ", crate["license"]),
            purl=cargo_purl(crate),
            folder=Path(crate["manifest_path"]).parent,
            sha256=checksums.get((crate["name"], crate["version"])),
            authors=crate["authors"],
            depends_on=sorted(cargo_purl(packages[each]) for each in linked(identity)),
        )
        waiting += linked(identity)
    direct = sorted(cargo_purl(packages[each]) for each in linked(root))
    return sorted(seen.values(), key=lambda each: (each.name, each.version)), direct


def cargo_purl(crate):
    return f"pkg:cargo/{crate['name']}@{crate['version']}"


def lock_checksums():
    text = (ROOT / "Cargo.lock").read_text()
    entry = re.compile(r'name = "(.*)"\nversion = "(.*)"\nsource = .*\nchecksum = "(.*)"')
    return {(name, version): checksum for name, version, checksum in entry.findall(text)}


def c_libraries(linked):
    """The C libraries in these crates, with the versions that their sources state."""
    folders = {each.name: each for each in linked}
    found = []
    for crate, name, licence, file, pattern in C_LIBRARIES:
        if crate not in folders:
            continue
        match = re.search(pattern, (folders[crate].folder / file).read_text())
        if not match:
            raise SystemExit(f"{crate}: {file} does not state the version of {name} as it used to")
        version = match[1]
        if name == "mimalloc":
            version = f"{int(version) // 10000}.{int(version) // 100 % 100}.{int(version) % 100}"
        backports = BACKPORTS.get((name, version), [])
        found.append(Component(name, version, licence, f"pkg:generic/{name}@{version}", backports=backports))
    return found


def browser_libraries():
    """What the bundle of the site is made of, from npm."""
    lock = json.loads((ROOT / "site/package-lock.json").read_text())
    runtime = {path: each for path, each in lock["packages"].items() if path and not each.get("dev")}
    found = []
    for path, each in sorted(runtime.items()):
        name = path.removeprefix("node_modules/")
        purl = f"pkg:npm/{name.replace('@', '%40')}@{each['version']}"
        found.append(Component(name, each["version"], each["license"], purl))
    return found


def runtime(target):
    """What the compiler adds: the standard library, and on musl the C library."""
    rust = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    found = [Component("rust-std", rust, "MIT OR Apache-2.0", f"pkg:generic/rust-std@{rust}")]
    if target.endswith("-musl"):
        musl = musl_version(target)
        found.append(Component("musl", musl, "MIT", f"pkg:generic/musl@{musl}"))
        found.append(Component("llvm-libunwind", rust, "Apache-2.0 WITH LLVM-exception", f"pkg:generic/llvm-libunwind@rust-{rust}"))
    return found


def musl_version(target):
    """Rust links the libc.a of its own target."""
    command = ["rustc", "--print", "sysroot"]
    sysroot = Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
    archive = sysroot / "lib/rustlib" / target / "lib/self-contained/libc.a"
    # The version is a string of its own, in what serves `ldd --version`.
    found = re.search(rb"\0?(1\.2\.\d+)\0", archive.read_bytes()) if archive.exists() else None
    return found[1].decode() if found else "unknown"
