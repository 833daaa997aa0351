//! Activations, losses and optimizers against values and gradients that PyTorch 2.15.0 printed.

use crate::common::{assert_close, golden, numbers};
use neuronlab::optim::{Clip, Hyper};
use neuronlab::scalar::Scalar;
use neuronlab::{Activation, Experiment, Loss, Model, Network, Trainer};

/// Whoever adds a method says where it is from: a paper's year stands in the file's first comment. (Initialisations share a
/// file, optimizers say it beside their formula.)
#[test]
fn files_of_methods_name_their_sources() {
    for folder in ["nn/activation", "nn/loss", "optim/schedule"] {
        for entry in std::fs::read_dir(format!("{}/src/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let head = text.lines().take_while(|line| line.starts_with("//!"));
            let is_year = |word: &str| word.parse().is_ok_and(|year| (1600..2100).contains(&year));
            let names = head.flat_map(|line| line.split(|c: char| !c.is_alphanumeric())).any(is_year);
            // These are no methods: they ask all of them.
            let of_all = ["mod.rs", "reach.rs", "settings.rs", "work.rs"].iter().any(|file| path.ends_with(file));
            assert!(names || of_all, "{} names no source", path.display());
        }
    }
}

/// In float64 both sides compute the same formula; what is left is the rounding of a few operations.
const FLOAT64: f64 = 5e-16;
/// The same in float32, for values up to 3.
const FLOAT32: f64 = 2.5e-7;

fn activation(text: &str) -> Activation {
    let settings = [format!("network.layers.0.activation={text}")];
    Experiment::built_in("xor").unwrap().with(&settings).unwrap().network.layers[0].activation
}

#[test]
fn activations_and_derivatives_are_pytorchs() {
    let golden = golden("torch_methods.json");
    let points = numbers(&golden["points"]);
    for (name, ours) in [
        ("sigmoid", "sigmoid"),
        ("tanh", "tanh"),
        ("relu", "relu"),
        ("leaky_relu(0.01)", "leaky_relu"),
        ("leaky_relu(0.2)", "{ name = 'leaky_relu', negative_slope = 0.2 }"),
        ("gelu(none)", "gelu"),
        ("gelu(tanh)", "{ name = 'gelu', approximate = 'tanh' }"),
        ("silu", "silu"),
        ("elu(1)", "elu"),
        ("elu(0.5)", "{ name = 'elu', alpha = 0.5 }"),
        ("selu", "selu"),
        ("softplus", "softplus"),
        ("softplus(beta=2,threshold=4)", "{ name = 'softplus', beta = 2, threshold = 4 }"),
        ("hardtanh", "hardtanh"),
        ("softsign", "softsign"),
        ("mish", "mish"),
    ] {
        let (activation, theirs) = (activation(ours), &golden["activations"][name]);
        let values: Vec<f64> = points.iter().map(|&z| activation.value(z)).collect();
        let slopes: Vec<f64> = points.iter().map(|&z| activation.derivative(z)).collect();
        // A few roundings of values up to the largest point.
        let scale = points.iter().fold(1.0f64, |m, z| m.max(z.abs()));
        assert_close(name, &values, &numbers(&theirs["float64"]["value"]), FLOAT64 * scale);
        assert_close(&format!("{name}′"), &slopes, &numbers(&theirs["float64"]["derivative"]), FLOAT64 * scale);

        let narrow = |f: &dyn Fn(f32) -> f32| points.iter().map(|&z| f64::from(f(z as f32))).collect::<Vec<_>>();
        let (values, slopes) = (narrow(&|z| activation.value(z)), narrow(&|z| activation.derivative(z)));
        assert_close(name, &values, &numbers(&theirs["float32"]["value"]), FLOAT32 * scale);
        assert_close(&format!("{name}′"), &slopes, &numbers(&theirs["float32"]["derivative"]), FLOAT32 * scale);
    }
}

/// At the kinks, too, and far from 0.
#[test]
fn later_activations_and_derivatives_are_pytorchs() {
    let golden = golden("torch_activations_losses.json");
    let points = numbers(&golden["points"]);
    for theirs in golden["activations"].as_array().unwrap() {
        let name = theirs["settings"].as_str().unwrap();
        let f = activation(name);
        for (dtype, rounding) in [("float64", FLOAT64), ("float32", FLOAT32)] {
            let ours = |&z: &f64| match dtype {
                "float64" => (f.value(z), f.derivative(z)),
                _ => (f64::from(f.value(z as f32)), f64::from(f.derivative(z as f32))),
            };
            let (values, slopes): (Vec<f64>, Vec<f64>) = points.iter().map(ours).unzip();
            for (ours, key) in [(values, "value"), (slopes, "derivative")] {
                for (i, (ours, theirs)) in ours.iter().zip(numbers(&theirs[dtype][key])).enumerate() {
                    // A few roundings of z, of which what is small is sometimes the difference.
                    let tolerance = rounding * points[i].abs().max(1.0);
                    assert!(
                        (ours - theirs).abs() <= tolerance,
                        "{name} {key} {dtype} at {}: {ours}, {theirs}",
                        points[i]
                    );
                }
            }
        }
    }
}

/// The reference's derivative is that of Σ k·aₖ, k = 1 … 7.
#[test]
fn softmax_and_its_logarithm_are_pytorchs() {
    let golden = golden("torch_methods.json");
    let points = numbers(&golden["points"]);
    for (name, activation) in [("softmax", Activation::SOFTMAX), ("log_softmax", Activation::LOG_SOFTMAX)] {
        // A layer of seven neurons with identity weights, and the loss Σ k·aₖ made of an L1 loss far below every output.
        let network = Network::new(7).linear(7, false, activation).linear(1, false, Activation::IDENTITY);
        let mut parameters: Vec<f64> = (0..49).map(|i| f64::from(u8::from(i % 8 == 0))).collect();
        parameters.extend((1..=7).map(f64::from));
        let mut model = Model::new(network, parameters).unwrap();
        model.forward(&points);
        model.backward(&Loss::L1_LOSS, &[-1e6]);
        let theirs = &golden["activations"][name]["float64"];
        assert_close(name, &model.layer(0).a, &numbers(&theirs["value"]), 4e-15);
        assert_close(&format!("{name}′"), &model.layer(0).dz, &numbers(&theirs["derivative"]), 4e-15);
    }
}

fn loss(text: &str) -> Loss {
    let log = ["network.layers.3={ out_features = 2, activation = 'log_softmax' }".to_string()];
    let unit = ["network.layers.3={ out_features = 1, activation = 'sigmoid' }".to_string()];
    let last = if text.contains("'bce'") { unit } else { log };
    let settings = [&last[..], &[format!("loss={text}")]].concat();
    Experiment::built_in("xor").unwrap().with(&settings).unwrap().loss
}

fn value_and_gradient<S: Scalar>(loss: &Loss, output: &[f64], target: &[f64]) -> (S, Vec<S>) {
    let narrow = |values: &[f64]| values.iter().map(|&v| S::constant(v)).collect::<Vec<S>>();
    let (output, target) = (narrow(output), narrow(target));
    let mut gradient = output.clone();
    loss.gradient(&output, &target, 4, &mut gradient);
    (loss.value(&output, &target, 4), gradient)
}

#[test]
fn losses_and_gradients_are_pytorchs() {
    let golden = golden("torch_methods.json");
    for (name, settings) in [
        ("L1", "name = 'l1'"),
        ("MSE", "name = 'mse'"),
        ("SmoothL1(beta=1)", "name = 'smooth_l1'"),
        ("SmoothL1(beta=0.3)", "name = 'smooth_l1', beta = 0.3"),
        ("Huber(delta=1)", "name = 'huber'"),
        ("BCE", "name = 'bce'"),
        ("BCEWithLogits", "name = 'bce_with_logits'"),
        ("BCEWithLogits(pos_weight=2)", "name = 'bce_with_logits', pos_weight = 2"),
        ("CrossEntropy(class idx)", "name = 'cross_entropy'"),
        ("CrossEntropy(class idx,label_smoothing=0.1)", "name = 'cross_entropy', label_smoothing = 0.1"),
        ("CrossEntropy(prob targets)", "name = 'cross_entropy'"),
        ("KLDiv(input=x direct)", "name = 'kl_div'"),
        ("KLDiv(input=log_softmax(x))", "name = 'kl_div'"),
        ("NLL(log_softmax(x))", "name = 'nll'"),
    ] {
        let entry = &golden["losses"][name];
        let flat = |list: &serde_json::Value| list.as_array().unwrap().iter().flat_map(numbers).collect::<Vec<_>>();
        let mut output = flat(&entry["input"]);
        // There the reference's gradient is with respect to x: back through log_softmax.
        let through = name.contains("log_softmax(x)");
        let x = output.clone();
        if through {
            for row in output.chunks_exact_mut(4) {
                let ln_sum = row.iter().map(|v| v.exp()).sum::<f64>().ln();
                for v in row {
                    *v -= ln_sum;
                }
            }
        }
        let target = if entry["target"][0].is_array() {
            flat(&entry["target"])
        } else {
            let rows = numbers(&entry["target"]);
            rows.iter().flat_map(|&class| (0..4).map(move |i| f64::from(u8::from(class == f64::from(i))))).collect()
        };
        for reduction in ["mean", "sum", "batchmean"] {
            let ours = loss(
                &format!("{{ {settings}, reduction = '{reduction}' }}")
                    .replace("'batchmean'", if name.starts_with("KLDiv") { "'batchmean'" } else { "'mean'" }),
            );
            let reduction = if name.starts_with("KLDiv") || reduction != "batchmean" { reduction } else { "mean" };
            let theirs = |dtype: &str, key: &str| numbers(&entry["out"][format!("{reduction}/{dtype}")][key]);
            let (value, mut gradient) = value_and_gradient::<f64>(&ours, &output, &target);
            if through {
                for ((d, x), o) in gradient.chunks_exact_mut(4).zip(x.chunks_exact(4)).zip(output.chunks_exact(4)) {
                    let mut dx = x.to_vec();
                    let sum: f64 = d.iter().sum();
                    dx.iter_mut().zip(&*d).zip(o).for_each(|((dx, d), o)| *dx = d - o.exp() * sum);
                    d.copy_from_slice(&dx);
                }
            }
            let what = format!("{name}, {reduction}");
            // Sums of twelve terms of which the largest are tens (BCE's logarithm is clamped at 100).
            assert_close(&what, &[value], &theirs("float64", "value"), 1e-14);
            let scale = theirs("float64", "grad").iter().fold(1.0f64, |m, g| m.max(g.abs()));
            assert_close(&format!("∂{what}"), &gradient, &theirs("float64", "grad"), FLOAT64 * 2.0 * scale);

            if !through {
                let (value, gradient) = value_and_gradient::<f32>(&ours, &output, &target);
                let gradient: Vec<f64> = gradient.into_iter().map(f64::from).collect();
                let size = theirs("float32", "value")[0].abs().max(1.0);
                assert_close(&what, &[f64::from(value)], &theirs("float32", "value"), FLOAT32 * size);
                assert_close(&format!("∂{what}"), &gradient, &theirs("float32", "grad"), FLOAT32 * scale);
            }
        }
    }
}

/// Gradients of whole networks, every parameter, to a few roundings of the largest.
#[test]
fn parameter_gradients_are_pytorchs() {
    for entry in golden("torch_gradients.json")["networks"].as_array().unwrap() {
        let sizes: Vec<usize> = numbers(&entry["sizes"]).iter().map(|&n| n as usize).collect();
        let activation = match entry["activation"].as_str().unwrap() {
            "Tanh" => Activation::TANH,
            "Sigmoid" => Activation::SIGMOID,
            "ReLU" => Activation::RELU,
            "GELU" => Activation::GELU,
            other => panic!("{other}"),
        };
        let loss = Loss::all().into_iter().find(|l| l.name() == entry["loss"]).unwrap();
        let last = sizes.len() - 2;
        let layers = sizes[1..].iter().enumerate();
        let network = layers.fold(Network::new(sizes[0]), |network, (l, &size)| {
            let activation = if l == last { Activation::IDENTITY } else { activation };
            network.linear(size, entry["bias"].as_bool().unwrap(), activation)
        });
        let outputs = sizes[last + 1];
        let mut y = numbers(&entry["y"]);
        if loss.wants_classes() {
            y = y.iter().flat_map(|&class| (0..outputs).map(move |i| f64::from(u8::from(i as f64 == class)))).collect();
        }
        let mut model = Model::new(network, numbers(&entry["parameters"])).unwrap();
        model.forward(&numbers(&entry["x"]));
        let value = model.backward(&loss, &y);
        assert_close(loss.name(), &[value], &[crate::common::number(&entry["loss_value"])], FLOAT64);
        assert_close(&format!("∂{}", loss.name()), model.gradients(), &numbers(&entry["gradients"]), FLOAT64);
    }
}

/// f(w) = Σ cᵢ·(wᵢ − tᵢ)², ten steps from 0, as the reference does it.
#[test]
fn optimizers_walk_as_pytorchs() {
    let runs = &golden("torch_methods.json")["optimizers"]["runs"];
    for (name, settings) in [
        ("SGD(lr=0.02)", "name = 'sgd', lr = 0.02"),
        ("SGD(lr=0.02,momentum=0.9)", "name = 'sgd', lr = 0.02, momentum = 0.9"),
        ("SGD(lr=0.02,momentum=0.9,nesterov)", "name = 'sgd', lr = 0.02, momentum = 0.9, nesterov = true"),
        ("SGD(lr=0.02,weight_decay=0.1)", "name = 'sgd', lr = 0.02, weight_decay = 0.1"),
        ("SGD(lr=0.02,momentum=0.9,weight_decay=0.1)", "name = 'sgd', lr = 0.02, momentum = 0.9, weight_decay = 0.1"),
        ("SGD(lr=0.02,momentum=0.9,dampening=0.5)", "name = 'sgd', lr = 0.02, momentum = 0.9, dampening = 0.5"),
        ("Adam(lr=0.1)", "name = 'adam', lr = 0.1"),
        ("Adam(lr=0.1,weight_decay=0.1)", "name = 'adam', lr = 0.1, weight_decay = 0.1"),
        ("Adam(lr=0.1,amsgrad)", "name = 'adam', lr = 0.1, amsgrad = true"),
        ("Adam(lr=0.1,betas=(0.8,0.95),eps=1e-6)", "name = 'adam', lr = 0.1, betas = [0.8, 0.95], eps = 1e-6"),
        ("AdamW(lr=0.1,weight_decay=0.1)", "name = 'adamw', lr = 0.1, weight_decay = 0.1"),
        ("AdamW(lr=0.1)", "name = 'adamw', lr = 0.1"),
        ("RMSprop(lr=0.01)", "name = 'rmsprop', lr = 0.01"),
        ("RMSprop(lr=0.01,momentum=0.9)", "name = 'rmsprop', lr = 0.01, momentum = 0.9"),
        ("RMSprop(lr=0.01,centered)", "name = 'rmsprop', lr = 0.01, centered = true"),
        ("Adagrad(lr=0.1)", "name = 'adagrad', lr = 0.1"),
        (
            "Adagrad(lr=0.1,lr_decay=0.1,initial_accumulator_value=0.5)",
            "name = 'adagrad', lr = 0.1, lr_decay = 0.1, initial_accumulator_value = 0.5",
        ),
        ("Adadelta(lr=1.0)", "name = 'adadelta'"),
        ("Adadelta(lr=0.5,rho=0.8)", "name = 'adadelta', lr = 0.5, rho = 0.8"),
        ("NAdam(lr=0.1)", "name = 'nadam', lr = 0.1"),
        ("NAdam(lr=0.1,weight_decay=0.1)", "name = 'nadam', lr = 0.1, weight_decay = 0.1"),
        ("RAdam(lr=0.1)", "name = 'radam', lr = 0.1"),
        ("RAdam(lr=0.1,weight_decay=0.1)", "name = 'radam', lr = 0.1, weight_decay = 0.1"),
    ] {
        let settings = [format!("optimizer={{ {settings} }}")];
        let optimizer = Experiment::built_in("xor").unwrap().with(&settings).unwrap().optimizer;
        let mut state = optimizer.state(3);
        let mut w = [0.0; 3];
        for (step, theirs) in runs[name].as_array().unwrap().iter().enumerate() {
            let (target, scale) = ([1.0, -2.0, 3.0], [1.0, 10.0, 0.1]);
            let gradient: Vec<f64> = (0..3).map(|i| 2.0 * (w[i] - target[i]) * scale[i]).collect();
            optimizer.step(optimizer.hyper(), &mut w, &gradient, &mut state);
            assert_close(&format!("{name}, step {step}"), &w, &numbers(theirs), 1e-14);
        }
    }
}

/// A share of the gradient that is kept out of the velocity is nothing where there is no velocity.
#[test]
fn dampening_does_nothing_without_momentum() {
    let trained = |dampening: &str| {
        let settings = ["optimizer.momentum=0", "stop.epochs=50", dampening].map(String::from);
        let experiment = Experiment::built_in("xor-mse").unwrap().with(&settings).unwrap();
        let mut trainer = Trainer::<f32>::new(&experiment).unwrap();
        trainer.run(&mut ()).unwrap();
        trainer.model().parameters().to_vec()
    };
    assert_eq!(trained("optimizer.dampening=0.5"), trained("optimizer.dampening=0"));
}

/// The same with what a schedule says, and what is remembered in the end. Where the momentum ends at 0 a velocity may be left over
/// that PyTorch does not have: nothing asks for it.
#[test]
fn optimizers_under_schedules_walk_as_pytorchs() {
    for walk in golden("torch_optimizers.json")["walks"].as_array().unwrap() {
        let settings = walk["settings"].as_str().unwrap();
        let experiment = Experiment::built_in("xor").unwrap().with(&[format!("optimizer={settings}")]).unwrap();
        let (optimizer, mut w) = (experiment.optimizer, [0.0; 3]);
        let mut state = optimizer.state(3);
        let hypers = walk["hyper"].as_array().unwrap();
        for (step, (hyper, theirs)) in hypers.iter().zip(walk["w"].as_array().unwrap()).enumerate() {
            let (target, scale) = ([1.0, -2.0, 3.0], [1.0, 10.0, 0.1]);
            let gradient: Vec<f64> = (0..3).map(|i| 2.0 * (w[i] - target[i]) * scale[i]).collect();
            let hyper = Hyper { lr: hyper[0].as_f64().unwrap(), momentum: hyper[1].as_f64() };
            optimizer.step(hyper, &mut w, &gradient, &mut state);
            assert_close(&format!("{settings}, step {step}"), &w, &numbers(theirs), 1e-13);
        }
        for (name, ours) in optimizer.buffers().iter().zip(state.buffers()) {
            if let Some(theirs) = walk["state"].get(name) {
                let theirs = numbers(theirs);
                let size = theirs.iter().fold(1.0f64, |m, v| m.max(v.abs()));
                assert_close(&format!("{settings}, {name}"), ours, &theirs, 1e-13 * size);
            }
        }
    }
}

#[test]
fn clipping_by_norm_is_pytorchs() {
    let golden = &golden("torch_methods.json")["clip"]["clip_grad_norm_(1.5)"];
    let flat = |key: &str| golden[key].as_array().unwrap().iter().flat_map(numbers).collect::<Vec<_>>();
    let mut gradients = flat("grads_in");
    Clip::Norm { max: 1.5 }.apply(&mut gradients);
    assert_close("clip_grad_norm_", &gradients, &flat("grads_out"), FLOAT64);
    let mut gradients = [0.5, -3.0, 2.0];
    Clip::Value { max: 1.0 }.apply(&mut gradients);
    assert_eq!(gradients, [0.5, -1.0, 1.0]);
}

/// Learning rates (and momenta) of 30 steps. The reference multiplies from step to step, we compute each anew: the rounding
/// of 30 products.
#[test]
fn schedules_are_pytorchs() {
    let golden = &golden("torch_methods.json")["schedulers"];
    let cyclic =
        "base_lr = 0.001, max_lr = 0.1, step_size_up = 4, step_size_down = 6, base_momentum = 0.8, max_momentum = 0.95";
    for (name, settings) in [
        ("StepLR", "name = 'step_lr', step_size = 7, gamma = 0.5".to_string()),
        ("MultiStepLR", "name = 'multi_step_lr', milestones = [3, 10, 20], gamma = 0.3".into()),
        ("ExponentialLR", "name = 'exponential_lr', gamma = 0.9".into()),
        ("CosineAnnealingLR", "name = 'cosine_annealing_lr', t_max = 10, eta_min = 0.001".into()),
        (
            "CosineAnnealingWarmRestarts",
            "name = 'cosine_annealing_warm_restarts', t_0 = 5, t_mult = 2, eta_min = 0.001".into(),
        ),
        ("CyclicLR/triangular", format!("name = 'cyclic_lr', {cyclic}")),
        ("CyclicLR/triangular2", format!("name = 'cyclic_lr', mode = 'triangular2', {cyclic}")),
        ("OneCycleLR", "name = 'one_cycle_lr', max_lr = 0.1, total_steps = 31".into()),
        (
            "OneCycleLR/linear",
            "name = 'one_cycle_lr', max_lr = 0.1, total_steps = 31, pct_start = 0.4, anneal_strategy = 'linear', \
             div_factor = 10, final_div_factor = 100"
                .into(),
        ),
        (
            "ReduceLROnPlateau",
            "name = 'reduce_lr_on_plateau', factor = 0.5, patience = 2, cooldown = 1, min_lr = 0.001".into(),
        ),
        ("LinearLR", "name = 'linear_lr', total_iters = 8".into()),
        ("ConstantLR", "name = 'piecewise', starts = [0, 5], factors = [0.25, 1]".into()),
        ("PolynomialLR", "name = 'polynomial_lr', total_iters = 20, power = 2".into()),
    ] {
        let settings = [
            format!("schedule={{ {settings} }}"),
            "optimizer={ name = 'sgd', lr = 0.1, momentum = 0.9 }".into(),
            "stop.epochs=1".into(),
        ];
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let (schedule, base) = (experiment.schedule.unwrap(), experiment.optimizer.hyper());
        let metrics = golden[name].get("metrics").map(numbers).unwrap_or(vec![0.0; 30]);
        let mut progress = schedule.start(base);
        let (mut lr, mut momentum) = (vec![], vec![]);
        for metric in metrics {
            lr.push(progress.hyper().lr);
            momentum.push(progress.hyper().momentum.unwrap());
            schedule.advance(&mut progress, base, metric);
        }
        assert_close(name, &lr, &numbers(&golden[name]["lr"]), 1e-15);
        if let Some(theirs) = golden[name].get("momentum") {
            assert_close(&format!("{name}, momentum"), &momentum, &numbers(theirs), 1e-15);
        }
        assert_close(name, &[progress.hyper().lr], &[crate::common::number(&golden[name]["final_lr"])], 1e-15);
    }
}

/// The modes that the reference lacks, in numbers printed by PyTorch 2.15.0.
#[test]
fn other_modes_of_schedules_are_pytorchs() {
    let golden = golden("torch_gradients.json");
    for (name, settings) in [
        (
            "CyclicLR/exp_range",
            "name = 'cyclic_lr', mode = 'exp_range', gamma = 0.97, base_lr = 0.001, max_lr = 0.1, step_size_up = 4, \
             step_size_down = 6, base_momentum = 0.8, max_momentum = 0.95",
        ),
        ("OneCycleLR/three_phase", "name = 'one_cycle_lr', max_lr = 0.1, total_steps = 31, three_phase = true"),
        (
            "ReduceLROnPlateau/max_abs",
            "name = 'reduce_lr_on_plateau', mode = 'max', factor = 0.3, patience = 1, threshold = 0.05, \
             threshold_mode = 'abs'",
        ),
        (
            "ReduceLROnPlateau/max_abs, rising",
            "name = 'reduce_lr_on_plateau', mode = 'max', factor = 0.3, patience = 1, threshold = 0.05, \
             threshold_mode = 'abs'",
        ),
        (
            "ReduceLROnPlateau/max_rel",
            "name = 'reduce_lr_on_plateau', mode = 'max', factor = 0.5, patience = 2, threshold = 0.1, cooldown = 1, \
             min_lr = 0.001",
        ),
        (
            "ReduceLROnPlateau/min_abs",
            "name = 'reduce_lr_on_plateau', factor = 0.3, patience = 1, threshold = 0.05, threshold_mode = 'abs'",
        ),
    ] {
        let optimizer = "optimizer={ name = 'sgd', lr = 0.1, momentum = 0.9 }".to_string();
        let settings = [format!("schedule={{ {settings} }}"), optimizer, "stop.epochs=1".into()];
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let (schedule, base) = (experiment.schedule.unwrap(), experiment.optimizer.hyper());
        let mut progress = schedule.start(base);
        let (mut lr, mut momentum) = (vec![], vec![]);
        let golden = &golden["schedules"][name];
        for metric in golden.get("metrics").map(numbers).unwrap_or(vec![0.0; 30]) {
            lr.push(progress.hyper().lr);
            momentum.push(progress.hyper().momentum.unwrap());
            schedule.advance(&mut progress, base, metric);
        }
        assert_close(name, &lr, &numbers(&golden["lr"]), 1e-15);
        assert_close(name, &momentum, &numbers(&golden["momentum"]), 1e-15);
    }
}

/// A factor, one schedule after the other, and several at once, over 40 epochs.
#[test]
fn schedules_with_parts_are_pytorchs() {
    for run in golden("torch_optimizers.json")["schedules"].as_array().unwrap() {
        let settings = run["settings"].as_str().unwrap();
        let settings = [format!("schedule={settings}"), "optimizer={ name = 'sgd', lr = 0.1 }".into()];
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let (schedule, base) = (experiment.schedule.unwrap(), experiment.optimizer.hyper());
        let mut progress = schedule.start(base);
        for (t, theirs) in numbers(&run["lr"]).into_iter().enumerate() {
            assert_close(&format!("{}, epoch {t}", settings[0]), &[progress.hyper().lr], &[theirs], 1e-14);
            schedule.advance(&mut progress, base, 1.0);
        }
    }
}

/// Settings with which a schedule would divide by nothing, and parts that can't be parts, by their place.
#[test]
fn schedules_that_mean_nothing_are_refused() {
    let linear = "{ name = 'linear_lr' }";
    for (schedule, message) in [
        (
            "{ name = 'one_cycle_lr', max_lr = 0.1, total_steps = 40000, pct_start = 0.000025 }".to_string(),
            "schedule.pct_start: expected a way up of more or less than 1 step, got 0.000025 of 40000 steps",
        ),
        (
            "{ name = 'one_cycle_lr', max_lr = 0.1, total_steps = 10000, pct_start = 0.0001, three_phase = true }"
                .into(),
            "schedule.pct_start: expected a way up of more or less than 1 step, got 0.0001 of 10000 steps",
        ),
        ("{ name = 'constant_lr', factor = 0 }".into(), "schedule.factor: expected more than 0, got 0"),
        ("{ name = 'chained', schedules = [] }".into(), "schedule.schedules: expected at least one schedule, got none"),
        (
            format!("{{ name = 'chained', schedules = [{linear}, {{ name = 'step_lr', step_size = 0 }}] }}"),
            "schedule.schedules.1.step_size: expected at least 1, got 0",
        ),
        (
            format!(
                "{{ name = 'chained', schedules = [{linear}, {{ name = 'piecewise', starts = [], factors = [] }}] }}"
            ),
            "schedule.schedules.1: expected a schedule that changes the learning rate as it is, such as step_lr or \
             linear_lr, got `piecewise`",
        ),
        (
            format!("{{ name = 'sequential', schedules = [{linear}, 'reduce_lr_on_plateau'], milestones = [3] }}"),
            "schedule.schedules.1: expected a schedule that counts epochs, does not watch the loss and has no parts itself, \
             got `reduce_lr_on_plateau`",
        ),
        (
            format!("{{ name = 'sequential', schedules = [{linear}, {linear}], milestones = [] }}"),
            "schedule.milestones: expected 1, one fewer than schedules, got 0",
        ),
        (
            format!("{{ name = 'sequential', schedules = [{linear}, {linear}, {linear}], milestones = [4, 4] }}"),
            "schedule.milestones: expected epochs in rising order, got 4 after 4",
        ),
        (
            format!("{{ name = 'sequential', schedules = [{linear}, {linear}], milestones = [0] }}"),
            "schedule.milestones.0: expected at least 1, got 0",
        ),
    ] {
        let error = Experiment::built_in("xor").unwrap().with(&[format!("schedule={schedule}")]).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}
