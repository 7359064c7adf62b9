// `node viewer_speed.mjs`: how long readers wait for the pages of an item, of 6 and of 600 pages, at 10 Mbit/s, 40 ms and a
// quarter of the processor, with nothing in the cache; medians of five runs. Not a test. IIIF_BUILD_BIN names a binary
// made with optimisations or without: only pages of the example collection are asked of it.
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { launch, VIEWS } from "./browser.mjs";
import { LONG } from "./scans.mjs";
import { serve } from "./site.mjs";

const SHORT = "books/german/kant-1784/";
const PAGES = 600;
const RUNS = Number(process.env.RUNS ?? 5);
const TURNS = 8;

const site = await serve({ extras: true });
const browser = await launch();
const server = createServer(answer);
await new Promise((resolve) => server.listen(0, resolve));
const base = `http://localhost:${server.address().port}/`;
const short = await (await fetch(site.url + SHORT)).text();
const scans = Array.from(short.matchAll(/data-info="[./]*(iiif\/3\/([^"/]+)\/info\.json)" (data-size="[^"]+" data-sizes="[^"]+")/g), ([, , id, sizes]) => ({ id, sizes }));
const long = await grown();
const answers = new Map();

/** The page of the long item of the tests with as many pages, of scans as large as those of a real book. */
async function grown() {
  const html = await (await fetch(site.url + LONG)).text();
  const item = (index) => {
    const page = String(index + 1).padStart(4, "0");
    const { sizes } = scans[index % scans.length];
    return `<li id="page-${page}" data-page="${page}" data-info="../../iiif/3/speed_${page}/info.json" ${sizes}><a href="pages/${Math.floor(index / 50) + 1}/#page-${page}">${page}</a></li>`;
  };
  const [picture] = short.match(/<img class="picture"[^>]*>/);
  return html
    .replace(/(<ol class="pages[^>]*>)[^]*?<\/ol>/, (_, start) => `${start}${Array.from({ length: PAGES }, (_, index) => item(index)).join("\n  ")}</ol>`)
    .replace(/<img class="picture"[^>]*>/, picture.replaceAll("../../../iiif/3/", "../../iiif/3/").replaceAll(scans[0].id, "speed_0001"))
    .replaceAll("extras-long_0001/info.json", "speed_0001/info.json")
    .replace(/data-page-count="\d+"/, `data-page-count="${PAGES}"`);
}

async function answer({ url }, response) {
  const { pathname } = new URL(url, base);
  if (!answers.has(pathname)) {
    const place = pathname.replace(/speed_(\d+)/, (_, number) => scans[(Number(number) - 1) % scans.length].id);
    const found = pathname === `/${LONG}` ? undefined : await fetch(new URL(place, site.url));
    const body = found ? Buffer.from(await found.arrayBuffer()) : Buffer.from(long);
    const type = found?.headers.get("content-type") ?? "text/html; charset=utf-8";
    answers.set(pathname, { status: found?.status ?? 200, type, body: /text|json|javascript/.test(type) ? gzipSync(body) : body, gzip: /text|json|javascript/.test(type) });
  }
  const { status, type, body, gzip } = answers.get(pathname);
  response.writeHead(status, { "content-type": type, ...(gzip && { "content-encoding": "gzip" }), "content-length": body.length, "cache-control": "max-age=600" });
  response.end(body);
}

/** In the page: the times of the picture and of the viewer, and what shifts. */
function watch() {
  window.seen = { shift: 0 };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const { element, startTime } of list.getEntries()) if (element?.matches?.(".picture")) window.seen.picture ??= startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  const look = () => {
    if (!document.querySelector(".page-select option")) return requestAnimationFrame(look);
    window.seen.interactive = performance.now();
    return undefined;
  };
  look();
}

/** In the page: turns it, and resolves to the milliseconds until something of the next one is drawn. */
function turn() {
  const canvas = document.querySelector(".stage .openseadragon-canvas canvas");
  const context = canvas.getContext("2d");
  // A few pixels of its middle: to read all of them takes longer than to turn the page.
  const drawn = () => {
    const { data } = context.getImageData((canvas.width >> 1) - 100, canvas.height >> 1, 40, 40);
    return data.some((value) => value > 0) ? data.join() : "";
  };
  const before = drawn();
  return new Promise((resolve) => {
    const start = performance.now();
    const look = () => {
      const now = drawn();
      if ((now && now !== before) || performance.now() - start > 3000) return resolve(performance.now() - start);
      return requestAnimationFrame(look);
    };
    document.querySelector("[data-action=next]").click();
    requestAnimationFrame(look);
  });
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function measure(path, options) {
  const all = { picture: [], interactive: [], shift: [], nodes: [], turn: [], bytes: [] };
  for (let run = 0; run < RUNS; run++) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.emulateNetworkConditions", { offline: false, latency: 40, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 });
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.addInitScript(watch);
    await page.goto(base + path, { waitUntil: "networkidle" });
    const seen = await page.evaluate(() => ({ ...window.seen, nodes: document.querySelectorAll("*").length }));
    for (const name of ["picture", "interactive", "shift", "nodes"]) all[name].push(seen[name] ?? NaN);
    const turns = [];
    await page.evaluate(() => performance.clearResourceTimings());
    // A click on the last page turns nothing.
    const isLast = () => document.querySelector("[data-action=next]").matches(":disabled, [aria-disabled=true]");
    for (let at = 0; at < TURNS && !(await page.evaluate(isLast)); at++) {
      turns.push(await page.evaluate(turn));
      await page.waitForTimeout(900);
    }
    all.turn.push(median(turns));
    const bytes = await page.evaluate(() =>
      performance.getEntriesByType("resource").filter(({ name }) => !/\/(\d+,){3}\d+\/|\/full\/\d+,\d+\//.test(name)).reduce((sum, { transferSize }) => sum + transferSize, 0));
    all.bytes.push(bytes / turns.length);
    await context.close();
  }
  const [picture, interactive, turned] = [all.picture, all.interactive, all.turn].map((times) => Math.round(median(times)));
  console.log(`${path}: picture ${picture} ms, viewer ${interactive} ms, turn ${turned} ms and ${(median(all.bytes) / 1000).toFixed(1)} kB beyond tiles, shift ${median(all.shift).toFixed(3)}, ${median(all.nodes)} elements`);
}

function sizes() {
  const packed = (test) => [...answers].filter(([name]) => test(name)).reduce((sum, [, { body }]) => sum + body.length, 0) / 1000;
  const beforeList = gzipSync(long.slice(0, long.indexOf('<ol class="pages'))).length / 1000;
  const of = (html) => gzipSync(html).length / 1000;
  console.log(`gzipped kB: HTML ${of(short).toFixed(1)} (few pages), ${of(long).toFixed(1)} (${PAGES} pages, ${beforeList.toFixed(1)} before the list); CSS ${packed((name) => name.endsWith(".css")).toFixed(1)}; ` +
    `scripts ${packed((name) => /(viewer|scripted)-[^/]*\.js$/.test(name)).toFixed(1)} at once, ${packed((name) => /(views|reading)-[^/]*\.js$/.test(name)).toFixed(1)} later`);
}

for (const path of [SHORT, LONG]) {
  for (const options of Object.values(VIEWS)) await measure(path, options);
}
sizes();
await browser.close();
server.close();
await site.stop();
