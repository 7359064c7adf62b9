#!/usr/bin/env python3
"""Fills in the manifests of packaging/ for Homebrew, Scoop and winget: manifests.py FOLDER.

FOLDER holds the archives of a release. A system whose archive is not there gets zeros, and a warning: a trial.
"""

import hashlib
import os
import re
import sys
from pathlib import Path

import components

MANIFESTS = ["homebrew/iiif-build.rb", "scoop/iiif-build.json", "winget"]


def main(folder):
    own = components.package()
    version = own["version"]
    repository = os.environ.get("IIIF_BUILD_REPOSITORY") or own["repository"] or "https://example.org/iiif-build"

    def archive(target):
        return f"iiif-build-{version}-{target}.{'zip' if 'windows' in target else 'tar.gz'}"

    def value(match):
        kind, _, target = match[1].partition(":")
        match kind:
            case "VERSION":
                return version
            case "REPOSITORY":
                return repository
            case "URL":
                return f"{repository}/releases/download/v{version}/{archive(target)}"
            case "SHA256":
                file = folder / archive(target)
                if file.exists():
                    return hashlib.sha256(file.read_bytes()).hexdigest()
                print(f"manifests: {file.name} is not there, its checksum is zero", file=sys.stderr)
                return "0" * 64
        raise SystemExit(f"manifests: what is {match[0]}?")

    for name in MANIFESTS:
        source = components.ROOT / "packaging" / name
        for file in sorted(source.iterdir()) if source.is_dir() else [source]:
            out = folder / "manifests" / file.relative_to(components.ROOT / "packaging")
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(re.sub(r"@([A-Z0-9]+(?::[a-z0-9_-]+)?)@", value, file.read_text()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
