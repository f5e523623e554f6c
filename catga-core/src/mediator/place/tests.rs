//! Run under valgrind as well: what reads or writes where it mustn't, or leaks, fails there.

use std::future::{Ready, pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use super::*;

const ROOM: usize = 1024;

/// Counts the living: one more when made, one less when dropped; below zero means dropped twice.
#[derive(Clone, Default)]
struct Census(Arc<AtomicUsize>);

impl Census {
    fn citizen(&self) -> Citizen {
        self.0.fetch_add(1, Ordering::Relaxed);
        Citizen { census: self.clone() }
    }

    #[track_caller]
    fn count(&self, living: usize) {
        assert_eq!(self.0.load(Ordering::Relaxed), living, "so many live");
    }
}

struct Citizen {
    census: Census,
}

impl Drop for Citizen {
    fn drop(&mut self) {
        self.census.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A future that is ready at its `polls`th poll, and as large as `N` says; it checks that it isn't moved and that its bytes stay.
struct Steps<const N: usize> {
    left: usize,
    at: Option<usize>,
    bytes: [u8; N],
    _citizen: Citizen,
    _pinned: PhantomPinned,
}

fn steps<const N: usize>(polls: usize, census: &Census) -> Steps<N> {
    Steps { left: polls, at: None, bytes: [7; N], _citizen: census.citizen(), _pinned: PhantomPinned }
}

impl<const N: usize> Future for Steps<N> {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<usize> {
        // SAFETY: nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        let here = std::ptr::from_mut(this).addr();
        assert_eq!(*this.at.get_or_insert(here), here, "it stays where it was first polled");
        assert!(this.bytes.iter().all(|&byte| byte == 7), "nobody else writes where it is");
        this.left -= 1;
        if this.left == 0 { Poll::Ready(N) } else { Poll::Pending }
    }
}

/// The same, on an address of which 256 is a divisor.
#[repr(align(256))]
struct Aligned<F>(F);

impl<F: Future> Future for Aligned<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<F::Output> {
        // SAFETY: the field is pinned as the whole is, and nobody else reaches it.
        let this = unsafe { self.get_unchecked_mut() };
        assert_eq!(std::ptr::from_mut(this).addr() % 256, 0);
        // SAFETY: as above.
        unsafe { Pin::new_unchecked(&mut this.0) }.poll(task)
    }
}

fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Task::from_waker(Waker::noop()))
}

/// What becomes of a future that `make` makes, wherever it is put: as often polled as it needs, dropped before, meanwhile and after.
fn check<F: Future<Output = usize> + Send>(make: impl Fn(usize, &Census) -> F, expected: usize) {
    for polls in 1..4 {
        for dropped_after in 0..=polls {
            check_place(&make, polls, dropped_after, expected);
            check_held::<_, { 2 * ROOM }>(&make, polls, dropped_after, expected);
            check_held::<_, 8>(&make, polls, dropped_after, expected);
            check_held::<_, 0>(&make, polls, dropped_after, expected);
        }
    }
}

fn check_place<F: Future<Output = usize> + Send>(
    make: impl Fn(usize, &Census) -> F,
    polls: usize,
    dropped_after: usize,
    expected: usize,
) {
    let census = Census::default();
    let mut place = Box::pin(Place::<_, ROOM>::empty());
    for poll in 1..=dropped_after {
        let polled = if poll == 1 {
            place.as_mut().begin(&mut Task::from_waker(Waker::noop()), |_| make(polls, &census))
        } else {
            poll_once(place.as_mut())
        };
        let expected = if poll == polls { Poll::Ready(expected) } else { Poll::Pending };
        assert_eq!(polled, expected);
    }
    census.count(usize::from(dropped_after > 0 && (dropped_after < polls || polls > 1)));
    drop(place);
    census.count(0);
}

