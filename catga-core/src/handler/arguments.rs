use std::marker::PhantomData;
use std::sync::Arc;

use crate::context::Context;

use super::provided::{FromNode, Resolver};

/// What the macro asks about the type of one argument of a handler function: how it is resolved when the node starts, and how it is had
/// at each call.
///
/// Three kinds of types answer: the context, which each call brings; what a node makes itself ([`FromNode`], like `Documents<T>`); and
/// everything else, which was provided ([`OrProvided`]). The first two answer by inherent methods, the last by a trait's, so that the
/// compiler picks by type and no name is recognised by its spelling.
pub struct Argument<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> Argument<T> {
    /// The question about `T`.
    pub const NEW: Self = Self(PhantomData);
}

/// What a bound handler keeps for one argument: the value, or nothing where each call brings it.
pub struct Held<T: ?Sized>(Option<Arc<T>>);

impl Argument<Context> {
    /// Whether a handler that asks for it may run again in this process.
    pub const RUNS_AGAIN: bool = false;

    /// Nothing to resolve: each call brings its own.
    pub fn resolve(&self, _: &mut Resolver<'_>) -> Option<Held<Context>> {
        Some(Held(None))
    }

    /// The call's context.
    #[inline(always)]
    pub fn get<'a>(&self, _: &'a Held<Context>, cx: &'a Context) -> &'a Context {
        cx
    }
}

impl<T: FromNode> Argument<T> {
    /// Whether a handler that asks for it may run again in this process.
    pub const RUNS_AGAIN: bool = T::RUNS_AGAIN;

    /// Made by the node.
    pub fn resolve(&self, resolver: &mut Resolver<'_>) -> Option<Held<T>> {
        T::from_node(resolver).map(|made| Held(Some(Arc::new(made))))
    }
}

/// [`Argument`] for what was provided.
pub trait OrProvided<T: ?Sized> {
    /// Whether a handler that asks for it may run again in this process.
    const RUNS_AGAIN: bool = false;

    /// Looked up among what was provided.
    fn resolve(&self, resolver: &mut Resolver<'_>) -> Option<Held<T>>
    where
        T: Shared;

    /// What was resolved.
    fn get<'a>(&self, held: &'a Held<T>, cx: &'a Context) -> &'a T;
}

impl<T: ?Sized> OrProvided<T> for Argument<T> {
    fn resolve(&self, resolver: &mut Resolver<'_>) -> Option<Held<T>>
    where
        T: Shared,
    {
        resolver.provided::<T>().map(|value| Held(Some(value)))
    }

    #[inline(always)]
    fn get<'a>(&self, held: &'a Held<T>, _: &'a Context) -> &'a T {
        match &held.0 {
            Some(value) => value,
            None => unreachable!("only a context is held as nothing, and it has a way of its own"),
        }
    }
}

/// What a handler may ask for. A trait of our own for `Send + Sync`, so that rustc says what to do.
#[diagnostic::on_unimplemented(
    message = "a handler can't ask for `{Self}`",
    label = "can't be shared by calls on several threads",
    note = "what a handler asks for is `Send + Sync + 'static`; a trait is so where it says `trait …: Send + Sync`"
)]
pub trait Shared: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Send + Sync + 'static> Shared for T {}
