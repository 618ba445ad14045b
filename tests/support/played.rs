//! A GIF as it is seen.

use std::fs::File;
use std::path::Path;

use gif::{ColorOutput, DecodeOptions};

/// A frame of a GIF: the whole picture, row by row, and how long it is shown, in hundredths of a second.
pub struct Shown {
    pub width: usize,
    pub pixels: Vec<[u8; 3]>,
    pub delay: u16,
}

impl Shown {
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        self.pixels[y * self.width + x]
    }
}

/// All that is seen of a GIF, in which every frame is laid over the one before.
pub fn play(path: &Path) -> Vec<Shown> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let mut decoder = options.read_info(File::open(path).unwrap()).unwrap();
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let mut pixels = vec![None; width * height];
    let mut shown = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        assert_eq!(frame.dispose, gif::DisposalMethod::Keep);
        for (i, pixel) in frame.buffer.chunks(4).enumerate() {
            let (x, y) = (i % usize::from(frame.width), i / usize::from(frame.width));
            let place = (y + usize::from(frame.top)) * width + x + usize::from(frame.left);
            if pixel[3] > 0 {
                pixels[place] = Some([pixel[0], pixel[1], pixel[2]]);
            }
        }
        let pixels = pixels.iter().map(|pixel| pixel.expect("nothing shines through")).collect();
        shown.push(Shown { width, pixels, delay: frame.delay });
    }
    shown
}
