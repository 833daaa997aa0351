//! A split that leaves every class its share, as scikit-learn makes it.

use crate::error::{Error, Result};
use crate::random::NumpyRng;

/// Places of the training and the test samples, where `labels` are below `classes` and `trains` samples are to learn from: those of
/// scikit-learn's `train_test_split(…, stratify=labels)`, which draws with `StratifiedShuffleSplit`.
pub(super) fn stratified(
    labels: &[usize],
    classes: usize,
    trains: usize,
    random: &mut NumpyRng,
) -> Result<(Vec<u32>, Vec<u32>)> {
    let mut places = vec![vec![]; classes];
    for (place, &label) in labels.iter().enumerate() {
        places[label].push(place as u32);
    }
    places.retain(|class: &Vec<u32>| !class.is_empty());
    let counts: Vec<usize> = places.iter().map(Vec::len).collect();
    let tests = labels.len() - trains;
    let fewest = counts.iter().copied().min().unwrap_or(0);
    let enough = fewest >= 2 && trains >= counts.len() && tests >= counts.len();
    if !enough {
        let expected = "at least two samples of each class, and a sample of each to learn from and to hold back";
        let got = format!("{} classes, {fewest} samples of the rarest, {tests} to hold back", counts.len());
        return Err(Error::field("split.stratify", expected, got));
    }
    let train_counts = shares(&counts, trains, random);
    let left: Vec<usize> = counts.iter().zip(&train_counts).map(|(all, train)| all - train).collect();
    let test_counts = shares(&left, tests, random);
    let (mut train, mut test) = (vec![], vec![]);
    for ((class, trains), tests) in places.iter().zip(train_counts).zip(test_counts) {
        let order = random.permutation(class.len());
        let mut taken = order.iter().map(|&i| class[i as usize]);
        train.extend(taken.by_ref().take(trains));
        test.extend(taken.take(tests));
    }
    Ok((shuffled(&train, random), shuffled(&test, random)))
}

/// How many of each class are drawn, if `draws` are drawn of all: rounded down, and one more where the remainder is largest; among
/// equal remainders those are drawn that get it. (`_approximate_mode` of scikit-learn.)
fn shares(counts: &[usize], draws: usize, random: &mut NumpyRng) -> Vec<usize> {
    let all: usize = counts.iter().sum();
    let exact: Vec<f64> = counts.iter().map(|&count| count as f64 / all as f64 * draws as f64).collect();
    let mut shares: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut missing = draws - shares.iter().sum::<usize>();
    let remainders: Vec<f64> = exact.iter().map(|share| share - share.floor()).collect();
    let mut values = remainders.clone();
    values.sort_by(|a, b| b.total_cmp(a));
    values.dedup();
    for value in values {
        if missing == 0 {
            break;
        }
        let equal: Vec<usize> = (0..counts.len()).filter(|&i| remainders[i] == value).collect();
        let take = equal.len().min(missing);
        for &i in &random.permutation(equal.len())[..take] {
            shares[equal[i as usize]] += 1;
        }
        missing -= take;
    }
    shares
}

fn shuffled(places: &[u32], random: &mut NumpyRng) -> Vec<u32> {
    random.permutation(places.len()).into_iter().map(|i| places[i as usize]).collect()
}
