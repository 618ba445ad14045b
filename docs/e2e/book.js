// The built book, served to a browser that must ask nobody else.

import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

export const folder = resolve(fileURLToPath(import.meta.url), "../../../target/book");

/** How a page is read: the screen, and the colours that the system asks for. */
export const readings = {
    light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
    dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
    phone: { viewport: { width: 375, height: 800 }, colorScheme: "light", hasTouch: true, isMobile: true },
    "phone-dark": { viewport: { width: 375, height: 800 }, colorScheme: "dark", hasTouch: true, isMobile: true },
};

const types = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
};

/** The pages that mdBook made of chapters, as paths below the book's folder. */
export async function pages() {
    const files = await readdir(folder, { recursive: true });
    const others = ["404.html", "index.html", "print.html", "toc.html"];
    return files.filter((file) => file.endsWith(".html") && !others.includes(file)).sort();
}

/** Serves the folder on a port that is free; resolves to its address and a function that ends it. */
export async function serve() {
    const server = createServer(async (request, response) => {
        const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
        const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
        try {
            if (!file.startsWith(folder + sep)) throw new Error("outside of the book");
            const body = await readFile(file);
            response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" });
            response.end(body);
        } catch {
            response.writeHead(404).end();
        }
    });
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
    return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** The system's Chromium, or the one that CHROMIUM names. */
export function launch() {
    // In a container there may be no user but root, and then no sandbox.
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}

/** A page that records what goes wrong: requests to others, requests that fail, errors on the console. */
export async function watched(context, address) {
    const page = await context.newPage();
    const wrong = [];
    await page.route("**/*", (route) => {
        const url = route.request().url();
        if (url.startsWith(`${address}/`) || url.startsWith("data:")) return route.continue();
        wrong.push(`a request to another host: ${url}`);
        return route.abort();
    });
    page.on("response", (response) => {
        if (response.status() >= 400) wrong.push(`${response.status()}: ${response.url()}`);
    });
    page.on("pageerror", (error) => wrong.push(`an exception: ${error}`));
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) wrong.push(`on the console: ${message.text()}`);
    });
    return { page, wrong };
}
