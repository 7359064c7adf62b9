// `IIIF_BUILD_CORPUS=DIR node readme_pictures.mjs OUT_DIR`: the pictures in README.md, as PNG. Not a test.
import { mkdir, writeFile } from "node:fs/promises";
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
const object = (name) => path.join(corpus, "objects", name);
const OCR = "kant_aufklaerung_1784/extra-ocr";
const folders = { "content/sapience": object("upenn_ms660_pelerinage") };
for (const page of ["0017", "0020"]) {
  folders[`content/kant/kant_${page}.tif`] = object(`${OCR}/OCR-D-IMG/INPUT_${page}.tif`);
  folders[`content/kant/kant_${page}.xml`] = object(`${OCR}/ALTO/PAGE_${page}_ALTO.xml`);
}
const LABELS = 'label = "Was ist Aufklärung?"\n[pages."kant_0017.tif"]\nlabel = "481"\n[pages."kant_0020.tif"]\nlabel = "494"\n';
const prepare = (root) => writeFile(path.join(root, "content/kant/item.toml"), LABELS);
const book = await serve({ folders, prepare, settings: 'title = "Prints"' });
const example = await serve({});
const browser = await launch();
try {
  await shoot("text-and-search", `${book.url}kant/?q=Menschen`, wide());
  await shoot("two-pages", `${example.url}books/german/kant-1784/#page-0008`, wide({ colorScheme: "dark" }), async (page) => {
    await page.locator("[data-action=next]").first().focus();
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
