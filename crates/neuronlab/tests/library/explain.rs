//! What the microscope says is true: path sums are gradients, for any network.

use neuronlab::experiment::{Batch, Experiment};
use neuronlab::explain::{Explanation, Moment, Timeline};
use neuronlab::nn::{BatchNorm, Init, LayerConfig};
use neuronlab::{Activation, History, Loss, Results, Trainer};
use proptest::prelude::*;

fn layer(out_features: usize, bias: bool, norm: bool, activation: Activation) -> LayerConfig {
    let batch_norm = norm.then(BatchNorm::default);
    LayerConfig {
        out_features,
        bias,
        batch_norm,
        activation,
        dropout: 0.0,
        init: None,
        init_bias: None,
        frozen: vec![],
    }
}

/// Up to three hidden layers, a loss, and a last layer that fits it.
fn experiment() -> impl Strategy<Value = Experiment> {
    let hidden = (1..=4usize, any::<bool>(), any::<bool>(), prop::sample::select(Activation::all()));
    let hidden = prop::collection::vec(hidden, 0..=3);
    let loss = prop::sample::select(Loss::all());
    (hidden, loss, any::<bool>(), 0..1000u64).prop_filter_map("a loss of the data", |(hidden, loss, whole, seed)| {
        let mut xor = crate::common::xor_for(&loss).with(&["dtype=float64".into()]).unwrap();
        // Every sample depends on all others where there is batch normalisation: then a step takes all of them.
        let layers = hidden.into_iter().map(|(out, bias, norm, f)| layer(out, bias, norm && whole, f));
        xor.network.layers = layers.collect();
        let last = match loss.key() {
            "bce" => layer(1, true, false, Activation::SIGMOID),
            "nll" => layer(2, true, false, Activation::LOG_SOFTMAX),
            "cross_entropy" => layer(2, false, false, Activation::IDENTITY),
            "kl_div" => return None,
            _ => layer(1, false, false, Activation::IDENTITY),
        };
        xor.network.layers.push(last);
        (xor.loss, xor.seed.torch) = (loss, seed);
        (xor.init, xor.init_bias) = (Init::Normal { mean: 0.0, std: 1.0 }, Init::Normal { mean: 0.0, std: 1.0 });
        xor.batch = if whole { Batch::Full } else { xor.batch };
        Some(xor)
    })
}

/// Whether the difference quotient is of a smooth stretch: one of half the size is the same to a tenth of what is asked of it,
/// and there is no kink in the middle.
fn smooth(moment: &Moment, place: usize, why: &Explanation, tolerance: f64) -> bool {
    let (w, h) = (moment.parameters[place], why.difference.h);
    let slope = |h: f64| (moment.loss_with(place, w + h) - moment.loss_with(place, w - h)) / (2.0 * h);
    let middle = moment.loss_with(place, w);
    let one_sided = |h: f64| (moment.loss_with(place, w + h) - middle) / h;
    let kink = (one_sided(h) - one_sided(-h)).abs() > 1e-4 * (1.0 + one_sided(h).abs());
    !kink && (slope(h) - slope(h / 2.0)).abs() <= 0.1 * tolerance
}

/// None where there are too many to be listed, and only there.
fn with_all_paths(moment: &Moment, name: &str) -> Result<Option<Explanation>, TestCaseError> {
    let count = Explanation::new(moment, name).unwrap().count;
    let all = Explanation::with_all_paths(moment, name);
    prop_assert_eq!(all.is_ok(), count <= 100_000, "{} paths", count);
    Ok(all.ok())
}

