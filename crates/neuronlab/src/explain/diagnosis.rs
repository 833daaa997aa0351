//! Gradients that somebody gives, compared with the right ones: which are wrong, and which factor was.

use super::given::Given;
use super::moment::Moment;
use super::notes;
use super::paths::Graph;
use super::scale::Scale;
use super::slip::{Slip, Suspicion, suspicions};
use serde::Serialize;

/// A relative difference that precision and order of sums explain, in float32 too.
const ROUNDING: f64 = 1e-5;
/// Paths among which one is looked for.
const PATHS: usize = 1000;
/// Share of the largest gradient up to which one that is written as 0 may have been rounded to it.
const COARSE: f64 = 0.01;
/// Slips that are named for one number.
const MOST: usize = 4;

/// What became of given gradients.
///
/// ```
/// use neuronlab::explain::{Diagnosis, Given, Moment, Slip, Timeline};
/// use neuronlab::Experiment;
///
/// let mut run = Timeline::<f64>::new(&Experiment::built_in("xor")?.with(&["dtype=float64".into()])?)?;
/// let moment = Moment::new(run.at(0)?, Some(&[1]))?;
/// // The gradient of lin3.weight[0,0] without the derivative of tanh.
/// let slope = 1.0 - moment.layers[2].a[0].powi(2);
/// let place = moment.network().parameter("lin3.weight[0,0]")?;
/// let mine = Given { place, gradient: moment.gradients[place] / slope, rounding: 0.0 };
///
/// let diagnosis = Diagnosis::new(&moment, &[mine]);
/// assert_eq!(diagnosis.wrong.len(), 1);
/// assert_eq!(diagnosis.wrong[0].suspicions[0].slip, Some(Slip::SlopeMissing));
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// Parameters that were given.
    pub given: usize,
    /// Parameters of the network.
    pub parameters: usize,
    /// Those that are wrong, in the order in which they were given.
    pub wrong: Vec<Wrong>,
    /// What is to be known of the right ones, if anything is.
    pub note: Option<String>,
}

/// A gradient that is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct Wrong {
    /// The parameter's name.
    pub parameter: String,
    /// What was given.
    pub given: f64,
    /// What is right.
    pub right: f64,
    /// What may have happened: all that give this number, the most common first.
    pub suspicions: Vec<Suspicion>,
}

impl Diagnosis {
    /// Compares in double precision. A gradient is right if it differs by no more than the rounding of its last digit and
    /// 10⁻⁵ of the sizes of all terms of its paths together, or is what the run itself computes, in its own precision. A 0 is
    /// right by rounding only where its last decimal place is small against the largest gradient. Where the limits of `bce`
    /// act, the gradient without them is right as well.
    pub fn new(moment: &Moment, given: &[Given]) -> Self {
        let mut wide = moment.wide.clone();
        wide.forward(&moment.input);
        wide.backward(&moment.loss_function, &moment.target);
        if let Some(penalty) = &moment.penalty {
            wide.penalise(&penalty.regularization);
        }
        let right = wide.gradients();
        let part = |place: usize| moment.penalty.as_ref().map_or(0.0, |penalty| penalty.parts[place]);
        let unclamped = moment.unclamped();
        let largest = right.iter().fold(0.0f64, |largest, g| largest.max(g.abs()));
        let is_right = |g: &Given| {
            let coarse = g.gradient == 0.0 && g.rounding > COARSE * largest;
            let rounding = if coarse { 0.0 } else { g.rounding * 1.001 };
            let terms = Graph::new(moment, g.place).total().terms + part(g.place).abs();
            let near = |value: f64, size: f64| (g.gradient - value).abs() <= rounding + ROUNDING * size;
            near(right[g.place], terms)
                || near(moment.all_gradients()[g.place], terms)
                || unclamped.as_ref().is_some_and(|free| near(free[g.place] + part(g.place), free[g.place].abs()))
        };
        let wrong: Vec<&Given> = given.iter().filter(|g| !is_right(g)).collect();
        let found = if given.iter().all(|g| g.gradient == 0.0) {
            let nothing = Suspicion { slip: Some(Slip::NothingComputed), layer: None, scale: None };
            vec![vec![nothing]; wrong.len()]
        } else {
            explained(moment, &wrong)
        };
        let wrong = wrong.into_iter().zip(found).map(|(g, suspicions)| Wrong {
            parameter: moment.network().parameter_name(g.place),
            given: g.gradient,
            right: right[g.place],
            suspicions,
        });
        Self { given: given.len(), parameters: right.len(), wrong: wrong.collect(), note: notes::clamp(moment) }
    }

