//! The in-memory persistence behind a network that fails, in every way that the contract of the seam allows and in no other.

mod calls;
mod kept;
mod sabotaged;

use std::sync::Arc;

use async_trait::async_trait;
use catga_core::Result;
use catga_core::persistence::{InMemory, Persistence, Store};

use crate::world::{Life, Loss, Method, Seam, World};
use calls::NodeStore;
use sabotaged::Tokens;

/// The server: what all nodes of all services share.
#[derive(Clone)]
pub(crate) struct Server {
    world: Arc<World>,
    pub(crate) inner: InMemory,
    tokens: Arc<Tokens>,
}

impl Server {
    pub(crate) fn start(world: &Arc<World>) -> Self {
        Self { world: world.clone(), inner: InMemory::new(), tokens: Arc::default() }
    }
}

/// One node's way to the server.
pub(crate) struct NodePersistence {
    pub(crate) server: Server,
    pub(crate) life: Life,
}

#[async_trait]
impl Persistence for NodePersistence {
    async fn open(&self, cluster: &str, service: &str) -> Result<Arc<dyn Store>> {
        let (inner, cluster, service) = (self.server.inner.clone(), cluster.to_owned(), service.to_owned());
        let open = async move { inner.open(&cluster, &service).await };
        let way = (Seam::Store, Method::Open);
        let inner = self.server.world.call(self.life, way, Loss::Nothing, open).await?;
        Ok(Arc::new(NodeStore { server: self.server.clone(), life: self.life, inner }))
    }
}
