//! Gradients that somebody gives, compared with the right ones: which are wrong, and which factor was.

use super::given::Given;
use super::moment::Moment;
use super::paths::Graph;
use super::slip::{Scale, Slip, Suspicion, suspicions};
use serde::Serialize;

/// A relative difference that precision and order of sums explain, in float32 too.
const ROUNDING: f64 = 1e-5;
/// Paths among which one is looked for.
const PATHS: usize = 1000;

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
/// assert_eq!(diagnosis.wrong[0].suspicion.unwrap().slip, Some(Slip::SlopeMissing));
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
    /// What may have happened.
    pub suspicion: Option<Suspicion>,
}

impl Diagnosis {
    /// Compares in double precision. A gradient is right if it differs by no more than the rounding of its last digit and
    /// 10⁻⁵ of the sizes of all terms of its paths together.
    pub fn new(moment: &Moment, given: &[Given]) -> Self {
        let suspicions = suspicions(moment);
        let mut wide = moment.wide.clone();
        wide.forward(&moment.input);
        wide.backward(&moment.loss_function, &moment.target);
        let right = wide.gradients();
        let terms = |place: usize| Graph::new(moment, place).total().terms;
        let wrong: Vec<&Given> = given
            .iter()
            .filter(|g| (g.gradient - right[g.place]).abs() > g.rounding * 1.001 + ROUNDING * terms(g.place))
            .collect();
        let mut found: Vec<Option<Suspicion>> = vec![None; wrong.len()];
        // The slip that explains most is taken first; of equal ones the simplest.
        loop {
            let explains = |gradients: &[f64]| -> Vec<usize> {
                let open = (0..wrong.len()).filter(|&i| found[i].is_none());
                open.filter(|&i| same(wrong[i], gradients[wrong[i].place])).collect()
            };
            let best = suspicions.iter().map(|(suspicion, gradients)| (*suspicion, explains(gradients)));
            let best =
                best.fold(
                    (None, vec![]),
                    |best: (_, Vec<usize>), next| {
                        if next.1.len() > best.1.len() { (Some(next.0), next.1) } else { best }
                    },
                );
            let (Some(suspicion), places) = best else { break };
            for i in places {
                found[i] = Some(suspicion);
            }
        }
        let wrong = wrong.into_iter().zip(found);
        let wrong = wrong.map(|(g, suspicion)| Wrong {
            parameter: moment.network().parameter_name(g.place),
            given: g.gradient,
            right: right[g.place],
            suspicion: suspicion.or_else(|| one_path(moment, g)),
        });
        Self { given: given.len(), parameters: right.len(), wrong: wrong.collect() }
    }

    /// The suspicions, each with how many wrong gradients it explains; most first.
    pub fn suspicions(&self) -> Vec<(Suspicion, usize)> {
        let mut counted: Vec<(Suspicion, usize)> = Vec::new();
        for suspicion in self.wrong.iter().filter_map(|wrong| wrong.suspicion) {
            match counted.iter_mut().find(|(known, _)| *known == suspicion) {
                Some((_, count)) => *count += 1,
                None => counted.push((suspicion, 1)),
            }
        }
        counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counted
    }
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
