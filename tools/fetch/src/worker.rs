//! The work of a worker process: fetches its share on a loop of its own.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use cogen::aio::decorators::{Backoff, retry};
use cogen::aio::{self, AsyncItems, Error, Semaphore};
use reqwest::Client;

use crate::page::{Kind, Page, Share};

/// Fetches a share; gives each page as soon as it is done.
pub(crate) fn fetch(share: Share) -> AsyncItems<Page> {
    let pages = |co: aio::AsyncCo<Page>| async move {
        let fetcher = Rc::new(Fetcher::new(&share)?);
        let one = |(number, url)| {
            let fetcher = fetcher.clone();
            async move { Some(fetcher.page(number, url).await) }
        };
        let mut pages = aio::as_completed(share.urls.into_iter().map(one));
        while let Some(page) = pages.next().await {
            if let Some(page) = page? {
                co.yield_(page).await;
            }
        }
        aio::ok(())
    };
    aio::async_generator(pages).items()
}

/// What all requests of a worker share.
struct Fetcher {
    client: Client,
    semaphore: Semaphore,
    backoff: Backoff,
    timeout: std::time::Duration,
}

impl Fetcher {
    fn new(share: &Share) -> Result<Self, Error> {
        Ok(Self {
            client: Client::builder().http1_only().build()?,
            semaphore: Semaphore::new(share.at_a_time),
            backoff: Backoff::attempts(share.attempts).delay(share.backoff),
            timeout: share.timeout,
        })
    }

    /// Makes all attempts at a page.
    async fn page(&self, number: usize, url: String) -> Page {
        let errors = RefCell::new(Vec::new());
        let attempt = retry(self.backoff, async |url: &str| {
            let outcome = self.attempt(url).await;
            errors.borrow_mut().extend(outcome.err());
            outcome
        });
        let fetched = attempt(&url).await.ok();
        drop(attempt);
        Page {
            number,
            errors: errors.into_inner(),
            fetched,
        }
    }

    /// Makes one attempt, in its turn; gives the size of the page, and the time that the attempt took.
    async fn attempt(&self, url: &str) -> Result<(u64, std::time::Duration), Kind> {
        let _permit = self.semaphore.acquire().await;
        let start = Instant::now();
        let size = aio::timeout(self.timeout, self.get(url)).await;
        match size {
            Ok(size) => Ok((size, start.elapsed())),
            Err(Error::Timeout) => Err(Kind::Timeout),
            Err(error) => Err(error.downcast_ref().copied().unwrap_or(Kind::Lost)),
        }
    }

    async fn get(&self, url: &str) -> Result<u64, Kind> {
        let response = self.client.get(url).send().await.map_err(kind_of)?;
        let status = response.status();
        let page = response.bytes().await.map_err(kind_of)?;
        if !status.is_success() {
            return Err(Kind::Status(status.as_u16()));
        }
        Ok(page.len() as u64)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
fn kind_of(error: reqwest::Error) -> Kind {
    if error.is_builder() {
        Kind::Url
    } else if error.is_connect() {
        Kind::Connect
    } else {
        Kind::Lost
    }
}
