//! The one room that knows SVG: shapes as text, with plain attributes that every program understands.
//!
//! Each shape says itself what it looks like on white paper, without a style sheet: browsers, Inkscape, LibreOffice, PowerPoint,
//! librsvg and resvg all draw it so. The class beside it is for a dark page alone (see [`theme`]).

mod marker;
mod text;
pub(super) mod theme;

pub(super) use text::{escape, fit, short, width, wrap};
pub(super) use theme::{Anchor, Colour, Font, Stroke};

use std::fmt::Write;

/// A place in the picture, from its top left corner.
pub(super) type Point = (f64, f64);

/// A picture that grows.
///
/// What is drawn is sorted: areas lie below lines, lines below shapes, and words on top of all, whatever was drawn first.
pub(super) struct Svg {
    width: f64,
    height: f64,
    head: String,
    layers: [String; 4],
}

/// What lies above what, from below.
#[derive(Clone, Copy)]
enum Layer {
    Areas,
    Lines,
    Shapes,
    Words,
}

/// Frames that the last one of a film counts for more.
const HELD: usize = 6;

impl Svg {
    /// A picture of `width` by `height` units on paper; a screen reader says `title`, and what there is to be seen.
    pub(super) fn new(width: f64, height: f64, title: &str, description: &str) -> Self {
        let head = format!(
            "<title>{}</title><desc>{}</desc><style>{}</style>",
            escape(title),
            escape(description),
            theme::dark_style()
        );
        Self { width, height, head, layers: Default::default() }
    }

    /// Makes it a film of so many frames, each seen for some seconds, the last one longer. Where animations are not known, or not
    /// wanted, that one stays.
    pub(super) fn film(&mut self, frames: usize, seconds: f64) {
        let all = (frames + HELD) as f64;
        let (one, end) = (short(100.0 / all), short(100.0 * (1 + HELD) as f64 / all));
        let _ = write!(
            self.head,
            "<style>.film{{animation:film {}s step-end infinite}}.film-end{{animation-name:film-end}}\
             @keyframes film{{0%{{visibility:visible}}{one}%{{visibility:hidden}}100%{{visibility:hidden}}}}\
             @keyframes film-end{{0%{{visibility:visible}}{end}%{{visibility:hidden}}100%{{visibility:hidden}}}}\
             @media (prefers-reduced-motion:reduce){{.film{{animation:none}}}}</style>",
            short(all * seconds)
        );
    }

    /// What is drawn from here is of the frame `k` of a [`film`](Self::film).
    pub(super) fn begin_frame(&mut self, k: usize, last: bool, (frames, seconds): (usize, f64)) {
        // All began in the past, so that none waits for its turn.
        let delay = (k as f64 - (frames + HELD) as f64) * seconds;
        let (class, hidden) = if last { ("film film-end", "") } else { ("film", " visibility=\"hidden\"") };
        for layer in [Layer::Areas, Layer::Lines, Layer::Words] {
            let _ =
                write!(self.layer(layer), "<g class=\"{class}\" style=\"animation-delay:{}s\"{hidden}>", short(delay));
        }
    }

    /// What is drawn from here is of moment `k`, which a page's script shows; the last one is seen without.
    pub(super) fn begin_moment(&mut self, k: usize, last: bool) {
        let hidden = if last { "" } else { " visibility=\"hidden\"" };
        for layer in [Layer::Areas, Layer::Lines, Layer::Words] {
            let _ = write!(self.layer(layer), "<g data-moment=\"{k}\"{hidden}>");
        }
    }

    /// The frame, or moment, has everything.
    pub(super) fn end_frame(&mut self) {
        for layer in [Layer::Areas, Layer::Lines, Layer::Words] {
            self.layer(layer).push_str("</g>");
        }
    }

