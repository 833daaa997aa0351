//! Lane k equals the run alone, whatever the instructions.

use super::block::Run;
use super::kind::Kind;
use super::outcome::Outcome;
use crate::experiment::Experiment;
use crate::nn::Activation;
use crate::optim::Optimizer;
use crate::random::{NumpyRng, TorchReal};
use crate::scalar::{Dtype, Real, Simd};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Trains `lanes` runs of each of the experiments side by side and alone.
fn assert_same<T: Real + TorchReal>(experiments: &[Experiment], each: u64) -> Vec<Outcome> {
    let shared: Vec<Arc<Experiment>> = experiments.iter().cloned().map(Arc::new).collect();
    // Neighbouring lanes have different settings.
    let run = |r: u64| shared.iter().map(move |e| Run { experiment: Arc::clone(e), offset: r });
    let runs: Vec<Run> = (0..each).flat_map(run).collect();
    let alone: Vec<Outcome> = runs.iter().map(|run| Outcome::alone(&run.complete()).unwrap()).collect();
    let kind = Kind { structure: experiments[0].structure(), runs, numbers: vec![] };
    for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
        let lanes = kind.train::<T>(simd, &|_| ControlFlow::Continue(())).unwrap().unwrap();
        assert_eq!(lanes, alone, "{} with {:?}", simd.name(), experiments[0].to_toml());
    }
    alone
}

fn check(base: &str, settings: &[&str], varied: &[&str], each: u64) -> Vec<Outcome> {
    let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
    let base = Experiment::built_in(base).unwrap().with(&settings).unwrap();
    let experiments: Vec<Experiment> = match varied {
        [] => vec![base],
        varied => varied.iter().map(|v| base.with(&[(*v).to_string()]).unwrap()).collect(),
    };
    let structure = experiments[0].structure();
    assert!(experiments.iter().all(|e| e.structure() == structure), "one structure");
    match experiments[0].dtype {
        Dtype::Float32 => assert_same::<f32>(&experiments, each),
        Dtype::Float64 => assert_same::<f64>(&experiments, each),
    }
}

#[test]
fn the_exercise() {
    check("xor", &["stop.epochs=300"], &[], 70);
}

#[test]
fn learning_rates_and_divergence() {
    let rates = ["optimizer.lr=0.001", "optimizer.lr=0.05", "optimizer.lr=1000", "optimizer.lr=1e30", "optimizer.lr=0"];
    check("xor-mse", &["stop.epochs=40"], &rates, 9);
    check("xor-mse", &["stop.epochs=40", "dtype=float64"], &["optimizer.lr=0.01", "optimizer.lr=1e200"], 9);
}

/// Runs that leave the finite numbers, early and late, with everything that remembers: the step is found, alone and side by side.
#[test]
fn the_step_of_divergence() {
    let adam = ["optimizer={name=\"adam\",lr=0.1}", "clip={name=\"norm\",max=1e30}", "stop.epochs=30"];
    let normed = ["network.layers.1.batch_norm={}", "batch={name=\"shuffle\",size=2}", "stop.epochs=60"];
    let scheduled = ["schedule={name=\"reduce_lr_on_plateau\",patience=1}", "stop.epochs=60"];
    let cases: [(&[&str], &[&str], u64); 4] = [
        (&["stop.epochs=600"], &["optimizer.lr=0.2", "optimizer.lr=0.25", "optimizer.lr=0.3", "optimizer.lr=5"], 9),
        (&adam, &["optimizer.lr=0.1", "optimizer.lr=1e37"], 35),
        (&normed, &["optimizer.lr=30", "optimizer.lr=1e20"], 20),
        (&scheduled, &["optimizer.lr=3", "optimizer.lr=50"], 20),
    ];
    // Finite to the last step, but what comes of the last parameters is not; and it is not right by chance.
    let relu = [0, 1, 2].map(|l| format!("network.layers.{l}.activation=relu"));
    let last = [&relu[0], &relu[1], &relu[2], "data=or", "stop.epochs=1", "batch=full"];
    let outcomes = check("xor-mse", &last, &["optimizer.lr=1e9", "optimizer.lr=1e20"], 60);
    assert!(outcomes.iter().any(|outcome| outcome.diverged == Some(1)), "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| outcome.error.is_none_or(f64::is_finite)), "{outcomes:?}");
    for (settings, varied, each) in cases {
        let outcomes = check("xor-mse", settings, varied, each);
        let steps: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.diverged).collect();
        assert!(steps.len() > 17 && steps.iter().min() < steps.iter().max(), "{settings:?}: {steps:?}");
    }
}

