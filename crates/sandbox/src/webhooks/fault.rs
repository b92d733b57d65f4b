use crate::faults::Scripted;
use crate::latch::{Latch, Waiter};

/// Something that goes wrong with a delivery, by script. Given to
/// [`Sandbox::fail_delivery`](crate::Sandbox::fail_delivery).
///
/// It happens once unless told otherwise, with the next delivery, whichever subscription that is
/// for.
///
/// ```
/// use upvest_sandbox::{DeliveryFault, Latch, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = Sandbox::start().await?;
/// // The next two deliveries come twice.
/// sandbox.fail_delivery(DeliveryFault::duplicated().times(2));
/// // The first attempt at one of them comes with a signature that does not match it.
/// sandbox.fail_delivery(DeliveryFault::tampered());
/// // The delivery after these is overtaken by all that come before the latch releases it.
/// let latch = Latch::new();
/// sandbox.fail_delivery(DeliveryFault::late(&latch));
/// # Ok(())
/// # }
/// ```
///
/// # What happens to the delivery
///
/// | fault | with | what the receiver gets |
/// |---|---|---|
/// | [`duplicated`](Self::duplicated) | a delivery | it twice, although it took it |
/// | [`reordered`](Self::reordered) | a delivery | it after the one that follows it |
/// | [`late`](Self::late) | a delivery | it after all that come meanwhile |
/// | [`unknown_event`](Self::unknown_event), [`malformed_event`](Self::malformed_event) | a delivery | one event more |
/// | [`tampered`](Self::tampered) | an attempt | another body than was signed |
/// | [`wrong_key`](Self::wrong_key) | an attempt | a signature by another key |
/// | [`expired`](Self::expired) | an attempt | a signature of yesterday |
/// | [`oversized`](Self::oversized) | an attempt | a longer body |
///
/// An attempt that the receiver refuses is followed by another, with which nothing is wrong unless
/// there is a fault for it too. So nothing is ever lost by a fault. An attempt that it takes is the
/// last one.
#[derive(Clone, Debug)]
pub struct DeliveryFault {
    effect: Effect,
    times: Option<u64>,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    Delivery(DeliveryEffect),
    Attempt(AttemptEffect),
}

/// What goes wrong with a delivery, before it is sent for the first time.
#[derive(Clone, Debug)]
pub(super) enum DeliveryEffect {
    Duplicated,
    Reordered,
    Late(Waiter),
    UnknownEvent,
    MalformedEvent,
}

/// What goes wrong with an attempt at a delivery.
#[derive(Clone, Debug)]
pub(super) enum AttemptEffect {
    Tampered,
    WrongKey,
    Expired,
    Oversized(usize),
}

/// What goes wrong.
impl DeliveryFault {
    /// The delivery comes again after it was taken, signed anew.
    pub fn duplicated() -> Self {
        Self::of_delivery(DeliveryEffect::Duplicated)
    }

    /// The delivery waits until the next one to the same subscription has been taken, and comes
    /// then. It waits for as long as there is no next one: [`Sandbox::deliveries_done`] does too.
    ///
    /// Events that are at hand at a time go into one delivery: let `config.max_package_size` be 100 to
    /// have one for each event.
    ///
    /// [`Sandbox::deliveries_done`]: crate::Sandbox::deliveries_done
    pub fn reordered() -> Self {
        Self::of_delivery(DeliveryEffect::Reordered)
    }

    /// The latch holds the delivery, which comes when it is released. Others are not held.
    pub fn late(latch: &Latch) -> Self {
        Self::of_delivery(DeliveryEffect::Late(latch.waiter()))
    }

    /// The delivery has one event more, its first, of a type that no description has: `MOON.FULL`.
    pub fn unknown_event() -> Self {
        Self::of_delivery(DeliveryEffect::UnknownEvent)
    }

    /// The delivery has one event more, its first, that is not as described: a
    /// `CASH_BALANCE.UPDATED` whose balance is `true`.
    pub fn malformed_event() -> Self {
        Self::of_delivery(DeliveryEffect::MalformedEvent)
    }

    /// The body was changed after it was signed, by one digit. It is still JSON.
    pub fn tampered() -> Self {
        Self::of_attempt(AttemptEffect::Tampered)
    }

    /// It is signed by a key that is not published, under the id of the one that is.
    pub fn wrong_key() -> Self {
        Self::of_attempt(AttemptEffect::WrongKey)
    }

    /// The signature was made a day ago, and valid for a minute.
    pub fn expired() -> Self {
        Self::of_attempt(AttemptEffect::Expired)
    }

    /// The body is padded with blanks to so many bytes, and signed like that.
    pub fn oversized(bytes: usize) -> Self {
        Self::of_attempt(AttemptEffect::Oversized(bytes))
    }

    fn of_delivery(effect: DeliveryEffect) -> Self {
        Self::new(Effect::Delivery(effect))
    }

    fn of_attempt(effect: AttemptEffect) -> Self {
        Self::new(Effect::Attempt(effect))
    }

    fn new(effect: Effect) -> Self {
        Self {
            effect,
            times: Some(1),
        }
    }
}

/// How often.
impl DeliveryFault {
    /// It happens this many times, then it is gone.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// It happens until [`Sandbox::clear_faults`](crate::Sandbox::clear_faults).
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    pub(super) fn for_delivery(&self) -> Option<&DeliveryEffect> {
        match &self.effect {
            Effect::Delivery(effect) => Some(effect),
            Effect::Attempt(_) => None,
        }
    }

    pub(super) fn for_attempt(&self) -> Option<&AttemptEffect> {
        match &self.effect {
            Effect::Attempt(effect) => Some(effect),
            Effect::Delivery(_) => None,
        }
    }
}

impl Scripted for DeliveryFault {
    fn times(&mut self) -> &mut Option<u64> {
        &mut self.times
    }
}
