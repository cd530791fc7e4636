//! A waker that runs an action when it is cloned, woken or dropped, and so brings foreign code to unexpected places.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::rc::Rc;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// The calls that a waker gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Clone,
    Wake,
    Drop,
}

struct Hook {
    action: Rc<dyn Fn(Call)>,
    wakes: usize,
}

thread_local! {
    static HOOKS: RefCell<Vec<Hook>> = const { RefCell::new(Vec::new()) };
}

/// A waker that runs `action` the first time that it gets this call on this thread.
pub(crate) fn hooked(on: Call, action: impl FnOnce() + 'static) -> Waker {
    let action = Cell::new(Some(action));
    hooked_always(move |call| {
        if call == on
            && let Some(action) = action.take()
        {
            action();
        }
    })
}

/// A waker that runs `action` at every call that it gets on this thread.
pub(crate) fn hooked_always(action: impl Fn(Call) + 'static) -> Waker {
    let hook = Hook {
        action: Rc::new(action),
        wakes: 0,
    };
    let number = HOOKS.with_borrow_mut(|hooks| {
        hooks.push(hook);
        hooks.len() - 1
    });
    let data = ptr::without_provenance(number);
    // SAFETY: the functions of the vtable only use the data as a number.
    unsafe { Waker::from_raw(RawWaker::new(data, &VTABLE)) }
}

/// How often the waker was woken.
pub(crate) fn wakes(waker: &Waker) -> usize {
    HOOKS.with_borrow(|hooks| hooks[waker.data().addr()].wakes)
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |data| {
        called(data, Call::Clone);
        RawWaker::new(data, &VTABLE)
    },
    |data| {
        called(data, Call::Wake);
        called(data, Call::Drop);
    },
    |data| called(data, Call::Wake),
    |data| called(data, Call::Drop),
);

fn called(data: *const (), call: Call) {
    let action = HOOKS.try_with(|hooks| {
        let mut hooks = hooks.borrow_mut();
        let hook = hooks.get_mut(data.addr())?;
        hook.wakes += usize::from(call == Call::Wake);
        Some(hook.action.clone())
    });
    if let Ok(Some(action)) = action {
        action(call);
    }
}