#[test]
fn initialisations() {
    let inits =
        ["init=zeros", "init=default", "init=orthogonal", "init={name=\"trunc_normal\"}", "network.layers.1.init=ones"];
    check("xor", &["stop.epochs=40"], &inits, 4);
}

#[test]
fn every_optimizer() {
    for optimizer in Optimizer::all() {
        let rates = ["optimizer.lr=0.001", "optimizer.lr=0.03", "stop.epochs=17"];
        let optimizer = format!("optimizer={}", optimizer.key());
        check("xor", &["stop.epochs=25", &optimizer], &rates, 4);
        check("xor", &["stop.epochs=25", &optimizer, "optimizer.maximize=true", "dtype=float64"], &rates, 4);
    }
    let flags = "optimizer={name=\"sgd\",lr=0.01,momentum=0.5,nesterov=true,weight_decay=0.1}";
    check("xor", &["stop.epochs=25", flags], &["optimizer.momentum=0.9", "optimizer.weight_decay=0.3"], 4);
    let flags = "optimizer={name=\"adam\",amsgrad=true,weight_decay=0.01}";
    check("xor", &["stop.epochs=25", flags], &["optimizer.betas=[0.8,0.9]", "optimizer.eps=0.1"], 4);
    for key in ["nadam", "radam"] {
        let flags = format!("optimizer={{name=\"{key}\",weight_decay=0.1,decoupled_weight_decay=true}}");
        check("xor", &["stop.epochs=25", &flags], &["optimizer.lr=0.1", "optimizer.weight_decay=0.5"], 4);
    }
    let flags = "optimizer={name=\"asgd\",lr=0.1,weight_decay=0.1}";
    check("xor", &["stop.epochs=25", flags], &["optimizer.lambd=0.1", "optimizer.alpha=2", "optimizer.t0=3"], 4);
    let varied = ["optimizer.etas=[0.3,2]", "optimizer.step_sizes=[0.001,0.02]", "optimizer.lr=0.1"];
    check("xor", &["stop.epochs=25", "optimizer=rprop"], &varied, 4);
}

/// Lanes whose momentum comes to 0 and back, at different steps, beside lanes whose momentum does not.
#[test]
fn momentum_that_comes_to_0() {
    let cycle = "schedule={name=\"cyclic_lr\",base_lr=0.01,max_lr=0.1,step_size_up=3,base_momentum=0}";
    let varied = ["schedule.max_momentum=0.5", "schedule.base_momentum=0.3", "schedule.step_size_up=4"];
    for optimizer in [
        "{name=\"sgd\",momentum=0.9,dampening=0.3}",
        "{name=\"sgd\",momentum=0.9,nesterov=true,maximize=true,weight_decay=0.01}",
        "{name=\"rmsprop\",momentum=0.9}",
    ] {
        check("xor", &["stop.epochs=25", &format!("optimizer={optimizer}"), cycle], &varied, 4);
        check("xor", &["stop.epochs=25", &format!("optimizer={optimizer}"), cycle], &[], 18);
    }
}

