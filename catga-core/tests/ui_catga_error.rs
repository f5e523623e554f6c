//! Every misuse of `#[derive(CatgaError)]` is a compile error at the right token.

#[path = "../../tests/support/compile_fail.rs"]
mod compile_fail;

#[test]
fn each_misuse_is_explained_where_it_stands() {
    compile_fail::each_in("tests/ui/catga_error", "each_misuse_is_explained_where_it_stands");
}
