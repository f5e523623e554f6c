use std::ops::Deref;

use loom::sync::atomic::{AtomicUsize, Ordering};

/// As std's, which loom has neither with `into_inner` nor with `Weak`: its count is one of loom's, so that others come between two uses of it.
#[derive(Debug)]
pub(crate) struct Arc<T> {
    /// `None` once it is counted no longer. It goes in one step with the count, since loom lets others in only before each step.
    value: Option<std::sync::Arc<T>>,
    strong: std::sync::Arc<AtomicUsize>,
}

impl<T> Arc<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(std::sync::Arc::new(value)), strong: std::sync::Arc::new(AtomicUsize::new(1)) }
    }

    pub(crate) fn into_inner(mut this: Self) -> Option<T> {
        let value = this.value.take()?;
        match this.strong.fetch_sub(1, Ordering::AcqRel) {
            1 => Some(std::sync::Arc::into_inner(value).expect("the last one has the value")),
            _ => None,
        }
    }

    pub(crate) fn downgrade(this: &Self) -> Weak<T> {
        let value = this.value.as_ref().map(std::sync::Arc::downgrade).expect("it is counted");
        Weak { value, strong: this.strong.clone() }
    }
}

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        self.strong.fetch_add(1, Ordering::Relaxed);
        Self { value: self.value.clone(), strong: self.strong.clone() }
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_deref().expect("it is counted")
    }
}

impl<T> Drop for Arc<T> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            self.strong.fetch_sub(1, Ordering::AcqRel);
            drop(value);
        }
    }
}

/// As std's.
#[derive(Debug)]
pub(crate) struct Weak<T> {
    value: std::sync::Weak<T>,
    strong: std::sync::Arc<AtomicUsize>,
}

impl<T> Weak<T> {
    pub(crate) fn strong_count(&self) -> usize {
        self.strong.load(Ordering::Relaxed)
    }

    pub(crate) fn upgrade(&self) -> Option<Arc<T>> {
        let one_more = |count: usize| (count != 0).then(|| count + 1);
        self.strong.fetch_update(Ordering::Acquire, Ordering::Relaxed, one_more).ok()?;
        let value = self.value.upgrade();
        assert!(value.is_some(), "what is counted is there");
        Some(Arc { value, strong: self.strong.clone() })
    }
}
