use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use catga_core::runtime::{self, simulation};
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::workload::{Intent, intents, judge, meddle, pursue, replay_all, resume_all};
use crate::world::{Coverage, Fault, Faults, Line, OUTSIDE, Seam, World};

/// How long the users begin new things, and things go wrong.
const FAULTY: Duration = Duration::from_secs(10);
/// How long it may take afterwards until all is quiet.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// For how long nothing may happen, and nothing be due, where all is said to be quiet.
const QUIET: Duration = Duration::from_secs(4);

/// What came of one seed.
pub(crate) struct Outcome {
    pub(crate) seed: u64,
    /// What was wrong, each beginning with the promise that was broken.
    pub(crate) violations: Vec<String>,
    pub(crate) faults: Faults,
    pub(crate) coverage: Coverage,
    pub(crate) trace: Vec<Line>,
    /// Stands for the whole trace, also where it wasn't kept.
    pub(crate) hash: u64,
}

/// Runs one seed from its beginning to its end.
///
/// # Errors
///
/// There is no runtime to be had.
pub(crate) fn run(seed: u64, sabotage: Option<Sabotage>, is_traced: bool) -> std::io::Result<Outcome> {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let world = {
        let _in_virtual_time = tokio.enter();
        World::new(seed, sabotage, is_traced)
    };
    let on_world = simulation::run_on(Rc::new(world.machine()));
    let violations = tokio.block_on(live(&world));
    let (faults, coverage, trace, hash) = world.records();
    drop(tokio);
    drop(on_world);
    Ok(Outcome { seed, violations, faults, coverage, trace, hash })
}

/// The story of a seed: nodes start, users come, things go wrong, then nothing does any longer, and all must end well.
async fn live(world: &Arc<World>) -> Vec<String> {
    let cluster = Cluster::start(world).await;
    let intents = intents(world.seed, FAULTY);
    world.set_faulty(true);
    let start = |work| world.within(OUTSIDE, || runtime::spawn(work));
    let operator = world.within(OUTSIDE, || runtime::spawn(meddle(cluster.clone())));
    let mut people = Vec::new();
    for intent in &intents {
        people.extend(intent.at.iter().map(|at| start(pursue(cluster.clone(), intent.clone(), *at))));
    }
    go_wrong(&cluster).await;
    world.set_faulty(false);
    world.heal();
    let end_of_shift = async {
        // One that was interrupted has ended as well.
        drop(operator.await);
        resume_all(&cluster).await;
    };
    if let Err(violation) = settle(&cluster, &people, end_of_shift).await {
        return vec![violation];
    }
    let mut violations = verdict(&cluster, &intents, false).await;
    // What handlers refused they would do now.
    cluster.ledger.mend();
    match settle(&cluster, &people, replay_all(&cluster)).await {
        Ok(()) if violations.is_empty() => violations = verdict(&cluster, &intents, true).await,
        Ok(()) => (),
        Err(violation) => violations.push(violation),
    }
    violations
}

/// Does something, and waits until all is quiet.
async fn settle(cluster: &Cluster, people: &[JoinHandle<()>], act: impl Future<Output = ()>) -> Result<(), String> {
    let settled = async {
        act.await;
        quiet(cluster, people).await;
    };
    let is_quiet = runtime::until(Some(runtime::after(PATIENCE)), settled).await;
    is_quiet.ok_or_else(|| never_quiet(cluster, people))
}

async fn verdict(cluster: &Cluster, intents: &[Intent], is_mended: bool) -> Vec<String> {
    let judged = judge(cluster, intents, is_mended).await;
    judged.unwrap_or_else(|error| vec![format!("what is stored can be read: {error}")])
}

/// Lets things go wrong, as long as they may, and at least ten times.
async fn go_wrong(cluster: &Arc<Cluster>) {
    let world = &cluster.world;
    let mut random = Random::new(world.seed, 5);
    let end = runtime::after(FAULTY);
    let mut left = random.between(10, 16);
    while left > 0 {
        let mean = end.saturating_duration_since(runtime::now()).as_millis() as u64 / left;
        runtime::sleep(random.millis(1, 2 * mean + 50)).await;
        left -= u64::from(one_thing(cluster, &mut random));
    }
    runtime::sleep(end.saturating_duration_since(runtime::now())).await;
}

