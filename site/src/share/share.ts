// What a reader takes away of an item: files, citations, links.
import { TURNED, type Shown } from "../shown";
import { copyText, saveText } from "./copy";
import { follow } from "./content_state";
import { createLinks } from "./links";
import { createMenu } from "./menu";
import { createRangePrinter } from "./print";
import { createReferences } from "./references";

export interface TakeAway {
  /** Does what a button stands for. `last`: a menu opens at its end. */
  press(button: HTMLElement, last?: boolean): void;
  /** Brings what is open up to date. */
  update(): void;
  /** Prints the pages that the form names. */
  print(): void;
  /** Goes to the place that the Content State of the address names. */
  follow(): void;
}

interface Need {
  section: HTMLElement | null;
  button: HTMLElement | undefined;
  shown: Shown | undefined;
}

export function createTakeAway({ section, button, shown }: Need): TakeAway {
  const menu = button && shown && createMenu(button, shown);
  const printer = section ? createRangePrinter(section, shown) : undefined;
  const updates = section ? [createReferences(section, shown), createLinks(section, shown), () => printer?.update()] : [];
  const update = () => updates.forEach((update) => update());

  shown?.root.addEventListener(TURNED, () => {
    menu?.update();
    update();
  });
  return {
    press(pressed, last = false) {
      if (pressed === button) return menu?.toggle(last);
      update();
      const { copy, save, file = "" } = pressed.dataset;
      if (section && copy) void copyText(section, copy, pressed);
      if (section && save) saveText(section, save, file);
    },
    update,
    print: () => void printer?.print(),
    follow: () => section && follow(section, shown),
  };
}