proptest! {
    #![proptest_config(crate::common::cases(150))]

    /// In double precision: the sum over paths, that over the listed ones, and those by sample and by layer are the backward
    /// pass to a few roundings of the largest partial sum (1e-13 of the sum of the sizes of all terms); a difference quotient,
    /// good to about 1e-9 of the loss, agrees to 1e-6.
    #[test]
    fn sums_over_paths_are_gradients(experiment in experiment(), step in 0..3u64) {
        let mut run = Timeline::<f64>::new(&experiment).unwrap();
        let moment = Moment::new(run.at(step).unwrap(), None).unwrap();
        for place in 0..moment.parameters.len() {
            let name = moment.network().parameter_name(place);
            let Some(why) = with_all_paths(&moment, &name)? else { continue };
            let close = |sum: f64| (sum - why.backward).abs() <= 1e-13 * why.terms + 1e-300;
            prop_assert!(close(why.sum), "{name}: {} and {}", why.sum, why.backward);
            prop_assert!(why.terms >= why.size * (1.0 - 1e-9), "{name}: {} and {}", why.terms, why.size);
            prop_assert_eq!(why.paths.len() as u128, why.count);
            prop_assert!(close(why.paths.iter().map(|path| path.product).sum()), "{name}: listed paths");
            prop_assert!(close(why.by_sample.iter().map(|(_, part)| part).sum()), "{name}: by sample");
            for through in &why.through {
                prop_assert!(close(through.neurons.iter().map(|(_, part)| part).sum()), "{name}: {}", through.layer);
            }
            let sizes = why.paths.windows(2).all(|pair| pair[0].product.abs() >= pair[1].product.abs() * (1.0 - 1e-12));
            prop_assert!(sizes, "{name}: the largest come first");
            let tolerance = 1e-6 * why.size.max(moment.loss.abs()).max(1.0);
            if smooth(&moment, place, &why, tolerance) {
                prop_assert!((why.difference.value - why.sum).abs() <= tolerance, "{name}: {:?}, sum {}", why.difference, why.sum);
            }
        }
    }

    /// Of more paths the largest are listed, and they are the first of all.
    #[test]
    fn the_largest_paths_are_the_largest(experiment in experiment()) {
        let mut run = Timeline::<f64>::new(&experiment).unwrap();
        let moment = Moment::new(run.at(0).unwrap(), None).unwrap();
        for place in 0..moment.parameters.len() {
            let name = moment.network().parameter_name(place);
            let some = Explanation::new(&moment, &name).unwrap();
            prop_assert!(neuronlab::draw::explanation(&some).ends_with("</svg>\n"), "{name} has a picture");
            let Some(all) = with_all_paths(&moment, &name)? else { continue };
            prop_assert_eq!(some.paths.len() as u128, if all.count <= 32 { all.count } else { 12 });
            for (a, b) in some.paths.iter().zip(&all.paths) {
                prop_assert!((a.product.abs() - b.product.abs()).abs() <= 1e-12 * b.product.abs(), "{name}");
            }
        }
    }
}

/// Ways through softmax go from neuron to neuron of a layer, also of one that is wider than the layer before.
#[test]
fn a_wide_softmax_is_drawn() {
    let layers = "network.layers=[{ out_features = 3, activation = 'softmax' }, { out_features = 1 }]";
    let xor = Experiment::built_in("xor").unwrap().with(&[layers.into()]).unwrap();
    let moment = Moment::new(&Trainer::<f32>::new(&xor).unwrap(), Some(&[1])).unwrap();
    let why = Explanation::new(&moment, "lin1.weight[0,1]").unwrap();
    let way = |path: &neuronlab::explain::PathPart| path.neurons.join(" ");
    assert!(why.paths.iter().any(|path| way(path) == "H#1_0 H#1_2 Y#0"), "{:?}", why.paths);
    let place = moment.network().parameter("lin2.weight[0,2]").unwrap();
    let picture = neuronlab::draw::explanation(&why);
    assert!(picture.contains(&format!("weight {}", moment.parameters[place])), "{picture}");
}

