import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { native, open, show } from "./support/page.js";

const NAME = "temperature-controller";
let site;
before(async () => (site = await open()));
after(() => site.close());

test("the entropy comes to a target that can be reached", async () => {
  const shown = await show(site, NAME);
  const { gap, outcome, crate } = await shown.readouts();
  assert.ok(Math.abs(Number(gap.replace("−", "-"))) < 0.05, gap);
  assert.match(outcome, /^at its target after \d+ updates/);
  assert.equal(crate, "taken");
  await shown.close();
});

test("with a target beyond that of uniform actions the temperature runs away", async () => {
  const shown = await show(site, NAME);
  await shown.slide("target", 0.8);
  const { alpha, outcome, crate } = await shown.readouts();
  assert.match(alpha, /·10/);
  assert.match(outcome, /^runs away/);
  assert.match(crate, /^refused: `target_entropy`/);
  assert.deepEqual(await shown.readouts(), native(NAME, ["target=0.8"]).texts);
  await shown.close();
});
