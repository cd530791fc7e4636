//! Which adapters are `Send`, `Sync` and `Unpin`.

use std::rc::Rc;

use cogen::adapt::{IntoFuture, IntoSink, IntoStream, IntoTryStream, SinkError, WrongAnswer};
use cogen::{
    Answer, BoxGen, Co, DriveError, GeneratorExt, LocalBoxGen, ReplyTo, from_iter, from_stream,
    generator,
};

fn is_send<T: Send>(_: &T) {}

const fn send<T: Send>() {}
const fn sync<T: Sync>() {}
const fn unpin<T: Unpin>() {}

const _: () = {
    send::<IntoStream<BoxGen<'static, u8>>>();
    unpin::<IntoStream<LocalBoxGen<'static, u8>>>();
    send::<IntoTryStream<BoxGen<'static, u8>, fn()>>();
    unpin::<IntoTryStream<LocalBoxGen<'static, u8>, fn()>>();
    send::<IntoSink<BoxGen<'static, (), u8>>>();
    unpin::<IntoSink<LocalBoxGen<'static, (), u8>>>();
    send::<IntoFuture<BoxGen<'static, ()>>>();
    unpin::<IntoFuture<LocalBoxGen<'static, ()>>>();
    // These hold neither of the two types.
    send::<ReplyTo<Rc<()>, Rc<()>>>();
    sync::<ReplyTo<Rc<()>, Rc<()>>>();
    unpin::<ReplyTo<Rc<()>, Rc<()>>>();
    send::<Answer<u8>>();
    send::<DriveError<u8>>();
    sync::<DriveError<u8>>();
    send::<SinkError<u8>>();
    sync::<SinkError<u8>>();
    sync::<WrongAnswer>();
};

#[test]
fn drives_and_sources_are_send_if_what_is_in_them_is() {
    let body = |co: Co<'static, u8, u8>| async move {
        std::future::ready(()).await;
        co.yield_(1).await
    };
    let mut count = 0;
    is_send(&generator(body).drive_async(async move |n| {
        std::future::ready(()).await;
        count += 1;
        n
    }));
    is_send(
        &generator(body)
            .boxed()
            .try_drive_async(async |n| n.checked_add(1).ok_or(std::fmt::Error)),
    );
    is_send(&from_iter(vec![String::new()]));
    is_send(&from_stream(futures::stream::iter([1])));
    is_send(&generator(|co: Co<'_, u8>| async move { co.yield_(1).await }).into_stream());
}
