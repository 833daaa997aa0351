//! A list of numbers whose memory begins a cache line, where it is long.

use aligned_vec::{AVec, RuntimeAlign};
use std::fmt::{self, Debug, Formatter};
use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, and of the widest vectors.
const LINE: usize = 64;
/// Bytes from which on a list is long. To ask for aligned memory takes longer than to ask for any, and short lists are asked for
/// often: each look at a run makes a model.
const LONG: usize = 1024;

/// A list, as a `Vec` is one, of which no vector lies in two cache lines, if it is long.
///
/// The memory of a long `Vec` begins 16 bytes behind a page: each vector of 64 bytes would be fetched as two lines. A step of
/// 512 neurons and one sample, which is fetching and little else, takes up to a sixth less time so.
pub struct Aligned<S>(AVec<S, RuntimeAlign>);

/// Where the memory of a list of so many numbers begins: at a multiple of so many bytes.
const fn alignment<S>(len: usize) -> usize {
    if len.saturating_mul(size_of::<S>()) < LONG || LINE < align_of::<S>() { align_of::<S>() } else { LINE }
}

/// The same numbers, copied as memory is. (A list of anything that is not `Copy` is empty.)
fn copied<S: Clone>(numbers: &[S]) -> Aligned<S> {
    let mut list = AVec::with_capacity(alignment::<S>(numbers.len()), numbers.len());
    list.extend_from_slice(numbers);
    Aligned(list)
}

impl<S: Copy> Aligned<S> {
    /// `value`, `len` times.
    pub(crate) fn filled(value: S, len: usize) -> Self {
        let mut list = Self::default();
        list.resize(len, value);
        list
    }

    /// Makes it `len` numbers long; new ones are `value`.
    pub(crate) fn resize(&mut self, len: usize, value: S) {
        if len <= self.0.capacity() {
            self.0.resize(len, value);
        } else {
            let mut longer = AVec::with_capacity(alignment::<S>(len), len);
            longer.extend_from_slice(self);
            // Filled from a `Vec`, without a loop: this is compiled by whoever uses it, perhaps not optimised.
            longer.extend_from_slice(&vec![value; len - self.len()]);
            self.0 = longer;
        }
    }
}

impl<S> Default for Aligned<S> {
    /// Of no numbers.
    fn default() -> Self {
        Self(AVec::new(alignment::<S>(0)))
    }
}

impl<S: Clone> Clone for Aligned<S> {
    fn clone(&self) -> Self {
        copied(self)
    }
}

impl<S> Deref for Aligned<S> {
    type Target = [S];
    #[inline(always)]
    fn deref(&self) -> &[S] {
        &self.0
    }
}

impl<S> DerefMut for Aligned<S> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [S] {
        &mut self.0
    }
}

impl<S> AsRef<[S]> for Aligned<S> {
    fn as_ref(&self) -> &[S] {
        self
    }
}

impl<S: Copy> From<&[S]> for Aligned<S> {
    fn from(numbers: &[S]) -> Self {
        copied(numbers)
    }
}

impl<S: Copy> From<Vec<S>> for Aligned<S> {
    fn from(numbers: Vec<S>) -> Self {
        copied(&numbers)
    }
}

impl<S: Copy> FromIterator<S> for Aligned<S> {
    fn from_iter<I: IntoIterator<Item = S>>(numbers: I) -> Self {
        Self::from(Vec::from_iter(numbers))
    }
}

impl<'a, S> IntoIterator for &'a Aligned<S> {
    type Item = &'a S;
    type IntoIter = std::slice::Iter<'a, S>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<S: PartialEq, L: AsRef<[S]> + ?Sized> PartialEq<L> for Aligned<S> {
    fn eq(&self, other: &L) -> bool {
        self[..] == *other.as_ref()
    }
}

impl<S: Debug> Debug for Aligned<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self[..].fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Lanes, Scalar};

    /// Whether its memory begins a line, if it is long.
    fn is_aligned<S>(list: &Aligned<S>) -> bool {
        size_of_val(&list[..]) < LONG || list.as_ptr().addr().is_multiple_of(LINE)
    }

    #[test]
    fn a_long_list_begins_a_line_and_keeps_its_numbers_as_it_grows() {
        let mut list = Aligned::default();
        assert!(list.is_empty() && list == [0.0f32; 0]);
        for len in [1, 3, 17, 255, 256, 1000, 70_000, 5] {
            let before = list.to_vec();
            list.resize(len, len as f32);
            let kept = before.len().min(len);
            assert_eq!((list.len(), &list[..kept]), (len, &before[..kept]));
            assert!(list[kept..].iter().all(|&w| w == len as f32));
            // Of an iterator that does not know its length beforehand.
            let collected: Aligned<f32> = list.iter().copied().filter(|w| w.is_finite()).collect();
            let copied = Aligned::from(&list[..]);
            for list in [&list, &list.clone(), &collected, &copied, &Aligned::filled(0.5, len)] {
                assert!(is_aligned(list), "{len}");
            }
            assert_eq!((&list, &copied), (&collected, &list.clone()));
        }
    }

    #[test]
    fn so_does_a_list_of_lanes() {
        for lanes in [1, 3, 40].map(|len| Aligned::filled(Lanes::<f32, 64>::constant(0.5), len)) {
            assert!(is_aligned(&lanes) && is_aligned(&Aligned::from(&lanes[..])));
        }
    }
}