#[test]
fn every_loss_and_activation() {
    for key in ["l1", "mse", "smooth_l1", "huber", "bce_with_logits"] {
        check("xor", &["stop.epochs=20", &format!("loss={key}")], &[], 18);
    }
    check("xor", &["stop.epochs=20", "loss=bce", "network.layers.3.activation=sigmoid"], &[], 18);
    for loss in ["loss=cross_entropy", "loss=nll"] {
        let outputs = ["network.layers.3.out_features=2", "network.layers.3.activation=log_softmax"];
        check("xor", &["stop.epochs=20", outputs[0], outputs[1], loss], &[], 18);
    }
    for activation in Activation::all() {
        let activation = format!("network.layers.1.activation={}", activation.key());
        check("xor", &["stop.epochs=20", &activation], &[], 18);
        check("xor", &["stop.epochs=9", &activation, "dtype=float64"], &[], 10);
    }
}

/// Numeric settings differ from lane to lane within a block.
#[test]
fn numbers_of_activations_losses_and_normalisation() {
    let activation = |settings: &str| format!("network.layers.1.activation={{{settings}}}");
    let loss = |settings: &str| format!("loss={{{settings}}}");
    let classes = ["network.layers.3.out_features=2", "stop.epochs=20", "loss=cross_entropy"];
    for (base, varied) in [
        ("name=\"leaky_relu\"", ["negative_slope=0.2", "negative_slope=1", "negative_slope=-0.5"]),
        ("name=\"elu\"", ["alpha=0.5", "alpha=2", "alpha=0"]),
        ("name=\"softplus\"", ["beta=3", "threshold=0.5", "beta=-1"]),
        ("name=\"celu\"", ["alpha=0.5", "alpha=2", "alpha=-1"]),
        ("name=\"softshrink\"", ["lambd=0.1", "lambd=0", "lambd=1"]),
        ("name=\"hardshrink\"", ["lambd=0.1", "lambd=0", "lambd=1"]),
        ("name=\"hardtanh\"", ["min_val=-0.1", "max_val=0.3", "max_val=4"]),
    ] {
        let varied = varied.map(|setting| activation(&format!("{base},{setting}")));
        let varied: Vec<&str> = varied.iter().map(String::as_str).collect();
        check("xor", &["stop.epochs=20", &activation(base)], &varied, 7);
        check("xor", &["stop.epochs=9", &activation(base), "dtype=float64"], &varied, 4);
    }
    // PReLU's slopes are learned: only what they start from differs, and is no number of the kernels.
    for (base, varied) in [
        ("name=\"prelu\"", ["init=0.5", "init=0", "init=-1"]),
        ("name=\"prelu\",num_parameters=4", ["init=0.5", "init=0", "init=-1"]),
    ] {
        let varied = varied.map(|setting| activation(&format!("{base},{setting}")));
        let varied: Vec<&str> = varied.iter().map(String::as_str).collect();
        let more = ["stop.epochs=20", "batch={name=\"shuffle\",size=3}", "network.layers.1.batch_norm={}"];
        check("xor", &[more[0], &activation(base)], &varied, 7);
        check("xor", &[more[0], more[1], "network.layers.1.bias=true", &activation(base)], &varied, 4);
        check("xor", &["stop.epochs=9", &activation(base), "dtype=float64", "optimizer=adamw"], &varied, 4);
        let full = ["batch=full", "regularization={l1=0.01,l2=0.1}", "network.layers.1.frozen=[\"weight\"]"];
        check("xor", &[more[0], more[2], full[0], full[1], full[2], &activation(base)], &varied, 4);
        check("xor", &[more[0], "network.layers.1.frozen=[\"prelu\"]", &activation(base)], &varied, 4);
    }
    for (base, varied) in [
        ("name=\"huber\"", ["delta=0.1", "delta=0.5"]),
        ("name=\"smooth_l1\"", ["beta=0.1", "beta=2"]),
        ("name=\"bce_with_logits\"", ["pos_weight=3", "pos_weight=0.2"]),
    ] {
        let varied = varied.map(|setting| loss(&format!("{base},{setting}")));
        let varied: Vec<&str> = varied.iter().map(String::as_str).collect();
        check("xor", &["stop.epochs=20", &loss(base)], &varied, 7);
    }
    check("xor", &classes, &["loss.label_smoothing=0.1", "loss.label_smoothing=0.4", "optimizer.lr=0.1"], 7);
    let normed = ["stop.epochs=20", "batch={name=\"shuffle\",size=2}", "network.layers.1.batch_norm={}"];
    let varied =
        ["network.layers.1.batch_norm.eps=0.1", "network.layers.1.batch_norm.momentum=0.5", "optimizer.lr=0.1"];
    check("xor", &normed, &varied, 7);
}

