//! A folder of results: files written whole or not at all, and one writer at a time.

use crate::error::{Error, Result};
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// A folder, and the lock on it while this value may write.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    lock: Option<fs::File>,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.lock.take().is_some() {
            let _ = fs::remove_file(self.path(Self::LOCK));
        }
    }
}

impl Folder {
    const LOCK: &'static str = ".lock";

    /// A new folder, locked; one that holds something already is refused unless `force`.
    ///
    /// A file is written and removed again, so that a folder that can't be written to is an error before the work. A folder with
    /// the `foreign` file is refused in any case: it is what the name beside it says.
    pub(crate) fn create(path: &Path, force: bool, (foreign, is): (&str, &str)) -> Result<Self> {
        if path.join(foreign).exists() {
            return Err(Error::file(path, "another folder, to write into", is));
        }
        // What a killed program left of its writing is no result.
        let is_result = |entry: fs::DirEntry| entry.file_name() != Self::LOCK && !is_left_over(&entry);
        let used = fs::read_dir(path).is_ok_and(|entries| entries.flatten().any(is_result));
        if used && !force {
            return Err(Error::Exists { path: path.into(), holds: "exists and is not empty".into() });
        }
        fs::create_dir_all(path).map_err(Error::io("create", path))?;
        tempfile::tempfile_in(path).map_err(Error::io("write to", path))?;
        let folder = Self::open(path).locked()?;
        for entry in fs::read_dir(path).map_err(Error::io("read", path))?.flatten() {
            if is_left_over(&entry) {
                folder.remove(&entry.file_name().to_string_lossy())?;
            }
        }
        Ok(folder)
    }

    /// A folder to read from.
    pub(crate) fn open(path: &Path) -> Self {
        Self { path: path.into(), lock: None }
    }

    /// The folder, if nobody else is writing into it.
    pub(crate) fn locked(mut self) -> Result<Self> {
        let path = self.path(Self::LOCK);
        let file = fs::File::create(&path).map_err(Error::io("write", &path))?;
        // Where a file system knows no locks, there is none.
        if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
            let expected = "a folder that no other run is writing into";
            return Err(Error::file(&self.path, expected, "one that another run has locked"));
        }
        self.lock = Some(file);
        Ok(self)
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.path
    }

    /// The path of one of its files.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// Writes a file under a temporary name and renames it.
    pub(crate) fn write(&self, file: &str, bytes: &[u8]) -> Result<()> {
        self.write_all(&[(file, bytes)])
    }

    /// Writes files under temporary names and, when all are written, renames them in their order: a disk that becomes full
    /// leaves what was there before.
    pub(crate) fn write_all(&self, files: &[(&str, &[u8])]) -> Result<()> {
        let mut written = Vec::new();
        for (file, bytes) in files {
            let path = self.path(file);
            let part = new_part(&path).and_then(|mut part| part.write_all(bytes).map(|()| part));
            written.push((part.map_err(Error::io("write", &path))?, path));
        }
        written.into_iter().try_for_each(|(part, path)| rename(part, &path))
    }

    /// Writes a file of some size as it is made.
    pub(crate) fn write_with(
        &self,
        file: &str,
        make: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
    ) -> Result<()> {
        let path = self.path(file);
        let mut out = BufWriter::new(new_part(&path).map_err(Error::io("write", &path))?);
        make(&mut out)?;
        let part = out.into_inner().map_err(|e| Error::io("write", &path)(e.into_error()))?;
        rename(part, &path)
    }

    /// Removes a file that an earlier run left and this one has none of.
    pub(crate) fn remove(&self, file: &str) -> Result<()> {
        match fs::remove_file(self.path(file)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", &self.path(file))(e)),
            _ => Ok(()),
        }
    }

    /// Removes a folder in it, with all that it holds.
    pub(crate) fn remove_folder(&self, folder: &str) -> Result<()> {
        match fs::remove_dir_all(self.path(folder)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", &self.path(folder))(e)),
            _ => Ok(()),
        }
    }
}

/// Whether a file is one that [`new_part`] made and nobody renamed: `runs.csvXk3a9Q.part`.
fn is_left_over(entry: &fs::DirEntry) -> bool {
    const ENDS: [&str; 8] = [".toml", ".csv", ".json", ".svg", ".html", ".safetensors", ".parquet", "checkpoint"];
    let name = entry.file_name();
    let random = name
        .to_str()
        .and_then(|name| name.strip_suffix(".part"))
        .and_then(|name| name.split_at_checked(name.len().checked_sub(6)?));
    random.is_some_and(|(name, random)| {
        ENDS.iter().any(|end| name.ends_with(end)) && random.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// A temporary file beside the one it is to become, as readable as the user's umask lets it be, where there is one.
fn new_part(path: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let name = path.file_name().unwrap_or_default();
    builder.prefix(name).suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(path.parent().unwrap_or(Path::new(".")))
}

fn rename(part: tempfile::NamedTempFile, path: &Path) -> Result<()> {
    part.persist(path).map(|_| ()).map_err(|e| Error::io("write", path)(e.error))
}
