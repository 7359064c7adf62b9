"""The packages for npm: `iiif-build`, which finds the package of its platform, and the package of this platform.

npm installs the platform's package because it is an optional dependency that names its `os` and `cpu`. Nothing is
downloaded by a script after the installation.
"""

import json
import shutil
import subprocess

import components
import targets

SOURCE = components.ROOT / "packaging/npm"


def write(folder, scratch, release, target):
    """The two packages. The main one is the same whatever the target."""
    main = scratch / "npm/iiif-build"
    own_licences = {name: data for name, data in release.licences.items() if name.startswith("LICENSE-")}
    fill(main, release, own_licences, {
        "name": "iiif-build",
        "bin": {"iiif-build": "bin/iiif-build.js"},
        "engines": {"node": ">=18"},
        "optionalDependencies": {f"@iiif-build/{each.npm}": release.version for each in targets.TARGETS.values()},
    })
    (main / "bin").mkdir()
    shutil.copy(SOURCE / "iiif-build.js", main / "bin/iiif-build.js")
    (main / "bin/iiif-build.js").chmod(0o755)
    (main / "README.md").write_bytes(release.readme)

    platform = scratch / f"npm/{target.npm}"
    system, processor = target.npm.split("-")
    fill(platform, release, release.licences, {"name": f"@iiif-build/{target.npm}", "os": [system], "cpu": [processor]})
    binary = platform / f"bin/iiif-build{target.exe}"
    binary.parent.mkdir()
    binary.write_bytes(release.binary)
    binary.chmod(0o755)
    readme = f"The program of [iiif-build](https://www.npmjs.com/package/iiif-build) for {target.npm}.\n"
    (platform / "README.md").write_text(readme)
    (platform / "iiif-build.cdx.json").write_bytes(release.sbom)
    return [pack(folder, main), pack(folder, platform)]


def fill(folder, release, licences, own):
    folder.mkdir(parents=True)
    description = {
        "version": release.version,
        "description": release.description,
        "keywords": release.keywords,
        "license": release.licence,
        **({"repository": {"type": "git", "url": f"git+{release.repository}.git"}} if release.repository else {}),
        "publishConfig": {"access": "public"},
    }
    (folder / "package.json").write_text(json.dumps({"name": own.pop("name"), **description, **own}, indent=2) + "\n")
    for name, data in licences.items():
        (folder / name).write_bytes(data)


def pack(folder, package):
    """npm gives all files one time, and sorts them."""
    npm = shutil.which("npm")
    command = [npm, "pack", "--silent", "--pack-destination", str(folder), str(package)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    return folder / name
