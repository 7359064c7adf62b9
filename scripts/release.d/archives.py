"""Archives whose bytes depend on nothing but their files: sorted, one time, no user, no group."""

import gzip
import io
import tarfile
import time
import zipfile


def tar_gz(file, entries, epoch):
    """`entries`: (name in the archive, bytes, mode)."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data, mode in sorted(entries):
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), mode, epoch
            tar.addfile(info, io.BytesIO(data))
    with open(file, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        packed.write(plain.getvalue())


def zip_file(file, entries, epoch):
    """In the order of `entries`: a wheel has its list of files last."""
    # A ZIP knows no time before 1980.
    date = time.gmtime(max(epoch, 315532800))[:6]
    with zipfile.ZipFile(file, "w") as archive:
        for name, data, mode in entries:
            info = zipfile.ZipInfo(name, date)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, data, compresslevel=9)
