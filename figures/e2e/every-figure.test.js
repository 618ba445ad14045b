// What holds of every figure: the page shows the numbers of the crate, whichever way a control is set.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { native, names, open, show } from "./support/page.js";

let site;
before(async () => (site = await open()));
after(() => site.close());

// A value for a control, other than the one that it has.
function another(control) {
  if (control.kind === "slider") {
    const steps = Math.round((0.3 * (control.max - control.min)) / control.step);
    return control.min + steps * control.step;
  }
  return control.kind === "choice" ? control.options.length - 1 : 1 - control.value;
}

async function set(shown, control, value) {
  const input = shown.input(control.name);
  if (control.kind === "slider") await shown.slide(control.name, value);
  else if (control.kind === "switch") await input.click();
  else if (control.kind === "choice") await input.selectOption(String(value));
  else await input.click();
}

for (const name of names()) {
  test(`${name} shows at first what the crate computes`, async () => {
    const shown = await show(site, name);
    const expected = native(name);
    assert.deepEqual(await shown.readouts(), expected.texts);
    assert.ok(await shown.draws(expected.picture), "the picture is another one");
    await shown.close();
  });

  for (const control of native(name).controls) {
    test(`${name}: ${control.name} does on the page what it does in the crate`, async () => {
      const shown = await show(site, name);
      const value = control.kind === "button" ? 1 : another(control);
      await set(shown, control, value);
      // The slider rounds to its own steps: what it has become is what the crate is given.
      const given = control.kind === "slider" ? await shown.input(control.name).inputValue() : value;
      const expected = native(name, [`${control.name}=${given}`]);
      await shown.page.waitForFunction(
        ([name, texts]) => {
          const cells = document.querySelectorAll(`figure[data-figure="${name}"] dd[data-readout]`);
          return [...cells].every((cell) => cell.textContent === texts[cell.dataset.readout]);
        },
        [name, expected.texts],
      ).catch(() => {});
      assert.deepEqual(await shown.readouts(), expected.texts);
      await shown.press("Reset");
      await shown.page.waitForTimeout(50);
      assert.deepEqual(await shown.readouts(), native(name).texts);
      await shown.close();
    });
  }

  test(`${name} begins with the settings of a link`, async () => {
    const settable = native(name).controls.filter((control) => control.kind !== "button");
    const actions = settable.map((control) => `${control.name}=${another(control)}`);
    const shown = await show(site, name, { settings: actions.join("&") });
    assert.deepEqual(await shown.readouts(), native(name, actions).texts);
    await shown.close();
  });

  test(`${name} takes no harm from a link that is wrong`, async () => {
    const slider = native(name).controls.find((control) => control.kind === "slider").name;
    const settings = `nothing=1&${slider}=abc&${slider}=1e400&=&&${slider}=1e99`;
    const shown = await show(site, name, { settings });
    assert.deepEqual(await shown.readouts(), native(name, [`${slider}=1e99`]).texts);
    await shown.close();
  });

  test(`${name} can be used with the keyboard alone`, async () => {
    const shown = await show(site, name);
    const slider = native(name).controls.find((control) => control.kind === "slider");
    const input = shown.input(slider.name);
    const before = await input.inputValue();
    await input.focus();
    await shown.page.keyboard.press(Number(before) > slider.min ? "ArrowLeft" : "ArrowRight");
    assert.notEqual(await input.inputValue(), before);
    // Every control is reached by the tabulator, and says what it is.
    const reached = await shown.figure.evaluate((figure) => {
      const controls = [...figure.querySelectorAll("input, select, button")];
      const isNamed = (control) => (control.labels?.length || control.textContent) && control.tabIndex === 0;
      return controls.length > 0 && controls.every(isNamed);
    });
    assert.ok(reached);
    await shown.close();
  });

  test(`${name} fits a phone`, async () => {
    const shown = await show(site, name, { viewport: { width: 375, height: 700 }, hasTouch: true });
    const [right, wide] = await shown.figure.evaluate((figure) => [
      // What a picture cuts off at its edges has a place beyond them.
      Math.max(...[...figure.querySelectorAll(":not(svg *)")].map((element) => element.getBoundingClientRect().right)),
      document.documentElement.scrollWidth,
    ]);
    assert.ok(right <= 375 && wide <= 375, `${right} ${wide}`);
    await shown.close();
  });

  test(`${name} is its picture on paper`, async () => {
    const shown = await show(site, name);
    await shown.page.emulateMedia({ media: "print" });
    assert.ok(await shown.figure.locator("img").isVisible());
    assert.ok(!(await shown.figure.locator(".live-body").isVisible()));
    await shown.close();
  });
}
