import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { native, open, show } from "./support/page.js";

const NAME = "bug-gallery";
let site;
before(async () => (site = await open()));
after(() => site.close());

const options = (name) => native(NAME).controls.find((control) => control.name === name).options;

test("every mistake is shown on the page as it is in the crate, after a prediction", async () => {
  const shown = await show(site, NAME);
  for (const bug of options("bug").keys()) {
    if (bug > 0) {
      await shown.input("bug").selectOption(String(bug));
      const hidden = await shown.readouts();
      assert.equal(hidden.property, undefined);
      assert.equal(hidden.wrong, undefined);
    }
    await shown.input("prediction").selectOption("3");
    assert.deepEqual(await shown.readouts(), native(NAME, [`bug=${bug}`, "prediction=3"]).texts);
  }
  await shown.close();
});

test("a prediction that comes true is told so, and the property is named", async () => {
  const shown = await show(site, NAME);
  const bug = options("bug").indexOf("the critic's loss is a sum over the batch");
  await shown.input("bug").selectOption(String(bug));
  await shown.input("prediction").selectOption("1");
  const { outcome, property, wrong, right } = await shown.readouts();
  assert.equal(outcome, "where the right one ends: as you said");
  assert.equal(property, "the_losses_of_a_batch_are_the_means_of_its_samples");
  assert.equal(wrong, right);
  await shown.slide("seed", 4);
  assert.deepEqual(await shown.readouts(), native(NAME, [`bug=${bug}`, "prediction=1", "seed=4"]).texts);
  await shown.close();
});
