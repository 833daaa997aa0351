//! The two random streams against numbers that PyTorch 2.15.0 and NumPy 2.4.6 printed. Equality is exact.

use crate::common::{golden, numbers};
use neuronlab::Experiment;
use neuronlab::nn::Init;
use neuronlab::random::{NumpyRng, TorchReal, TorchRng};
use neuronlab::scalar::Real;

/// Seed 7, as in the reference.
fn drawn<T: Real + TorchReal>(count: usize, fill: impl Fn(&mut TorchRng, &mut [T])) -> Vec<f64> {
    let mut values = vec![T::default(); count];
    fill(&mut TorchRng::new(7), &mut values);
    values.iter().map(|v| v.to_f64()).collect()
}

/// The scheme that an experiment file calls so.
fn init(text: &str) -> Init {
    Experiment::built_in("xor").unwrap().with(&[format!("init={text}")]).unwrap().init
}

/// Every scheme of the reference, exactly.
#[test]
fn float32_tensors_are_pytorchs() {
    let reference = &golden("torch_streams.json")["init"];

    for (name, scheme) in [
        ("uniform_(0,1)", "uniform"),
        ("uniform_(-0.5,2)", "{ name = 'uniform', low = -0.5, high = 2 }"),
        ("normal_(0,1)", "normal"),
        ("xavier_uniform_", "xavier_uniform"),
        ("xavier_normal_", "xavier_normal"),
        ("kaiming_uniform_(a=sqrt5)", "default"),
        ("kaiming_uniform_(a=sqrt5)", "{ name = 'kaiming_uniform', a = 2.23606797749979 }"),
        ("kaiming_uniform_()", "kaiming_uniform"),
        ("kaiming_normal_()", "kaiming_normal"),
        ("kaiming_normal_(tanh)", "{ name = 'kaiming_normal', nonlinearity = 'tanh' }"),
        ("orthogonal_", "orthogonal"),
        ("trunc_normal_", "trunc_normal"),
        ("trunc_normal_(0,0.5,-0.6,0.8)", "{ name = 'trunc_normal', std = 0.5, a = -0.6, b = 0.8 }"),
    ] {
        let init = init(scheme);
        for (shape, entry) in reference[name].as_object().unwrap() {
            let sizes: Vec<usize> = numbers(&entry["shape"]).iter().map(|&n| n as usize).collect();
            let ours = drawn::<f32>(sizes.iter().product(), |rng, values| init.fill_weight(rng, values, &sizes));
            assert_eq!(ours, numbers(&entry["hex"]), "{name} {shape}");
        }
    }
}

#[test]
fn float64_tensors_are_pytorchs() {
    let reference = &golden("torch_streams.json")["init_float64"];
    // PyTorch uses the platform's log1p, cos and sin, which are not correctly rounded; nor are ours.
    for (name, scheme, tolerance) in [
        ("uniform_(0,1)", "uniform", 0.0),
        ("normal_(0,1)", "normal", 1e-15),
        ("xavier_normal_", "xavier_normal", 1e-15),
    ] {
        let init = init(scheme);
        for (shape, entry) in reference[name].as_object().unwrap() {
            let sizes: Vec<usize> = numbers(&entry["shape"]).iter().map(|&n| n as usize).collect();
            let ours = drawn::<f64>(sizes.iter().product(), |rng, values| init.fill_weight(rng, values, &sizes));
            crate::common::assert_close(&format!("{name} {shape}"), &ours, &numbers(&entry["hex"]), tolerance);
        }
    }
}

