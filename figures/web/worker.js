// A figure whose clock ticks beside the page. What the page does to it comes in as messages; what it shows goes out.
import init, { LiveFigure } from "./softac_figures.js";

// As often as this, in milliseconds, the page is told.
const FRAME = 40;

const loaded = init({ module_or_path: new URL("softac_figures_bg.wasm", import.meta.url) });
let figure;
let running = false;
let rate;
// Ticks, and parts of one, that are due and not done.
let due = 0;

function show() {
  const shown = figure.shown();
  rate = JSON.parse(shown).pace?.ticks_per_second;
  postMessage({ shown, running });
}

// Ticks until it is time to tell the page.
function frame() {
  if (!running) return;
  const end = performance.now() + FRAME;
  let more = true;
  if (rate === null) {
    while (more && performance.now() < end) more = figure.tick(1);
  } else {
    due += (rate * FRAME) / 1000;
    for (; more && due >= 1 && performance.now() < end; due -= 1) more = figure.tick(1);
    due = Math.min(due, 1);
  }
  if (!more) running = false;
  show();
  setTimeout(frame, Math.max(0, end - performance.now()));
}

onmessage = async ({ data }) => {
  await loaded;
  if (data.reset !== undefined) {
    running = false;
    figure?.free();
    figure = new LiveFigure(data.reset);
    for (const [control, value] of data.settings) {
      try {
        figure.set(control, value);
      } catch (error) {
        // A link may come from another version of the page, or be mistyped.
        console.info(`${data.reset}: ${error.message}`);
      }
    }
  } else if (data.set !== undefined) {
    figure.set(data.set, data.value);
  } else if (data.step) {
    figure.tick(1);
  } else if (data.run !== undefined) {
    const starts = data.run && !running;
    running = data.run;
    if (starts) return frame();
  }
  show();
};