/// A softmax that is all but certain: its slopes are differences of numbers near 1, and thirteen digits of them are rounded away.
/// The backward pass is as exact as it can be nevertheless, and the microscope says so; a gradient as exact is not called wrong.
#[test]
fn a_saturated_softmax_rounds_more() {
    use neuronlab::explain::{Diagnosis, Given};
    let layers = "network.layers=[{ out_features = 2, bias = false, activation = 'softmax' }, { out_features = 1, bias = false }]";
    let settings = [layers, "dtype=float64", "init={name='constant',value=1.0}"].map(String::from);
    let mut trainer = Trainer::<f64>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
    trainer.parameters_mut().copy_from_slice(&[15.3, 14.1, -0.2, 0.3, 0.7, 0.4]);
    let moment = Moment::new(&trainer, Some(&[3])).unwrap();
    let mut rounded: f64 = 0.0;
    for place in 0..2 {
        let why = Explanation::new(&moment, &moment.network().parameter_name(place)).unwrap();
        assert!(why.terms > 1e8 * why.size, "{} and {}", why.terms, why.size);
        assert!(why.roundings() < 4.0, "{} roundings", why.roundings());
        rounded = rounded.max((why.sum - why.backward).abs() / why.size);
        let sum = Given { place, gradient: why.sum, rounding: 0.0 };
        assert!(Diagnosis::new(&moment, &[sum]).wrong.is_empty());
        let words = why.document().to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(why.sum == why.backward || words.contains("small differences of larger numbers"), "{words}");
    }
    assert!(rounded > 1e-5, "this test needs another example: {rounded}");
}

/// In float32 the sum of exact products differs from the backward pass by roundings: never by more than a few.
#[test]
fn the_exercise_agrees_to_rounding_at_every_stage_of_its_run() {
    let mut run = Timeline::<f32>::new(&Experiment::built_in("xor").unwrap()).unwrap();
    let mut worst: f64 = 0.0;
    for step in (0..8004).step_by(667) {
        let moment = Moment::new(run.at(step).unwrap(), Some(&[3])).unwrap();
        for place in 0..44 {
            let why = Explanation::new(&moment, &moment.network().parameter_name(place)).unwrap();
            worst = worst.max(why.roundings());
        }
    }
    assert!(worst > 0.0 && worst < 4.0, "{worst} roundings");
}

/// The update that is shown is the one that the run makes.
#[test]
fn the_update_is_the_runs() {
    let settings: [&[&str]; 3] =
        [&[], &["optimizer=adam"], &["clip={name='norm',max=0.1}", "batch={name='shuffle',size=3}"]];
    for settings in settings {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let mut run = Timeline::<f32>::new(&experiment).unwrap();
        let moment = Moment::new(run.at(37).unwrap(), None).unwrap();
        let mut trainer = Trainer::<f32>::new(&experiment).unwrap();
        for _ in 0..37 {
            trainer.step().unwrap();
        }
        let step = trainer.step().unwrap();
        assert_eq!((step.samples, f64::from(step.loss)), (&moment.samples[..], moment.loss));
        let after: Vec<f64> = trainer.model().parameters().iter().map(|&w| f64::from(w)).collect();
        assert_eq!(moment.origin.unwrap().update.parameters, after);
    }
}

#[test]
fn facts_that_surprise_are_said() {
    let notes = |settings: &[&str], name: &str, sample: u32| {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let mut run = Timeline::<f32>::new(&experiment).unwrap();
        let moment = Moment::new(run.at(10).unwrap(), Some(&[sample])).unwrap();
        Explanation::new(&moment, name).unwrap().notes.join("\n")
    };
    let zero = notes(&[], "lin1.weight[0,0]", 0);
    assert!(zero.contains("the output is exactly the target") && zero.contains("is 0 whatever its weights"), "{zero}");
    assert!(notes(&[], "lin1.weight[0,0]", 1).contains("the weight's input X#0 is 0"));
    assert!(notes(&["init=zeros"], "lin1.weight[0,0]", 1).contains("nothing will ever move"));
    let dead = ["network.layers.0.activation=relu", "init={name='constant',value=-1.0}"];
    assert!(notes(&dead, "lin1.weight[0,1]", 1).contains("the slope of H#1_0's activation is 0"));
    assert!(notes(&["init={name='normal',std=9.0}"], "lin2.weight[0,0]", 3).contains("saturated"));
}

