#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    neuronlab::fuzz::tallies(bytes);
});
