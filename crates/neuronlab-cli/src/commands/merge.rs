//! `neuronlab merge`: the shards of a sweep become the whole.

use super::sweep;
use crate::Failure;
use crate::args::MergeArgs;
use crate::printer::Printer;
use neuronlab::sweep::SweepFolder;
use std::path::Path;

pub(crate) fn run(args: &MergeArgs, printer: &mut Printer) -> Result<(), Failure> {
    let shards = args.folders.iter().map(|folder| SweepFolder::open(folder)).collect::<Result<Vec<_>, _>>()?;
    if args.force
        && let Some(shard) = args.folders.iter().find(|folder| is_same(folder, &args.out))
    {
        let got = format!("{}, which --force would empty", shard.display());
        return Err(sweep::usage(
            "--out",
            "another folder than those of the shards",
            got,
            "without --force it is filled up",
        ));
    }
    // Nothing is changed before it is certain that the whole will come of it.
    SweepFolder::check_shards(&shards, (!args.force).then_some(&args.out))?;
    let whole = SweepFolder::create(&args.out, shards[0].sweep().clone(), args.force)?;
    if whole.is_complete() {
        printer.line("Done before; nothing was merged. (Another folder: --out, anew: --force)\n");
    } else {
        shards.iter().try_for_each(|shard| whole.take_parts(shard))?;
        sweep::finish(&whole)?;
    }
    sweep::show(&whole, &whole.tallies()?, printer);
    Ok(())
}

fn is_same(a: &Path, b: &Path) -> bool {
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}