/// Printed by PyTorch 2.15.0 after `torch.manual_seed(7)`: `Conv2d(3, 2, 2)`, `kaiming_uniform_` of its weight with
/// `mode="fan_out", nonlinearity="relu"`, and `trunc_normal_(empty(6), 0, 1, 1.5, 3)`, which is drawn by another method.
#[test]
fn convolutions_and_far_ends_are_pytorchs() {
    let shape = [2, 3, 2, 2];
    let mut rng = TorchRng::new(7);
    let (mut weight, mut bias) = ([0f32; 24], [0f32; 2]);
    Init::Default.fill_weight(&mut rng, &mut weight, &shape);
    Init::Default.fill_bias(&mut rng, &mut bias, &shape);
    let wide = |values: &[f32]| values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    let theirs = |hex: &[&str]| numbers(&serde_json::json!(hex));
    assert_eq!(wide(&weight[..3]), theirs(&["0x1.4a57d00000000p-6", "-0x1.64239e0000000p-3", "0x1.7882100000000p-4"]));
    assert_eq!(wide(&bias), theirs(&["0x1.8bf7b20000000p-7", "0x1.b8f3860000000p-5"]));

    let fan_out = init("{ name = 'kaiming_uniform', mode = 'fan_out', nonlinearity = 'relu' }");
    let ours = drawn::<f32>(24, |rng, v| fan_out.fill_weight(rng, v, &shape));
    assert_eq!(ours[..2], theirs(&["0x1.ef83b80000000p-5", "-0x1.0b1ab60000000p-1"]));

    let far = init("{ name = 'trunc_normal', a = 1.5, b = 3 }");
    let ours = drawn::<f32>(6, |rng, v| far.fill_weight(rng, v, &[2, 3]));
    let far = [
        "0x1.26b4840000000p+1",
        "0x1.cf3a060000000p+0",
        "0x1.a316ce0000000p+0",
        "0x1.cafaa80000000p+0",
        "0x1.2556840000000p+1",
        "0x1.9c0d4c0000000p+0",
    ];
    assert_eq!(ours, theirs(&far));
}

/// More shapes and gains. Larger matrices and float64 are the exact factor rounded once, and PyTorch's is off by roundings.
#[test]
fn orthogonal_tensors_are_pytorchs() {
    for entry in golden("torch_gradients.json")["orthogonal"].as_array().unwrap() {
        let shape: Vec<usize> = numbers(&entry["shape"]).iter().map(|&n| n as usize).collect();
        let init = init(&format!("{{ name = 'orthogonal', gain = {} }}", entry["gain"]));
        let (elements, theirs, what) = (shape.iter().product(), numbers(&entry["hex"]), format!("{shape:?}"));
        if entry["dtype"] == "float64" {
            let ours = drawn::<f64>(elements, |rng, v| init.fill_weight(rng, v, &shape));
            crate::common::assert_close(&what, &ours, &theirs, 2e-15);
        } else {
            let tolerance = if shape.iter().all(|&n| n <= 20) { 0.0 } else { 2e-7 };
            let ours = drawn::<f32>(elements, |rng, v| init.fill_weight(rng, v, &shape));
            crate::common::assert_close(&what, &ours, &theirs, tolerance);
        }
    }
}

/// Orthonormal to rounding, whichever side is longer.
#[test]
fn orthogonal_tensors_are_orthogonal() {
    for (rows, columns) in [(5, 3), (3, 5), (4, 4)] {
        let values = drawn::<f64>(rows * columns, |rng, v| init("orthogonal").fill_weight(rng, v, &[rows, columns]));
        let (count, length) = (rows.min(columns), rows.max(columns));
        let at = |vector: usize, i: usize| {
            if rows < columns { values[vector * columns + i] } else { values[i * columns + vector] }
        };
        for a in 0..count {
            for b in 0..count {
                let dot: f64 = (0..length).map(|i| at(a, i) * at(b, i)).sum();
                assert!((dot - f64::from(u8::from(a == b))).abs() < 1e-15, "{rows}x{columns}: {a}, {b}: {dot}");
            }
        }
    }
}

/// PyTorch fuses the last step, scaling and shift, in float64 too.
#[test]
fn float64_draws_with_bounds_and_deviations_are_pytorchs() {
    let reference = &golden("torch_gradients.json")["float64"];
    for count in [10, 64] {
        let uniform = drawn::<f64>(count, |rng, v| rng.uniform(v, -0.7, 0.3));
        assert_eq!(uniform, numbers(&reference[format!("uniform_(-0.7,0.3) {count}")]), "uniform, {count}");
        let normal = drawn::<f64>(count, |rng, v| rng.normal(v, 0.1, 0.3));
        // The platform's log1p, cos and sin, which PyTorch uses, are not correctly rounded; nor are ours.
        crate::common::assert_close(
            "normal",
            &normal,
            &numbers(&reference[format!("normal_(0.1,0.3) {count}")]),
            2.3e-16,
        );
    }
}

