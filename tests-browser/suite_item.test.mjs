// The page of an item. Beside suite_site.test.mjs, for the tests wait more than they compute.
import { testPages } from "./pages.mjs";
import { testPrint } from "./print.mjs";
import { testRecordings } from "./recordings.mjs";
import { testShare } from "./share.mjs";
import { testText } from "./text.mjs";
import { testViewer } from "./viewer.mjs";
import { testBook } from "./viewer_book.mjs";
import { testPlace } from "./viewer_place.mjs";
import { testStrip } from "./viewer_strip.mjs";
import { testTouch } from "./viewer_touch.mjs";
import { suite } from "./world.mjs";

suite(
  testPages,
  testViewer,
  testPlace,
  testStrip,
  testBook,
  testTouch,
  testShare,
  testRecordings,
  testPrint,
  testText,
);
