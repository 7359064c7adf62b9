#!/usr/bin/env python3
"""Packs one compiled binary: pack.py TARGET BINARY FOLDER. The same input gives the same bytes.

The time in all packages is SOURCE_DATE_EPOCH. IIIF_BUILD_REPOSITORY is the address of the repository, if it has one,
and IIIF_BUILD_MAINTAINER the name and address that Debian packages need.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import archives
import components
import deb
import licences
import npm
import sbom
import wheel
from targets import TARGETS

MAINTAINER = "The iiif-build authors <iiif-build@example.org>"


@dataclass
class Release:
    version: str
    description: str
    keywords: list
    licence: str
    repository: str | None
    maintainer: str
    epoch: int
    binary: bytes
    readme: bytes
    changelog: bytes
    licences: dict
    sbom: bytes
    manual: dict
    completions: dict


def main(name, binary, folder):
    target = TARGETS[name]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        release = read(name, binary, scratch)
        bill = folder / f"iiif-build-{release.version}-{name}.cdx.json"
        bill.write_bytes(release.sbom)
        made = [bill, archive(folder, release, name, target), wheel.write(folder, release, target)]
        if shutil.which("npm"):
            made += npm.write(folder, scratch, release, target)
        if target.deb and shutil.which("dpkg-deb"):
            made.append(deb.write(folder, scratch, release, target))
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(made)]
    (folder / "SHA256SUMS").write_text("".join(sums))
    for file in made:
        print(f"{file.stat().st_size / 1e6:6.1f} MB  {file.name}")


def read(name, binary, scratch):
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    own = components.package()
    third_parties, bill = scratch / "THIRD-PARTY-LICENSES.txt", scratch / "sbom"
    licences.write(name, third_parties)
    sbom.write(name, bill, epoch)
    texts = {file: (components.ROOT / file).read_bytes() for file in ("LICENSE-APACHE", "LICENSE-MIT")}
    return Release(
        version=own["version"],
        description=own["description"],
        keywords=own["keywords"],
        licence=own["license"],
        repository=os.environ.get("IIIF_BUILD_REPOSITORY") or own["repository"],
        maintainer=os.environ.get("IIIF_BUILD_MAINTAINER") or MAINTAINER,
        epoch=epoch,
        binary=binary.read_bytes(),
        readme=(components.ROOT / "README.md").read_bytes(),
        changelog=(components.ROOT / "CHANGELOG.md").read_bytes(),
        licences={**texts, third_parties.name: third_parties.read_bytes()},
        sbom=bill.read_bytes(),
        manual=manual(binary, scratch / "man"),
        completions=completions(binary),
    )


def manual(binary, folder):
    run(binary, "man", folder)
    return {page.name: page.read_bytes() for page in sorted(folder.iterdir())}


def completions(binary):
    names = {"bash": "iiif-build.bash", "zsh": "_iiif-build", "fish": "iiif-build.fish", "powershell": "_iiif-build.ps1"}
    return {file: run(binary, "completions", shell) for shell, file in names.items()}


def run(*command):
    # Where somebody has set such a variable, help texts would show its value.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IIIF_BUILD_")}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout


def archive(folder, release, name, target):
    """One folder with the program and what belongs to it; a ZIP for Windows."""
    top = f"iiif-build-{release.version}-{name}"
    entries = [(f"{top}/iiif-build{target.exe}", release.binary, 0o755)]
    beside = {"README.md": release.readme, "CHANGELOG.md": release.changelog, "iiif-build.cdx.json": release.sbom}
    beside |= release.licences
    beside |= {f"completions/{file}": data for file, data in release.completions.items()}
    if not target.exe:
        beside |= {f"man/man1/{file}": data for file, data in release.manual.items()}
    entries += [(f"{top}/{file}", data, 0o644) for file, data in sorted(beside.items())]
    file = folder / (f"{top}.zip" if target.exe else f"{top}.tar.gz")
    (archives.zip_file if target.exe else archives.tar_gz)(file, entries, release.epoch)
    return file


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]))
