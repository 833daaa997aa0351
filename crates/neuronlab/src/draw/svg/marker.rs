//! Forms of small marks, so that kinds can be told apart without colour.

use super::{Point, point, short};

/// The element of a form, from its name to its last attribute: circle, square, triangle, diamond, triangle upside down, cross,
/// and from there on again, of equal areas by eye.
pub(super) fn shape(form: usize, (x, y): Point, radius: f64) -> String {
    let around = |corners: &[Point]| {
        let corners: Vec<String> = corners.iter().map(|(a, b)| point((x + a * radius, y + b * radius))).collect();
        format!("path d=\"M{}z\"", corners.join("L"))
    };
    match form % 6 {
        0 => format!("circle cx=\"{}\" cy=\"{}\" r=\"{}\"", short(x), short(y), short(radius)),
        1 => around(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        2 => around(&[(0.0, -1.2), (1.15, 0.85), (-1.15, 0.85)]),
        3 => around(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
        4 => around(&[(0.0, 1.2), (1.15, -0.85), (-1.15, -0.85)]),
        _ => {
            let (a, b) = (0.45, 1.15);
            around(&[
                (-a, -b),
                (a, -b),
                (a, -a),
                (b, -a),
                (b, a),
                (a, a),
                (a, b),
                (-a, b),
                (-a, a),
                (-b, a),
                (-b, -a),
                (-a, -a),
            ])
        }
    }
}
