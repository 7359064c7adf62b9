// `IIIF_BUILD_CORPUS=DIR node readme_pictures.mjs OUT_DIR`: the pictures in README.md, as PNG of two pixels for one. Not a test.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { close, launch, open } from "./browser.mjs";
import { serve } from "./site.mjs";

const [folder] = process.argv.slice(2);
const { IIIF_BUILD_CORPUS: corpus } = process.env;
if (!folder || !corpus) {
  console.error("usage: IIIF_BUILD_CORPUS=DIR node readme_pictures.mjs OUT_DIR");
  process.exit(2);
}
await mkdir(folder, { recursive: true });

const wide = (more) => ({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, ...more });
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, isMobile: true, hasTouch: true };
const KANT = "objects/kant_aufklaerung_1784";

const book = await serve({ folders: { "content/kant": path.join(corpus, KANT) }, settings: 'title = "Prints"' });
const example = await serve({});
const browser = await launch();
try {
  await shoot("text-and-search", `${book.url}kant/?q=Aufklärung&text=1`, wide());
  await shoot("two-pages", `${book.url}kant/#page-0020`, wide({ colorScheme: "dark" }), async (page) => {
    await page.locator(".stage").focus();
    await page.keyboard.press("b");
  });
  await shoot("collection", example.url, wide());
  await shoot("item-page", `${example.url}manuscripts/sapience/`, wide());
  await shoot("phone", `${example.url}books/wild-flowers-1920/`, phone);
} finally {
  await browser.close();
  await book.stop();
  await example.stop();
}

async function shoot(name, address, options, act = () => {}) {
  const page = await open(browser, address, options);
  await page.waitForTimeout(1000);
  await act(page);
  await page.waitForTimeout(1500);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
  await close(page);
}
