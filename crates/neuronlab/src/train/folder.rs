//! A folder of results: files written whole or not at all, and one writer at a time.

use super::sums::Sums;
use crate::error::{Error, Result};
use crate::file::{self, Output, is_at};
use crate::sha256::{Summed, sum_of, sum_of_file};
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
        // Removed before it is given up: afterwards it may be somebody else's.
        if self.lock.is_some() {
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
        if path.exists() && !path.is_dir() {
            let is = if path.is_file() { "a file" } else { "something else (a device or a pipe)" };
            return Err(Error::file(path, "a folder, to write into", is));
        }
        // What a killed program left of its writing is no result.
        let is_result = |entry: fs::DirEntry| entry.file_name() != Self::LOCK && !is_left_over(&entry);
        let free = || {
            let used = fs::read_dir(path).is_ok_and(|entries| entries.flatten().any(is_result));
            let refused = Error::Exists { path: path.into(), holds: "exists and is not empty".into() };
            if used && !force { Err(refused) } else { Ok(()) }
        };
        free()?;
        fs::create_dir_all(path).map_err(Error::io("create", path))?;
        tempfile::tempfile_in(path).map_err(|e| Error::io("write to", path)(file::plain(e)))?;
        let folder = Self::open(path).locked()?;
        // Another run may have come and gone before the folder was ours.
        free().map(|()| folder)
    }

    /// A folder to read from.
    pub(crate) fn open(path: &Path) -> Self {
        Self { path: path.into(), lock: None }
    }

    /// The folder, if nobody else is writing into it; what killed programs left of their writing is removed.
    pub(crate) fn locked(mut self) -> Result<Self> {
        let path = self.path(Self::LOCK);
        let expected = "a folder that no other run is writing into";
        // A link, or a device, would lock something that is not ours.
        if fs::symlink_metadata(&path).is_ok_and(|there| !there.is_file()) {
            return Err(Error::file(&path, "a file, which locks the folder", "something else"));
        }
        loop {
            let file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path);
            let file = file.map_err(Error::io("write", &path))?;
            // Where a file system knows no locks, there is none.
            if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
                return Err(Error::file(&self.path, expected, "one that another run has locked"));
            }
            // Whoever held the lock may have removed its file between our two calls.
            if is_at(&file, &path) {
                self.lock = Some(file);
                break;
            }
        }
        self.roll_forward();
        self.remove_left_over("")?;
        Ok(self)
    }

    /// Ends what a run began that was killed while its files got their names: those that its sums know, and only those, are its.
    fn roll_forward(&self) {
        let Ok(Sums(sums)) = Sums::read(&self.path) else { return };
        let mut left = false;
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten().filter(is_left_over) {
            let part = entry.file_name();
            let Some(name) = part.to_str().and_then(file::becomes) else { continue };
            if sums.get(name).is_some_and(|sum| sum_of_file(&entry.path()).is_ok_and(|of_part| of_part == *sum)) {
                left |= fs::rename(entry.path(), self.path(name)).is_ok();
            }
        }
        if left && sums.contains_key("experiment.toml") {
            for file in Self::OF_A_RUN.iter().filter(|file| !sums.contains_key(**file)) {
                let _ = self.remove(file);
            }
        }
    }

    /// What an earlier run may have left that a later one has none of.
    pub(super) const OF_A_RUN: [&'static str; 3] = ["checkpoint", "report.html", "data.csv"];

    /// Removes what a run that was killed left behind, if there is something and nobody is writing now.
    pub(crate) fn tidy(path: &Path) {
        let left = |entry: fs::DirEntry| entry.file_name() == Self::LOCK || is_left_over(&entry);
        if fs::read_dir(path).is_ok_and(|entries| entries.flatten().any(left)) {
            let _ = Self::open(path).locked();
        }
    }

    /// Removes what killed programs left of writing into a folder in it.
    pub(crate) fn remove_left_over(&self, folder: &str) -> Result<()> {
        let folder = self.path(folder);
        for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))?.flatten() {
            if is_left_over(&entry) {
                file::remove_if_dead(&entry.path()).map_err(Error::io("remove", &entry.path()))?;
            }
        }
        Ok(())
    }

    /// Whether this value may write.
    pub(crate) fn is_locked(&self) -> bool {
        self.lock.is_some()
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
        let path = self.path(file);
        let mut output = Output::create(&path)?;
        output.write_all(bytes).map_err(Error::io("write", &path))?;
        output.finish()
    }

    /// Files that are to change together.
    pub(crate) fn batch(&self) -> Batch<'_> {
        Batch { folder: self, files: vec![] }
    }

    /// A file's bytes, which are those that were written.
    pub(crate) fn read(&self, file: &str, most: u64) -> Result<Vec<u8>> {
        let bytes = file::read(&self.path(file), most)?;
        Sums::read(&self.path)?.check(&self.path(file), &sum_of(&bytes))?;
        Ok(bytes)
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

/// Files that a folder gets together, all or none: a disk that becomes full leaves what was there before, and of a program that
/// is killed while they get their names the next one finishes the work.
pub(crate) struct Batch<'f> {
    folder: &'f Folder,
    /// Their names, what is written, and their sums.
    files: Vec<(String, Output, String)>,
}

