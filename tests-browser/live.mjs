// Pages that follow each change: a small project of its own, changed while it is served live.
import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { close, until, VIEWS } from "./browser.mjs";
import { violations } from "./pages.mjs";
import { LIVE_ITEM, serve } from "./site.mjs";

const OVERLAY = "iiif-build-problems section";

/** A page that never becomes idle, since it listens. */
async function visit(world, address, options = VIEWS.desktop) {
  const page = await (await world.browser.newContext(options)).newPage();
  await page.goto(address, { waitUntil: "load" });
  return page;
}

export function testLive(world) {
  test("a page that is served live follows each change and shows each mistake", { timeout: 300_000 }, async (t) => {
    const site = await serve({ live: true });
    const write = async (name, text) => {
      const file = path.join(site.root, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    };
    const item = await readFile(path.join(site.root, "content", LIVE_ITEM, "item.toml"), "utf8");
    const relabel = (label) => write(`content/${LIVE_ITEM}item.toml`, item.replace(/^label = .*$/m, `label = "${label}"`));
    try {
      const page = await visit(world, site.url);
      await t.test("a page opened during the first build shows the site when it is there", async () => {
        await page.waitForFunction(() => document.querySelector("[data-iiif-build-progress]") === null, null, {
          timeout: 180_000,
        });
      });

      await page.goto(`${site.url}${LIVE_ITEM}`, { waitUntil: "load" });
      await t.test("a corrected label reloads the page where it was", async () => {
        await page.evaluate(() => scrollTo(0, 200));
        const at = await page.evaluate(() => scrollY);
        await relabel("Corrected");
        await page.waitForFunction(() => document.title.includes("Corrected"));
        // The shorter label takes a line less, above what is seen.
        await until("it is scrolled to where it was", () => page.evaluate((at) => scrollY > 0 && Math.abs(scrollY - at) < 60, at));
      });

      const mistake = () => write("templates/item.html", "{{ <b>oops</b> }}");
      await t.test("a mistake in a template covers the page as text, and goes with the mistake", async () => {
        await mistake();
        const overlay = page.locator(OVERLAY);
        await overlay.waitFor();
        assert.equal(await overlay.getAttribute("role"), "alert");
        assert.match(await overlay.innerText(), /item\.html:1:\d+/);
        assert.deepEqual(await violations(page), []);

        const late = await visit(world, `${site.url}${LIVE_ITEM}`, { ...VIEWS.phone, colorScheme: "dark" });
        await late.locator(OVERLAY).waitFor();
        assert.deepEqual(await violations(late), []);
        await close(late);

        await rm(path.join(site.root, "templates/item.html"));
        await overlay.waitFor({ state: "detached" });
      });

      await t.test("a template that fails for a page is told with its file, its line and the page that needed it", async () => {
        await write("templates/item.html", '{% extends "theme/item.html" %}\n{% block title %}\n{% if description.label.text == "Needed" %}{{ nothing }}{% endif %}{% endblock %}');
        await relabel("Needed");
        const overlay = page.locator(OVERLAY);
        await overlay.waitFor();
        const told = await overlay.innerText();
        assert.match(told, /item\.html:3:\d+/);
        assert.ok(told.includes(LIVE_ITEM.replace(/\/$/, "")), told);
        assert.deepEqual(await violations(page), []);
        await rm(path.join(site.root, "templates/item.html"));
        await overlay.waitFor({ state: "detached" });
        await relabel("Corrected");
        await page.waitForFunction(() => document.title.includes("Corrected"));
      });

      await t.test("the overlay is closed by the keyboard", async () => {
        await mistake();
        await page.locator(OVERLAY).waitFor();
        await page.keyboard.press("Escape");
        await page.locator(OVERLAY).waitFor({ state: "detached" });
        await rm(path.join(site.root, "templates/item.html"));
      });

      await t.test("an image that fails is a notice that can be put away", async () => {
        const name = "<img src=x onerror=alert(1)>.png";
        await write(`content/${LIVE_ITEM}${name}`, "no image");
        const notice = page.locator(OVERLAY);
        await notice.waitFor();
        assert.equal(await notice.getAttribute("role"), "status");
        assert.ok((await notice.innerText()).includes(name), "the file's name is text");
        assert.equal(await notice.locator("img").count(), 0);
        await notice.getByRole("button", { name: "Close" }).click();
        await notice.waitFor({ state: "detached" });
        await relabel("Again");
        await page.waitForFunction(() => document.title.includes("Again"));
        await page.waitForTimeout(500);
        assert.equal(await notice.count(), 0, "what was put away stays away");
      });
      await close(page);
    } finally {
      await site.stop();
    }
  });
}
