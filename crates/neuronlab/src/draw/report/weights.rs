//! Why a weight would move: one weight's chain rule, and a list from which another is chosen.

use crate::draw::page::blocks;
use crate::draw::svg::escape;
use crate::draw::{decimals, explanation};
use crate::explain::{Explanation, Moment};
use crate::scalar::Real;
use crate::train::Trainer;
use std::fmt::Write;

/// Samples among which the one with the largest loss is looked for.
const MOST_SAMPLES: u32 = 200;
/// Weights that can be chosen, and bytes that they may take on the page.
const MOST: usize = 100;
const MOST_BYTES: usize = 800_000;
/// Parameters of a network whose weights can be chosen.
const MOST_PARAMETERS: usize = 5000;

/// In the layer in the middle the weight with the largest gradient, on the sample with the largest loss.
pub(super) fn weights<T: Real>(page: &mut String, trainer: &Trainer<T>) {
    let n = (trainer.task().train.x.len() / trainer.task().input_names.len()) as u32;
    let moments = (0..n.min(MOST_SAMPLES)).filter_map(|sample| Moment::new(trainer, Some(&[sample])).ok());
    // Of a sample that does not count, the loss by itself is no number.
    let moments = moments.filter(|moment| moment.loss.is_finite());
    let Some(moment) = moments.reduce(|worst, next| if next.loss > worst.loss { next } else { worst }) else {
        return;
    };
    let movable = movable(&moment);
    let layers = moment.network().layers();
    let middle = &layers[layers.len() / 2].weight;
    let first = movable.iter().find(|place| middle.contains(place)).or(movable.first());
    let Some(&first) = first else { return };
    let Ok(why) = Explanation::new(&moment, &moment.network().parameter_name(first)) else {
        return;
    };
    let among = if n > MOST_SAMPLES { format!("largest of the first {MOST_SAMPLES}") } else { "largest".into() };
    let _ = writeln!(
        page,
        "<h2>Why a weight would move</h2>\n<p>The next step, if it were on sample {}, where the loss is {among} ({}).{}</p>",
        why.sample,
        decimals(why.loss.2),
        why.in_data().map_or(String::new(), |words| format!(" {}", escape(&words)))
    );
    let others =
        if moment.network().parameters() <= MOST_PARAMETERS { others(&moment, &movable, first) } else { vec![] };
    let _ = writeln!(page, "<div class=\"weights\">");
    choice(page, &moment, first, &others, movable.len());
    let _ = writeln!(page, "<div class=\"chosen\">\n{}</div>", one(&why));
    for (place, words) in &others {
        let _ = writeln!(page, "<template data-place=\"{place}\">\n{words}</template>");
    }
    page.push_str("</div>\n");
}

/// The parameters that are not frozen, those with the largest gradients first.
fn movable(moment: &Moment) -> Vec<usize> {
    let frozen = moment.network().frozen();
    let moves = |place: &usize| !frozen.iter().any(|range| range.contains(place));
    let mut places: Vec<usize> = (0..moment.gradients.len()).filter(moves).collect();
    places.sort_by(|&a, &b| moment.gradients[b].abs().total_cmp(&moment.gradients[a].abs()));
    places
}

/// The list of weights, which a script shows: so many of `all`.
fn choice(page: &mut String, moment: &Moment, first: usize, others: &[(usize, String)], all: usize) {
    if others.is_empty() {
        return;
    }
    let mut places: Vec<usize> = others.iter().map(|(place, _)| *place).chain([first]).collect();
    places.sort_unstable();
    page.push_str("<p class=\"control\" hidden><label>Weight <select>\n");
    for place in places {
        let selected = if place == first { " selected" } else { "" };
        let _ = writeln!(
            page,
            "<option value=\"{place}\"{selected}>{}: gradient {}</option>",
            escape(&moment.network().parameter_name(place)),
            decimals(moment.gradients[place])
        );
    }
    let shown = others.len() + 1;
    let _ = writeln!(
        page,
        "</select></label>{}</p>",
        if shown < all {
            format!(" <span class=\"soft\">the {shown} with the largest gradients, of {all}</span>")
        } else {
            String::new()
        }
    );
}

/// The explanations of the others, as many as there is room for.
fn others(moment: &Moment, movable: &[usize], first: usize) -> Vec<(usize, String)> {
    let mut bytes = 0;
    let explained = movable.iter().copied().filter(|&place| place != first).take(MOST - 1).map_while(|place| {
        let why = Explanation::new(moment, &moment.network().parameter_name(place)).ok()?;
        let words = one(&why);
        bytes += words.len();
        (bytes <= MOST_BYTES).then_some((place, words))
    });
    explained.collect()
}

/// A weight's gradient, in words, as a picture and as a formula.
fn one(why: &Explanation) -> String {
    let mut page = format!(
        "<p>{} {}. Its gradient would be {}{}:</p>\n<div class=\"wide\">{}</div>\n",
        escape(&why.parameter),
        escape(&why.role),
        decimals(why.sum),
        if why.penalty.is_some() { ", without the penalty" } else { "" },
        explanation(why)
    );
    blocks(&mut page, &why.chain_rule());
    let _ = writeln!(
        page,
        "<p class=\"soft\">Any weight at any step: neuronlab explain DIR --weight '{}' --step N</p>",
        escape(&why.parameter)
    );
    page
}
