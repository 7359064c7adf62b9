// The citation of the page that is shown, and of the day on which it is read.
import { fill, one } from "../dom";
import type { Shown } from "../shown";

/** Returns what brings the citation up to date. */
export function createCitation(section: HTMLElement, shown: Shown | undefined): () => void {
  const sentence = one(section, ".citation");
  const [page, accessed] = ["page", "accessed"].map((name) => one(sentence, `[data-part=${name}]`));
  const link = one<HTMLAnchorElement>(sentence, "a");

  return () => {
    const label = citedLabel(shown);
    const address = citedAddress(section, shown);
    if (page) page.textContent = label ? `, ${fill(sentence.dataset.page ?? "", { label })}` : "";
    if (accessed) accessed.textContent = ` (${fill(sentence.dataset.accessed ?? "", { date: today() })})`;
    if (link.href !== address) link.href = link.textContent = address;
  };
}

/** The name of the page that is cited; empty: the item as a whole. */
export function citedLabel(shown: Shown | undefined): string {
  return shown && shown.all.length > 1 && shown.isChosen() ? shown.current().label : "";
}

/** The published address of the item, or of the page that a reader has gone to. */
export function citedAddress(section: HTMLElement, shown: Shown | undefined): string {
  const address = section.dataset.canonical ?? "";
  return shown?.isChosen() ? `${address}#${shown.current().anchor}` : address;
}

function today(): string {
  const now = new Date();
  try {
    return new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: "long" } as Intl.DateTimeFormatOptions).format(now);
  } catch {
    return now.toISOString().slice(0, 10);
  }
}
