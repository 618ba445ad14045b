//! From SVG to pixels, with fonts of our own, so that every machine draws the same.

use std::fmt::Display;
use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Options, Tree};

/// A picture of this size with nothing on it.
pub(super) fn blank(width: u32, height: u32) -> Result<Pixmap, &'static str> {
    Pixmap::new(width, height).ok_or("no memory for the picture")
}

/// Draws an SVG over what is there, enlarged by `scale`, its upper left corner at `[x, y]`.
pub(super) fn draw(
    svg: &str,
    scale: f32,
    [x, y]: [f32; 2],
    pixmap: &mut Pixmap,
) -> Result<(), impl Display + use<>> {
    let tree = Tree::from_str(svg, options())?;
    let place = Transform::from_scale(scale, scale).post_translate(x, y);
    resvg::render(&tree, place, &mut pixmap.as_mut());
    Ok::<_, resvg::usvg::Error>(())
}

fn options() -> &'static Options<'static> {
    static OPTIONS: OnceLock<Options<'static>> = OnceLock::new();
    OPTIONS.get_or_init(|| {
        let mut fonts = Database::new();
        for font in [dejavu::sans::regular(), dejavu::sans_mono::regular()] {
            fonts.load_font_source(Source::Binary(Arc::new(font)));
        }
        fonts.set_sans_serif_family("DejaVu Sans");
        fonts.set_monospace_family("DejaVu Sans Mono");
        Options { fontdb: Arc::new(fonts), ..Options::default() }
    })
}
