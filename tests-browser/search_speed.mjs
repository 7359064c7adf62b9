// `node search_speed.mjs`: how long search in an item of 600 pages with 400 words each takes, at 10 Mbit/s, 40 ms and
// a quarter of the processor. Not a test.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { launch } from "./browser.mjs";
import { png } from "./png.mjs";
import { serve } from "./site.mjs";

const [PAGES, LINES, WORDS] = [600, 40, 10];
const NEAR_FIRST_PAGE = "wegweiser";
const QUESTIONS = [NEAR_FIRST_PAGE, "der", '"und der"', "auf"];
const RUNS = 5;

/** The same numbers at each run. */
let seed = 1;
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;

const SYLLABLES = "der und ſo auf ge ver heit keit lich ung men ſchen wiſ ſen ſchaft frei mög bür ger lauf zu kunſt er ziel ſtaat".split(" ");
const vocabulary = ["der", "die", "und", "iſt", "auf", ...Array.from({ length: 20_000 }, () => Array.from({ length: 1 + random() * 3 }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join(""))];
const word = () => vocabulary[Math.floor(vocabulary.length ** random()) - 1];

/** A page of 100 x 150 pixels; no two numbers give the same. */
function scan(number) {
  const rows = Buffer.alloc(101 * 150, 200);
  for (let row = 0; row < 150; row++) rows[101 * row] = 0;
  rows.writeUInt16BE(number, 1);
  return png(100, 150, rows);
}

/** The text of a page with a box for each word. */
function alto(lines) {
  const string = (text, line, at) => `<String CONTENT="${text}" HPOS="${50 + 90 * at}" VPOS="${50 + 34 * line}" WIDTH="80" HEIGHT="24"/>`;
  const textLine = (text, line) =>
    `<TextLine HPOS="50" VPOS="${50 + 34 * line}" WIDTH="900" HEIGHT="24">${text.split(" ").map((word, at) => string(word, line, at)).join("<SP/>")}</TextLine>`;
  return `<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Layout><Page WIDTH="1000" HEIGHT="1500"><PrintSpace>
<TextBlock LANG="de">${lines.map(textLine).join("\n")}</TextBlock></PrintSpace></Page></Layout></alto>`;
}

const book = await mkdtemp(path.join(tmpdir(), "iiif-build-search-"));
for (let number = 1; number <= PAGES; number++) {
  const lines = Array.from({ length: LINES }, () => Array.from({ length: WORDS }, word).join(" "));
  if (number % 50 === 2) lines[3] = `${NEAR_FIRST_PAGE} ${lines[3]}`;
  const name = path.join(book, String(number).padStart(4, "0"));
  await writeFile(`${name}.png`, scan(number));
  await writeFile(`${name}.xml`, alto(lines));
}
const site = await serve({ folders: { "content/book": book } });
const browser = await launch();

// Hosts compress what they send.
const answers = new Map();
const server = createServer(async ({ url }, response) => {
  const { pathname } = new URL(url, site.url);
  if (!answers.has(pathname)) {
    const found = await fetch(new URL(pathname, site.url));
    answers.set(pathname, [found.status, found.headers.get("content-type"), gzipSync(Buffer.from(await found.arrayBuffer()))]);
  }
  const [status, type, body] = answers.get(pathname);
  response.writeHead(status, { "content-type": type ?? "text/plain", "content-encoding": "gzip", "content-length": body.length });
  response.end(body);
});
await new Promise((resolve) => server.listen(0, resolve));
const address = `http://localhost:${server.address().port}/book/`;

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
await rm(book, { recursive: true });