/// A table for the losses that want other targets than XOR has.
fn table(rows: &str, targets: &str) -> (tempfile::NamedTempFile, String) {
    let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(file.path(), rows).unwrap();
    let data = format!("data={{name=\"csv\",path={:?},targets=[{targets}]}}", file.path().display().to_string());
    (file, data)
}

/// Targets 1 and −1, counts, and numbers around a mean.
#[test]
fn losses_of_other_targets() {
    let (_signs, signs) = table("a,b,y\n0,0,-1\n0,1,1\n1,0,1\n1,1,-1\n", "\"y\"");
    let (_counts, counts) = table("a,b,y\n0,0,3\n0,1,0\n1,0,1\n1,1,7\n", "\"y\"");
    for (data, base, varied) in [
        (&signs, "name=\"soft_margin\"", ["reduction=\"mean\"", "reduction=\"mean\""]),
        (&signs, "name=\"hinge_embedding\"", ["margin=0.3", "margin=2"]),
        (&counts, "name=\"poisson_nll\"", ["eps=0.1", "eps=1e-3"]),
        (&counts, "name=\"gaussian_nll\"", ["var=0.4", "eps=2"]),
        (&counts, "name=\"gaussian_nll\",full=true", ["var=0.4", "eps=2"]),
    ] {
        let varied = varied.map(|setting| format!("loss={{{base},{setting}}}"));
        let varied: Vec<&str> = varied.iter().map(String::as_str).collect();
        check("xor", &["stop.epochs=20", data, &format!("loss={{{base}}}")], &varied, 7);
        check("xor", &["stop.epochs=9", data, &format!("loss={{{base}}}"), "dtype=float64"], &varied, 4);
    }
    let positive = ["network.layers.3.activation=softplus", "loss={name=\"poisson_nll\",log_input=false,full=true}"];
    check("xor", &["stop.epochs=20", &counts, positive[0], positive[1]], &[], 18);
}

/// Weights by class and by output, and samples that do not count, are common to all lanes; other settings are not.
#[test]
fn lists_of_losses() {
    let outputs = ["network.layers.3.out_features=2", "network.layers.3.activation=log_softmax", "stop.epochs=20"];
    let (_file, ignored) = table("a,b,y\n0,0,0\n0,1,1\n1,0,-1\n1,1,0\n", "\"y\"");
    let smoothed = ["loss.label_smoothing=0.1", "loss.label_smoothing=0.4"];
    for loss in ["weight=[0.5,2]", "ignore_index=1", "weight=[0.5,2],ignore_index=0"] {
        for (name, varied) in [("nll", &[][..]), ("cross_entropy", &smoothed[..])] {
            let loss = format!("loss={{name=\"{name}\",reduction=\"sum\",{loss}}}");
            check("xor", &[outputs[0], outputs[1], outputs[2], &loss], varied, 7);
        }
    }
    // Where a step has none that counts, the run is over, alone and side by side.
    let loss = "loss={name=\"cross_entropy\",ignore_index=-1,weight=[1,3]}";
    let three = "batch={name=\"with_replacement\",size=3}";
    check("xor", &[&ignored, outputs[0], outputs[2], loss, three], &smoothed, 9);
    let rates = ["optimizer.lr=0.1", "optimizer.lr=0.01"];
    let (_file, two) = table("a,b,p,q\n0,1,0.2,0.8\n1,0,0.6,0.4\n1,1,1,0\n-1,0.5,0.5,0.5\n", "\"p\",\"q\"");
    check("xor", &[&two, outputs[0], outputs[2], "loss={name=\"cross_entropy\",weight=[1,3]}"], &rates, 7);
    for loss in ["weight=[0.5,2]", "pos_weight=[3,0.2]", "weight=[0.5,2],pos_weight=2"] {
        let loss = format!("loss={{name=\"bce_with_logits\",{loss}}}");
        check("xor", &[&two, outputs[0], outputs[2], &loss], &rates, 7);
    }
    let bce = ["network.layers.3.activation=sigmoid", "loss={name=\"bce\",weight=[0.5,2]}"];
    check("xor", &[&two, outputs[0], outputs[2], bce[0], bce[1]], &rates, 7);
}

