//! A run as a film: the answer over the plane of the inputs, and the weights, moment after moment.

use super::answers::two_classes_or_more;
use super::colours::CLASSES;
use super::plane::{Axis, areas, colour, level};
use super::samples::{points, scaled};
use crate::draw::decimals;
use crate::draw::layout::Columns;
use crate::draw::svg::{Anchor, Colour, Font, Point, Stroke, Svg, fit, wrap};
use crate::error::Result;
use crate::explain::{Timeline, significant};
use crate::nn::Network;
use crate::random::TorchReal;
use crate::scalar::Real;
use crate::train::Trainer;

/// Cells a side, the side, and where the square lies: whole numbers of units a cell, which are short to write.
const CELLS: usize = 32;
const SIDE: f64 = 288.0;
const CORNER: Point = (16.0, 56.0);
/// Where the network lies, across.
const NETWORK: (f64, f64) = (360.0, 688.0);
const WIDTH: f64 = 720.0;
/// Neurons of a layer, and layers, that are drawn.
const MOST: usize = 8;
const LAYERS: usize = 6;
/// Widths of lines: so many kinds of a sign.
const WIDTHS: usize = 8;
/// Seconds that a moment is seen.
const SECONDS: f64 = 0.35;

/// What is seen of a moment.
struct Frame {
    step: u64,
    words: String,
    /// Outputs `[CELLS², O]`.
    answers: Vec<f64>,
    parameters: Vec<f64>,
}

/// Steps from 0 to the end for so many moments (at least 2), spaced as squares are: more of them early on, where more changes.
pub fn animation_steps(end: u64, moments: u64) -> Vec<u64> {
    let last = moments.max(2) - 1;
    let mut steps: Vec<u64> =
        (0..=last).map(|k| ((k as f64 / last as f64).powi(2) * end as f64).round() as u64).collect();
    steps.dedup();
    steps
}

/// The run at these steps, one after the other and over again: one SVG, which needs nothing else. What does not know animations, or
/// is asked for reduced motion, shows the last moment.
///
/// # Errors
/// The network has not two inputs, or targets are no classes; the run has no such step.
pub fn animation<T: Real + TorchReal>(run: &mut Timeline<T>, steps: &[u64], progress: impl Fn(u64)) -> Result<String> {
    Ok(Film::of(run, steps, progress)?.svg(How::Plays))
}

/// The same as a picture for each step, of one size: what a GIF is made of.
///
/// # Errors
/// As [`animation`].
pub fn animation_frames<T: Real + TorchReal>(
    run: &mut Timeline<T>,
    steps: &[u64],
    progress: impl Fn(u64),
) -> Result<Vec<String>> {
    let film = Film::of(run, steps, progress)?;
    Ok((0..steps.len()).map(|k| film.svg(How::Only(k))).collect())
}

/// The same for a page whose script shows the moment that is chosen: its groups have `data-moment`. Without the script the last one is seen.
pub(in crate::draw) fn chosen_moments<T: Real + TorchReal>(run: &mut Timeline<T>, steps: &[u64]) -> Result<String> {
    Ok(Film::of(run, steps, |_| {})?.svg(How::Chosen))
}

/// How moments follow one another.
#[derive(Clone, Copy, PartialEq)]
enum How {
    /// By themselves.
    Plays,
    /// As a script shows them.
    Chosen,
    /// Not at all: one of them.
    Only(usize),
}

/// A run at some moments.
struct Film {
    title: String,
    notes: Vec<String>,
    /// Samples with their classes.
    points: Vec<([f64; 2], usize)>,
    axes: [Axis; 2],
    network: Network,
    frames: Vec<Frame>,
}

impl Film {
    fn of<T: Real + TorchReal>(run: &mut Timeline<T>, steps: &[u64], progress: impl Fn(u64)) -> Result<Self> {
        let start = run.at(0)?.clone();
        let names = two_classes_or_more(&start)?.map(String::from);
        let points = points(&start);
        let axes = [0, 1].map(|i| Axis::around(points.iter().map(|point| point.0[i])));
        let mut frames = Vec::with_capacity(steps.len());
        for &step in steps {
            frames.push(frame(run.at(step)?, &axes));
            progress(step);
        }
        let network = start.model().network().clone();
        let notes = notes(&network, &names, &axes);
        let notes = notes.iter().flat_map(|note| wrap(note, Font::SMALL, WIDTH - 32.0)).collect();
        Ok(Self { title: format!("How {} is learned", start.experiment().name), notes, points, axes, network, frames })
    }

