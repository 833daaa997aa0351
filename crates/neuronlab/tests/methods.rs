//! Activations, losses and optimizers against values and gradients that PyTorch 2.15.0 printed.

mod common;

use common::{assert_close, golden, numbers};
use neuronlab::optim::{Optimizer, Sgd};
use neuronlab::scalar::Scalar;
use neuronlab::{Activation, Loss};

/// In float64 both sides compute the same formula; what is left is the rounding of a few operations.
const FLOAT64: f64 = 5e-16;
/// The same in float32, for values up to 3.
const FLOAT32: f64 = 2.5e-7;

#[test]
fn activations_and_derivatives_are_pytorchs() {
    let golden = golden("torch_methods.json");
    let points = numbers(&golden["points"]);
    for (name, activation) in [("sigmoid", Activation::SIGMOID), ("tanh", Activation::TANH), ("relu", Activation::RELU)]
    {
        let theirs = &golden["activations"][name];
        let values: Vec<f64> = points.iter().map(|&z| activation.value(z)).collect();
        let slopes: Vec<f64> = points.iter().map(|&z| activation.derivative(z)).collect();
        assert_close(name, &values, &numbers(&theirs["float64"]["value"]), FLOAT64);
        assert_close(&format!("{name}′"), &slopes, &numbers(&theirs["float64"]["derivative"]), FLOAT64);

        let narrow = |f: &dyn Fn(f32) -> f32| points.iter().map(|&z| f64::from(f(z as f32))).collect::<Vec<_>>();
        let (values, slopes) = (narrow(&|z| activation.value(z)), narrow(&|z| activation.derivative(z)));
        assert_close(name, &values, &numbers(&theirs["float32"]["value"]), FLOAT32);
        assert_close(&format!("{name}′"), &slopes, &numbers(&theirs["float32"]["derivative"]), FLOAT32);
    }
}

fn value_and_gradient<S: Scalar>(loss: Loss, output: &[f64], target: &[f64]) -> (S, Vec<S>) {
    let narrow = |values: &[f64]| values.iter().map(|&v| S::constant(v)).collect::<Vec<S>>();
    let (output, target) = (narrow(output), narrow(target));
    let mut gradient = output.clone();
    loss.gradient(&output, &target, 4, &mut gradient);
    (loss.value(&output, &target, 4), gradient)
}

#[test]
fn losses_and_gradients_are_pytorchs() {
    let golden = golden("torch_methods.json");
    let table = [("L1", Loss::L1_LOSS), ("MSE", Loss::MSE_LOSS), ("CrossEntropy(class idx)", Loss::CROSS_ENTROPY_LOSS)];
    for (name, loss) in table {
        let entry = &golden["losses"][name];
        let flat = |list: &serde_json::Value| list.as_array().unwrap().iter().flat_map(numbers).collect::<Vec<_>>();
        let output = flat(&entry["input"]);
        let target = if loss.wants_classes() {
            let rows = numbers(&entry["target"]);
            rows.iter().flat_map(|&class| (0..4).map(move |i| f64::from(u8::from(class == f64::from(i))))).collect()
        } else {
            flat(&entry["target"])
        };
        let theirs = |dtype: &str, key: &str| numbers(&entry["out"][format!("mean/{dtype}")][key]);
        let (value, gradient) = value_and_gradient::<f64>(loss, &output, &target);
        assert_close(name, &[value], &theirs("float64", "value"), FLOAT64);
        assert_close(&format!("∂{name}"), &gradient, &theirs("float64", "grad"), FLOAT64);

        let (value, gradient) = value_and_gradient::<f32>(loss, &output, &target);
        let gradient: Vec<f64> = gradient.into_iter().map(f64::from).collect();
        assert_close(name, &[f64::from(value)], &theirs("float32", "value"), FLOAT32);
        assert_close(&format!("∂{name}"), &gradient, &theirs("float32", "grad"), FLOAT32);
    }
}

/// f(w) = Σ cᵢ·(wᵢ − tᵢ)², ten steps from 0, as the reference does it.
#[test]
fn optimizers_walk_as_pytorchs() {
    let runs = &golden("torch_methods.json")["optimizers"]["runs"];
    for (name, momentum) in [("SGD(lr=0.02)", 0.0), ("SGD(lr=0.02,momentum=0.9)", 0.9)] {
        let optimizer = Optimizer::Sgd(Sgd { lr: 0.02, momentum });
        let mut state = optimizer.state(3);
        let mut w = [0.0; 3];
        for (step, theirs) in runs[name].as_array().unwrap().iter().enumerate() {
            let (target, scale) = ([1.0, -2.0, 3.0], [1.0, 10.0, 0.1]);
            let gradient: Vec<f64> = (0..3).map(|i| 2.0 * (w[i] - target[i]) * scale[i]).collect();
            optimizer.step(&mut w, &gradient, &mut state);
            assert_close(&format!("{name}, step {step}"), &w, &numbers(theirs), 1e-14);
        }
    }
}
