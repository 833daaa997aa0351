//! Pictures as PNG and PDF, and films as GIF, made of the same SVG, with a font that is the same everywhere.

use crate::error::{Error, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Pixels a side, at most.
const MOST: f64 = 16_384.0;

/// How large a PNG is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PngSize {
    /// So many pixels for one of the picture's units, which are a screen's pixels.
    Scale(f64),
    /// So many pixels wide.
    Width(u32),
}

impl Default for PngSize {
    /// Sharp on a screen of high density, and on a slide.
    fn default() -> Self {
        Self::Scale(2.0)
    }
}

/// An SVG picture as PNG, on white paper.
///
/// # Errors
/// The picture is no SVG, or has no pixel or more than 16384 a side in this size.
pub fn png(picture: &str, size: PngSize) -> Result<Vec<u8>> {
    Ok(pixels(picture, size)?.encode_png().expect("pixels in memory"))
}

/// SVG pictures of one size as a GIF, which shows one after the other and begins again; each for some seconds, the last one six times as
/// long. For slides, and whatever plays no SVG. Of each picture 256 colours are kept.
///
/// # Errors
/// As [`png`]; there is no picture, or they are not of one size.
pub fn gif(pictures: &[String], seconds: f64, size: PngSize) -> Result<Vec<u8>> {
    let frames: Vec<Pixmap> = pictures.iter().map(|picture| pixels(picture, size)).collect::<Result<_>>()?;
    let sizes: Vec<(u32, u32)> = frames.iter().map(|frame| (frame.width(), frame.height())).collect();
    let of_one = sizes.first().filter(|&first| sizes.iter().all(|size| size == first));
    let Some(&(width, height)) = of_one else {
        return Err(Error::field("pictures", "one or more, all of one size", format!("{sizes:?}")));
    };
    let mut bytes = Vec::new();
    // Sides are at most MOST.
    let (across, down) = (width as u16, height as u16);
    let mut film = gif::Encoder::new(&mut bytes, across, down, &[]).expect("written to memory");
    film.set_repeat(gif::Repeat::Infinite).expect("written to memory");
    let last = frames.len() - 1;
    for (k, mut pixels) in frames.into_iter().enumerate() {
        let mut frame = gif::Frame::from_rgba_speed(across, down, pixels.data_mut(), 10);
        frame.delay = (100.0 * seconds * if k == last { 6.0 } else { 1.0 }).round().clamp(1.0, 6000.0) as u16;
        film.write_frame(&frame).expect("written to memory");
    }
    drop(film);
    Ok(bytes)
}

/// A picture's pixels, on white paper.
fn pixels(picture: &str, size: PngSize) -> Result<Pixmap> {
    let tree = tree(picture)?;
    let (width, height) = (f64::from(tree.size().width()), f64::from(tree.size().height()));
    let (field, got, scale) = match size {
        PngSize::Scale(scale) => ("scale", scale.to_string(), scale),
        PngSize::Width(pixels) => ("width", pixels.to_string(), f64::from(pixels) / width),
    };
    let (across, down) = ((width * scale).round(), (height * scale).round());
    if !((1.0..=MOST).contains(&across) && (1.0..=MOST).contains(&down)) {
        let size = format!("a size of 1 to {MOST} pixels a side, for a picture of {width} by {height} units");
        return Err(Error::field(field, size, got));
    }
    let mut pixels = Pixmap::new(across as u32, down as u32).expect("a size that was checked");
    let scale = Transform::from_scale((across / width) as f32, (down / height) as f32);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    Ok(pixels)
}

/// An SVG picture as a page of PDF of its size: lines and words stay lines and words.
///
/// # Errors
/// The picture is no SVG, or can't be a PDF.
pub fn pdf(picture: &str) -> Result<Vec<u8>> {
    // A unit is a pixel of CSS, of which 96 are an inch.
    let page = svg2pdf::PageOptions { dpi: 96.0 };
    svg2pdf::to_pdf(&tree(picture)?, svg2pdf::ConversionOptions::default(), page)
        .map_err(|error| Error::field("picture", "one that can be a PDF", error))
}

