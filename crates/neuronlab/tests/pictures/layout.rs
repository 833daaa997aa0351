//! Everything lies inside the picture, no two labels lie on each other, and no line goes through a label that stands on no box.

use crate::every::{every, of_networks};
use roxmltree::{Document, Node};
use ttf_parser::Face;

type Point = (f64, f64);

/// Left, top, right, bottom.
type Room = [f64; 4];

/// What a picture is made of, in the order in which it is drawn.
enum Part {
    /// What a label may stand on.
    Cover(Room),
    /// A circle that a label may stand on.
    Disc(Point, f64),
    /// Lines through points.
    Lines(Vec<Vec<Point>>),
    Words(Room, String),
}

/// The rules of a readable picture.
#[track_caller]
pub(crate) fn check(name: &str, picture: &str) {
    let document = Document::parse(picture).unwrap();
    let size: Vec<f64> =
        document.root_element().attribute("viewBox").unwrap().split(' ').map(|v| v.parse().unwrap()).collect();
    // Of moments, one of which a script shows, the last one is seen.
    let hidden = |node: &Node<'_, '_>| node.ancestors().any(|above| above.attribute("visibility") == Some("hidden"));
    let parts: Vec<Part> = document.descendants().filter(|node| !hidden(node)).filter_map(part).collect();
    for (i, part) in parts.iter().enumerate() {
        let room = around(part);
        let inside = room[0] >= -0.5 && room[1] >= -0.5 && room[2] <= size[2] + 0.5 && room[3] <= size[3] + 0.5;
        assert!(inside, "{name}: outside of {size:?}: {room:?} {}\n{picture}", words(part));
        let Part::Words(room, text) = part else { continue };
        for before in &parts[..i] {
            if let Part::Words(other, beside) = before {
                assert!(!meet(room, other), "{name}: `{text}` {room:?} and `{beside}` {other:?}\n{picture}");
            }
        }
        for (j, before) in parts[..i].iter().enumerate() {
            let Part::Lines(lines) = before else { continue };
            if lines.iter().flat_map(|points| points.windows(2)).any(|ends| crosses(ends[0], ends[1], room)) {
                let covered = parts[j..i].iter().any(|part| covers(part, room));
                assert!(covered, "{name}: a line through `{text}` {room:?}\n{picture}");
            }
        }
    }
}

fn words(part: &Part) -> &str {
    if let Part::Words(_, text) = part { text } else { "" }
}

fn around(part: &Part) -> Room {
    match part {
        Part::Cover(room) | Part::Words(room, _) => *room,
        Part::Disc((x, y), r) => [x - r, y - r, x + r, y + r],
        Part::Lines(lines) => {
            lines.iter().flatten().fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |[a, b, c, d], &(x, y)| {
                [a.min(x), b.min(y), c.max(x), d.max(y)]
            })
        }
    }
}

fn meet(a: &Room, b: &Room) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

fn covers(part: &Part, room: &Room) -> bool {
    match part {
        Part::Cover(box_) => box_[0] <= room[0] && box_[1] <= room[1] && box_[2] >= room[2] && box_[3] >= room[3],
        Part::Disc((x, y), r) => {
            let corners = [(room[0], room[1]), (room[2], room[1]), (room[0], room[3]), (room[2], room[3])];
            corners.iter().all(|(a, b)| (a - x).hypot(b - y) <= r + 1.0)
        }
        _ => false,
    }
}

/// Whether a piece of a line goes through a room, by cutting it at the room's sides.
fn crosses((ax, ay): Point, (bx, by): Point, room: &Room) -> bool {
    let (mut from, mut to) = (0.0f64, 1.0f64);
    for (start, step, low, high) in [(ax, bx - ax, room[0], room[2]), (ay, by - ay, room[1], room[3])] {
        if step == 0.0 {
            if start <= low || start >= high {
                return false;
            }
        } else {
            let (p, q) = ((low - start) / step, (high - start) / step);
            (from, to) = (from.max(p.min(q)), to.min(p.max(q)));
        }
    }
    from < to
}

