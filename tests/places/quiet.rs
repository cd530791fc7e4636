//! Panics of cells are not printed; what is reported while a cell runs is collected.

use std::cell::RefCell;
use std::panic;
use std::sync::Once;

thread_local! {
    static REPORTS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

fn is_here() -> bool {
    REPORTS
        .try_with(|reports| reports.try_borrow().is_ok_and(|reports| reports.is_some()))
        .unwrap_or(false)
}

fn set_up() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !is_here() {
            usual(info);
        }
    }));
    cogen::set_unraisable_hook(|report| {
        let _elsewhere = REPORTS.try_with(|reports| {
            if let Some(reports) = &mut *reports.borrow_mut() {
                reports.push(format!("reported: {report}"));
            }
        });
    });
}

/// Runs `cell`, and gives what was reported meanwhile.
pub fn listen<T>(cell: impl FnOnce() -> T) -> (T, Vec<String>) {
    static ONCE: Once = Once::new();
    ONCE.call_once(set_up);
    REPORTS.set(Some(Vec::new()));
    let value = cell();
    (value, REPORTS.take().unwrap_or_default())
}
