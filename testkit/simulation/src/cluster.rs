use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catga_core::{Catga, Error, Node, Result, runtime};
use tokio::sync::oneshot;

use crate::random::Random;
use crate::store::{NodePersistence, Server};
use crate::transport::{Broker, NodeTransport};
use crate::workload::{Ledger, View, bank, desk, shop};
use crate::world::{Fault, Life, OUTSIDE, World};

/// The nodes of one seed, by their places.
const PLACES: [(&str, &str); 7] = [
    ("shop", "shop-1"),
    ("shop", "shop-2"),
    ("shop", "shop-3"),
    ("bank", "bank-1"),
    ("bank", "bank-2"),
    ("desk", "desk-1"),
    ("desk", "desk-2"),
];

/// All nodes, what they share, and who starts them again.
pub(crate) struct Cluster {
    pub(crate) world: Arc<World>,
    pub(crate) broker: Arc<Broker>,
    pub(crate) server: Server,
    pub(crate) ledger: Arc<Ledger>,
    places: Mutex<Vec<Option<Running>>>,
}

/// A node that has started.
#[derive(Clone)]
struct Running {
    node: Node,
    view: Arc<View>,
}

impl Cluster {
    /// Starts all nodes, one after the other, and whoever starts them again.
    pub(crate) async fn start(world: &Arc<World>) -> Arc<Self> {
        let cluster = Arc::new(Self {
            world: world.clone(),
            broker: Broker::start(world),
            server: Server::start(world),
            ledger: Arc::default(),
            places: Mutex::new(vec![None; PLACES.len()]),
        });
        for place in 0..PLACES.len() {
            let (started, start) = oneshot::channel();
            let supervisor = cluster.clone().supervise(place, started);
            world.within(OUTSIDE, || runtime::spawn(supervisor));
            drop(start.await);
        }
        cluster
    }

    fn places(&self) -> MutexGuard<'_, Vec<Option<Running>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something as a node does; `None` if the node died before it was done.
    pub(crate) async fn as_part_of<T: Send + 'static>(
        &self,
        life: Life,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (done, outcome) = oneshot::channel();
        let task = async move { drop(done.send(work.await)) };
        self.world.within(life, || runtime::spawn(task));
        outcome.await.ok()
    }

    /// A node that runs.
    pub(crate) fn any_node(&self) -> Option<(Life, Node)> {
        let running: Vec<_> = self.places().iter().flatten().cloned().collect();
        if running.is_empty() {
            return None;
        }
        let chosen = running[self.world.draw(|chance| chance.place(running.len()))].clone();
        Some((chosen.view.life, chosen.node))
    }

    /// A running node of this service.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(crate) fn node_of(&self, service: &str) -> Result<(Life, Node)> {
        let places = self.places();
        let running = places.iter().flatten().find(|running| running.node.service() == service);
        let running = running.ok_or_else(|| Error::unavailable("simulated: no node of the service runs"))?;
        Ok((running.view.life, running.node.clone()))
    }

    /// What each running node has seen, with its service and its name.
    pub(crate) fn views(&self) -> Vec<(&'static str, String, Arc<View>)> {
        let places = self.places();
        let running =
            places.iter().zip(PLACES).filter_map(|(running, (service, _))| Some((service, running.as_ref()?)));
        running.map(|(service, running)| (service, running.node.name().to_owned(), running.view.clone())).collect()
    }

    /// Whether a node runs at each place.
    pub(crate) fn is_complete(&self) -> bool {
        self.places().iter().all(Option::is_some)
    }

    /// Starts the node of one place again whenever it has died.
    async fn supervise(self: Arc<Self>, place: usize, started: oneshot::Sender<()>) {
        let (service, name) = PLACES[place];
        let world = &self.world;
        let mut random = Random::new(world.seed, 100 + place as u64);
        let mut started = Some(started);
        loop {
            let name = if started.is_some() || random.chance(700) {
                name.to_owned()
            } else {
                format!("{name}-{}", random.below(1000))
            };
            let skew = if random.chance(500) { 0 } else { random.below(7_200_000) as i64 - 3_600_000 };
            let life = world.born(&name, skew);
            let view = Arc::new(View::new(world, life, started.is_some()));
            match self.as_part_of(life, self.begin(service, name, life, view.clone())).await {
                Some(Ok(node)) => {
                    world.note(life, 10, || "is ready".to_owned());
                    self.places()[place] = Some(Running { node, view });
                    drop(started.take());
                    world.death(life).await;
                    self.places()[place] = None;
                }
                Some(Err(error)) => {
                    world.note(life, 11, || format!("couldn't start: {error}"));
                    world.kill(life);
                }
                None => (),
            }
            let down = if world.is_faulty() { random.millis(50, 5000) } else { Duration::from_millis(50) };
            runtime::sleep(down).await;
        }
    }

    fn begin(
        &self,
        service: &'static str,
        name: String,
        life: Life,
        view: Arc<View>,
    ) -> impl Future<Output = Result<Node>> + Send + use<> {
        let builder = Catga::builder(service)
            .node_name(name)
            .transport(NodeTransport { broker: self.broker.clone(), life })
            .provide_as::<Ledger>(self.ledger.clone())
            .provide_as::<View>(view);
        let persistence = NodePersistence { server: self.server.clone(), life };
        let builder = match service {
            "shop" => builder.handlers(shop()).persistence(persistence),
            "bank" => builder.handlers(bank()).persistence(persistence),
            _ => builder.handlers(desk()),
        };
        builder.start()
    }

    /// Shuts a node down, as its operator would.
    pub(crate) async fn shut_down(&self, life: Life, node: Node) {
        let world = &self.world;
        world.struck(life, Fault::ShutDown, String::new);
        let shutdown = async move { node.shutdown().await };
        let outcome = self.as_part_of(life, shutdown).await;
        let is_clean = matches!(outcome, Some(Ok(())));
        world.note(life, 12, || format!("has shut down: {}", if is_clean { "ok" } else { "not well" }));
        world.kill(life);
    }
}
