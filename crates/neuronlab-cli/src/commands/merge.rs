//! `neuronlab merge`: the shards of a sweep become the whole.

use super::sweep;
use crate::Failure;
use crate::args::MergeArgs;
use crate::printer::Printer;
use neuronlab::sweep::SweepFolder;

pub(crate) fn run(args: &MergeArgs, printer: &mut Printer) -> Result<(), Failure> {
    let shards = args.folders.iter().map(|folder| SweepFolder::open(folder)).collect::<Result<Vec<_>, _>>()?;
    let whole = SweepFolder::create(&args.out, shards[0].sweep().clone(), args.force)?;
    if !whole.is_complete() {
        shards.iter().try_for_each(|shard| whole.take_parts(shard))?;
        sweep::finish(&whole)?;
    }
    sweep::show(&whole, &whole.tallies()?, printer);
    Ok(())
}
