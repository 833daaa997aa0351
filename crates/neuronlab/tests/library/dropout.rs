//! Dropout against PyTorch 2.15.0, and that its masks are those of the step wherever a step is looked at.

use crate::common::{assert_close, golden, number, numbers};
use neuronlab::explain::{Check, Curvature, Explanation, LossSurface, Moment, Timeline, operations};
use neuronlab::nn::Linear;
use neuronlab::random::{TorchReal, TorchRng};
use neuronlab::scalar::Real;
use neuronlab::{Experiment, History, Model, Network, Trainer};
use serde_json::Value;

fn xor(settings: &[&str]) -> neuronlab::Result<Experiment> {
    let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
    Experiment::built_in("xor").unwrap().with(&settings)
}

/// The same masks bit for bit, and afterwards the stream where PyTorch's is: with p = 0 and p = 1 nothing was drawn.
#[test]
fn masks_are_pytorchs() {
    fn mask<T: Real + TorchReal>(p: f64) -> (Vec<f64>, Vec<f64>) {
        let network = Network::sequential([Linear::new(1, 7).bias(false).dropout(p)]).unwrap();
        let mut model = Model::<T>::new(network, vec![T::constant(1.0); 7]).unwrap();
        let mut rng = TorchRng::new(7);
        model.draw_masks(5, &mut rng);
        let out = model.forward(&[T::constant(1.0); 5]).iter().map(|v| v.to_f64()).collect();
        let mut next = vec![0.0f64; 2];
        rng.uniform(&mut next, 0.0, 1.0);
        (out, next)
    }
    let golden = golden("torch_dropout.json");
    for theirs in golden["masks"].as_array().unwrap() {
        let p = number(&theirs["p"]);
        let ours = if theirs["dtype"] == "float32" { mask::<f32>(p) } else { mask::<f64>(p) };
        assert_eq!(ours, (numbers(&theirs["mask"]), numbers(&theirs["next"])), "{} {p}", theirs["dtype"]);
    }
}

fn compare<T: Real + TorchReal>(case: &Value, experiment: &Experiment, tolerance: f64) {
    let wide = |values: &[T]| values.iter().map(|v| v.to_f64()).collect::<Vec<f64>>();
    let what = format!("{} {} {} {}", case["network"], case["p"], case["dtype"], case["batch"]);
    let mut trainer = Trainer::<T>::new(experiment).unwrap();
    assert_eq!(wide(trainer.model().parameters()), numbers(&case["start"]), "{what}");
    let mut history = History::new(&trainer);
    trainer.run(&mut history).unwrap();
    assert_close(&what, &wide(&history.losses), &numbers(&case["losses"]), tolerance);
    assert_close(&what, &wide(trainer.model().parameters()), &numbers(&case["end"]), tolerance);
    // Nothing is left out when training is over.
    let train = &trainer.task().train;
    assert_close(&what, &[trainer.evaluate(&train.x, &train.y).loss], &[number(&case["after"])], tolerance);
}

/// Start weights, order of samples and masks come from one stream: losses of every step, parameters and loss at the end.
#[test]
fn trainings_are_pytorchs() {
    let golden = golden("torch_dropout.json");
    let row = |(x, y): (&Value, &Value)| format!("{},{},{}\n", number(&x[0]), number(&x[1]), number(&y[0]));
    let rows: Vec<String> =
        golden["x"].as_array().unwrap().iter().zip(golden["y"].as_array().unwrap()).map(row).collect();
    // Loaders go over all but the last, so that no step has one sample alone.
    let file = |rows: &[String]| {
        let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
        std::fs::write(file.path(), format!("a,b,y\n{}", rows.concat())).unwrap();
        file
    };
    let (all, most) = (file(&rows), file(&rows[..6]));
    let cases = golden["cases"].as_array().unwrap();
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap();
        let p = number(&case["p"]);
        let layers = match text("network") {
            "plain" => format!(
                "{{ out_features = 6, activation = 'tanh', dropout = {p} }}, \
                 {{ out_features = 5, activation = 'relu', dropout = {p} }}, {{ out_features = 1 }}"
            ),
            _ => format!(
                "{{ out_features = 4, dropout = {p} }}, {{ out_features = 6, batch_norm = {{}}, dropout = {}, \
                 activation = {{ name = 'prelu', num_parameters = 6 }} }}, {{ out_features = 1 }}",
                p / 2.0
            ),
        };
        let (batch, data) = match text("batch") {
            "full" => ("full", &all),
            "with_replacement" => ("{ name = 'with_replacement', size = 3, steps = 2 }", &all),
            "shuffle" => ("{ name = 'shuffle', size = 3 }", &most),
            _ => ("{ name = 'in_order', size = 3 }", &most),
        };
        let experiment = xor(&[
            &format!("data={{ name = 'csv', path = {:?}, targets = ['y'] }}", data.path().display().to_string()),
            &format!("network.layers=[{layers}]"),
            &format!("dtype={}", text("dtype")),
            &format!("batch={batch}"),
            "optimizer={ name = 'sgd', lr = 0.05, momentum = 0.9 }",
            "seed={ torch = 5, numpy = 6 }",
            "init=default",
            "loss=mse",
            "stop.epochs=12",
        ])
        .unwrap();
        match text("dtype") {
            "float32" => compare::<f32>(case, &experiment, 2e-5),
            _ => compare::<f64>(case, &experiment, 1e-13),
        }
    }
    assert_eq!(cases.len(), 28);
}