fn check_held<F: Future<Output = usize> + Send, const N: usize>(
    make: impl Fn(usize, &Census) -> F,
    polls: usize,
    dropped_after: usize,
    expected: usize,
) {
    let census = Census::default();
    let mut area = Area::<N>::new();
    let mut beginning = Box::pin(beginning(|task| area.room().begin(task, || make(polls, &census))));
    for poll in 1..=dropped_after {
        let expected = if poll == polls { Poll::Ready(expected) } else { Poll::Pending };
        assert_eq!(poll_once(beginning.as_mut()), expected);
    }
    census.count(usize::from(dropped_after > 0 && (dropped_after < polls || polls > 1)));
    drop(beginning);
    census.count(0);
}

#[test]
fn a_small_future_is_polled_where_it_is_and_dropped_once() {
    check(steps::<1>, 1);
    check(steps::<200>, 200);
}

#[test]
fn a_future_larger_than_the_room_is_boxed() {
    check(steps::<{ 3 * ROOM }>, 3 * ROOM);
}

#[test]
fn a_future_of_a_larger_alignment_than_the_room_is_put_where_it_belongs() {
    check(|polls, census| Aligned(steps::<1>(polls, census)), 1);
    check(|polls, census| Aligned(steps::<{ 2 * ROOM }>(polls, census)), 2 * ROOM);
}

#[test]
fn a_future_without_size_and_an_output_without_size_do() {
    struct Nothing;

    impl Future for Nothing {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<()> {
            Poll::Ready(())
        }
    }

    assert_eq!(size_of::<Nothing>(), 0);
    let mut place = std::pin::pin!(Place::<_, ROOM>::empty());
    assert!(place.as_mut().begin(&mut Task::from_waker(Waker::noop()), |_| Nothing).is_ready());
    let mut none = Area::<0>::new();
    let held = beginning(|task| none.room().begin(task, || Nothing));
    assert!(poll_once(std::pin::pin!(held)).is_ready());
}

#[test]
fn a_future_that_panics_is_dropped_once() {
    fn check<const N: usize>() {
        let census = Census::default();
        let panics = |census: &Census| {
            let citizen = census.citizen();
            async move {
                let _citizen = citizen;
                panic!("on purpose")
            }
        };
        let mut place = Box::pin(Place::<usize, ROOM>::empty());
        let begun = catch_unwind(AssertUnwindSafe(|| {
            place.as_mut().begin(&mut Task::from_waker(Waker::noop()), |_| panics(&census))
        }));
        assert!(begun.is_err());
        drop(place);
        census.count(0);

        let mut area = Area::<N>::new();
        let held = beginning(|task| area.room().begin(task, || panics(&census)));
        let mut held = Box::pin(held);
        assert!(catch_unwind(AssertUnwindSafe(|| poll_once(held.as_mut()))).is_err());
        drop(held);
        census.count(0);
    }

    check::<0>();
    check::<ROOM>();
}

#[test]
fn a_future_that_panics_later_is_dropped_once() {
    let census = Census::default();
    let mut first = true;
    let citizen = census.citizen();
    let later = poll_fn(move |_| {
        let _citizen = &citizen;
        assert!(std::mem::take(&mut first), "on purpose");
        Poll::<usize>::Pending
    });
    let mut place = Box::pin(Place::<_, ROOM>::empty());
    assert!(place.as_mut().begin(&mut Task::from_waker(Waker::noop()), |_| later).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| poll_once(place.as_mut()))).is_err());
    census.count(1);
    drop(place);
    census.count(0);
}

#[test]
fn when_making_the_future_panics_nothing_is_dropped_that_was_not_made() {
    let census = Census::default();
    let citizen = census.citizen();
    let fails = |_: Room<'_>| -> Ready<usize> {
        let _citizen = citizen;
        panic!("on purpose")
    };
    let mut place = Box::pin(Place::<_, ROOM>::empty());
    let begun = catch_unwind(AssertUnwindSafe(|| place.as_mut().begin(&mut Task::from_waker(Waker::noop()), fails)));
    assert!(begun.is_err());
    assert!(poll_once(place.as_mut()).is_pending());
    drop(place);
    census.count(0);
    let (mut none, mut enough) = (Area::<0>::new(), Area::<ROOM>::new());
    for mut room in [none.room(), enough.room()] {
        let fails = || -> Steps<64> { panic!("on purpose") };
        let mut held = beginning(|task| room.begin(task, fails));
        assert!(catch_unwind(AssertUnwindSafe(|| poll_once(Pin::new(&mut held)))).is_err());
    }
}

