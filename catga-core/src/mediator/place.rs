//! The one module with unsafe code: futures in place, and a borrow whose lifetime the type doesn't show.
//!
//! A handler is found at run time, so its future's type is unknown to the caller. The usual way is a box for each call; here the future
//! is written into bytes of the caller's own future ([`Place`]), and the futures of behaviors behind it ([`Seat`]); what doesn't fit is
//! boxed. The benchmark `dispatch` shows what this is worth, and the tests below run under valgrind.
#![expect(unsafe_code, reason = "the one module that may: see SAFETY at each block")]

use std::future::Future;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{MaybeUninit, align_of, size_of};
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as Task, Poll};

#[repr(align(64))]
struct Bytes<const ROOM: usize>(MaybeUninit<[u8; ROOM]>);

/// Bytes that futures may be put into, for as long as `'a`: those from `start`, which is aligned to [`ALIGN`], to the hold's end.
pub(crate) struct Room<'a> {
    start: NonNull<u8>,
    hold: &'a Hold,
    bytes: PhantomData<&'a mut [MaybeUninit<u8>]>,
}

/// To what a future in a room is aligned at most; one that needs more is boxed.
const ALIGN: usize = 16;

// SAFETY: it is a unique borrow of bytes, which may be sent.
unsafe impl Send for Room<'_> {}
// SAFETY: nothing can be done with a shared one.
unsafe impl Sync for Room<'_> {}

impl<'a> Room<'a> {
    /// All that is left of it; nothing is left here.
    pub(crate) fn take(&mut self) -> Self {
        let all = Room { start: self.start, hold: self.hold, bytes: PhantomData };
        let len = self.len();
        // SAFETY: that is where the bytes end.
        self.start = unsafe { self.start.add(len) };
        all
    }

    /// A seat for a future, or none if it doesn't fit: then it will be boxed. What is left of the room is behind it.
    #[inline(always)]
    pub(crate) fn seat<F>(&mut self) -> Seat<'a, F> {
        let size = const { behind::<Guest<'a, F>>() };
        let fits = const { align_of::<F>() <= ALIGN } && size <= self.len();
        let place = fits.then(|| {
            let place = self.start.cast();
            // SAFETY: so many bytes are left.
            self.start = unsafe { self.start.add(size) };
            place
        });
        Seat { place, hold: self.hold, bytes: PhantomData }
    }

    /// Begins a future in this room, for several side by side: if it isn't ready at once, the room is what it left.
    #[inline(always)]
    pub(crate) fn begin<T: 'static, F: Future<Output = T> + Send + 'a>(
        &mut self,
        task: &mut Task<'_>,
        make: impl FnOnce() -> F,
    ) -> Begun<'a, T> {
        let here = self.start;
        let begun = self.seat().begin(task, make);
        // Where it is ready its bytes are free again.
        if matches!(begun, Begun::Done(_)) {
            self.start = here;
        }
        begun
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.hold.end - self.start.addr().get()
    }
}

/// What is known of bytes in which futures may lie: where they end, and how many that aren't done lie there.
///
/// Those are pinned, so they must be dropped before the bytes are. A behavior can keep one from it, in safe code, by forgetting the
/// future of `next.run()`. What such a future has registered elsewhere would then point to bytes that are gone, so the process ends.
pub(crate) struct Hold {
    /// Relaxed, and not in `catga-interleavings`: a guest that is dropped on another thread is so within its borrow, before the place is.
    guests: AtomicUsize,
    /// The address behind the last byte.
    end: usize,
}

impl Hold {
    const fn until(end: usize) -> Self {
        Self { guests: AtomicUsize::new(0), end }
    }

    fn come(&self) {
        self.guests.fetch_add(1, Ordering::Relaxed);
    }

    fn go(&self) {
        self.guests.fetch_sub(1, Ordering::Relaxed);
    }

    #[inline(always)]
    fn check(&self) {
        if self.guests.load(Ordering::Relaxed) != 0 {
            forgotten();
        }
    }
}

impl Drop for Hold {
    #[inline(always)]
    fn drop(&mut self) {
        self.check();
    }
}

