// The way to the player of an item with sound or video: its script is asked for only there.

/** The address of the script beside this one; the bundler writes it. */
declare const RECORDINGS: string;

export function openRecordings(): void {
  const root = document.querySelector<HTMLElement>(".recordings");
  if (!root) return;
  // Without the script each recording has the player of the browser.
  import(RECORDINGS).then(({ createRecordings }) => (createRecordings as (root: HTMLElement) => void)(root), () => undefined);
}
