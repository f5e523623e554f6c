//! Each mistake with `derive(Schema)` is a compile error at the right place.

#[path = "../../tests/support/compile_fail.rs"]
mod compile_fail;

#[test]
fn mistakes_are_refused_where_they_are_made() {
    compile_fail::each_in("tests/ui/schema", "mistakes_are_refused_where_they_are_made");
}
