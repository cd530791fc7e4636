use cogen::aio::Error;
use hyper::{Response, StatusCode};

use crate::pages::{PageBody, text};

/// Why a request has no page, where that is the client's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("there is no such page")]
    NotFound,
    #[error("a line has at most 1 KiB")]
    TooLong,
    #[error("a line is UTF-8")]
    NotText,
}

impl Refused {
    const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotText => StatusCode::BAD_REQUEST,
        }
    }
}

/// The page for a request that has ended with an error.
pub(crate) fn error_page(error: &Error) -> Response<PageBody> {
    if let Some(refused) = error.downcast_ref::<Refused>() {
        return text(refused.status(), format!("{refused}\n"));
    }
    if error.is_timeout() {
        return text(StatusCode::GATEWAY_TIMEOUT, "this took too long\n");
    }
    if error.is_cancelled() {
        return text(StatusCode::SERVICE_UNAVAILABLE, "the server stops\n");
    }
    // What it was is for the log, and not for the client.
    println!("failed: {error}");
    text(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong\n")
}
