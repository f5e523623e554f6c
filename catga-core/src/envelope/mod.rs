//! stub.
use crate::message::{Kind, MessageId};

/// stub
#[derive(Clone, Debug, Default)]
pub struct Headers;
impl Headers {
    /// a
    pub fn get(&self, _: &str) -> Option<&str> {
        None
    }
    /// b
    pub fn insert(&mut self, _: impl Into<String>, _: impl Into<String>) -> crate::Result<()> {
        Ok(())
    }
}
/// stub
#[derive(Clone, Debug)]
pub struct Envelope {
    id: MessageId,
    delivery: MessageId,
    name: String,
    kind: Kind,
    body: std::sync::Arc<[u8]>,
}
impl Envelope {
    /// stub
    pub fn new(id: MessageId, name: impl Into<String>, kind: Kind, body: Vec<u8>) -> Self {
        Self { id, delivery: id, name: name.into(), kind, body: body.into() }
    }
    /// stub
    pub fn id(&self) -> MessageId {
        self.id
    }
    /// stub
    pub fn delivery_id(&self) -> MessageId {
        self.delivery
    }
    /// stub
    pub fn name(&self) -> &str {
        &self.name
    }
    /// stub
    pub fn kind(&self) -> Kind {
        self.kind
    }
    /// stub
    pub fn body(&self) -> &[u8] {
        &self.body
    }
    /// stub: about how many bytes it takes
    pub fn size(&self) -> usize {
        self.body.len() + self.name.len() + 64
    }
}
/// stub
#[derive(Clone, Debug)]
pub struct Reply(pub Vec<u8>);