    /// In units.
    pub(super) fn width(&self) -> f64 {
        self.width
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        let Self { width, height, head, layers } = self;
        let (width, height) = (short(width), short(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"nl\" role=\"img\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" font-family=\"{}\">{head}<rect class=\"page f-paper\" fill=\"{}\" width=\"{width}\" \
             height=\"{height}\"/>{}</svg>\n",
            text::FAMILY,
            Colour::PAPER.light,
            layers.concat()
        )
    }

    fn layer(&mut self, layer: Layer) -> &mut String {
        &mut self.layers[layer as usize]
    }

    /// A path along which a line is drawn, with words to show when it is pointed at.
    fn path(&mut self, stroke: Stroke, path: &str, words: Option<&str>) {
        let to = self.layer(Layer::Lines);
        let _ = write!(to, "<path{} d=\"{path}\"", stroked(stroke));
        let _ = match words {
            Some(words) => write!(to, "><title>{}</title></path>", escape(words)),
            None => write!(to, "/>"),
        };
    }

    /// A straight line.
    pub(super) fn line(&mut self, stroke: Stroke, from: Point, to: Point) {
        self.path(stroke, &format!("M{}L{}", point(from), point(to)), None);
    }

    /// Many short lines of one look, as one shape.
    pub(super) fn segments(&mut self, stroke: Stroke, segments: &[[Point; 2]]) {
        if !segments.is_empty() {
            let pieces: Vec<String> =
                segments.iter().map(|&[from, to]| format!("{}L{}", point(from), point(to))).collect();
            let path = format!("M{}", pieces.join("M"));
            self.path(stroke, &path, None);
        }
    }

    /// A straight line with words to show when it is pointed at.
    pub(super) fn edge(&mut self, stroke: Stroke, from: Point, to: Point, words: &str) {
        self.path(stroke, &format!("M{}L{}", point(from), point(to)), Some(words));
    }

    /// The same bent to the right: at its middle half of `out` units.
    pub(super) fn arc(&mut self, stroke: Stroke, from: Point, to: Point, out: f64, words: &str) {
        let bend = (f64::midpoint(from.0, to.0) + out, f64::midpoint(from.1, to.1));
        self.path(stroke, &format!("M{}Q{} {}", point(from), point(bend), point(to)), Some(words));
    }

    /// A line through points; one alone is a short line, to be seen.
    pub(super) fn polyline(&mut self, stroke: Stroke, points: &[Point]) {
        if let [(x, y)] = points {
            return self.line(stroke, (x - 3.0, *y), (x + 3.0, *y));
        }
        if !points.is_empty() {
            self.path(stroke, &through(points), None);
        }
    }

    /// The same with words to show when it is pointed at.
    pub(super) fn traced(&mut self, stroke: Stroke, points: &[Point], words: &str) {
        let around: [Point; 2];
        let points = if let [(x, y)] = *points {
            around = [(x - 3.0, y), (x + 3.0, y)];
            &around
        } else {
            points
        };
        if !points.is_empty() {
            self.path(stroke, &through(points), Some(words));
        }
    }

    /// A pale region with `points` around it.
    pub(super) fn region(&mut self, colour: Colour, points: &[Point]) {
        if !points.is_empty() {
            let path = through(points);
            let to = self.layer(Layer::Areas);
            let _ = write!(to, "<path{} fill-opacity=\"0.18\" d=\"{path}z\"/>", filled(colour));
        }
    }

    /// A bar between two corners.
    pub(super) fn bar(&mut self, colour: Colour, from: Point, to: Point) {
        let (x, y) = (short(from.0), short(from.1));
        let (width, height) = (short((to.0 - from.0).max(0.5)), short(to.1 - from.1));
        let fill = filled(colour);
        let _ =
            write!(self.layer(Layer::Areas), "<rect{fill} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
    }

    /// A path of a fill, as SVG writes it.
    pub(super) fn area(&mut self, fill: &str, path: &str) {
        let to = self.layer(Layer::Areas);
        let _ = write!(to, "<path fill=\"{fill}\" shape-rendering=\"crispEdges\" d=\"{path}\"/>");
    }

    /// A path of many closed shapes, filled with a colour of the theme.
    pub(super) fn shapes(&mut self, colour: Colour, path: &str) {
        if !path.is_empty() {
            let _ = write!(self.layer(Layer::Areas), "<path{} d=\"{path}\"/>", filled(colour));
        }
    }

    /// The same, hollow.
    pub(super) fn outlines(&mut self, stroke: Stroke, path: &str) {
        if !path.is_empty() {
            self.path(stroke, path, None);
        }
    }

    /// A neuron: a circle of paper with a rim.
    pub(super) fn node(&mut self, rim: Stroke, centre: Point, radius: f64) {
        let (x, y, r) = (short(centre.0), short(centre.1), short(radius));
        let Stroke { colour, width, .. } = rim;
        let _ = write!(
            self.layer(Layer::Shapes),
            "<circle class=\"f-paper s-{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>",
            colour.name,
            Colour::PAPER.light,
            colour.light,
            short(width)
        );
    }

    /// A small mark of a form of its own for each number, with a fill and a rim.
    pub(super) fn marker(&mut self, form: usize, fill: &str, rim: &str, centre: Point, radius: f64) {
        let shape = marker::shape(form, centre, radius);
        let to = self.layer(Layer::Shapes);
        let _ = write!(to, "<{shape} fill=\"{fill}\" stroke=\"{rim}\" stroke-width=\"1.5\"/>");
    }

    /// The same without a rim, in a colour of the theme.
    pub(super) fn mark(&mut self, form: usize, colour: Colour, centre: Point, radius: f64) {
        let shape = marker::shape(form, centre, radius);
        let to = self.layer(Layer::Shapes);
        let _ = write!(to, "<{shape}{}/>", filled(colour));
    }

    /// A number in the middle of a place, on a box of paper, so that nothing below it shines through.
    pub(super) fn label(&mut self, at: Point, words: &str) {
        let (width, height) = label_size(words);
        let (x, y) = (short(at.0 - width / 2.0), short(at.1 - height / 2.0));
        let (width, height) = (short(width), short(height));
        let fill = filled(Colour::PAPER);
        let _ = write!(
            self.layer(Layer::Shapes),
            "<rect{fill} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        );
        self.text(Font::LABEL, Anchor::Middle, (at.0, at.1 + 4.0), words);
    }

    /// Words in the middle of a place, on a box of paper with a rim.
    pub(super) fn boxed(&mut self, at: Point, words: &str) {
        let (width, height) = (width(words, Font::LABEL) + 12.0, 19.0);
        let (x, y) = (short(at.0 - width / 2.0), short(at.1 - height / 2.0));
        let (width, height) = (short(width), short(height));
        let (paper, rim) = (Colour::PAPER, Colour::FAINT);
        let _ = write!(
            self.layer(Layer::Shapes),
            "<rect class=\"f-paper s-{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"1\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>",
            rim.name,
            paper.light,
            rim.light
        );
        self.text(Font::LABEL, Anchor::Middle, (at.0, at.1 + 4.0), words);
    }

    /// A box of paper with a rim around a centre, for several lines, with words to show when it is pointed at.
    pub(super) fn card(&mut self, rim: Stroke, centre: Point, (width, height): (f64, f64), words: &str) {
        let (x, y) = (short(centre.0 - width / 2.0), short(centre.1 - height / 2.0));
        let (width, height) = (short(width), short(height));
        let _ = write!(
            self.layer(Layer::Shapes),
            "<rect class=\"f-paper s-{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\" rx=\"3\" x=\"{x}\" y=\"{y}\" width=\"{width}\" \
             height=\"{height}\"><title>{}</title></rect>",
            rim.colour.name,
            Colour::PAPER.light,
            rim.colour.light,
            short(rim.width),
            escape(words)
        );
    }

    /// Words at a place.
    pub(super) fn text(&mut self, font: Font, anchor: Anchor, at: Point, words: &str) {
        if words.is_empty() {
            return;
        }
        let (x, y, size) = (short(at.0), short(at.1), short(font.size));
        let weight = if font.bold { " font-weight=\"bold\"" } else { "" };
        let (fill, anchor, words) = (filled(font.colour), anchor.name(), escape(words));
        let _ = write!(
            self.layer(Layer::Words),
            "<text{fill} font-size=\"{size}\"{weight} text-anchor=\"{anchor}\" x=\"{x}\" y=\"{y}\">{words}</text>"
        );
    }
}

/// Width and height of the box of a label.
pub(super) fn label_size(words: &str) -> (f64, f64) {
    (width(words, Font::LABEL) + 5.0, 14.0)
}

/// The attributes of a line.
fn stroked(Stroke { colour, width, opacity, dashes }: Stroke) -> String {
    let mut text = String::new();
    if !colour.name.is_empty() {
        let _ = write!(text, " class=\"s-{}\"", colour.name);
    }
    let _ = write!(text, " fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", colour.light, short(width));
    if opacity < 1.0 {
        let _ = write!(text, " stroke-opacity=\"{opacity}\"");
    }
    if let Some((dash, gap)) = dashes {
        let _ = write!(text, " stroke-dasharray=\"{} {}\"", short(dash), short(gap));
    } else if width > 1.0 {
        text.push_str(" stroke-linejoin=\"round\"");
    }
    text
}

/// The attributes of what is filled.
fn filled(colour: Colour) -> String {
    if colour.name.is_empty() {
        format!(" fill=\"{}\"", colour.light)
    } else {
        format!(" class=\"f-{}\" fill=\"{}\"", colour.name, colour.light)
    }
}

fn through(points: &[Point]) -> String {
    let points: Vec<String> = points.iter().map(|&p| point(p)).collect();
    format!("M{}", points.join("L"))
}

/// `x y`
fn point((x, y): Point) -> String {
    format!("{} {}", short(x), short(y))
}
