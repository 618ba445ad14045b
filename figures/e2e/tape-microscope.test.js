import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { native, open, show } from "./support/page.js";

const NAME = "tape-microscope";
let site;
before(async () => (site = await open()));
after(() => site.close());

const number = (text) => Number(text.replace("−", "-"));

test("a node is looked at by pressing it and by choosing it, and its adjoint is the difference quotient", async () => {
  const shown = await show(site, NAME);
  const names = native(NAME).controls.find(({ name }) => name === "node").options;
  for (const node of [1, 7, 11, names.length - 1]) {
    await shown.figure.locator(`[data-sets="node"][data-to="${node}"]`).click();
    assert.equal(await shown.input("node").inputValue(), String(node));
    const pressed = await shown.readouts();
    assert.equal(pressed.node, names[node]);
    assert.equal(pressed.verdict, "pass");
    assert.ok(Math.abs(number(pressed.adjoint) - number(pressed.differences)) < 1e-8);
    await shown.input("node").selectOption("0");
    await shown.input("node").selectOption(String(node));
    assert.deepEqual(await shown.readouts(), pressed);
    assert.deepEqual(pressed, native(NAME, [`node=${node}`]).texts);
  }
  await shown.close();
});

test("nothing comes back through the cut wire, whatever plain differences say", async () => {
  const shown = await show(site, NAME);
  await shown.figure.locator('[data-sets="node"][data-to="4"]').click();
  const alpha = await shown.readouts();
  assert.deepEqual([alpha.node, number(alpha.adjoint), number(alpha.differences)], ["α", 0, 0]);
  assert.ok(Math.abs(number(alpha.unpinned)) > 0.01);
  await shown.close();
});

test("the walk goes node by node, and of itself", async () => {
  const shown = await show(site, NAME);
  await shown.press("Step");
  await shown.press("Step");
  assert.deepEqual(await shown.readouts(), native(NAME, ["tick=2"]).texts);
  const step = () => shown.input("step").inputValue();
  assert.equal(await step(), "1");
  await shown.press("Play");
  await shown.page.waitForFunction(() => Number(document.querySelector('#figure-tape-microscope [name="step"]').value) > 2);
  await shown.press("Pause");
  const paused = await step();
  await shown.page.waitForTimeout(800);
  assert.equal(await step(), paused);
  await shown.close();
});
