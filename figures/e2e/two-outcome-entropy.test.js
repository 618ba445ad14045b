import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { native, open, show } from "./support/page.js";

let site;
before(async () => (site = await open()));
after(() => site.close());

test("the point on the curve is dragged, by mouse and by finger", async () => {
  const shown = await show(site, "two-outcome-entropy", { hasTouch: true });
  const place = async () => {
    const box = await shown.figure.locator(".grip").boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const { mouse } = shown.page;
  const [x, y] = await place();
  await mouse.move(x, y);
  await mouse.down();
  await mouse.move(x - 120, y, { steps: 5 });
  await mouse.up();
  const p = Number(await shown.input("p").inputValue());
  assert.ok(p < 0.8 && p > 0.3, `p = ${p}`);
  assert.ok(Math.abs((await place())[0] - (x - 120)) < 2);
  assert.deepEqual(await shown.readouts(), native("two-outcome-entropy", [`p=${p}`]).texts);
  const [left, top] = await place();
  await shown.page.touchscreen.tap(left + 10, top);
  assert.ok(Number(await shown.input("p").inputValue()) > p);
  await shown.close();
});

test("at one half the slope is zero, by the tape and by differences", async () => {
  const shown = await show(site, "two-outcome-entropy");
  await shown.slide("p", 0.5);
  const { entropy, tape, differences, verdict } = await shown.readouts();
  assert.equal(entropy, Math.LN2.toFixed(6));
  assert.equal(Number(tape), 0);
  assert.ok(Math.abs(Number(differences.replace("−", "-"))) < 1e-9);
  assert.equal(verdict, "pass");
  await shown.close();
});
