//! Each mistake is a compile error that says what to write instead: one file a mistake, in folders by what it is about.

#[path = "support/compile_fail.rs"]
mod compile_fail;

#[test]
fn each_mistake_is_refused_with_its_text() {
    compile_fail::each_in("tests/ui", "each_mistake_is_refused_with_its_text");
}
