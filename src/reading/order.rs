//! Works on numbered units on several threads and takes what they give in the order of their numbers.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The unit whose work panicked, and what the panic said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Panicked {
    pub(super) unit: usize,
    pub(super) words: String,
}

/// What the workers share.
struct Shared<P, F> {
    /// The next unit to work on.
    next: usize,
    /// The next unit to fold.
    folded: usize,
    /// What was worked on and waits, by unit.
    waiting: Vec<Option<P>>,
    fold: F,
    failed: Option<Panicked>,
}

/// Works on `count` units on `threads` threads and folds what they give in the order of the units. At most two units a thread wait to
/// be folded: a worker that is further ahead stops. A panic ends it, and is told with its unit: the first in order of those that
/// were begun.
pub(super) fn in_order<P: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> P + Sync,
    fold: impl FnMut(usize, P) + Send,
) -> Result<(), Panicked> {
    let waiting = (0..count).map(|_| None).collect();
    let shared = Mutex::new(Shared { next: 0, folded: 0, waiting, fold, failed: None });
    let moved = Condvar::new();
    let worker = || {
        while let Some(unit) = next(&shared, &moved, threads.max(1) * 2, count) {
            // What a panic leaves behind is thrown away: nothing of a run that fails is shown.
            let part = catch_unwind(AssertUnwindSafe(|| work(unit)));
            let mut state = locked(&shared);
            match part {
                Ok(part) => fold_ready(&mut state, unit, part),
                Err(panic) => fail(&mut state, unit, &*panic),
            }
            moved.notify_all();
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.max(1).min(count) {
            scope.spawn(worker);
        }
        worker();
    });
    shared.into_inner().unwrap_or_else(PoisonError::into_inner).failed.map_or(Ok(()), Err)
}

/// The next unit, once it is not too far ahead of what is folded. None: there is none, or the run failed.
fn next<P, F>(shared: &Mutex<Shared<P, F>>, moved: &Condvar, ahead: usize, count: usize) -> Option<usize> {
    let mut state = locked(shared);
    while state.failed.is_none() && state.next < count && state.next >= state.folded + ahead {
        state = moved.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    if state.failed.is_some() || state.next >= count {
        return None;
    }
    state.next += 1;
    Some(state.next - 1)
}

/// Folds `part`, and all that waits behind it, if it is the next.
fn fold_ready<P, F: FnMut(usize, P)>(state: &mut Shared<P, F>, unit: usize, part: P) {
    if let Some(slot) = state.waiting.get_mut(unit) {
        *slot = Some(part);
    }
    while let Some(part) = state.waiting.get_mut(state.folded).and_then(Option::take) {
        let folded = state.folded;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (state.fold)(folded, part))) {
            return fail(state, folded, &*panic);
        }
        state.folded += 1;
    }
}

fn fail<P, F>(state: &mut Shared<P, F>, unit: usize, panic: &(dyn Any + Send)) {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned());
    if state.failed.as_ref().is_none_or(|failed| unit < failed.unit) {
        state.failed = Some(Panicked { unit, words });
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn parts_are_folded_in_order_and_few_of_them_wait() {
        for threads in [1, 2, 5] {
            let (folded, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let mut order = Vec::new();
            let work = |unit: usize| {
                most.fetch_max(unit - folded.load(Ordering::SeqCst), Ordering::SeqCst);
                // The first of each ten is slow.
                (0..if unit.is_multiple_of(10) { 20_000 } else { 10 }).fold(unit, |sum, n| sum ^ std::hint::black_box(n))
            };
            let done = in_order(200, threads, work, |unit, _| {
                order.push(unit);
                folded.store(unit + 1, Ordering::SeqCst);
            });
            assert_eq!((done, order), (Ok(()), (0..200).collect::<Vec<_>>()));
            assert!(most.load(Ordering::SeqCst) <= threads * 2, "{} with {threads} threads", most.load(Ordering::SeqCst));
        }
    }

    #[test]
    fn a_panic_ends_the_run_and_is_told_with_its_unit() {
        for threads in [1, 3] {
            let work = |unit: usize| assert!(unit != 7, "unit seven");
            let failed = in_order(50, threads, work, |_, ()| {}).unwrap_err();
            assert_eq!(failed, Panicked { unit: 7, words: "unit seven".into() });
            let failed = in_order(50, threads, |unit| unit, |unit, _| assert!(unit != 3, "fold {unit}")).unwrap_err();
            assert_eq!(failed, Panicked { unit: 3, words: "fold 3".into() });
        }
    }

    #[test]
    fn nothing_is_folded_of_nothing() {
        assert_eq!(in_order(0, 2, |unit| unit, |_, _| {}), Ok(()));
    }
}
