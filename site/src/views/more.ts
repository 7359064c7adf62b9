// The figure of a page, which tells more of it than the viewer needs at first: on this page, or on one of those with figures.
import type { Page } from "../pages";

/** Resolves to the figure of a page, or to nothing if there is no more to know. */
export type More = (page: Page) => Promise<HTMLElement | undefined>;

export function createMore(): More {
  const asked = new Map<string, Promise<Document>>();

  return async ({ anchor, more }) => {
    if (more === undefined) return undefined;
    if (more === "") return document.getElementById(anchor) ?? undefined;
    const address = new URL(more, location.href);
    address.hash = "";
    let answer = asked.get(address.href);
    if (!answer) {
      answer = request(address.href);
      answer.catch(() => asked.delete(address.href));
      asked.set(address.href, answer);
    }
    return (await answer.catch(() => undefined))?.getElementById(anchor) ?? undefined;
  };
}

async function request(address: string): Promise<Document> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const found = new DOMParser().parseFromString(await response.text(), "text/html");
  // What it names is relative to where it stands.
  for (const name of ["href", "src", "data-info"]) {
    for (const element of found.querySelectorAll(`[${name}]`)) {
      const value = element.getAttribute(name) ?? "";
      if (!value.startsWith("#")) element.setAttribute(name, new URL(value, address).href);
    }
  }
  return found;
}
