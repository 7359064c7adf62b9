"""The wheel for PyPI: the binary as a script of the package, and no Python. `pip`, `pipx` and `uvx` put it on the PATH.

By hand, not by maturin: a wheel is a ZIP of six files, and maturin would compile once more. The layout is that of the
specification "Binary distribution format", with licences (PEP 639) and the SBOM (PEP 770) in their places.
"""

import base64
import hashlib

import archives


def write(folder, release, target):
    name, version = "iiif_build", release.version
    info = f"{name}-{version}.dist-info"
    entries = [
        (f"{name}-{version}.data/scripts/iiif-build{target.exe}", release.binary, 0o755),
        (f"{info}/METADATA", metadata(release).encode(), 0o644),
        (f"{info}/WHEEL", wheel(target).encode(), 0o644),
    ]
    entries += [(f"{info}/licenses/{name}", data, 0o644) for name, data in sorted(release.licences.items())]
    entries.append((f"{info}/sboms/iiif-build.cdx.json", release.sbom, 0o644))
    record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, data, _ in entries)
    entries.append((f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), 0o644))
    file = folder / f"{name}-{version}-py3-none-{target.wheel}.whl"
    archives.zip_file(file, entries, release.epoch)
    return file


def metadata(release):
    lines = [
        "Metadata-Version: 2.4",
        "Name: iiif-build",
        f"Version: {release.version}",
        f"Summary: {release.description}",
        f"Keywords: {','.join(release.keywords)}",
        f"License-Expression: {release.licence}",
        *(f"License-File: {name}" for name in sorted(release.licences)),
        "Classifier: Development Status :: 4 - Beta",
        "Classifier: Environment :: Console",
        "Classifier: Intended Audience :: Education",
        "Classifier: Programming Language :: Rust",
        "Classifier: Topic :: Multimedia :: Graphics",
        *([f"Project-URL: Source, {release.repository}"] if release.repository else []),
        # It is a program, so that every Python will do.
        "Requires-Python: >=3.7",
        "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM",
    ]
    return "\n".join(lines) + "\n\n" + release.readme.decode()


def wheel(target):
    tags = "".join(f"Tag: py3-none-{tag}\n" for tag in target.wheel.split("."))
    return f"Wheel-Version: 1.0\nGenerator: iiif-build-release\nRoot-Is-Purelib: false\n{tags}"


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
