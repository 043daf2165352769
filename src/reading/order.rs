//! Works on jobs on several threads and takes what they give in the order in which they came.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The job that panicked, by its number, and what the panic said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Panicked {
    pub(super) job: usize,
    pub(super) words: String,
}

/// How much of what was worked on may wait to be folded, for each thread: a worker that is further ahead stops.
const MOST_WAITING: usize = 4;

/// What the workers share.
struct Shared<P, F> {
    /// How many jobs were begun.
    begun: usize,
    /// Of each job that was begun and is not folded, how much it is.
    weights: VecDeque<usize>,
    /// How many were folded.
    folded: usize,
    /// What was worked on and waits: of the next job to fold, and those behind it.
    waiting: VecDeque<Option<P>>,
    fold: F,
    failed: Option<Panicked>,
}

/// Works on `jobs` on `threads` threads and folds what they give in the order of the jobs, whose number is the first argument. A
/// thread that is free asks for the next job and how much it is, one thread at a time: `jobs` may take its time to make one. What was begun
/// and is not folded is at most [`MOST_WAITING`] for each thread, and one job. A panic ends it, and is told with its job: the first in order
/// of those that were begun.
pub(super) fn in_order<J: Send, P: Send>(
    threads: usize,
    jobs: impl FnMut() -> Option<(J, usize)> + Send,
    work: impl Fn(J) -> P + Sync,
    fold: impl FnMut(usize, P) + Send,
) -> Result<(), Panicked> {
    let (weights, waiting) = (VecDeque::new(), VecDeque::new());
    let shared = Mutex::new(Shared { begun: 0, weights, folded: 0, waiting, fold, failed: None });
    let (jobs, moved) = (Mutex::new(jobs), Condvar::new());
    let worker = || {
        while let Some((number, job)) = next(&jobs, &shared, &moved, threads.max(1) * MOST_WAITING) {
            // What a panic leaves behind is thrown away: nothing of a run that fails is shown.
            let part = catch_unwind(AssertUnwindSafe(|| work(job)));
            let mut state = locked(&shared);
            match part {
                Ok(part) => fold_ready(&mut state, number, part),
                Err(panic) => fail(&mut state, number, &*panic),
            }
            moved.notify_all();
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.max(1) {
            scope.spawn(worker);
        }
        worker();
    });
    shared.into_inner().unwrap_or_else(PoisonError::into_inner).failed.map_or(Ok(()), Err)
}

/// The next job with its number, once it is not too far ahead of what is folded. None: there is none, or the run failed.
fn next<J, P, F>(
    jobs: &Mutex<impl FnMut() -> Option<(J, usize)>>,
    shared: &Mutex<Shared<P, F>>,
    moved: &Condvar,
    most: usize,
) -> Option<(usize, J)> {
    // Held until the job has its number: nobody else can get one in between.
    let mut jobs = locked(jobs);
    let mut state = locked(shared);
    while state.failed.is_none() && state.weights.iter().sum::<usize>() >= most {
        state = moved.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    if state.failed.is_some() {
        return None;
    }
    let number = state.begun;
    drop(state);
    let job = catch_unwind(AssertUnwindSafe(&mut *jobs));
    let mut state = locked(shared);
    match job {
        Ok(job) => {
            let (job, weight) = job?;
            state.begun += 1;
            state.weights.push_back(weight);
            Some((number, job))
        }
        Err(panic) => {
            fail(&mut state, number, &*panic);
            None
        }
    }
}

/// Folds `part`, and all that waits behind it, if it is the next.
fn fold_ready<P, F: FnMut(usize, P)>(state: &mut Shared<P, F>, number: usize, part: P) {
    let place = number - state.folded;
    while state.waiting.len() <= place {
        state.waiting.push_back(None);
    }
    if let Some(slot) = state.waiting.get_mut(place) {
        *slot = Some(part);
    }
    while let Some(part) = state.waiting.front_mut().and_then(Option::take) {
        let folded = state.folded;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (state.fold)(folded, part))) {
            return fail(state, folded, &*panic);
        }
        state.waiting.pop_front();
        state.weights.pop_front();
        state.folded += 1;
    }
}

fn fail<P, F>(state: &mut Shared<P, F>, job: usize, panic: &(dyn Any + Send)) {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned());
    if state.failed.as_ref().is_none_or(|failed| job < failed.job) {
        state.failed = Some(Panicked { job, words });
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// The numbers below `count`, as jobs of which every third is twice as much as the others.
    fn jobs(count: usize) -> impl FnMut() -> Option<(usize, usize)> {
        let mut all = 0..count;
        move || all.next().map(|job| (job, weight(job)))
    }

    fn weight(job: usize) -> usize {
        if job.is_multiple_of(3) { 2 } else { 1 }
    }

    #[test]
    fn parts_are_folded_in_order_and_few_of_them_wait() {
        for threads in [1, 2, 5] {
            let (folded, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let mut order = Vec::new();
            let work = |job: usize| {
                let ahead = folded.load(Ordering::SeqCst)..job;
                most.fetch_max(ahead.map(weight).sum(), Ordering::SeqCst);
                // The first of each ten is slow.
                (0..if job.is_multiple_of(10) { 20_000 } else { 10 }).fold(job, |sum, n| sum ^ std::hint::black_box(n))
            };
            let done = in_order(threads, jobs(200), work, |job, _| {
                order.push(job);
                folded.store(job + 1, Ordering::SeqCst);
            });
            assert_eq!((done, order), (Ok(()), (0..200).collect::<Vec<_>>()));
            let most = most.load(Ordering::SeqCst);
            assert!(most < threads * MOST_WAITING, "{most} with {threads} threads");
        }
    }

    #[test]
    fn a_panic_ends_the_run_and_is_told_with_its_job() {
        for threads in [1, 3] {
            let work = |job: usize| assert!(job != 7, "job seven");
            let failed = in_order(threads, jobs(50), work, |_, ()| {}).unwrap_err();
            assert_eq!(failed, Panicked { job: 7, words: "job seven".into() });
            let failed = in_order(threads, jobs(50), |job| job, |job, _| assert!(job != 3, "fold {job}")).unwrap_err();
            assert_eq!(failed, Panicked { job: 3, words: "fold 3".into() });
            let mut all = jobs(50);
            let some = move || all().inspect(|&(job, _)| assert!(job != 5, "made {job}"));
            let failed = in_order(threads, some, |job| job, |_, _| {}).unwrap_err();
            assert_eq!(failed, Panicked { job: 5, words: "made 5".into() });
        }
    }

    #[test]
    fn nothing_is_folded_of_nothing() {
        assert_eq!(in_order(2, jobs(0), |job| job, |_, _| {}), Ok(()));
    }
}
