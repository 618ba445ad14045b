//! From SVG to pixels, with fonts of our own, so that every machine draws the same.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{self, Options, Tree};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub(super) enum RasterError {
    #[error(transparent)]
    Svg(#[from] usvg::Error),
    #[error(transparent)]
    Png(#[from] png::EncodingError),
    #[error(transparent)]
    Write(#[from] io::Error),
    #[error("no memory for a picture of this size")]
    Size,
}

/// A picture of this size with nothing on it.
pub(super) fn blank(width: u32, height: u32) -> Result<Pixmap, RasterError> {
    Pixmap::new(width, height).ok_or(RasterError::Size)
}

/// The PNG of an SVG, enlarged by `scale`: drawn and packed in strips, so that it takes little memory.
pub(super) fn png(svg: &str, scale: f32) -> Result<Vec<u8>, RasterError> {
    let tree = Tree::from_str(svg, options())?;
    let size = tree.size().to_int_size().scale_by(scale).ok_or(RasterError::Size)?;
    let (width, height) = (size.width(), size.height());
    let mut bytes = Vec::new();
    let mut header = encoder(&mut bytes, width, height).write_header()?;
    let mut writer = header.stream_writer()?;
    for top in (0..height).step_by(STRIP) {
        let mut strip = blank(width, (height - top).min(STRIP as u32))?;
        let place = Transform::from_scale(scale, scale).post_translate(0.0, -(top as f32));
        resvg::render(&tree, place, &mut strip.as_mut());
        writer.write_all(&strip.take_demultiplied())?;
    }
    writer.finish()?;
    drop(header);
    Ok(bytes)
}

/// Rows of pixels that are drawn at a time.
const STRIP: usize = 128;

/// The PNG of a picture.
pub(super) fn encode(pixmap: Pixmap) -> Result<Vec<u8>, RasterError> {
    let mut bytes = Vec::new();
    let mut writer = encoder(&mut bytes, pixmap.width(), pixmap.height()).write_header()?;
    writer.write_image_data(&pixmap.take_demultiplied())?;
    drop(writer);
    Ok(bytes)
}

fn encoder(bytes: &mut Vec<u8>, width: u32, height: u32) -> png::Encoder<'static, &mut Vec<u8>> {
    let mut encoder = png::Encoder::new(bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
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
