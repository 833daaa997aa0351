//! The losses of several runs on one axis.

use super::loss::moving_average;
use super::panels::{Panel, Path, panels};
use crate::explain::significant;

/// Runs that are drawn.
const MOST: usize = 12;

/// The losses of runs against the epoch, each as its moving average, with its name and last average at the end: a name, the
/// losses of all steps, and the steps of an epoch. `logarithmic` has an axis of powers of ten.
pub fn losses(runs: &[(String, Vec<f64>, usize)], logarithmic: bool) -> String {
    let paths: Vec<Path> = runs
        .iter()
        .take(MOST)
        .map(|(name, losses, per_epoch)| {
            let average = moving_average(losses, (losses.len() / 40).max(1));
            let points: Vec<(f64, f64)> =
                average.into_iter().map(|(step, loss)| (step as f64 / *per_epoch as f64, loss)).collect();
            let last = points.last().map_or(f64::NAN, |point| point.1);
            Path { name: format!("{name}, at last {last}"), label: format!("{name} {}", significant(last, 3)), points }
        })
        .collect();
    let below = paths.iter().flat_map(|path| &path.points).any(|point| point.1 <= 0.0);
    let mut notes = Vec::new();
    notes.extend(
        (logarithmic && below)
            .then(|| "Losses of 0 and less have no place on this axis; they are left out.".to_string()),
    );
    notes.extend((runs.len() > MOST).then(|| format!("Shown: {MOST} of {} runs.", runs.len())));
    let about =
        "Each line is the mean over a fortieth of the run's steps around; at its end its name and the last mean.";
    let panel = Panel { title: "loss".into(), paths, logarithmic };
    panels("The losses of several runs", about, "epoch", &[panel], &notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_have_their_names_and_last_losses() {
        let run = |name: &str, size: f64| (name.to_string(), (1..=40).map(|i| size / f64::from(i)).collect(), 4);
        for logarithmic in [false, true] {
            let picture = losses(&[run("slow", 40.0), run("fast", 4.0)], logarithmic);
            assert!(picture.contains(">slow 1<") && picture.contains("<title>fast, at last 0.1</title>"), "{picture}");
            assert_eq!(picture.contains(">1e1<"), logarithmic);
        }
        assert!(losses(&[("none".into(), vec![], 1)], true).contains("</svg>"));
    }
}
