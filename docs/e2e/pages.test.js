// Every page of the book, in light on a desk and in dark on a phone. Each is opened once in either way; the tests look at
// what was found there.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { inspect } from "./inspect.js";
import { launch, pages, readings, serve, watched } from "./book.js";

let browser, server;
/** What was found: one entry for each page and reading. */
const visits = [];

before(async () => {
    [browser, server] = [await launch(), await serve()];
    const listed = [...(await pages()), "index.html", "404.html"];
    for (const reading of ["light", "phone-dark"]) {
        const context = await browser.newContext(readings[reading]);
        const { page, wrong } = await watched(context, server.address);
        for (const name of listed) {
            wrong.length = 0;
            await page.goto(`${server.address}/${name}`, { waitUntil: "load" });
            const found = await page.evaluate(inspect);
            visits.push({ name, reading, wrong: [...wrong], ...found });
        }
        await context.close();
    }
});

after(async () => {
    await browser?.close();
    server?.close();
});

/** Whatever of one kind was found, with the page where it was. */
const all = (kind) => visits.flatMap((visit) => visit[kind].map((what) => `${visit.name} in ${visit.reading}: ${what}`));

test("there are pages, and each was opened in two ways", () => {
    assert.ok(visits.length > 2 * 30, `${visits.length} visits`);
});

test("no page asks another host, misses a file or reports an error", () => assert.deepEqual(all("wrong"), []));

test("no page is wider than the screen", () => assert.deepEqual(all("wide"), []));

test("text stands out from its ground", () => assert.deepEqual(all("faint"), []));

test("no mathematics is left as it was written", () => assert.deepEqual(all("dollars"), []));

test("every formula is typeset, for the eye and for a screen reader", () => {
    for (const { name, formulas } of visits) {
        assert.equal(formulas.errors, 0, name);
        assert.equal(formulas.seen, formulas.heard, name);
    }
    const seen = visits.reduce((sum, { formulas }) => sum + formulas.seen, 0);
    assert.ok(seen > 3000, `${seen} formulas`);
});

test("code in the text is as it was written", async () => {
    for (const { name, code } of visits.filter(({ name }) => !["index.html", "404.html"].includes(name))) {
        const source = new URL(`../src/${name.replace(".html", ".md")}`, import.meta.url);
        const text = (await readFile(source, "utf8")).replaceAll(/^```.*?^```$/gms, "");
        for (const [, written] of text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)) {
            assert.ok(code.includes(written.trim().replaceAll("\\|", "|")), `${name}: ${written}`);
        }
    }
});

test("every picture is there and has a text in its place", () => assert.deepEqual(all("pictures"), []));

test("no id stands twice on a page", () => assert.deepEqual(all("twice"), []));

test("every link within the book leads to a page and a place on it", async () => {
    const places = new Map(visits.map(({ name, ids }) => [`/${name}`, new Set(ids)]));
    const links = visits.flatMap(({ name, links }) => links.map((link) => [name, new URL(link)]));
    const internal = links.filter(([, link]) => link.origin === server.address);
    assert.ok(internal.length > 1000, `${internal.length} links`);
    for (const [name, link] of internal) {
        const ids = places.get(link.pathname);
        if (!ids) {
            assert.equal((await fetch(link)).status, 200, `${name}: ${link}`);
        } else if (link.hash) {
            assert.ok(ids.has(decodeURIComponent(link.hash.slice(1))), `${name}: ${link}`);
        }
    }
});

test("the search finds a page", async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/introduction.html`);
    await page.keyboard.press("s");
    await page.keyboard.type("reparameterisation");
    await page.locator("#mdbook-searchresults a").first().waitFor();
    const titles = await page.locator("#mdbook-searchresults a").allTextContents();
    assert.ok(titles.some((title) => title.includes("Reparameterisation")), titles.join("; "));
    await page.close();
});
