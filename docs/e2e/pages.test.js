// Every page of the book in light and dark, on a desk and on a phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, pages, readings, serve, watched } from "./book.js";

let browser, server;
const listed = await pages();

before(async () => {
    [browser, server] = [await launch(), await serve()];
});

after(async () => {
    await browser.close();
    server.close();
});

/** Opens pages one after the other in one reading, and gives each to a function; what went wrong fails the test. */
async function read(reading, names, look) {
    const context = await browser.newContext(readings[reading]);
    for (const name of names) {
        const { page, wrong } = await watched(context, server.address);
        await page.goto(`${server.address}/${name}`, { waitUntil: "load" });
        await page.evaluate(() => document.fonts.ready);
        await look(page, name);
        assert.deepEqual(wrong, [], `${name} in ${reading}`);
        await page.close();
    }
    await context.close();
}

test("there are pages", () => assert.ok(listed.length > 30, `${listed.length} pages`));

for (const reading of Object.keys(readings)) {
    test(`in ${reading} no page asks another host, reports an error or is wider than the screen`, async () => {
        await read(reading, [...listed, "index.html", "404.html"], async (page, name) => {
            const wide = await page.evaluate(() => {
                const scrolls = (element) => {
                    for (let at = element; at && at.id !== "mdbook-content"; at = at.parentElement) {
                        if (["auto", "scroll", "hidden"].includes(getComputedStyle(at).overflowX)) return true;
                    }
                    return false;
                };
                const beyond = (element) => element.getBoundingClientRect().right > innerWidth + 1;
                const all = [...document.querySelectorAll("main *")];
                const found = all.filter((element) => beyond(element) && !scrolls(element.parentElement));
                return found.map((element) => `${element.tagName} ${element.className}: ${element.textContent.slice(0, 60)}`);
            });
            assert.deepEqual(wide, [], `${name} in ${reading} is wider than the screen`);
        });
    });

    test(`in ${reading} text stands out from its ground`, async () => {
        await read(reading, listed, async (page, name) => {
            const faint = await page.evaluate(() => {
                const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
                const rgba = (colour) => {
                    canvas.clearRect(0, 0, 1, 1);
                    canvas.fillStyle = colour;
                    canvas.fillRect(0, 0, 1, 1);
                    return canvas.getImageData(0, 0, 1, 1).data;
                };
                const ground = (element) => {
                    for (let at = element; at; at = at.parentElement) {
                        const colour = rgba(getComputedStyle(at).backgroundColor);
                        if (colour[3] === 255) return colour;
                    }
                    return [255, 255, 255];
                };
                const linear = (value) => (value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
                const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
                const contrast = (one, other) => {
                    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
                    return (high + 0.05) / (low + 0.05);
                };
                const pairs = new Map();
                for (const element of document.querySelectorAll("main :is(p, a, li, td, th, h1, h2, h3, code, code span, .katex)")) {
                    const [ink, paper] = [rgba(getComputedStyle(element).color), ground(element)];
                    pairs.set(`${ink.slice(0, 3)} on ${paper.slice(0, 3)}`, [contrast(ink, paper), element.className]);
                }
                return [...pairs].filter(([, [ratio]]) => ratio < 4.5).map(([pair, what]) => `${pair}: ${what}`);
            });
            assert.deepEqual(faint, [], `${name} in ${reading}`);
        });
    });
}

test("every formula is typeset, for the eye and for a screen reader", async () => {
    let formulas = 0;
    await read("light", listed, async (page, name) => {
        const found = await page.evaluate(() => {
            const text = document.querySelector("main").cloneNode(true);
            text.querySelectorAll("code, pre, .katex").forEach((element) => element.remove());
            return {
                dollars: text.textContent.match(/.{0,30}\$.{0,30}/g) ?? [],
                errors: document.querySelectorAll(".katex-error").length,
                seen: document.querySelectorAll(".katex .katex-html").length,
                heard: document.querySelectorAll(".katex .katex-mathml math").length,
            };
        });
        assert.deepEqual(found.dollars, [], `${name}: mathematics that was left as it was written`);
        assert.equal(found.errors, 0, name);
        assert.equal(found.seen, found.heard, name);
        formulas += found.seen;
    });
    assert.ok(formulas > 1500, `${formulas} formulas`);
});

test("every picture is there and has a text in its place", async () => {
    await read("light", listed, async (page, name) => {
        const missing = await page.evaluate(async () => {
            const images = [...document.querySelectorAll("main img")];
            images.forEach((image) => (image.loading = "eager"));
            await Promise.all(images.map((image) => image.decode().catch(() => {})));
            return images.filter((image) => !image.naturalWidth || !image.alt.trim()).map((image) => image.src);
        });
        assert.deepEqual(missing, [], name);
    });
});

test("every link within the book leads to a page and a place on it", async () => {
    const places = new Map();
    const links = [];
    await read("light", [...listed, "print.html"], async (page, name) => {
        const found = await page.evaluate(() => ({
            ids: [...document.querySelectorAll("[id]")].map((element) => element.id),
            links: [...document.querySelectorAll("main a[href], nav a[href]")].map((link) => link.href),
        }));
        assert.equal(new Set(found.ids).size, found.ids.length, `${name}: an id stands twice`);
        places.set(`/${name}`, new Set(found.ids));
        links.push(...found.links.map((link) => [name, new URL(link)]));
    });
    const internal = links.filter(([, link]) => link.origin === server.address);
    assert.ok(internal.length > 1000, `${internal.length} links`);
    for (const [name, link] of internal) {
        const ids = places.get(link.pathname === "/index.html" ? "/introduction.html" : link.pathname);
        if (!ids) {
            const response = await fetch(link);
            assert.equal(response.status, 200, `${name}: ${link}`);
        } else if (link.hash) {
            assert.ok(ids.has(decodeURIComponent(link.hash.slice(1))), `${name}: ${link}`);
        }
    }
});

test("the search finds a page", async () => {
    await read("light", ["introduction.html"], async (page) => {
        await page.keyboard.press("s");
        await page.keyboard.type("reparameterisation");
        await page.locator("#mdbook-searchresults a").first().waitFor();
        const titles = await page.locator("#mdbook-searchresults a").allTextContents();
        assert.ok(titles.some((title) => title.includes("Reparameterisation")), titles.join("; "));
    });
});
