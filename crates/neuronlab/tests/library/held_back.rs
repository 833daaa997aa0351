//! Samples that are held back: looked at after every epoch, watched by stop rules, and what decides which weights are kept.

use neuronlab::train::{Ended, Epoch};
use neuronlab::{Experiment, History, Listener, Results, Trainer};
use std::ops::ControlFlow;
use std::path::Path;

fn moons(settings: &[&str]) -> Experiment {
    let all = [
        "data={name='moons',samples=60,noise=0.3}",
        "split={test=0.3,stratify=true}",
        "optimizer={name='adam',lr=0.1}",
    ];
    let all: Vec<String> = all.iter().chain(settings).map(ToString::to_string).collect();
    Experiment::built_in("moons").unwrap().with(&all).unwrap()
}

const EARLY: [&str; 4] = ["stop.epochs=80", "stop.monitor=held_back", "stop.patience=7", "stop.restore_best=true"];

/// Listens to everything, and breaks in after an epoch, if one is named.
struct Ear {
    history: History<f32>,
    epochs: Vec<Epoch<f32>>,
    until: Option<u64>,
}

impl Listener<f32> for Ear {
    fn step(&mut self, step: &neuronlab::Step<'_, f32>) -> ControlFlow<()> {
        self.history.step(step)
    }

    fn epoch(&mut self, epoch: &Epoch<f32>) -> ControlFlow<()> {
        let _ = Listener::epoch(&mut self.history, epoch);
        self.epochs.push(*epoch);
        if self.until == Some(epoch.epoch + 1) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn run(trainer: &mut Trainer<f32>, until: Option<u64>) -> (Ended, Ear) {
    let mut ear = Ear { history: History::new(trainer), epochs: vec![], until };
    let ended = trainer.run(&mut ear).unwrap();
    (ended, ear)
}

/// By hand: every epoch's loss on what is held back, the lowest, and seven epochs without a lower one.
#[test]
fn the_best_weights_of_a_run_are_kept() {
    let mut plain = Trainer::<f32>::new(&moons(&["stop.epochs=80"])).unwrap();
    let (mut losses, mut weights) = (vec![], vec![]);
    while plain.ended().is_none() {
        plain.step().unwrap();
        if plain.at_epoch() {
            let test = plain.task().test.clone();
            losses.push(plain.evaluate(&test.x, &test.y).loss);
            weights.push(plain.model().parameters().to_vec());
        }
    }
    let lowest = |losses: &[f64]| (0..losses.len()).fold(0, |best, i| if losses[i] < losses[best] { i } else { best });
    let last = (8..80).find(|&last| last - lowest(&losses[..=last]) == 7).expect("it is learned by heart");
    let best = lowest(&losses[..=last]);

    let mut trainer = Trainer::<f32>::new(&moons(&EARLY)).unwrap();
    let (ended, ear) = run(&mut trainer, None);
    assert_eq!(
        (ended, trainer.epochs() as usize, trainer.restored()),
        (Ended::Patience, last + 1, Some(best as u64 + 1))
    );
    assert_eq!(trainer.model().parameters(), weights[best]);
    let heard: Vec<f64> = ear.epochs.iter().map(|epoch| epoch.held_back.unwrap().loss).collect();
    assert_eq!(heard, losses[..=last]);
    assert_eq!(trainer.held_back().unwrap().loss, losses[best]);
    // Without anybody who listens it is the same run.
    let mut alone = Trainer::<f32>::new(&moons(&EARLY)).unwrap();
    while alone.ended().is_none() {
        alone.step().unwrap();
    }
    assert_eq!(alone.model().parameters(), weights[best]);
}

/// A run that has ended with its best weights goes on from its last ones.
#[test]
fn runs_that_keep_the_best_go_on() {
    let path = Path::new("checkpoint");
    for norm in [&[][..], &["network.layers.0.batch_norm={}"]] {
        let experiment = moons(&[&EARLY[..], norm].concat());
        let mut whole = Trainer::<f32>::new(&experiment).unwrap();
        run(&mut whole, None);
        let mut begun = Trainer::<f32>::new(&experiment).unwrap();
        assert_eq!(run(&mut begun, Some(4)).0, Ended::Interrupted);
        let mut rest = Trainer::<f32>::resume(&experiment, &begun.checkpoint(), path).unwrap();
        run(&mut rest, None);
        assert_eq!(rest.checkpoint(), whole.checkpoint());

        let ended = Trainer::<f32>::resume(&experiment, &whole.checkpoint(), path).unwrap();
        assert_eq!(ended.model().parameters(), whole.model().parameters(), "the best, as it was left");
        let patient = experiment.with(&["stop.patience=40".into()]).unwrap();
        let mut longer = Trainer::<f32>::resume(&patient, &whole.checkpoint(), path).unwrap();
        let mut at_once = Trainer::<f32>::new(&patient).unwrap();
        run(&mut longer, None);
        run(&mut at_once, None);
        assert!(longer.epochs() > whole.epochs());
        // The file of the experiment differs by the patience that the run began with.
        assert_eq!(
            (longer.model().parameters(), longer.restored()),
            (at_once.model().parameters(), at_once.restored())
        );
    }
    let other = moons(&EARLY).with(&["stop.restore_best=false".into()]).unwrap();
    let checkpoint = Trainer::<f32>::new(&moons(&EARLY)).unwrap().checkpoint();
    let error = Trainer::<f32>::resume(&other, &checkpoint, path).unwrap_err().to_string();
    assert!(error.contains("restore_best"), "{error}");
}

#[test]
fn the_history_keeps_what_was_held_back() {
    let place = tempfile::tempdir().unwrap();
    let experiment = moons(&["stop.epochs=5"]);
    let mut trainer = Trainer::<f32>::new(&experiment).unwrap();
    let (_, ear) = run(&mut trainer, Some(3));
    let results = Results::create(place.path(), false).unwrap();
    results.save(&trainer, &ear.history, true, None).unwrap();
    let csv = ear.history.to_csv();
    assert!(csv.starts_with("epoch,step,sample,loss,lr,held_back_loss,held_back_right\n"), "{csv}");
    let beside: Vec<bool> = csv.lines().skip(1).map(|line| !line.ends_with(",,")).collect();
    let steps = trainer.sampler().steps();
    assert_eq!(beside, (1..=3 * steps).map(|step| step % steps == 0).collect::<Vec<_>>());
    drop(results);
    let (_, _, again) = Results::open(place.path()).unwrap().resume::<f32>(&experiment).unwrap();
    assert_eq!((again.to_csv(), again), (csv, ear.history));
}

#[test]
fn what_is_watched_must_be_there() {
    let settings = ["stop.monitor=held_back".to_string()];
    let error = Experiment::built_in("xor").unwrap().with(&settings).unwrap_err().to_string();
    assert!(error.starts_with("stop.monitor: expected `training`, since no samples are held back"), "{error}");
    assert!(error.contains("hint: split={test=0.2}"), "{error}");
}
