//! The two random streams against numbers that PyTorch 2.15.0 and NumPy 2.4.6 printed. Equality is exact.

mod common;

use common::{golden, numbers};
use neuronlab::nn::{Init, Role};
use neuronlab::random::{NumpyRng, TorchReal, TorchRng};
use neuronlab::scalar::Real;
use serde_json::Value;

/// Seed 7, as in the reference.
fn drawn<T: Real + TorchReal>(count: usize, fill: impl Fn(&mut TorchRng, &mut [T])) -> Vec<f64> {
    let mut values = vec![T::default(); count];
    fill(&mut TorchRng::new(7), &mut values);
    values.iter().map(|v| v.to_f64()).collect()
}

fn each_shape(table: &Value, check: impl Fn(&str, usize, usize, Vec<f64>)) {
    for (shape, entry) in table.as_object().unwrap() {
        let sizes = numbers(&entry["shape"]);
        check(shape, sizes.iter().product::<f64>() as usize, sizes[1] as usize, numbers(&entry["hex"]));
    }
}

#[test]
fn float32_tensors_are_pytorchs() {
    let reference = &golden("torch_streams.json")["init"];
    let schemes = [
        ("uniform_(0,1)", Init::Uniform { low: 0.0, high: 1.0 }),
        ("uniform_(-0.5,2)", Init::Uniform { low: -0.5, high: 2.0 }),
        ("normal_(0,1)", Init::Normal { mean: 0.0, std: 1.0 }),
        ("kaiming_uniform_(a=sqrt5)", Init::Default),
    ];
    for (name, init) in schemes {
        each_shape(&reference[name], |shape, count, fan_in, theirs| {
            let ours = drawn::<f32>(count, |rng, values| init.fill(rng, values, fan_in, Role::Weight));
            assert_eq!(ours, theirs, "{name} {shape}");
        });
    }
}

#[test]
fn float64_tensors_are_pytorchs() {
    let reference = &golden("torch_streams.json")["init_float64"];
    let schemes = [
        ("uniform_(0,1)", Init::Uniform { low: 0.0, high: 1.0 }),
        ("normal_(0,1)", Init::Normal { mean: 0.0, std: 1.0 }),
    ];
    for (name, init) in schemes {
        each_shape(&reference[name], |shape, count, fan_in, theirs| {
            let ours = drawn::<f64>(count, |rng, values| init.fill(rng, values, fan_in, Role::Weight));
            // PyTorch uses the platform's log1p, cos and sin, which are not correctly rounded; nor are ours.
            common::assert_close(&format!("{name} {shape}"), &ours, &theirs, 1e-15);
        });
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
        common::assert_close("normal", &normal, &numbers(&reference[format!("normal_(0.1,0.3) {count}")]), 2.3e-16);
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
