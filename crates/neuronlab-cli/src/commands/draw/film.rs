//! `draw animation`: the run as a film.

use super::picture;
use super::run::whole;
use crate::Failure;
use crate::args::{DrawAnimationArgs, FilmFormat, FormArgs, PictureArgs, PictureFormat};
use crate::moment::bar;
use crate::printer::Printer;
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use neuronlab::{draw, file};

/// Seconds that a moment is seen in a GIF, as in the SVG.
const SECONDS: f64 = 0.35;

pub(super) fn animation(args: &DrawAnimationArgs, printer: &mut Printer) -> Result<(), Failure> {
    let to = args.picture();
    picture::check(&to)?;
    match args.moment.experiment()?.dtype {
        Dtype::Float32 => in_type::<f32>(args, &to, printer),
        Dtype::Float64 => in_type::<f64>(args, &to, printer),
    }
}

impl DrawAnimationArgs {
    /// Where the film goes, and as what.
    fn picture(&self) -> PictureArgs {
        let format = match self.format {
            FilmFormat::Svg => PictureFormat::Svg,
            FilmFormat::Gif => PictureFormat::Gif,
            FilmFormat::Png => PictureFormat::Png,
            FilmFormat::Pdf => PictureFormat::Pdf,
        };
        PictureArgs { out: self.out.clone(), form: FormArgs { format, size: self.size }, force: self.force }
    }
}

fn in_type<T: Real + TorchReal>(
    args: &DrawAnimationArgs,
    to: &PictureArgs,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let (mut moment, end) = whole::<T>(&args.moment)?;
    let (bar, steps) = (bar(end), draw::animation_steps(end, args.frames));
    let progress = |at| bar.set_position(at);
    let Some(out) = to.out.as_ref().filter(|_| args.format == FilmFormat::Gif) else {
        let film = draw::animation(&mut moment.run, &steps, progress);
        bar.finish_and_clear();
        return super::show(to, &film?, printer);
    };
    let frames = draw::animation_frames(&mut moment.run, &steps, progress);
    bar.finish_and_clear();
    file::write(out, &picture::film(&frames?, SECONDS, &args.size)?)?;
    printer.line(format_args!("Written: {}", out.display()));
    Ok(())
}
