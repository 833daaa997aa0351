//! A living neuron, drawn after a textbook's, and what in it gave its name to what.

use super::sum::{MARGIN, WIDTH};
use crate::draw::svg::{Anchor, Colour, Font, Point, Stroke, Svg, wrap};

/// Height of the part of the picture.
pub(super) const HEIGHT: f64 = 268.0;
const LINE: f64 = 17.0;

/// Where the analogy ends.
const ENDS: &str = "The analogy ends here: a living neuron sends spikes in time rather than one number, a synapse does not \
                    change its sign, and nobody has found the backward pass of a gradient in a brain.";

/// Where a soma stands, and how large it is.
const SOMA: (f64, f64) = (190.0, 118.0);
const RADIUS: f64 = 30.0;

/// Below what is drawn already.
pub(super) fn draw(svg: &mut Svg, top: f64) {
    let at = |(x, y): Point| (x, top + y);
    svg.text(Font::STRONG, Anchor::Start, (MARGIN, top + 18.0), "What it has its name from");
    for y in [60.0, 94.0, 142.0, 176.0] {
        let tip = (60.0, y);
        let fork = (112.0, SOMA.1 + 0.62 * (y - SOMA.1));
        svg.polyline(Stroke::PLAIN.wide(3.0), &[at(tip), at(fork), at((SOMA.0, SOMA.1))]);
        svg.line(Stroke::PLAIN.wide(2.0), at(fork), at((74.0, y + if y < SOMA.1 { -14.0 } else { 14.0 })));
        svg.mark(0, Colour::BLUE, at(tip), 4.0);
    }
    let end = (380.0, SOMA.1);
    svg.line(Stroke::PLAIN.wide(5.0), at(SOMA), at(end));
    for down in [-26.0, 0.0, 26.0] {
        svg.line(Stroke::PLAIN.wide(2.5), at(end), at((424.0, SOMA.1 + down)));
        svg.mark(0, Colour::ORANGE, at((428.0, SOMA.1 + down)), 4.0);
    }
    svg.node(Stroke::RIM.wide(2.0), at(SOMA), RADIUS);
    svg.mark(0, Colour::FAINT, at(SOMA), 7.0);
    let words = [
        ((SOMA.0, 58.0), Anchor::Middle, "soma", "adds up: the sum"),
        ((320.0, 84.0), Anchor::Middle, "axon", "passes on: the output"),
        ((MARGIN, 206.0 - 176.0 + 6.0), Anchor::Start, "dendrites", ""),
    ];
    for (place, anchor, name, role) in words {
        svg.text(Font::LABEL, anchor, at(place), name);
        svg.text(Font::SMALL, anchor, at((place.0, place.1 + 14.0)), role);
    }
    svg.text(Font::SMALL, Anchor::Start, at((84.0, 36.0)), "receive: inputs");
    svg.text(Font::SMALL, Anchor::Start, at((MARGIN, 208.0)), "dots: synapses, strong or weak: the weights");
    for (line, words) in wrap(ENDS, Font::SMALL, WIDTH - 2.0 * MARGIN).iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, at((MARGIN, 228.0 + LINE * line as f64)), words);
    }
}
