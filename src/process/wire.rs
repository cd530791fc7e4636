//! What a pool and its workers say to each other, over a socket.
//!
//! A request is the number of a job, the limit of an answer, and the arguments. It is answered with
//! `Started`, any number of `Item`s, and one of the others.

use std::io::{self, Read, Write};

/// What a worker says. The number is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The arguments have arrived: from here on, the job is not to be given to another worker.
    Started,
    /// An item of a job that has several.
    Item,
    /// The value: the job has ended.
    Value,
    /// The error of the function, as text.
    Failed,
    /// The message of a panic. The worker ends.
    Panicked,
    /// The arguments or the value could not be converted: why.
    Unfit,
    /// The value is too large: its size.
    TooLarge,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Started,
        Self::Item,
        Self::Value,
        Self::Failed,
        Self::Panicked,
        Self::Unfit,
        Self::TooLarge,
    ];

    fn of(number: u8) -> io::Result<Self> {
        let known = Self::ALL.into_iter().find(|&kind| kind as u8 == number);
        known.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "unknown kind of answer"))
    }
}

/// A job for a worker.
pub(super) struct Request {
    pub(super) job: u32,
    pub(super) limit: u64,
    pub(super) arguments: Vec<u8>,
}

impl Request {
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let mut head = Vec::with_capacity(20);
        head.extend(self.job.to_le_bytes());
        head.extend(self.limit.to_le_bytes());
        head.extend((self.arguments.len() as u64).to_le_bytes());
        to.write_all(&head)?;
        to.write_all(&self.arguments)
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let job = u32::from_le_bytes(array(from)?);
        let limit = u64::from_le_bytes(array(from)?);
        let arguments = bytes(from)?;
        Ok(Self {
            job,
            limit,
            arguments,
        })
    }
}

/// One answer, in one write if it is short.
pub(super) fn write_answer(to: &mut impl Write, kind: Kind, content: &[u8]) -> io::Result<()> {
    const SHORT: usize = 16 * 1024;
    let mut head = Vec::with_capacity(9 + content.len().min(SHORT));
    head.push(kind as u8);
    head.extend((content.len() as u64).to_le_bytes());
    if content.len() <= SHORT {
        head.extend(content);
        return to.write_all(&head);
    }
    to.write_all(&head)?;
    to.write_all(content)
}

pub(super) fn read_answer(from: &mut impl Read) -> io::Result<(Kind, Vec<u8>)> {
    let [kind] = array(from)?;
    Ok((Kind::of(kind)?, bytes(from)?))
}

fn array<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut array = [0; N];
    from.read_exact(&mut array)?;
    Ok(array)
}

/// A length, and that many bytes. Bytes that do not arrive take no memory.
fn bytes(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = u64::from_le_bytes(array(from)?);
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length {
        return Ok(bytes);
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
