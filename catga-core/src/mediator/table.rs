use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::marker::PhantomData;
use std::sync::Arc;

use crate::behaviors::Layer;
use crate::delivery::Endpoint;
use crate::handler::{Handler, HandlerInfo, Provided, Registration, Resolver, Uses};
use crate::message::{Kind, Message, Request};
use crate::persistence::Store;

use super::bound::{Bound, Route};

/// All handlers of one mediator, by message.
#[derive(Default)]
pub(crate) struct Table {
    /// At a message's index: an [`Entry`] of that message type.
    entries: Vec<Option<Box<dyn Any + Send + Sync>>>,
    handlers: Vec<&'static HandlerInfo>,
    endpoints: Vec<Arc<dyn Endpoint>>,
}

/// The handlers of one message type.
struct Entry<M> {
    routes: Vec<Arc<dyn Route<M>>>,
}

impl Table {
    /// The handler of this request.
    #[inline(always)]
    pub(crate) fn request<R: Request>(&self) -> Option<&dyn Route<R>> {
        self.routes::<R>().first().map(|route| &**route)
    }

    /// The handlers of this message.
    #[inline(always)]
    pub(crate) fn routes<M: Message>(&self) -> &[Arc<dyn Route<M>>] {
        match self.entries.get(M::index().get()) {
            Some(Some(entry)) => entry.downcast_ref::<Entry<M>>().map_or(&[], |entry| &entry.routes),
            _ => &[],
        }
    }

    /// All handlers, in the order of their messages' and their own names.
    pub(crate) fn handlers(&self) -> &[&'static HandlerInfo] {
        &self.handlers
    }

    /// The same, as deliveries reach them.
    pub(crate) fn endpoints(&self) -> Vec<Arc<dyn Endpoint>> {
        self.endpoints.clone()
    }

    fn add<M: Message, H: Handler<M, Response = M::Response>>(&mut self, route: Arc<Bound<M, H>>) {
        let info = route.info;
        let entry = self.entry(M::index().get(), info, route.clone());
        let entry = entry.get_or_insert_with(|| Box::new(Entry::<M> { routes: Vec::new() }));
        if let Some(entry) = entry.downcast_mut::<Entry<M>>() {
            entry.routes.push(route);
        }
    }

    /// Notes a handler, and finds its message's entry.
    fn entry(
        &mut self,
        place: usize,
        info: &'static HandlerInfo,
        endpoint: Arc<dyn Endpoint>,
    ) -> &mut Option<Box<dyn Any + Send + Sync>> {
        self.handlers.push(info);
        self.endpoints.push(endpoint);
        if self.entries.len() <= place {
            self.entries.resize_with(place + 1, || None);
        }
        &mut self.entries[place]
    }
}

/// Binds registrations to what they ask for, and gathers what is wrong with them.
///
/// Public in name only: the macros' code passes it on.
pub struct TableBuilder<'a> {
    provided: &'a Provided,
    behaviors: &'a [Layer],
    store: Option<Arc<dyn Store>>,
    collections: HashMap<&'static str, &'static str>,
    table: Table,
    problems: Vec<String>,
}

impl<'a> TableBuilder<'a> {
    /// Binds all of `registrations`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, each as a sentence that says what, where, and what to do.
    pub(crate) fn build(
        registrations: &[&'static Registration],
        provided: &'a Provided,
        behaviors: &'a [Layer],
        store: Option<Arc<dyn Store>>,
    ) -> Result<Table, Vec<String>> {
        let mut registrations = registrations.to_vec();
        registrations.sort_by_key(|registration| {
            let info = registration.info();
            (info.message, info.name, info.location.file, info.location.line)
        });
        let (collections, table, problems) = Default::default();
        let mut builder = Self { provided, behaviors, store, collections, table, problems };
        builder.check_names(&registrations);
        for registration in registrations {
            registration.bind(&mut builder);
        }
        if builder.problems.is_empty() { Ok(builder.table) } else { Err(builder.problems) }
    }

    /// Binds `H`; called by a registration, which alone knows its types.
    pub(crate) fn bind<M: Message, H: Handler<M, Response = M::Response>>(&mut self, info: &'static HandlerInfo) {
        let mut resolver = Resolver {
            handler: info,
            provided: self.provided,
            store: self.store.as_ref(),
            collections: &mut self.collections,
            uses: Uses::default(),
            problems: &mut self.problems,
        };
        let resolved = H::resolve(&mut resolver);
        let uses = resolver.uses;
        self.check_uses(info, uses);
        if let Some(handler) = resolved {
            let layers = Layer::around(self.behaviors, TypeId::of::<M>(), M::KIND);
            let (runs_again, identity) = (uses.documents, info.identity().into());
            self.table.add(Arc::new(Bound { handler, info, identity, layers, runs_again, takes: PhantomData }));
        }
    }

    fn check_uses(&mut self, info: &HandlerInfo, uses: Uses) {
        if uses.documents
            && let Some(why) = info.only_reads()
        {
            let or = info.remedy().map(|remedy| format!(", or {remedy}")).unwrap_or_default();
            self.problems.push(format!("{info} asks for `Documents`, but {why}: ask for `DocumentsView`{or}"));
        }
    }

    /// One handler a request, one name a handler, one type a wire name.
    fn check_names(&mut self, registrations: &[&'static Registration]) {
        let mut by_message: BTreeMap<&str, Vec<&'static Registration>> = BTreeMap::new();
        for registration in registrations {
            by_message.entry(registration.info().message).or_default().push(registration);
        }
        for (message, handlers) in by_message {
            let types: BTreeSet<_> = handlers.iter().map(|handler| handler.message_type()).collect();
            if types.len() > 1 {
                let types = Vec::from_iter(types).join("` and `");
                self.problems.push(format!(
                    "`{types}` travel under one name, `{message}`: give one of them another, with `name = \"…\"` in its derive"
                ));
            } else if let [first, second, ..] = handlers[..]
                && first.info().kind != Kind::Event
            {
                self.problems.push(format!(
                    "two handlers for the {} `{message}`: {} and {}; a request has one, so remove one or give it a role",
                    first.info().kind,
                    first.info(),
                    second.info(),
                ));
            } else {
                self.check_handler_names(&handlers);
            }
        }
    }

    fn check_handler_names(&mut self, handlers: &[&'static Registration]) {
        let mut taken: HashMap<&str, &HandlerInfo> = HashMap::new();
        for info in handlers.iter().map(|handler| handler.info()) {
            for name in std::iter::once(&info.name).chain(info.was) {
                if let Some(other) = taken.insert(name, info) {
                    self.problems.push(format!(
                        "{other} and {info} share the name `{name}`: give one of them another, with `#[handler(name = \"…\")]`"
                    ));
                }
            }
        }
    }
}
