//! Pictures as pixels: nothing black, nothing empty, every line and every shape to be seen, and in a browser the same shapes.

use crate::every::every;
use crate::layout::lines;
use neuronlab::draw::{PngSize, pdf, png};
use resvg::tiny_skia::Pixmap;
use roxmltree::{Document, Node};
use std::path::Path;
use std::process::Command;

type Colour = [i32; 3];

fn pixels(picture: &str, size: PngSize) -> Pixmap {
    Pixmap::decode_png(&png(picture, size).unwrap()).unwrap()
}

fn at(pixels: &Pixmap, x: i64, y: i64) -> Option<Colour> {
    let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
    pixels.pixel(x, y).map(|p| [p.red(), p.green(), p.blue()].map(i32::from))
}

fn distance(a: Colour, b: Colour) -> i32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).max().unwrap_or(0)
}

#[test]
fn nothing_is_black_or_empty_and_every_shape_is_seen() {
    const SCALE: f64 = 3.0;
    for (name, picture) in every() {
        let drawn = pixels(&picture, PngSize::Scale(SCALE));
        let colours: Vec<Colour> =
            drawn.pixels().iter().map(|p| [p.red(), p.green(), p.blue()].map(i32::from)).collect();
        assert!(drawn.pixels().iter().all(|p| p.alpha() == 255), "{name}: not on paper");
        let black = colours.iter().filter(|colour| **colour == [0, 0, 0]).count();
        assert_eq!(black, 0, "{name}: black");
        let inked = colours.iter().filter(|colour| **colour != [255, 255, 255]).count();
        assert!(inked * 200 > colours.len(), "{name}: {inked} of {} pixels", colours.len());
        let document = Document::parse(&picture).unwrap();
        // A cell of a map may lie under a mark.
        let drawn_shapes = |node: &Node<'_, '_>| {
            let hidden = node.ancestors().any(|above| above.attribute("visibility") == Some("hidden"));
            node.attribute("fill").is_some() && node.attribute("shape-rendering").is_none() && !hidden
        };
        for shape in document.descendants().filter(drawn_shapes) {
            assert!(is_seen(shape, &drawn, SCALE), "{name}: not seen: {}", &picture[shape.range()]);
        }
    }
}

/// Whether at some place of a shape there is its colour.
fn is_seen(shape: Node<'_, '_>, drawn: &Pixmap, scale: f64) -> bool {
    let get = |name: &str| shape.attribute(name).and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0);
    let (colour, opacity) = match (shape.attribute("stroke"), shape.attribute("fill")) {
        (Some(stroke), _) => (stroke, shape.attribute("stroke-opacity")),
        (None, fill) => (fill.unwrap_or("#000000"), shape.attribute("fill-opacity")),
    };
    let opacity = opacity.map_or(1.0, |v| v.parse().unwrap());
    let channel = |i: usize| {
        let full = f64::from(u8::from_str_radix(&colour[i..i + 2], 16).unwrap());
        (255.0 + (full - 255.0) * opacity).round() as i32
    };
    let wanted = [channel(1), channel(3), channel(5)];
    let places: Vec<(f64, f64)> = match shape.tag_name().name() {
        "circle" => (0..64)
            .flat_map(|i| {
                let (sin, cos) = (f64::from(i) * 0.0982).sin_cos();
                [0.0, 0.5, 1.0].map(|part| (get("cx") + part * get("r") * cos, get("cy") + part * get("r") * sin))
            })
            .collect(),
        "path" => {
            let lines = lines(shape.attribute("d").unwrap());
            let corners = lines.concat();
            let pieces = lines.iter().flat_map(|corners| corners.windows(2));
            let mut all: Vec<(f64, f64)> = pieces.flat_map(|ends| between(ends[0], ends[1])).collect();
            // The inside of an area.
            let n = corners.len() as f64;
            all.push(corners.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / n, sum.1 + p.1 / n)));
            all
        }
        // A letter has ink somewhere in its box; a box shows itself at its sides.
        _ => {
            let size = get("font-size");
            let (x, y) = if size > 0.0 { (get("x") - 30.0, get("y") - size) } else { (get("x"), get("y")) };
            let (width, height) = if size > 0.0 { (60.0, size) } else { (get("width"), get("height")) };
            (0..=120)
                .flat_map(|i| (0..=24).map(move |j| (f64::from(i) / 120.0, f64::from(j) / 24.0)))
                .map(|(a, b)| (x + a * width, y + b * height))
                .collect()
        }
    };
    places.into_iter().any(|(x, y)| {
        (-1..=1).any(|i| {
            (-1..=1).any(|j| {
                at(drawn, (x * scale) as i64 + i, (y * scale) as i64 + j).is_some_and(|is| distance(is, wanted) < 70)
            })
        })
    })
}

