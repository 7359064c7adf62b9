"""The Debian package: the binary, its manual pages and completions. The same on every Debian and Ubuntu: it is static."""

import email.utils
import gzip
import os
import subprocess

import components

SOURCE = components.ROOT / "packaging/debian"


def write(folder, scratch, release, target):
    root = scratch / "deb"
    share = root / "usr/share"
    put(root / "usr/bin/iiif-build", release.binary, 0o755)
    for name, page in release.manual.items():
        put(share / f"man/man1/{name}.gz", packed(page))
    put(share / "bash-completion/completions/iiif-build", release.completions["iiif-build.bash"])
    put(share / "zsh/vendor-completions/_iiif-build", release.completions["_iiif-build"])
    put(share / "fish/vendor_completions.d/iiif-build.fish", release.completions["iiif-build.fish"])
    documents = share / "doc/iiif-build"
    put(documents / "copyright", (SOURCE / "copyright").read_bytes())
    put(documents / "THIRD-PARTY-LICENSES.txt.gz", packed(release.licences["THIRD-PARTY-LICENSES.txt"]))
    put(documents / "iiif-build.cdx.json.gz", packed(release.sbom))
    put(documents / "changelog.gz", packed(release.changelog))
    put(documents / "changelog.Debian.gz", packed(changelog(release).encode()))
    put(share / "lintian/overrides/iiif-build", (SOURCE / "lintian-overrides").read_bytes())
    sums = subprocess.run("find usr -type f | LC_ALL=C sort | xargs md5sum", shell=True, cwd=root, check=True, capture_output=True)
    size = sum(each.stat().st_size for each in root.rglob("*") if each.is_file()) // 1024
    put(root / "DEBIAN/md5sums", sums.stdout)
    put(root / "DEBIAN/control", control(release, target, size).encode())

    file = folder / f"iiif-build_{release.version}-1_{target.deb}.deb"
    # dpkg-deb sorts, and takes no time later than SOURCE_DATE_EPOCH.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(release.epoch)}
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, file]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return file


def put(file, data, mode=0o644):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    file.chmod(mode)


def packed(data):
    return gzip.compress(data, 9, mtime=0)


def control(release, target, size):
    fields = (SOURCE / "control").read_text()
    values = {
        "VERSION": release.version,
        "ARCHITECTURE": target.deb,
        "SIZE": str(size),
        "MAINTAINER": release.maintainer,
        "HOMEPAGE": f"Homepage: {release.repository}\n" if release.repository else "",
    }
    for name, value in values.items():
        fields = fields.replace(f"@{name}@" if name != "HOMEPAGE" else "@HOMEPAGE@\n", value)
    return fields


def changelog(release):
    date = email.utils.formatdate(release.epoch)
    text = f"iiif-build ({release.version}-1) unstable; urgency=medium\n\n  * Release {release.version}: see changelog.gz.\n"
    return f"{text}\n -- {release.maintainer}  {date}\n"
