//! Sends as many requests at once as a store accepts. The number begins low and doubles while all goes well, up to the
//! limit of S3 for one prefix (3,500 writes a second, at some 30 ms each). When a store answers "slow down" (503, 429),
//! the number is halved, and then grows by one at a time; also when an attempt takes too long, as over a slow line.
//! `object_store` repeats refused requests after a pause. A store that never answered is given up sooner than one that did:
//! most often its name is wrong.

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The number of requests at once in the beginning, and the lowest.
const MIN_REQUESTS: usize = 8;

/// The highest number of requests at once.
pub const MAX_REQUESTS: usize = 128;

/// How long a store that never answered is tried to reach.
const FIRST_PATIENCE: Duration = Duration::from_secs(20);

/// Makes clients that share one [`Throttle`].
#[derive(Debug, Default)]
pub struct Throttled(Arc<Throttle>);

impl HttpConnector for Throttled {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = ReqwestConnector::default().connect(options)?;
        let (throttle, opened, has_answered) = (self.0.clone(), Instant::now(), AtomicBool::new(false));
        Ok(HttpClient::new(Service { client, throttle, opened, has_answered }))
    }
}

#[derive(Debug)]
struct Service {
    client: HttpClient,
    throttle: Arc<Throttle>,
    opened: Instant,
    has_answered: AtomicBool,
}

impl Service {
    /// The error as it is, or as one that is not worth another attempt.
    fn unreachable(&self, error: HttpError) -> HttpError {
        let is_final = error.kind() == HttpErrorKind::Connect
            && !self.has_answered.load(Ordering::Relaxed)
            && self.opened.elapsed() > FIRST_PATIENCE;
        if is_final { HttpError::new(HttpErrorKind::Unknown, error) } else { error }
    }
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let turn = self.throttle.turn().await;
        let answer = self.client.execute(request).await;
        match &answer {
            Ok(answer) if matches!(answer.status().as_u16(), 429 | 503) => turn.refused(),
            Ok(_) => turn.answered(),
            Err(error) if error.kind() == HttpErrorKind::Timeout => turn.refused(),
            // A broken connection does not mean that the store had too many requests.
            Err(_) => {}
        }
        self.has_answered.fetch_or(answer.is_ok(), Ordering::Relaxed);
        answer.map_err(|error| self.unreachable(error))
    }
}

/// See the [module](self).
#[derive(Debug, Default)]
struct Throttle {
    pace: Mutex<Pace>,
    freed: Notify,
}

#[derive(Debug)]
struct Pace {
    /// The number of requests that may run at once.
    limit: usize,
    /// The number of requests that are running.
    busy: usize,
    /// The number of answers since `limit` last changed.
    answered: usize,
    /// How often `limit` was halved. A refusal of a request that was sent before the last time does not count.
    halved: u32,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { limit: MIN_REQUESTS, busy: 0, answered: 0, halved: 0 }
    }
}

impl Throttle {
    /// Waits until another request may be sent.
    async fn turn(&self) -> Turn<'_> {
        loop {
            let freed = self.freed.notified();
            {
                let mut pace = self.pace.lock();
                if pace.busy < pace.limit {
                    pace.busy += 1;
                    return Turn { throttle: self, halved: pace.halved };
                }
            }
            freed.await;
        }
    }
}

/// A running request. It ends when this is dropped.
struct Turn<'a> {
    throttle: &'a Throttle,
    halved: u32,
}

impl Turn<'_> {
    fn answered(&self) {
        let mut pace = self.throttle.pace.lock();
        pace.answered += 1;
        let enough = if pace.halved == 0 { 1 } else { pace.limit };
        if pace.answered >= enough && pace.limit < MAX_REQUESTS {
            pace.limit += 1;
            pace.answered = 0;
        }
    }

    fn refused(&self) {
        let mut pace = self.throttle.pace.lock();
        if pace.halved == self.halved {
            pace.limit = (pace.limit / 2).max(MIN_REQUESTS);
            pace.halved += 1;
            pace.answered = 0;
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut pace = self.throttle.pace.lock();
        pace.busy -= 1;
        let free = pace.limit.saturating_sub(pace.busy).min(2);
        drop(pace);
        (0..free).for_each(|_| self.throttle.freed.notify_one());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    fn wait<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    /// Sends `requests` to a store that accepts `most`, as many at once as allowed. Returns the largest number that ran
    /// at once.
    async fn send(throttle: &Throttle, requests: usize, most: usize) -> usize {
        let request = || async {
            let turn = throttle.turn().await;
            let busy = throttle.pace.lock().busy;
            tokio::task::yield_now().await;
            if busy > most {
                turn.refused()
            } else {
                turn.answered()
            }
            busy
        };
        join_all((0..requests).map(|_| request())).await.into_iter().max().unwrap_or_default()
    }

    #[test]
    fn a_store_that_takes_all_gets_more_and_more_but_not_without_end() {
        let throttle = Throttle::default();
        assert_eq!(wait(send(&throttle, MIN_REQUESTS, 1000)), MIN_REQUESTS);
        assert_eq!(wait(send(&throttle, 1000, 1000)), MAX_REQUESTS);
        assert_eq!(throttle.pace.lock().busy, 0);
    }

    #[test]
    fn a_store_that_says_slow_down_gets_half_once_for_all_that_were_under_way() {
        let throttle = Throttle::default();
        wait(send(&throttle, 1000, 1000));
        let turns = wait(join_all((0..100).map(|_| throttle.turn())));
        turns.iter().for_each(Turn::refused);
        assert_eq!(throttle.pace.lock().limit, MAX_REQUESTS / 2);
        drop(turns);
        wait(send(&throttle, MAX_REQUESTS / 2, 1000));
        assert_eq!(throttle.pace.lock().limit, MAX_REQUESTS / 2 + 1);
    }

    #[test]
    fn never_so_few_that_nothing_goes_on() {
        let throttle = Throttle::default();
        wait(async {
            for _ in 0..20 {
                send(&throttle, 50, 0).await;
            }
        });
        let pace = throttle.pace.lock();
        assert_eq!((pace.limit, pace.busy), (MIN_REQUESTS, 0));
    }
}
