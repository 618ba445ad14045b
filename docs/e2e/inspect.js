// What is to be seen of a page that is open. The function runs in the browser, and knows only what is in it.

export async function inspect() {
    await document.fonts.ready;
    const main = document.querySelector("main");

    // Elements that reach beyond the screen, but for those within something that scrolls.
    const scrolls = (element) => {
        for (let at = element; at && at !== main; at = at.parentElement) {
            if (["auto", "scroll", "hidden"].includes(getComputedStyle(at).overflowX)) return true;
        }
        return false;
    };
    const beyond = (element) => element.getBoundingClientRect().right > innerWidth + 1;
    const wide = [...main.querySelectorAll("*")]
        .filter((element) => beyond(element) && !scrolls(element.parentElement))
        .map((element) => `${element.tagName}.${element.className}: ${element.textContent.slice(0, 60)}`);

    // Colours of text whose contrast is below that of WCAG 2.1, level AA.
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (rgba(colour)[3] === 255) return colour;
        }
        return "white";
    };
    const linear = (value) => (value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const contrast = (one, other) => {
        const [low, high] = [luminance(rgba(one)), luminance(rgba(other))].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const written = "p, a, li, td, th, h1, h2, h3, code, code span, .katex, figcaption";
    const pairs = new Map();
    for (const element of main.querySelectorAll(written)) {
        const [ink, paper] = [getComputedStyle(element).color, ground(element)];
        pairs.set(`${ink} on ${paper}`, [ink, paper, `${element.tagName}.${element.className}`]);
    }
    const faint = [...pairs]
        .filter(([, [ink, paper]]) => contrast(ink, paper) < 4.5)
        .map(([pair, [, , example]]) => `${pair}, as in ${example}`);

    const text = main.cloneNode(true);
    text.querySelectorAll("code, pre, .katex").forEach((element) => element.remove());

    const images = [...main.querySelectorAll("img")];
    images.forEach((image) => (image.loading = "eager"));
    await Promise.all(images.map((image) => image.decode().catch(() => {})));

    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return {
        wide,
        faint,
        dollars: text.textContent.match(/.{0,30}\$.{0,30}/g) ?? [],
        formulas: {
            errors: main.querySelectorAll(".katex-error").length,
            seen: main.querySelectorAll(".katex .katex-html").length,
            heard: main.querySelectorAll(".katex .katex-mathml math").length,
        },
        pictures: images.filter((image) => !image.naturalWidth || !image.alt.trim()).map((image) => image.src),
        code: [...main.querySelectorAll(":not(pre) > code")].map((element) => element.textContent),
        ids,
        twice: ids.filter((id, place) => ids.indexOf(id) !== place),
        links: [...document.querySelectorAll("main a[href], nav a[href]")].map((link) => link.href),
    };
}
