use std::future::Future;
use std::pin::Pin;

use crate::error::{Error, Result};
use crate::mediator::{Call, Enqueuing, Home, Publishing};
use crate::message::{Event, Request};

use super::Links;

/// What awaiting a [`Call`] that hands a message to the transport gives.
pub type Handed<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

impl<'a, E: Event> IntoFuture for Call<'a, E, Publishing> {
    type Output = Result<()>;
    type IntoFuture = Handed<'a>;

    fn into_future(self) -> Handed<'a> {
        Box::pin(async move {
            let links = links(self.home)?;
            let _open = links.calls.open();
            links.publish(self).await
        })
    }
}

impl<'a, R: Request> IntoFuture for Call<'a, R, Enqueuing> {
    type Output = Result<()>;
    type IntoFuture = Handed<'a>;

    fn into_future(self) -> Handed<'a> {
        Box::pin(async move {
            let links = links(self.home)?;
            let _open = links.calls.open();
            links.enqueue(self).await
        })
    }
}

fn links(home: &Home) -> Result<&Links> {
    home.links().ok_or_else(|| Error::unavailable("a mediator alone has no transport: start a node"))
}
