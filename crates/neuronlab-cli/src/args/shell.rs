//! What a shell and `man` want: `completions`, `man`.

use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab completions bash > ~/.local/share/bash-completion/completions/neuronlab
  neuronlab completions zsh > ~/.zfunc/_neuronlab
  neuronlab completions fish > ~/.config/fish/completions/neuronlab.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(clap::Args)]
#[command(after_help = "\
Example:
  neuronlab man --out ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// Folder for the pages: neuronlab.1 and one for each command
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Overwrite pages in the folder
    #[arg(long)]
    pub(crate) force: bool,
}
