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
    /// Made by the node.
    pub fn resolve(&self, resolver: &mut Resolver<'_>) -> Option<Held<T>> {
        T::from_node(resolver).map(|made| Held(Some(Arc::new(made))))
    }
}

/// [`Argument`] for what was provided.
pub trait OrProvided<T: ?Sized> {
    /// Looked up among what was provided.
    fn resolve(&self, resolver: &mut Resolver<'_>) -> Option<Held<T>>;

    /// What was resolved.
    fn get<'a>(&self, held: &'a Held<T>, cx: &'a Context) -> &'a T;
}

impl<T: ?Sized + Send + Sync + 'static> OrProvided<T> for Argument<T> {
    fn resolve(&self, resolver: &mut Resolver<'_>) -> Option<Held<T>> {
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
