// Remembers whether a reader wants the members of collections as a grid or as a list. It runs before the page is drawn.
export {};

const KEY = "iiif-build-view";
const VIEWS = ["grid", "list"];

const page = document.documentElement;

/** A browser may keep nothing. */
function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(view: string): void {
  try {
    localStorage.setItem(KEY, view);
  } catch {
    // The choice holds for this page.
  }
}

function choices(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>('input[name="view"]')];
}

/** A browser may have kept the choice of another visit in the form. */
function mark(): void {
  for (const choice of choices()) choice.checked = choice.value === page.dataset.view;
}

const chosen = remembered();
page.dataset.view = chosen !== null && VIEWS.includes(chosen) ? chosen : "grid";

document.addEventListener("DOMContentLoaded", () => {
  mark();
  for (const choice of choices()) {
    choice.addEventListener("change", () => {
      page.dataset.view = choice.value;
      remember(choice.value);
    });
  }
});
addEventListener("pageshow", mark);
