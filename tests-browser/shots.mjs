// `node shots.mjs OUT_DIR`: pictures of the example collection for people to look at. Not a test.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { close, launch, open, VIEWS } from "./browser.mjs";
import { serve } from "./site.mjs";

const PAGES = {
  home: "",
  collection: "books/german/",
  item: "manuscripts/sapience/",
  "item-one-image": "balloon-1786/",
  "item-many-keys": "books/german/kant-1784/#page-0009",
  "not-found": "nothing/",
};

const VARIANTS = {
  "": {},
  "-dark": { colorScheme: "dark" },
  "-without-script": { javaScriptEnabled: false },
};

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node shots.mjs OUT_DIR");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
const site = await serve({ extras: false });
const browser = await launch();
try {
  for (const [name, address] of Object.entries(PAGES)) {
    for (const [view, size] of Object.entries(VIEWS)) {
      for (const [suffix, options] of Object.entries(VARIANTS)) {
        await shoot(address, { ...size, ...options }, path.join(folder, `${name}-${view}${suffix}`));
      }
    }
  }
} finally {
  await browser.close();
  await site.stop();
}

/** The first screen, and the whole page where it is longer. */
async function shoot(address, options, file) {
  const page = await open(browser, site.url + address, options);
  // The stage fades from coarse to fine.
  await page.waitForTimeout(900);
  await page.screenshot({ path: `${file}.png` });
  const isLonger = await page.evaluate(() => document.documentElement.scrollHeight > innerHeight + 1);
  if (isLonger) await page.screenshot({ path: `${file}-whole.png`, fullPage: true });
  for (const problem of page.problems) console.log(`${path.basename(file)}: ${problem}`);
  await close(page);
}
