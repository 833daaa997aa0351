//! The confusion matrix as a table of text.

/// Heads and rows: a row a class, with how many of its samples were answered as each class.
pub fn confusion(classes: &[String], counts: &[Vec<u64>]) -> (Vec<String>, Vec<Vec<String>>) {
    let head = std::iter::once("class \\ answered".to_string()).chain(classes.iter().cloned()).collect();
    let row = |(class, counts): (&String, &Vec<u64>)| {
        std::iter::once(class.clone()).chain(counts.iter().map(u64::to_string)).collect()
    };
    (head, classes.iter().zip(counts).map(row).collect())
}
