import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { native, open, show } from "./support/page.js";

const NAME = "soft-target-ledger";
let site;
before(async () => (site = await open()));
after(() => site.close());

test("termination leaves the reward alone, and truncation changes nothing", async () => {
  const shown = await show(site, NAME);
  const begun = await shown.readouts();
  assert.equal(begun.y, "3.8800");
  await shown.input("truncated").click();
  assert.deepEqual({ ...(await shown.readouts()), reading: "" }, { ...begun, reading: "" });
  await shown.input("terminated").click();
  const ended = await shown.readouts();
  assert.deepEqual([ended.y, ended.reward, ended.mask], ["1.0000", "1.0000", "0"]);
  assert.deepEqual(ended, native(NAME, ["truncated=1", "terminated=1"]).texts);
  await shown.close();
});

test("the first row of the chapter's ledger becomes the third", async () => {
  const shown = await show(site, NAME);
  for (const [control, value] of [["r", 2], ["q1", -1], ["q2", 0], ["log_pi", 2]]) await shown.slide(control, value);
  assert.equal((await shown.readouts()).y, "0.7400");
  await shown.input("critics").selectOption("1");
  assert.equal((await shown.readouts()).judged, "−0.5000");
  await shown.close();
});
