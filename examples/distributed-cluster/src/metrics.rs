//! The metrics of one node: each has a recorder of its own, since a recorder for the process would mix the nodes.

use std::{sync::Arc, time::Duration};

use catga::{
    Error, OrInternal, Result,
    behaviors::{Answered, Behavior, Next},
};
use metrics::{counter, describe_counter, describe_histogram, histogram, with_local_recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};
use tokio::time::{Instant, interval};

/// The upper bounds of the histogram's buckets, in seconds.
const BUCKETS: [f64; 11] = [0.0001, 0.00025, 0.001, 0.0025, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

const HANDLED: &str = "catga_messages_handled_total";
const DURATION: &str = "catga_message_duration_seconds";

/// What one node counts. Cheap to clone; clones are the same.
///
/// As a [`Behavior`] it counts each message that a handler of the node has handled. A call that was dropped, since its caller lost
/// interest, isn't one.
#[derive(Clone)]
pub(crate) struct Metrics(Arc<PrometheusRecorder>);

impl Metrics {
    /// For the node of this name, which each series bears.
    ///
    /// # Errors
    ///
    /// `Internal`, if the recorder refuses its settings.
    pub(crate) fn new(node: &str) -> Result<Self> {
        let builder = PrometheusBuilder::new().add_global_label("node", node);
        let builder = builder.set_buckets_for_metric(Matcher::Full(DURATION.into()), &BUCKETS).or_internal()?;
        let metrics = Self(Arc::new(builder.build_recorder()));
        metrics.record(|| {
            describe_counter!(
                HANDLED,
                "Messages handled on this node, by handler and outcome: ok, or the error's code."
            );
            describe_histogram!(DURATION, "How long the handlers ran, in seconds.");
        });
        Ok(metrics)
    }

    /// Runs `record`, whose `counter!` and `histogram!` are this node's.
    pub(crate) fn record(&self, record: impl FnOnce()) {
        with_local_recorder(&*self.0, record);
    }

    /// All series, in Prometheus' text format.
    pub(crate) fn render(&self) -> String {
        self.0.handle().render()
    }

    /// Folds what histograms have recorded, so that it doesn't pile up while nobody reads it. Runs until dropped.
    pub(crate) async fn keep_up(self) {
        let mut ticks = interval(Duration::from_secs(5));
        loop {
            ticks.tick().await;
            self.0.handle().run_upkeep();
        }
    }
}

impl Behavior for Metrics {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        let (handler, begun) = (next.handler(), Instant::now());
        let answered = next.run().await;
        let outcome = answered.as_ref().map_or_else(outcome_of, |_| "ok");
        let labels = [("message", handler.message()), ("handler", handler.name()), ("outcome", outcome)];
        self.record(|| {
            counter!(HANDLED, &labels).increment(1);
            histogram!(DURATION, &labels[..2]).record(begun.elapsed());
        });
        answered
    }
}

fn outcome_of(error: &Error) -> &'static str {
    error.code().as_str()
}
