//! Messages that come again, or wait for long, though something was done about them before.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use catga_core::persistence::{Letters, Persistence};
use catga_core::retry::{Failure, Next};
use catga_core::{Node, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};

use crate::Cluster;
use crate::away::Away;
use crate::seen::Seen;

/// Ends its node's life at each run.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Crash;

type Victim = Mutex<Option<Node>>;

async fn die(seen: &Seen, victim: &Victim, store: &Away) -> Result<()> {
    seen.note("crash");
    // Without a word to its store, as one does that is killed.
    store.leave();
    drop(victim.lock().unwrap().take());
    std::future::pending().await
}

fn twice_then_dropped(failure: &Failure<'_>) -> Next {
    if failure.attempt < 2 { Next::Now } else { Next::Drop }
}

#[handler(retry(with = twice_then_dropped))]
async fn crash(_: Crash, seen: &Seen, victim: &Victim, store: &Away) -> Result<()> {
    die(seen, victim, store).await
}

#[handler(name = "crash", retry(attempts = 2))]
async fn crash_and_die(_: Crash, seen: &Seen, victim: &Victim, store: &Away) -> Result<()> {
    die(seen, victim, store).await
}

#[tokio::test(start_paused = true)]
async fn a_message_that_ends_nodes_ends_as_its_policy_says() {
    for is_dropped in [true, false] {
        let (cluster, victim) = (Cluster::default(), Arc::new(Victim::default()));
        for run in 1..=4 {
            let node = cluster.node("victim").provide(cluster.persistence.clone()).provide_as::<Victim>(victim.clone());
            let handlers = if is_dropped { handlers![crash] } else { handlers![crash_and_die] };
            let node = node.handlers(handlers).start().await.unwrap();
            *victim.lock().unwrap() = Some(node.clone());
            if run == 1 {
                node.enqueue(Crash).await.unwrap();
            }
            drop(node);
            tokio::time::sleep(Duration::from_secs(30)).await;
            drop(victim.lock().unwrap().take());
            tokio::time::sleep(Duration::from_secs(30)).await;
            cluster.persistence.come_back();
        }
        assert_eq!(cluster.seen.count("crash"), 2);
        let store = cluster.persistence.open("default", "shop").await.unwrap();
        let attempts: Vec<_> = store.letters(&Letters::default()).await.unwrap().letters;
        let attempts: Vec<_> = attempts.into_iter().map(|letter| letter.attempts).collect();
        assert_eq!(attempts, if is_dropped { vec![] } else { vec![2] });
    }
}