fn between(a: (f64, f64), b: (f64, f64)) -> Vec<(f64, f64)> {
    (0..=60).map(|i| f64::from(i) / 60.0).map(|t| (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))).collect()
}

#[test]
fn a_page_of_pdf_holds_words() {
    for (name, picture) in every() {
        let page = pdf(&picture).unwrap();
        assert!(page.starts_with(b"%PDF-") && page.windows(5).any(|part| part == b"/Font"), "{name}");
    }
}

/// Where a browser is installed, it draws the same: all pictures on one page, without their words, whose fonts may differ.
#[test]
fn a_browser_draws_the_same_shapes() {
    let Some(browser) = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| runs(name)) else {
        eprintln!("no browser: not compared");
        return;
    };
    let place = tempfile::tempdir().unwrap();
    for (name, picture) in every() {
        let shapes = without_words(&picture);
        let ours = pixels(&shapes, PngSize::Scale(1.0));
        let theirs = screenshot(browser, place.path(), &shapes, (ours.width(), ours.height()));
        assert_same(&name, &ours, &theirs);
    }
}

fn runs(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn without_words(picture: &str) -> String {
    let mut parts = picture.split("<text");
    let head = parts.next().unwrap_or_default().to_string();
    parts.fold(head, |all, part| all + part.split_once("</text>").map_or("", |(_, rest)| rest))
}

fn screenshot(browser: &str, place: &Path, picture: &str, (width, height): (u32, u32)) -> Pixmap {
    let (page, image) = (place.join("page.html"), place.join("image.png"));
    std::fs::write(&page, format!("<!doctype html><body style=\"margin:0\">{picture}")).unwrap();
    let arguments =
        ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"];
    let output = Command::new(browser)
        .args(arguments)
        .arg(format!("--user-data-dir={}", place.join("profile").display()))
        .arg(format!("--window-size={},{}", width.max(600), height + 200))
        .arg(format!("--screenshot={}", image.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let image = std::fs::read(&image).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    Pixmap::decode_png(&image).unwrap()
}

/// Squares of eight by eight pixels have like means: edges may be smoothed in another way.
fn assert_same(name: &str, ours: &Pixmap, theirs: &Pixmap) {
    const SIDE: u32 = 8;
    for row in 0..ours.height() / SIDE {
        for column in 0..ours.width() / SIDE {
            let mean = |pixels: &Pixmap| {
                let inside = (0..SIDE * SIDE)
                    .filter_map(|i| at(pixels, (column * SIDE + i % SIDE).into(), (row * SIDE + i / SIDE).into()));
                inside.fold([0; 3], |sum: Colour, c| [sum[0] + c[0], sum[1] + c[1], sum[2] + c[2]]).map(|v| v / 64)
            };
            let (a, b) = (mean(ours), mean(theirs));
            assert!(distance(a, b) < 24, "{name}: at {} {}: {a:?}, in the browser {b:?}", column * SIDE, row * SIDE);
        }
    }
}
