use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::persistence::Store;

use super::HandlerInfo;

/// What handlers may ask for: one value for each type, given to a node or a mediator by `.provide(..)` and `.provide_as(..)`.
#[derive(Clone, Default)]
pub struct Provided {
    values: HashMap<TypeId, Entry>,
}

#[derive(Clone)]
struct Entry {
    type_name: &'static str,
    /// An `Arc<T>`, kept as `Any` since `T` itself may be a `dyn Trait`.
    value: Arc<dyn Any + Send + Sync>,
}

impl Provided {
    /// Adds a value under its type `T`; `Err` with the type's name if there is one already.
    pub(crate) fn add<T: ?Sized + Send + Sync + 'static>(&mut self, value: Arc<T>) -> Result<(), &'static str> {
        let entry = Entry { type_name: type_name::<T>(), value: Arc::new(value) };
        match self.values.insert(TypeId::of::<T>(), entry) {
            None => Ok(()),
            Some(_) => Err(type_name::<T>()),
        }
    }

    pub(crate) fn get<T: ?Sized + Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.values.get(&TypeId::of::<T>())?.value.downcast_ref::<Arc<T>>().cloned()
    }
}

impl fmt::Debug for Provided {
    /// The names of the types; the values stay out, since one may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.values().map(|entry| entry.type_name)).finish()
    }
}

/// Something that a node makes for a handler which asks for it.
///
/// `Documents<T>` and `DocumentsView<T>` are made so, and `Arc<T>` is what was provided as `T`. For a handler type derive it: each field
/// is then made so, in turn.
#[diagnostic::on_unimplemented(
    message = "a node can't make a `{Self}` for a handler",
    label = "can't be made by a node",
    note = "for something that was provided write `Arc<{Self}>`; for a handler type write `#[derive(FromNode)]` on it"
)]
pub trait FromNode: Sized + Send + Sync + 'static {
    /// Whether a handler that asks for it may run again in this process, since what it read may have been changed by others. It must then
    /// borrow its message or be able to clone it, which is checked at compile time.
    const RUNS_AGAIN: bool = false;

    /// Makes it, or tells `resolver` what is missing and returns `None`.
    fn from_node(resolver: &mut Resolver<'_>) -> Option<Self>;
}

impl<T: ?Sized + Send + Sync + 'static> FromNode for Arc<T> {
    fn from_node(resolver: &mut Resolver<'_>) -> Option<Self> {
        resolver.provided()
    }
}

/// Finds, for one handler, what it asks for, and gathers what is missing.
pub struct Resolver<'a> {
    pub(crate) handler: &'static HandlerInfo,
    pub(crate) provided: &'a Provided,
    pub(crate) store: Option<&'a Arc<dyn Store>>,
    /// The type of each collection of documents that handlers of this node have asked for.
    pub(crate) collections: &'a mut HashMap<&'static str, &'static str>,
    pub(crate) uses: Uses,
    pub(crate) problems: &'a mut Vec<String>,
}

/// What a handler asked for beyond provided values.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Uses {
    /// It writes documents.
    pub(crate) documents: bool,
    /// It reads documents.
    pub(crate) view: bool,
}

impl Resolver<'_> {
    /// What was provided as `T`; if nothing was, the node won't start and says so.
    pub fn provided<T: ?Sized + Send + Sync + 'static>(&mut self) -> Option<Arc<T>> {
        let found = self.provided.get::<T>();
        if found.is_none() {
            let (wanted, handler) = (type_name::<T>(), self.handler);
            let remedy =
                if wanted.starts_with("dyn ") { format!("provide_as::<{wanted}>") } else { "provide".to_owned() };
            self.problem(format!(
                "{handler} asks for `{wanted}`, which nobody provided: call `.{remedy}(…)` before the start"
            ));
        }
        found
    }

    /// Says why the node can't start.
    pub fn problem(&mut self, what: impl Into<String>) {
        self.problems.push(what.into());
    }
}