/// A folder whose history is not that of its experiment is refused; the run's own history is met step by step.
#[test]
fn a_run_is_made_again_only_if_it_is_the_same() {
    let place = tempfile::tempdir().unwrap();
    let experiment = Experiment::built_in("xor").unwrap().with(&["stop.epochs=10".into()]).unwrap();
    let mut trainer = Trainer::<f32>::new(&experiment).unwrap();
    let mut history = History::new(&trainer);
    trainer.run(&mut history).unwrap();
    let results = Results::create(&place.path().join("run"), false).unwrap();
    results.save(&trainer, &history, true, None).unwrap();

    let mut run = Timeline::<f32>::of(&results).unwrap();
    assert_eq!(run.at(40).unwrap().model().parameters(), trainer.model().parameters());
    assert!(run.at(41).unwrap_err().to_string().contains("has 40 steps"));

    let text = std::fs::read_to_string(results.path(Results::HISTORY)).unwrap();
    let (head, last) = text.trim_end().rsplit_once('\n').unwrap();
    let mut cells: Vec<String> = last.split(',').map(String::from).collect();
    cells[3] += "1";
    std::fs::write(results.path(Results::HISTORY), format!("{head}\n{}\n", cells.join(","))).unwrap();
    let error = Timeline::<f32>::of(&results).unwrap().at(40).unwrap_err().to_string();
    assert!(error.contains("history.csv") && error.contains("in step 39"), "{error}");
}

/// Gradients as the slips of the issue would make them, by hand and for this network alone: each is named for what it is.
mod slips {
    use super::*;
    use neuronlab::explain::{Diagnosis, Given, Scale, Slip};

    fn moment(settings: &[&str]) -> Moment {
        let settings: Vec<String> = [&["dtype=float64"], settings].concat().iter().map(ToString::to_string).collect();
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let mut run = Timeline::<f64>::new(&experiment).unwrap();
        Moment::new(run.at(5).unwrap(), Some(&[3])).unwrap()
    }

    /// What a learner writes down: `slope(l, z, a)` of layer l, `input(l, o, i)`, ∂L/∂output.
    fn by_hand(
        moment: &Moment,
        slope: impl Fn(usize, f64, f64) -> f64,
        input: impl Fn(usize, usize, usize) -> f64,
        loss: f64,
    ) -> Vec<f64> {
        let mut gradients = vec![0.0; 44];
        let mut back = vec![loss];
        for (l, layer) in moment.network().layers().iter().enumerate().rev() {
            let values = &moment.layers[l];
            let mut before = vec![0.0; layer.in_features];
            for (o, back) in back.iter().enumerate() {
                let d = back * if l == 3 { 1.0 } else { slope(l, values.z[o], values.a[o]) };
                for (i, before) in before.iter_mut().enumerate() {
                    let at = layer.weight.start + o * layer.in_features + i;
                    gradients[at] = d * input(l, o, i);
                    *before += d * moment.parameters[at];
                }
            }
            back = before;
        }
        gradients
    }

    fn tanh_slope(_: usize, z: f64, _: f64) -> f64 {
        1.0 - z.tanh().powi(2)
    }

    fn named(moment: &Moment, gradients: &[f64]) -> Vec<(Option<Slip>, Option<usize>, Option<Scale>)> {
        let given: Vec<Given> =
            gradients.iter().enumerate().map(|(place, &gradient)| Given { place, gradient, rounding: 0.0 }).collect();
        let diagnosis = Diagnosis::new(moment, &given);
        diagnosis.suspicions().into_iter().map(|(s, _)| (s[0].slip, s[0].layer, s[0].scale)).collect()
    }

    #[test]
    fn right_ones_are_right() {
        let moment = moment(&["loss=mse"]);
        let input = |l: usize, _: usize, i: usize| moment.activations(l)[i];
        let right = by_hand(&moment, tanh_slope, input, moment.layers[3].da[0]);
        assert_eq!(named(&moment, &right), []);
    }

