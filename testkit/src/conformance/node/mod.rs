//! What nodes must show over a pair of seams: properties of transports that a seam can't show by itself.
//!
//! The handlers are this room's own, and named for each node, so nothing of it gets into the nodes of whoever runs the suite.
//!
//! These need a node and aren't here:
//!
//! | property | where it stands, or why it doesn't |
//! | --- | --- |
//! | `dead_stored_before_removed`, `dead_keeps_cause_and_origin`, `dead_outlives_ttl`, `exhausted_crashes_reach_dead` | dead letters: the delivery's own tests, and the persistence's suite |
//! | `drain_bounded_when_backend_dead` | seams that fail in the midst of it: the simulation |
//! | a trace context in `context_travels` | what a node doesn't send yet |

mod deliveries;
mod harness;
mod requests;
mod shutdown;

pub use deliveries::*;
pub use harness::NodeHarness;
pub use requests::*;
pub use shutdown::*;

/// Makes a test of each property of nodes, for this [`NodeHarness`].
///
/// ```text
/// catga_testkit::node_suite!(KafkaHarness);
/// ```
#[macro_export]
macro_rules! node_suite {
    ($harness:ty) => {
        $crate::node_suite! { @tests $harness:
            // Requests.
            request_error_is_an_answer request_ends_at_deadline expired_not_delivered slow_handler_starves_no_other
            context_travels
            // Stored messages.
            attempts_increase retry_state_contained unsettled_is_redelivered undecodable_dead_once
            republish_after_window_absorbed
            // Shutting down.
            stop_waits_for_running grace_over_cancels_without_blame prefetched_returned_at_once
        }
    };
    (@tests $harness:ty: $($property:ident)+) => {$(
        #[test]
        fn $property() {
            let clock = <$harness as $crate::conformance::node::NodeHarness>::CLOCK;
            let shown = $crate::conformance::node::$property::<$harness>();
            $crate::conformance::run(clock, stringify!($property), shown);
        }
    )+};
}
