//! Activations at work: a layer's numbers, one by one or by packets.

use super::Activation;
use crate::nn::numbers::Numbers;
use crate::scalar::{Packet, PacketWork, Scalar, Work};

/// A layer through its activation, as a piece of work.
pub struct Activate<'a, S, F = Activation> {
    pub(in crate::nn) f: &'a F,
    pub(in crate::nn) numbers: &'a Numbers<S>,
    pub(in crate::nn) z: &'a [S],
    pub(in crate::nn) a: &'a mut [S],
    pub(in crate::nn) width: usize,
}

impl<S: Scalar> Work for Activate<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.f.forward_here::<S, S>(self.numbers, self.z, self.a, self.width);
    }
}

impl<S: Scalar> PacketWork<S> for Activate<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        self.f.forward_here::<S, V>(self.numbers, self.z, self.a, self.width);
    }
}

/// The chain rule through an activation, as a piece of work.
pub struct ActivateBack<'a, S, F = Activation> {
    pub(in crate::nn) f: &'a F,
    pub(in crate::nn) numbers: &'a Numbers<S>,
    pub(in crate::nn) z: &'a [S],
    pub(in crate::nn) a: &'a [S],
    pub(in crate::nn) da: &'a [S],
    pub(in crate::nn) dz: &'a mut [S],
    pub(in crate::nn) width: usize,
}

impl<S: Scalar> Work for ActivateBack<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.f.backward_here::<S, S>(self.numbers, self.z, self.a, self.da, self.dz, self.width);
    }
}

impl<S: Scalar> PacketWork<S> for ActivateBack<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        self.f.backward_here::<S, V>(self.numbers, self.z, self.a, self.da, self.dz, self.width);
    }
}