#[cold]
fn forgotten() -> ! {
    tracing::error!("a behavior forgot the future of `next.run()` instead of dropping it; the process can't go on");
    std::process::abort()
}

/// A room of its own, aligned to no more than it must be: it lies in boxes, and allocators search long for more.
pub(crate) struct Area<const N: usize> {
    // Dropped, and so checked, before the bytes are gone.
    hold: Hold,
    bytes: AreaBytes<N>,
}

#[repr(align(16))]
struct AreaBytes<const N: usize>(MaybeUninit<[u8; N]>);

const _: () = assert!(align_of::<AreaBytes<0>>() == ALIGN);

impl<const N: usize> Area<N> {
    pub(crate) const fn new() -> Self {
        Self { hold: Hold::until(0), bytes: AreaBytes(MaybeUninit::uninit()) }
    }

    pub(crate) fn room(&mut self) -> Room<'_> {
        self.hold.check();
        let start = NonNull::from(&mut self.bytes).cast::<u8>();
        self.hold.end = start.addr().get() + N;
        Room { start, hold: &self.hold, bytes: PhantomData }
    }
}

/// A future of a type that only its filler knew, with the output `T`, living for at most `'a`.
pub(crate) struct Place<'a, T: 'static, const ROOM: usize> {
    /// How to poll and drop what `bytes` holds, also while they hold nothing. (An `Option` here would have the compiler zero all bytes.)
    ways: &'static Ways<T>,
    is_filled: bool,
    bytes: Bytes<ROOM>,
    /// There once it is filled. (A hold from the beginning would have the compiler zero all bytes, too.)
    hold: MaybeUninit<Hold>,
    future: PhantomData<dyn Future<Output = T> + Send + 'a>,
    _pinned: PhantomPinned,
}

impl<'a, T: 'static, const ROOM: usize> Place<'a, T, ROOM> {
    /// A place that holds nothing yet.
    #[inline(always)]
    pub(crate) fn empty() -> Self {
        Self {
            ways: Ways::nothing(),
            is_filled: false,
            bytes: Bytes(MaybeUninit::uninit()),
            hold: MaybeUninit::uninit(),
            future: PhantomData,
            _pinned: PhantomPinned,
        }
    }

    /// Puts the future that `make` makes here and polls it, in one step, so that one that is ready at once is never asked about by
    /// pointer. `make` gets the room that is left behind it, for what the future wants to put in place itself.
    ///
    /// # Panics
    ///
    /// If the place was filled before: the first future may still use the room behind it.
    #[inline(always)]
    pub(crate) fn begin<F: Future<Output = T> + Send + 'a>(
        self: Pin<&mut Self>,
        task: &mut Task<'_>,
        make: impl FnOnce(Room<'a>) -> F,
    ) -> Poll<T> {
        if const { fits::<F>(ROOM) } { self.put(task, make) } else { self.put_boxed(task, make) }
    }

    #[inline(never)]
    fn put_boxed<F: Future<Output = T> + Send + 'a>(
        self: Pin<&mut Self>,
        task: &mut Task<'_>,
        make: impl FnOnce(Room<'a>) -> F,
    ) -> Poll<T> {
        self.put(task, |room| -> Pin<Box<dyn Future<Output = T> + Send + 'a>> { Box::pin(make(room)) })
    }

    #[inline(always)]
    fn put<F: Future<Output = T> + Send + 'a>(
        self: Pin<&mut Self>,
        task: &mut Task<'_>,
        make: impl FnOnce(Room<'a>) -> F,
    ) -> Poll<T> {
        assert!(!self.is_filled, "a place is filled once");
        // SAFETY: nothing is moved out of the pinned place: its bytes hold nothing yet and are written in place.
        let this = unsafe { self.get_unchecked_mut() };
        let start = (&raw mut this.bytes).cast::<u8>();
        let hold: *const Hold = this.hold.write(Hold::until(start.addr() + ROOM));
        // SAFETY: the room behind the future is the rest of `bytes` (`fits` says that there is one), pinned since before this call,
        // dropped after the future, and (see `is_filled`) never handed out a second time. `make` puts the room into the future and
        // nowhere else, and the future can't outlive the place. The hold is beside the bytes, and only ever shared from here on.
        let room = unsafe {
            Room { start: NonNull::new_unchecked(start.add(behind::<F>())), hold: &*hold, bytes: PhantomData }
        };
        // SAFETY: `F` fits in size and alignment (checked by `begin`; a pinned box always does), and `room` doesn't overlap it.
        unsafe { start.cast::<F>().write(make(room)) };
        (this.ways, this.is_filled) = (Ways::of::<F>(), true);
        // SAFETY: the `F` was just written, lies in a pinned place, and isn't referred to elsewhere.
        let polled = unsafe { poll::<F>(start, task) };
        if polled.is_ready() {
            this.ways = Ways::nothing();
            // SAFETY: nobody else drops it, since `ways` no longer tells how.
            unsafe { drop_in_place::<F>(start) };
        }
        polled
    }
}

