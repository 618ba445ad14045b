// Pictures of all pages, or of those that are named, to be looked at: node screenshots.js FOLDER [PAGE.html…]

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { launch, pages, readings, serve, watched } from "./book.js";

const [out, ...named] = process.argv.slice(2);
if (!out) throw new Error("usage: node screenshots.js FOLDER [PAGE.html…]");
await mkdir(out, { recursive: true });

/** Longer pages come in several pictures. */
const tallest = 3000;

const [browser, server] = [await launch(), await serve()];
for (const [reading, screen] of Object.entries(readings)) {
    const context = await browser.newContext(screen);
    const { page, wrong } = await watched(context, server.address);
    for (const name of named.length ? named : await pages()) {
        await page.goto(`${server.address}/${name}`, { waitUntil: "load" });
        await page.evaluate(() => document.fonts.ready);
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        for (let top = 0, part = 1; top < height; top += tallest, part += 1) {
            const clip = { x: 0, y: top, width: screen.viewport.width, height: Math.min(tallest, height - top) };
            const file = `${name.replaceAll("/", "-").replace(".html", "")}-${reading}-${part}.png`;
            await page.screenshot({ path: join(out, file), fullPage: true, clip });
        }
    }
    wrong.forEach((line) => console.error(line));
    await context.close();
}
await browser.close();
server.close();
