//! `neuronlab completions` and `neuronlab man`: what a shell and `man` want to know of the program.

use crate::Failure;
use crate::args::{Args, CompletionsArgs, ManArgs};
use crate::printer::Printer;
use clap::CommandFactory;
use clap_mangen::Man;
use neuronlab::Error;

/// The script that completes verbs and options in a shell.
pub(crate) fn completions(args: &CompletionsArgs, printer: &mut Printer) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "neuronlab", &mut script);
    printer.result(String::from_utf8_lossy(&script).trim_end());
}

/// A page for the program and one for each verb.
pub(crate) fn man(args: &ManArgs, printer: &mut Printer) -> Result<(), Failure> {
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    let commands = std::iter::once(&program).chain(program.get_subcommands());
    let pages: Vec<Man> = commands.map(|command| Man::new(command.clone())).collect();
    let pages: Vec<_> = pages.into_iter().map(|page| (args.out.join(page.get_filename()), page)).collect();
    pages.iter().try_for_each(|(file, _)| super::may_write(file, args.force))?;
    let create = |source| Error::Io { action: "create", path: args.out.clone(), source };
    std::fs::create_dir_all(&args.out).map_err(create)?;
    for (file, page) in pages {
        let mut text = Vec::new();
        page.render(&mut text).map_err(|source| Error::Io { action: "write", path: file.clone(), source })?;
        super::write(&file, &String::from_utf8_lossy(&text))?;
        printer.line(file.display());
    }
    Ok(())
}
