//! `neuronlab methods`: a picture of every activation, loss and schedule.

use crate::Failure;
use crate::args::{ListKind, MethodsArgs};
use crate::printer::Printer;
use neuronlab::draw::{self, Line};
use neuronlab::optim::Hyper;
use neuronlab::{Activation, Error, Experiment, Loss};
use std::fmt::Write;

/// Schedules with settings that show their form over 100 epochs or steps.
const SCHEDULES: [&str; 14] = [
    "{ name = 'step_lr', step_size = 25, gamma = 0.5 }",
    "{ name = 'multi_step_lr', milestones = [30, 60, 80], gamma = 0.4 }",
    "{ name = 'exponential_lr', gamma = 0.96 }",
    "{ name = 'cosine_annealing_lr', t_max = 100 }",
    "{ name = 'cosine_annealing_warm_restarts', t_0 = 15, t_mult = 2 }",
    "{ name = 'linear_lr', total_iters = 20 }",
    "{ name = 'polynomial_lr', total_iters = 100, power = 2 }",
    "{ name = 'cyclic_lr', base_lr = 0.01, max_lr = 0.1, step_size_up = 10, step_size_down = 15, mode = 'triangular2' }",
    "{ name = 'one_cycle_lr', max_lr = 0.1, total_steps = 100 }",
    "{ name = 'reduce_lr_on_plateau', patience = 15, factor = 0.5 }",
    "{ name = 'piecewise', starts = [0, 20, 70], factors = [0.2, 1, 0.1] }",
    "{ name = 'constant_lr', total_iters = 20 }",
    "{ name = 'sequential', schedules = [{ name = 'linear_lr', start_factor = 0.1, total_iters = 10 }, \
     { name = 'cosine_annealing_lr', t_max = 90 }], milestones = [10] }",
    "{ name = 'chained', schedules = [{ name = 'linear_lr', start_factor = 0.1, total_iters = 10 }, \
     { name = 'exponential_lr', gamma = 0.97 }] }",
];

pub(crate) fn run(args: &MethodsArgs, printer: &mut Printer) -> Result<(), Failure> {
    let create = |source| Error::Io { action: "create", path: args.plot.clone(), source };
    super::picture::check_form(&args.form)?;
    let mut pictures = Vec::new();
    let mut written = Vec::new();
    for activation in Activation::all() {
        if !matches!(activation.key(), "softmax" | "log_softmax") {
            pictures.push((format!("activation-{}", activation.key()), of_activation(&activation)));
        }
    }
    for loss in Loss::all() {
        pictures.push((format!("loss-{}", loss.key()), of_loss(&loss)));
    }
    for settings in SCHEDULES {
        let (name, picture) = of_schedule(settings)?;
        pictures.push((format!("schedule-{name}"), picture));
    }
    let ending = args.form.format.name();
    let index = ("README.md".to_string(), page(&pictures, ending).into_bytes());
    let mut files = Vec::new();
    for (name, picture) in &pictures {
        files.push((format!("{name}.{ending}"), super::picture::bytes(picture, &args.form)?));
    }
    files.push(index);
    files.iter().try_for_each(|(name, _)| super::may_write(&args.plot.join(name), args.force))?;
    std::fs::create_dir_all(&args.plot).map_err(create)?;
    for (name, bytes) in &files {
        let file = args.plot.join(name);
        neuronlab::file::write(&file, bytes)?;
        printer.line(file.display());
        written.push(file);
    }
    if printer.json() {
        printer.value(&written);
    }
    Ok(())
}

