//! The build's side: starts worker processes, hands them tasks, and ends those that crash, hang or break the protocol.

use super::protocol::{Answer, Reply, Request, Rights, Task};
use crate::config::Resources;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::lock::Lock;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of a line that a worker process may write; the headers of the largest multi-page files take a tenth.
const MOST_BYTES: u64 = 64 << 20;

/// How long a process whose answers have ended may take to end itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// Keeps worker processes at work.
pub struct Supervisor {
    binary: PathBuf,
    jobs: usize,
    memory: u64,
    lock: Option<Lock>,
    /// The process that does all tasks but those of OpenJPEG, once there is one.
    shared: Mutex<Option<Arc<Child>>>,
    /// How many tasks are in hand.
    in_hand: AtomicUsize,
}

impl Supervisor {
    pub fn new(binary: &Path, resources: &Resources, lock: Option<Lock>) -> Supervisor {
        let Resources { jobs, memory, .. } = *resources;
        Supervisor { binary: binary.into(), jobs, memory, lock, shared: Mutex::default(), in_hand: AtomicUsize::new(0) }
    }

    /// Has `task` done, for at most `limit`, in the shared process or in its own process.
    pub fn run(&self, task: &Task, limit: Duration, advanced: &(dyn Fn(u64) + Sync)) -> Result<Answer> {
        let in_hand = self.in_hand.fetch_add(1, Ordering::Relaxed) + 1;
        let outcome = self.attempt(task, in_hand, limit, advanced);
        self.in_hand.fetch_sub(1, Ordering::Relaxed);
        match outcome? {
            Outcome::Answered(Answer::Failed(error)) => Err(error),
            Outcome::Answered(answer) => Ok(answer),
            Outcome::Died(how) => Err(Error::image(format!("its decoder crashed ({how})"))
                .with_hint("convert the file with another program, and please report it: it should be refused")),
            Outcome::TooLong => {
                Err(Error::image(format!("it takes longer than {} s and was given up", limit.as_secs()))
                    .with_hint("is the file damaged? A sound one of this size takes less"))
            }
        }
    }

    fn attempt(
        &self,
        task: &Task,
        in_hand: usize,
        limit: Duration,
        advanced: &(dyn Fn(u64) + Sync),
    ) -> Result<Outcome> {
        if !task.needs_openjpeg() {
            match self.shared(task.shared_rights())?.call(task, limit, advanced) {
                // Perhaps another image was at fault.
                Outcome::Died(_) => {}
                outcome => return Ok(outcome),
            }
        }
        // Images side by side share the processors, as they do in the shared process. Each was admitted with memory for
        // `jobs` threads; fewer need less.
        let threads = self.jobs.div_ceil(in_hand);
        Ok(self.start(task.rights(), threads)?.call(task, limit, advanced))
    }

    /// The process that is at work with these rights, or a new one if the old one died or writes into another folder.
    fn shared(&self, rights: Rights) -> Result<Arc<Child>> {
        let mut shared = self.shared.lock();
        let serves =
            |child: &&Arc<Child>| child.is_alive() && (rights.write.is_none() || child.rights.write == rights.write);
        match shared.as_ref().filter(serves) {
            Some(child) => Ok(child.clone()),
            None => Ok(shared.insert(Arc::new(self.start(rights, self.jobs)?)).clone()),
        }
    }

    fn start(&self, rights: Rights, threads: usize) -> Result<Child> {
        let mut command = Command::new(&self.binary);
        command.args(["worker", "--jobs", &threads.to_string(), "--memory", &self.memory.to_string()]);
        // The limit on the worker's memory counts what is reserved: the allocator shall reserve only what it uses.
        #[cfg(target_env = "musl")]
        command.env("MIMALLOC_ARENA_EAGER_COMMIT", "0");
        let started = || {
            // The output of a codec while it crashes is of no help; the build reports how the process ended.
            command.stderr(self.lock.as_ref().map_or(Ok(Stdio::null()), Lock::share)?);
            Child::start(command, rights)
        };
        started().map_err(|error| Error::new(ErrorKind::Internal, format!("cannot start the worker process: {error}")))
    }
}

/// The result of a task.
enum Outcome {
    Answered(Answer),
    /// The process ended without an answer; the reason, in the system's words.
    Died(String),
    TooLong,
}

/// One worker process. Dropped, it is killed: it has nothing in hand then.
struct Child {
    rights: Rights,
    process: Mutex<process::Child>,
    /// To the process.
    requests: Mutex<Box<dyn Write + Send>>,
    waiting: Arc<Mutex<Waiting>>,
    next: AtomicU64,
}