fn part(node: Node<'_, '_>) -> Option<Part> {
    let get = |name: &str| node.attribute(name).and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0);
    let opaque = node.attribute("fill") != Some("none") && node.attribute("fill-opacity").is_none();
    match node.tag_name().name() {
        "rect" => Some(Part::Cover([get("x"), get("y"), get("x") + get("width"), get("y") + get("height")])),
        "circle" => Some(Part::Disc((get("cx"), get("cy")), get("r"))),
        "path" if node.attribute("stroke").is_some() && !opaque => Some(Part::Lines(lines(node.attribute("d")?))),
        "path" => {
            let room = around(&Part::Lines(lines(node.attribute("d")?)));
            // Of many areas in one path, the whole is no cover.
            let one = node.attribute("d")?.matches('M').count() == 1 && opaque;
            Some(if one {
                Part::Cover(room)
            } else {
                Part::Lines(vec![vec![(room[0], room[1])], vec![(room[2], room[3])]])
            })
        }
        "text" => Some(text(node)),
        _ => None,
    }
}

/// Where words stand, in the font of PNG and PDF, which is as wide as those of browsers or wider.
fn text(node: Node<'_, '_>) -> Part {
    let get = |name: &str| node.attribute(name).and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0);
    let bold = node.attribute("font-weight").is_some();
    let bytes = if bold { dejavu::sans_condensed::bold() } else { dejavu::sans_condensed::regular() };
    let face = Face::parse(bytes, 0).unwrap();
    let words = node.text().unwrap_or_default();
    let size = get("font-size");
    let advance = |c: char| face.glyph_index(c).and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or(2048);
    let width = words.chars().map(|c| f64::from(advance(c))).sum::<f64>() / f64::from(face.units_per_em()) * size;
    let left = match node.attribute("text-anchor") {
        Some("middle") => get("x") - width / 2.0,
        Some("end") => get("x") - width,
        _ => get("x"),
    };
    // From the top of capitals to the lowest letters.
    Part::Words([left, get("y") - 0.73 * size, left + width, get("y") + 0.18 * size], words.to_string())
}

/// The lines of a path of `M`, `L`, `Q`, `h`, `v` and `z`, each with its corners.
pub(crate) fn lines(path: &str) -> Vec<Vec<Point>> {
    path.split('M').skip(1).map(points).collect()
}

/// The corners of one line, without the `M` before it.
fn points(path: &str) -> Vec<Point> {
    let spaced: String =
        path.chars().flat_map(|c| if c.is_ascii_alphabetic() { vec![' ', c, ' '] } else { vec![c] }).collect();
    let mut tokens = spaced.split_whitespace().peekable();
    let (mut points, mut command): (Vec<Point>, char) = (Vec::new(), 'M');
    while let Some(token) = tokens.peek() {
        if let Some(letter) = token.chars().next().filter(char::is_ascii_alphabetic) {
            command = letter;
            tokens.next();
            if command == 'z' {
                continue;
            }
        }
        let mut number = || tokens.next().and_then(|token| token.parse::<f64>().ok()).expect("a number of a path");
        let last = points.last().copied().unwrap_or((0.0, 0.0));
        match command {
            'h' => points.push((last.0 + number(), last.1)),
            'v' => points.push((last.0, last.1 + number())),
            'Q' => {
                let (bend, end) = ((number(), number()), (number(), number()));
                for i in 1..=16 {
                    let t = f64::from(i) / 16.0;
                    let mix = |a: f64, b: f64, c: f64| (1.0 - t) * (1.0 - t) * a + 2.0 * t * (1.0 - t) * b + t * t * c;
                    points.push((mix(last.0, bend.0, end.0), mix(last.1, bend.1, end.1)));
                }
            }
            _ => points.push((number(), number())),
        }
    }
    points
}

#[test]
fn every_picture_is_readable() {
    for (name, picture) in every() {
        check(&name, &picture);
    }
}

#[test]
fn networks_of_every_form_are_readable() {
    for (name, picture) in of_networks() {
        check(&name, &picture);
    }
}

/// The judge sees what it is there to see.
#[test]
fn what_can_not_be_read_is_found() {
    let text = |x: f64| format!("<text fill=\"#1f2933\" font-size=\"13\" x=\"{x}\" y=\"50\">words</text>");
    let line = "<path fill=\"none\" stroke=\"#1f2933\" stroke-width=\"1\" d=\"M0 0L100 100\"/>";
    let paper = "<rect fill=\"#ffffff\" x=\"40\" y=\"30\" width=\"50\" height=\"30\"/>";
    let fails = |inside: &str| {
        let picture = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 100 100\">{inside}</svg>");
        std::panic::catch_unwind(|| check("a trial", &picture)).is_err()
    };
    assert!(!fails(&text(42.0)) && fails(&text(80.0)) && fails(&(text(42.0) + &text(50.0))));
    assert!(fails(&(line.to_string() + &text(42.0))) && fails(&(paper.to_string() + line + &text(42.0))));
    assert!(!fails(&(line.to_string() + paper + &text(42.0))));
}
