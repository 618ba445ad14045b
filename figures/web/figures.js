// The live figures of the book. Each `<figure data-figure="NAME">` becomes the figure of this name: its controls, its
// numbers and its picture come from the WebAssembly, and nothing is computed here. Without it, the picture that stands
// in the page stays.
"use strict";

(() => {
  // Where this script lies, there lies the rest, too.
  const base = new URL(".", document.currentScript.src);

  // ── Engines: a figure in this page, or in a worker beside it ──────────────────────────────────

  let module;
  const load = () => {
    module ??= import(new URL("softac_figures.js", base)).then(async (glue) => {
      await glue.default({ module_or_path: new URL("softac_figures_bg.wasm", base) });
      return glue;
    });
    return module;
  };

  // A figure here. `onShown` gets what it shows, now and after every change.
  class Local {
    constructor(name, onShown) {
      Object.assign(this, { name, onShown, running: false });
    }
    async reset(settings) {
      const glue = await load();
      this.figure?.free();
      this.figure = new glue.LiveFigure(this.name);
      for (const [control, value] of settings) {
        try {
          this.figure.set(control, value);
        } catch (error) {
          // A link may come from another version of the page, or be mistyped.
          console.info(`${this.name}: ${error.message}`);
        }
      }
      this.show();
      return this;
    }
    set(control, value) {
      this.figure.set(control, value);
      this.show();
    }
    step() {
      const more = this.figure.tick(1);
      this.show();
      return more;
    }
    run(running) {
      const frame = (now) => {
        if (!this.running) return;
        const interval = 1000 / (this.shown.pace.ticks_per_second ?? 60);
        if (now - this.last >= interval) {
          this.last = now;
          if (!this.step()) this.running = false;
        }
        this.onShown(this.shown, this.running);
        requestAnimationFrame(frame);
      };
      const starts = running && !this.running;
      this.running = running;
      this.last = 0;
      if (starts) requestAnimationFrame(frame);
    }
    show() {
      this.shown = JSON.parse(this.figure.shown());
      this.onShown(this.shown, this.running);
    }
  }

  // A figure in a worker: the same, by messages.
  class Remote {
    constructor(name, onShown) {
      this.worker = new Worker(new URL("worker.js", base), { type: "module" });
      this.worker.onmessage = ({ data }) => {
        this.running = data.running;
        onShown(JSON.parse(data.shown), data.running);
      };
      Object.assign(this, { name, running: false });
    }
    async reset(settings) {
      this.worker.postMessage({ reset: this.name, settings });
      return this;
    }
    set(control, value) {
      this.worker.postMessage({ set: control, value });
    }
    step() {
      this.worker.postMessage({ step: true });
    }
    run(running) {
      this.running = running;
      this.worker.postMessage({ run: running });
    }
  }

  // ── The furniture of a figure ─────────────────────────────────────────────────────────────────

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // One row of the form: an input with its label, which tells `changed` what it was set to.
  function row(control, name, changed) {
    const id = `${name}--${control.name}`;
    const shared = { id, name: control.name };
    const tell = (value) => changed(control.name, value);
    if (control.kind === "button") {
      return make("button", { ...shared, type: "button", textContent: control.label, onclick: () => tell(1) });
    }
    const label = make("label", { htmlFor: id, textContent: control.label });
    if (control.kind === "slider") {
      const { min, max, step } = control;
      const input = make("input", { ...shared, type: "range", min, max, step });
      input.oninput = () => tell(input.valueAsNumber);
      return make("div", { className: "row slider" }, label, input, make("output", { htmlFor: id }));
    }
    if (control.kind === "switch") {
      const input = make("input", { ...shared, type: "checkbox" });
      input.onchange = () => tell(Number(input.checked));
      return make("div", { className: "row" }, input, label);
    }
    const options = control.options.map((text, value) => make("option", { value, textContent: text }));
    const input = make("select", { ...shared }, ...options);
    input.onchange = () => tell(Number(input.value));
    return make("div", { className: "row" }, label, input);
  }

  // Shows a control as it is set.
  function put(control, element) {
    const input = element.matches("button") ? element : element.querySelector("input, select");
    if (control.kind === "slider") {
      input.value = control.value;
      input.setAttribute("aria-valuetext", control.text);
      element.querySelector("output").value = control.text;
    } else if (control.kind === "switch") {
      input.checked = control.value === 1;
    } else if (control.kind === "choice") {
      input.value = control.value;
    }
  }

  // A handle in the picture is the thumb of one slider along, and of another one upwards.
  function drag(picture, changed) {
    let held;
    const travel = (handle, direction) => {
      const text = handle.getAttribute(`data-travel-${direction}`);
      if (text === null) return [];
      const [from, to, low, high] = text.split(" ").map(Number);
      return [{ control: handle.getAttribute(`data-control-${direction}`), direction, from, to, low, high }];
    };
    const move = (event) => {
      const svg = picture.querySelector("svg");
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      for (const { control, direction, from, to, low, high } of held) {
        const share = Math.min(1, Math.max(0, (point[direction] - from) / (to - from)));
        changed(control, low + share * (high - low));
      }
    };
    // A part of the picture that is pressed sets a control, as choosing it there does.
    picture.addEventListener("click", (event) => {
      const part = event.target.closest("[data-sets]");
      if (part) changed(part.dataset.sets, Number(part.dataset.to));
    });
    picture.addEventListener("pointerdown", (event) => {
      const handle = event.target.closest(".handle");
      if (!handle) return;
      held = [...travel(handle, "x"), ...travel(handle, "y")];
      picture.setPointerCapture(event.pointerId);
      event.preventDefault();
      move(event);
    });
    picture.addEventListener("pointermove", (event) => held && move(event));
    for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => (held = undefined));
  }

  class Panel {
    constructor(figure, shown) {
      this.figure = figure;
      this.name = figure.dataset.figure;
      this.picture = make("div", { className: "picture-box" });
      this.form = make("div", { className: "controls" });
      this.readouts = make("dl", { className: "readouts" });
      this.body = make("div", { className: "live-body" }, this.picture, this.form, this.readouts);
      drag(this.picture, (control, value) => this.change(control, value));
    }

    change(control, value) {
      this.engine.set(control, value);
    }

    // Shows everything; the first time, the form is made for it.
    show(shown, running) {
      this.shown = shown;
      if (!this.rows) this.build(shown);
      for (const control of shown.controls) put(control, this.rows.get(control.name));
      this.picture.innerHTML = shown.picture;
      if (this.play) this.play.textContent = running ? "Pause" : "Play";
      // What changes of itself all the time is not read out.
      this.readouts.setAttribute("aria-live", running ? "off" : "polite");
      this.write(shown.readouts);
      this.figure.dataset.state = running ? "running" : "ready";
    }

    build(shown) {
      const changed = (control, value) => this.change(control, value);
      this.rows = new Map(shown.controls.map((control) => [control.name, row(control, this.name, changed)]));
      const clock = make("div", { className: "clock" });
      const button = (text, title, onclick) => {
        const made = make("button", { type: "button", textContent: text, title, onclick });
        clock.append(made);
        return made;
      };
      if (shown.pace) {
        this.play = button("Play", "Start or stop the clock", () => this.engine.run(!this.engine.running));
        button("Step", "One tick of the clock", () => this.engine.step());
      }
      button("Reset", "Begin again as the page did", () => this.reset([]));
      button("Link", "A link to these settings, in the address bar and the clipboard", () => this.link());
      this.form.append(...this.rows.values(), clock);
      for (const still of this.figure.querySelectorAll(":scope > img, :scope > p")) still.hidden = true;
      this.figure.prepend(this.body);
    }

    write(readouts) {
      for (const { name, label, text } of readouts) {
        let cell = this.readouts.querySelector(`[data-readout="${name}"]`);
        if (!cell) {
          cell = make("dd");
          cell.dataset.readout = name;
          this.readouts.append(make("div", {}, make("dt"), cell));
        }
        const term = cell.previousSibling;
        if (term.textContent !== label) term.textContent = label;
        if (cell.textContent !== text) cell.textContent = text;
        cell.parentElement.classList.toggle("long", text.length > 26);
      }
      const names = new Set(readouts.map(({ name }) => name));
      for (const cell of this.readouts.querySelectorAll("dd")) {
        if (!names.has(cell.dataset.readout)) cell.parentElement.remove();
      }
    }

    reset(settings) {
      this.engine.run(false);
      return this.engine.reset(settings);
    }

    link() {
      const set = this.shown.controls.filter((control) => "value" in control);
      const settings = set.map(({ name, value }) => `${name}=${value}`).join("&");
      history.replaceState(null, "", `#figure-${this.name}?${settings}`);
      navigator.clipboard?.writeText(location.href).catch(() => {});
    }
  }

  // ── From a page to its figures ────────────────────────────────────────────────────────────────

  // The settings in the address, if they are this figure's.
  function settings(name) {
    const [place, text] = location.hash.split("?");
    if (place !== `#figure-${name}` || text === undefined) return [];
    return [...new URLSearchParams(text)].map(([control, value]) => [control, Number(value)]);
  }

  async function start(figure) {
    const panel = new Panel(figure);
    figure.panel = panel;
    const onShown = (shown, running) => panel.show(shown, running);
    const Engine = figure.dataset.worker === undefined ? Local : Remote;
    panel.engine = new Engine(panel.name, onShown);
    await panel.engine.reset(settings(panel.name));
  }

  const failed = (figure) => (error) => {
    // The picture of the page is still there.
    figure.dataset.state = "failed";
    console.warn(`the figure ${figure.dataset.figure} stays a picture:`, error);
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        start(target).catch(failed(target));
      }
    },
    { rootMargin: "600px" },
  );
  const away = new IntersectionObserver((entries) => {
    // What nobody sees does not move.
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting && !target.panel?.shown?.pace?.heavy) target.panel?.engine.run(false);
    }
  });

  const begin = () => {
    for (const figure of document.querySelectorAll("figure[data-figure]")) {
      near.observe(figure);
      away.observe(figure);
    }
    const linked = document.getElementById(location.hash.slice(1).split("?")[0]);
    if (location.hash.includes("?")) linked?.scrollIntoView();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
