// The site as a whole, and other readers of it. Beside suite_item.test.mjs.
import { testCitizenship } from "./citizenship.mjs";
import { testCollections } from "./collections.mjs";
import { testCorpus } from "./corpus.mjs";
import { testFirefox } from "./firefox.mjs";
import { testLanguages } from "./languages.mjs";
import { testLive } from "./live.mjs";
import { testSearch } from "./search.mjs";
import { testSiteViewers } from "./site_viewers.mjs";
import { testTasks } from "./tasks.mjs";
import { testWithoutScript } from "./without_script.mjs";
import { suite } from "./world.mjs";

suite(
  testTasks,
  testSearch,
  testCollections,
  testCitizenship,
  testLanguages,
  testFirefox,
  testCorpus,
  testWithoutScript,
  testSiteViewers,
  testLive,
);
