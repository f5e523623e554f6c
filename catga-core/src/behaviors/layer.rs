use std::any::TypeId;
use std::sync::Arc;
use std::task::Context as Task;

use crate::mediator::Run;
use crate::message::{Kind, Message};

use super::every::{Answered, Behavior, Next};
use super::one::{BehaviorFor, ForOne};
use super::turn::Turn;

/// One layer around handlers.
#[derive(Clone)]
pub(crate) struct Layer {
    around: Around,
    pub(super) behavior: Arc<dyn ErasedBehavior>,
}

/// Around the handlers of which messages.
#[derive(Clone, Copy)]
enum Around {
    All,
    Kind(Kind),
    Type(TypeId),
}

impl Layer {
    pub(crate) fn every(kind: Option<Kind>, behavior: impl Behavior) -> Self {
        Self { around: kind.map_or(Around::All, Around::Kind), behavior: Arc::new(behavior) }
    }

    pub(crate) fn one<M: Message>(behavior: impl BehaviorFor<M>) -> Self {
        Self { around: Around::Type(TypeId::of::<M>()), behavior: Arc::new(ForOne::new(behavior)) }
    }

    /// Those of `layers` that stand around messages of this type and kind.
    pub(crate) fn around(layers: &[Self], message: TypeId, kind: Kind) -> Box<[Self]> {
        let stands_around = |layer: &&Self| match layer.around {
            Around::All => true,
            Around::Kind(only) => only == kind,
            Around::Type(only) => only == message,
        };
        layers.iter().filter(stands_around).cloned().collect()
    }
}

/// [`Behavior`] behind a pointer.
pub(super) trait ErasedBehavior: Send + Sync {
    fn begin<'a>(&'a self, turn: &'a mut Turn<'a>, task: &mut Task<'_>) -> Run<'a, Answered>;
}

impl<B: Behavior> ErasedBehavior for B {
    fn begin<'a>(&'a self, turn: &'a mut Turn<'a>, task: &mut Task<'_>) -> Run<'a, Answered> {
        turn.room.seat().begin(task, || self.around(Next { turn }))
    }
}