    fn svg(&self, how: How) -> String {
        let bottom = CORNER.1 + SIDE;
        let height = bottom + 16.0 + 17.0 * self.notes.len() as f64;
        let mut svg = Svg::new(WIDTH, height, &self.title, &self.notes.join(" "));
        svg.text(Font::STRONG, Anchor::Start, (CORNER.0, 22.0), &fit(&self.title, Font::STRONG, WIDTH - 32.0));
        if how == How::Plays {
            svg.film(self.frames.len(), SECONDS);
        }
        let columns = columns(&self.network);
        for k in 0..self.frames.len() {
            let last = k + 1 == self.frames.len();
            match how {
                How::Plays => svg.begin_frame(k, last, (self.frames.len(), SECONDS)),
                How::Chosen => svg.begin_moment(k, last),
                How::Only(one) if one != k => continue,
                How::Only(_) => {}
            }
            self.moment(&mut svg, &columns, &self.frames[k]);
            if !matches!(how, How::Only(_)) {
                svg.end_frame();
            }
        }
        self.above(&mut svg, &columns);
        for (line, words) in self.notes.iter().enumerate() {
            svg.text(Font::SMALL, Anchor::Start, (CORNER.0, bottom + 20.0 + 17.0 * line as f64), words);
        }
        svg.finish()
    }

    /// What changes from moment to moment.
    fn moment(&self, svg: &mut Svg, columns: &Columns, frame: &Frame) {
        let outputs = self.network.out_features();
        let colours: Vec<String> = frame.answers.chunks_exact(outputs).map(colour).collect();
        for (colour, path) in areas(&colours, CELLS, SIDE, CORNER) {
            svg.area(&colour, &path);
        }
        if outputs == 1 {
            svg.segments(Stroke::BOUNDARY, &level(&frame.answers, CELLS, SIDE, CORNER, 0.5));
        }
        let all = self.frames.iter().flat_map(|frame| &frame.parameters);
        edges(svg, &self.network, columns, &frame.parameters, all.fold(1e-300f64, |most, w| most.max(w.abs())));
        let words = format!("step {}: {}", frame.step, frame.words);
        svg.text(Font::PLAIN, Anchor::Start, (CORNER.0, 44.0), &words);
    }

    /// What stays: samples, neurons, and the rim of the plane.
    fn above(&self, svg: &mut Svg, columns: &Columns) {
        let bottom = CORNER.1 + SIDE;
        let radius = if self.points.len() > 60 { 2.5 } else { 6.0 };
        for &(at, class) in &self.points {
            let place = (CORNER.0 + self.axes[0].across(at[0], SIDE), bottom - self.axes[1].across(at[1], SIDE));
            svg.marker(class, CLASSES[class % CLASSES.len()], "#ffffff", place, radius);
        }
        for (l, &count) in columns.counts.iter().enumerate() {
            for neuron in 0..count {
                svg.node(Stroke::RIM, columns.place(l, neuron), 9.0);
            }
        }
        let square = [CORNER, (CORNER.0 + SIDE, CORNER.1), (CORNER.0 + SIDE, bottom), (CORNER.0, bottom), CORNER];
        svg.polyline(Stroke { colour: Colour::FAINT, ..Stroke::AXIS }, &square);
    }
}

/// What a run is at a moment.
fn frame<T: Real>(trainer: &Trainer<T>, [x, y]: &[Axis; 2]) -> Frame {
    let cell = |k: usize, axis: &Axis| axis.low + (axis.high - axis.low) * (k as f64 + 0.5) / CELLS as f64;
    let rows: Vec<[f64; 2]> =
        (0..CELLS * CELLS).map(|k| [cell(k % CELLS, x), cell(CELLS - 1 - k / CELLS, y)]).collect();
    let task = trainer.task();
    let evaluation = trainer.evaluate(&task.train.x, &task.train.y);
    Frame {
        step: trainer.steps(),
        words: format!("loss {}, right {:.0} %", decimals(evaluation.loss), 100.0 * evaluation.right),
        answers: trainer.predict(&scaled(task, &rows)).into_iter().map(Real::to_f64).collect(),
        parameters: trainer.model().parameters().iter().map(|w| w.to_f64()).collect(),
    }
}

/// Where neurons stand: inputs, then each layer.
fn columns(network: &Network) -> Columns {
    let layers = network.layers().iter().take(LAYERS).map(|layer| layer.out_features);
    let counts: Vec<usize> =
        std::iter::once(network.in_features()).chain(layers).map(|count| count.min(MOST)).collect();
    let most = counts.iter().copied().max().unwrap_or(1);
    Columns { counts, across: NETWORK, top: CORNER.1, step: SIDE / most as f64 }
}

