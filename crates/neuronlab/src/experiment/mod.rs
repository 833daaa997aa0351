//! The whole description of a run, as plain data: an experiment file and the program's version give the run again,
//! bit for bit.
//!
//! An experiment is read from TOML in three steps: `shape` compares the document with the types' schema and reports
//! the first field that does not fit, by its path; serde turns it into [`Experiment`]; [`Experiment::validate`] refuses
//! what has the right type but no meaning.

mod from_table;
mod reference;
mod settings;
mod shape;
mod short;
mod words;

pub use reference::{Choice, choices, reference, schema};
pub use settings::{Batch, Monitor, Seed, Split, Stop, Success};
pub use words::field_called;

use crate::data::Data;
use crate::error::{Error, Result, unknown};
use crate::file;
use crate::limits::MEMORY_LIMIT;
use crate::nn::{Init, Loss, Network, NetworkConfig, Regularization, validate_dropout};
use crate::optim::{Clip, Optimizer, Schedule};
use crate::scalar::Dtype;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the experiment file's format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// The experiments that come with the program: name and file.
const BUILT_IN: [(&str, &str); 5] = [
    ("xor", include_str!("../../../../experiments/xor.toml")),
    ("xor-mse", include_str!("../../../../experiments/xor-mse.toml")),
    ("notebook-first-epoch", include_str!("../../../../experiments/notebook-first-epoch.toml")),
    ("moons", include_str!("../../../../experiments/moons.toml")),
    ("spiral", include_str!("../../../../experiments/spiral.toml")),
];

/// The whole description of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Version of this format: 1.
    #[schemars(example = 1)]
    pub format: u32,
    /// Name of the experiment, and of its results folder under `runs/`.
    #[schemars(example = &"mine")]
    pub name: String,
    /// Precision of every number in training.
    #[serde(default)]
    pub dtype: Dtype,
    /// Seeds of the two random streams.
    pub seed: Seed,
    /// Samples to learn from.
    pub data: Data,
    /// Samples to hold back for testing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// Layers of the network. In short, inputs and neurons of each layer: `"2-4-4-1"`.
    #[schemars(example = &"2-4-4-1")]
    pub network: NetworkConfig,
    /// How weights are drawn.
    #[serde(default)]
    pub init: Init,
    /// How biases are drawn, each after the weight of its layer.
    #[serde(default)]
    pub init_bias: Init,
    /// What training makes small.
    pub loss: Loss,
    /// What is added to the loss of every step so that weights stay small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regularization: Option<Regularization>,
    /// How parameters follow their gradients.
    pub optimizer: Optimizer,
    /// How the learning rate changes during the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// What is done to gradients before the update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    /// Which samples make a step.
    pub batch: Batch,
    /// When training ends.
    pub stop: Stop,
    /// When a run counts as a success.
    #[serde(default)]
    pub success: Success,
}

impl Experiment {
    /// An experiment that comes with the program, such as `xor`.
    ///
    /// ```
    /// let xor = neuronlab::Experiment::built_in("xor")?;
    /// assert_eq!(xor.stop.epochs, 2001);
    /// assert!(neuronlab::Experiment::built_in("xro").unwrap_err().to_string().contains("did you mean `xor`?"));
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    pub fn built_in(name: &str) -> Result<Self> {
        Self::from_toml(Self::built_in_file(name)?, name)
    }