/// PyTorch 2.15.0: `torch.randn(3)`, then `torch.randn(4)`. Three numbers use up one and a half pairs of Box and Muller;
/// the half that is left is the first of the four.
const RANDN_3_THEN_4: [&str; 7] = [
    "-0x1.2ca2e80000000p-3",
    "0x1.92811c0000000p-1",
    "0x1.e4c5ce0000000p-1",
    "-0x1.1d45a60000000p+0",
    "0x1.b0d7a00000000p+0",
    "-0x1.ca26e20000000p-1",
    "-0x1.6c28f80000000p-2",
];

/// PyTorch 2.15.0: `torch.manual_seed(345)`, then `torch.randn(44)[39]`. One number in a thousand shows which product of the
/// cosine's polynomial is fused.
#[test]
fn fused_cosines_are_pytorchs() {
    let mut values = [0f32; 44];
    TorchRng::new(345).normal(&mut values, 0.0, 1.0);
    assert_eq!([f64::from(values[39])], numbers(&serde_json::json!(["-0x1.88b7ea0000000p-1"]))[..]);
}

#[test]
fn raw_draws_are_pytorchs() {
    let reference = &golden("torch_streams.json")["rng"];
    let theirs = |name: &str| numbers(&reference[name]["hex"]);
    assert_eq!(drawn::<f32>(5, |rng, v| rng.uniform(v, 0.0, 1.0)), theirs("rand(5)"));
    for n in [5, 16, 17] {
        assert_eq!(drawn::<f32>(n, |rng, v| rng.normal(v, 0.0, 1.0)), theirs(&format!("randn({n})")), "randn({n})");
    }
    assert_eq!(drawn::<f64>(5, |rng, v| rng.uniform(v, 0.0, 1.0)), theirs("rand(5,float64)"));
    let two = drawn::<f32>(7, |rng, v| {
        rng.normal(&mut v[..3], 0.0, 1.0);
        rng.normal(&mut v[3..], 0.0, 1.0);
    });
    assert_eq!(two, numbers(&serde_json::json!(RANDN_3_THEN_4)));
    let permutation: Vec<f64> = TorchRng::new(7).permutation(10).into_iter().map(f64::from).collect();
    assert_eq!(permutation, numbers(&reference["randperm(10)"]));
}

/// Printed by PyTorch 2.15.0: `DataLoader(TensorDataset(torch.arange(10)), batch_size=4, shuffle=True)` after
/// `torch.manual_seed(7)`, three epochs, then `torch.rand(2)`.
#[test]
fn shuffled_epochs_are_those_of_a_data_loader() {
    let epochs = [[3, 2, 7, 8, 6, 1, 5, 9, 0, 4], [1, 3, 5, 2, 8, 9, 6, 7, 4, 0], [9, 2, 7, 1, 6, 0, 3, 5, 4, 8]];
    let mut rng = TorchRng::new(7);
    for epoch in epochs {
        let mut order = [0; 10];
        rng.loader_permutation(&mut order);
        assert_eq!(order, epoch);
    }
    let mut after = [0f32; 2];
    rng.uniform(&mut after, 0.0, 1.0);
    assert_eq!(after.map(f64::from), [0.286_839_008_331_298_83, 0.206_319_391_727_447_5]);
}

#[test]
fn numpys_integers_are_numpys() {
    for (seed, draws) in golden("notebook_runs.json")["numpy_randint4_by_seed"].as_object().unwrap() {
        let mut rng = NumpyRng::new(seed.parse().unwrap());
        for (i, theirs) in numbers(draws).into_iter().enumerate() {
            assert_eq!(f64::from(rng.integer(4)), theirs, "seed {seed}, draw {i}");
        }
    }
}
