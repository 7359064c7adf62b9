# nix run 'github:OWNER/iiif-build?dir=packaging/nix' -- --version
{
  description = "Static IIIF collections without an image server";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      forAll = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      source = ../..;
    in
    {
      packages = forAll (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "iiif-build";
          version = (pkgs.lib.importTOML (source + "/Cargo.toml")).package.version;
          src = source;
          cargoLock.lockFile = source + "/Cargo.lock";

          # build.rs bundles the browser's side by npm, here without a network.
          npmRoot = "site";
          npmDeps = pkgs.importNpmLock { npmRoot = source + "/site"; };
          nativeBuildInputs = [
            pkgs.cmake
            pkgs.installShellFiles
            pkgs.nasm
            pkgs.nodejs
            pkgs.importNpmLock.npmConfigHook
          ];
          # cmake is for libjpeg-turbo inside of its crate, not for this project.
          dontUseCmakeConfigure = true;

          # The suite needs servers of other projects.
          cargoTestFlags = [ "--lib" ];

          postInstall = ''
            $out/bin/iiif-build man man
            installManPage man/*.1
            for shell in bash fish zsh; do
              $out/bin/iiif-build completions $shell >iiif-build.$shell
            done
            installShellCompletion iiif-build.{bash,fish,zsh}
          '';

          meta = {
            description = "Static IIIF collections without an image server";
            license = with pkgs.lib.licenses; [ mit asl20 ];
            mainProgram = "iiif-build";
          };
        };
      });
    };
}
