//! Behaviors: layers around handlers, in both shapes.

use std::sync::{Arc, Mutex};

use catga_core::behaviors::{Answered, Behavior, BehaviorFor, Next, NextFor};
use catga_core::context::Context;
use catga_core::mediator::{Mediator, MediatorBuilder, Routing};
use catga_core::message::Kind;
use catga_core::{Catga, Code, Error, Event, Message, Request, Result, Schema, handler, handlers, transport};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[derive(Request, Serialize, Deserialize)]
#[request(response = Size, query)]
struct Measure(String);

#[derive(Schema, Debug, PartialEq, Serialize, Deserialize)]
struct Size(usize);

#[derive(Event, Clone, Serialize, Deserialize)]
struct Measured(usize);

/// What happened, in its order.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[handler]
async fn double(command: Double, diary: &Diary) -> Result<u32> {
    diary.note("double");
    match command.0 {
        13 => Err(Error::validation("13 can't be doubled")),
        number => Ok(number * 2),
    }
}

#[handler]
async fn measure(query: &Measure, diary: &Diary) -> Result<Size> {
    tokio::task::yield_now().await;
    diary.note("measure");
    Ok(Size(query.0.len()))
}

#[handler]
async fn show(event: Measured, diary: &Diary) -> Result<()> {
    diary.note(format!("show {}", event.0));
    Ok(())
}

fn builder(diary: &Diary) -> MediatorBuilder {
    Mediator::builder().provide(diary.clone()).handlers(handlers![double, measure, show])
}

/// Tells when it is entered and left; yields on both ways, and carries so much.
struct Tells<const SIZE: usize = 1>(&'static str, Diary);

impl<const SIZE: usize> Behavior for Tells<SIZE> {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        let carried = [1_u8; SIZE];
        self.1.note(format!("{}>", self.0));
        tokio::task::yield_now().await;
        let outcome = next.run().await;
        tokio::task::yield_now().await;
        assert!(carried.iter().all(|&byte| byte == 1));
        self.1.note(format!("<{}", self.0));
        outcome
    }
}

impl<M: Message, const SIZE: usize> BehaviorFor<M> for Tells<SIZE> {
    async fn around(&self, next: NextFor<'_, M>) -> Result<M::Response> {
        let carried = [1_u8; SIZE];
        self.1.note(format!("{}>", self.0));
        let outcome = next.run().await;
        assert!(carried.iter().all(|&byte| byte == 1));
        self.1.note(format!("<{}", self.0));
        outcome
    }
}

#[tokio::test]
async fn the_first_one_added_is_the_outermost_across_both_shapes() {
    let diary = Diary::default();
    let mediator = builder(&diary)
        .behavior(<Tells>::new("1", &diary))
        .behavior_for::<Double>(<Tells>::new("2", &diary))
        .behavior_for::<Double>(<Tells>::new("3", &diary))
        .behavior_for_kind(Kind::Command, <Tells>::new("4", &diary))
        .behavior(<Tells>::new("5", &diary))
        .behavior_for::<Double>(<Tells>::new("6", &diary))
        .build()
        .unwrap();
    assert_eq!(mediator.send(Double(21)).await.unwrap(), 42);
    let order = ["1>", "2>", "3>", "4>", "5>", "6>", "double", "<6", "<5", "<4", "<3", "<2", "<1"];
    assert_eq!(diary.take(), order);
}

impl<const SIZE: usize> Tells<SIZE> {
    fn new(name: &'static str, diary: &Diary) -> Self {
        Self(name, diary.clone())
    }
}

#[tokio::test]
async fn a_behavior_for_one_type_alone_stands_around_it_first_and_last() {
    let diary = Diary::default();
    let mediator = builder(&diary).behavior_for::<Double>(<Tells>::new("1", &diary)).build().unwrap();
    assert_eq!(mediator.send(Double(21)).await.unwrap(), 42);
    assert_eq!(diary.take(), ["1>", "double", "<1"]);
}

#[tokio::test]
async fn a_behavior_stands_around_all_or_one_kind_or_one_type() {
    let diary = Diary::default();
    let mediator = builder(&diary)
        .behavior(<Tells>::new("all", &diary))
        .behavior_for_kind(Kind::Query, <Tells>::new("queries", &diary))
        .behavior_for_kind(Kind::Event, <Tells>::new("events", &diary))
        .behavior_for::<Double>(<Tells>::new("double", &diary))
        .build()
        .unwrap();
    mediator.send(Double(1)).await.unwrap();
    assert_eq!(diary.take(), ["all>", "double>", "double", "<double", "<all"]);
    mediator.send(Measure("abc".into())).await.unwrap();
    assert_eq!(diary.take(), ["all>", "queries>", "measure", "<queries", "<all"]);
    mediator.publish(Measured(3)).await.unwrap();
    assert_eq!(diary.take(), ["all>", "events>", "show 3", "<events", "<all"]);
}

