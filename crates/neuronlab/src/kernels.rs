//! What training spends its time in, as functions that are compiled once.
//!
//! A generic function is compiled anew by every program, test and example that uses it. These are compiled here, in the
//! library, once for each number type, so that what uses them builds in seconds.

use crate::nn::{
    Activate, ActivateBack, Answers, Backward, BackwardInput, BackwardParameters, Finite, Forward, Keep, LayerForward,
    LossBack, LossValue, NormBack, NormForward, Penalise,
};
use crate::optim::{Clipping, Flush, Update};
use crate::scalar::{Dual, Scalar, Simd};

/// From so many numbers on it pays to ask for the vectors.
const MANY: usize = 48;

macro_rules! kernels {
    (once for $Number:ty: $($name:ident: $Work:ident<$($of:tt),*> -> $Output:ty;)* ; $($wide:ident: $WideWork:ident<$($wide_of:tt),*> -> $WideOutput:ty;)*) => {
        impl Kernels for $Number {
            $(#[inline(never)]
            fn $name(work: $Work<$($of),*>) -> $Output {
                Self::call(work)
            })*
            kernels!(wide: $($wide: $WideWork<$($wide_of),*> -> $WideOutput;)*);
        }
    };
    (wide: ) => {};
    (wide: $($wide:ident: $WideWork:ident<$($wide_of:tt),*> -> $WideOutput:ty;)+) => {
        #[inline(always)]
        fn vectors_for(numbers: usize) -> Option<Simd> {
            if numbers < MANY { None } else { Some(Simd::best()).filter(|&simd| simd != Simd::Portable) }
        }
        $(#[inline(never)]
        fn $wide(simd: Simd, work: $WideWork<$($wide_of),*>) -> $WideOutput {
            simd.by_packets(work)
        })+
    };
    (whole { $($(#[$doc:meta])* $name:ident: $Work:ident<$($of:tt),*> -> $Output:ty;)* } by packets { $($(#[$wide_doc:meta])* $wide:ident: $WideWork:ident<$($wide_of:tt),*> -> $WideOutput:ty;)* }) => {
        /// The kernels of a number type: each does its work as [`Scalar::call`] would. Of numbers that no other crate
        /// computes with, such as lanes, they are compiled where they are used.
        #[doc(hidden)]
        pub trait Kernels: Sized {
            $($(#[$doc])*
            #[inline(always)]
            fn $name(work: $Work<$($of),*>) -> $Output where Self: Scalar {
                Self::call(work)
            })*

            /// The instructions by which so many numbers beside one another are computed with at once, if that pays: for plain
            /// numbers alone.
            #[inline(always)]
            fn vectors_for(_numbers: usize) -> Option<Simd> {
                None
            }
            $($(#[$wide_doc])*
            #[inline(always)]
            fn $wide(_simd: Simd, _work: $WideWork<$($wide_of),*>) -> $WideOutput where Self: Scalar {
                unreachable!("only plain numbers are computed with by packets")
            })*
        }

        kernels!(once for f32: $($name: $Work<$($of),*> -> $Output;)* ; $($wide: $WideWork<$($wide_of),*> -> $WideOutput;)*);
        kernels!(once for f64: $($name: $Work<$($of),*> -> $Output;)* ; $($wide: $WideWork<$($wide_of),*> -> $WideOutput;)*);
        kernels!(once for Dual: $($name: $Work<$($of),*> -> $Output;)* ; );
    };
}

kernels! {
    whole {
        /// a = f(z)
        activate: Activate<'_, Self> -> ();
        /// ∂L/∂z
        activate_back: ActivateBack<'_, Self> -> ();
        /// L(output, target)
        loss: LossValue<'_, Self> -> Self;
        /// ∂L/∂output
        loss_back: LossBack<'_, Self> -> ();
        /// What each row of outputs says in the terms of its target.
        answers: Answers<'_, Self> -> ();
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
    by packets {
        /// z of a linear layer.
        wide_forward: LayerForward<'_, Self> -> ();
        /// ∂L/∂x of a linear layer.
        wide_backward_input: BackwardInput<'_, Self> -> ();
        /// ∂L/∂w and ∂L/∂bias of a linear layer.
        wide_backward_parameters: BackwardParameters<'_, Self> -> ();
        /// y of a batch normalisation.
        wide_norm: NormForward<'_, Self> -> ();
        /// ∂L/∂z of a batch normalisation.
        wide_norm_back: NormBack<'_, Self> -> ();
        /// a = f(z)
        wide_activate: Activate<'_, Self> -> ();
        /// ∂L/∂z
        wide_activate_back: ActivateBack<'_, Self> -> ();
        /// L(output, target)
        wide_loss: LossValue<'_, Self> -> Self;
        /// ∂L/∂output
        wide_loss_back: LossBack<'_, Self> -> ();
        /// One update of all parameters.
        wide_update: Update<'_, Self> -> ();
        /// Whether all numbers are finite.
        wide_finite: Finite<'_, Self> -> bool;
    }
}
