use assert_cmd::Command;
use std::path::PathBuf;
use std::process::Output;
use tempfile::TempDir;

/// An empty folder that is removed again.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// `neuronlab` with arguments, in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("neuronlab").unwrap();
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    /// What it prints, when it succeeds.
    #[track_caller]
    pub(crate) fn stdout(&self, arguments: &[&str]) -> String {
        text(self.command(arguments).assert().success().get_output()).0
    }

    /// Its error, when it ends with `code`.
    #[track_caller]
    pub(crate) fn error(&self, code: i32, arguments: &[&str]) -> String {
        text(self.command(arguments).assert().code(code).get_output()).1
    }
}

fn text(output: &Output) -> (String, String) {
    (String::from_utf8(output.stdout.clone()).unwrap(), String::from_utf8(output.stderr.clone()).unwrap())
}
