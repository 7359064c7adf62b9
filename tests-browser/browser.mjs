// Chromium, and pages that remember what they asked for and what went wrong.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { chromium } from "playwright-core";

export const VIEWS = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 375, height: 812 }, isMobile: true, hasTouch: true },
};

/** Only this project's own pages are opened, so that Chromium's sandbox, which root cannot have, is not missed. */
export function launch() {
  const find = path.join(import.meta.dirname, "../scripts/chromium");
  const executablePath = execFileSync(find, { encoding: "utf8" }).trim();
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/**
 * Opens an address in a context of its own, which `prepare` sees before. `page.requested` is every address asked for, `page.waiting` how many have
 * no answer yet, `page.problems` what must not happen.
 */
export async function open(browser, address, options = VIEWS.desktop, prepare = () => {}) {
  const context = await browser.newContext(options);
  await prepare(context);
  const page = await context.newPage();
  const { origin } = new URL(address);
  page.requested = [];
  page.waiting = 0;
  page.problems = [];
  page.on("request", (request) => {
    page.waiting++;
    const { protocol, origin: host } = new URL(request.url());
    if (protocol === "data:" || protocol === "blob:") return;
    page.requested.push(request.url());
    if (host !== origin) page.problems.push(`asks another host: ${request.url()}`);
  });
  page.on("requestfinished", () => page.waiting--);
  page.on("requestfailed", () => page.waiting--);
  page.on("response", (response) => {
    if (response.status() >= 400) page.problems.push(`${response.status()}: ${response.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") page.problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.problems.push(`script: ${error.message}`));
  await page.goto(address, { waitUntil: "networkidle" });
  return page;
}

export const close = (page) => page.context().close();

/** Asks until the answer is yes; what is asked may take a moment to become true, never to stay so. */
export async function until(what, ask, patience = 20_000) {
  const end = Date.now() + patience;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`not within ${patience / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Until the page has asked for nothing for a while. Playwright's "networkidle" is reached once and for all. */
export async function settled(page) {
  let quiet = 0;
  await until("all is loaded", () => (quiet = page.waiting > 0 ? 0 : quiet + 1) > 6);
}
