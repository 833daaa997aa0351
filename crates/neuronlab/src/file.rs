//! Files: where what is written to a path goes, and how much of one is read.
//!
//! A regular file is written under a temporary name beside its place, brought to the disk and renamed, so that it is there whole
//! or not at all, even if the power fails; who may read it stays as it was. A symbolic link is followed: what it leads to is
//! replaced, and the link stays. What exists and is no regular file (a device, a pipe) is opened and written to as it is.

use crate::error::{Error, Result};
use crate::limits::MEMORY_LIMIT;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Writes a file: whole or not at all, through symbolic links; devices and pipes as they are.
///
/// # Errors
/// The path is a folder, or can't be written to.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut output = Output::create(path)?;
    output.write_all(bytes).map_err(Error::io("write", path))?;
    output.finish()?;
    remove_left_over(path);
    Ok(())
}

/// A file that is being written.
pub(crate) struct Output {
    /// As it was asked for.
    path: PathBuf,
    to: To,
}

enum To {
    /// A temporary file, and the place that it is to be renamed to.
    Part(NamedTempFile, PathBuf),
    /// What is there already, and stays.
    AsItIs(fs::File),
}

impl Output {
    /// The one place that decides what writing to a path means.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let failed = Error::io("write", path);
        let to = match fs::metadata(path) {
            Ok(there) if there.is_dir() => return Err(Error::file(path, "a file to write to", "a folder")),
            Ok(there) if !there.is_file() => fs::OpenOptions::new().write(true).open(path).map(To::AsItIs),
            there => end_of_links(path).and_then(|place| {
                let part = new_part(&place)?;
                there.map_or(Ok(()), |there| as_it_was(part.as_file(), &there))?;
                Ok(To::Part(part, place))
            }),
        };
        Ok(Self { path: path.into(), to: to.map_err(|e| failed(plain(e)))? })
    }

    /// Brings what was written to the disk: what is renamed before that may be empty when the power comes back.
    pub(crate) fn sync(&self) -> Result<()> {
        match &self.to {
            To::Part(part, _) => part.as_file().sync_all().map_err(Error::io("write", &self.path)),
            To::AsItIs(_) => Ok(()),
        }
    }

    /// Puts the file into its place.
    pub(crate) fn finish(self) -> Result<()> {
        self.sync()?;
        match self.to {
            To::Part(part, place) => {
                part.persist(&place).map_err(|e| Error::io("write", &self.path)(e.error))?;
                sync_folder(folder_of(&place));
                Ok(())
            }
            To::AsItIs(_) => Ok(()),
        }
    }
}

/// Brings the names in a folder to the disk, where the system has a way to do it.
pub(crate) fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
}

/// Gives a new file the permissions of the one that it replaces and, where the user may do that, its owner.
fn as_it_was(file: &fs::File, there: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (there.uid(), there.gid()) {
            let _ = fchown(file, Some(there.uid()), Some(there.gid()));
        }
    }
    file.set_permissions(there.permissions())
}

/// The system's reason, without the name of a temporary file, which says nothing to the user.
pub(crate) fn plain(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.rsplit_once(" at path ") {
        Some((reason, _)) if error.get_ref().is_some() => io::Error::new(error.kind(), reason),
        _ => error,
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Part(part, _) => part.as_file_mut().write(bytes),
            To::AsItIs(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Part(part, _) => part.as_file_mut().flush(),
            To::AsItIs(file) => file.flush(),
        }
    }
}

/// Where symbolic links lead, the last of them maybe to nothing yet.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    // As many as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut place = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&place) {
            Ok(next) => place = place.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// A temporary file beside the one it is to become, as readable as the user's umask lets it be, where there is one. It is locked