#[tokio::test]
async fn more_and_larger_layers_than_have_room_all_run() {
    let diary = Diary::default();
    let mut builder = builder(&diary);
    for _ in 0..10 {
        builder = builder
            .behavior(<Tells>::new("s", &diary))
            .behavior(Tells::<500>::new("m", &diary))
            .behavior_for::<Double>(Tells::<3000>::new("l", &diary))
            .behavior_for::<Measured>(Tells::<3000>::new("l", &diary));
    }
    let mediator = builder.build().unwrap();
    assert_eq!(mediator.send(Double(21)).await.unwrap(), 42);
    assert_eq!(diary.take().len(), 61);
    mediator.publish(Measured(3)).await.unwrap();
    assert_eq!(diary.take().len(), 61);
}

/// Stops with an error.
struct Closed;

impl Behavior for Closed {
    async fn around(&self, _: Next<'_>) -> Result<Answered> {
        Err(Error::unavailable("we are closed"))
    }
}

impl<M: Message> BehaviorFor<M> for Closed {
    async fn around(&self, _: NextFor<'_, M>) -> Result<M::Response> {
        Err(Error::unavailable("we are closed"))
    }
}

#[tokio::test]
async fn a_behavior_that_stops_keeps_the_handler_from_running_and_those_outside_see_it() {
    let diary = Diary::default();
    let every = builder(&diary).behavior(<Tells>::new("1", &diary)).behavior(Closed).build().unwrap();
    let one = builder(&diary).behavior_for::<Double>(<Tells>::new("1", &diary)).behavior_for::<Double>(Closed);
    for mediator in [every, one.build().unwrap()] {
        let error = mediator.send(Double(21)).await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::Unavailable, "we are closed"));
        assert_eq!(diary.take(), ["1>", "<1"]);
    }
}

/// Answers in the handler's place.
struct Answers<T>(T);

impl<T: Clone + Send + Sync + 'static> Behavior for Answers<T> {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        next.answer(self.0.clone())
    }
}

#[tokio::test]
async fn an_answer_of_the_right_type_takes_the_handlers_place() {
    let diary = Diary::default();
    let mediator = builder(&diary)
        .behavior_for::<Double>(<Tells>::new("1", &diary))
        .behavior_for_kind(Kind::Command, Answers(7_u32))
        .build()
        .unwrap();
    assert_eq!(mediator.send(Double(21)).await.unwrap(), 7);
    assert_eq!(diary.take(), ["1>", "<1"]);
}

#[tokio::test]
async fn an_answer_of_another_type_is_an_error_that_names_the_right_one() {
    let mediator = builder(&Diary::default()).behavior(Answers(7_u64)).build().unwrap();
    let error = mediator.send(Double(21)).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert_eq!(error.message(), "a behavior answered `Double` with another type than `u32`");
}

/// Turns numbers below 10 into 10, and errors into 0.
struct Corrects;

impl BehaviorFor<Double> for Corrects {
    async fn around(&self, next: NextFor<'_, Double>) -> Result<u32> {
        Ok(next.run().await.map_or(0, |doubled| doubled.max(10)))
    }
}

#[tokio::test]
async fn a_behavior_for_one_type_replaces_the_result() {
    let mediator = builder(&Diary::default()).behavior_for::<Double>(Corrects).build().unwrap();
    for (number, expected) in [(21, 42), (1, 10), (13, 0)] {
        assert_eq!(mediator.send(Double(number)).await.unwrap(), expected);
    }
}

/// Writes down what it sees.
struct Sees(Diary);

impl Behavior for Sees {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        let (handler, cx) = (next.handler(), next.context());
        let number = next.message::<Double>().map(|double| double.0);
        let other = next.message::<u8>();
        assert!(other.is_none());
        let (message, name, kind) = (handler.message(), handler.name(), handler.kind());
        self.0.note(format!("{message} {name} {kind} {number:?} {:?}", cx.header("from")));
        let outcome = next.run().await;
        self.0.note(format!("{:?}", outcome.as_ref().map(|_| ()).map_err(Error::code)));
        outcome
    }
}

impl BehaviorFor<Double> for Sees {
    async fn around(&self, next: NextFor<'_, Double>) -> Result<u32> {
        let (handler, cx) = (next.handler(), next.context());
        self.0.note(format!("{} {} {:?}", handler.name(), next.message().0, cx.header("from")));
        next.run().await
    }
}

#[tokio::test]
async fn a_behavior_sees_handler_message_context_and_outcome() {
    let diary = Diary::default();
    let mediator =
        builder(&diary).behavior(Sees(diary.clone())).behavior_for::<Double>(Sees(diary.clone())).build().unwrap();
    mediator.send(Double(13)).header("from", "Ann").await.unwrap_err();
    let seen = ["Double double command Some(13) Some(\"Ann\")", "double 13 Some(\"Ann\")", "double", "Err(Validation)"];
    assert_eq!(diary.take(), seen);
    mediator.send(Measure("abc".into())).await.unwrap();
    assert_eq!(diary.take(), ["Measure measure query None None", "measure", "Ok(())"]);
}

