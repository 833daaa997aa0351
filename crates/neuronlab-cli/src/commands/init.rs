//! `neuronlab init`: one weight tensor, its numbers, and what they look like together.

use crate::Failure;
use crate::args::InitArgs;
use crate::printer::Printer;
use neuronlab::nn::{Init, fans};
use neuronlab::random::TorchRng;
use neuronlab::{Error, Experiment, draw};

/// Elements up to which every number is printed.
const MOST_PRINTED: usize = 64;
/// Elements that are drawn at most.
const MOST: usize = 100_000_000;
/// Bars of the histogram.
const BARS: usize = 21;

pub(crate) fn run(args: &InitArgs, printer: &mut Printer) -> Result<(), Failure> {
    super::picture::check(&args.picture)?;
    let shape = parse_shape(&args.shape)?;
    let scheme = std::iter::once(format!("init={}", args.scheme));
    let settings =
        scheme.chain(args.set.iter().map(|s| format!("init.{}", s.trim_start_matches("init.")))).collect::<Vec<_>>();
    let init = Experiment::built_in("xor")?.with(&settings)?.init;
    init.check_size(&shape)?;

    let mut values = vec![0f32; shape.iter().product()];
    init.fill_weight(&mut TorchRng::new(args.seed), &mut values, &shape);
    if let Some(far) = values.iter().find(|v| !v.is_finite()) {
        let expected = "numbers that float32 holds".into();
        let (field, got) = ("init".into(), format!("{far} among those that it draws"));
        return Err(Error::Field { field, expected, got, hint: Some("smaller settings".into()) }.into());
    }
    let wide: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
    let (mean, std) = moments(&wide);
    let (fan_in, fan_out) = fans(&shape);
    let bars = draw::histogram(&wide, BARS);

    if printer.json() {
        #[derive(serde::Serialize)]
        struct Drawn<'v> {
            scheme: Init,
            shape: &'v [usize],
            seed: u64,
            fan_in: usize,
            fan_out: usize,
            mean: f64,
            std: f64,
            values: &'v [f64],
        }
        printer.value(&Drawn {
            scheme: init,
            shape: &shape,
            seed: args.seed,
            fan_in,
            fan_out,
            mean,
            std,
            values: &wide,
        });
    }
    printer
        .heading(format_args!("{} {:?}, seed {}: fan_in {fan_in}, fan_out {fan_out}", args.scheme, shape, args.seed));
    printer.line("");
    let largest = wide.iter().fold(0.0f64, |largest, v| largest.max(v.abs()));
    let number = |value: f64, decimals: usize| shown(value, decimals, largest);
    if values.len() <= MOST_PRINTED {
        for row in wide.chunks(values.len() / shape[0]) {
            printer.line(row.iter().map(|&v| format!("{:>10}", number(v, 6))).collect::<Vec<_>>().join(" "));
        }
        printer.line("");
    }
    printer.line(format_args!(
        "{} numbers, mean {}, standard deviation {}",
        values.len(),
        number(mean, 6),
        number(std, 6)
    ));
    let gain = fan_in as f64 * std * std;
    printer.line(format_args!(
        "fan_in * variance = {} (1 keeps the variance of a signal, through a linear layer)",
        shown(gain, 4, gain)
    ));
    printer.line("");
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(1).max(1);
    for bar in &bars {
        let length = (bar.count * 50).div_ceil(most);
        printer.line(format_args!("{:>10} {:>8} {}", number(bar.from, 4), bar.count, "#".repeat(length)));
    }
    if args.picture.out.is_some() {
        let title = format!("{} {:?}: mean {}, std {}", args.scheme, shape, number(mean, 4), number(std, 4));
        super::picture::write(&args.picture, &draw::bars(&bars, &title), printer)?;
    }
    Ok(())
}

/// With so many decimals; with a power of ten where these would say nothing of numbers as large as the largest.
fn shown(value: f64, decimals: usize, largest: f64) -> String {
    let plain = largest == 0.0 || (1e-3..1e6).contains(&largest);
    if plain { format!("{value:.decimals$}") } else { format!("{value:.3e}") }
}

/// `4x2` or `8x3x5x5`.
fn parse_shape(text: &str) -> Result<Vec<usize>, Error> {
    let sizes: Option<Vec<usize>> = text.split('x').map(|n| n.trim().parse().ok().filter(|&n| n > 0)).collect();
    let elements = |sizes: &[usize]| sizes.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
    match sizes {
        Some(sizes) if sizes.len() >= 2 && elements(&sizes).is_some_and(|n| n <= MOST) => Ok(sizes),
        _ => Err(Error::Field {
            field: "--shape".into(),
            expected: format!("OUTxIN or OUTxINxHEIGHTxWIDTH with at most {MOST} elements"),
            got: format!("`{text}`"),
            hint: Some("for example 4x2".into()),
        }),
    }
}

/// Mean and standard deviation (over n).
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_size_say_something() {
        assert_eq!(shown(-0.25, 6, 0.5), "-0.250000");
        assert_eq!(shown(1e-9, 4, 0.5), "0.0000");
        assert_eq!((shown(1.5e-7, 6, 2e-7), shown(-2e7, 4, 2e7)), ("1.500e-7".into(), "-2.000e7".into()));
    }
}