/// as long as it is written.
fn new_part(place: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(place.file_name().unwrap_or_default()).suffix(PART);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    loop {
        let part = builder.tempfile_in(folder_of(place))?;
        // Before it was locked, somebody who tidies up may have taken it for one that nobody writes. (Where a file system knows no
        // locks, there is none.)
        let taken = matches!(part.as_file().try_lock(), Err(fs::TryLockError::WouldBlock));
        if !taken && is_at(part.as_file(), part.path()) {
            return Ok(part);
        }
    }
}

/// Whether an open file is the one at a path.
pub(crate) fn is_at(file: &fs::File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let id = |there: fs::Metadata| (there.dev(), there.ino());
        file.metadata().map(id).ok() == fs::symlink_metadata(path).map(id).ok()
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// What the name of a temporary file ends with, behind the name of the file it is to become and six letters or digits.
const PART: &str = ".part";

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name of the file that a temporary file was to become.
pub(crate) fn becomes(part: &str) -> Option<&str> {
    let name = part.strip_suffix(PART)?;
    let (name, random) = name.split_at_checked(name.len().checked_sub(6)?)?;
    random.bytes().all(|b| b.is_ascii_alphanumeric()).then_some(name)
}

/// Whether a folder's entry is a temporary file that nobody renamed, of a file that `ours` knows by its name.
pub(crate) fn is_left_over(entry: &fs::DirEntry, ours: impl Fn(&str) -> bool) -> bool {
    let name = entry.file_name();
    let regular = entry.file_type().is_ok_and(|kind| kind.is_file());
    regular && name.to_str().and_then(becomes).is_some_and(ours)
}

/// Removes such a file, unless a program is alive that writes it.
pub(crate) fn remove_if_dead(part: &Path) -> io::Result<()> {
    let gone = |e: io::Error| if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(e) };
    let file = match fs::File::open(part) {
        Ok(file) => file,
        Err(e) => return gone(e),
    };
    // The lock is held until the file is gone, so that nobody takes it up in between.
    if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
        return Ok(());
    }
    fs::remove_file(part).or_else(gone)
}

/// Removes what killed programs left of writing the same file; what can't be removed does no harm.
fn remove_left_over(path: &Path) {
    let Ok(place) = end_of_links(path) else { return };
    let Some(name) = place.file_name().and_then(|name| name.to_str()) else { return };
    for entry in fs::read_dir(folder_of(&place)).into_iter().flatten().flatten() {
        if is_left_over(&entry, |other| other == name) {
            let _ = remove_if_dead(&entry.path());
        }
    }
}

/// Bytes of the largest table, and of the largest file of what a sweep kept.
pub(crate) const MOST: u64 = 1 << 30;
/// Bytes of the largest description of a run or a sweep.
pub(crate) const MOST_TOML: u64 = 64 << 20;
/// Bytes of the largest file that holds the numbers of a run: as much as the run may hold in memory.
pub(crate) const MOST_NUMBERS: u64 = MEMORY_LIMIT as u64;

/// A file to read, of at most `most` bytes.
pub(crate) fn open(path: &Path, most: u64) -> Result<Limited> {
    let file = fs::File::open(path).map_err(Error::io("read", path))?;
    let length = file.metadata().map_or(0, |there| there.len());
    if length > most {
        let got = format!("one of {} MiB", length >> 20);
        return Err(Error::file(path, format!("a file of at most {} MiB", most >> 20), got));
    }
    Ok(Limited { file, left: most, most })
}

/// A file's bytes.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, most)?.read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    Ok(bytes)
}

/// A file's text.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String> {
    let mut text = String::new();
    open(path, most)?.read_to_string(&mut text).map_err(Error::io("read", path))?;
    Ok(text)
}