    /// The suspicions, those that give the same numbers together, each time with how many wrong gradients they give; most first.
    pub fn suspicions(&self) -> Vec<(&[Suspicion], usize)> {
        let mut counted: Vec<(&[Suspicion], usize)> = Vec::new();
        for suspicions in self.wrong.iter().map(|wrong| &wrong.suspicions[..]).filter(|all| !all.is_empty()) {
            match counted.iter_mut().find(|(known, _)| *known == suspicions) {
                Some((_, count)) => *count += 1,
                None => counted.push((suspicions, 1)),
            }
        }
        counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counted
    }
}

/// What may have happened to each wrong gradient: the slips that give most are taken first.
fn explained(moment: &Moment, wrong: &[&Given]) -> Vec<Vec<Suspicion>> {
    let suspicions = suspicions(moment);
    let mut found: Vec<Option<Vec<Suspicion>>> = vec![None; wrong.len()];
    loop {
        let open: Vec<usize> = (0..wrong.len()).filter(|&i| found[i].is_none()).collect();
        let gives = |(suspicion, gradients): &(Suspicion, Vec<f64>)| {
            let places = open.iter().copied().filter(|&i| same(wrong[i], gradients[wrong[i].place]));
            (*suspicion, places.collect::<Vec<usize>>())
        };
        let all: Vec<(Suspicion, Vec<usize>)> = suspicions.iter().map(gives).collect();
        // Of those that give equally many the simplest and most common comes first.
        let more = |best: usize, next: usize| if all[next].1.len() > all[best].1.len() { next } else { best };
        let Some(at) = (0..all.len()).reduce(more).filter(|&at| !all[at].1.is_empty()) else { break };
        let (first, places) = &all[at];
        let mut fitting: Vec<Suspicion> = Vec::new();
        for (suspicion, also) in &all {
            let known = fitting.iter().any(|known| (known.slip, known.scale) == (suspicion.slip, suspicion.scale));
            if also == places && !known && suspicion.factors() == first.factors() && fitting.len() < MOST {
                fitting.push(*suspicion);
            }
        }
        // A 0 alone speaks for no slip; beside other numbers of this one it is of it as well.
        let zero = |i: &usize| wrong[*i].gradient == 0.0 && suspicions[at].1[wrong[*i].place] == 0.0;
        for &i in places.iter().chain(open.iter().filter(|&i| zero(i))) {
            found[i] = Some(fitting.clone());
        }
    }
    let or_one_path = |(g, found): (&&Given, Option<Vec<Suspicion>>)| {
        found.unwrap_or_else(|| one_path(moment, g).into_iter().collect())
    };
    wrong.iter().zip(found).map(or_one_path).collect()
}

/// Whether a given number is this one, and says so: more than its rounding.
fn same(given: &Given, gradient: f64) -> bool {
    let near = (given.gradient - gradient).abs() <= given.rounding * 1.001 + 2.0 * ROUNDING * gradient.abs();
    near && gradient.abs() > 4.0 * given.rounding && gradient != 0.0
}

/// Whether it is the product along one of several paths.
fn one_path(moment: &Moment, given: &Given) -> Option<Suspicion> {
    let graph = Graph::new(moment, given.place);
    let several = (2..=PATHS as u128).contains(&graph.total().count);
    let paths = if several { graph.largest(PATHS) } else { vec![] };
    let scales = [None, Some((Scale::Sign, -1.0))];
    for scale in scales {
        let factor = scale.map_or(1.0, |(_, factor)| factor);
        if paths.iter().any(|path| same(given, factor * path.product)) {
            return Some(Suspicion { slip: Some(Slip::OnePath), layer: None, scale: scale.map(|(scale, _)| scale) });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Experiment, Trainer};

    /// The first sample's x1 is 0, and so are four of its gradients: they are of the same slip as the others.
    #[test]
    fn a_gradient_that_a_slip_makes_0_is_of_it() {
        let experiment = Experiment::built_in("xor").unwrap().with(&["dtype=float64".into()]).unwrap();
        let trainer = Trainer::<f64>::new(&experiment).unwrap();
        let alone = Moment::new(&trainer, Some(&[1])).unwrap();
        let both = Moment::new(&trainer, Some(&[1, 2])).unwrap();
        let halves = alone.gradients.iter().map(|g| g / 2.0).enumerate();
        let given: Vec<Given> = halves.map(|(place, gradient)| Given { place, gradient, rounding: 0.0 }).collect();
        let diagnosis = Diagnosis::new(&both, &given);
        assert!(diagnosis.wrong.iter().filter(|wrong| wrong.given == 0.0).count() >= 4, "{diagnosis:?}");
        for wrong in &diagnosis.wrong {
            assert_eq!(wrong.suspicions[0].slip, Some(Slip::FirstSampleOnly), "{wrong:?}");
        }
    }
}
