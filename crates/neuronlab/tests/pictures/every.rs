//! Every kind of picture that the library makes, of small runs.

use neuronlab::draw::{self, ComputationGraph, Diagram, Line, Picture};
use neuronlab::explain::{Explanation, Landscape, Moment, Neuron, Plane, Sharpness, Timeline, Trace};
use neuronlab::nn::{Activation, Loss, Model, Network};
use neuronlab::random::NumpyRng;
use neuronlab::sweep::{Options, Sweep, SweepMemory};
use neuronlab::{Experiment, History, Trainer};
use std::ops::ControlFlow;

/// Names and pictures.
pub(crate) fn every() -> Vec<(String, String)> {
    let mut all = of_a_run();
    all.extend(of_plots());
    all.extend(of_sweeps());
    all
}

fn experiment(name: &str, settings: &[&str]) -> Experiment {
    let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
    Experiment::built_in(name).unwrap().with(&settings).unwrap()
}

fn of_a_run() -> Vec<(String, String)> {
    let settings = ["stop.epochs=40", "schedule={name=\"step_lr\",step_size=10,gamma=0.5}"];
    let mut trainer = Trainer::<f32>::new(&experiment("xor", &settings)).unwrap();
    let mut history = History::new(&trainer);
    trainer.run(&mut history).unwrap();
    let model = trainer.model();
    let (x, y) = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]);
    let weights: Vec<f64> = model.parameters().iter().map(|w| f64::from(*w)).collect();
    let moment = Moment::new(&trainer, Some(&[1])).unwrap();
    let why = |name: &str| draw::explanation(&Explanation::new(&moment, name).unwrap());
    let lr: Vec<Option<f64>> =
        (0..history.losses.len()).map(|step| history.hyper(step).map(|hyper| hyper.lr)).collect();

    let mut along = Timeline::<f32>::new(&experiment("xor-mse", &["optimizer.lr=0.5"])).unwrap();
    let along = Sharpness::along(&mut along, &[0, 5, 10, 15], None, |_| {}).unwrap();
    let mut all: Vec<(String, String)> = vec![
        ("loss".into(), Picture::loss_curve(&history.losses, history.steps_per_epoch()).to_string()),
        ("rate".into(), draw::rate_curve("learning rate", &lr, history.steps_per_epoch())),
        ("surface".into(), Picture::surface(model, &x, &y).to_string()),
        ("network".into(), Picture::network(model).to_string()),
        ("empty network".into(), Diagram::new(model.network()).draw()),
        ("network with values".into(), Diagram::new(model.network()).weights(&weights).with_values().draw()),
        ("step".into(), Picture::step(model).to_string()),
        ("explanation".into(), why("lin2.weight[1,3]")),
        ("explanation of a bias or first weight".into(), why("lin1.weight[0,1]")),
        ("neuron".into(), draw::neuron(&trainer, &Neuron::new(&trainer, "H#1_2").unwrap())),
        ("sharpness".into(), draw::sharpness("xor-mse", &along)),
    ];
    all.extend(of_moments(&trainer, &moment));
    let page = draw::report(&trainer, &history, "It ended.", false);
    all.extend(inside("report", &page));
    all.push((
        "several classes".into(),
        draw::surface(
            |rows| rows.iter().flat_map(|[a, b]| [*a, *b, 1.0 - a * b, a - b, 0.3, a + b, 0.1]).collect(),
            7,
            &(0..21).map(|i| ([f64::from(i % 5), f64::from(i / 5)], i as usize % 7)).collect::<Vec<_>>(),
            ["length of a petal in cm", "width"],
            &["oak", "ash", "elm", "yew", "fir", "lime", "alder"].map(String::from),
        ),
    ));
    all
}

