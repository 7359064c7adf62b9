// One file, so that `node --test` builds the collection and starts the browser once.
import { after, before } from "node:test";
import { launch } from "./browser.mjs";
import { testCitizenship } from "./citizenship.mjs";
import { testCollections } from "./collections.mjs";
import { testCorpus } from "./corpus.mjs";
import { testFirefox } from "./firefox.mjs";
import { testLanguages } from "./languages.mjs";
import { testLive } from "./live.mjs";
import { testPages } from "./pages.mjs";
import { testPrint } from "./print.mjs";
import { testRecordings } from "./recordings.mjs";
import { testSearch } from "./search.mjs";
import { serve } from "./site.mjs";
import { testShare } from "./share.mjs";
import { testSiteViewers } from "./site_viewers.mjs";
import { testTasks } from "./tasks.mjs";
import { testText } from "./text.mjs";
import { testViewer } from "./viewer.mjs";
import { testBook } from "./viewer_book.mjs";
import { testPlace } from "./viewer_place.mjs";
import { testStrip } from "./viewer_strip.mjs";
import { testTouch } from "./viewer_touch.mjs";
import { testWithoutScript } from "./without_script.mjs";

/** Filled before the first test runs. */
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

testPages(world);
testViewer(world);
testPlace(world);
testStrip(world);
testBook(world);
testTouch(world);
testShare(world);
testRecordings(world);
testPrint(world);
testTasks(world);
testSearch();
testText(world);
testCollections(world);
testCitizenship(world);
testLanguages(world);
testFirefox(world);
testCorpus(world);
testWithoutScript(world);
testSiteViewers(world);
testLive(world);
