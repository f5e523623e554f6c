//! The one module with unsafe code: futures in place, and a borrow whose lifetime the type doesn't show.
//!
//! A handler is found at run time, so its future's type is unknown to the caller. The usual way is a box for each call; here the future
//! is written into bytes of the caller's own future ([`Place`]), and the futures of behaviors behind it ([`Held`]); what doesn't fit is
//! boxed. The benchmark `dispatch` shows what this is worth, and the tests below run under valgrind.
#![expect(unsafe_code, reason = "the one module that may: see SAFETY at each block")]

use std::future::Future;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{MaybeUninit, align_of, size_of};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context as Task, Poll};

/// How many bytes of a caller's future are kept for the handler's future and the layers around it. What is larger is boxed.
pub(crate) const ROOM: usize = 1024;

#[repr(align(16))]
struct Bytes([MaybeUninit<u8>; ROOM]);

/// Bytes that a future may be put into, for as long as `'a`.
pub(crate) type Room<'a> = &'a mut [MaybeUninit<u8>];

/// A future of a type that only its filler knew, with the output `T`, living for at most `'a`.
pub(crate) struct Place<'a, T: 'static> {
    /// How to poll and drop what `bytes` holds; `None` while they hold nothing.
    ways: Option<&'static Ways<T>>,
    bytes: Bytes,
    future: PhantomData<dyn Future<Output = T> + Send + 'a>,
    pinned: PhantomPinned,
}

impl<'a, T: 'static> Place<'a, T> {
    /// A place that holds nothing yet.
    #[inline(always)]
    pub(crate) const fn empty() -> Self {
        Self { ways: None, bytes: Bytes([MaybeUninit::uninit(); ROOM]), future: PhantomData, pinned: PhantomPinned }
    }

    /// Puts the future that `make` makes here. `make` gets the room that is left behind it, for what the future wants to put in place
    /// itself.
    ///
    /// Fills an empty place, once: a second future is refused by a panic, since the first one may still use the room behind it.
    #[inline(always)]
    pub(crate) fn fill<F: Future<Output = T> + Send + 'a>(self: Pin<&mut Self>, make: impl FnOnce(Room<'a>) -> F) {
        if fits::<F>(ROOM) { self.put(make) } else { self.put(|room| -> Pin<Box<F>> { Box::pin(make(room)) }) }
    }

    #[inline(always)]
    fn put<F: Future<Output = T> + Send + 'a>(self: Pin<&mut Self>, make: impl FnOnce(Room<'a>) -> F) {
        assert!(self.ways.is_none(), "a place is filled once");
        // SAFETY: nothing is moved out of the pinned place: its bytes hold nothing yet and are written in place.
        let this = unsafe { self.get_unchecked_mut() };
        let start = (&raw mut this.bytes).cast::<u8>();
        // SAFETY: the room behind the future is `ROOM - size_of::<F>()` bytes of `bytes`, pinned since before this call, dropped after
        // the future, and (see `ways`) never handed out a second time. The future can't outlive the place, so neither can the room.
        let room = unsafe { std::slice::from_raw_parts_mut(start.add(size_of::<F>()).cast(), ROOM - size_of::<F>()) };
        // SAFETY: `F` fits in size and alignment (checked by `fill`; a pinned box always does), and `room` doesn't overlap it.
        unsafe { start.cast::<F>().write(make(room)) };
        this.ways = Some(Ways::of::<F>());
    }
}

impl<T: 'static> Future for Place<'_, T> {
    type Output = T;

    /// Polls the future that was put here. An empty place is never ready.
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<T> {
        // SAFETY: the bytes aren't moved, only handed to the future's own `poll`, which gets them pinned.
        let this = unsafe { self.get_unchecked_mut() };
        match this.ways {
            // SAFETY: `ways` was set by `put` for just the future that the bytes hold, and the place is pinned since.
            Some(ways) => unsafe { (ways.poll)((&raw mut this.bytes).cast(), task) },
            None => Poll::Pending,
        }
    }
}

impl<T: 'static> Drop for Place<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(ways) = self.ways {
            // SAFETY: `ways` was set by `put` for just the future that the bytes hold, and this is the only place that drops it.
            unsafe { (ways.drop)((&raw mut self.bytes).cast()) };
        }
    }
}

/// A future that lies in a [`Room`], or in a box where it didn't fit.
pub(crate) struct Held<'a, T: 'static> {
    future: NonNull<u8>,
    ways: &'static Ways<T>,
    owns: PhantomData<Box<dyn Future<Output = T> + Send + 'a>>,
}