/// A page of all methods, whose files end with `ending`: name, PyTorch's class, what it is, formula, picture.
fn page(pictures: &[(String, String)], ending: &str) -> String {
    let mut page = String::from(
        "# What an experiment can name\n\n\
         <!-- Made by `neuronlab methods --plot docs/methods --force`; do not edit. -->\n\n\
         Names, defaults and formulas are PyTorch's; every one is pinned to numbers that PyTorch printed\n\
         (`crates/neuronlab/tests`). Their settings are in [experiment.md](../experiment.md); `neuronlab list KIND` prints this page's\n\
         words in a terminal.\n",
    );
    for (kind, title) in KINDS {
        let _ = writeln!(page, "\n## {title}\n");
        for choice in super::list::choices_of(kind) {
            let (class, formula) = super::list::details(kind, &choice.name);
            let class = if class.is_empty() { String::new() } else { format!(" (`{class}`)") };
            let formula = if formula.is_empty() { String::new() } else { format!(" `{formula}`") };
            let _ = writeln!(page, "**`{}`**{class}: {}{formula}\n", choice.name, choice.description);
            let picture =
                pictures.iter().find(|(name, _)| *name == format!("{}-{}", title.to_lowercase(), choice.name));
            if let Some((name, _)) = picture {
                let _ = writeln!(page, "![{}]({name}.{ending})\n", choice.name);
            }
        }
    }
    page
}

/// Kinds in the order of the page; the title, in small letters, begins the name of each picture.
const KINDS: [(ListKind, &str); 6] = [
    (ListKind::Activations, "Activation"),
    (ListKind::Losses, "Loss"),
    (ListKind::Inits, "Initialisation"),
    (ListKind::Optimizers, "Optimizer"),
    (ListKind::Schedules, "Schedule"),
    (ListKind::Datasets, "Data"),
];

/// The numbers from `low` to `high`.
fn between(low: f64, high: f64) -> impl Iterator<Item = f64> + Clone {
    (0..=400).map(move |i| low + (high - low) * f64::from(i) / 400.0)
}

fn of_activation(activation: &Activation) -> String {
    let z = between(-4.0, 4.0);
    let value = z.clone().map(|z| (z, activation.value(z))).collect();
    let slope = z.map(|z| (z, activation.derivative(z))).collect();
    let title = format!("{}: {}", activation.name(), activation.formula());
    draw::lines(&title, "z", &[Line::new("f(z)", value), Line::new("f'(z)", slope)])
}

/// Against the output, for a target of 1: of one output, or of the right class of two, the other being 0.
fn of_loss(loss: &Loss) -> String {
    let range = match loss.key() {
        "bce" => (0.1, 0.9),
        "nll" | "kl_div" => (-4.0, 0.0),
        "cross_entropy" => (-4.0, 4.0),
        _ => (-2.0, 4.0),
    };
    let row = |o: f64| if loss.key() == "cross_entropy" { vec![o, 0.0] } else { vec![o] };
    let target: Vec<f64> = (0..row(0.0).len()).map(|i| f64::from(u8::from(i == 0))).collect();
    let points = between(range.0, range.1);
    let value = points.clone().map(|o| (o, loss.value(&row(o), &target, target.len()))).collect();
    let slope = points.map(|o| {
        let mut d = target.clone();
        loss.gradient(&row(o), &target, target.len(), &mut d);
        (o, d[0])
    });
    let title = format!("{}: target 1", loss.name());
    draw::lines(&title, "output", &[Line::new("loss", value), Line::new("slope", slope.collect())])
}

fn of_schedule(settings: &str) -> Result<(&'static str, String), Error> {
    let settings = [
        format!("schedule={settings}"),
        "optimizer={ name = 'sgd', lr = 0.1, momentum = 0.9 }".into(),
        "stop.epochs=1".into(),
    ];
    let experiment = Experiment::built_in("xor")?.with(&settings)?;
    let schedule = experiment.schedule.expect("just set");
    let base: Hyper = experiment.optimizer.hyper();
    let mut progress = schedule.start(base);
    let points: Vec<(f64, f64)> = (0..100)
        .map(|t| {
            let lr = progress.hyper().lr;
            schedule.advance(&mut progress, base, 1.0);
            (f64::from(t), lr)
        })
        .collect();
    let unit = if schedule.per() == neuronlab::optim::Per::Step { "step" } else { "epoch" };
    let picture = draw::lines(schedule.name(), unit, &[Line::held("learning rate", &points)]);
    Ok((schedule.key(), picture))
}
