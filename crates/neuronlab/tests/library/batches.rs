//! Which samples make which step, and that a step allocates nothing.

use neuronlab::experiment::Batch;
use neuronlab::random::{NumpyRng, TorchRng};
use neuronlab::train::Sampler;
use neuronlab::{Experiment, Trainer};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The samples of `epochs` epochs over n samples, step by step.
fn steps(batch: &Batch, n: usize, epochs: usize) -> Vec<Vec<u32>> {
    let mut sampler = Sampler::new(batch, n, TorchRng::new(7), NumpyRng::new(0)).unwrap();
    let each = sampler.steps();
    (0..epochs * each).map(|step| sampler.next(step % each).to_vec()).collect()
}

#[test]
fn the_last_partial_batch_is_a_batch() {
    let pairs = vec![vec![0, 1], vec![2, 3], vec![4]];
    assert_eq!(steps(&Batch::InOrder { size: 2 }, 5, 2), [pairs.clone(), pairs].concat());
    assert_eq!(steps(&Batch::List { samples: vec![4, 4, 0], size: 2 }, 5, 1), [vec![4, 4], vec![0]]);
    assert_eq!(steps(&Batch::Full, 5, 1), [[0, 1, 2, 3, 4]]);
    assert_eq!(steps(&Batch::InOrder { size: 9 }, 3, 1), [[0, 1, 2]]);
    // torch.manual_seed(7); DataLoader(range(10), batch_size=4, shuffle=True)
    assert_eq!(steps(&Batch::Shuffle { size: 4 }, 10, 1), [vec![3, 2, 7, 8], vec![6, 1, 5, 9], vec![0, 4]]);
}

/// np.random.seed(0); np.random.randint(4) is 0, 3, 1, 0, 3, 3, 3, 3, 1, 3.
#[test]
fn with_replacement_any_size_is_drawn() {
    assert_eq!(steps(&Batch::WithReplacement { size: 2, steps: 2 }, 4, 1), [[0, 3], [1, 0]]);
    assert_eq!(steps(&Batch::WithReplacement { size: 10, steps: 0 }, 4, 1), [[0, 3, 1, 0, 3, 3, 3, 3, 1, 3]]);
}

#[test]
fn only_steps_that_take_all_are_not_listed() {
    let takes_all = |batch: Batch| Sampler::new(&batch, 4, TorchRng::new(0), NumpyRng::new(0)).unwrap().takes_all();
    assert!(takes_all(Batch::Full) && takes_all(Batch::Shuffle { size: 4 }));
    assert!(!takes_all(Batch::WithReplacement { size: 4, steps: 0 }));
    assert!(!takes_all(Batch::List { samples: vec![3, 1, 1, 1], size: 4 }));
}

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Counts what this thread asks for.
struct Counting;

// SAFETY: every call is handed to the system's allocator as it is.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_step_allocates_nothing() {
    let learned =
        ["network.layers.0.dropout=0.2", "network.layers.1.activation=prelu", "batch={name='shuffle',size=3}"];
    for settings in [&[][..], &["batch={name='shuffle',size=3}"], &["batch=full", "loss=mse"], &learned] {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let mut trainer = Trainer::<f32>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
        // The first epoch makes room for its batches.
        for _ in 0..4 {
            trainer.step().unwrap();
        }
        let before = ALLOCATIONS.get();
        for _ in 0..1000 {
            trainer.step().unwrap();
        }
        assert_eq!(ALLOCATIONS.get() - before, 0, "{settings:?}");
    }
}
