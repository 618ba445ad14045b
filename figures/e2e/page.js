// A page of the figures alone, for tests without the book: node page.js OUT_DIR
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const book = fileURLToPath(new URL("../../docs/src", import.meta.url));
const pages = (await readdir(book)).filter((name) => name.endsWith(".md"));
const texts = await Promise.all(pages.map((name) => readFile(join(book, name), "utf8")));
const figures = texts.flatMap((text) => text.match(/<figure class="live"[^]*?<\/figure>/g) ?? []);
const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The live figures</title>
<link rel="stylesheet" href="live/figures.css">
<link rel="icon" href="data:,">
<style>body { font-family: sans-serif; max-width: 46rem; margin: 0 auto; padding: 0 15px; }</style>
<h1>The live figures</h1>
${figures.join("\n")}
<script src="live/figures.js"></script>
`;
await writeFile(join(process.argv[2], "index.html"), html);
