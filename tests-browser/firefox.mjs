// The same site in Firefox, where it is installed: a few looks, by Marionette, which needs no driver.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { until } from "./browser.mjs";
import { ODD_NAME } from "./site.mjs";

const SETTINGS = `user_pref("marionette.port", 0);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
`;

export function testFirefox(world) {
  const program = installed();
  if (!program) {
    test("the site in Firefox", { skip: "no firefox is installed" }, () => {});
    return;
  }
  let firefox;
  before(async () => (firefox = await start(program)));
  after(() => firefox?.stop());

  test("in Firefox the home page and a collection are shown, and nothing is asked of other hosts", async () => {
    for (const address of ["", "books/"]) {
      await firefox.visit(world.url + address);
      assert.ok((await firefox.run("return document.querySelectorAll('.card img').length")) > 0);
      await until("the pictures are there", () => firefox.run("return [...document.images].every((image) => image.complete && image.naturalWidth > 0 || image.loading === 'lazy')"));
      const elsewhere = await firefox.run("return performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => !name.startsWith(location.origin))");
      assert.deepEqual(elsewhere, []);
      assert.equal(await firefox.run("return document.documentElement.scrollWidth <= innerWidth"), true);
    }
  });

  test("in Firefox an item opens in the viewer, and turns its pages", async () => {
    await firefox.visit(`${world.url}manuscripts/sapience/`);
    await until("the stage is drawn", () => firefox.run("return document.querySelector('.stage canvas')?.width > 0"));
    assert.equal(await firefox.run("return document.documentElement.classList.contains('scripted')"), true);
    const page = () => firefox.run("return document.querySelector('.page-number').textContent");
    const first = await page();
    await firefox.run("document.querySelector('[data-action=next]').click()");
    await until("the next page", async () => (await page()) !== first);
    assert.ok((await firefox.run("return location.hash")).startsWith("#page-"));
  });

  test("in Firefox an item with an odd name opens", async () => {
    await firefox.visit(world.url + ODD_NAME);
    await until("the stage is drawn", () => firefox.run("return document.querySelector('.stage canvas')?.width > 0"));
  });
}

function installed() {
  for (const name of ["firefox-esr", "firefox"]) {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return name;
    } catch {
      // Perhaps the other one.
    }
  }
}

async function start(program) {
  const profile = await mkdtemp(path.join(tmpdir(), "iiif-build-firefox-"));
  await writeFile(path.join(profile, "user.js"), SETTINGS);
  const browser = spawn(program, ["--headless", "--marionette", "--no-remote", "--profile", profile], { stdio: "ignore" });
  const stop = async (session) => {
    session?.end();
    const ended = new Promise((resolve) => browser.once("exit", resolve));
    if (browser.exitCode === null && browser.kill()) await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const session = await connected(path.join(profile, "MarionetteActivePort"));
    await session.send("WebDriver:NewSession", { capabilities: { alwaysMatch: {} } });
    return {
      visit: (url) => session.send("WebDriver:Navigate", { url }),
      run: async (script) => (await session.send("WebDriver:ExecuteScript", { script, args: [] })).value,
      stop: () => stop(session),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Messages are `LENGTH:JSON`; an answer has the number of its question. */
async function connected(portFile) {
  let port;
  await until("Firefox listens", async () => (port = Number(await readFile(portFile, "utf8").catch(() => 0))) > 0, 60_000);
  const socket = connect(port, "127.0.0.1");
  const waiting = new Map();
  let unread = Buffer.alloc(0);
  let number = 0;
  socket.on("data", (bytes) => {
    unread = Buffer.concat([unread, bytes]);
    for (;;) {
      const colon = unread.indexOf(":");
      const length = colon < 0 ? NaN : Number(unread.subarray(0, colon));
      if (!(unread.length > colon + length)) return;
      const message = JSON.parse(unread.subarray(colon + 1, colon + 1 + length));
      unread = unread.subarray(colon + 1 + length);
      if (!Array.isArray(message)) continue;
      const [, id, error, value] = message;
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error) reject(new Error(`${error.error}: ${error.message}`));
      else resolve(value);
    }
  });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return {
    send: (command, values) =>
      new Promise((resolve, reject) => {
        waiting.set(++number, { resolve, reject });
        const message = JSON.stringify([0, number, command, values]);
        socket.write(`${Buffer.byteLength(message)}:${message}`);
      }),
    end: () => socket.destroy(),
  };
}
