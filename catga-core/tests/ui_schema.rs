//! Each mistake with `derive(Schema)` is a compile error at the right place.

#[test]
fn mistakes_are_refused_where_they_are_made() {
    trybuild::TestCases::new().compile_fail("tests/ui/schema/*.rs");
}