    #[test]
    fn each_slip_is_named() {
        let moment = moment(&["loss=mse"]);
        let loss = moment.layers[3].da[0];
        let input = |l: usize, _: usize, i: usize| moment.activations(l)[i];
        let output = |l: usize, o: usize, _: usize| moment.layers[l].a[o];
        let at_output = |_: usize, _: f64, a: f64| 1.0 - a.tanh().powi(2);
        let only_second = |l: usize, z: f64, a: f64| if l == 1 { 1.0 - a.tanh().powi(2) } else { tanh_slope(l, z, a) };
        let right = || by_hand(&moment, tanh_slope, input, loss);
        let times = |factor: f64| right().into_iter().map(|g| factor * g).collect::<Vec<_>>();

        let cases = [
            (by_hand(&moment, at_output, input, loss), (Some(Slip::SlopeAtOutput), None, None)),
            (by_hand(&moment, only_second, input, loss), (Some(Slip::SlopeAtOutput), Some(2), None)),
            (by_hand(&moment, |_, _, _| 1.0, input, loss), (Some(Slip::SlopeMissing), None, None)),
            (by_hand(&moment, tanh_slope, input, 1.0), (Some(Slip::LossFactorMissing), None, None)),
            (by_hand(&moment, tanh_slope, output, loss), (Some(Slip::OutputForInput), None, None)),
            (times(-1.0), (None, None, Some(Scale::Sign))),
            (times(0.02), (None, None, Some(Scale::LearningRate))),
            (times(-0.02), (None, None, Some(Scale::Step))),
            (times(0.0004), (None, None, Some(Scale::LearningRateTwice))),
            (times(0.5), (None, None, Some(Scale::Half))),
        ];
        for (gradients, expected) in cases {
            assert_eq!(named(&moment, &gradients)[0], expected);
        }
        let both: Vec<f64> = by_hand(&moment, at_output, input, loss).into_iter().map(|g| -g).collect();
        assert_eq!(named(&moment, &both)[0], (Some(Slip::SlopeAtOutput), None, Some(Scale::Sign)));
    }

    /// Written down with four significant digits, as people do.
    #[test]
    fn rounded_numbers_are_understood() {
        let moment = moment(&[]);
        let input = |l: usize, _: usize, i: usize| moment.activations(l)[i];
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("mine.csv");
        let table = |gradients: &[f64]| {
            let row = |(i, g): (usize, &f64)| format!("{},{g:.5}", moment.network().parameter_name(i));
            let rows: Vec<String> = gradients.iter().enumerate().map(row).collect();
            std::fs::write(&file, format!("parameter,gradient\n{}\n", rows.join("\n"))).unwrap();
            Diagnosis::new(&moment, &Given::read(&file, moment.network()).unwrap())
        };
        let right = table(&by_hand(&moment, tanh_slope, input, moment.layers[3].da[0]));
        assert_eq!((right.given, right.wrong.len()), (44, 0));
        let wrong = table(&by_hand(&moment, |_, _, a| 1.0 - a.tanh().powi(2), input, moment.layers[3].da[0]));
        assert!(wrong.wrong.len() > 20);
        assert_eq!(wrong.suspicions()[0].0[0].slip, Some(Slip::SlopeAtOutput));
        assert!(wrong.suspicions()[0].1 * 10 >= wrong.wrong.len() * 9, "{:?}", wrong.suspicions());
    }

    /// PyTorch's nested lists.
    #[test]
    fn nested_lists_are_read() {
        let moment = moment(&[]);
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("mine.json");
        let rows: Vec<&[f64]> = moment.gradients[8..24].chunks(4).collect();
        std::fs::write(
            &file,
            serde_json::json!({ "lin2.weight": rows, "lin4.weight[0,1]": moment.gradients[41] }).to_string(),
        )
        .unwrap();
        let given = Given::read(&file, moment.network()).unwrap();
        assert_eq!(given.len(), 17);
        assert!(Diagnosis::new(&moment, &given).wrong.is_empty());
    }

