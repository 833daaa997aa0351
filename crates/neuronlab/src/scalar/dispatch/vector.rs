//! A vector of the processor as a number: what a macro makes of one architecture's instructions.

/// A vector of the processor as a `Scalar`. Every operation is one or a few instructions.
///
/// SAFETY of all its `unsafe`: values of the type are made nowhere but in work that `Simd` runs, which has asked the processor
/// for the instructions. Pointers are those of slices that were just cut to the vector's length, or of shorter ones with a mask of
/// theirs.
#[allow(unused_macros, reason = "used on the architectures that have vectors")]
macro_rules! vector {
    (
        $Name:ident($Raw:ident), $lanes:literal of $Element:ident, mask $Mask:ident, tile $rows:literal x $packets:literal;
        splat($x:ident) = $splat:expr;
        load($from:ident) = $load:expr;
        store($to:ident, $stored:ident) = $store:expr;
        load_some($some:ident) = $load_some:expr;
        store_some($room:ident, $value:ident) = $store_some:expr;
        pick($table:ident, $index:ident) = $pick:expr;
        operators: $($Trait:ident $method:ident $operation:ident),*;
        mul_add($f:ident, $g:ident, $h:ident) = $mul_add:expr;
        sqrt = $sqrt:ident;
        smaller = $smaller:ident, larger = $larger:ident;
        call($work:ident) = $call:expr;
        bits: and $and:ident, or $or:ident, and_not $and_not:ident;
        lt($l:ident, $r:ident) = $lt:expr;
        select($mask:ident, $yes:ident, $no:ident) = $select:expr;
        pow2($shifted:ident) = $pow2:expr;
        split($whole:ident) = $split:expr;
        zip($a:ident, $b:ident) = $zip:expr;
    ) => {
        #[doc(hidden)]
        #[derive(Debug, Clone, Copy)]
        #[repr(transparent)]
        pub struct $Name($Raw);

        impl Sealed for $Name {}
        impl Kernels for $Name {}

        $(impl $Trait for $Name {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(unsafe { $operation(self.0, other.0) })
            }
        })*

        impl Neg for $Name {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                // The sign turned, of zeros and NaNs as well, as of a plain number.
                let sign = Self::constant(-0.0).0;
                Self(unsafe { $or($and_not(self.0, sign), $and_not(sign, self.0)) })
            }
        }

        impl Scalar for $Name {
            type Element = $Element;
            type Mask = $Mask;
            const LANES: usize = $lanes;

            #[inline(always)]
            #[allow(unused_unsafe, reason = "NEON needs no permission")]
            fn call<W: Work>($work: W) -> W::Output {
                unsafe { $call }
            }
            #[inline(always)]
            fn constant(value: f64) -> Self {
                let $x = value as $Element;
                Self(unsafe { $splat })
            }
            #[inline(always)]
            fn load(values: &[$Element]) -> Self {
                let $from = values[..$lanes].as_ptr();
                Self(unsafe { $load })
            }
            #[inline(always)]
            fn store(self, values: &mut [$Element]) {
                let ($to, $stored) = (values[..$lanes].as_mut_ptr(), self.0);
                unsafe { $store }
            }
            #[inline(always)]
            fn pick(table: &[$Element], index: &[u32]) -> Self {
                let ($table, $index) = (table, &index[..$lanes]);
                $pick
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                let ($f, $g, $h) = (self.0, factor.0, addend.0);
                Self(unsafe { $mul_add })
            }
            #[inline(always)]
            fn abs(self) -> Self {
                Self(unsafe { $and_not(Self::constant(-0.0).0, self.0) })
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                Self(unsafe { $sqrt(self.0) })
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                Self(unsafe { $smaller(other.0, self.0) })
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                Self(unsafe { $larger(other.0, self.0) })
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                let bit = Self::constant(-0.0).0;
                Self(unsafe { $or($and_not(bit, self.0), $and(bit, sign.0)) })
            }
            #[inline(always)]
            fn lt(self, other: Self) -> $Mask {
                let ($l, $r) = (self.0, other.0);
                unsafe { $lt }
            }
            #[inline(always)]
            fn select($mask: $Mask, yes: Self, no: Self) -> Self {
                let ($yes, $no) = (yes.0, no.0);
                Self(unsafe { $select })
            }
            #[inline(always)]
            fn round_pow2(self, factor: f64) -> (Self, Self) {
                // As of a plain number, in `real`.
                let bias = $Element::MAX_EXP as u64;
                let magic = Self::constant(((3u64 << ($Element::MANTISSA_DIGITS - 1) >> 1) + bias) as f64);
                let shifted = self.mul_add(Self::constant(factor), magic);
                let $shifted = shifted.0;
                (shifted - magic, Self(unsafe { $pow2 }))
            }
            #[inline(always)]
            fn split_exponent(self) -> (Self, Self) {
                let $whole = self;
                $split
            }
        }

        impl Packet<$Element> for $Name {
            const WIDTH: usize = $lanes;
            type Tile = [[Self; $packets]; $rows];

            #[inline(always)]
            fn take(numbers: &[$Element], at: usize) -> Self {
                let rest = &numbers[at..];
                if rest.len() >= $lanes {
                    Self::load(rest)
                } else {
                    let $some = rest;
                    $load_some
                }
            }
            #[inline(always)]
            fn put(self, numbers: &mut [$Element], at: usize) {
                let rest = &mut numbers[at..];
                if rest.len() >= $lanes {
                    self.store(rest);
                } else {
                    let ($room, $value) = (rest, self);
                    $store_some
                }
            }
            #[inline(always)]
            fn spread(number: $Element) -> Self {
                let $x = number;
                Self(unsafe { $splat })
            }
            #[inline(always)]
            fn zip(self, other: Self) -> (Self, Self) {
                let ($a, $b) = (self.0, other.0);
                let (low, high) = unsafe { $zip };
                (Self(low), Self(high))
            }
            #[inline(always)]
            fn packets(numbers: &mut [$Element]) -> &mut [Self] {
                // SAFETY: a vector is its numbers, one behind the other, whatever they are.
                unsafe { numbers.align_to_mut::<Self>().1 }
            }
        }
    };
}
#[allow(unused_imports, reason = "used on the architectures that have vectors")]
pub(super) use vector;