/// Panics on its way in or on its way out.
struct Panics {
    inwards: bool,
}

impl Behavior for Panics {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        assert!(!self.inwards, "no way in");
        next.run().await?;
        panic!("no way out");
    }
}

impl<M: Message> BehaviorFor<M> for Panics {
    async fn around(&self, next: NextFor<'_, M>) -> Result<M::Response> {
        assert!(!self.inwards, "no way in");
        next.run().await?;
        panic!("no way out");
    }
}

#[tokio::test]
async fn a_panic_of_a_behavior_is_an_error_and_the_mediator_lives_on() {
    for inwards in [true, false] {
        let every = builder(&Diary::default()).behavior_for_kind(Kind::Command, Panics { inwards });
        let one = builder(&Diary::default()).behavior_for::<Double>(Panics { inwards });
        for mediator in [every.build().unwrap(), one.build().unwrap()] {
            let error = mediator.send(Double(21)).await.unwrap_err();
            assert_eq!(error.code(), Code::Internal);
            assert!(error.can_retry());
            let text = error.message();
            assert!(text.starts_with("a behavior around `double` for `Double` ("), "{text}");
            assert!(text.ends_with(if inwards { "panicked: no way in" } else { "panicked: no way out" }), "{text}");
            // A deadline takes another way through the mediator.
            let deadline = std::time::Duration::from_secs(60);
            assert_eq!(mediator.send(Double(21)).deadline(deadline).await.unwrap_err().code(), Code::Internal);
            assert_eq!(mediator.send(Measure("abc".into())).await.unwrap(), Size(3));
        }
    }
}

#[tokio::test]
async fn a_panic_of_a_behavior_around_one_handler_of_an_event_leaves_the_others_alone() {
    #[handler]
    async fn other(event: Measured, diary: &Diary) -> Result<()> {
        diary.note(format!("other {}", event.0));
        Ok(())
    }

    struct PanicsAround(&'static str);

    impl BehaviorFor<Measured> for PanicsAround {
        async fn around(&self, next: NextFor<'_, Measured>) -> Result<()> {
            assert!(next.handler().name() != self.0, "not you");
            next.run().await
        }
    }

    let diary = Diary::default();
    let mediator = Mediator::builder()
        .provide(diary.clone())
        .handlers(handlers![show, other])
        .behavior_for::<Measured>(PanicsAround("other"))
        .build()
        .unwrap();
    let failures = mediator.publish(Measured(3)).await.unwrap_err();
    assert_eq!(failures.all().len(), 1);
    assert_eq!(diary.take(), ["show 3"]);
}

#[tokio::test]
async fn behaviors_stand_around_deliveries_from_other_nodes_and_around_handlers_of_events() {
    #[handler]
    async fn tell(event: Measured, told: &tokio::sync::mpsc::Sender<usize>, _: &Context) -> Result<()> {
        told.send(event.0).await.map_err(|_| Error::internal("nobody listens"))
    }

    let (diary, transport) = (Diary::default(), transport::InMemory::new());
    let (told, mut listen) = tokio::sync::mpsc::channel::<usize>(8);
    let worker = Catga::builder("sizes")
        .transport(transport.clone())
        .provide(diary.clone())
        .provide(told)
        .handlers(handlers![double, tell])
        .behavior(<Tells>::new("1", &diary))
        .behavior_for::<Double>(<Tells>::new("2", &diary))
        .behavior_for::<Measured>(<Tells>::new("3", &diary))
        .start()
        .await
        .unwrap();
    let caller = Catga::builder("front").transport(transport).handlers([]).start().await.unwrap();
    assert_eq!(caller.send(Double(21)).await.unwrap(), 42);
    assert_eq!(diary.take(), ["1>", "2>", "double", "<2", "<1"]);
    caller.publish(Measured(3)).await.unwrap();
    assert_eq!(listen.recv().await, Some(3));
    worker.shutdown().await.unwrap();
    assert_eq!(diary.take(), ["1>", "3>", "<3", "<1"]);
}

#[tokio::test]
async fn a_panic_of_a_behavior_around_a_delivery_is_the_callers_error_and_the_node_lives_on() {
    let diary = Diary::default();
    let node = Catga::builder("sizes")
        .routing(Routing::Balanced)
        .provide(diary.clone())
        .handlers(handlers![double, measure])
        .behavior_for_kind(Kind::Command, Panics { inwards: true })
        .start()
        .await
        .unwrap();
    let error = node.send(Double(21)).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert!(error.message().contains("a behavior around `double` for `Double`"), "{error}");
    assert_eq!(node.send(Measure("abc".into())).await.unwrap(), Size(3));
}
