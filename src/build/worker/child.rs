//! One child process: tasks in on its standard input, answers out on its standard output, a line each.

use super::protocol::{Answer, Reply, Request, Task};
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{self, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What came of a task.
pub enum Outcome {
    Answered(Answer),
    /// The process ended without an answer; how, in the system's words.
    Died(String),
    TooLong,
}

/// See the [module](self).
pub struct Child {
    process: Mutex<process::Child>,
    /// Closed, it tells the child to end.
    input: Mutex<Option<ChildStdin>>,
    waiting: Arc<Mutex<Waiting>>,
    next: AtomicU64,
    listener: Option<JoinHandle<()>>,
}

/// Who waits for an answer.
#[derive(Default)]
struct Waiting {
    senders: HashMap<u64, Sender<Answer>>,
    is_over: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Child {
    /// What a codec says while it crashes helps nobody and goes `aside`; how it ended is said by us.
    pub fn start(binary: &Path, jobs: usize, memory: u64, aside: Stdio) -> io::Result<Child> {
        let (jobs, memory) = (jobs.to_string(), memory.to_string());
        let mut command = Command::new(binary);
        // Ctrl-C in a terminal is for us: we decide when the child ends.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command
            .args(["worker", "--jobs", &jobs, "--memory", &memory])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(aside)
            .spawn()?;
        let (input, output) = (process.stdin.take(), process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?);
        let waiting = Arc::<Mutex<Waiting>>::default();
        let listener = std::thread::spawn({
            let waiting = waiting.clone();
            move || listen(output, &waiting)
        });
        Ok(Child {
            process: Mutex::new(process),
            input: Mutex::new(input),
            waiting,
            next: AtomicU64::new(0),
            listener: Some(listener),
        })
    }

    pub fn is_alive(&self) -> bool {
        !lock(&self.waiting).is_over
    }

    /// Has `task` done, for at most `limit`.
    pub fn call(&self, task: &Task, limit: Duration, advanced: &(dyn Fn(u64) + Sync)) -> Outcome {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answers) = mpsc::channel();
        {
            let mut waiting = lock(&self.waiting);
            if waiting.is_over {
                return Outcome::Died("it had ended before".into());
            }
            waiting.senders.insert(number, sender);
        }
        // A child that ended is noticed by the listener, which hangs up: so an error here tells nothing new.
        let _ = self.send(&Request { number, task });
        let end = Instant::now() + limit;
        loop {
            match answers.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(Answer::Advanced(pixels)) => advanced(pixels),
                Ok(answer) => {
                    lock(&self.waiting).senders.remove(&number);
                    return Outcome::Answered(answer);
                }
                Err(RecvTimeoutError::Disconnected) => return Outcome::Died(self.how_it_ended()),
                Err(RecvTimeoutError::Timeout) => {
                    // An error here means that it has ended already.
                    let _ = lock(&self.process).kill();
                    return Outcome::TooLong;
                }
            }
        }
    }

    fn send(&self, request: &Request<'_>) -> io::Result<()> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        match &mut *lock(&self.input) {
            Some(input) => input.write_all(&line),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn how_it_ended(&self) -> String {
        match lock(&self.process).wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}

/// Hands answers to those who wait for them until the child's output ends; then nobody need wait any more.
fn listen(output: ChildStdout, waiting: &Mutex<Waiting>) {
    for line in BufReader::new(output).lines() {
        let Some(Reply { number, answer }) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else { break };
        if let Some(sender) = lock(waiting).senders.get(&number) {
            // Who gave up does not listen.
            let _ = sender.send(answer);
        }
    }
    let mut waiting = lock(waiting);
    waiting.is_over = true;
    waiting.senders.clear();
}

impl Drop for Child {
    fn drop(&mut self) {
        *lock(&self.input) = None;
        // With nothing in hand it ends by itself. How it ends, or that it cannot be waited for, concerns nobody any more.
        let _ = lock(&self.process).wait();
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}
