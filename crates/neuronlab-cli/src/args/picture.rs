//! How a picture is written: `--out`, `--format`, `--scale`, `--width`.

use std::path::PathBuf;

/// Where a picture goes, and as what.
#[derive(clap::Args)]
pub(crate) struct PictureArgs {
    /// Write the picture to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) form: FormArgs,
    /// Overwrite the file
    #[arg(long)]
    pub(crate) force: bool,
}

/// What a picture is written as.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct FormArgs {
    /// What the picture is written as
    #[arg(long, value_enum, default_value_t = PictureFormat::Svg)]
    pub(crate) format: PictureFormat,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PictureFormat {
    /// For pages and for editing
    Svg,
    /// Pixels, for slides
    Png,
    /// For papers
    Pdf,
    /// A film, for slides
    #[value(skip)]
    Gif,
    /// A graph, for Graphviz
    #[value(skip)]
    Dot,
}

impl PictureFormat {
    /// What its files' names end with, and its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Pdf => "pdf",
            Self::Gif => "gif",
            Self::Dot => "dot",
        }
    }

    /// Whether it can be printed, and needs no feature.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Svg | Self::Dot)
    }

    /// Whether it has a size in pixels.
    pub(crate) fn has_pixels(self) -> bool {
        matches!(self, Self::Png | Self::Gif)
    }
}

/// How large a PNG is.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct SizeArgs {
    /// Pixels of a PNG for one of the picture's units [default: 2]
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "width")]
    pub(crate) scale: Option<f64>,
    /// Pixels of a PNG from left to right
    #[arg(long, value_name = "PIXELS")]
    pub(crate) width: Option<u32>,
}
