//! stub.
use crate::{
    Message, Request, Result,
    context::{Context, Journal},
    mediator::{Call, Options, Routing, Sending},
};
use tokio_util::sync::CancellationToken;
/// s
pub struct Links;
impl Links {
    pub(crate) fn node_name(&self) -> &str {
        ""
    }
    pub(crate) fn service(&self) -> &str {
        ""
    }
    pub(crate) fn cancellation(&self) -> &CancellationToken {
        todo!()
    }
    pub(crate) fn routing(&self) -> Routing {
        todo!()
    }
    pub(crate) fn seal<M: Message>(&self, _: &M, _: Option<&Context>, _: Options) -> Result<crate::envelope::Envelope> {
        todo!()
    }
    pub(crate) async fn send<R: Request>(&self, _: Call<'_, R, Sending>) -> Result<R::Response> {
        todo!()
    }
    pub(crate) fn keeps(&self, _: &Options) -> bool {
        todo!()
    }
    pub(crate) async fn commit(&self, _: Journal) -> Result<crate::mediator::Committed> {
        todo!()
    }
}
