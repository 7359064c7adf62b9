// Makes a viewer of the pages of an item. Whatever fails, the pages stay.
import { openItem } from "./item";
import { openRecordings } from "./recordings/door";
import { createShareDoor } from "./share/door";
import type { Shown } from "./shown";

const page = document.documentElement;
const root = document.querySelector<HTMLElement>(".viewer");

if (page.classList.contains("scripted")) {
  let shown: Shown | undefined;
  try {
    shown = root ? openItem(root) : undefined;
  } catch (error) {
    page.classList.remove("scripted", "elsewhere");
    throw error;
  }
  createShareDoor(shown);
  openRecordings();
}