#[test]
fn an_empty_place_is_never_ready() {
    let mut place = std::pin::pin!(Place::<usize, ROOM>::empty());
    assert!(poll_once(place.as_mut()).is_pending());
    assert!(poll_once(place).is_pending());
}

#[test]
fn a_place_is_filled_once_also_when_the_first_future_is_done() {
    for polls in [1, 2] {
        let census = Census::default();
        let mut place = Box::pin(Place::<_, ROOM>::empty());
        let mut task = Task::from_waker(Waker::noop());
        let _ = place.as_mut().begin(&mut task, |_| steps::<1>(polls, &census));
        let again = catch_unwind(AssertUnwindSafe(|| place.as_mut().begin(&mut task, |_| steps::<1>(1, &census))));
        let text = *again.unwrap_err().downcast::<&str>().unwrap();
        assert_eq!(text, "a place is filled once");
        drop(place);
        census.count(0);
    }
}

/// So many futures inside one another, each behind the one around it, in what that one left of the room.
fn nest<'a>(depth: usize, room: Room<'a>, census: &'a Census) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    let citizen = census.citizen();
    Box::pin(async move {
        let _citizen = citizen;
        steps_in_place(depth, room, census).await
    })
}

async fn steps_in_place<'a>(depth: usize, mut room: Room<'a>, census: &'a Census) -> usize {
    beginning(|task| room.seat().begin(task, || level(depth, room, census))).await
}

async fn level<'a>(depth: usize, room: Room<'a>, census: &'a Census) -> usize {
    let (mine, _citizen) = (steps::<150>(2, census), census.citizen());
    let inner = if depth > 0 { nest(depth - 1, room, census).await } else { 0 };
    mine.await + inner
}

#[test]
fn futures_behind_one_another_share_the_room_and_those_that_no_longer_fit_are_boxed() {
    for depth in 0..20 {
        let census = Census::default();
        let mut place = Box::pin(Place::<_, ROOM>::empty());
        let mut polled =
            place.as_mut().begin(&mut Task::from_waker(Waker::noop()), |room| steps_in_place(depth, room, &census));
        for _ in 0..depth {
            assert!(polled.is_pending());
            polled = poll_once(place.as_mut());
        }
        assert!(polled.is_pending());
        assert_eq!(poll_once(place.as_mut()), Poll::Ready((depth + 1) * 150));
        drop(place);
        census.count(0);
    }
}

#[test]
fn futures_behind_one_another_are_all_dropped_when_the_outermost_is() {
    for depth in 0..20 {
        for polls in 0..depth {
            let census = Census::default();
            let mut place = Box::pin(Place::<_, ROOM>::empty());
            let mut task = Task::from_waker(Waker::noop());
            let _ = place.as_mut().begin(&mut task, |room| steps_in_place(depth, room, &census));
            for _ in 0..polls {
                assert!(poll_once(place.as_mut()).is_pending());
            }
            drop(place);
            census.count(0);
        }
    }
}

#[test]
fn a_future_in_place_is_woken_and_polled_by_another_thread() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let (send, receive) = tokio::sync::oneshot::channel::<usize>();
    let waits = runtime.spawn(async move {
        let mut place = Box::pin(Place::<_, ROOM>::empty());
        let mut receive = Some(receive);
        poll_fn(move |task| match receive.take() {
            Some(receive) => place.as_mut().begin(task, |_| async { receive.await.unwrap() }),
            None => place.as_mut().poll(task),
        })
        .await
    });
    runtime.spawn(async move { send.send(7).unwrap() });
    assert_eq!(runtime.block_on(waits).unwrap(), 7);
}