    /// The files that weights come in, gradients come in as well.
    #[test]
    fn gradients_come_from_files_of_four_kinds() {
        let moment = moment(&[]);
        let place = tempfile::tempdir().unwrap();
        let lists: Vec<Vec<f64>> = moment.gradients[8..24].chunks(4).map(<[f64]>::to_vec).collect();
        let toml = format!("\"lin2.weight\" = {lists:?}\n");
        let json = format!("{{\"gradients\": {{\"lin2.weight\": {lists:?}}}}}");
        let row = |i: usize| format!("{},{:?}\n", moment.network().parameter_name(i), moment.gradients[i]);
        let csv = format!("parameter,grad\n{}", (8..24).map(row).collect::<String>());
        let bytes: Vec<u8> = moment.gradients[8..24].iter().flat_map(|g| g.to_le_bytes()).collect();
        let tensor = safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![4, 4], &bytes).unwrap();
        let tensors = safetensors::serialize([("lin2.weight", tensor)], None).unwrap();
        for (name, bytes) in [
            ("g.toml", toml.as_bytes()),
            ("g.json", json.as_bytes()),
            ("g.csv", csv.as_bytes()),
            ("g.safetensors", &tensors),
        ] {
            let file = place.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            let given = Given::read(&file, moment.network()).unwrap();
            let read: Vec<(usize, f64)> = given.iter().map(|one| (one.place, one.gradient)).collect();
            let right: Vec<(usize, f64)> = (8..24).map(|i| (i, moment.gradients[i])).collect();
            assert_eq!(read, right, "{name}");
        }
    }

    /// A file of numbers as some program or hand writes them, and what becomes of it.
    fn written(moment: &Moment, format: impl Fn(f64) -> String, gradients: &[f64]) -> Diagnosis {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("mine.csv");
        let row = |(i, g): (usize, &f64)| format!("{},{}", moment.network().parameter_name(i), format(*g));
        let rows: Vec<String> = gradients.iter().enumerate().map(row).collect();
        std::fs::write(&file, format!("parameter,gradient\n{}\n", rows.join("\n"))).unwrap();
        Diagnosis::new(moment, &Given::read(&file, moment.network()).unwrap())
    }

    /// What PyTorch's `grad` holds before any backward pass is not right by rounding: 0.0 is no rounded 0.046.
    #[test]
    fn zeros_are_not_right_by_rounding() {
        let moment = moment(&[]);
        let largest = moment.gradients.iter().fold(0.0f64, |largest, g| largest.max(g.abs()));
        let zeros = vec![0.0; 44];
        for format in
            [|_| "0.0".to_string(), |_| "0".into(), |_| "0.".into(), |_| "-0.00".into(), |_| "0.0000e+00".into()]
        {
            let all = written(&moment, format, &zeros);
            assert_eq!(all.wrong.len(), 44, "{}", format(0.0));
            assert_eq!(all.suspicions()[0].0[0].slip, Some(Slip::NothingComputed));
        }
        // One zero among right ones: as many decimals as say nothing of it, and as many as do.
        let mut one = moment.gradients.clone();
        let place = (0..44).find(|&i| one[i].abs() > 0.1 * largest).unwrap();
        one[place] = 0.0;
        for decimals in [2, 4, 9] {
            let some = written(&moment, |g| format!("{g:.decimals$}"), &one);
            assert!(
                some.wrong.iter().any(|wrong| wrong.given == 0.0 && wrong.right.abs() > 0.1 * largest),
                "{decimals}"
            );
        }
    }

    /// As PyTorch prints tensors: four decimals, or a power of ten with four decimals; as `tolist` and float32 give them.
    #[test]
    fn right_numbers_are_right_as_pytorch_prints_them() {
        for settings in [&[][..], &["loss=mse"]] {
            let moment = moment(settings);
            let formats: [fn(f64) -> String; 5] = [
                |g| format!("{g:.4}"),
                |g| format!("{g:.4e}"),
                |g| format!("{g:?}"),
                |g| format!("{:?}", g as f32),
                |g| format!("{:?}", f64::from(g as f32)),
            ];
            for (i, format) in formats.into_iter().enumerate() {
                let wrong = written(&moment, format, &moment.gradients).wrong;
                assert!(wrong.is_empty(), "format {i}: {wrong:?}");
            }
        }
    }

    /// A number that carries digits of another one is not right for being short: 0.5 beside sixteen digits is no rounded 0.46.
    #[test]
    fn short_numbers_beside_long_ones_are_exact() {
        let moment = moment(&[]);
        let mut mine = moment.gradients.clone();
        let place = (0..44).max_by(|&a, &b| mine[a].abs().total_cmp(&mine[b].abs())).unwrap();
        mine[place] = format!("{:.1}", mine[place]).parse().unwrap();
        assert_ne!(mine[place], 0.0);
        let wrong = written(&moment, |g| format!("{g:?}"), &mine).wrong;
        assert_eq!(wrong.iter().map(|wrong| wrong.given).collect::<Vec<_>>(), [mine[place]]);
    }

    /// The slips that give these gradients, most common first: of the whole batch, scaled by a factor.
    fn scales(settings: &[&str], factor: f64) -> Vec<Option<Scale>> {
        let settings: Vec<String> = [&["dtype=float64"], settings].concat().iter().map(ToString::to_string).collect();
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let mut run = Timeline::<f64>::new(&experiment).unwrap();
        let moment = Moment::new(run.at(5).unwrap(), Some(&[0, 1, 2, 3])).unwrap();
        let given = moment.gradients.iter().enumerate();
        let given: Vec<Given> = given.map(|(place, g)| Given { place, gradient: factor * g, rounding: 0.0 }).collect();
        let diagnosis = Diagnosis::new(&moment, &given);
        let (fitting, count) = diagnosis.suspicions()[0];
        assert_eq!(count, diagnosis.wrong.len());
        fitting.iter().filter(|suspicion| suspicion.slip.is_none()).map(|suspicion| suspicion.scale).collect()
    }

    /// Half the squared error at a learning rate of one half is two slips, and both are named.
    #[test]
    fn all_slips_that_fit_are_named() {
        use Scale::{DividedByRows, Double, Half, LearningRate, NotDividedByRows};
        let mse = |lr: &str, factor| scales(&["loss=mse", &format!("optimizer.lr={lr}")], factor);
        assert_eq!(mse("0.5", 0.5), [Some(Half), Some(LearningRate)]);
        assert_eq!(mse("0.1", 0.5), [Some(Half)]);
        assert_eq!(mse("0.25", 0.25), [Some(LearningRate), Some(DividedByRows)]);
        assert_eq!(mse("4", 4.0), [Some(NotDividedByRows), Some(LearningRate)]);
        assert_eq!(mse("0.1", 2.0), [Some(Double)]);
        // Half of what is no square is no missing factor of a square first.
        assert_eq!(scales(&["optimizer.lr=0.5"], 0.5), [Some(LearningRate), Some(Half)]);
    }

    /// Of four rows and two outputs: what a loss divides by, and what is often taken in its place.
    #[test]
    fn sums_for_means_are_named() {
        use Scale::{DividedByAll, DividedByOutputs, DividedByRows, NotDividedByRows};
        let two = "network.layers=[{out_features=3,activation='tanh'},{out_features=2}]";
        let of = |loss: &str, factor| scales(&[two, loss, "optimizer.lr=0.1"], factor);
        assert_eq!(of("loss=cross_entropy", 4.0), [Some(NotDividedByRows)]);
        assert_eq!(of("loss=cross_entropy", 0.25), [Some(DividedByRows)]);
        assert_eq!(of("loss=cross_entropy", 0.5)[0], Some(DividedByOutputs));
        let sum = "loss={name='cross_entropy',reduction='sum'}";
        assert_eq!(of(sum, 0.25), [Some(DividedByRows)]);
        assert_eq!(of(sum, 0.125), [Some(DividedByAll)]);
        assert_eq!(scales(&["loss=bce_with_logits", "optimizer.lr=0.1"], 4.0), [Some(NotDividedByRows)]);
    }

    /// A mean over classes with weights divides by the weights of the rows together: here two rows of class 0 and two of class 1.
    #[test]
    fn a_mean_over_weights_is_no_mean_over_rows() {
        use Scale::{DividedByRows, DividedByRowsForWeights, DividedByWeights, NotDividedByRows, NotDividedByWeights};
        let log = "network.layers=[{out_features=3,activation='tanh'},{out_features=2,activation='log_softmax'}]";
        for name in ["cross_entropy", "nll"] {
            let of = |settings: &str, factor| {
                let loss = format!("loss={{name='{name}',{settings}}}");
                scales(&[log, &loss, "optimizer.lr=0.1", "batch=full"], factor)
            };
            // The last is as large as rows times outputs.
            for (weights, sum) in [("weight=[0.5,3]", 7.0), ("ignore_index=1", 2.0), ("weight=[1,3]", 8.0)] {
                assert_eq!(of(weights, sum)[0], Some(NotDividedByWeights), "{name} {weights}");
                assert_eq!(of(weights, sum / 4.0)[0], Some(DividedByRowsForWeights), "{name} {weights}");
                assert!(of(weights, 1.0 / sum).contains(&Some(DividedByWeights)), "{name} {weights}");
            }
            assert_eq!(of("weight=[0.5,1.5]", 4.0), [Some(NotDividedByRows)]);
            assert_eq!(of("weight=[0.25,0.25]", 0.25), [Some(DividedByRowsForWeights)], "the weights add up to 1");
            assert_eq!(of("weight=[0.5,3],reduction='sum'", 0.25), [Some(DividedByRows)]);
        }
    }
}

