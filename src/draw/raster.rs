//! From SVG to pixels, with fonts of our own, so that every machine draws the same.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{self, Options, Tree};

/// A picture of this size with nothing on it.
pub(super) fn blank(width: u32, height: u32) -> Result<Pixmap, &'static str> {
    Pixmap::new(width, height).ok_or("no memory for the picture")
}

/// The whole of an SVG, enlarged by `scale`.
pub(super) fn whole(svg: &str, scale: f32) -> Result<Pixmap, String> {
    let tree = Tree::from_str(svg, options()).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size().scale_by(scale).ok_or("a picture without a size")?;
    let mut pixmap = blank(size.width(), size.height())?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    Ok(pixmap)
}

/// Draws an SVG over what is there, with its upper left corner at `[x, y]`.
pub(super) fn draw(svg: &str, [x, y]: [f32; 2], pixmap: &mut Pixmap) -> Result<(), usvg::Error> {
    let tree = Tree::from_str(svg, options())?;
    resvg::render(&tree, Transform::from_translate(x, y), &mut pixmap.as_mut());
    Ok(())
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
