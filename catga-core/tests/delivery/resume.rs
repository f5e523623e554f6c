//! Handlers with `resume`, as far as a node checks them before it starts.

use catga_core::context::Context;
use catga_core::persistence::{Document, Documents};
use catga_core::{Catga, Code, Event, Result, Schema, handler, handlers, persistence, transport};
use serde::{Deserialize, Serialize};

#[derive(Event, Clone, Serialize, Deserialize)]
struct Sold(u32);

#[derive(Serialize, Deserialize, Schema)]
struct Stock(u32);

impl Document for Stock {
    const NAME: &'static str = "stock";
    type Key = u32;

    fn key(&self) -> u32 {
        self.0
    }
}

#[handler(unlinked, resume)]
async fn follow(event: Sold, stock: &Documents<Stock>, cx: &Context) -> Result<()> {
    stock.insert(cx, &Stock(event.0))
}

#[handler(unlinked, resume)]
async fn watch(_: &Sold) -> Result<()> {
    Ok(())
}

#[tokio::test]
async fn resume_needs_a_name_that_stays_and_a_persistence() {
    let builder = Catga::builder("shop").transport(transport::InMemory::new());
    let error = builder.handlers(handlers![watch]).start().await.unwrap_err();
    let [watch] = handlers![watch].map(catga_core::handler::Registration::info);
    assert_eq!(error.code(), Code::Validation);
    assert_eq!(
        error.message(),
        format!(
            "a node of the service \"shop\" can't start:\n  \
             - {watch} resumes where this node stopped, and this node's name must be the same after a restart: \
             call `.node_name(…)`\n  \
             - {watch} resumes where this node stopped, and where that is must be stored: call `.persistence(…)`"
        )
    );
}

#[tokio::test]
async fn a_handler_with_resume_may_write_where_the_node_has_a_name_and_a_persistence() {
    let in_memory = Catga::builder("shop").node_name("till-1");
    in_memory.handlers(handlers![follow]).start().await.unwrap();
    let both = Catga::builder("shop").node_name("till-2").transport(transport::InMemory::new());
    both.persistence(persistence::InMemory::new()).handlers(handlers![follow]).start().await.unwrap();
}
