// What a page is for browsers, search engines and other sites: a policy that nothing breaks, a head, valid HTML.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { close, open, settled } from "./browser.mjs";
import { WITH_TEXT } from "./site.mjs";

const PAGES = { "the home page": "", "a collection": "books/", "an item": "manuscripts/sapience/", "an item with text": WITH_TEXT };

export function testCitizenship(world) {
  for (const [name, address] of Object.entries(PAGES)) {
    test(`${name} is served with a strict policy, and breaks it nowhere`, async () => {
      const page = await open(world.browser, world.url + address, undefined, (context) =>
        context.addInitScript(() => {
          window.broken = [];
          document.addEventListener("securitypolicyviolation", (event) => window.broken.push(`${event.violatedDirective}: ${event.blockedURI}`));
        }));
      const { headers } = await head(page, world.url + address);
      const policy = headers["content-security-policy"];
      assert.ok(policy?.includes("default-src 'none'") && !policy.includes("unsafe"), policy);
      for (const button of await page.locator(".toolbar button:visible").all()) {
        await button.click({ timeout: 2000 }).catch(() => {});
        await page.keyboard.press("Escape");
      }
      await settled(page);
      assert.deepEqual(await page.evaluate(() => window.broken), []);
      assert.deepEqual(page.problems.filter((problem) => /Content Security Policy/.test(problem)), []);
      await close(page);
    });
  }

  for (const [name, address] of Object.entries(PAGES)) {
    test(`${name} tells other sites what it is, with a picture of at most 1,200 pixels`, async () => {
      const page = await open(world.browser, world.url + address);
      const meta = (key) => page.locator(`meta[property="${key}"], meta[name="${key}"]`).first().getAttribute("content");
      assert.ok((await meta("og:title")).length > 0);
      assert.equal(await meta("og:locale"), "en_US");
      assert.equal(await meta("twitter:card"), "summary_large_image");
      const image = await page.request.get(await meta("og:image"));
      assert.equal(image.status(), 200);
      const [width, height] = [Number(await meta("og:image:width")), Number(await meta("og:image:height"))];
      assert.ok(Math.max(width, height) <= 1200 && Math.max(width, height) >= 90, `${width} x ${height}`);
      for (const rel of ["canonical", "icon", "manifest"]) assert.equal(await page.locator(`link[rel="${rel}"]`).count(), 1, rel);
      for (const rel of ["icon", "manifest"]) {
        const href = await page.locator(`link[rel="${rel}"]`).evaluate((link) => link.href);
        const response = await page.request.get(href);
        assert.equal(response.status(), 200, href);
        if (rel === "manifest") assert.ok(JSON.parse(await response.text()).icons.length > 0);
      }
      const data = await page.locator('script[type="application/ld+json"]').textContent();
      assert.equal(JSON.parse(data)["@context"], "https://schema.org");
      await close(page);
    });
  }

  test("what an item says of itself is in its head", async () => {
    const page = await open(world.browser, `${world.url}manuscripts/sapience/`);
    const described = await page.locator('meta[name="description"]').getAttribute("content");
    assert.ok(described.length > 20 && described.length <= 310 && !described.includes("<"), described);
    await close(page);
  });

  test("the Nu HTML checker finds no error on any kind of page", async (context) => {
    if (!hasJava()) return context.skip("no java");
    const folder = await mkdtemp(path.join(tmpdir(), "iiif-build-html-"));
    try {
      const files = [];
      for (const [name, address] of [...Object.entries(PAGES), ["not found", "nothing/"]]) {
        const text = await (await fetch(world.url + address)).text();
        files.push(path.join(folder, `${name.replaceAll(" ", "-")}.html`));
        await writeFile(files.at(-1), text);
      }
      const { default: jar } = await import("vnu-jar");
      const found = await new Promise((resolve) => execFile("java", ["-Xss2m", "-jar", jar, "--errors-only", "--format", "gnu", ...files], (_, __, told) => resolve(told)));
      assert.equal(found.replaceAll(folder, ""), "");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function head(page, address) {
  const response = await page.request.get(address);
  return { headers: response.headers() };
}

function hasJava() {
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