/// The tasks that wait for an answer.
#[derive(Default)]
struct Waiting {
    senders: HashMap<u64, Sender<Answer>>,
    is_over: bool,
}

impl Child {
    fn start(mut command: Command, rights: Rights) -> io::Result<Child> {
        // Its own process group: Ctrl-C in a terminal is for the build, which decides when its workers end.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let (process, requests, answers) = connect(command)?;
        let waiting = Arc::<Mutex<Waiting>>::default();
        thread::spawn({
            let waiting = waiting.clone();
            move || listen(BufReader::new(answers), &waiting)
        });
        let child =
            Child { rights, process: Mutex::new(process), requests: Mutex::new(requests), waiting, next: 0.into() };
        // A process that has ended is noticed by the first call.
        let _ = child.send(&child.rights);
        Ok(child)
    }

    fn is_alive(&self) -> bool {
        !self.waiting.lock().is_over
    }

    /// Has `task` done, for at most `limit`.
    fn call(&self, task: &Task, limit: Duration, advanced: &(dyn Fn(u64) + Sync)) -> Outcome {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answers) = mpsc::channel();
        {
            let mut waiting = self.waiting.lock();
            if waiting.is_over {
                return Outcome::Died("it had ended before".into());
            }
            waiting.senders.insert(number, sender);
        }
        // A process that has ended is noticed by the listener, which hangs up: an error here is no news.
        let _ = self.send(&Request { number, task });
        let end = Instant::now() + limit;
        let outcome = loop {
            let left = end.saturating_duration_since(Instant::now());
            match answers.recv_timeout(left) {
                Ok(Answer::Advanced(pixels)) if !left.is_zero() => advanced(pixels),
                Ok(Answer::Advanced(_)) | Err(RecvTimeoutError::Timeout) => {
                    kill(&mut self.process.lock());
                    break Outcome::TooLong;
                }
                Ok(answer) => break Outcome::Answered(answer),
                Err(RecvTimeoutError::Disconnected) => break Outcome::Died(self.how_it_ended()),
            }
        };
        self.waiting.lock().senders.remove(&number);
        outcome
    }

    fn send(&self, message: &impl serde::Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.requests.lock().write_all(&line)
    }

    /// How the process ended after its last answer. A process that runs on without answering is killed.
    fn how_it_ended(&self) -> String {
        let mut process = self.process.lock();
        let end = Instant::now() + PATIENCE;
        while let Ok(None) = process.try_wait() {
            if Instant::now() > end {
                kill(&mut process);
            }
            thread::sleep(Duration::from_millis(2));
        }
        match process.wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        kill(self.process.get_mut());
    }
}

/// Ends a process, and on Unix all processes that it has started. It may have ended already.
fn kill(process: &mut process::Child) {
    if let Ok(None) = process.try_wait() {
        #[cfg(unix)]
        let _ = rustix::process::kill_process_group(
            rustix::process::Pid::from_child(process),
            rustix::process::Signal::KILL,
        );
        let _ = process.kill();
        let _ = process.wait();
    }
}

/// The connection to a process that was started, in both directions.
type Connected = (process::Child, Box<dyn Write + Send>, Box<dyn Read + Send>);

/// Starts a process. Requests and answers pass through a socket that is its standard input: a C library that prints
/// something does not mix with them.
#[cfg(unix)]
fn connect(mut command: Command) -> io::Result<Connected> {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    let (ours, theirs) = UnixStream::pair()?;
    let requests = ours.try_clone()?;
    let process = command.stdin(OwnedFd::from(theirs)).stdout(Stdio::null()).spawn()?;
    Ok((process, Box::new(requests), Box::new(ours)))
}

#[cfg(not(unix))]
fn connect(mut command: Command) -> io::Result<Connected> {
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let requests = process.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let answers = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    Ok((process, Box::new(requests), Box::new(answers)))
}

/// Hands answers to those who wait for them, until the process ends or writes a line without end. All other lines are
/// skipped.
fn listen(mut answers: impl BufRead, waiting: &Mutex<Waiting>) {
    let mut line = vec![];
    loop {
        line.clear();
        match answers.by_ref().take(MOST_BYTES).read_until(b'\n', &mut line) {
            Ok(1..) if line.len() as u64 != MOST_BYTES => {}
            _ => break,
        }
        let Ok(Reply { number, answer }) = serde_json::from_slice(&line) else { continue };
        if let Some(sender) = waiting.lock().senders.get(&number) {
            // A task that was given up does not listen.
            let _ = sender.send(answer);
        }
    }
    let mut waiting = waiting.lock();
    waiting.is_over = true;
    waiting.senders.clear();
}
