use crate::faults::Scripted;
use crate::latch::{Latch, Waiter};

/// A scripted fault of a webhook delivery. It is given to
/// [`Sandbox::fail_delivery`](crate::Sandbox::fail_delivery).
///
/// Unless set, it happens once, with the next delivery to any subscription.
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
/// | [`duplicated`](Self::duplicated) | a delivery | it twice, although it accepted it |
/// | [`reordered`](Self::reordered) | a delivery | it after the one that follows it |
/// | [`late`](Self::late) | a delivery | it after all that come meanwhile |
/// | [`unknown_event`](Self::unknown_event), [`malformed_event`](Self::malformed_event) | a delivery | one event more |
/// | [`tampered`](Self::tampered) | an attempt | another body than was signed |
/// | [`wrong_key`](Self::wrong_key) | an attempt | a signature by another key |
/// | [`expired`](Self::expired) | an attempt | a signature of yesterday |
/// | [`oversized`](Self::oversized) | an attempt | a longer body |
///
/// An attempt that the receiver refuses is followed by another, which is correct unless a fault is
/// set for it too. So a fault never loses an event. The attempt that the receiver acknowledges is
/// the last one.
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
    /// Sends the delivery again after it was acknowledged, with a new signature.
    pub fn duplicated() -> Self {
        Self::of_delivery(DeliveryEffect::Duplicated)
    }

    /// Sends the delivery after the next delivery to the same subscription was acknowledged. It
    /// waits as long as there is no next delivery, and so does [`Sandbox::deliveries_done`].
    ///
    /// Events that wait at the same time go into one delivery: set `config.max_package_size` to 100
    /// to get a delivery for each event.
    ///
    /// [`Sandbox::deliveries_done`]: crate::Sandbox::deliveries_done
    pub fn reordered() -> Self {
        Self::of_delivery(DeliveryEffect::Reordered)
    }

    /// Holds the delivery at the latch, and sends it when the latch releases it. Other deliveries
    /// are not held.
    pub fn late(latch: &Latch) -> Self {
        Self::of_delivery(DeliveryEffect::Late(latch.waiter()))
    }

    /// Puts an event of an unknown type, `MOON.FULL`, before the events of the delivery.
    pub fn unknown_event() -> Self {
        Self::of_delivery(DeliveryEffect::UnknownEvent)
    }

    /// Puts a malformed event before the events of the delivery: a `CASH_BALANCE.UPDATED` whose
    /// balance is `true`.
    pub fn malformed_event() -> Self {
        Self::of_delivery(DeliveryEffect::MalformedEvent)
    }

    /// Changes one digit of the body after it was signed. The body is still JSON.
    pub fn tampered() -> Self {
        Self::of_attempt(AttemptEffect::Tampered)
    }

    /// Signs with a key that is not published, under the id of the published key.
    pub fn wrong_key() -> Self {
        Self::of_attempt(AttemptEffect::WrongKey)
    }

    /// Sends a signature that was made a day ago and was valid for a minute.
    pub fn expired() -> Self {
        Self::of_attempt(AttemptEffect::Expired)
    }

    /// Pads the body with spaces to this many bytes, and signs the padded body.
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
    /// Makes the fault happen this many times.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Makes the fault happen until [`Sandbox::clear_faults`](crate::Sandbox::clear_faults) is
    /// called.
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
