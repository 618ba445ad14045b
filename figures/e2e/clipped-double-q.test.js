import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { native, open, show } from "./support/page.js";

const NAME = "clipped-double-q";
let site;
before(async () => (site = await open()));
after(() => site.close());

const number = (text) => Number(text.replace("−", "-"));

test("at the tie the checker says that it cannot judge, and why", async () => {
  const shown = await show(site, NAME);
  await shown.press("Go to where they cross");
  const there = await shown.readouts();
  assert.deepEqual(there, native(NAME, ["tie=1"]).texts);
  assert.equal(there.verdict, "unchecked: at a kink of min");
  assert.equal(there.q1, there.q2);
  assert.ok(Math.abs(number(there.tape) - 0.5 * (number(there.left) + number(there.right))) < 1e-8);
  await shown.slide("gap", 0.3);
  assert.equal((await shown.readouts()).verdict, "pass");
  await shown.close();
});

test("the point is dragged along the minimum", async () => {
  const shown = await show(site, NAME);
  const box = await shown.figure.locator(".grip").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await shown.page.mouse.move(x, y);
  await shown.page.mouse.down();
  await shown.page.mouse.move(x - 150, y, { steps: 4 });
  await shown.page.mouse.up();
  const a = await shown.input("a").inputValue();
  assert.ok(Number(a) < 0);
  assert.deepEqual(await shown.readouts(), native(NAME, [`a=${a}`]).texts);
  assert.equal((await shown.readouts()).giver, "the first critic");
  await shown.close();
});
