//! `neuronlab predict`: a trained network answers.

use crate::args::PredictArgs;
use crate::printer::{self, List, Printer};
use crate::{Failure, tables};
use neuronlab::Results;
use neuronlab::scalar::Dtype;
use neuronlab::train::Predictor;
use serde_json::json;

pub(crate) fn run(args: &PredictArgs, printer: &mut Printer) -> Result<(), Failure> {
    let results = Results::open(&args.folder)?;
    let mut predictor = results.predictor()?;
    if results.weights_are_as_left().is_err() {
        printer::note("weights.safetensors is not what the run left: the answers are those of the edited weights");
    } else if let Err(error) = results.answers_are_as_left() {
        printer::note(&format!("{error}: the answers are those of another network"));
    }
    let names = predictor.inputs().to_vec();
    let rows = match &args.csv {
        Some(path) => predictor.read_table(path)?,
        None => args.input.iter().map(|text| predictor.parse(text)).collect::<Result<_, _>>()?,
    };
    let answers: Vec<Vec<f64>> = rows.iter().map(|row| predictor.predict(row.clone())).collect::<Result<_, _>>()?;
    if printer.json() {
        #[derive(serde::Serialize)]
        struct Predictions<'n, L> {
            inputs: &'n [String],
            predictions: L,
        }
        let one = |(x, o): (&Vec<f64>, &Vec<f64>)| json!({ "input": x, "answer": o, "class": predictor.class(o) });
        let predictions = List::new(rows.iter().zip(&answers).map(one));
        printer.value(&Predictions { inputs: &names, predictions });
    } else {
        print(&predictor, &rows, &answers, args.csv.is_some(), printer);
    }
    Ok(())
}

/// Inputs, answers and class of each sample: as CSV where CSV came in, else as a table.
fn print(predictor: &Predictor, rows: &[Vec<f64>], answers: &[Vec<f64>], csv: bool, printer: &mut Printer) {
    // The head is the same where no sample follows.
    let outputs = predictor.outputs();
    let classes = predictor.class(&vec![0.0; outputs.len()]).is_some();
    let mut head: Vec<String> = predictor.columns().iter().map(|column| column.name.clone()).collect();
    head.extend(outputs);
    head.extend(classes.then(|| "class".to_string()));
    let lines = rows.iter().zip(answers).map(|(x, o)| {
        // As many digits as the precision has.
        let answer = |o: &f64| match predictor.dtype() {
            Dtype::Float32 => (*o as f32).to_string(),
            Dtype::Float64 => o.to_string(),
        };
        predictor
            .in_columns(x)
            .into_iter()
            .chain(o.iter().map(answer))
            .chain(predictor.class(o).map(String::from))
            .collect::<Vec<_>>()
    });
    if csv {
        printer.line(tables::csv(std::iter::once(head).chain(lines)));
    } else {
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        let words = predictor.columns().iter().enumerate().filter(|(_, column)| !column.words.is_empty());
        let left: Vec<usize> = words.map(|(i, _)| i).collect();
        printer.line(tables::table(&head, lines, &left));
    }
}
