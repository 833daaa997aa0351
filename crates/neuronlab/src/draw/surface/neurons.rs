//! Every neuron over the plane of the inputs, small, in the layout of the network.

use super::answers::two_inputs;
use super::colours::{CLASSES, mixed};
use super::plane::{Axis, areas, level};
use super::samples::{points, scaled};
use crate::draw::layout::Columns;
use crate::draw::svg::{Anchor, Colour, Font, Stroke, Svg, fit, wrap};
use crate::error::Result;
use crate::explain::{significant, sums};
use crate::nn::Network;
use crate::scalar::Real;
use crate::train::Trainer;

/// Neurons of a layer, and layers, that are drawn.
const MOST: usize = 8;
const LAYERS: usize = 6;
/// Cells a side, the side, and from one square to the next.
const CELLS: usize = 28;
const SIDE: f64 = 70.0;
const STEP: f64 = 94.0;
const MARGIN: f64 = 14.0;

/// Every neuron's weighted sum over the plane of the inputs, in the layout of the network: what the network makes of the plane,
/// layer by layer. Orange where the sum is above 0, blue where it is below, with a line where it is 0.
///
/// # Errors
/// The network has not two inputs.
pub fn neuron_surfaces<T: Real>(trainer: &Trainer<T>) -> Result<String> {
    let [first, second] = two_inputs(trainer.task())?;
    let network = trainer.model().network();
    let layers = &network.layers()[..network.layers().len().min(LAYERS)];
    let counts: Vec<usize> = layers.iter().map(|layer| layer.out_features.min(MOST)).collect();
    let title = format!("Every neuron of {} over the plane of its inputs", trainer.experiment().name);
    let across = (2.0 * MARGIN + STEP * counts.len() as f64).max(380.0);
    let points = points(trainer);
    let x = Axis::around(points.iter().map(|point| point.0[0]));
    let y = Axis::around(points.iter().map(|point| point.0[1]));
    let mut notes = vec![
        "Orange: weighted sum above 0; blue: below; the line: 0.".to_string(),
        format!(
            "{first} across, from {} to {}; {second} upwards, from {} to {}.",
            significant(x.low, 3),
            significant(x.high, 3),
            significant(y.low, 3),
            significant(y.high, 3)
        ),
    ];
    notes.extend(left_out(network));
    let notes: Vec<String> = notes.iter().flat_map(|note| wrap(note, Font::SMALL, across - 2.0 * MARGIN)).collect();
    let middle = MARGIN + STEP / 2.0;
    let columns = Columns { counts, across: (middle, across - middle), top: 36.0, step: STEP };
    let bottom = columns.top + columns.height();
    let height = bottom + 30.0 + 17.0 * notes.len() as f64;

    let mut svg = Svg::new(across, height, &title, &notes.join(" "));
    svg.text(Font::STRONG, Anchor::Start, (MARGIN, 22.0), &fit(&title, Font::STRONG, across - 2.0 * MARGIN));
    let cell = |k: usize, axis: &Axis| axis.low + (axis.high - axis.low) * (k as f64 + 0.5) / CELLS as f64;
    let rows: Vec<[f64; 2]> =
        (0..CELLS * CELLS).map(|k| [cell(k % CELLS, &x), cell(CELLS - 1 - k / CELLS, &y)]).collect();
    let rows = scaled(trainer.task(), &rows);
    for (l, &count) in columns.counts.iter().enumerate() {
        for neuron in 0..count {
            let (cx, cy) = columns.place(l, neuron);
            let corner = (cx - SIDE / 2.0, cy - SIDE / 2.0 + 6.0);
            square(&mut svg, &sums(trainer, (l + 1, neuron), &rows), corner);
            svg.text(Font::LABEL, Anchor::Middle, (cx, corner.1 - 4.0), &network.neuron_name(l + 1, neuron));
        }
        let name = &layers[l].name;
        svg.text(Font::SMALL, Anchor::Middle, (columns.x(l), bottom + 14.0), &fit(name, Font::SMALL, STEP - 6.0));
    }
    for (line, words) in notes.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (MARGIN, bottom + 36.0 + 17.0 * line as f64), words);
    }
    Ok(svg.finish())
}

/// One neuron.
fn square(svg: &mut Svg, sums: &[f64], corner: (f64, f64)) {
    // Sums that are no numbers are grey.
    let colour = |z: &f64| mixed(CLASSES[usize::from(*z >= 0.0)], if z.is_nan() { 0.0 } else { z.tanh().abs() });
    let colours: Vec<String> = sums.iter().map(colour).collect();
    for (colour, path) in areas(&colours, CELLS, SIDE, corner) {
        svg.area(&colour, &path);
    }
    svg.segments(Stroke::BOUNDARY, &level(sums, CELLS, SIDE, corner, 0.0));
    let (right, bottom) = (corner.0 + SIDE, corner.1 + SIDE);
    let around = [corner, (right, corner.1), (right, bottom), (corner.0, bottom), corner];
    svg.polyline(Stroke { colour: Colour::FAINT, ..Stroke::AXIS }, &around);
}

/// Says what is not in the picture, if anything is not.
fn left_out(network: &Network) -> Option<String> {
    let layers = network.layers();
    let wide = layers.iter().any(|layer| layer.out_features > MOST);
    let wide = wide.then(|| format!("at most {MOST} neurons of a layer"));
    let deep = (layers.len() > LAYERS).then(|| format!("{LAYERS} of {} layers", layers.len()));
    let shown: Vec<String> = deep.into_iter().chain(wide).collect();
    (!shown.is_empty()).then(|| format!("Shown: {}.", shown.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;

    #[test]
    fn every_neuron_has_its_square_and_what_has_none_is_said() {
        let picture = |settings: &[&str]| {
            let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
            let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
            neuron_surfaces(&Trainer::<f32>::new(&experiment).unwrap())
        };
        let small = picture(&[]).unwrap();
        for name in ["H#1_0", "H#3_3", "Y#0"] {
            assert!(small.contains(&format!(">{name}<")), "{name}: {small}");
        }
        assert!(!small.contains("Shown:"));
        let wide = picture(&["network.layers=[{out_features=30},{out_features=1}]"]).unwrap();
        assert!(wide.contains(">Shown: at most 8 neurons of a layer.<"), "{wide}");
        let error = picture(&["data={name='parity',bits=3}"]).unwrap_err().to_string();
        assert!(error.contains("a network of two inputs"), "{error}");
    }
}
