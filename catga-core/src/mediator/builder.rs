use std::sync::Arc;

use crate::behaviors::{Behavior, BehaviorFor, Layer};
use crate::handler::{HANDLERS, Provided, Registration};
use crate::message::{Kind, Message};
use crate::persistence::Store;

use super::{Table, TableBuilder};

/// Says what a mediator or a node shall be: what the two have in common. What only one of them has is said beside its alias,
/// [`MediatorBuilder`](super::MediatorBuilder) or [`NodeBuilder`](crate::node::NodeBuilder).
#[must_use = "call `.build()` for a mediator, `.start()` for a node"]
pub struct Builder<S> {
    pub(crate) dispatch: Dispatch,
    pub(crate) settings: S,
}

impl<S> Builder<S> {
    pub(crate) fn new(settings: S) -> Self {
        Self { dispatch: Dispatch::default(), settings }
    }

    /// Gives handlers that ask for a `&T` this value.
    pub fn provide<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.dispatch.provide(Arc::new(value));
        self
    }

    /// Gives handlers that ask for a `&T` this value, where `T` is a trait: `.provide_as::<dyn Mailer>(Arc::new(Smtp::new()))`.
    pub fn provide_as<T: ?Sized + Send + Sync + 'static>(mut self, value: Arc<T>) -> Self {
        self.dispatch.provide(value);
        self
    }

    /// Takes these handlers, in place of all that the linker found. A mediator takes exactly these, whatever their roles; a node takes, of those
    /// with a role, only the ones of its [`roles`](crate::node::NodeBuilder::roles).
    pub fn handlers(mut self, handlers: impl IntoIterator<Item = &'static Registration>) -> Self {
        self.dispatch.handlers(handlers);
        self
    }

    /// Adds a layer around all handlers, inside of those added before.
    pub fn behavior(mut self, behavior: impl Behavior) -> Self {
        self.dispatch.behaviors.push(Layer::every(None, behavior));
        self
    }

    /// Adds a layer around the handlers of one kind of messages.
    pub fn behavior_for_kind(mut self, kind: Kind, behavior: impl Behavior) -> Self {
        self.dispatch.behaviors.push(Layer::every(Some(kind), behavior));
        self
    }

    /// Adds a layer around the handlers of one message.
    pub fn behavior_for<M: Message>(mut self, behavior: impl BehaviorFor<M>) -> Self {
        self.dispatch.behaviors.push(Layer::one::<M>(behavior));
        self
    }
}

/// Handlers, what they ask for, and behaviors.
#[derive(Default)]
pub(crate) struct Dispatch {
    provided: Provided,
    behaviors: Vec<Layer>,
    named: Option<Vec<&'static Registration>>,
    problems: Vec<String>,
}

impl Dispatch {
    fn provide<T: ?Sized + Send + Sync + 'static>(&mut self, value: Arc<T>) {
        if let Err(type_name) = self.provided.add(value) {
            self.problems
                .push(format!("`{type_name}` was provided twice: provide one, or wrap each in a type of its own"));
        }
    }

    fn handlers(&mut self, handlers: impl IntoIterator<Item = &'static Registration>) {
        self.named.get_or_insert_default().extend(handlers);
    }

    /// The handlers of a node with these roles, or those of a mediator alone.
    ///
    /// A mediator has no roles: it takes what is named as it is, and of all that the linker found those without a role.
    pub(crate) fn chosen(&self, roles: Option<&[String]>) -> Vec<&'static Registration> {
        let takes_named = roles.is_none() && self.named.is_some();
        let mut registrations = self.named.clone().unwrap_or_else(|| HANDLERS.iter().copied().collect());
        registrations.retain(|registration| match registration.info().role {
            Some(role) => takes_named || roles.is_some_and(|roles| roles.iter().any(|has| has == role)),
            None => true,
        });
        registrations
    }

    /// The same, bound.
    pub(crate) fn table(self, roles: Option<&[String]>, store: Option<Arc<dyn Store>>) -> Result<Table, Vec<String>> {
        let registrations = self.chosen(roles);
        let Self { provided, behaviors, mut problems, .. } = self;
        match TableBuilder::build(&registrations, &provided, &behaviors, store) {
            Ok(table) if problems.is_empty() => Ok(table),
            Ok(_) => Err(problems),
            Err(found) => {
                problems.extend(found);
                Err(problems)
            }
        }
    }
}
