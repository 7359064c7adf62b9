# The formula for a tap. `scripts/release manifests` fills in the version, the addresses and the checksums.
class IiifBuild < Formula
  desc "Static IIIF collections without an image server"
  homepage "@REPOSITORY@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "@URL:aarch64-apple-darwin@"
      sha256 "@SHA256:aarch64-apple-darwin@"
    end
    on_intel do
      url "@URL:x86_64-apple-darwin@"
      sha256 "@SHA256:x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "@URL:aarch64-unknown-linux-musl@"
      sha256 "@SHA256:aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "@URL:x86_64-unknown-linux-musl@"
      sha256 "@SHA256:x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "iiif-build"
    man1.install Dir["man/man1/*.1"]
    bash_completion.install "completions/iiif-build.bash" => "iiif-build"
    zsh_completion.install "completions/_iiif-build"
    fish_completion.install "completions/iiif-build.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/iiif-build --version")
    system bin/"iiif-build", "init", "collection"
    system bin/"iiif-build", "build", "--root", "collection"
    assert_path_exists testpath/"collection/public/index.html"
  end
end