impl<T: 'static, const ROOM: usize> Future for Place<'_, T, ROOM> {
    type Output = T;

    /// Polls the future that was put here. An empty place is never ready.
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<T> {
        // SAFETY: the bytes aren't moved, only handed to the future's own `poll`, which gets them pinned.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: `ways` was set by `put` for just the future that the bytes hold, and the place is pinned since; or it does nothing.
        unsafe { (this.ways.poll)((&raw mut this.bytes).cast(), task) }
    }
}

impl<T: 'static, const ROOM: usize> Drop for Place<'_, T, ROOM> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: `ways` was set by `put` for just the future that the bytes hold, and only this drops it; or it does nothing. What was
        // put behind it is gone then, or the process ends when `hold` is dropped, before the bytes are anything else.
        unsafe { (self.ways.drop)((&raw mut self.bytes).cast()) };
        if self.is_filled {
            // SAFETY: `put` wrote it before it said so. This may end the process.
            unsafe { self.hold.assume_init_drop() };
        }
    }
}

/// A future in a [`Room`], and behind it where it is counted, as long as it is.
#[repr(C)]
struct Guest<'a, F> {
    future: F,
    hold: &'a Hold,
}

/// A seat for an `F` in a [`Room`], or none.
pub(crate) struct Seat<'a, F> {
    place: Option<NonNull<Guest<'a, F>>>,
    hold: &'a Hold,
    bytes: PhantomData<&'a mut [MaybeUninit<u8>]>,
}

impl<'a, T: 'static, F: Future<Output = T> + Send + 'a> Seat<'a, F> {
    /// Puts the future that `make` makes here, or into a box, and polls it, in one step (see [`Place::begin`]).
    #[inline(always)]
    pub(crate) fn begin(self, task: &mut Task<'_>, make: impl FnOnce() -> F) -> Begun<'a, T> {
        let Some(place) = self.place else { return begin_boxed(task, make) };
        let future = place.cast::<F>();
        // Made where it stays: made first and moved then, it would be stored by halves and loaded by wholes, which stalls.
        // SAFETY: a guest begins with its future; the seat is large enough, aligned for it, and ours alone for `'a`.
        unsafe { future.write(make()) };
        let seated = Seated(future);
        // SAFETY: the `F` was just written, is pinned from here on, and isn't referred to elsewhere.
        match unsafe { poll::<F>(future.as_ptr().cast(), task) } {
            Poll::Ready(output) => Begun::Done(output),
            Poll::Pending => {
                std::mem::forget(seated);
                self.hold.come();
                // SAFETY: it is the seat's as well, and nothing refers to it yet.
                unsafe { (&raw mut (*place.as_ptr()).hold).write(self.hold) };
                Begun::Running(Held { future: place.cast(), ways: Ways::guest::<F>(), owns: PhantomData })
            }
        }
    }
}

/// Drops the future there when it is done at once, or panics.
struct Seated<F>(NonNull<F>);

impl<F> Drop for Seated<F> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: `Seat::begin`, which alone makes one, has written it and forgets this where something else is to drop it.
        unsafe { self.0.drop_in_place() };
    }
}

