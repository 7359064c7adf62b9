// What the tests of one file share: the example collection, built and served once, and one browser.
import { after, before } from "node:test";
import { launch } from "./browser.mjs";
import { serve } from "./site.mjs";

/** Declares the tests of each of `parts`, in one world, which is filled before the first test runs. */
export function suite(...parts) {
  const world = {};
  before(async () => {
    world.site = await serve({ extras: true });
    world.url = world.site.url;
    world.browser = await launch();
  });
  after(async () => {
    await world.browser?.close();
    await world.site?.stop();
  });
  for (const test of parts) test(world);
}