/// A sigmoid that is all but certain and wrong: PyTorch's BCELoss limits the logarithm and the slope, so that its gradient is not
/// the slope of its loss. Numbers of PyTorch 2.15: 0.09348077904695146 at z = 30 in float64, 0 in float32; without limits it is 1.
mod saturated {
    use super::*;
    use neuronlab::explain::{Check, Diagnosis, Given};
    use neuronlab::random::TorchReal;
    use neuronlab::scalar::Real;

    fn at<T: Real + TorchReal>(z: f64) -> Trainer<T> {
        let layers = "network.layers=[{ out_features = 1, bias = true, activation = 'sigmoid' }]";
        let dtype = format!("dtype={}", T::DTYPE.name());
        let settings = [layers.to_string(), "loss=bce".into(), dtype];
        let mut trainer = Trainer::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
        // Sample 3 is (1, 1), and its target 0.
        for (to, from) in trainer.parameters_mut().iter_mut().zip([z, 0.0, 0.0]) {
            *to = T::constant(from);
        }
        trainer
    }

    fn wrong<T: Real + TorchReal>(z: f64, gradient: f64) -> usize {
        let moment = Moment::new(&at::<T>(z), Some(&[3])).unwrap();
        Diagnosis::new(&moment, &[Given { place: 0, gradient, rounding: 0.0 }]).wrong.len()
    }