/// Plain SGD, which else follows each gradient at once, and others; and factors that differ from lane to lane.
#[test]
fn penalties_of_weights() {
    let settings = ["stop.epochs=30", "regularization={l1=0.001,l2=0.01}"];
    let varied = ["regularization.l1=0", "regularization.l2=0", "regularization={l1=0.1,l2=0.3}", "optimizer.lr=0.1"];
    check("xor", &settings, &varied, 7);
    check("xor", &[settings[0], settings[1], "dtype=float64"], &varied, 4);
    check("xor", &[settings[0], settings[1], "optimizer=adam", "clip={name=\"norm\",max=0.5}"], &varied, 7);
    check("xor", &[settings[0], "regularization={l1=0.01}", "stop.loss_below=0.3"], &["success.every=1"], 9);
}

/// Targets that are probabilities, for the loss that needs some.
#[test]
fn probabilities_as_targets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("points.csv");
    std::fs::write(&path, "a,b,p,q\n0,1,0.2,0.8\n1,0,0.6,0.4\n1,1,1,0\n-1,0.5,0.5,0.5\n").unwrap();
    let data = format!("data={{name=\"csv\",path={:?},targets=[\"p\",\"q\"]}}", path.display().to_string());
    let outputs = ["network.layers.3.out_features=2", "network.layers.3.activation=log_softmax"];
    for loss in ["loss=kl_div", "loss=cross_entropy", "loss={name=\"kl_div\",reduction=\"batchmean\"}"] {
        check("xor", &["stop.epochs=20", &data, outputs[0], outputs[1], loss], &[], 18);
    }
}

const SCHEDULES: [&str; 14] = [
    "{name=\"step_lr\",step_size=3}",
    "{name=\"multi_step_lr\",milestones=[2,5]}",
    "{name=\"exponential_lr\",gamma=0.9}",
    "{name=\"cosine_annealing_lr\",t_max=7}",
    "{name=\"cosine_annealing_warm_restarts\",t_0=3}",
    "{name=\"linear_lr\"}",
    "{name=\"polynomial_lr\",total_iters=5}",
    "{name=\"cyclic_lr\",base_lr=0.001,max_lr=0.1,step_size_up=5,cycle_momentum=false}",
    "{name=\"one_cycle_lr\",max_lr=0.1,total_steps=400,cycle_momentum=false}",
    "{name=\"reduce_lr_on_plateau\",patience=1,factor=0.5}",
    "{name=\"piecewise\",starts=[2,4],factors=[0.5,0.1]}",
    "{name=\"constant_lr\",total_iters=3}",
    "{name=\"sequential\",schedules=[\"linear_lr\",{name=\"cosine_annealing_lr\",t_max=6}],milestones=[4]}",
    "{name=\"chained\",schedules=[\"constant_lr\",{name=\"exponential_lr\",gamma=0.9}]}",
];