/// Begins a future in a box. Out of line, since it is the exception.
#[inline(never)]
fn begin_boxed<'a, T: 'static, F: Future<Output = T> + Send + 'a>(
    task: &mut Task<'_>,
    make: impl FnOnce() -> F,
) -> Begun<'a, T> {
    let mut future = Box::pin(make());
    match future.as_mut().poll(task) {
        Poll::Ready(output) => Begun::Done(output),
        Poll::Pending => {
            // SAFETY: it stays in its box until it is dropped.
            let future = NonNull::from(Box::leak(unsafe { Pin::into_inner_unchecked(future) }));
            Begun::Running(Held { future: future.cast(), ways: Ways::boxed::<F>(), owns: PhantomData })
        }
    }
}

/// A future that lies in a [`Room`], or in a box where it didn't fit, and isn't done.
pub(crate) struct Held<'a, T: 'static> {
    future: NonNull<u8>,
    ways: &'static Ways<T>,
    owns: PhantomData<Box<dyn Future<Output = T> + Send + 'a>>,
}

// SAFETY: it is the future that it holds, and only those that are `Send` are begun.
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

/// What comes of beginning a future.
pub(crate) enum Begun<'a, T: 'static> {
    /// It was ready at once.
    Done(T),
    /// It isn't ready yet.
    Running(Held<'a, T>),
}

/// A future that begins another at its first poll.
pub(crate) enum Beginning<'a, T: 'static, B> {
    Before(Option<B>),
    Running(Held<'a, T>),
}

// What begins is taken out and called, never pinned.
impl<T, B> Unpin for Beginning<'_, T, B> {}

/// Begins a future when it is polled.
#[inline(always)]
pub(crate) fn beginning<'a, T, B>(begin: B) -> Beginning<'a, T, B>
where
    B: FnOnce(&mut Task<'_>) -> Begun<'a, T>,
{
    Beginning::Before(Some(begin))
}

impl<'a, T, B> Future for Beginning<'a, T, B>
where
    B: FnOnce(&mut Task<'_>) -> Begun<'a, T>,
{
    type Output = T;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<T> {
        match &mut *self {
            Self::Running(held) => Pin::new(held).poll(task),
            Self::Before(begin) => match begin.take().map(|begin| begin(task)) {
                Some(Begun::Done(output)) => Poll::Ready(output),
                Some(Begun::Running(held)) => {
                    *self = Self::Running(held);
                    Poll::Pending
                }
                // Polled again after it was ready.
                None => Poll::Pending,
            },
        }
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

    /// Those of no future: never ready, nothing to drop.
    #[inline(always)]
    fn nothing() -> &'static Self {
        const { &Self { poll: |_, _| Poll::Pending, drop: |_| () } }
    }

    /// Those of a future in a room, which is no longer counted once it is dropped.
    #[inline(always)]
    fn guest<F: Future<Output = T>>() -> &'static Self {
        const { &Self { poll: poll::<F>, drop: drop_guest::<F> } }
    }

    fn boxed<F: Future<Output = T>>() -> &'static Self {
        const { &Self { poll: poll::<F>, drop: drop_box::<F> } }
    }
}

/// Whether an `F` fits into so many bytes at a place's beginning.
const fn fits<F>(room: usize) -> bool {
    behind::<F>() <= room && align_of::<F>() <= align_of::<Bytes<0>>()
}

/// Where the room behind an `F` starts, from where it itself does.
const fn behind<F>() -> usize {
    size_of::<F>().next_multiple_of(ALIGN)
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

/// Drops the `F` of the `Guest` at `place`, which is then no longer counted.
unsafe fn drop_guest<F>(place: *mut u8) {
    let guest = place.cast::<Guest<'_, F>>();
    // SAFETY: the caller vouches for a live `F` there that isn't used afterwards, and for where it is counted.
    unsafe {
        std::ptr::drop_in_place(&raw mut (*guest).future);
        (*guest).hold.go();
    }
}

/// Drops the `F` at `place` and the box around it.
unsafe fn drop_box<F>(place: *mut u8) {
    // SAFETY: the caller vouches for a pointer that came from a box and isn't used afterwards.
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

#[cfg(test)]
mod tests;
