use std::future::ready;

use cogen::adapt::{DriveError, SinkError};
use cogen::{Co, Exception, GeneratorExt, ReplyTo, generator};

use crate::{Plain, shows};

#[test]
fn adapters() {
    let sink = generator(|_: Co<'_, (), Plain>| ready(())).boxed();
    let stream = generator(|co: Co<'_, Plain>| async move {
        co.yield_(Plain).await;
        Ok::<_, Exception>(())
    });
    shows! {
        cogen::from_iter([1]).peekable() => "Peekable { state: Created, peeked: false }",
        cogen::from_iter([1]).tee().0 => "Tee { state: Created, .. }",
        sink.into_sink() => "IntoSink { generator: BoxGen { state: Created, .. }, place: New, .. }",
        stream.boxed().into_try_stream() => "IntoTryStream { generator: BoxGen { state: Created, .. }, .. }",
    }
}

#[test]
fn requests() {
    let _ = generator(|co: Co<'_, ReplyTo<u8, u8>, cogen::Answer<u8>>| {
        shows! { co.ask(|place| place) => "Ask { co: Co { id: # }, .. }" }
        ready(())
    });
}

#[test]
fn errors() {
    shows! {
        DriveError::<Plain>::AlreadyStarted => "AlreadyStarted",
        DriveError::Running(Some(Plain)) => "Running(Some(..))",
        DriveError::Finished(None::<Plain>) => "Finished(None)",
        DriveError::Pending(Some(Plain)) => "Pending(Some(..))",
        DriveError::<Plain>::Raised(Exception::new("wrong")) => "Raised(\"wrong\")",
        SinkError::Finished(Some(Plain)) => "Finished(Some(..))",
        SinkError::<Plain>::Finished(None) => "Finished(None)",
        SinkError::NotReady(Plain) => "NotReady(..)",
        SinkError::<Plain>::Running => "Running",
        SinkError::<Plain>::Ignored => "Ignored",
        SinkError::<Plain>::Raised(Exception::new("wrong")) => "Raised(\"wrong\")",
    }
}

#[cfg(feature = "genawaiter")]
#[test]
fn coroutines() {
    let coroutine = generator(|co: Co<'_, Plain>| async move { co.yield_(Plain).await }).boxed();
    shows! { cogen::from_coroutine(coroutine) => "FromCoroutine { state: Created, .. }" }
}
