//! Crates outside the workspace, as somebody else would write them: what macros write must work there too.
//!
//! Each folder in `crates/` is such a crate. It is copied to a temporary folder, since below this one cargo would take it for a part
//! of the workspace; it shares the workspace's `Cargo.lock` and one target folder, so that nothing is fetched and little is built twice.

mod generate;
mod handlers;

use generate::{Outside, Profile};

#[test]
fn a_crate_may_depend_on_core_alone() {
    let outside = Outside::generate("core");
    assert_eq!(outside.run(Profile::Dev, &[]), "no customer\n");
}

#[test]
fn fat_lto_changes_nothing_with_core_alone() {
    let outside = Outside::generate("core");
    assert_eq!(outside.run(Profile::FatLto, &[]), "no customer\n");
}
