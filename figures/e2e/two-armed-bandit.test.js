import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { native, open, show } from "./support/page.js";

let site;
before(async () => (site = await open()));
after(() => site.close());

test("values and temperature are dragged", async () => {
  const shown = await show(site, "two-armed-bandit");
  const { mouse } = shown.page;
  const drag = async (control, dx, dy) => {
    const grip = shown.figure.locator(`[data-control-x="${control}"] .grip, [data-control-y="${control}"] .grip`);
    const box = await grip.boundingBox();
    await mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await mouse.down();
    await mouse.move(box.x + box.width / 2 + dx, box.y + box.height / 2 + dy, { steps: 4 });
    await mouse.up();
  };
  const before = Object.fromEntries(
    await Promise.all(["q1", "q2", "log_alpha"].map(async (name) => [name, Number(await shown.input(name).inputValue())])),
  );
  await drag("q1", 0, 60);
  await drag("q2", 0, -40);
  await drag("log_alpha", 50, 0);
  const [q1, q2, power] = await Promise.all(["q1", "q2", "log_alpha"].map((name) => shown.input(name).inputValue()));
  assert.ok(Number(q1) < before.q1 - 0.2 && Number(q2) > before.q2 + 0.2 && Number(power) > before.log_alpha + 0.2);
  const actions = [`q1=${q1}`, `q2=${q2}`, `log_alpha=${power}`];
  assert.deepEqual(await shown.readouts(), native("two-armed-bandit", actions).texts);
  await shown.close();
});

test("Play lets the policy descend to the Boltzmann policy, and then the clock stands", async () => {
  const shown = await show(site, "two-armed-bandit");
  await shown.press("Play");
  await shown.page.waitForSelector('figure[data-figure="two-armed-bandit"][data-state="running"]');
  await shown.page.waitForSelector('figure[data-figure="two-armed-bandit"][data-state="ready"]', { timeout: 60_000 });
  const readouts = await shown.readouts();
  assert.equal(readouts.shortfall, "0.000000");
  assert.deepEqual(readouts, native("two-armed-bandit", ["tick=2000"]).texts);
  await shown.close();
});

test("a step of the clock is one step of descent", async () => {
  const shown = await show(site, "two-armed-bandit");
  for (let i = 0; i < 3; i += 1) await shown.press("Step");
  assert.deepEqual(await shown.readouts(), native("two-armed-bandit", ["tick=3"]).texts);
  await shown.close();
});
