// What the tests share: a server, a browser, and the native figures to compare a page with.
import { execFile, execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

export const repository = fileURLToPath(new URL("../../..", import.meta.url));
// The folder that is served: a built book, or the page that `run` makes of the figures alone.
const root = resolve(process.env.E2E_ROOT ?? join(repository, "target/figures/page"));

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

async function serve(request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  try {
    const body = await readFile(join(root, path.endsWith("/") ? `${path}index.html` : path));
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

// A server of the folder and a browser for it, until `close`.
export async function open() {
  const server = createServer(serve);
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { origin, browser, close };
}

// The page on which a figure is, by its name.
export async function address(origin, figure) {
  const { stdout } = await promisify(execFile)("grep", ["-rlE", `data-figure="${figure}"`, "--include=*.html", root]);
  // A printed book has all pages once more.
  const pages = stdout.trim().split("\n").filter((page) => !page.endsWith("print.html"));
  return origin + pages[0].slice(root.length);
}

// A figure on a page, ready to be used. What goes wrong in the page fails the test.
export async function show(site, name, { settings, ...options } = {}) {
  const context = await site.browser.newContext(options);
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("request", (request) => {
    const own = [site.origin, "data:", "blob:"].some((start) => request.url().startsWith(start));
    if (!own) problems.push(`asks ${request.url()}`);
  });
  const fragment = settings === undefined ? "" : `#figure-${name}?${settings}`;
  await page.goto((await address(site.origin, name)) + fragment);
  const figure = page.locator(`figure[data-figure="${name}"]`);
  await figure.scrollIntoViewIfNeeded();
  await page.waitForSelector(`figure[data-figure="${name}"][data-state]`);
  const state = await figure.getAttribute("data-state");
  if (state !== "ready") throw new Error(`${name} is ${state}`);
  return new Shown(page, figure, name, problems);
}

class Shown {
  constructor(page, figure, name, problems) {
    Object.assign(this, { page, figure, name, problems });
  }

  // All numbers, by their names, as the reader sees them.
  readouts() {
    return this.figure.locator("dd[data-readout]").evaluateAll((cells) =>
      Object.fromEntries(cells.map((cell) => [cell.dataset.readout, cell.textContent])),
    );
  }

  // Whether the picture is this one.
  draws(picture) {
    return this.figure.locator(".picture-box").evaluate((box, picture) => {
      const other = document.createElement("div");
      other.innerHTML = picture;
      return other.innerHTML === box.innerHTML;
    }, picture);
  }

  input(control) {
    return this.figure.locator(`[name="${control}"]`);
  }

  // Sets a slider as its thumb would.
  async slide(control, value) {
    await this.input(control).evaluate((input, value) => {
      input.value = value;
      input.dispatchEvent(new Event("input"));
    }, String(value));
  }

  async press(text) {
    await this.figure.getByRole("button", { name: text, exact: true }).click();
  }

  async close() {
    await this.page.context().close();
    if (this.problems.length > 0) throw new Error(this.problems.join("\n"));
  }
}

// What the native figure shows after the same: `["p=0.3", "tick=5"]`.
export function native(name, actions = []) {
  const program = join(repository, "target/release/examples/shown");
  const shown = JSON.parse(execFileSync(program, [name, ...actions], { encoding: "utf8", maxBuffer: 1 << 26 }));
  shown.texts = Object.fromEntries(shown.readouts.map(({ name, text }) => [name, text]));
  return shown;
}

export const names = () =>
  execFileSync(join(repository, "target/release/examples/shown"), { encoding: "utf8" }).trim().split("\n");
