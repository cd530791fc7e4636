//! Applies random operations to generators with random bodies, and to a naive model of a generator.
//!
//! The model keeps what was done to the generator so far. For each operation it runs the body again from the beginning,
//! as a plain recursive function in which a yield takes the next input, or stops. The table of [`cogen::Generator`]
//! says what an operation leads to in each state.

use std::cell::Cell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;

use cogen::{
    CloseError, Co, Exception, Generator, GeneratorExit, SendError, StartError, State, Step,
    ThrowError, generator,
};

/// Gives a number below its argument: a random one, or one made from a fuzzer's bytes.
pub trait Choose {
    fn below(&mut self, end: u32) -> u32;
}

/// An exception of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    Code(u32),
    /// `GeneratorExit`.
    Exit,
    /// A generator that was delegated to yielded while it was being closed.
    Ignored,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Error {}

impl Error {
    fn into_exception(self) -> Exception {
        match self {
            Self::Exit => GeneratorExit::new().into(),
            error => error.into(),
        }
    }

    fn of(exception: &Exception) -> Self {
        if exception.is::<GeneratorExit>() {
            Self::Exit
        } else if matches!(
            exception.downcast_ref(),
            Some(CloseError::<()>::Ignored(()))
        ) {
            Self::Ignored
        } else {
            let known = exception.downcast_ref::<Self>();
            *known.unwrap_or_else(|| panic!("an exception that nobody made: {exception}"))
        }
    }
}

type Block = Rc<Vec<Node>>;

/// What a body consists of. It adds to a sum, which is what it yields and returns.
#[derive(Debug)]
enum Node {
    Add(u32),
    /// Yields the sum, and adds the reply to it.
    Yield,
    /// The same as a scope of its own; adds 1000 if there is an exception.
    TryYield,
    Catch(Block, Block),
    Finally(Block, Block),
    Repeat(u32, Block),
    Call(Block),
    /// Delegates to another generator, and adds what that returns.
    YieldFrom(Block),
    YieldAll(u32),
    Raise(u32),
    Return,
}

/// A random body.
#[must_use]
pub fn body(choose: &mut impl Choose) -> Body {
    let mut left = 20;
    Body(block(choose, 4, &mut left))
}

#[derive(Clone, Debug)]
pub struct Body(Block);

fn block(choose: &mut impl Choose, depth: u32, left: &mut u32) -> Block {
    let length = choose.below(5) + u32::from(depth == 4);
    let mut nodes = Vec::new();
    for _ in 0..length {
        if *left == 0 {
            break;
        }
        *left -= 1;
        nodes.push(node(choose, depth, left));
    }
    Rc::new(nodes)
}

fn node(choose: &mut impl Choose, depth: u32, left: &mut u32) -> Node {
    let kinds = if depth == 0 { 10 } else { 22 };
    let mut inner = |choose: &mut _| block(choose, depth.saturating_sub(1), left);
    match choose.below(kinds) {
        0..5 => Node::Yield,
        5 => Node::TryYield,
        6 => Node::Add(choose.below(10)),
        7 => Node::YieldAll(choose.below(3)),
        8 => Node::Raise(choose.below(3)),
        9 => Node::Return,
        10 | 11 => Node::Catch(inner(choose), inner(choose)),
        12 | 13 => Node::Finally(inner(choose), inner(choose)),
        14 => Node::Repeat(choose.below(4), inner(choose)),
        15..19 => Node::Call(inner(choose)),
        _ => Node::YieldFrom(inner(choose)),
    }
}

/// How a block ended: at its end, or by a return.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Normal,
    Return,
}

// The generator.

type Running = Pin<Box<dyn Future<Output = Flow>>>;
type Handle = Co<'static, u32, u32>;

/// The sum of a generator's body.
type Sum = Rc<Cell<u32>>;

fn run(co: Handle, block: &Block, sum: &Sum) -> Running {
    let (block, sum) = (block.clone(), sum.clone());
    Box::pin(async move {
        for node in block.iter() {
            if run_node(co, node, &sum).await == Flow::Return {
                return Flow::Return;
            }
        }
        Flow::Normal
    })
}

async fn run_node(co: Handle, node: &Node, sum: &Sum) -> Flow {
    match node {
        Node::Add(n) => add(sum, *n),
        Node::Yield => add(sum, co.yield_(sum.get()).await),
        Node::TryYield => add(sum, co.try_yield(sum.get()).await.unwrap_or(1000)),
        Node::Catch(inside, handler) => match co.catch(run(co, inside, sum)).await {
            Ok(flow) => return flow,
            Err(_) => return run(co, handler, sum).await,
        },
        Node::Finally(inside, cleanup) => {
            let cleanup = async {
                run(co, cleanup, sum).await;
            };
            return co.finally(run(co, inside, sum), cleanup).await;
        }
        Node::Repeat(times, inside) => {
            for _ in 0..*times {
                if run(co, inside, sum).await == Flow::Return {
                    return Flow::Return;
                }
            }
        }
        Node::Call(inside) => return Box::pin(run(co, inside, sum)).await,
        Node::YieldFrom(inside) => add(sum, co.yield_from(make(inside).boxed_local()).await),
        Node::YieldAll(n) => co.yield_all(0..*n).await,
        Node::Raise(code) => {
            co.raise(Error::Code(*code)).await;
        }
        Node::Return => return Flow::Return,
    }
    Flow::Normal
}