/// The chain rule, the anatomy of a neuron, surfaces, and what changed along a run.
fn of_moments(trainer: &Trainer<f32>, moment: &Moment) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for name in ["lin1.weight[0,1]", "lin2.weight[1,3]", "lin4.weight[0,0]"] {
        let why = Explanation::new(moment, name).unwrap();
        all.push((format!("chain of {name}"), draw::chain(&why)));
        all.push((format!("chain of {name}, unrolled"), draw::chain_unrolled(&why)));
    }
    let batch = Explanation::new(&Moment::new(trainer, Some(&[0, 1, 2])).unwrap(), "lin1.weight[0,0]").unwrap();
    all.push(("chain of a batch".into(), draw::chain(&batch)));
    all.push(("chain of a batch, unrolled".into(), draw::chain_unrolled(&batch)));
    all.push(("graph".into(), ComputationGraph::of_tensors(moment).svg()));
    all.push(("graph by neuron".into(), ComputationGraph::of_neurons(moment, 0).unwrap().svg()));
    all.push((
        "graph of a batch".into(),
        ComputationGraph::of_tensors(&Moment::new(trainer, Some(&[0, 1, 2])).unwrap()).svg(),
    ));
    for (neuron, biology) in [("H#1_2", false), ("Y#0", true)] {
        all.push((format!("anatomy of {neuron}"), draw::anatomy(moment, 0, neuron, biology).unwrap()));
    }
    all.push(("answers over the plane".into(), draw::answer_surface(trainer).unwrap()));
    all.push(("neurons over the plane".into(), draw::neuron_surfaces(trainer).unwrap()));
    let mut run = Timeline::<f32>::new(trainer.experiment()).unwrap();
    let trace = Trace::along(&mut run, &Trace::steps(160, 40), |_| {}).unwrap();
    all.push(("weights".into(), draw::weights(&trace)));
    all.push(("gradients".into(), draw::gradients(&trace)));
    for plane in [Plane::Principal, Plane::Random(3), Plane::Along(0, 43)] {
        let landscape = Landscape::new(run.at(160).unwrap(), &trace, plane).unwrap();
        all.push((format!("landscape {plane:?}"), draw::landscape(&landscape)));
    }
    let runs = [("slow and with a long name that does not fit", 3.0), ("fast", 0.003)]
        .map(|(name, size)| (name.to_string(), (1..400).map(|i| size / f64::from(i)).collect::<Vec<f64>>(), 4));
    all.push(("losses".into(), draw::losses(&runs, true)));
    all.push(("loss on a logarithmic axis".into(), draw::loss_curve_log(&runs[1].1, 4)));
    all
}

/// The pictures of a page.
fn inside(name: &str, page: &str) -> Vec<(String, String)> {
    let pictures =
        page.split("<svg ").skip(1).map(|rest| format!("<svg {}</svg>", rest.split_once("</svg>").unwrap().0));
    pictures.enumerate().map(|(i, picture)| (format!("{name}, picture {i}"), picture)).collect()
}

fn of_plots() -> Vec<(String, String)> {
    let wave = |phase: f64| (0..200).map(|i| (f64::from(i) / 20.0, (f64::from(i) / 20.0 + phase).sin())).collect();
    let values: Vec<f64> = (0..500).map(|i| (f64::from(i) * 0.7).sin() * 3.0).collect();
    vec![
        (
            "lines".into(),
            draw::lines("Two waves", "time", &[Line::new("first", wave(0.0)), Line::new("second", wave(1.0))]),
        ),
        (
            "many lines".into(),
            draw::lines(
                "Waves",
                "time",
                &[0, 1, 2, 3, 4, 5, 6].map(|i| Line::new(&format!("wave number {i}"), wave(f64::from(i)))),
            ),
        ),
        ("bars".into(), draw::bars(&draw::histogram(&values, 20), "500 values")),
    ]
}

