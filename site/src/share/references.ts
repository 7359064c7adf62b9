// Citations for programs, with the page that is shown and the day of access. Each format has its own escape.
import type { Shown } from "../shown";
import { citedAddress, citedLabel } from "./citation";

interface Cited {
  /** The address of the item. */
  canonical: string;
  address: string;
  /** On one line; empty: the item as a whole. */
  label: string;
  now: Date;
}

const FORMATS: Record<string, (text: string, cited: Cited) => string> = { bibtex: bibTeX, ris, "csl-json": cslJson };

/** Returns what brings the citations up to date. */
export function createReferences(section: HTMLElement, shown: Shown | undefined): () => void {
  const elements = Array.from(section.querySelectorAll<HTMLElement>("[data-format]"));
  const originals = elements.map((element) => element.textContent ?? "");
  return () => {
    const label = citedLabel(shown).replace(/[\s\p{Cc}]+/gu, " ").trim();
    const cited = { canonical: section.dataset.canonical ?? "", address: citedAddress(section, shown), label, now: new Date() };
    elements.forEach((element, index) => {
      const write = FORMATS[element.dataset.format ?? ""];
      if (write) element.textContent = write(originals[index] ?? "", cited);
    });
  };
}

export function bibTeX(text: string, { canonical, address, label, now }: Cited): string {
  const pages = label ? `  pages = {${latex(label)}},\n` : "";
  return text.replace(`url = {${canonical}}`, () => `url = {${address}}`).replace(/\}\s*$/, () => `${pages}  urldate = {${now.toISOString().slice(0, 10)}},\n}\n`);
}

export function ris(text: string, { canonical, address, label, now }: Cited): string {
  const day = now.toISOString().slice(0, 10).replace(/-/g, "/");
  const more = `${label ? `SP  - ${label}\r\n` : ""}Y2  - ${day}/\r\nER  - `;
  return text.replace(/\r?\n/g, "\r\n").replace(`UR  - ${canonical}\r\n`, () => `UR  - ${address}\r\n`).replace(/ER {2}- $|ER {2}- (?=\r\n$)/, () => more);
}

export function cslJson(text: string, { address, label, now }: Cited): string {
  const [work] = JSON.parse(text) as [Record<string, unknown>];
  if (label) work.page = label;
  work.URL = address;
  work.accessed = { "date-parts": [now.toISOString().slice(0, 10).split("-").map(Number)] };
  return `${JSON.stringify([work], null, 2)}\n`;
}

function latex(text: string): string {
  const escapes: Record<string, string> = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
  return text.replace(/[\\~^{}%&#$_]/g, (letter) => escapes[letter] ?? `\\${letter}`);
}
