//! Requests: each is a task, with a limit.

use std::convert::Infallible;
use std::rc::Rc;

use cogen::aio::{self, TaskHandle, create_task};
use hyper::body::Incoming;
use hyper::{Request, Response};

use crate::app::App;
use crate::error_page::error_page;
use crate::pages::{self, PageBody};

/// Answers a request with its page, or with one that says why there is none.
///
/// hyper drops this future when the client hangs up. The request itself is a task, which is cancelled then, so that
/// clean-up runs to its end. And if it panics, only the task ends, and the connection goes on.
pub(crate) async fn answer(
    app: Rc<App>,
    request: Request<Incoming>,
) -> Result<Response<PageBody>, Infallible> {
    println!("{} {}", request.method(), request.uri());
    app.requests.set(app.requests.get() + 1);
    let limit = app.limit;
    let task = create_task(aio::timeout(limit, pages::page(app, request)));
    let _cancel = CancelOnDrop(TaskHandle::clone(&task));
    Ok(task.await.unwrap_or_else(|error| error_page(&error)))
}

/// Cancels a task that nobody waits for any longer. One that has ended does not notice.
struct CancelOnDrop(TaskHandle);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
