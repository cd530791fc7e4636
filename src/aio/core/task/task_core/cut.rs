//! Waits beside scopes, which a cancel cuts off.
//!
//! 1. A cancel goes to the innermost scopes. What waits beside those, in something around them, has the cancel as
//!    well: it is *cut off*. It never ends from then on. When it is polled next it raises the cancel in what it is in,
//!    as if its own await had raised it; so the scopes beside it clean up first.
//! 2. A wait knows when it began: `epoch` counts the cuts, and those that began before the last one are cut off.
//! 3. If all waits that have raised the cancel are dropped before anything has taken what they raised, that is void: a
//!    combinator has left them aside. Then the cancel goes on from here, unless another place takes it, or may do so.

use std::rc::Rc;
use std::sync::Arc;

use super::cancel_state::{CUT, Epoch, HAS_RAISED, OVER, RAISED, Share, UNWINDS};
use super::place::{Place, Rare, Spot};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::thrown::Thrown;
use crate::frame::Exception;

impl Place {
    /// A cancel cuts off what waits here.
    pub(super) fn cut(&self, message: Option<&Arc<str>>, share: Option<&Rc<Share>>) {
        self.cancel.set(CUT);
        let old = self.with_rare(|rare| {
            let cut = &mut rare.cancel.cut;
            cut.epoch += 1;
            cut.message = message.cloned();
            std::mem::replace(&mut cut.share, share.cloned())
        });
        drop(old);
    }

    /// The cancel that cut off what waits here has gone elsewhere.
    pub(super) fn heal(&self) {
        if self.cancel.has(CUT) {
            self.look_rare(|rare| {
                let cut = &mut rare.cancel.cut;
                cut.epoch = cut.epoch.saturating_sub(1);
            });
            self.forget_cut();
        }
    }

    /// What the cut-off waits have raised has been taken, or no longer counts.
    pub(super) fn forget_cut(&self) {
        let share = self.look_rare(|rare| {
            let cut = &mut rare.cancel.cut;
            cut.raised = 0;
            cut.share.take()
        });
        drop(share);
    }

    /// What the cut-off waits have raised.
    pub(super) fn raised_by_cut(&self) -> Option<Exception> {
        let look = |rare: &mut Rare| {
            let cut = &rare.cancel.cut;
            (cut.raised > 0).then(|| cut.message.clone())
        };
        let message = self.look_rare(look).flatten()?;
        Some(Exception::new(Thrown(Cancelled::with(message))))
    }

    fn epoch(&self) -> Epoch {
        if self.cancel.has(CUT) {
            let epoch = self.look_rare(|rare| rare.cancel.cut.epoch);
            epoch.unwrap_or_default()
        } else {
            0
        }
    }
}

impl Spot<'_> {
    /// When a wait begins that begins here now.
    #[inline]
    pub(in crate::aio) fn epoch(self) -> Epoch {
        self.place().epoch()
    }

    /// Whether waits here have ever been cut off.
    #[inline]
    pub(in crate::aio) fn has_cuts(self) -> bool {
        self.place().cancel.has(CUT)
    }

    /// Whether a wait here that began at `began` has been cut off. It raises the cancel, once.
    #[cold]
    #[inline(never)]
    pub(in crate::aio) fn is_cut_off(self, began: &mut Epoch) -> bool {
        let place = self.place();
        let (epoch, raised) = place
            .look_rare(|rare| (rare.cancel.cut.epoch, rare.cancel.cut.raised))
            .unwrap_or_default();
        if *began == HAS_RAISED {
            if raised > 0 {
                return true;
            }
            // The cancel has gone elsewhere.
            *began = epoch;
        }
        if *began >= epoch {
            return false;
        }
        *began = HAS_RAISED;
        place.cancel.set(RAISED);
        place.look_rare(|rare| {
            let cut = &mut rare.cancel.cut;
            cut.raised += 1;
            if let Some(share) = &cut.share {
                share.raised.set(share.raised.get() + 1);
            }
        });
        true
    }

    /// Whether a wait here that began at `began` has been cut off.
    pub(in crate::aio) fn is_to_be_cut_off(self, began: Epoch) -> bool {
        self.place().cancel.has(CUT) && (began == HAS_RAISED || began < self.place().epoch())
    }

    /// A wait is dropped that has raised the cancel which cut it off (invariant 3).
    #[cold]
    pub(in crate::aio) fn take_raise_back(self) {
        let place = self.place();
        let last = place.look_rare(|rare| {
            let cut = &mut rare.cancel.cut;
            if cut.raised == 0 {
                return None;
            }
            cut.raised -= 1;
            let share = cut.share.as_ref();
            if let Some(share) = share {
                share.raised.set(share.raised.get().saturating_sub(1));
            }
            let elsewhere = share.is_some_and(|share| share.is_elsewhere());
            (cut.raised == 0).then(|| (elsewhere, cut.message.clone()))
        });
        let Some((elsewhere, message)) = last.flatten() else {
            return;
        };
        place.forget_cut();
        if !elsewhere && !place.cancel.has(UNWINDS | OVER) {
            self.give_back(message);
        }
    }
}