#[test]
fn what_begins_at_its_first_poll_begins_nothing_before_it() {
    let census = Census::default();
    let mut area = Area::<ROOM>::new();
    drop(beginning(|task| area.room().begin(task, || steps::<1>(1, &census))));
    census.count(0);
    let mut begun = beginning(|task| area.room().begin(task, || ready(1)));
    assert_eq!(poll_once(Pin::new(&mut begun)), Poll::Ready(1));
    assert!(poll_once(Pin::new(&mut begun)).is_pending(), "it isn't begun twice");
}

#[test]
fn a_place_that_waits_for_ever_is_dropped() {
    let census = Census::default();
    let mut place = Box::pin(Place::<usize, ROOM>::empty());
    let citizen = census.citizen();
    let waits = async move {
        let _citizen = citizen;
        pending().await
    };
    assert!(place.as_mut().begin(&mut Task::from_waker(Waker::noop()), |_| waits).is_pending());
    census.count(1);
    drop(place);
    census.count(0);
}

#[test]
fn a_lent_value_reads_what_it_was_made_from() {
    struct Both {
        one: Borrowed<String>,
        other: Option<Borrowed<u8>>,
        changes: u8,
    }

    let (one, other) = ("one".to_owned(), 2);
    let mut lent = Lent::new(&one, Some(&other), |one, other| Both { one, other, changes: 0 });
    lent.get_mut().changes += 1;
    let both = lent.get();
    assert_eq!((both.one.get().as_str(), both.other.as_ref().map(Borrowed::get), both.changes), ("one", Some(&2), 1));
}

#[test]
fn a_room_holds_several_futures_side_by_side_and_is_free_again_when_they_are_done() {
    let census = Census::default();
    let mut area = Area::<1024>::new();
    for _ in 0..2 {
        let mut room = area.room();
        let mut task = Task::from_waker(Waker::noop());
        let mut all: Vec<_> = (0..6)
            .filter_map(|polls| match room.begin(&mut task, || steps::<200>(polls % 3 + 1, &census)) {
                Begun::Done(_) => None,
                Begun::Running(held) => Some(held),
            })
            .collect();
        census.count(4);
        // Dropped in another order than they came in.
        all.swap(0, 1);
        while !all.is_empty() {
            all.retain_mut(|held| poll_once(Pin::new(held)).is_pending());
        }
        census.count(0);
    }
}

#[test]
fn a_room_that_was_taken_has_nothing_left_to_write_to() {
    let census = Census::default();
    let mut area = Area::<ROOM>::new();
    let (mut room, mut task) = (area.room(), Task::from_waker(Waker::noop()));
    let mut taken = room.take();
    for room in [&mut taken, &mut room] {
        let Begun::Running(mut held) = room.begin(&mut task, || steps::<64>(2, &census)) else { panic!("it waits") };
        let Begun::Running(mut other) = room.begin(&mut task, || steps::<64>(2, &census)) else { panic!("it waits") };
        census.count(2);
        assert_eq!(poll_once(Pin::new(&mut held)), Poll::Ready(64));
        assert_eq!(poll_once(Pin::new(&mut other)), Poll::Ready(64));
    }
    assert_eq!((taken.len(), room.len()), (ROOM - 2 * behind::<Guest<'_, Steps<64>>>(), 0));
}

/// What would be unsound ends the process: a future that is forgotten where it is pinned, before its bytes are used for something else.
#[test]
fn a_forgotten_future_ends_the_process_before_its_bytes_are_gone() {
    const FORGETS: &str = "CATGA_TEST_FORGETS";

    if std::env::var_os(FORGETS).is_some() {
        let census = Census::default();
        let mut area = Area::<ROOM>::new();
        let mut held = Box::pin(beginning(|task| area.room().begin(task, || steps::<1>(2, &census))));
        assert!(poll_once(held.as_mut()).is_pending());
        std::mem::forget(held);
        drop(area);
        // Whoever comes here has found no abort.
        std::process::exit(0);
    }
    let this = "mediator::place::tests::a_forgotten_future_ends_the_process_before_its_bytes_are_gone";
    let program = std::env::current_exe().unwrap();
    let ended = std::process::Command::new(program).args(["--exact", this]).env(FORGETS, "1").output().unwrap();
    assert_eq!(ended.status.code(), None, "it was aborted: {ended:?}");
}
