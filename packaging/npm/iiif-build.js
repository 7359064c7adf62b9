#!/usr/bin/env node
// Starts the program of this platform's package, as if it were started itself: its streams, signals and exit code.
"use strict";
const { spawn } = require("node:child_process");

const platform = `${process.platform}-${process.arch}`;
const name = process.platform === "win32" ? "iiif-build.exe" : "iiif-build";

let program;
try {
  program = require.resolve(`@iiif-build/${platform}/bin/${name}`);
} catch {
  console.error(
    `iiif-build: the package @iiif-build/${platform} is missing. If npm was told to leave out optional dependencies, ` +
      "install again without that. If there is no such package, this platform has no ready-made program: install it " +
      "with `cargo install iiif-build`.",
  );
  process.exit(1);
}

const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// Whoever ends this process means the program. A terminal sends Ctrl-C to both of them, and the program takes a second
// one for impatience.
process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`iiif-build: ${program}: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
