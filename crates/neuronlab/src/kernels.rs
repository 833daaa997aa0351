//! What training spends its time in, as functions that are compiled once.
//!
//! A generic function is compiled anew by every program, test and example that uses it. These are compiled here, in the
//! library, once for each number type, so that what uses them builds in seconds.

use crate::nn::{Activate, ActivateBack, Backward, Forward, Keep, LossBack, LossValue, Penalise};
use crate::optim::{Clipping, Flush, Update};
use crate::scalar::{Dual, Scalar};

macro_rules! kernels {
    (once for $Number:ty: $($name:ident: $Work:ident<$($of:tt),*> -> $Output:ty;)*) => {
        impl Kernels for $Number {
            $(#[inline(never)]
            fn $name(work: $Work<$($of),*>) -> $Output {
                Self::call(work)
            })*
        }
    };
    ($($(#[$doc:meta])* $name:ident: $Work:ident<$($of:tt),*> -> $Output:ty;)*) => {
        /// The kernels of a number type: each does its work as [`Scalar::call`] would. Of numbers that no other crate
        /// computes with, such as lanes, they are compiled where they are used.
        #[doc(hidden)]
        pub trait Kernels: Sized {
            $($(#[$doc])*
            #[inline(always)]
            fn $name(work: $Work<$($of),*>) -> $Output where Self: Scalar {
                Self::call(work)
            })*
        }

        kernels!(once for f32: $($name: $Work<$($of),*> -> $Output;)*);
        kernels!(once for f64: $($name: $Work<$($of),*> -> $Output;)*);
        kernels!(once for Dual: $($name: $Work<$($of),*> -> $Output;)*);
    };
}

kernels! {
    /// a = f(z)
    activate: Activate<'_, Self> -> ();
    /// ∂L/∂z
    activate_back: ActivateBack<'_, Self> -> ();
    /// L(output, target)
    loss: LossValue<'_, Self> -> Self;
    /// ∂L/∂output
    loss_back: LossBack<'_, Self> -> ();
    /// All layers, forward.
    forward: Forward<'_, Self> -> ();
    /// All layers, backward; the gradients are kept.
    backward: Backward<'_, Self, Keep> -> ();
    /// Penalty of the weights.
    penalise: Penalise<'_, Self> -> Self;
    /// One update of all parameters.
    update: Update<'_, Self> -> ();
    /// Velocities that are too small to move anything become 0.
    flush: Flush<'_, Self> -> ();
    /// No gradient larger than wanted.
    clip: Clipping<'_, Self> -> ();
}