/// Whatever goes together in an experiment file.
#[test]
fn random_combinations() {
    let mut rng = NumpyRng::new(5);
    let activations: Vec<&str> = Activation::all().iter().map(Activation::key).collect();
    let optimizers = Optimizer::all();
    let optimizers: Vec<&str> = optimizers.iter().map(Optimizer::key).collect();
    let mut pick = |list: &[&str]| list[rng.integer(list.len() as u32) as usize].to_string();
    for _ in 0..80 {
        let settings = [
            "stop.epochs=12".into(),
            format!("dtype={}", pick(&["float32", "float32", "float64"])),
            format!("network.layers.0.activation={}", pick(&activations)),
            format!("network.layers.1.activation={}", pick(&activations)),
            format!("network.layers.2.bias={}", pick(&["true", "false"])),
            format!("loss={}", pick(&["l1", "mse", "smooth_l1", "huber", "bce_with_logits"])),
            format!("optimizer={}", pick(&optimizers)),
            format!("optimizer.maximize={}", pick(&["false", "false", "true"])),
            format!("schedule={}", pick(&SCHEDULES)),
            format!("batch={}", pick(&["shuffle", "in_order", "full", "{name=\"with_replacement\",size=3}"])),
            format!("init={}", pick(&["normal", "default", "kaiming_normal", "orthogonal", "trunc_normal"])),
            pick(&["clip={name=\"norm\",max=1}", "clip={name=\"value\",max=0.2}", "stop.patience=4"]),
        ];
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        check("xor", &settings, &["optimizer.lr=0.01", "optimizer.lr=0.3", "stop.epochs=5"], 2);
    }
}

#[test]
fn schedules_and_stop_rules() {
    for schedule in SCHEDULES {
        let schedule = format!("schedule={schedule}");
        check("xor", &["stop.epochs=30", &schedule], &["optimizer.lr=0.01", "optimizer.lr=0.1"], 9);
    }
    let cycle = "schedule={name=\"one_cycle_lr\",max_lr=0.1,total_steps=120}";
    check("xor", &["stop.epochs=30", cycle], &["schedule.max_lr=0.01", "schedule.max_lr=0.2"], 9);
    let stops = ["stop.patience=3", "stop.loss_below=0.4", "stop.epochs=7", "success.every=1"];
    check("xor", &["stop.epochs=60"], &stops, 5);
}

#[test]
fn batches() {
    for batch in
        ["shuffle", "in_order", "full", "{name=\"with_replacement\",size=3}", "{name=\"list\",samples=[0,3,1]}"]
    {
        let batch = format!("batch={batch}");
        check(
            "xor",
            &["stop.epochs=30", &batch, "batch.size=3"][..if batch.contains("full") { 2 } else { 3 }],
            &[],
            18,
        );
    }
    let moons = ["data.samples=37", "stop.epochs=6", "batch={name=\"with_replacement\",size=5}", "split={test=0.2}"];
    check("moons", &moons, &[], 18);
    // Lanes do not look at held-back samples: such runs are trained alone.
    let watched = ["stop.monitor=held_back", "stop.patience=2", "stop.restore_best=true"];
    check("moons", &[&moons[..], &watched].concat(), &["optimizer.lr=0.01", "optimizer.lr=0.3"], 3);
}

/// Networks wide enough to fill vectors where they are trained alone: there the sums are made in another way than in lanes, and
/// everything else by packets of numbers that lie beside one another.
#[test]
fn wide_networks() {
    let wide = |more: &[&str]| {
        let settings = [
            "network=2-17-19-1",
            "data={name=\"moons\",samples=61}",
            "batch={name=\"shuffle\",size=23}",
            "stop.epochs=3",
        ];
        let settings: Vec<&str> = settings.iter().chain(more).copied().collect();
        check("xor", &settings, &["optimizer.lr=0.01", "optimizer.lr=0.05"], 1);
    };
    let rows: Vec<String> = (0..61).map(|i| format!("{},{},{}", i % 7, i % 5, i % 3)).collect();
    let (_file, classes) = table(&format!("a,b,class\n{}\n", rows.join("\n")), "\"class\"");
    for dtype in ["dtype=float32", "dtype=float64"] {
        for activation in Activation::all() {
            let of_layer = |l: usize| format!("network.layers.{l}.activation={}", activation.key());
            wide(&[&of_layer(0), &of_layer(1), dtype, "network.layers.1.bias=true"]);
        }
        for optimizer in Optimizer::all() {
            let optimizer = format!("optimizer={}", optimizer.key());
            wide(&[&optimizer, dtype, "optimizer.maximize=true"]);
            wide(&[&optimizer, dtype, "batch=full"]);
        }
        for loss in ["l1", "mse", "smooth_l1", "huber", "bce_with_logits"] {
            wide(&[&format!("loss={loss}"), dtype]);
        }
        for loss in ["cross_entropy", "{name=\"cross_entropy\",weight=[1,3,2],label_smoothing=0.1}", "nll"] {
            let last = "network.layers.2.activation=log_softmax";
            wide(&["network=2-17-19-3", &classes, &format!("loss={loss}"), last, dtype]);
        }
        let normed = ["network.layers.0.batch_norm={}", "network.layers.1.batch_norm={affine=false}"];
        wide(&[normed[0], normed[1], dtype, "regularization={l1=0.01,l2=0.02}", "clip={name=\"norm\",max=0.3}"]);
        // One row, few rows, and more rows and inputs than a block of the product has.
        for size in ["1", "2", "3"] {
            wide(&[&format!("batch.size={size}"), dtype, "network=2-40-30-1"]);
        }
        wide(&["data.samples=300", "batch=full", "network=2-5-270-1", dtype, "stop.epochs=2"]);
    }
}

