use std::any::Any;
use std::sync::Arc;

use crate::message::{Kind, Message};

use super::every::ErasedBehavior;
use super::next::ErasedBehaviorFor;
use super::{Behavior, BehaviorFor};

/// One layer around the handlers of `M`.
pub(crate) enum Layer<M: Message> {
    /// One that stands around other messages as well.
    Every(Arc<dyn ErasedBehavior>),
    /// One for `M` alone.
    For(Arc<dyn ErasedBehaviorFor<M>>),
}

/// A behavior as it was added, before it is known around which messages it will stand.
#[derive(Clone)]
pub(crate) enum Added {
    Every {
        kind: Option<Kind>,
        behavior: Arc<dyn ErasedBehavior>,
    },
    /// An `Arc<dyn ErasedBehaviorFor<M>>` for some `M`.
    For(Arc<dyn Any + Send + Sync>),
}

impl Added {
    pub(crate) fn every(kind: Option<Kind>, behavior: impl Behavior) -> Self {
        Self::Every { kind, behavior: Arc::new(behavior) }
    }

    pub(crate) fn one<M: Message>(behavior: impl BehaviorFor<M>) -> Self {
        let behavior: Arc<dyn ErasedBehaviorFor<M>> = Arc::new(behavior);
        Self::For(Arc::new(behavior))
    }

    /// The layer that it is around `M`, if it stands there.
    pub(crate) fn around<M: Message>(&self) -> Option<Layer<M>> {
        match self {
            Self::Every { kind: Some(kind), .. } if *kind != M::KIND => None,
            Self::Every { behavior, .. } => Some(Layer::Every(behavior.clone())),
            Self::For(behavior) => behavior.downcast_ref::<Arc<dyn ErasedBehaviorFor<M>>>().cloned().map(Layer::For),
        }
    }
}
