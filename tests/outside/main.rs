//! Crates outside the workspace, as somebody else would write them: what macros write must work there too.
//!
//! Each folder in `crates/` is such a crate. It is copied to a temporary folder, since below this one cargo would take it for a part
//! of the workspace; it shares the workspace's `Cargo.lock` and one target folder, so that nothing is fetched and little is built twice.

mod generate;

use generate::{Outside, Profile};

#[test]
fn a_handler_is_found_where_catga_is_a_dependency() {
    assert_eq!(Outside::generate("handler").run(Profile::Dev, &[]), "42\n");
}

#[test]
fn a_handler_is_found_with_fat_lto() {
    assert_eq!(Outside::generate("handler").run(Profile::FatLto, &[]), "42\n");
}

#[test]
fn a_handler_is_found_where_catga_core_is_the_dependency() {
    assert_eq!(Outside::generate("core_handler").run(Profile::Dev, &[]), "42\n");
}

#[test]
fn a_handler_is_found_where_the_dependency_has_another_name() {
    assert_eq!(Outside::generate("renamed").run(Profile::Dev, &[]), "42\n");
}

#[test]
fn a_library_that_nobody_mentions_is_left_out_and_one_line_brings_it_back() {
    let linked = Outside::generate("linked");
    assert_eq!(linked.run(Profile::Dev, &[]), "NoHandler\n");
    assert_eq!(linked.run(Profile::Dev, &["remedy"]), "42\n");
    assert_eq!(linked.run(Profile::FatLto, &["remedy"]), "42\n");
}

#[test]
fn a_crate_that_forbids_unsafe_code_has_handlers_found_and_named() {
    assert_eq!(Outside::generate("forbids_unsafe").run(Profile::Dev, &[]), "42\nErr(NoHandler)\n42\n");
}
