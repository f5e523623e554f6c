use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::runtime;

/// Runs `work` and gives a sign of life now and then meanwhile.
///
/// `work` is pinned by the caller, here and wherever a run is wrapped: each function that took it by value would hold it twice, and a run's task
/// would be several times as large.
pub(super) async fn while_signing<T, S: Future<Output = ()>>(
    every: Duration,
    sign: impl Fn() -> S,
    work: Pin<&mut impl Future<Output = T>>,
) -> T {
    tokio::select! {
        biased;
        output = work => output,
        never = sign_always(every, sign) => match never {},
    }
}

async fn sign_always<S: Future<Output = ()>>(every: Duration, sign: impl Fn() -> S) -> Infallible {
    loop {
        runtime::sleep(every).await;
        sign().await;
    }
}
