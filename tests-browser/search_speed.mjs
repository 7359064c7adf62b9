// `node search_speed.mjs`: how long search in an item of 600 pages with 400 words each takes, at 10 Mbit/s, 40 ms and
// a quarter of the processor. Not a test. IIIF_BUILD_BIN names a binary made with optimisations or without: only pages
// of the example collection are asked of it.
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { launch } from "./browser.mjs";
import { serve } from "./site.mjs";
import { textFiles, textPage } from "./texts.mjs";

const [PAGES, LINES, WORDS] = [600, 40, 10];
const PART = 230_000;
const NEAR_FIRST_PAGE = "wegweiser";
const QUESTIONS = [NEAR_FIRST_PAGE, "der", '"und der"', "auf"];
const RUNS = 5;

/** The same numbers at each run. */
let seed = 1;
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;

const SYLLABLES = "der und ſo auf ge ver heit keit lich ung men ſchen wiſ ſen ſchaft frei mög bür ger lauf zu kunſt er ziel ſtaat".split(" ");
const vocabulary = ["der", "die", "und", "iſt", "auf", ...Array.from({ length: 20_000 }, () => Array.from({ length: 1 + random() * 3 }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join(""))];
const word = () => vocabulary[Math.floor(vocabulary.length ** random()) - 1];

/** Pages in parts as large as the program makes them. */
function texts() {
  const parts = [[]];
  let bytes = 0;
  for (let number = 0; number < PAGES; number++) {
    const lines = Array.from({ length: LINES }, () => Array.from({ length: WORDS }, word).join(" "));
    if (number % 50 === 1) lines[3] = `${NEAR_FIRST_PAGE} ${lines[3]}`;
    const page = textPage(String(number).padStart(4, "0"), lines, { language: "de" });
    const size = Buffer.byteLength(JSON.stringify(page));
    if (bytes + size > PART) {
      parts.push([]);
      bytes = 0;
    }
    bytes += size;
    parts.at(-1).push(page);
  }
  return parts;
}

/** A page of the example collection with as many figures as there are pages. */
function grown(html, parts) {
  const [figure] = html.match(/<li>\s*<figure[^]*?<\/figure>\s*<\/li>/);
  const figures = parts.flatMap((pages, index) =>
    pages.map(({ page }) =>
      figure
        .replace(/ data-text="\d+"/, "")
        .replace(/id="page-[^"]*"/, `id="page-${page}" data-text="${index + 1}"`)
        .replace(/data-page="[^"]*"/, `data-page="${page}"`),
    ),
  );
  return html.replace(/(<ol class="pages"[^>]*>)[^]*?<\/ol>/, (_, start) => `${start}${figures.join("")}</ol>`);
}

const site = await serve({});
const browser = await launch();
const parts = texts();
const files = textFiles(parts);
const item = "/books/german/mimili-1815/";
const packed = Object.entries(files).map(([name, body]) => [name, gzipSync(body)]);
const size = (all) => Math.round(all.reduce((sum, [, { length }]) => sum + length, 0) / 1000);
console.log(`${parts.length} parts; gzipped ${size(packed.filter(([name]) => !name.includes("boxes")))} kB of text, ${size(packed.filter(([name]) => name.includes("boxes")))} kB of boxes`);

const answers = new Map(packed.map(([name, body]) => [`${item}text/${name}`, ["application/json", body]]));
const server = createServer(async ({ url }, response) => {
  const { pathname } = new URL(url, site.url);
  if (!answers.has(pathname)) {
    const found = await fetch(new URL(pathname, site.url));
    const body = Buffer.from(await found.arrayBuffer());
    answers.set(pathname, [found.headers.get("content-type"), gzipSync(pathname === item ? grown(body.toString(), parts) : body)]);
  }
  const [type, body] = answers.get(pathname);
  response.writeHead(200, { "content-type": type, "content-encoding": "gzip", "content-length": body.length });
  response.end(body);
});
await new Promise((resolve) => server.listen(0, resolve));
const address = `http://localhost:${server.address().port}${item}`;

const median = (numbers) => Math.round(numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]);
for (const question of QUESTIONS) {
  const [first, all] = [[], []];
  let answer;
  for (let run = 0; run < RUNS; run++) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const session = await page.context().newCDPSession(page);
    await session.send("Network.emulateNetworkConditions", { offline: false, latency: 40, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 });
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.goto(address, { waitUntil: "networkidle" });
    await page.locator("[data-pane=search]").click();
    await page.locator("#reader-search input").fill(question);
    const times = await page.evaluate(
      (question) =>
        new Promise((resolve) => {
          const start = performance.now();
          const times = {};
          const status = document.querySelector(".viewer > [role=status]");
          const look = () => {
            if (!times.first && document.querySelector(".hits a")) times.first = performance.now() - start;
            if (/\bhit/i.test(status.textContent)) resolve({ ...times, all: performance.now() - start, answer: status.textContent });
          };
          new MutationObserver(look).observe(document.querySelector(".viewer"), { subtree: true, childList: true, characterData: true });
          document.querySelector("#reader-search form").requestSubmit();
        }),
      question,
    );
    first.push(times.first);
    all.push(times.all);
    answer = times.answer;
    await page.context().close();
  }
  console.log(`${question}: first hits after ${median(first)} ms, all after ${median(all)} ms (${answer})`);
}
await browser.close();
server.close();
await site.stop();
