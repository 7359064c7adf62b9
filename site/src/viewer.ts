// Turns the figures of an item page into a viewer. Whatever fails, the figures stay.
import { openItem } from "./item";

const page = document.documentElement;
const root = document.querySelector<HTMLElement>(".viewer");

if (root && page.classList.contains("scripted")) {
  try {
    openItem(root);
  } catch (error) {
    page.classList.remove("scripted");
    throw error;
  }
}