#[test]
fn batch_norm_and_clipping() {
    let settings = [
        "stop.epochs=30",
        "batch={name=\"shuffle\",size=2}",
        "network.layers.1.batch_norm={}",
        "clip={name=\"norm\",max=1}",
    ];
    check("xor", &settings, &["clip.max=0.5", "clip.max=3"], 9);
    check("xor", &["stop.epochs=20", "clip={name=\"value\",max=0.1}", "dtype=float64"], &[], 18);
}

/// Each lane has the masks of its own stream, whatever decides the order of samples, and whatever the others' p is.
#[test]
fn dropout() {
    let shares = ["network.layers.1.dropout=0.5", "network.layers.1.dropout=0.1", "network.layers.1.dropout=1"];
    let dropped = ["network.layers.0.dropout=0.3", "network.layers.1.dropout=0.2", "stop.epochs=15"];
    for batch in
        ["shuffle", "in_order", "full", "{name=\"with_replacement\",size=3}", "{name=\"list\",samples=[0,3,1]}"]
    {
        let batch = format!("batch={batch}");
        check("xor", &[&dropped[..], &[&batch]].concat(), &shares, 7);
        let looked = ["success.every=2", "dtype=float64", "network.layers.2.activation=softmax"];
        check(
            "xor",
            &[&dropped[..], &[&batch], &looked].concat(),
            &["init=normal", "seed.discard=3", "optimizer.lr=1"],
            4,
        );
    }
    let normed = ["batch={name=\"shuffle\",size=3}", "data={name=\"parity\",bits=3}", "network.layers.1.batch_norm={}"];
    let more = ["network.layers.1.activation=prelu", "clip={name=\"norm\",max=1}", "regularization={l2=0.01}"];
    check("xor", &[&dropped[..], &["batch.size=3"], &normed[..1], &more].concat(), &shares, 4);
    check("xor", &[&dropped[..], &normed[1..], &["batch={name=\"shuffle\",size=2}"]].concat(), &shares, 4);
}

/// Frozen tensors keep what they were given or drew, also under a norm, weight decay and plain SGD.
#[test]
fn frozen_and_given_tensors() {
    let frozen =
        ["network.layers.0.frozen=[\"weight\"]", "network.layers.1.bias=true", "network.layers.1.frozen=[\"bias\"]"];
    let given = [
        "init={name=\"given\",values={\"lin2.bias\"=[1,2,3,4]}}",
        "init={name=\"given\",values={\"lin1.weight[0,1]\"=0.5}}",
        "init=normal",
    ];
    check("xor", &[&frozen[..], &["stop.epochs=9"]].concat(), &given, 9);
    let decayed = ["optimizer={name=\"adamw\",lr=0.1}", "clip={name=\"norm\",max=0.1}", "stop.epochs=9"];
    check("xor", &[&frozen[..], &decayed].concat(), &given, 9);
}
