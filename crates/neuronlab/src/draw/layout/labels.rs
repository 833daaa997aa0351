//! Labels that avoid one another.

use crate::draw::svg::Point;

/// Places that are taken, each with its middle, width and height.
#[derive(Default)]
pub(in crate::draw) struct Labels {
    taken: Vec<(Point, (f64, f64))>,
}

impl Labels {
    /// Nothing else may stand here.
    pub(in crate::draw) fn take(&mut self, middle: Point, size: (f64, f64)) {
        self.taken.push((middle, size));
    }

    /// Whether a label of a size has room at a place.
    pub(in crate::draw) fn is_free(&self, middle: Point, size: (f64, f64)) -> bool {
        !self.taken.iter().any(|(other, room)| {
            (middle.0 - other.0).abs() < 0.5 * (size.0 + room.0) && (middle.1 - other.1).abs() < 0.5 * (size.1 + room.1)
        })
    }

    /// The first of some places where a label of a size has room; it is taken then.
    pub(in crate::draw) fn put(&mut self, places: impl IntoIterator<Item = Point>, size: (f64, f64)) -> Option<Point> {
        let middle = places.into_iter().find(|&place| self.is_free(place, size))?;
        self.take(middle, size);
        Some(middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_takes_the_first_place_that_is_free() {
        let mut labels = Labels::default();
        labels.take((0.0, 0.0), (20.0, 10.0));
        let places = [(5.0, 0.0), (0.0, 9.0), (0.0, 10.0)];
        assert_eq!(labels.put(places, (20.0, 10.0)), Some((0.0, 10.0)));
        assert_eq!(labels.put(places, (20.0, 10.0)), None);
    }
}
