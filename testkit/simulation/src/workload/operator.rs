use std::sync::Arc;
use std::time::Duration;

use catga_core::persistence::Letters;
use catga_core::{Node, Result, runtime};

use crate::cluster::Cluster;
use crate::random::Random;

/// What can be paused.
const PAUSABLE: [&str; 3] = ["Deposit/deposit", "Noticed/tally_notices", "FollowUp/follow_up"];

/// Who the operator says to be.
const NAME: &str = "operator";

/// Pauses handlers, resumes them and replays dead letters, as long as things go wrong.
pub(crate) async fn meddle(cluster: Arc<Cluster>) {
    let mut random = Random::new(cluster.world.seed, 6);
    while cluster.world.is_faulty() {
        runtime::sleep(random.millis(500, 5000)).await;
        // One without a persistence has nothing to pause or replay, and says so.
        let Some((life, node)) = cluster.any_node().filter(|_| cluster.world.is_faulty()) else { continue };
        let (what, handler) = (random.below(3), *random.pick(&PAUSABLE));
        let act = async move {
            match what {
                0 => node.pause(handler, NAME).await,
                1 => node.resume(handler, NAME).await.map(drop),
                _ => replay(&node).await,
            }
        };
        let outcome = cluster.as_part_of(life, act).await;
        let act = ["pauses", "resumes", "replays, and not"][what as usize];
        cluster.world.note(life, 13, || format!("the operator {act} {handler}: {outcome:?}"));
    }
}

/// Ends all pauses.
pub(crate) async fn resume_all(cluster: &Cluster) {
    insist(cluster, |node| async move {
        for paused in node.paused().await? {
            node.resume(&paused.handler, NAME).await?;
        }
        Ok(())
    })
    .await;
}

/// Replays all dead letters.
pub(crate) async fn replay_all(cluster: &Cluster) {
    insist(cluster, |node| async move { replay(&node).await }).await;
}

async fn replay(node: &Node) -> Result<()> {
    node.dead_letters().replay_all(&Letters { limit: 100, ..Letters::default() }, NAME).await.map(drop)
}

/// Does something on one node of each service, until that succeeds.
async fn insist<F>(cluster: &Cluster, act: impl Fn(Node) -> F)
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    for service in ["shop", "bank"] {
        loop {
            if let Ok((life, node)) = cluster.node_of(service)
                && let Some(Ok(())) = cluster.as_part_of(life, act(node)).await
            {
                break;
            }
            runtime::sleep(Duration::from_millis(100)).await;
        }
    }
}
