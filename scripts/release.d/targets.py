"""The systems that there are packages for, and what each registry calls them."""

from dataclasses import dataclass


@dataclass
class Target:
    wheel: str
    npm: str
    deb: str | None = None

    @property
    def exe(self):
        return ".exe" if self.npm.startswith("win32") else ""


# A static binary runs on every Linux: one wheel has the tags of glibc and of musl.
LINUX = "manylinux_2_17_{0}.manylinux2014_{0}.musllinux_1_1_{0}"

TARGETS = {
    "x86_64-unknown-linux-musl": Target(LINUX.format("x86_64"), "linux-x64", "amd64"),
    "aarch64-unknown-linux-musl": Target(LINUX.format("aarch64"), "linux-arm64", "arm64"),
    "x86_64-apple-darwin": Target("macosx_10_12_x86_64", "darwin-x64"),
    "aarch64-apple-darwin": Target("macosx_11_0_arm64", "darwin-arm64"),
    "x86_64-pc-windows-msvc": Target("win_amd64", "win32-x64"),
}