const DROPPED: [&str; 3] = ["network.layers.0.dropout=0.3", "network.layers.1.dropout=0.5", "loss=mse"];

/// A step's own masks, however it is reached: trained up to, replayed, resumed, looked at; and the whole run again.
#[test]
fn any_step_can_be_made_again() {
    for batch in
        ["batch.size=1", "batch=full", "batch={ name = 'shuffle', size = 3 }", "batch={ name = 'in_order', size = 3 }"]
    {
        let experiment = xor(&[&DROPPED[..], &[batch, "stop.epochs=12"]].concat()).unwrap();
        let mut trainer = Trainer::<f32>::new(&experiment).unwrap();
        let mut history = History::new(&trainer);
        trainer.run(&mut history).unwrap();
        let mut run = Timeline::<f32>::new(&experiment).unwrap();
        for step in [7, 11, 3, 10, 0] {
            let at = run.at(step).unwrap();
            // The step has been looked at twice and made once.
            let moments = [0, 1].map(|_| Moment::new(at, None).unwrap());
            assert_eq!(moments[0].gradients, moments[1].gradients);
            assert_eq!(moments[0].loss, f64::from(history.losses[step as usize]), "{batch} step {step}");
            let bytes = at.checkpoint();
            let mut again = Trainer::<f32>::resume(&experiment, &bytes, "checkpoint".as_ref()).unwrap();
            let next = again.step().unwrap().loss;
            assert_eq!(f64::from(next), moments[0].loss);
            let gradients: Vec<f64> = again.model().gradients().iter().map(|g| f64::from(*g)).collect();
            assert_eq!(gradients, moments[0].gradients);
            again.run(&mut ()).unwrap();
            assert_eq!(again.model().parameters(), trainer.model().parameters(), "{batch} from step {step}");
            assert_eq!(again.checkpoint(), trainer.checkpoint());
        }
    }
}

/// Sum over paths, backward pass and difference agree; the page shows the factors and says whose they are.
#[test]
fn what_is_left_out_is_explained() {
    let prelu = "network.layers.1.activation=prelu";
    let norm = "network.layers.1.batch_norm={}";
    let softmax = "network.layers.1.activation=softmax";
    let identity = "network.layers.1.activation=identity";
    for more in
        [&["batch.size=1"][..], &["batch=full", norm], &["batch=full", prelu], &[softmax], &["batch=full", identity]]
    {
        let experiment = xor(&[&DROPPED[..], &["dtype=float64"], more].concat()).unwrap();
        let mut run = Timeline::<f64>::new(&experiment).unwrap();
        for step in [5, 6, 7] {
            let moment = Moment::new(run.at(step).unwrap(), None).unwrap();
            let masks = &moment.layers[1].dropout.as_ref().unwrap().mask;
            assert!(masks.iter().all(|factor| [0.0, 2.0].contains(factor)), "{masks:?}");
            for place in 0..moment.network().parameters() {
                let name = moment.network().parameter_name(place);
                let why = Explanation::new(&moment, &name).unwrap();
                assert!((why.sum - why.backward).abs() < 1e-14 * why.terms.max(1e-2), "{more:?} {name}: {why:?}");
                let apart = (why.sum - why.difference.value).abs();
                assert!(apart < 1e-7 * why.terms.max(1.0), "{more:?} {name}: {apart:e}");
            }
            let why = Explanation::new(&moment, "lin1.weight[1,1]").unwrap();
            let page = why.document().to_string();
            assert!(page.contains("Dropout: this step's own mask"), "{page}");
            let titles: Vec<String> = operations(&moment).into_iter().map(|operation| operation.title).collect();
            assert!(titles.contains(&"H#1_0: tanh and dropout".to_string()), "{titles:?}");
            assert!(titles.contains(&"H#1_3: back through tanh and dropout".to_string()), "{titles:?}");
        }
        // Other samples than the step's are looked at with nothing left out.
        let other = Moment::new(run.at(5).unwrap(), Some(&[1, 2])).unwrap();
        assert!(other.layers.iter().all(|layer| layer.dropout.is_none()));
        let page = Explanation::new(&other, "lin1.weight[1,1]").unwrap().document().to_string();
        assert!(page.contains("Dropout leaves nothing out here"), "{page}");
    }
    let one = xor(&[&DROPPED[..], &["batch.size=1", "dtype=float64"]].concat()).unwrap();
    let moment = Moment::new(Timeline::<f64>::new(&one).unwrap().at(3).unwrap(), None).unwrap();
    let formula = Explanation::new(&moment, "lin2.weight[0,1]").unwrap().formula.text();
    assert!(formula.contains("tanh′(z(H#2_0)) · mask(H#2_0) · Σ_k lin3.weight[k,0]"), "{formula}");
}

