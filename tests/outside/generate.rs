//! Copies a crate out of the workspace, builds it there and runs it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// How the generated crate is built.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Quick to build.
    Dev,
    /// The crate's own release profile, which asks for fat LTO.
    FatLto,
}

/// A crate outside the workspace; its files are gone when dropped.
pub(crate) struct Outside {
    folder: TempDir,
}

impl Outside {
    /// Copies `tests/outside/crates/{name}`.
    pub(crate) fn generate(name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("catga-outside-").tempdir().expect("a temporary folder");
        copy(&workspace().join("tests/outside/crates").join(name), folder.path());
        fs::copy(workspace().join("Cargo.lock"), folder.path().join("Cargo.lock"))
            .expect("the workspace has a Cargo.lock");
        Self { folder }
    }

    /// What it prints when it is built like this, with these features of its own.
    pub(crate) fn run(&self, profile: Profile, features: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO"));
        command.args(["run", "--quiet", "--offline", "--features", &features.join(",")]);
        if let Profile::FatLto = profile {
            command.arg("--release");
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside");
        let output = command
            .current_dir(self.folder.path())
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .output()
            .expect("cargo starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the crate doesn't build, or fails:\n{said}");
        String::from_utf8(output.stdout).expect("it prints text")
    }
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Copies a folder; `X.template` becomes `X`, and in it `{workspace}` the path of the workspace.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder of crates") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().map(PathBuf::from).expect("a name");
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else if path.extension().is_some_and(|extension| extension == "template") {
            // With `/` on every system, since a backslash means something else in TOML.
            let root = workspace().display().to_string().replace('\\', "/");
            let text = fs::read_to_string(&path).expect("a template");
            fs::write(to.join(name.with_extension("")), text.replace("{workspace}", &root)).expect("a file");
        } else {
            fs::copy(&path, to.join(name)).expect("a file");
        }
    }
}
