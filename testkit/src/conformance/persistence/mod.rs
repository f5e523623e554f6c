//! What every persistence must show, by its seam alone; for `catga_core::persistence::InMemory`, for servers, and for whatever else stands
//! behind [`Persistence`](catga_core::persistence::Persistence).
//!
//! An implementation's tests provide a [`PersistenceHarness`] and say [`persistence_suite!`](crate::persistence_suite) once. Effects are
//! counted where they are stored: each document, each entry of the outbox, each letter.
//!
//! These properties of persistences aren't here:
//!
//! | property | where it stands, or why it doesn't |
//! | --- | --- |
//! | `retention_covers_redelivery`, `full_outbox_pauses_intake`, `answers_are_final_errors_are_not`, `child_commands_replay` | need a whole node: what it refuses at start, when it stops, what it keeps. What a store owes is here: `full_outbox_is_told` |
//! | `dead_replay_reaches_one_handler` | needs a whole node, which names the handler; what a store owes is here: `dead_replay_is_one_step` |
//! | `mark_outlives_every_copy` | needs a transport that delivers the copies: the simulation; what a store owes is here: `retention_minimum_kept`, `dead_outlives_ttl` |
//! | `crash_every_step_one_effect`, `node_skew_irrelevant` | the simulation. (No call of the seam takes or gives a moment by a node's clock that a store compares.) |
//! | `million_waiting_flat` | a figure, not a property: `cargo xtask bench delivery` |
//! | `eviction_refused`, `unreadable_entry_kept` | need a server whose settings and bytes others can change: for the tests of a persistence that has one |
//! | `failover_loss_stated` | needs a cluster that loses power; each persistence's page says what a confirmed commit means |

mod begin;
mod commit;
mod dead_letters;
mod documents;
mod faults;
mod harness;
mod limits;
mod outbox;
mod pauses;
mod positions;
mod retention;
mod retries;
mod stage;

pub use begin::*;
pub use commit::*;
pub use dead_letters::*;
pub use documents::*;
pub use faults::*;
pub use harness::{Connection, Cut, Faults, Limits, LoseReply, PersistenceHarness, Restart};
pub use limits::*;
pub use outbox::*;
pub use pauses::*;
pub use positions::*;
pub use retention::*;
pub use retries::*;

/// Makes a test of each property of persistences, for this [`PersistenceHarness`].
///
/// ```text
/// catga_testkit::persistence_suite!(PostgresHarness);
/// ```
#[macro_export]
macro_rules! persistence_suite {
    ($harness:ty) => {
        $crate::persistence_suite! { @tests $harness:
            // Begin, lease, fence.
            begin_new_then_done begin_race_one_new begin_scopes_independent begin_many_in_order busy_until_honest
            renewed_lease_lasts stale_token_cannot_commit stale_token_cannot_renew_or_abandon tokens_never_reused
            abandon_frees_now same_key_other_body_conflicts keys_scoped second_caller_waits store_clock_jump_safe
            // Commit.
            commit_all_or_nothing commit_conflict_writes_nothing read_versions_checked commit_twice_is_once
            dropped_commit_is_all_or_nothing unclaimed_mark_is_done_once services_are_apart
            // Retention.
            retention_minimum_kept attempts_are_counted_for_the_retention times_without_end_are_taken
            // Documents.
            document_bytes_identical list_pages_cover_all_once list_is_bounded_in_bytes
            // Outbox.
            relay_one_holder late_settle_after_takeover_harmless crash_publish_before_settle outbox_order_per_origin
            bad_destination_isolated outgoing_reload_verbatim commit_wakes_relay unsettled_outbox_is_kept
            // Retries.
            retry_after_on_time due_retry_wakes_relay put_off_frees_the_mark stale_token_puts_nothing_off
            retry_state_contained long_delays_hold_no_slot
            // Dead letters.
            dead_keeps_cause_and_origin dead_mark_does_not_run stale_token_buries_nothing dead_store_idempotent
            dead_list_pages_filters dead_take_one_winner dead_replay_is_one_step replay_wakes_relay dead_outlives_ttl
            decisions_are_kept
            // Positions and pauses.
            position_is_what_was_saved_last stale_token_saves_no_position position_is_saved_with_its_unit
            pauses_are_the_services
            // Limits.
            commit_rejects_whole_on_limits full_outbox_is_told dead_replay_waits_for_place letters_are_bounded
            marks_are_bounded positions_and_pauses_are_bounded
            // Faults.
            commit_lost_reply_resolves lost_reply_of_giving_up_is_harmless cut_is_bounded_and_heals
            store_restart_keeps_commits retry_survives_restart
        }
    };
    (@tests $harness:ty: $($property:ident)+) => {$(
        #[test]
        fn $property() {
            let clock = <$harness as $crate::conformance::persistence::PersistenceHarness>::CLOCK;
            let shown = $crate::conformance::persistence::$property::<$harness>();
            $crate::conformance::run(clock, stringify!($property), shown);
        }
    )+};
}