fn add(sum: &Sum, n: u32) {
    sum.set(sum.get().wrapping_add(n));
}

fn make(block: &Block) -> cogen::Frame<'static, u32, u32, Pin<Box<dyn Future<Output = u32>>>> {
    let block = block.clone();
    generator(move |co| -> Pin<Box<dyn Future<Output = u32>>> {
        Box::pin(async move {
            let sum = Sum::default();
            run(co, &block, &sum).await;
            sum.get()
        })
    })
}

// The model.

/// What was done to the generator at a yield.
#[derive(Clone, Copy, Debug)]
enum Input {
    Send(u32),
    Throw(Error),
}

/// Why a block stopped before its end.
enum Stop {
    Suspended(u32),
    Raised(Error),
    /// Something was yielded while the generator at this place in `Replay::closing` was being closed: that generator is
    /// dropped.
    Abandoned(usize),
    Return,
}

struct Replay<'a> {
    inputs: std::slice::Iter<'a, Input>,
    /// For each generator that is delegated to, from the outside in: whether it is being closed.
    closing: Vec<bool>,
}

impl Replay<'_> {
    fn block(&mut self, block: &Block, sum: &mut u32) -> Result<(), Stop> {
        block.iter().try_for_each(|node| self.node(node, sum))
    }

    fn yields(&mut self, value: u32) -> Result<u32, Stop> {
        if let Some(closed) = self.closing.iter().rposition(|closing| *closing) {
            return Err(Stop::Abandoned(closed));
        }
        match self.inputs.next() {
            None => Err(Stop::Suspended(value)),
            Some(Input::Send(reply)) => Ok(*reply),
            Some(Input::Throw(error)) => {
                if *error == Error::Exit {
                    self.closing.fill(true);
                }
                Err(Stop::Raised(*error))
            }
        }
    }

    fn node(&mut self, node: &Node, sum: &mut u32) -> Result<(), Stop> {
        match node {
            Node::Add(n) => *sum = sum.wrapping_add(*n),
            Node::Yield => *sum = sum.wrapping_add(self.yields(*sum)?),
            Node::TryYield => {
                let reply = match self.yields(*sum) {
                    Err(Stop::Raised(_)) => 1000,
                    other => other?,
                };
                *sum = sum.wrapping_add(reply);
            }
            Node::Catch(inside, handler) => match self.block(inside, sum) {
                Err(Stop::Raised(_)) => self.block(handler, sum)?,
                other => other?,
            },
            Node::Finally(inside, cleanup) => {
                let ended = self.block(inside, sum);
                if !matches!(ended, Err(Stop::Suspended(_) | Stop::Abandoned(_))) {
                    match self.block(cleanup, sum) {
                        Ok(()) | Err(Stop::Return) => {}
                        other => other?,
                    }
                }
                ended?;
            }
            Node::Repeat(times, inside) => {
                for _ in 0..*times {
                    self.block(inside, sum)?;
                }
            }
            Node::Call(inside) => self.block(inside, sum)?,
            Node::YieldFrom(inside) => {
                let returned = self.delegate(inside)?;
                *sum = sum.wrapping_add(returned);
            }
            Node::YieldAll(n) => {
                for item in 0..*n {
                    self.yields(item)?;
                }
            }
            Node::Raise(code) => return Err(Stop::Raised(Error::Code(*code))),
            Node::Return => return Err(Stop::Return),
        }
        Ok(())
    }

    /// Delegates as PEP 380 says.
    fn delegate(&mut self, inside: &Block) -> Result<u32, Stop> {
        self.closing.push(false);
        let mut sum = 0;
        let ended = self.block(inside, &mut sum);
        let closed = self.closing.pop() == Some(true);
        match ended {
            Err(Stop::Suspended(value)) => Err(Stop::Suspended(value)),
            Err(Stop::Abandoned(at)) if at == self.closing.len() => {
                Err(Stop::Raised(Error::Ignored))
            }
            Err(Stop::Abandoned(at)) => Err(Stop::Abandoned(at)),
            Err(Stop::Raised(error)) => Err(Stop::Raised(error)),
            Ok(()) | Err(Stop::Return) if closed => Err(Stop::Raised(Error::Exit)),
            Ok(()) | Err(Stop::Return) => Ok(sum),
        }
    }
}

/// How an operation ended.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Yielded(u32),
    Complete(u32),
    Raised(Error),
    Closed(Option<u32>),
    Ignored(u32),
    AlreadyStarted,
    Finished,
    /// The value comes back to the caller.
    NotSent(State, u32),
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Start,
    Send(u32),
    Throw(Error),
    Close,
}

struct Model {
    body: Body,
    inputs: Vec<Input>,
    state: State,
}