/// All weights of a moment: lines of one sign and width are one path.
fn edges(svg: &mut Svg, network: &Network, columns: &Columns, parameters: &[f64], largest: f64) {
    let mut kinds = vec![vec![]; 2 * WIDTHS];
    for (l, pair) in columns.counts.windows(2).enumerate() {
        let layer = &network.layers()[l];
        for (o, i) in (0..pair[1]).flat_map(|o| (0..pair[0]).map(move |i| (o, i))) {
            let w = parameters[layer.weight.start + o * layer.in_features + i];
            let share = if w.is_finite() { w.abs() / largest } else { 1.0 };
            let width = ((share * WIDTHS as f64) as usize).min(WIDTHS - 1);
            kinds[2 * width + usize::from(w < 0.0)].push([columns.place(l, i), columns.place(l + 1, o)]);
        }
    }
    for (kind, lines) in kinds.iter().enumerate().filter(|(_, lines)| !lines.is_empty()) {
        let stroke = if kind % 2 == 1 { Stroke::MINUS } else { Stroke::PLUS };
        svg.segments(stroke.wide(0.5 + 5.0 * (kind / 2) as f64 / WIDTHS as f64), lines);
    }
}

/// Words below the film.
fn notes(network: &Network, names: &[String; 2], [x, y]: &[Axis; 2]) -> Vec<String> {
    let range = |axis: &Axis| format!("from {} to {}", significant(axis.low, 3), significant(axis.high, 3));
    let colours = match network.out_features() {
        1 => "Blue where the answer is 0, orange where it is 1; the line is at one half.",
        _ => "The colour of the largest output, paler where another is near.",
    };
    let mut notes = vec![
        format!("{colours} {} across, {}; {} upwards, {}.", names[0], range(x), names[1], range(y)),
        "Weights: blue above 0, orange and dashed below, as wide as they are large.".to_string(),
    ];
    let wide = network.layers().iter().any(|layer| layer.out_features > MOST);
    let deep = network.layers().len() > LAYERS;
    if wide || deep {
        notes.push(format!("Of the network at most {MOST} neurons of a layer and {LAYERS} layers are shown."));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;

    fn film(name: &str, settings: &[&str]) -> Result<String> {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let mut run = Timeline::<f32>::new(&Experiment::built_in(name).unwrap().with(&settings).unwrap()).unwrap();
        let end = run.end().unwrap();
        animation(&mut run, &animation_steps(end, 24), |_| {})
    }

    /// Every moment is a group; only the last one is visible without animation, and it is the run's end.
    #[test]
    fn the_last_moment_stays() {
        let film = film("xor", &["stop.epochs=60"]).unwrap();
        let groups = film.matches("<g class=\"film\"").count() + film.matches("<g class=\"film film-end\"").count();
        let hidden = film.matches("visibility=\"hidden\"").count();
        let moments = film.matches(">step ").count();
        assert_eq!((groups, hidden), (3 * moments, 3 * (moments - 1)));
        assert!(moments > 5 && film.contains(">step 240: loss ") && film.contains("prefers-reduced-motion"));
        let document = roxmltree::Document::parse(&film).unwrap();
        let shown =
            document.descendants().filter(|node| node.has_tag_name("g") && node.attribute("visibility").is_none());
        let words: Vec<&str> = shown.flat_map(|group| group.descendants()).filter_map(|node| node.text()).collect();
        assert!(words.iter().any(|words| words.starts_with("step 240")), "{words:?}");
        assert!(!words.iter().any(|words| words.starts_with("step 0")), "{words:?}");
    }

    /// A picture for each moment, all of one size, and nothing of another moment in it.
    #[test]
    fn frames_are_pictures_of_one_moment() {
        let settings = ["stop.epochs=60".to_string()];
        let mut run = Timeline::<f32>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
        let frames = animation_frames(&mut run, &[0, 100, 240], |_| {}).unwrap();
        for (frame, step) in frames.iter().zip([0, 100, 240]) {
            assert!(frame.contains(&format!(">step {step}: loss ")) && frame.matches(">step ").count() == 1, "{frame}");
            assert!(!frame.contains("visibility") && frame.split('>').next() == frames[0].split('>').next());
        }
    }

    #[test]
    fn films_are_small_enough_for_a_page() {
        for (name, settings) in
            [("xor", &["stop.epochs=200"][..]), ("moons", &["stop.epochs=3"]), ("spiral", &["stop.epochs=1"])]
        {
            let film = film(name, settings).unwrap();
            assert!(film.len() < 400_000, "{name}: {}", film.len());
        }
    }

    #[test]
    fn moments_are_close_where_much_changes() {
        assert_eq!(animation_steps(8004, 5), [0, 500, 2001, 4502, 8004]);
        assert_eq!(animation_steps(3, 24), [0, 1, 2, 3]);
    }

    #[test]
    fn what_has_no_plane_is_refused() {
        let three = film("xor", &["data={name='parity',bits=3}", "stop.epochs=1"]).unwrap_err().to_string();
        assert!(three.contains("two inputs"), "{three}");
    }
}
