// Pictures of every figure as a reader sees it: node screenshots.js OUT_DIR [FIGURE]…
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { names, open, show } from "./support/page.js";

const [out, ...chosen] = process.argv.slice(2);
const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { colorScheme: "light", viewport: { width: 375, height: 800 }, hasTouch: true },
};

await mkdir(out, { recursive: true });
const site = await open();
for (const name of chosen.length > 0 ? chosen : names()) {
  for (const [look, options] of Object.entries(LOOKS)) {
    const shown = await show(site, name, options);
    await shown.figure.screenshot({ path: join(out, `${name}-${look}.png`) });
    await shown.close();
  }
}
await site.close();
