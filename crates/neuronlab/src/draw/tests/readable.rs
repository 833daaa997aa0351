//! What must be true of every picture: words lie inside it, no two lie on one another, and no axis has a label twice.

use crate::Experiment;
use crate::draw::svg::{Font, width};
use crate::draw::{Line, bars, histogram, lines, loss_curve, rate_curve, surface, sweep_plot};
use crate::sweep::{Sweep, Tally};

/// A text of a picture.
#[derive(Debug)]
struct Words {
    text: String,
    /// Whether it is of the kind of labels of an axis.
    plain: bool,
    anchor: String,
    left: f64,
    right: f64,
    base: f64,
}

fn words(picture: &str) -> Vec<Words> {
    let value = |of: &str, name: &str| -> String {
        let (_, rest) = of.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.into()
    };
    let element = |rest: &str| {
        let (head, rest) = rest.split_once('>').unwrap();
        let text = rest.split_once("</text>").unwrap().0.to_string();
        let size: f64 = value(head, "font-size").parse().unwrap();
        let font = Font { size, bold: head.contains("font-weight"), ..Font::PLAIN };
        let width = width(&text, font);
        let (x, anchor): (f64, String) = (value(head, "x").parse().unwrap(), value(head, "text-anchor"));
        let left = match anchor.as_str() {
            "start" => x,
            "middle" => x - width / 2.0,
            _ => x - width,
        };
        let plain = font == Font::PLAIN;
        Words { text, plain, anchor, left, right: left + width, base: value(head, "y").parse().unwrap() }
    };
    picture.split("<text").skip(1).map(element).collect()
}

/// Words lie inside the picture, and apart.
#[track_caller]
fn apart(picture: &str) {
    let size = picture.split_once("viewBox=\"0 0 ").unwrap().1.split_once('"').unwrap().0;
    let (width, height) = size.split_once(' ').map(|(w, h)| (w.parse::<f64>().unwrap(), h.parse().unwrap())).unwrap();
    let all = words(picture);
    for (i, a) in all.iter().enumerate() {
        let inside = a.left >= 0.0 && a.right <= width && a.base >= 8.0 && a.base <= height;
        assert!(inside, "cut: {a:?} of {width}, {height}");
        for b in &all[i + 1..] {
            let apart = a.right <= b.left || b.right <= a.left || (a.base - b.base).abs() >= 11.0;
            assert!(apart, "on one another: {a:?}, {b:?}");
        }
    }
}

/// The same of a picture with two axes, neither of which has a label twice.
#[track_caller]
fn check(picture: &str) {
    apart(picture);
    let all = words(picture);
    for (i, a) in all.iter().enumerate().filter(|(_, a)| a.plain) {
        for b in all[i + 1..].iter().filter(|b| b.plain && b.anchor == a.anchor && b.text == a.text) {
            let one_axis = match a.anchor.as_str() {
                "middle" => a.base == b.base,
                "end" => a.right == b.right,
                _ => false,
            };
            assert!(!one_axis, "twice: {a:?}, {b:?}");
        }
    }
}

#[test]
fn curves_of_short_and_long_runs() {
    for steps_per_epoch in [1, 3, 100] {
        for epochs in (1..=40).chain([999, 1000, 1001]) {
            let steps = epochs * steps_per_epoch;
            let losses: Vec<f64> = (0..steps).map(|step| 1.0 / (1.0 + step as f64)).collect();
            check(&loss_curve(&losses, steps_per_epoch));
            let rates: Vec<Option<f64>> = losses.iter().map(|loss| Some(0.1 * loss)).collect();
            check(&rate_curve("learning rate", &rates, steps_per_epoch));
        }
    }
    for size in [1e-9, 1e-3, 123.0, 1e12] {
        check(&loss_curve(&[size, 0.9 * size, -0.5 * size], 1));
        check(&rate_curve("momentum", &[Some(size), None, Some(0.99 * size)], 1));
    }
}

#[test]
fn lines_and_bars() {
    for points in [1, 2, 3, 7, 100, 12_345] {
        for size in [1e-9, 0.02, 1.0, 3e7] {
            let line: Vec<(f64, f64)> = (0..points).map(|i| (f64::from(i), size * f64::from(i % 5))).collect();
            check(&lines("StepLR", "epoch", &[Line::held("learning rate", &line)]));
            let title = format!("Curvature of the loss along the run of {}", "a long name ".repeat(9));
            check(&lines(
                &title,
                "step",
                &[Line::new("largest eigenvalue", line), Line::new("above it, steps grow", vec![])],
            ));
            let values: Vec<f64> = (0..points).map(|i| size * f64::from(i % 17 - 8)).collect();
            check(&bars(&histogram(&values, 20), "values"));
        }
    }
}

#[test]
fn planes_near_and_far() {
    for (middle, size) in [(0.0, 1.0), (2000.0, 3.0), (1e6, 0.01), (-1e9, 1.0), (0.0, 1e-7), (1e16, 2.0)] {
        let points = [([middle, middle], 0), ([middle + size, middle - size], 1)];
        let names = ["oak", "ash"].map(String::from);
        check(&surface(|rows| vec![0.2; rows.len()], 1, &points, ["length of a petal", "width of a sepal"], &names));
    }
}

#[test]
fn sweeps_of_all_kinds() {
    let ranges = [
        &["optimizer.lr=log:1e-3:1:13"][..],
        &["optimizer.lr=log:0.011:0.013:4"],
        &["optimizer.lr=log:1e-12:1e9:5"],
        &["optimizer.lr=lin:0.1:0.2:11"],
        &["optimizer.lr=lin:0.10001:0.10002:11"],
        &["stop.epochs=1,2"],
        &["init=zeros,normal,xavier_uniform"],
        &["optimizer.lr=log:1e-3:1:12", "optimizer.momentum=lin:0:0.99:12"],
        &["init=zeros,normal", "optimizer.lr=log:1e-3:1:12", "optimizer.momentum=lin:0:0.99:3"],
        &[],
    ];
    for vary in ranges {
        let vary: Vec<String> = vary.iter().map(ToString::to_string).collect();
        let sweep = Sweep::new(Experiment::built_in("xor").unwrap(), &vary, 10, None, true).unwrap();
        let picture = sweep_plot(&sweep, &vec![Tally::default(); sweep.cells()]).unwrap();
        // Maps have axes of their own.
        if vary.len() > 1 { apart(&picture) } else { check(&picture) }
    }
    for vary in [&["optimizer.lr=log:1e-3:1", "optimizer.momentum=lin:0:0.99"][..], &["optimizer.lr=log:1e-9:1"]] {
        let vary: Vec<String> = vary.iter().map(ToString::to_string).collect();
        let sweep = Sweep::new(Experiment::built_in("xor").unwrap(), &vary, 10, Some(30), true).unwrap();
        check(&sweep_plot(&sweep, &vec![Tally::default(); sweep.cells()]).unwrap());
    }
}