    #[test]
    fn neither_pytorchs_gradient_nor_that_without_limits_is_wrong() {
        assert_eq!((wrong::<f64>(30.0, 0.093_480_779_046_951_46), wrong::<f64>(30.0, 1.0)), (0, 0));
        assert_eq!((wrong::<f32>(30.0, 0.0), wrong::<f32>(30.0, 1.0), wrong::<f32>(20.0, 0.0)), (0, 0, 0));
        assert_eq!((wrong::<f64>(30.0, 0.5), wrong::<f64>(30.0, 0.0), wrong::<f64>(20.0, 0.0)), (1, 1, 1));
    }

    #[test]
    fn no_gradient_is_called_wrong_and_no_kink_found() {
        for z in 5..60 {
            let check = Check::new(&at::<f64>(f64::from(z)), None, Check::TOLERANCE, |_| {}).unwrap();
            assert_eq!((check.wrong, check.kinks), (0, 0), "z = {z}: {:?}", check.worst);
            assert_eq!(check.clamped > 0, (28..=36).contains(&z), "z = {z}: {}", check.clamped);
        }
    }

    #[test]
    fn the_explanation_says_that_the_limit_acts() {
        let notes = |z: f64| {
            let moment = Moment::new(&at::<f64>(z), Some(&[3])).unwrap();
            Explanation::new(&moment, "lin1.weight[0,0]").unwrap().notes.join("\n")
        };
        assert!(notes(30.0).contains("Y#0 is so near 1 that the limits of PyTorch's BCELoss act"), "{}", notes(30.0));
        assert!(notes(-30.0).contains("Y#0 is so near 0"), "{}", notes(-30.0));
        assert!(!notes(20.0).contains("BCELoss"), "{}", notes(20.0));
    }
}
