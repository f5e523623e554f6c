//! Each mistake with the macros for messages and handlers is a compile error at the right token, which says what to write instead.

#[test]
fn each_mistake_is_refused_where_it_is_made() {
    let cases = trybuild::TestCases::new();
    for room in ["event", "from_node", "handler", "handlers", "request"] {
        cases.compile_fail(format!("tests/ui/{room}/*.rs"));
    }
}
