//! A type of one's own is no output of a body yet: the message says what to write.

use cogen::aio::{self, create_task};
use cogen::process::job;

struct Page;

async fn page() -> Page {
    Page
}

fn three(_: String) -> std::path::Component<'static> {
    std::path::Component::ParentDir
}

fn main() {
    let _ = aio::run(page());
    let _ = create_task(page());
    let _ = job!(three);
}
