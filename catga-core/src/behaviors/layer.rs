use std::any::{Any, TypeId};
use std::sync::Arc;

use crate::message::{Kind, Message};

use super::every::ErasedBehavior;
use super::next::ErasedBehaviorFor;
use super::{Behavior, BehaviorFor};

/// One layer around handlers.
#[derive(Clone)]
pub(crate) enum Layer {
    /// One for any message, or any of one kind.
    Every { kind: Option<Kind>, behavior: Arc<dyn ErasedBehavior> },
    /// One for this type of messages: an `Arc<dyn ErasedBehaviorFor<M>>`.
    For { message: TypeId, behavior: Arc<dyn Any + Send + Sync> },
}

impl Layer {
    pub(crate) fn every(kind: Option<Kind>, behavior: impl Behavior) -> Self {
        Self::Every { kind, behavior: Arc::new(behavior) }
    }

    pub(crate) fn one<M: Message>(behavior: impl BehaviorFor<M>) -> Self {
        let behavior: Arc<dyn ErasedBehaviorFor<M>> = Arc::new(behavior);
        Self::For { message: TypeId::of::<M>(), behavior: Arc::new(behavior) }
    }

    /// Those of `layers` that stand around messages of this type and kind.
    pub(crate) fn around(layers: &[Self], message: TypeId, kind: Kind) -> Box<[Self]> {
        let stands_around = |layer: &&Self| match layer {
            Self::Every { kind: only, .. } => only.is_none_or(|only| only == kind),
            Self::For { message: only, .. } => *only == message,
        };
        layers.iter().filter(stands_around).cloned().collect()
    }
}