fn of_sweeps() -> Vec<(String, String)> {
    let sweeps = [
        ("sweep of nothing", &[][..], None),
        ("sweep of numbers", &["optimizer.lr=log:1e-3:1:9"], None),
        ("sweep of words", &["init=zeros,normal,xavier_uniform,kaiming_uniform"], None),
        ("map", &["optimizer.lr=log:1e-3:1:6", "optimizer.momentum=lin:0:0.99:5"], None),
        ("maps", &["init=zeros,normal", "optimizer.lr=log:1e-3:1:6", "optimizer.momentum=lin:0:0.99:3"], None),
        ("dots", &["optimizer.lr=log:1e-3:1", "optimizer.momentum=lin:0:0.99"], Some(30)),
        ("dots by axis", &["optimizer.lr=log:1e-3:1", "init=zeros,normal", "seed.torch=1,2,3"], Some(30)),
    ];
    let mut all = Vec::new();
    for (name, vary, random) in sweeps {
        let vary: Vec<String> = vary.iter().map(ToString::to_string).collect();
        let sweep = Sweep::new(experiment("xor", &["stop.epochs=60"]), &vary, 4, random, true).unwrap();
        let memory = SweepMemory::new(sweep).unwrap();
        memory.train(&memory.missing(), &Options::default(), &|_| ControlFlow::Continue(())).unwrap();
        for (file, text) in draw::sweep_files(memory.sweep(), &memory.tallies().unwrap()) {
            all.extend(inside(&format!("{name}: {file}"), &text));
        }
    }
    all
}

/// Networks of every form, with weights that are ordinary, huge, tiny, 0 or no numbers, and their explanations.
pub(crate) fn of_networks() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for seed in 0..24u32 {
        let mut rng = NumpyRng::new(seed);
        let mut below = |n: usize| rng.randint(n);
        let (inputs, layers) = (1 + below(if seed % 3 == 0 { 32 } else { 4 }), 1 + below(8));
        let mut network = Network::new(inputs);
        for layer in 0..layers {
            let most = if seed % 4 == 0 { 32 } else { 6 };
            let wide = if layer + 1 == layers { 1 + below(3) } else { 1 + below(most) };
            let activation = [Activation::TANH, Activation::SIGMOID, Activation::IDENTITY][below(3)];
            network = network.linear(wide, below(2) == 0, activation);
        }
        let size = [1.0, 1e-9, 1e12, 37.5, 1e-3][seed as usize % 5];
        let weights: Vec<f64> = (0..network.parameters()).map(|_| size * (below(2000) as f64 / 1000.0 - 1.0)).collect();
        let name = format!("network {seed} of {layers} layers, weights of {size}");
        let mut odd = weights.clone();
        odd[0] = f64::INFINITY;
        *odd.last_mut().unwrap() = f64::NAN;
        all.push((format!("{name}, not finite"), draw::network(&network, &odd)));
        all.push((format!("{name}, empty"), Diagram::new(&network).draw()));
        all.push((format!("{name}, with values"), Diagram::new(&network).weights(&odd).with_values().draw()));
        let x: Vec<f64> = (0..inputs).map(|i| i as f64 * 0.3 - 0.5).collect();
        let y = vec![0.5; network.out_features()];
        let first = network.tensors().next().unwrap().name;
        let mut model = Model::<f64>::new(network, weights).unwrap();
        model.forward(&x);
        model.backward(&Loss::MSE_LOSS, &y);
        all.push((name.clone(), Picture::step(&model).to_string()));
        let moment = Moment::of_model(&model, &Loss::MSE_LOSS, &x, &y);
        if let Ok(moment) = &moment {
            all.push((format!("{name}, anatomy"), draw::anatomy(moment, 0, "Y#0", true).unwrap()));
            all.push((format!("{name}, graph"), ComputationGraph::of_tensors(moment).svg()));
            if let Ok(graph) = ComputationGraph::of_neurons(moment, 0) {
                all.push((format!("{name}, graph by neuron"), graph.svg()));
            }
        }
        if let Ok(why) = moment.and_then(|moment| Explanation::new(&moment, &format!("{first}[0,0]"))) {
            all.push((format!("{name}, explained"), draw::explanation(&why)));
            all.push((format!("{name}, chain"), draw::chain(&why)));
            all.push((format!("{name}, chain unrolled"), draw::chain_unrolled(&why)));
        }
    }
    all
}
