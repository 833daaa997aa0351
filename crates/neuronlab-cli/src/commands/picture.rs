//! Pictures as files, in the format that was asked for.

use crate::args::{FormArgs, PictureArgs, PictureFormat, SizeArgs};
use crate::printer::Printer;
#[cfg(feature = "pictures")]
use neuronlab::draw::PngSize;
use neuronlab::{Error, Result, file};
use std::path::Path;

/// Says before any work whether a picture can be written.
pub(super) fn check(args: &PictureArgs) -> Result<()> {
    let Some(file) = &args.out else {
        // A format without a file would be ignored.
        return match args.form.format {
            format if format.is_text() => check_size(format, &args.form.size),
            format => Err(no_file(format)),
        };
    };
    check_form(&args.form)?;
    check_name(file, args.form.format)?;
    super::may_write(file, args.force)
}

/// The same of the format alone.
pub(super) fn check_form(form: &FormArgs) -> Result<()> {
    check_size(form.format, &form.size)?;
    if form.format.is_text() || cfg!(feature = "pictures") { Ok(()) } else { Err(unavailable(form.format)) }
}

/// A picture of which `--format` says that it is no text goes to a file.
pub(super) fn no_file(format: PictureFormat) -> Error {
    Error::Field {
        field: "--format".into(),
        expected: "a file to write the picture to".into(),
        got: format!("{} without --out", format.name()),
        hint: Some(format!("--format {0} --out picture.{0}", format.name())),
    }
}

/// A name that promises another format than the one that would be written is a mistake.
pub(super) fn check_name(file: &Path, format: PictureFormat) -> Result<()> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    let others = ["svg", "png", "pdf", "gif", "dot"];
    if others.contains(&ending.as_str()) && ending != format.name() {
        let verb = match ending.as_str() {
            "gif" => "draw animation ",
            "dot" => "draw graph ",
            _ => "",
        };
        return Err(Error::Field {
            field: "--out".into(),
            expected: format!("a name that ends with .{}, since --format is {0}", format.name()),
            got: format!("`{}`", file.display()),
            hint: Some(format!("{verb}--format {ending} writes {}", ending.to_uppercase())),
        });
    }
    Ok(())
}

/// A size is that of a PNG.
pub(super) fn check_size(format: PictureFormat, size: &SizeArgs) -> Result<()> {
    let given = if size.scale.is_some() { "--scale" } else { "--width" };
    if !format.has_pixels() && (size.scale.is_some() || size.width.is_some()) {
        return Err(Error::Field {
            field: given.into(),
            expected: "a format with pixels, such as --format png".into(),
            got: format!("--format {}", format.name()),
            hint: None,
        });
    }
    Ok(())
}

/// Writes what `--out` asks for, if anything, and says so.
pub(super) fn write(args: &PictureArgs, picture: &str, printer: &mut Printer) -> Result<()> {
    if let Some(file) = &args.out {
        file::write(file, &bytes(picture, &args.form)?)?;
        printer.line(format_args!("Written: {}", file.display()));
    }
    Ok(())
}

/// An SVG in the format that was asked for.
pub(super) fn bytes(picture: &str, form: &FormArgs) -> Result<Vec<u8>> {
    match form.format {
        format if format.is_text() => Ok(picture.as_bytes().to_vec()),
        format => rendered(picture, format, &form.size),
    }
}

/// This program knows no other format than SVG.
fn unavailable(format: PictureFormat) -> Error {
    Error::Field {
        field: "--format".into(),
        expected: "svg: this program was built without the feature `pictures`".into(),
        got: format.name().into(),
        hint: Some("cargo run --release --features pictures -- ... builds one that writes PNG, PDF and GIF".into()),
    }
}

/// Pictures of a film, each seen for some seconds, as a GIF.
#[cfg(feature = "pictures")]
pub(super) fn film(pictures: &[String], seconds: f64, size: &SizeArgs) -> Result<Vec<u8>> {
    // A film of the double size would be slow to load.
    let size = if size.scale.is_none() && size.width.is_none() { PngSize::Scale(1.0) } else { pixels(size) };
    neuronlab::draw::gif(pictures, seconds, size).map_err(with_dashes)
}

#[cfg(not(feature = "pictures"))]
pub(super) fn film(_: &[String], _: f64, _: &SizeArgs) -> Result<Vec<u8>> {
    Err(unavailable(PictureFormat::Gif))
}

#[cfg(feature = "pictures")]
fn rendered(picture: &str, format: PictureFormat, size: &SizeArgs) -> Result<Vec<u8>> {
    use neuronlab::draw::{pdf, png};
    if format == PictureFormat::Pdf { pdf(picture) } else { png(picture, pixels(size)).map_err(with_dashes) }
}

#[cfg(feature = "pictures")]
fn pixels(size: &SizeArgs) -> PngSize {
    match (size.scale, size.width) {
        (Some(scale), _) => PngSize::Scale(scale),
        (None, Some(width)) => PngSize::Width(width),
        (None, None) => PngSize::default(),
    }
}

/// The error of a size, by the option that it comes from.
#[cfg(feature = "pictures")]
fn with_dashes(error: Error) -> Error {
    match error {
        Error::Field { field, expected, got, hint } if field == "scale" || field == "width" => {
            Error::Field { field: format!("--{field}"), expected, got, hint }
        }
        other => other,
    }
}

#[cfg(not(feature = "pictures"))]
fn rendered(_: &str, format: PictureFormat, _: &SizeArgs) -> Result<Vec<u8>> {
    Err(unavailable(format))
}
