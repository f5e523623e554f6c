//! Handlers wherever a function or a type may stand, and beside whatever else stands there.

use catga_core::mediator::Mediator;
use catga_core::{Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};

macro_rules! message {
    ($name:ident) => {
        #[derive(Request, Serialize, Deserialize)]
        #[request(response = u8)]
        pub(crate) struct $name;
    };
}

message!(A);
message!(B);
message!(C);
message!(D);

/// Names that are alike in one way or another.
mod alike {
    use catga_core::FromNode;
    use catga_core::context::Context;
    use catga_core::handler::RequestHandler;

    use super::{A, B, C, D, Result, handler};

    #[handler(unlinked)]
    pub(super) async fn a_b(_: A) -> Result<u8> {
        Ok(1)
    }

    #[handler(unlinked)]
    #[allow(non_snake_case, reason = "the point of it")]
    pub(super) async fn aB(_: B) -> Result<u8> {
        Ok(2)
    }

    #[derive(FromNode)]
    pub(super) struct AB;

    #[handler(unlinked)]
    impl RequestHandler<C> for AB {
        async fn handle(&self, _: C, _: &Context) -> Result<u8> {
            Ok(3)
        }
    }

    /// Documented.
    #[handler(unlinked)]
    pub(super) async fn r#move(_: D) -> Result<u8> {
        Ok(4)
    }
}

#[tokio::test]
async fn names_that_are_alike_do_not_meet() {
    let handlers = handlers![alike::a_b, alike::aB, alike::AB for C, alike::r#move];
    let mediator = Mediator::builder().handlers(handlers).build().unwrap();
    assert_eq!(mediator.send(A).await.unwrap(), 1);
    assert_eq!(mediator.send(B).await.unwrap(), 2);
    assert_eq!(mediator.send(C).await.unwrap(), 3);
    assert_eq!(mediator.send(D).await.unwrap(), 4);
    assert_eq!(handlers[3].info().name(), "move");
}

#[tokio::test]
async fn a_handler_may_stand_in_a_function() {
    #[derive(Request, Serialize, Deserialize)]
    #[request(response = u8)]
    struct Local;

    #[handler(unlinked)]
    async fn local(_: Local) -> Result<u8> {
        Ok(5)
    }

    let mediator = Mediator::builder().handlers(handlers![local]).build().unwrap();
    assert_eq!(mediator.send(Local).await.unwrap(), 5);
}

/// What the expansions name isn't what stands around them.
mod shadowed {
    #![allow(dead_code, reason = "they only stand in the way")]

    use super::{Request, handler};

    type Option = ();
    type Result = ();
    type Send = ();
    type Context = ();
    type String = ();
    struct Some;
    struct Ok;
    struct Bound;
    mod core {}
    mod std {}
    mod serde_json {}
    mod catga_core {}

    #[derive(Request, serde::Serialize, serde::Deserialize)]
    #[request(response = u8)]
    pub(super) struct Shadowed;

    #[handler(unlinked, role = "none")]
    pub(super) async fn shadowed(_: &Shadowed, _: &u8) -> ::catga_core::Result<u8> {
        ::core::result::Result::Ok(6)
    }
}

#[cfg(any())]
mod never {}

/// What isn't compiled leaves nothing behind, wherever the condition stands.
#[handler(unlinked)]
#[cfg(any())]
async fn left_out(_: Missing) -> Result<u8> {
    missing()
}

#[handler(unlinked)]
#[cfg(any())]
impl Missing<A> for Missing {}

/// Other attributes stay with the function.
#[handler(unlinked)]
#[deprecated = "it is old"]
#[expect(clippy::let_and_return, reason = "to see it stay")]
async fn old(_: A) -> Result<u8> {
    let answer = Ok(7);
    answer
}

#[tokio::test]
async fn other_attributes_stay_with_the_function() {
    let mediator = Mediator::builder().handlers(handlers![old]).build().unwrap();
    assert_eq!(mediator.send(A).await.unwrap(), 7);
}

/// A handler whose parts come from a macro and from who calls it.
macro_rules! answer {
    ($name:ident, $message:ty, $asked:ty, $body:expr) => {
        #[handler(unlinked)]
        async fn $name(_: $message, asked: &$asked) -> Result<u8> {
            Ok($body + *asked)
        }
    };
}

answer!(answered, A, u8, 8);

#[tokio::test]
async fn a_macro_may_write_a_handler() {
    let mediator = Mediator::builder().provide(1_u8).handlers(handlers![answered]).build().unwrap();
    assert_eq!(mediator.send(A).await.unwrap(), 9);
}
