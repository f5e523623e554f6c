use std::fmt;
use std::sync::Arc;

use crate::behaviors::{Behavior, BehaviorFor, Layer};
use crate::error::{Code, Error, Result};
use crate::handler::{HANDLERS, HandlerInfo, Provided, Registration};
use crate::message::{Event, Kind, Message, Request};
use crate::persistence::Store;

use super::{Call, Home, PublishingHere, Sending, Table, TableBuilder};

/// Dispatch within this process, for whoever needs no node: no transport, no persistence, nothing encoded.
///
/// Cheap to clone; clones are the same mediator.
#[derive(Clone)]
pub struct Mediator {
    home: Arc<Home>,
}

impl Mediator {
    /// Says what a mediator shall be.
    pub fn builder() -> MediatorBuilder {
        MediatorBuilder::default()
    }

    /// Sends a request to its handler; awaited, gives the response.
    ///
    /// # Errors
    ///
    /// The handler's error, its panic (`Internal`), `NoHandler`, or `Timeout` if a deadline was given and has passed.
    #[inline(always)]
    pub fn send<R: Request>(&self, request: R) -> Call<'_, R, Sending> {
        Call::new(&self.home, None, request)
    }

    /// Publishes an event to its handlers in this process, which run side by side; awaited, gives their failures.
    ///
    /// One that fails or panics doesn't stop the others. An event without handlers is no failure.
    ///
    /// # Errors
    ///
    /// [`Failures`](super::Failures) names each handler that failed.
    #[inline(always)]
    pub fn publish<E: Event>(&self, event: E) -> Call<'_, E, PublishingHere> {
        Call::new(&self.home, None, event)
    }

    /// The handlers that it has.
    pub fn handlers(&self) -> &[&'static HandlerInfo] {
        self.home.table.handlers()
    }
}

impl fmt::Debug for Mediator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mediator").field("handlers", &self.handlers().len()).finish_non_exhaustive()
    }
}

/// Says what a [`Mediator`] shall be.
#[derive(Default)]
#[must_use = "call `.build()`"]
pub struct MediatorBuilder {
    dispatch: Dispatch,
}

impl MediatorBuilder {
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

    /// Takes exactly these handlers, whatever their roles, in place of those without a role that the linker found.
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

    /// The mediator.
    ///
    /// # Errors
    ///
    /// All that is wrong with the handlers, in one error (`Validation`): two for one request, two of one name, two message types with one wire
    /// name, something asked for that nobody provided.
    pub fn build(self) -> Result<Mediator> {
        let table = self
            .dispatch
            .table(None, None)
            .map_err(|problems| Error::several(Code::Validation, "this mediator can't be built", problems))?;
        Ok(Mediator { home: Arc::new(Home::new(table, None)) })
    }
}

/// What a builder of a mediator and one of a node have in common: handlers, what they ask for, behaviors.
#[derive(Default)]
pub(crate) struct Dispatch {
    pub(crate) provided: Provided,
    pub(crate) behaviors: Vec<Layer>,
    named: Option<Vec<&'static Registration>>,
    problems: Vec<String>,
}

impl Dispatch {
    pub(crate) fn provide<T: ?Sized + Send + Sync + 'static>(&mut self, value: Arc<T>) {
        if let Err(type_name) = self.provided.add(value) {
            self.problems
                .push(format!("`{type_name}` was provided twice: provide one, or wrap each in a type of its own"));
        }
    }

    pub(crate) fn handlers(&mut self, handlers: impl IntoIterator<Item = &'static Registration>) {
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
