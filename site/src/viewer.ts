// Makes a viewer of the pages of an item. Whatever fails, the pages stay.
import { openItem } from "./item";

const page = document.documentElement;
const root = document.querySelector<HTMLElement>(".viewer");

if (root && page.classList.contains("scripted")) {
  try {
    openItem(root);
  } catch (error) {
    page.classList.remove("scripted", "elsewhere");
    throw error;
  }
}
