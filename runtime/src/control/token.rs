//! The files by which tools find a running engine: `control.token`, readable by its owner only, and `control.addr`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ulid::Ulid;

/// Name of the file with the token.
pub const TOKEN_FILE: &str = "control.token";
/// Name of the file with the address.
pub const ADDRESS_FILE: &str = "control.addr";

/// Writes a fresh token and the address.
pub(crate) fn write(dir: &Path, addr: SocketAddr) -> Result<String, String> {
    let said = |path: &Path, e: std::io::Error| format!("cannot write `{}`: {e}", path.display());
    std::fs::create_dir_all(dir).map_err(|e| said(dir, e))?;
    // Two identifiers: 160 random bits.
    let token = format!("{}{}", Ulid::generate(), Ulid::generate());
    for (path, text) in [(dir.join(TOKEN_FILE), token.clone()), (dir.join(ADDRESS_FILE), addr.to_string())] {
        replace(&path, &text).map_err(|e| said(&path, e))?;
    }
    Ok(token)
}

/// Takes the files away when they are still those of this engine.
pub(crate) fn remove(dir: &Path, token: &str) {
    let file = dir.join(TOKEN_FILE);
    if std::fs::read_to_string(&file).is_ok_and(|text| text == token) {
        // Files that stay behind do no harm: nothing listens there any more.
        drop(std::fs::remove_file(file));
        drop(std::fs::remove_file(dir.join(ADDRESS_FILE)));
    }
}

/// Made anew with the narrow mode and renamed, so that no wider file ever has the text in it.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut fresh: PathBuf = path.to_path_buf();
    fresh.set_extension(format!("{}.new", std::process::id()));
    drop(std::fs::remove_file(&fresh));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&fresh)?.write_all(text.as_bytes())?;
    std::fs::rename(&fresh, path)
}
