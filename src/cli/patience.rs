//! Word of what takes long.

use std::io::{self, Write};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Nobody wonders for less.
const FIRST: Duration = Duration::from_secs(2);

/// When the next word of something that goes on is due: after two seconds, and then ever more rarely.
pub struct Patience {
    since: Instant,
    next: Duration,
}

impl Patience {
    pub fn new() -> Self {
        Self { since: Instant::now(), next: FIRST }
    }

    /// Tells whether a word is due now, which counts as said.
    pub fn is_over(&mut self) -> bool {
        let is_over = self.since.elapsed() >= self.next;
        if is_over {
            self.next *= 2;
        }
        is_over
    }
}

/// Does what may take long; if it does, says `what` on standard error, unless `quiet`.
pub fn say_if_slow<R>(what: &str, quiet: bool, work: impl FnOnce() -> R) -> R {
    if quiet {
        return work();
    }
    thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        scope.spawn(move || {
            if is_done.recv_timeout(FIRST) == Err(RecvTimeoutError::Timeout) {
                // It is of use only where somebody reads it.
                let _ = writeln!(io::stderr(), "{what}");
            }
        });
        let result = work();
        drop(done);
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_rarer() {
        let begun_ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
        let mut patience = Patience { since: begun_ago(1), next: FIRST };
        assert!(!patience.is_over());
        patience.since = begun_ago(3);
        assert!(patience.is_over() && !patience.is_over());
        patience.since = begun_ago(5);
        assert!(patience.is_over() && !patience.is_over());
    }

    #[test]
    fn what_is_done_at_once_comes_back_at_once() {
        assert_eq!(say_if_slow("unheard", false, || 7), 7);
        assert_eq!(say_if_slow("unheard", true, || 7), 7);
    }
}