    /// The text of the file of an experiment that comes with the program.
    pub fn built_in_file(name: &str) -> Result<&'static str> {
        let found = BUILT_IN.iter().find(|(built_in, _)| *built_in == name);
        found.map(|(_, file)| *file).ok_or_else(|| unknown("experiment", name, Self::built_in_names()))
    }

    /// The names of the experiments that come with the program.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> + Clone {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Reads an experiment file. A relative path of a data file in it starts from the file's folder.
    pub fn read(path: &Path) -> Result<Self> {
        Self::read_with(path, &[])
    }

    /// [`read`](Self::read), with some fields replaced as in [`with`](Self::with).
    pub fn read_with(path: &Path, settings: &[String]) -> Result<Self> {
        let text = file::read_text(path, file::MOST_TOML)?;
        let mut document = parse(&text, &path.display().to_string())?;
        for field in ["data", "init"] {
            if let Some(file) = document.get_mut(field).and_then(|table| table.get_mut("path"))
                && let Some(relative) = file.as_str()
            {
                let there = path.parent().unwrap_or(Path::new("")).join(relative);
                if !there.exists() && Path::new(relative).exists() {
                    let hint = format!("`{relative}` is there from the working directory, where you are now");
                    let expected = "a file: in an experiment file a relative path starts from its folder";
                    return Err(Error::file(&there, expected, "none").with_hint(hint));
                }
                *file = toml::Value::String(there.display().to_string());
            }
        }
        Self::from_document(document, settings)
    }

    /// Reads an experiment from TOML; `place` names the text in errors.
    pub fn from_toml(text: &str, place: &str) -> Result<Self> {
        Self::from_document(parse(text, place)?, &[])
    }

    /// The same experiment with some fields replaced, each given as `path=value`.
    ///
    /// ```
    /// let xor = neuronlab::Experiment::built_in("xor")?;
    /// let other = xor.with(&["optimizer.lr=0.05".into(), "network.layers.0.out_features=8".into()])?;
    /// assert_eq!(other.network.layers[0].out_features, 8);
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    pub fn with(&self, settings: &[String]) -> Result<Self> {
        if settings.is_empty() {
            return Ok(self.clone());
        }
        Self::from_document(self.document(), settings)
    }

    fn from_document(mut document: toml::Table, settings: &[String]) -> Result<Self> {
        let schema = reference::types();
        short::write_out(&mut document)?;
        shape::fit(&mut document, schema)?;
        for setting in settings {
            shape::set(&mut document, setting)?;
            short::write_out(&mut document)?;
        }
        if !settings.is_empty() {
            shape::fit(&mut document, schema)?;
        }
        let mut experiment: Self = toml::Value::Table(document)
            .try_into()
            .map_err(|e: toml::de::Error| Error::field("experiment", "values that fit their fields", e.message()))?;
        // The complete file must find the data from wherever it lies.
        // (The working directory is asked for here and nowhere else in the library.)
        if let Data::Csv(file) = &mut experiment.data
            && !file.path.as_os_str().is_empty()
        {
            file.path = std::path::absolute(&file.path).map_err(Error::io("find", &file.path))?;
        }
        experiment.validate()?;
        if let Init::Given(given) = &mut experiment.init {
            given.read()?;
            experiment.validate()?;
        }
        Ok(experiment)
    }

    /// Whether the field at a path, such as `network.layers.0.out_features`, holds a whole number here.
    pub(crate) fn holds_whole_number(&self, path: &str) -> bool {
        let document = toml::Value::Table(self.document());
        let field = path.split('.').try_fold(&document, |at, key| match at {
            toml::Value::Array(items) => items.get(key.parse::<usize>().ok()?),
            at => at.get(key),
        });
        field.is_some_and(toml::Value::is_integer)
    }

    /// Every field with its value.
    fn document(&self) -> toml::Table {
        toml::Table::try_from(self).expect("an experiment is a table of plain values")
    }

    /// The complete experiment file: every field, those at their defaults too.
    pub fn to_toml(&self) -> String {
        let document = toml::Value::Table(self.document());
        toml::to_string(&shape::shorten(document)).expect("an experiment is a table of plain values")
    }

    /// Refuses what has the right type but no meaning.
    pub fn validate(&self) -> Result<()> {
        if self.format != FORMAT {
            return Err(
                Error::field("format", FORMAT, self.format).with_hint("written by another version of neuronlab")
            );
        }
        self.name_is_a_folders()?;
        if self.network.layers.is_empty() {
            return Err(Error::field("network.layers", "at least one layer", "none"));
        }
        for (i, layer) in self.network.layers.iter().enumerate() {
            if layer.out_features == 0 {
                return Err(Error::field(format!("network.layers.{i}.out_features"), "at least 1", 0));
            }
            layer.activation.validate(&format!("network.layers.{i}.activation"), layer.out_features)?;
            validate_dropout(layer.dropout, &format!("network.layers.{i}.dropout"))?;
            layer.validate_frozen(&format!("network.layers.{i}.frozen"))?;
            layer.batch_norm.map_or(Ok(()), |norm| norm.validate(&format!("network.layers.{i}.batch_norm")))?;
            layer.init.as_ref().map_or(Ok(()), |init| init.validate(&format!("network.layers.{i}.init")))?;
            layer
                .init_bias
                .as_ref()
                .map_or(Ok(()), |init| init.validate_bias(&format!("network.layers.{i}.init_bias")))?;
        }
        self.seed.validate()?;
        shape::finite(&toml::Value::Table(self.document()), "", self.dtype)?;
        self.data.validate()?;
        self.split.map_or(Ok(()), settings::Split::validate)?;
        let outputs = self.network.layers.last().map_or(0, |layer| layer.out_features);
        self.loss.validate(outputs)?;
        self.outputs_fit_loss()?;
        self.regularization.map_or(Ok(()), |penalty| penalty.validate())?;
        self.init.validate("init")?;
        self.init_bias.validate_bias("init_bias")?;
        self.optimizer.validate()?;
        self.schedule.as_ref().map_or(Ok(()), |schedule| schedule.validate(&self.optimizer))?;
        self.clip.map_or(Ok(()), |clip| clip.validate())?;
        self.batch.validate()?;
        self.stop.validate()?;
        if self.stop.monitor == Monitor::HeldBack && self.split.is_none() {
            let error = Error::field("stop.monitor", "`training`, since no samples are held back", "`held_back`");
            return Err(error.with_hint("split={test=0.2} holds a fifth of them back"));
        }
        self.success.validate()
    }

    /// The run's folder has this name, on every system.
    fn name_is_a_folders(&self) -> Result<()> {
        const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
        let plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
        let ends = |c: Option<char>, bad: &[char]| c.is_none_or(|c| bad.contains(&c));
        let name = &self.name;
        if ends(name.chars().next(), &['.', '-', ' '])
            || ends(name.chars().last(), &['.', ' '])
            || !name.chars().all(plain)
        {
            let expected =
                "letters, digits, `-`, `_`, `.` and spaces; no `.`, `-` or space first, no `.` or space last";
            return Err(Error::field("name", expected, format!("`{name}`")));
        }
        let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
        let letters = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = stem.len() - letters.len();
        if DEVICES.iter().position(|device| *device == letters).is_some_and(|i| digits == usize::from(i > 3)) {
            return Err(Error::field(
                "name",
                "a name that a folder can have",
                format!("`{name}`, a device of Windows"),
            ));
        }
        Ok(())
    }

    /// The same with everything at its default that may differ between runs that are trained side by side: seeds, initial
    /// draws, and the numbers of penalty, optimizer, schedule, clipping, stop rules and success.
    pub(crate) fn structure(&self) -> Self {
        let mut same = self.clone();
        same.name = "structure".into();
        same.seed = Seed { torch: 0, numpy: 0, discard: 0 };
        (same.init, same.init_bias) = (Init::Default, Init::Default);
        for layer in &mut same.network.layers {
            (layer.init, layer.init_bias) = (None, None);
            layer.activation = layer.activation.structure();
            layer.batch_norm = layer.batch_norm.map(|norm| norm.structure());
            // Whether there is any; how much may differ.
            layer.dropout = if layer.dropout > 0.0 { 0.5 } else { 0.0 };
        }
        same.loss = self.loss.structure();
        same.regularization = self.regularization.map(|_| Regularization::default());
        same.optimizer = self.optimizer.structure();
        same.schedule = None;
        same.clip = self.clip.map(|clip| clip.structure());
        same.stop = self.stop.structure();
        same.success = Success::default();
        same
    }

    /// A loss of probabilities needs a network that gives some.
    fn outputs_fit_loss(&self) -> Result<()> {
        let last = self.network.layers.len() - 1;
        let activation = self.network.layers[last].activation;
        let fits = match &self.loss {
            Loss::Bce(_) => activation.gives_probabilities(),
            _ => activation.gives_log_probabilities(),
        };
        match self.loss.needs() {
            Some((what, hint)) if !fits => {
                let expected = format!("one that gives {what}, for the loss {}", self.loss.key());
                let field = format!("network.layers.{last}.activation");
                Err(Error::field(field, expected, format!("`{}`", activation.key())).with_hint(hint))
            }
            Some((what, _)) if self.network.layers[last].dropout > 0.0 => {
                let expected = format!("0 behind the last layer: the loss {} is of {what}", self.loss.key());
                let field = format!("network.layers.{last}.dropout");
                let error = Error::field(field, expected, self.network.layers[last].dropout);
                Err(error.with_hint("dropout would make other numbers of them; it belongs behind hidden layers"))
            }
            _ => Ok(()),
        }
    }

    /// The network for samples of `in_features` numbers.
    ///
    /// # Errors
    /// `network.in_features` is another number, or the network is too large.
    pub fn network(&self, in_features: usize) -> Result<Network> {
        if let Some(wanted) = self.network.in_features.filter(|wanted| *wanted != in_features) {
            let expected = format!("{in_features}, the inputs of the data");
            return Err(Error::field("network.in_features", expected, wanted));
        }
        let (parameters, _) = self.network.sizes(in_features);
        if parameters.saturating_mul(4) > MEMORY_LIMIT {
            let expected = format!("a network of at most {} parameters", MEMORY_LIMIT / 4);
            let error = Error::field("network.layers", expected, format!("{parameters} parameters"));
            return Err(error.with_hint("fewer or narrower layers"));
        }
        let network = Network::from_config(&self.network, in_features);
        if let Init::Given(given) = &self.init {
            given.places(&network)?;
        }
        Ok(network)
    }
}

/// TOML, with the parser's line and column where it is none.
fn parse(text: &str, place: &str) -> Result<toml::Table> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.parse()
        .map_err(|e: toml::de::Error| Error::Syntax { place: place.into(), message: e.to_string().trim_end().into() })
}