impl Model {
    fn apply(&mut self, op: Op) -> Outcome {
        match (op, self.state) {
            (Op::Start, State::Created) => self.run(),
            (Op::Start, State::Closed) => Outcome::Finished,
            (Op::Start, _) => Outcome::AlreadyStarted,
            (Op::Send(value), State::Suspended) => self.resume(Input::Send(value)),
            (Op::Send(value), state) => Outcome::NotSent(state, value),
            (Op::Throw(error), State::Suspended) => self.resume(Input::Throw(error)),
            (Op::Throw(error), _) => {
                self.state = State::Closed;
                Outcome::Raised(error)
            }
            (Op::Close, State::Suspended) => match self.resume(Input::Throw(Error::Exit)) {
                Outcome::Yielded(value) => Outcome::Ignored(value),
                Outcome::Complete(value) => Outcome::Closed(Some(value)),
                Outcome::Raised(Error::Exit) => Outcome::Closed(None),
                other => other,
            },
            (Op::Close, _) => {
                self.state = State::Closed;
                Outcome::Closed(None)
            }
        }
    }

    fn resume(&mut self, input: Input) -> Outcome {
        self.inputs.push(input);
        self.run()
    }

    fn run(&mut self) -> Outcome {
        let mut sum = 0;
        let mut replay = Replay {
            inputs: self.inputs.iter(),
            closing: Vec::new(),
        };
        let ended = replay.block(&self.body.0, &mut sum);
        self.state = State::Closed;
        match ended {
            Err(Stop::Suspended(value)) => {
                self.state = State::Suspended;
                Outcome::Yielded(value)
            }
            Err(Stop::Raised(error)) => Outcome::Raised(error),
            Err(Stop::Abandoned(_)) => unreachable!("nothing delegates to the generator"),
            Ok(()) | Err(Stop::Return) => Outcome::Complete(sum),
        }
    }
}

fn apply<G>(g: &mut G, op: Op) -> Outcome
where
    G: Generator<Yield = u32, Resume = u32, Return = u32> + Unpin,
{
    let step = |step| match step {
        Step::Yielded(value) => Outcome::Yielded(value),
        Step::Complete(value) => Outcome::Complete(value),
    };
    match op {
        Op::Start => match g.start() {
            Ok(started) => step(started),
            Err(StartError::AlreadyStarted) => Outcome::AlreadyStarted,
            Err(StartError::Finished) => Outcome::Finished,
            Err(StartError::Raised(exception)) => Outcome::Raised(Error::of(&exception)),
            Err(error) => panic!("{error}"),
        },
        Op::Send(value) => match g.send(value) {
            Ok(sent) => step(sent),
            Err(SendError::JustStarted(value)) => Outcome::NotSent(State::Created, value),
            Err(SendError::Finished(value)) => Outcome::NotSent(State::Closed, value),
            Err(SendError::Raised(exception)) => Outcome::Raised(Error::of(&exception)),
            Err(error) => panic!("{error}"),
        },
        Op::Throw(error) => match g.throw(error.into_exception()) {
            Ok(thrown) => step(thrown),
            Err(ThrowError::Raised(exception)) => Outcome::Raised(Error::of(&exception)),
            Err(error) => panic!("{error}"),
        },
        Op::Close => match g.close() {
            Ok(value) => Outcome::Closed(value),
            Err(CloseError::Ignored(value)) => Outcome::Ignored(value),
            Err(CloseError::Raised(exception)) => Outcome::Raised(Error::of(&exception)),
            Err(error) => panic!("{error}"),
        },
    }
}

fn operation(choose: &mut impl Choose) -> Op {
    match choose.below(10) {
        0 => Op::Start,
        1..7 => Op::Send(choose.below(100)),
        7 => Op::Throw(Error::Code(choose.below(3))),
        8 if choose.below(2) == 0 => Op::Throw(Error::Exit),
        8 => Op::Close,
        _ => Op::Send(0),
    }
}

/// Applies random operations to a generator with a random body, in a random form; gives their number.
///
/// # Panics
///
/// If the generator does not behave as the model does.
pub fn check(choose: &mut impl Choose) -> u32 {
    let body = body(choose);
    match choose.below(3) {
        0 => check_form(Box::pin(make(&body.0)).closing(), body, choose),
        1 => check_form(make(&body.0).boxed_local(), body, choose),
        _ => check_form(make(&body.0).shared(), body, choose),
    }
}

fn check_form<G>(mut g: G, body: Body, choose: &mut impl Choose) -> u32
where
    G: Generator<Yield = u32, Resume = u32, Return = u32> + Unpin,
{
    let mut model = Model {
        body,
        inputs: Vec::new(),
        state: State::Created,
    };
    let steps = 1 + choose.below(12);
    let mut op = Op::Start;
    for step in 0..steps {
        // Most runs begin by starting the generator.
        if step > 0 || choose.below(8) == 0 {
            op = operation(choose);
        }
        let expected = model.apply(op);
        let got = apply(&mut g, op);
        let Model { body, inputs, .. } = &model;
        assert_eq!(got, expected, "{op:?} after {inputs:?} of {body:#?}");
        assert_eq!(
            g.state(),
            model.state,
            "{op:?} after {inputs:?} of {body:#?}"
        );
    }
    steps
}
