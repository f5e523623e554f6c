mod model;
mod node;
mod properties;
mod versions;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::context::{Context, Journal};
use crate::error::Result;
use crate::handler::HandlerInfo;
use crate::mediator::{Home, Table};
use crate::message::Kind;

use super::super::{Committed, InMemory, Persistence, Store, StoredAnswer, Unit, UnitId, UnitMark};
use super::collection::Collection;
use super::{Document, Documents, DocumentsView};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Order {
    id: String,
    total: u32,
    #[serde(default)]
    note: String,
}

impl Document for Order {
    const NAME: &'static str = "Order";
    type Key = String;

    fn key(&self) -> String {
        self.id.clone()
    }
}

fn order(id: &str, total: u32) -> Order {
    Order { id: id.to_owned(), total, note: String::new() }
}

static COMMAND: HandlerInfo = HandlerInfo { kind: Kind::Command, ..HandlerInfo::new("place", "orders.rs", 7) };
static QUERY: HandlerInfo = HandlerInfo { kind: Kind::Query, ..COMMAND };

/// A service's documents, and what handlers of it would do with them.
struct Service {
    store: Arc<dyn Store>,
    home: Home,
    orders: Documents<Order>,
    view: DocumentsView<Order>,
}

impl Service {
    async fn new() -> Self {
        let store = InMemory::new().open("test", "orders").await.unwrap();
        let (orders, view) = (Documents(Collection::new(store.clone())), DocumentsView(Collection::new(store.clone())));
        Self { store, home: Home::new(Table::default(), None), orders, view }
    }

    /// Runs `handler` once and commits what it did, unless it fails.
    async fn run(&self, handler: impl AsyncFnOnce(&Documents<Order>, &Context) -> Result<()>) -> Result<Committed> {
        let mut lent = Context::lend(&self.home, None, &COMMAND, None);
        handler(&self.orders, lent.get()).await?;
        let journal = lent.get_mut().take_journal();
        self.commit(journal.map_or_else(Journal::default, |journal| *journal)).await
    }

    async fn commit(&self, journal: Journal) -> Result<Committed> {
        let unit = Unit { id: UnitId::new(), mark: UnitMark::None, journal, answer: StoredAnswer::default() };
        self.store.commit(unit).await
    }

    /// Stores these orders.
    async fn with<const N: usize>(self, orders: [Order; N]) -> Self {
        let stored =
            self.run(async |documents, cx| orders.iter().try_for_each(|order| documents.insert(cx, order))).await;
        assert_eq!(stored.unwrap(), Committed::Done);
        self
    }
}

fn key(id: &str) -> String {
    id.to_owned()
}
