// Texts of the page on the reader's clipboard, or as a file.

/** Copies the text of the element that answers to `selector`, and says below the button whether that worked. */
export async function copyText(section: HTMLElement, selector: string, button: HTMLElement): Promise<void> {
  const source = section.querySelector<HTMLElement>(selector);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(textOf(source));
    say(section, button, section.dataset.copied);
  } catch {
    // No clipboard on pages without HTTPS: the reader can copy what is selected.
    select(source);
    say(section, button, section.dataset.copyFailed);
  }
}

export function saveText(section: HTMLElement, selector: string, name: string): void {
  const source = section.querySelector<HTMLElement>(selector);
  if (!source) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([source.textContent ?? ""], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function textOf(source: HTMLElement): string {
  if (source instanceof HTMLInputElement) return source.value;
  return source.tagName === "PRE" ? (source.textContent ?? "") : (source.textContent ?? "").replace(/\s+/g, " ").trim();
}

function select(source: HTMLElement): void {
  if (source instanceof HTMLInputElement) return source.select();
  getSelection()?.selectAllChildren(source);
}

let waiting = 0;

/** The sentence stands below the button: the end of the section can be a screen away. */
function say(section: HTMLElement, button: HTMLElement, sentence = ""): void {
  const status = section.querySelector<HTMLElement>(".copy-status");
  if (!status) return;
  for (const old of section.querySelectorAll(".copy-told")) old.remove();
  const told = document.createElement("p");
  told.className = "copy-told";
  told.setAttribute("aria-hidden", "true");
  told.textContent = sentence;
  button.parentElement?.after(told);
  // The same sentence again is a new one.
  status.textContent = "";
  clearTimeout(waiting);
  waiting = window.setTimeout(() => (status.textContent = sentence), 50);
}
