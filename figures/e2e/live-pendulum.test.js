// The training on the page is the training of the command, to the bit, and it learns.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { native, open, repository, show } from "./support/page.js";

let site;
before(async () => (site = await open()));
after(() => site.close());

// A CSV file of a run of the command, as a list of rows.
function table(folder, name) {
  const [header, ...lines] = readFileSync(join(folder, "run", name), "utf8").trim().split("\n");
  const columns = header.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [columns[i], cell])));
}

// What the command writes about a training of this seed and so many steps.
function trained(seed, steps) {
  const folder = mkdtempSync(join(tmpdir(), "softac-"));
  const settings = ["--set", "numerics=portable", "--seed", String(seed), "--total-timesteps", String(steps)];
  const program = join(repository, "target/release/softac");
  execFileSync(program, ["train", "pendulum", ...settings, "--quiet", "--out", join(folder, "run")]);
  const tables = { rows: table(folder, "metrics.csv"), evaluations: table(folder, "evaluations.csv") };
  rmSync(folder, { recursive: true });
  return tables;
}

// Notes every checkpoint and evaluation that the page shows, as it comes.
async function watch(shown) {
  await shown.page.evaluate(() => {
    const read = (name) => document.querySelector(`dd[data-readout="${name}"]`);
    window.hashes = {};
    window.evaluations = [];
    const note = () => {
      const label = read("hash").previousSibling.textContent;
      window.hashes[label.replace(/\D/g, "")] = read("hash").textContent;
      const evaluation = read("evaluation").textContent;
      if (window.evaluations.at(-1) !== evaluation) window.evaluations.push(evaluation);
    };
    new MutationObserver(note).observe(read("step"), { childList: true });
  });
}

const stepped = (shown, steps, timeout) =>
  shown.page.waitForFunction(
    (steps) => Number(document.querySelector('dd[data-readout="step"]').textContent.replace(",", "")) >= steps,
    steps,
    { timeout, polling: 20 },
  );

// Numbers as the page writes them.
const number = (text) => Number(text.replace("−", "-"));

test("the parameters are those of the command at every checkpoint, before and while it learns", async () => {
  const [seed, steps] = [3, 2000];
  const shown = await show(site, "live-pendulum", { settings: `seed=${seed}&speed=3` });
  await watch(shown);
  await shown.press("Play");
  await stepped(shown, steps, 120_000);
  await shown.press("Pause");
  const [hashes, evaluations] = await shown.page.evaluate(() => [window.hashes, window.evaluations]);
  const run = trained(seed, steps);
  for (const at of ["200", "1000", "2000"]) {
    const row = run.rows.find((row) => row["time/total_timesteps"] === at);
    assert.equal(hashes[at], row["train/params_hash"], `step ${at}`);
  }
  for (const row of run.evaluations.filter((row) => row["eval/episodes"] === "10")) {
    const reward = Number(row["eval/mean_reward"]);
    assert.ok(evaluations.some((text) => Math.abs(number(text) - reward) <= 0.051), `${reward} in ${evaluations}`);
  }
  await shown.close();
});

test("it is stepped, paused and begun again", async () => {
  const shown = await show(site, "live-pendulum");
  for (let i = 0; i < 3; i += 1) await shown.press("Step");
  await stepped(shown, 3, 5_000);
  assert.deepEqual(await shown.readouts(), native("live-pendulum", ["tick=3"]).texts);
  await shown.press("Play");
  await stepped(shown, 50, 30_000);
  await shown.press("Pause");
  await shown.page.waitForSelector('figure[data-figure="live-pendulum"][data-state="ready"]');
  const paused = await shown.readouts();
  await shown.page.waitForTimeout(300);
  assert.deepEqual(await shown.readouts(), paused);
  const steps = Number(paused.step.replace(",", ""));
  assert.deepEqual(paused, native("live-pendulum", [`tick=${steps}`]).texts);
  await shown.press("Reset");
  await shown.page.waitForFunction(() => document.querySelector('dd[data-readout="step"]').textContent === "0");
  await shown.close();
});

test("at its own pace the pendulum moves in real time", async () => {
  const shown = await show(site, "live-pendulum", { settings: "speed=0" });
  await shown.press("Play");
  await shown.page.waitForTimeout(2000);
  await shown.press("Pause");
  const { step } = await shown.readouts();
  // 20 steps are a second of the pendulum's.
  assert.ok(Number(step) >= 20 && Number(step) <= 50, step);
  await shown.close();
});

test("a link holds the settings", async () => {
  const shown = await show(site, "live-pendulum");
  await shown.slide("seed", 7);
  await shown.input("temperature").selectOption("1");
  await shown.page.waitForTimeout(200);
  await shown.press("Link");
  assert.match(shown.page.url(), /#figure-live-pendulum\?seed=7&temperature=1&speed=1$/);
  await shown.page.reload();
  await shown.page.waitForSelector('figure[data-figure="live-pendulum"][data-state="ready"]');
  assert.equal(await shown.input("seed").inputValue(), "7");
  assert.equal(await shown.input("temperature").inputValue(), "1");
  await shown.close();
});

test("it learns in the browser: the return without noise passes −250", async (context) => {
  const shown = await show(site, "live-pendulum", { settings: "speed=3" });
  await watch(shown);
  const begun = Date.now();
  await shown.press("Play");
  await shown.page.waitForFunction(
    () => Number(document.querySelector('dd[data-readout="evaluation"]').textContent.replace("−", "-")) > -250,
    undefined,
    { timeout: 240_000, polling: 50 },
  );
  const seconds = (Date.now() - begun) / 1000;
  await shown.press("Pause");
  const { step, evaluation } = await shown.readouts();
  const steps = Number(step.replace(",", ""));
  context.diagnostic(`${evaluation} at step ${step}, after ${seconds.toFixed(1)} s: ${(steps / seconds).toFixed(0)} steps/s`);
  assert.ok(steps <= 6000, step);
  await shown.close();
});
