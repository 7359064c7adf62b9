// Mirador, the Universal Viewer and Clover, pointed at the Manifests of the example collection: as `add-viewer` brings them, and
// with the policy that `serve` sends. No request may fail. IIIF_BUILD_SHOTS names a folder for pictures of them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, readdir } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { close, open, settled, until, VIEWS } from "./browser.mjs";
import { addText, BINARY, serve, WITH_TEXT } from "./site.mjs";

const KANT = "books/german/kant-1784/";
const SHOTS = process.env.IIIF_BUILD_SHOTS;

/** The buttons of each viewer. */
const VIEWERS = {
  mirador: { next: "[aria-label='Next item']", zoom: "[aria-label='Zoom in']" },
  universalviewer: { next: "button.paging.next", zoom: "button.zoomIn" },
  clover: { next: ".clover-viewer-media-navigation >> button:has-text('Next')", zoom: "button[id^=zoomIn]" },
};
const NAMES = Object.keys(VIEWERS);

/** What no viewer can open. */
const GARBAGE = ["javascript:alert(1)", "data:text/html,x", "{nonsense", "bm9uc2Vuc2U", "{}", "[".repeat(5000), '[[[[[[[[[["https://a.example/"]]]]]]]]]]', "x".repeat(30_000)];

const VIEWPORT = { viewport: { width: 1000, height: 700 } };

export function testSiteViewers(world) {
  describe("other viewers", { concurrency: NAMES.length }, () => {
    let site;
    /** All Manifests of version 3 and some of version 2, by their paths. */
    let manifests;
    before(async () => {
      site = await serve({ settings: `viewer = ${JSON.stringify(NAMES)}`, prepare });
      const files = await readdir(path.join(site.root, "public"), { recursive: true });
      manifests = files.filter((name) => name.endsWith("/manifest.json")).sort();
      manifests.push(`${KANT}manifest.v2.json`, `${WITH_TEXT}manifest.v2.json`);
    });
    after(() => site?.stop());

    const address = (viewer, content) => `${site.url}viewers/${viewer}/${content === undefined ? "" : `?iiif-content=${encodeURIComponent(content)}`}`;
    const visit = (url) => open(world.browser, url, VIEWPORT, withoutWebGl);
    const shoot = async (page, name) => {
      if (SHOTS) await page.screenshot({ path: path.join(SHOTS, `${name.replaceAll("/", "-")}.png`) });
    };

    for (const [viewer, buttons] of Object.entries(VIEWERS)) {
      test(`${viewer} draws every item, zooms and turns the page, and no request fails`, async () => {
        assert.ok(manifests.length >= 9, `${manifests}`);
        // One context, so that the browser keeps the viewer.
        const page = await visit(address(viewer, site.url + manifests[0]));
        let turned = 0;
        for (const manifest of manifests) {
          if (manifest !== manifests[0]) await page.goto(address(viewer, site.url + manifest));
          await until(`${manifest} is drawn`, () => isDrawn(page));
          await page.locator(buttons.zoom).first().click();
          const next = page.locator(buttons.next).first();
          if ((await next.isVisible()) && (await next.isEnabled())) {
            const before = page.requested.length;
            await next.click();
            await until("files of the next page are asked for", () => page.requested.length > before);
            turned++;
          }
          await settled(page);
          await until(`${manifest} is still drawn`, () => isDrawn(page));
          await shoot(page, `${viewer}-${manifest}`);
          assert.deepEqual(problems(page), [], manifest);
        }
        assert.ok(turned >= 5, `${turned} pages were turned`);
        await close(page);
      });

      test(`${viewer} opens the page of an item from which a reader comes`, async () => {
        const item = await open(world.browser, `${site.url}${KANT}#page-0010`, VIEWS.desktop);
        await item.locator(".open-in summary").click();
        const link = item.locator(`.open-in a[href*='/viewers/${viewer}/']`);
        await until("the link names the page", async () => !(await link.getAttribute("href")).includes("%2Fmanifest.json"));
        const url = await link.evaluate(({ href }) => href);
        await close(item);
        const page = await visit(url);
        await until("it is drawn", () => isDrawn(page));
        await until("a tile of the page is asked for", () => page.requested.some(isTileOf("0010")));
        await settled(page);
        await shoot(page, `${viewer}-state`);
        // Clover can only be told once it shows the first page.
        if (viewer !== "clover") assert.ok(!page.requested.some(isTileOf("0007")), "the first page is not shown before");
        assert.deepEqual(problems(page), []);
        await close(page);
      });

      test(`${viewer} opens the collection if the address names nothing`, async () => {
        const page = await visit(address(viewer));
        await until("it names an item or a collection", async () => /Example collection|Books|balloon/.test(await page.locator("body").innerText()));
        await settled(page);
        await shoot(page, `${viewer}-collection`);
        assert.deepEqual(problems(page), []);
        await close(page);
      });

      test(`${viewer} says that it does not understand an address, and asks for nothing`, async () => {
        const page = await visit(address(viewer, GARBAGE[0]));
        for (const content of GARBAGE) {
          await page.goto(address(viewer, content));
          assert.match(await page.locator("[role=alert]").innerText(), /no item at this address/, content.slice(0, 50));
        }
        assert.ok(!page.requested.some((url) => url.endsWith(".json")), `${page.requested}`);
        assert.deepEqual(problems(page), []);
        await close(page);
      });
    }

    test("without script the pages of viewers lead to the site and to its Collection", async () => {
      for (const viewer of NAMES) {
        const page = await open(world.browser, `${site.url}viewers/${viewer}/`, { javaScriptEnabled: false });
        const links = await page.locator("noscript a").evaluateAll((all) => all.map(({ href }) => href));
        assert.deepEqual(links, [site.url, `${site.url}collection.json`]);
        await close(page);
      }
    });

    const isTileOf = (token) => (url) => new RegExp(`/iiif/3/books-german-kant-1784_${token}/\\d+,`).test(url);
  });
}

/** Viewers draw with WebGL if they can. Without a graphics card that takes many times as long, for the same requests. */
function withoutWebGl(context) {
  return context.addInitScript(() => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
      return kind.includes("webgl") ? null : getContext.call(this, kind, ...options);
    };
  });
}

/** An item with text, both versions of the APIs, and the viewers from the registry that npm is told to ask. */
async function prepare(root) {
  await addText(path.join(root, "content"));
  await appendFile(path.join(root, "iiif-build.toml"), '\n[iiif]\nimage-api = ["3", "2"]\npresentation-api = ["3", "2"]\n');
  const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  const env = { ...process.env, npm_config_registry: registry };
  delete env.NPM_CONFIG_REGISTRY;
  for (const name of NAMES) execFileSync(BINARY, ["add-viewer", name, "--root", root], { env, stdio: "pipe" });
}

/** What must not happen. Viewers also write to the console what only their authors can mend. */
const problems = (page) => page.problems.filter((problem) => !problem.startsWith("console:") || /Content Security Policy|Failed to load/i.test(problem));

/** Whether the largest canvas of the page shows a picture: many different colours. */
function isDrawn(page) {
  return page.evaluate(() => {
    const all = Array.from(document.querySelectorAll(".openseadragon-canvas canvas"));
    const [largest] = all.sort((one, other) => other.width * other.height - one.width * one.height);
    if (!largest?.width || !largest.height) return false;
    const small = Object.assign(document.createElement("canvas"), { width: 48, height: 48 }).getContext("2d");
    small.drawImage(largest, 0, 0, 48, 48);
    const pixels = new Uint32Array(small.getImageData(0, 0, 48, 48).data.buffer);
    return new Set(pixels).size > 100;
  });
}