fn tree(picture: &str) -> Result<Tree> {
    let mut options = Options { font_family: FAMILY.into(), ..Options::default() };
    let fonts = options.fontdb_mut();
    for font in [dejavu::sans_condensed::regular(), dejavu::sans_condensed::bold()] {
        fonts.load_font_data(font.to_vec());
    }
    // A user's names may be in a script that the font lacks.
    if picture.chars().any(is_foreign) {
        fonts.load_system_fonts();
    }
    fonts.set_sans_serif_family(FAMILY);
    Tree::from_str(picture, &options).map_err(|error| Error::field("picture", "an SVG", error))
}

/// What the condensed font calls its family.
const FAMILY: &str = "DejaVu Sans";

/// Whether a character is of a script of which DejaVu Sans has nothing.
fn is_foreign(c: char) -> bool {
    matches!(c, '\u{0900}'..='\u{0e7f}' | '\u{0f00}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{2e80}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::loss_curve;

    #[test]
    fn a_size_is_kept_or_refused() {
        let picture = loss_curve(&[1.0, 0.5, 0.25], 1);
        let size = |bytes: &[u8]| Pixmap::decode_png(bytes).map(|p| (p.width(), p.height())).unwrap();
        assert_eq!(size(&png(&picture, PngSize::default()).unwrap()), (1120, 560));
        assert_eq!(size(&png(&picture, PngSize::Width(1000)).unwrap()), (1000, 500));
        for (refused, message) in [
            (
                PngSize::Scale(0.0),
                "scale: expected a size of 1 to 16384 pixels a side, for a picture of 560 by 280 units, got 0",
            ),
            (
                PngSize::Scale(f64::NAN),
                "scale: expected a size of 1 to 16384 pixels a side, for a picture of 560 by 280 units, got NaN",
            ),
            (
                PngSize::Width(20_000),
                "width: expected a size of 1 to 16384 pixels a side, for a picture of 560 by 280 units, got 20000",
            ),
        ] {
            assert_eq!(png(&picture, refused).unwrap_err().to_string(), message);
        }
        assert!(png("no picture", PngSize::default()).unwrap_err().to_string().starts_with("picture: expected an SVG"));
    }

    /// Read again: as many frames as pictures, their size and times, and the paper is white.
    #[test]
    fn a_gif_has_every_picture() {
        let pictures = [1.0, 0.5, 0.2].map(|loss| loss_curve(&[1.0, loss], 1));
        let film = gif(&pictures, 0.35, PngSize::Scale(1.0)).unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut reader = options.read_info(&film[..]).unwrap();
        assert_eq!((reader.width(), reader.height(), reader.repeat()), (560, 280, gif::Repeat::Infinite));
        let (mut delays, mut last) = (vec![], vec![]);
        while let Some(frame) = reader.read_next_frame().unwrap() {
            delays.push(frame.delay);
            assert_eq!(frame.buffer[..4], [255; 4]);
            assert!(last != frame.buffer.to_vec(), "two pictures alike");
            last = frame.buffer.to_vec();
        }
        assert_eq!(delays, [35, 35, 210]);
        let other = [pictures[0].clone(), pictures[1].replace("width=\"560\"", "width=\"561\"")];
        assert!(gif(&[], 0.35, PngSize::default()).is_err() && gif(&other, 0.35, PngSize::Scale(2.0)).is_err());
    }

    #[test]
    fn a_pdf_is_the_same_every_time() {
        let picture = loss_curve(&[1.0, 0.5, 0.25], 1);
        let page = pdf(&picture).unwrap();
        assert!(page.starts_with(b"%PDF-") && page == pdf(&picture).unwrap());
        // 560 by 280 pixels of CSS, in points.
        assert!(page.windows(22).any(|part| part == b"/MediaBox [0 0 420 210"), "its size");
    }
}