/// Gradients at a step's masks against differences; the curvature's gradient is that of the step on all samples.
#[test]
fn checks_and_curvature_have_masks() {
    for more in [&["batch.size=1"][..], &["batch=full", "network.layers.0.batch_norm={}"], &["batch=full"]] {
        let experiment = xor(&[&DROPPED[..], more].concat()).unwrap();
        let mut run = Timeline::<f32>::new(&experiment).unwrap();
        let trainer = run.at(6).unwrap();
        let check = Check::new(trainer, None, Check::TOLERANCE, |_| {}).unwrap();
        assert_eq!(check.wrong, 0, "{:?}", check.worst);
        assert_eq!(
            Check::new(trainer, None, Check::TOLERANCE, |_| {}).unwrap().worst[0].backward,
            check.worst[0].backward
        );
    }
    let experiment = xor(&[&DROPPED[..], &["batch=full", "dtype=float64"]].concat()).unwrap();
    let mut run = Timeline::<f64>::new(&experiment).unwrap();
    let trainer = run.at(6).unwrap();
    let moment = Moment::new(trainer, None).unwrap();
    let mut surface = LossSurface::of(trainer, None).unwrap();
    let (loss, gradient) = surface.gradient();
    assert_close("gradient", &gradient, &moment.gradients, 1e-15);
    assert!((loss - moment.loss).abs() < 1e-15);
    // H·v is how the gradient changes, the masks being what they are.
    let direction: Vec<f64> = (0..gradient.len()).map(|i| f64::from(i as u32).sin()).collect();
    let product = surface.product(&direction);
    let at = |h: f64| {
        let mut beside = trainer.clone();
        for (w, v) in beside.parameters_mut().iter_mut().zip(&direction) {
            *w += h * v;
        }
        Moment::new(&beside, None).unwrap().gradients
    };
    let (above, below) = (at(1e-5), at(-1e-5));
    let difference: Vec<f64> = above.iter().zip(&below).map(|(a, b)| (a - b) / 2e-5).collect();
    // h² of a third derivative.
    assert_close("H·v", &product, &difference, 1e-6);
    assert!(Curvature::new(trainer, None).unwrap().asymmetry < 1e-13);
}

/// What is asked of a trained network is asked of all of it.
#[test]
fn predictions_leave_nothing_out() {
    let mut trainer = Trainer::<f32>::new(&xor(&DROPPED).unwrap()).unwrap();
    for _ in 0..9 {
        trainer.step().unwrap();
    }
    let mut whole = Trainer::<f32>::new(&xor(&["loss=mse"]).unwrap()).unwrap();
    whole.parameters_mut().copy_from_slice(trainer.model().parameters());
    let x = trainer.task().train.x.clone();
    assert_eq!(trainer.predict(&x), whole.predict(&x));
    assert_eq!(trainer.predict(&x), trainer.predict(&x));
}

#[test]
fn what_is_no_dropout_is_said() {
    let error = |settings: &[&str]| xor(settings).unwrap_err().to_string();
    for wrong in ["1.5", "-0.1"] {
        let expected = format!("network.layers.1.dropout: expected a probability, from 0 to 1, got {wrong}");
        assert_eq!(error(&[&format!("network.layers.1.dropout={wrong}")]), expected);
    }
    let last = ["loss=bce", "network.layers.3.activation=sigmoid", "network.layers.3.dropout=0.2"];
    assert!(error(&last).starts_with("network.layers.3.dropout: expected 0 behind the last layer"), "{}", error(&last));
    assert!(xor(&["network.layers.1.dropout=0"]).unwrap() == xor(&[]).unwrap());
    assert!(!xor(&["network.layers.1.dropout=0"]).unwrap().to_toml().contains("dropout"));
}
