//! The pages.

use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use cogen::aio::{self, Error};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::{Method, Request, Response, StatusCode};

use crate::app::App;
use crate::error_page::Refused;
use crate::stream_body::StreamBody;

/// The body of any answer. (`BoxBody` of http-body-util has to be `Send`, which a body with tasks is not.)
pub(crate) type PageBody = Pin<Box<dyn Body<Data = Bytes, Error = Error>>>;

/// The longest line that the feed takes.
const LINE: usize = 1024;

pub(crate) async fn page(
    app: Rc<App>,
    request: Request<Incoming>,
) -> Result<Response<PageBody>, Error> {
    let path = request.uri().path().to_owned();
    match (request.method(), &*path) {
        (&Method::GET, "/") => {
            let (requests, readers) = (app.requests.get(), app.feed.readers());
            Ok(text(
                StatusCode::OK,
                format!("{requests} requests, {readers} readers\n"),
            ))
        }
        (&Method::GET, "/feed") => Ok(Response::new(Box::pin(StreamBody::new(app.feed.lines())))),
        (&Method::POST, "/feed") => post(&app, request.into_body()).await,
        (&Method::GET, "/panic") => panic!("as was asked for"),
        (&Method::GET, path) => match path.strip_prefix("/sleep/").map(str::parse) {
            Some(Ok(milliseconds)) => sleep(Duration::from_millis(milliseconds)).await,
            _ => Err(Refused::NotFound.into()),
        },
        _ => Err(Refused::NotFound.into()),
    }
}

/// Passes on what was posted.
async fn post(app: &App, body: Incoming) -> Result<Response<PageBody>, Error> {
    let body = Limited::new(body, LINE).collect().await;
    let body = body.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Refused::TooLong.into()
        } else {
            Error::new(error)
        }
    })?;
    let line = String::from_utf8(body.to_bytes().into()).map_err(|_| Refused::NotText)?;
    let readers = app.feed.post(&line);
    Ok(text(StatusCode::OK, format!("{readers} readers\n")))
}

/// Stands for a page that takes long, and has to clean up.
async fn sleep(time: Duration) -> Result<Response<PageBody>, Error> {
    let work = async {
        aio::sleep(time).await;
        Ok(text(StatusCode::OK, "good morning\n"))
    };
    let clean_up = async {
        aio::sleep(Duration::ZERO).await;
        println!("cleaned up");
    };
    aio::finally(work, clean_up).await
}

pub(crate) fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<PageBody> {
    let body = Full::new(text.into()).map_err(|never| match never {});
    let mut response = Response::<PageBody>::new(Box::pin(body));
    *response.status_mut() = status;
    response
}
