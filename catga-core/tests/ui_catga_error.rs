//! Every misuse of `#[derive(CatgaError)]` is a compile error at the right token.

#[test]
fn each_misuse_is_explained_where_it_stands() {
    trybuild::TestCases::new().compile_fail("tests/ui/catga_error/*.rs");
}