impl<'a, T: 'static> Held<'a, T> {
    /// Puts the future that `make` makes into `room`; `make` gets what is left of it.
    #[inline(always)]
    pub(crate) fn new<F: Future<Output = T> + Send + 'a>(room: Room<'a>, make: impl FnOnce(Room<'a>) -> F) -> Self {
        let skip = room.as_ptr().align_offset(align_of::<F>());
        if skip.checked_add(size_of::<F>()).is_some_and(|end| end <= room.len()) {
            let (place, left) = room[skip..].split_at_mut(size_of::<F>());
            let future = NonNull::from(place).cast::<F>();
            // SAFETY: the bytes are aligned for `F`, as long as `F`, and ours for `'a`.
            unsafe { future.write(make(left)) };
            Self { future: future.cast(), ways: Ways::of::<F>(), owns: PhantomData }
        } else {
            let boxed = Box::new(make(room));
            // SAFETY: a box's pointer is never null. `Ways::boxed` takes the box apart again.
            let future = unsafe { NonNull::new_unchecked(Box::into_raw(boxed)) };
            Self { future: future.cast(), ways: Ways::boxed::<F>(), owns: PhantomData }
        }
    }
}

// SAFETY: it is the future that it holds, and `new` takes only futures that are `Send`.
unsafe impl<T: 'static> Send for Held<'_, T> {}

impl<T: 'static> Future for Held<'_, T> {
    type Output = T;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<T> {
        // SAFETY: `ways` was made for just this future; it is neither moved nor referred to elsewhere until this value is dropped.
        unsafe { (self.ways.poll)(self.future.as_ptr(), task) }
    }
}

impl<T: 'static> Drop for Held<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: `ways` was made for just this future, and this is the only place that drops it.
        unsafe { (self.ways.drop)(self.future.as_ptr()) };
    }
}

/// How to poll and drop a future of a forgotten type.
struct Ways<T: 'static> {
    poll: unsafe fn(*mut u8, &mut Task<'_>) -> Poll<T>,
    drop: unsafe fn(*mut u8),
}

impl<T: 'static> Ways<T> {
    #[inline(always)]
    fn of<F: Future<Output = T>>() -> &'static Self {
        const { &Self { poll: poll::<F>, drop: drop_in_place::<F> } }
    }

    fn boxed<F: Future<Output = T>>() -> &'static Self {
        const { &Self { poll: poll::<F>, drop: drop_box::<F> } }
    }
}

const fn fits<F>(room: usize) -> bool {
    size_of::<F>() <= room && align_of::<F>() <= align_of::<Bytes>()
}

/// Polls the `F` at `place`.
unsafe fn poll<F: Future>(place: *mut u8, task: &mut Task<'_>) -> Poll<F::Output> {
    // SAFETY: the caller vouches for a live, pinned `F` there that nobody else refers to.
    unsafe { Pin::new_unchecked(&mut *place.cast::<F>()) }.poll(task)
}

/// Drops the `F` at `place`.
unsafe fn drop_in_place<F>(place: *mut u8) {
    // SAFETY: the caller vouches for a live `F` there that isn't used afterwards.
    unsafe { std::ptr::drop_in_place(place.cast::<F>()) };
}

/// Drops the `F` at `place` and the box around it.
unsafe fn drop_box<F>(place: *mut u8) {
    // SAFETY: the caller vouches for a pointer that came from `Box::into_raw` and isn't used afterwards.
    drop(unsafe { Box::from_raw(place.cast::<F>()) });
}

/// A shared borrow whose lifetime the type doesn't show, so that what holds it ([`Context`](crate::context::Context)) needs no lifetime
/// of its own.
pub(crate) struct Borrowed<T>(NonNull<T>);

// SAFETY: it is used as a `&T` and nothing else, so it may be sent where a `&T` may.
unsafe impl<T: Sync> Send for Borrowed<T> {}
// SAFETY: it is used as a `&T` and nothing else, so it may be shared where a `&T` may.
unsafe impl<T: Sync> Sync for Borrowed<T> {}

impl<T> Borrowed<T> {
    #[inline(always)]
    pub(crate) fn get(&self) -> &T {
        // SAFETY: only a `Lent` makes one, and keeps it within the borrow's lifetime.
        unsafe { self.0.as_ref() }
    }
}

/// A value made from borrows that its type doesn't show, kept within their lifetime.
///
/// It is only ever lent (`&V`), never given away, so what it hides can't outlive `'a`.
pub(crate) struct Lent<'a, V> {
    value: V,
    from: PhantomData<&'a ()>,
}

impl<'a, V> Lent<'a, V> {
    /// Makes the value from borrows that live as long as the `Lent`.
    ///
    /// `V` must not be `Clone`, and must not give its `Borrowed`s away; `Context`, the only user, does neither.
    #[inline(always)]
    pub(crate) fn new<T, U>(
        one: &'a T,
        other: Option<&'a U>,
        make: impl FnOnce(Borrowed<T>, Option<Borrowed<U>>) -> V,
    ) -> Self {
        let other = other.map(|other| Borrowed(NonNull::from(other)));
        Self { value: make(Borrowed(NonNull::from(one)), other), from: PhantomData }
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> &V {
        &self.value
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self) -> &mut V {
        &mut self.value
    }
}
