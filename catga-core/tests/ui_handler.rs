//! Each mistake with the macros for messages and handlers is a compile error at the right token, which says what to write instead.

#[path = "../../tests/support/compile_fail.rs"]
mod compile_fail;

#[test]
fn each_mistake_in_an_event_is_refused_where_it_is_made() {
    compile_fail::each_in("tests/ui/event", "each_mistake_in_an_event_is_refused_where_it_is_made");
}

#[test]
fn each_mistake_in_a_from_node_is_refused_where_it_is_made() {
    compile_fail::each_in("tests/ui/from_node", "each_mistake_in_a_from_node_is_refused_where_it_is_made");
}

#[test]
fn each_mistake_in_a_handler_is_refused_where_it_is_made() {
    compile_fail::each_in("tests/ui/handler", "each_mistake_in_a_handler_is_refused_where_it_is_made");
}

#[test]
fn each_mistake_in_a_list_of_handlers_is_refused_where_it_is_made() {
    compile_fail::each_in("tests/ui/handlers", "each_mistake_in_a_list_of_handlers_is_refused_where_it_is_made");
}

#[test]
fn each_mistake_in_a_request_is_refused_where_it_is_made() {
    compile_fail::each_in("tests/ui/request", "each_mistake_in_a_request_is_refused_where_it_is_made");
}