/// A file that fails where it becomes too long: a device such as `/dev/zero` has no end.
pub(crate) struct Limited {
    file: fs::File,
    left: u64,
    most: u64,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => {
                self.left = left;
                Ok(count)
            }
            None => Err(io::Error::other(format!("it has more than {} MiB", self.most >> 20))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_what_a_killed_program_left_of_it_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a.svg");
        for left in ["a.svgXk3a9Q.part", "b.svgXk3a9Q.part", "a.svgXk3.part"] {
            fs::write(place.path().join(left), "half").unwrap();
        }
        // Somebody who is alive is writing the same file.
        let alive = Output::create(&file).unwrap();
        write(&file, b"one").unwrap();
        write(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(names(place.path()).len(), 4, "{:?}", names(place.path()));
        alive.finish().unwrap();
        assert_eq!(names(place.path()), ["a.svg", "a.svgXk3.part", "b.svgXk3a9Q.part"]);
        let error = write(place.path(), b"").unwrap_err().to_string();
        assert!(error.contains("expected a file to write to, got a folder"), "{error}");
    }

    /// A private file stays private, and what a new one is decides the umask.
    #[cfg(unix)]
    #[test]
    fn who_may_read_a_file_stays_as_it_was() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a.svg");
        for mode in [0o600, 0o640, 0o444] {
            fs::write(&file, "old").or_else(|_| fs::remove_file(&file).and_then(|()| fs::write(&file, "old"))).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            write(&file, b"new").unwrap();
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, mode);
            assert_eq!(fs::read(&file).unwrap(), b"new");
        }
    }

    /// Writers of one file tidy up after dead ones; none takes a living one's file for a dead one's.
    #[test]
    fn racing_writers_all_succeed() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a.svg");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|_| write(&file, b"whole").unwrap()));
            }
        });
        assert_eq!(names(place.path()), ["a.svg"]);
    }

    /// The message is about the file that was asked for.
    #[test]
    fn errors_do_not_name_temporary_files() {
        let place = tempfile::tempdir().unwrap();
        let error = write(&place.path().join("none/a.svg"), b"").unwrap_err().to_string();
        assert!(error.contains("none/a.svg") && !error.contains(PART) && error.contains("os error 2"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_what_they_lead_to_is_written() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        fs::create_dir(path("there")).unwrap();
        std::os::unix::fs::symlink("there/b", path("a")).unwrap();
        std::os::unix::fs::symlink("c", path("there/b")).unwrap();
        // First to nothing, then to a file.
        for words in ["one", "two"] {
            write(&path("a"), words.as_bytes()).unwrap();
            assert!(path("a").is_symlink() && path("there/b").is_symlink());
            assert_eq!(fs::read_to_string(path("there/c")).unwrap(), words);
        }
        std::os::unix::fs::symlink("round", path("round")).unwrap();
        assert!(write(&path("round"), b"").unwrap_err().to_string().contains("can't write"));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_written_to_and_stays_a_pipe() {
        use std::os::unix::fs::FileTypeExt;
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        let from = pipe.clone();
        let reader = std::thread::spawn(move || fs::read_to_string(from).unwrap());
        write(&pipe, b"through the pipe").unwrap();
        assert_eq!(reader.join().unwrap(), "through the pipe");
        assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
        assert_eq!(names(place.path()), ["pipe"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_written_to_and_stay_devices() {
        use std::os::unix::fs::FileTypeExt;
        let device = |path: &str| fs::symlink_metadata(path).is_ok_and(|there| there.file_type().is_char_device());
        for path in ["/dev/null", "/dev/full"].into_iter().filter(|path| device(path)) {
            let written = write(Path::new(path), b"x").map_err(|e| e.to_string());
            match path {
                "/dev/null" => written.unwrap(),
                _ => assert!(written.unwrap_err().starts_with("can't write /dev/full: No space left")),
            }
            assert!(device(path), "{path}");
        }
        let endless = read(Path::new("/dev/zero"), 1 << 20).unwrap_err().to_string();
        assert_eq!(endless, "can't read /dev/zero: it has more than 1 MiB");
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(5 << 20).unwrap();
        assert_eq!(read(file.path(), 5 << 20).unwrap().len(), 5 << 20);
        let error = read(file.path(), 4 << 20).unwrap_err().to_string();
        assert!(error.ends_with("expected a file of at most 4 MiB, got one of 5 MiB"), "{error}");
    }
}
