//! What must not compile, and the text with which it doesn't.
//!
//! The texts are the compiler's, and change with it and with what else is built: it lists types and traits of other packages. They are
//! compared on one compiler, [`COMPILER`], and with the default features; otherwise each file must fail to compile all the same, whatever
//! the text. `TRYBUILD=overwrite cargo test` with the name of the test writes them anew.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The compiler whose texts the `.stderr` files hold.
const COMPILER: &str = "rustc 1.95.";

/// In the child that [`only_that_it_fails`] starts: where the copied files are.
const COPIES: &str = "CATGA_UI_COPIES";

/// Each `.rs` file in the folders within this one must fail to compile with the text in its `.stderr` file.
///
/// `test` is the name of the calling test, for the child process that another compiler than [`COMPILER`] needs.
pub(crate) fn each_in(folder: &str, test: &str) {
    if let Some(copies) = env::var_os(COPIES) {
        check(Path::new(&copies));
    } else if is_the_compiler() && has_default_features() {
        check(Path::new(folder));
    } else {
        only_that_it_fails(folder, test);
    }
}

fn check(folder: &Path) {
    trybuild::TestCases::new().compile_fail(folder.join("**/*.rs"));
}

fn is_the_compiler() -> bool {
    let output = Command::new("rustc").arg("--version").output().expect("rustc starts");
    output.stdout.starts_with(COMPILER.as_bytes())
}

/// With `axum` all features are asked for; both packages that have such tests have it.
fn has_default_features() -> bool {
    cfg!(feature = "bincode") && !cfg!(feature = "axum")
}

/// Lets trybuild write the texts anew, over copies: it then complains only about what does compile. It takes that wish from the
/// environment alone, hence the child.
fn only_that_it_fails(folder: &str, test: &str) {
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    // What an earlier run left may be of files that are gone; the first run finds nothing to remove.
    let _ = fs::remove_dir_all(&copies);
    copy(Path::new(folder), &copies);
    let this = env::current_exe().expect("the path of this test");
    let child = Command::new(this).args(["--exact", test]).env("TRYBUILD", "overwrite").env(COPIES, &copies).output();
    let child = child.expect("the test starts again");
    assert!(child.status.success(), "something compiles that must not:\n{}", String::from_utf8_lossy(&child.stdout));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().map(PathBuf::from).expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).expect("a file");
        }
    }
}