/// Lane by lane, as of plain numbers: for what a set of instructions lacks.
#[allow(unused, reason = "used on the architectures that have vectors")]
pub(super) mod one_by_one {
    use crate::scalar::packet::MOST;
    use crate::scalar::{Real, Scalar, copy};

    #[inline(always)]
    pub(in crate::scalar::dispatch) fn pick<V: Scalar>(table: &[V::Element], index: &[u32]) -> V {
        let mut lanes = [V::Element::default(); MOST];
        for k in 0..V::LANES {
            lanes[k] = table[(index[k] as usize).min(table.len() - 1)];
        }
        V::load(&lanes)
    }

    /// The numbers that are there, and 0 for the rest.
    #[inline(always)]
    pub(in crate::scalar::dispatch) fn take<V: Scalar>(numbers: &[V::Element]) -> V {
        let mut lanes = [V::Element::default(); MOST];
        copy(numbers, &mut lanes[..numbers.len()]);
        V::load(&lanes)
    }

    #[inline(always)]
    pub(in crate::scalar::dispatch) fn put<V: Scalar>(value: V, numbers: &mut [V::Element]) {
        let mut lanes = [V::Element::default(); MOST];
        value.store(&mut lanes);
        copy(&lanes, numbers);
    }

    #[inline(always)]
    pub(in crate::scalar::dispatch) fn split_exponent<V: Scalar>(value: V) -> (V, V) {
        let (mut m, mut e) = ([V::Element::default(); MOST], [V::Element::default(); MOST]);
        value.store(&mut m);
        for k in 0..V::LANES {
            (m[k], e[k]) = m[k].split_exponent();
        }
        (V::load(&m), V::load(&e))
    }
}
