// The way to the text of an item: its script is asked for when a reader wants text, or an address asks a question.
import { one } from "../dom";
import type { Action } from "../keyboard";
import type { Host, Pane, Reading } from "./reading";

/** The address of the script beside this one; the bundler writes it. */
declare const READING: string;

const WANTED = "iiif-build:text";

export interface Door {
  turned(drawn: Promise<unknown>): void;
  /** Does what a button or key stands for; answers whether it stands for something here. */
  act(action: Action): boolean;
  /** Asks the question of the address, if it is another one. */
  follow(): void;
  point(at: { x: number; y: number } | undefined): void;
}

type Need = Pick<Host, "root" | "pages" | "stage" | "current" | "show" | "say">;

export function createDoor(need: Need, drawn: () => Promise<unknown>): Door {
  const { root, pages } = need;
  const buttons = Array.from(root.querySelectorAll<HTMLElement>("[data-pane]"));
  const hasText = pages.some(({ part }) => part);
  let pane: Pane | undefined;
  let reading: Reading | undefined;
  let loading: Promise<Reading> | undefined;

  const opened = (now: Pane | undefined) => {
    // A search between does not change what the reader wants.
    if (now === "text" || (!now && pane === "text")) remember(now === "text");
    pane = now;
    root.classList.toggle("with-pane", pane !== undefined);
    for (const button of buttons) button.setAttribute("aria-expanded", String(button.dataset.pane === pane));
  };
  const host: Host = { ...need, address: writeQuestion, opened };

  async function load(): Promise<Reading> {
    loading ??= import(READING).then(({ createReading }) => {
      reading = (createReading as (host: Host) => Reading)(host);
      reading.turned(drawn());
      return reading;
    });
    return loading;
  }

  function use(act: (reading: Reading) => void): void {
    if (!hasText) return;
    load().then(act, () => {
      loading = undefined;
      one(root, "#reader-search").hidden = true;
      opened(undefined);
      need.say(root.dataset.textFailed ?? "");
    });
  }

  const open = (wanted: Pane | undefined) => {
    use((reading) => reading.open(wanted, true));
    if (wanted === "search" && pane !== "search" && hasText && !reading) showField();
  };
  const toggle = (wanted: Pane) => open(pane === wanted ? undefined : wanted);

  /** The field is there at once: it takes what is typed, and a question, while the script comes. */
  function showField(): void {
    const panel = one(root, "#reader-search");
    const form = one<HTMLFormElement>(panel, "form");
    panel.hidden = false;
    opened("search");
    one(panel, "input").focus();
    let isAsked = false;
    const wait = (event: Event) => {
      event.preventDefault();
      isAsked = true;
    };
    form.addEventListener("submit", wait);
    use(() => {
      form.removeEventListener("submit", wait);
      if (isAsked) form.dispatchEvent(new Event("submit", { cancelable: true }));
    });
  }

  if (isRemembered()) use((reading) => reading.open("text", false));
  return {
    turned: (drawn) => reading?.turned(drawn),
    act(action) {
      switch (action) {
        case "text":
        case "search": toggle(action); return hasText;
        case "find": open("search"); return hasText;
        case "close": if (pane) open(undefined); return pane !== undefined;
        case "next-hit": return reading?.step(1) ?? false;
        case "previous-hit": return reading?.step(-1) ?? false;
        default: return false;
      }
    },
    follow() {
      const question = (new URLSearchParams(location.search).get("q") ?? "").trim();
      if (question === (reading?.question() ?? "")) return;
      use((reading) => {
        if (question) reading.open("search", false);
        reading.ask(question);
      });
    },
    point: (at) => reading?.point(at),
  };
}

function writeQuestion(question: string, how: "push" | "replace"): void {
  const address = new URL(location.href);
  if (question) address.searchParams.set("q", question);
  else address.searchParams.delete("q");
  if (address.href === location.href) return;
  history[how === "push" ? "pushState" : "replaceState"](null, "", `${address.pathname}${address.search}${address.hash}`);
}

// A browser that keeps nothing for this site throws.
function remember(wanted: boolean): void {
  try {
    sessionStorage.setItem(WANTED, wanted ? "1" : "");
  } catch {
    return;
  }
}

function isRemembered(): boolean {
  try {
    return sessionStorage.getItem(WANTED) === "1";
  } catch {
    return false;
  }
}
