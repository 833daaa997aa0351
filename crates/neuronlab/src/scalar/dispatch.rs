//! Where the engine meets the instruction set: the only file with `unsafe`.
//!
//! A fused multiply-add is one instruction on the processors of the last ten years, but a call into a library where
//! the compiler may not assume it. Work handed to [`fused`] is compiled twice, with and without the instruction, and
//! the processor at hand decides. Both give the same bits.

/// A piece of work; `run` must be `#[inline(always)]`, and everything in it that computes.
pub(crate) trait Work {
    type Output;
    fn run(self) -> Self::Output;
}

/// Runs `work` with fused multiply-add instructions where the processor has them.
#[inline]
pub(crate) fn fused<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the processor was just asked for both features.
        #[allow(unsafe_code)]
        return unsafe { with_fma(work) };
    }
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_fma<W: Work>(work: W) -> W::Output {
    work.run()
}