/// Lets one thing go wrong, if there is a node to which it can happen.
fn one_thing(cluster: &Arc<Cluster>, random: &mut Random) -> bool {
    let world = &cluster.world;
    let Some((life, node)) = cluster.any_node() else { return false };
    match random.below(12) {
        0..=2 => world.dies_in(life, random.below(40) as u32),
        3 => {
            world.struck(life, Fault::Killed, String::new);
            world.kill(life);
        }
        4 | 5 => {
            let time = random.millis(100, 9000);
            world.pause(life, time);
            let (world, resuming) = (world.clone(), world.clone());
            let resume = async move {
                runtime::sleep(time).await;
                resuming.resume(life);
            };
            world.within(OUTSIDE, || runtime::spawn(resume));
        }
        6 => world.cut(life, Seam::Broker, random.millis(100, 9000)),
        7 => world.cut(life, Seam::Store, random.millis(100, 9000)),
        8 => {
            let time = random.millis(100, 9000);
            world.cut(life, Seam::Broker, time);
            world.cut(life, Seam::Store, time);
        }
        9 => {
            let (fault, seam) = *random.pick(&[(Fault::BrokerDown, Seam::Broker), (Fault::StoreDown, Seam::Store)]);
            world.struck(OUTSIDE, fault, String::new);
            let time = random.millis(100, 4000);
            for (_, _, view) in cluster.views() {
                world.cut(view.life, seam, time);
            }
        }
        10 => {
            let cluster = cluster.clone();
            let shutdown = async move { cluster.shut_down(life, node).await };
            world.within(OUTSIDE, || runtime::spawn(shutdown));
        }
        _ => world.set_clock(life, random.below(7_200_000) as i64 - 3_600_000),
    }
    true
}

/// Waits until all users have gone and nothing happens any longer.
async fn quiet(cluster: &Cluster, users: &[JoinHandle<()>]) {
    let world = &cluster.world;
    loop {
        let (before, due) = world.activity();
        let wait = due.saturating_duration_since(runtime::now()) + QUIET;
        runtime::sleep(wait).await;
        let is_idle = world.activity().0 == before && cluster.broker.handed_out() == 0 && cluster.is_complete();
        if is_idle && users.iter().all(JoinHandle::is_finished) {
            return;
        }
    }
}

fn never_quiet(cluster: &Cluster, users: &[JoinHandle<()>]) -> String {
    let users = users.iter().filter(|user| !user.is_finished()).count();
    let handed_out = cluster.broker.handed_out();
    let is_complete = cluster.is_complete();
    format!(
        "all is quiet in the end: it isn't within {PATIENCE:?}; {users} users wait, {handed_out} deliveries are handed out, all nodes run: {is_complete}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_tells_the_same_story_again_whether_somebody_listens_or_not() {
        let (told, again) = (run(7, None, true).unwrap(), run(7, None, false).unwrap());
        assert!(!told.trace.is_empty() && again.trace.is_empty());
        assert_eq!(told.hash, again.hash);
        assert_ne!(told.hash, run(8, None, false).unwrap().hash);
    }

    #[test]
    fn many_things_go_wrong_in_each_seed_and_no_promise_is_broken() {
        crate::workload::silence_planned_panics();
        for seed in 1..=3 {
            let outcome = run(seed, None, false).unwrap();
            assert!(outcome.faults.total() >= 10, "{}", outcome.faults.total());
            assert_eq!(outcome.violations, Vec::<String>::new(), "seed {seed}");
        }
    }

    #[test]
    fn what_is_broken_on_purpose_is_noticed() {
        crate::workload::silence_planned_panics();
        let noticed =
            (1..=20).any(|seed| !run(seed, Some(Sabotage::AckBeforeCommit), false).unwrap().violations.is_empty());
        assert!(noticed);
    }
}
