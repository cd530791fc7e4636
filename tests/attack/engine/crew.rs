//! Three threads, only one of which runs at a time: a thread that hands a job to another waits for it, and does the
//! jobs that it is handed meanwhile. So a round is the same each time, and yet each future, frame and waker is used on
//! any of the threads, in the middle of what another one does.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::world::{self, World};

const THREADS: usize = 3;

type Job = Box<dyn FnOnce() + Send>;

enum Message {
    /// A job, and the thread to tell when it is done.
    Job(Job, usize),
    Done,
    End,
}

struct Place {
    own: usize,
    inbox: Receiver<Message>,
    others: Vec<Sender<Message>>,
}

thread_local! {
    static PLACE: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Runs `main` as the first of three threads.
pub fn with_crew(world: &Arc<World>, main: impl FnOnce()) {
    let (senders, inboxes): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| mpsc::channel()).unzip();
    let mut places = inboxes.into_iter().enumerate().map(|(own, inbox)| Place {
        own,
        inbox,
        others: senders.clone(),
    });
    PLACE.set(places.next());
    thread::scope(|scope| {
        for place in places {
            let world = world.clone();
            scope.spawn(move || {
                let _here = world::enter(&world);
                PLACE.set(Some(place));
                serve();
            });
        }
        main();
        for sender in &senders[1..] {
            let _sent = sender.send(Message::End);
        }
    });
    PLACE.set(None);
}

/// Does jobs until the thread is told to stop.
fn serve() {
    loop {
        let message =
            PLACE.with_borrow(|place| place.as_ref().and_then(|place| place.inbox.recv().ok()));
        match message {
            Some(Message::Job(job, from)) => {
                let _ended = panic::catch_unwind(AssertUnwindSafe(job));
                send(from, Message::Done);
            }
            Some(Message::Done | Message::End) | None => return,
        }
    }
}

fn send(to: usize, message: Message) {
    PLACE.with_borrow(|place| {
        if let Some(place) = place {
            let _sent = place.others[to].send(message);
        }
    });
}

/// Does a job on one thread of the crew, perhaps this one, and catches its panic, if any.
pub fn anywhere(job: impl FnOnce() + Send + 'static) {
    let own = PLACE.try_with(|place| place.try_borrow().ok()?.as_ref().map(|place| place.own));
    let Ok(Some(own)) = own else {
        // There is no crew.
        let _ended = panic::catch_unwind(AssertUnwindSafe(job));
        return;
    };
    let to = world::below(3) as usize;
    if to == own {
        let _ended = panic::catch_unwind(AssertUnwindSafe(job));
        return;
    }
    send(to, Message::Job(Box::new(job), own));
    serve();
}
