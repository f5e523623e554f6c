use std::any::Any;
use std::slice;
use std::task::Context as Task;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::mediator::{Caught, Room, Run, beginning};

use super::every::Answered;
use super::layer::Layer;

/// A pipeline on its way, of whatever message: the layers that are still to come, and what stands at its end.
pub(crate) struct Turn<'a> {
    layers: slice::Iter<'a, Layer>,
    end: &'a mut dyn End,
    cx: &'a Context,
    /// For the futures of what is still to come.
    pub(super) room: Room<'a>,
}

/// The end of a pipeline: the handler, what it handles, and the answer once there is one.
pub(crate) trait End: Send {
    /// Begins the handler.
    fn begin<'a>(&'a mut self, cx: &'a Context, room: &mut Room<'a>, task: &mut Task<'_>) -> Run<'a, Answered>;

    /// The message, until the handler has it.
    fn message(&self) -> Option<&dyn Any>;

    /// Where the answer goes: an `Option` of the message's response.
    fn answer(&mut self) -> &mut dyn Any;

    /// The type of the message's response, for people.
    fn response(&self) -> &'static str;
}

impl<'a> Turn<'a> {
    #[inline(always)]
    pub(crate) fn new(layers: &'a [Layer], end: &'a mut dyn End, cx: &'a Context, room: Room<'a>) -> Self {
        Self { layers: layers.iter(), end, cx, room }
    }

    /// Goes all the way: each layer begins the next one. A panic of a behavior is an error, as a handler's is.
    #[inline(always)]
    pub(crate) async fn run(&'a mut self) -> Result<Answered> {
        Caught::around(self.cx.handler(), beginning(|task| self.begin(task))).await
    }

    /// Goes on inwards, to the next layer or the end.
    #[inline(always)]
    pub(super) fn begin(&'a mut self, task: &mut Task<'_>) -> Run<'a, Answered> {
        match self.layers.next() {
            Some(layer) => layer.behavior.begin(self, task),
            None => self.end.begin(self.cx, &mut self.room, task),
        }
    }

    /// The same way, for somebody who looks at the answer afterwards.
    pub(super) fn inner(&mut self) -> Turn<'_> {
        Turn { layers: self.layers.clone(), end: &mut *self.end, cx: self.cx, room: self.room.take() }
    }

    pub(super) fn cx(&self) -> &'a Context {
        self.cx
    }

    pub(super) fn message<M: 'static>(&self) -> Option<&M> {
        self.end.message()?.downcast_ref()
    }

    pub(super) fn answer<T: 'static>(&mut self, answer: T) -> Result<Answered> {
        match self.end.answer().downcast_mut() {
            Some(place) => {
                *place = Some(answer);
                Ok(Answered(()))
            }
            None => Err(wrong_answer(self.cx, self.end.response())),
        }
    }

    pub(super) fn take_answer<T: 'static>(&mut self) -> Result<T> {
        let answer = self.end.answer().downcast_mut::<Option<T>>().and_then(Option::take);
        answer.ok_or_else(|| not_answered(self.cx))
    }
}

#[cold]
fn wrong_answer(cx: &Context, wanted: &str) -> Error {
    let message = cx.handler().message();
    Error::internal(format!("a behavior answered `{message}` with another type than `{wanted}`"))
}

#[cold]
pub(crate) fn not_answered(cx: &Context) -> Error {
    Error::internal(format!("a behavior around {} says that it was answered, but it wasn't", cx.handler()))
}