impl Batch<'_> {
    /// A file.
    pub(crate) fn add(&mut self, file: &str, bytes: &[u8]) -> Result<()> {
        self.add_with(file, |out| out.write_all(bytes).map_err(Error::io("write", &self.folder.path(file))))
    }

    /// A file of some size as it is made.
    pub(crate) fn add_with(
        &mut self,
        file: &str,
        make: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
    ) -> Result<()> {
        let path = self.folder.path(file);
        let mut out = BufWriter::new(Summed::new(Output::create(&path)?));
        make(&mut out)?;
        let out = out.into_inner().map_err(|e| Error::io("write", &path)(e.into_error()))?;
        let sum = out.sum();
        out.inner.sync()?;
        self.files.push((file.into(), out.inner, sum));
        Ok(())
    }

    /// Gives the files their names, in their order, and removes those that are `gone`. The sums come first: from there on the
    /// folder is the new one, whatever happens.
    pub(crate) fn commit(self, gone: &[&str]) -> Result<()> {
        let folder = self.folder;
        let mut sums = Sums::read(&folder.path).unwrap_or_default();
        sums.0.retain(|name, _| folder.path(name).exists() && !gone.contains(&name.as_str()));
        sums.0.extend(self.files.iter().map(|(name, _, sum)| (name.clone(), sum.clone())));
        folder.write(Sums::FILE, sums.to_text().as_bytes())?;
        gone.iter().try_for_each(|file| folder.remove(file))?;
        self.files.into_iter().try_for_each(|(_, output, _)| output.finish())
    }
}

/// Whether a file is what is left of writing one of ours: `runs.csvXk3a9Q.part`.
fn is_left_over(entry: &fs::DirEntry) -> bool {
    const ENDS: [&str; 10] =
        [Sums::FILE, ".toml", ".csv", ".json", ".svg", ".html", ".safetensors", ".parquet", ".part", "checkpoint"];
    file::is_left_over(entry, |name| ENDS.iter().any(|end| name.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: (&str, &str) = ("no such file", "");

    #[test]
    fn what_killed_programs_left_is_removed_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        let ours = [".lock", "history.csvXk3a9Q.part", "000012.partXk3a9Q.part", "checkpointXk3a9Q.part"];
        let others = ["film.mp4Xk3a9Q.part", "history.csv.part", "000012.part"];
        for name in ours.iter().chain(&others) {
            fs::write(path(name), "half").unwrap();
        }
        let folder = Folder::open(place.path()).locked().unwrap();
        assert!(path(".lock").exists() && ours[1..].iter().all(|name| !path(name).exists()));
        assert!(others.iter().all(|name| path(name).exists()));
        // Somebody is alive: neither the lock nor what is being written is taken away.
        let alive = Output::create(&path("weights.safetensors")).unwrap();
        let error = Folder::create(place.path(), true, NOTHING).unwrap_err().to_string();
        assert!(error.contains("one that another run has locked"), "{error}");
        Folder::tidy(place.path());
        assert!(path(".lock").exists());
        folder.remove_left_over("").unwrap();
        alive.finish().unwrap();
        assert!(path("weights.safetensors").exists());
        drop(folder);
        assert!(!path(".lock").exists());
        // A lock that nobody holds.
        fs::write(path(".lock"), "").unwrap();
        Folder::tidy(place.path());
        assert!(!path(".lock").exists());
    }

    /// Killed after the sums got their name and before the files did: the next run ends the work.
    #[test]
    fn a_batch_that_was_begun_is_finished_and_one_that_was_not_is_forgotten() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        for (begun, holds) in [(false, "old"), (true, "new")] {
            for (name, text) in [("experiment.toml", "old"), ("history.csv", "old"), ("report.html", "old")] {
                fs::write(path(name), text).unwrap();
            }
            for name in ["experiment.tomlXk3a9Q.part", "history.csvXk3a9Q.part"] {
                fs::write(path(name), "new").unwrap();
            }
            let sum = crate::sha256::sum_of(b"new");
            let sums = if begun { format!("{sum}  experiment.toml\n{sum}  history.csv\n") } else { String::new() };
            fs::write(path(Sums::FILE), sums).unwrap();
            drop(Folder::open(place.path()).locked().unwrap());
            assert_eq!(fs::read_to_string(path("experiment.toml")).unwrap(), holds);
            assert_eq!(fs::read_to_string(path("history.csv")).unwrap(), holds);
            assert_eq!(path("report.html").exists(), !begun);
            assert!(!path("history.csvXk3a9Q.part").exists());
        }
    }

    /// A folder that fills up between the look at it and the lock is not overwritten.
    #[test]
    fn of_racing_runs_one_gets_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("run");
        let wins = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    if let Ok(folder) = Folder::create(&path, false, NOTHING) {
                        folder.write("history.csv", b"mine").unwrap();
                        wins.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(wins.into_inner(), 1);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_that_leads_elsewhere_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let (lock, elsewhere) = (place.path().join(".lock"), place.path().join("precious"));
        fs::write(&elsewhere, "words").unwrap();
        std::os::unix::fs::symlink(&elsewhere, lock).unwrap();
        let error = Folder::open(place.path()).locked().unwrap_err().to_string();
        assert!(error.contains("expected a file, which locks the folder"), "{error}");
        assert_eq!(fs::read_to_string(elsewhere).unwrap(), "words");
    }
}
