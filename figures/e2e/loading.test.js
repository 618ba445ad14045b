// What a page costs, and what it does without what it needs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { address, names, open } from "./support/page.js";

let site;
before(async () => (site = await open()));
after(() => site.close());

test("the WebAssembly is under 1.5 MB compressed, and loaded once for all figures", async (context) => {
  const page = await site.browser.newPage();
  const loaded = [];
  page.on("response", (response) => response.url().endsWith(".wasm") && loaded.push(response.body()));
  await page.goto(await address(site.origin, "two-outcome-entropy"));
  for (const figure of await page.locator("figure[data-figure]:not([data-worker])").all()) {
    await figure.scrollIntoViewIfNeeded();
    await page.waitForFunction((figure) => figure.dataset.state === "ready", await figure.elementHandle());
  }
  const [wasm, ...more] = await Promise.all(loaded);
  const compressed = gzipSync(wasm, { level: 9 }).length;
  context.diagnostic(`${wasm.length} bytes, ${compressed} with gzip`);
  assert.ok(compressed < 1_500_000);
  // A worker, where there is one on the page, has its own.
  assert.ok(more.length <= (await page.locator("figure[data-worker]").count()));
  await page.close();
});

test("how long the first figure takes, from the address to its numbers", async (context) => {
  const page = await site.browser.newPage();
  const begun = Date.now();
  await page.goto(await address(site.origin, "two-outcome-entropy"), { waitUntil: "commit" });
  await page.waitForSelector('figure[data-figure="two-outcome-entropy"][data-state="ready"]');
  context.diagnostic(`${Date.now() - begun} ms`);
  await page.close();
});

test("without the WebAssembly the pictures stay", async () => {
  const page = await site.browser.newPage();
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto(await address(site.origin, "two-outcome-entropy"));
  await page.waitForSelector('figure[data-figure="two-outcome-entropy"][data-state="failed"]');
  assert.ok(await page.locator('figure[data-figure="two-outcome-entropy"] img').isVisible());
  await page.close();
});

test("without scripts the pictures are there, with words for those who cannot see them", async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  for (const name of names()) {
    await page.goto(await address(site.origin, name));
    const image = page.locator(`figure[data-figure="${name}"] img`);
    assert.ok(await image.isVisible(), name);
    assert.ok((await image.getAttribute("alt")).length > 40, name);
  }
  await context.close();
});
