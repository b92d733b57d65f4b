use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::Semaphore;
use tracing::{Instrument, debug_span, field};

use super::breaker::Breaker;
use super::{RequestSigner, Signature, SignerError};
use crate::metrics::{Measured, Metrics};
use crate::{Clock, KeyAlgorithm, SystemClock, Timer, TokioTimer, VerifyingKey};

/// A [`RequestSigner`] within limits, for [`Signer::new`](crate::Signer::new). Clones share one
/// signer and its limits.
///
/// * Each signature has a [`timeout`](Self::timeout), waiting for its turn included.
/// * At most [`max_in_flight`](Self::max_in_flight) signatures are under way at a time.
/// * After three failures in a row to reach the signer, it is not asked for one second, and after
///   that pause it is asked for one signature. Every further failure doubles the pause, up to 30
///   seconds. During a pause, signatures fail at once.
/// * Each signature is checked with the public half of the key, if the signer knows it, so that a
///   signature by another key is not sent ([`check`](Self::check)).
///
/// No signature is asked for twice: whether a call is made again is up to its retry policy.
#[derive(Clone)]
pub struct RemoteSigner {
    signer: Arc<dyn RequestSigner>,
    public: Option<VerifyingKey>,
    checks: bool,
    timeout: Duration,
    limit: usize,
    in_flight: Arc<Semaphore>,
    breaker: Arc<Breaker>,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    metrics: Metrics,
}

impl RemoteSigner {
    /// Wraps this signer, with 5 seconds for each signature and at most 64 at a time.
    pub fn new(signer: impl RequestSigner + 'static) -> Self {
        let limit = 64;
        Self {
            public: signer.verifying_key(),
            signer: Arc::new(signer),
            checks: true,
            timeout: Duration::from_secs(5),
            limit,
            in_flight: Arc::new(Semaphore::new(limit)),
            breaker: Arc::default(),
            clock: Arc::new(SystemClock),
            timer: Arc::new(TokioTimer),
            metrics: Metrics::global(),
        }
    }

    /// How long one signature may take. The time limits of the call that needs it hold as well.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many signatures may be under way at a time; 0 is taken as 1. Others wait for their
    /// turn, within their timeout.
    pub fn max_in_flight(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, Semaphore::MAX_PERMITS);
        self.in_flight = Arc::new(Semaphore::new(self.limit));
        self
    }

    /// Whether signatures are checked with the public half of the key, if the signer knows it. On
    /// unless set.
    pub fn check(mut self, checks: bool) -> Self {
        self.checks = checks;
        self
    }

    /// The clock that pauses are measured with. [`SystemClock`] unless set.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// What timeouts are timed with. [`TokioTimer`] unless set.
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.timer = Arc::new(timer);
        self
    }

    /// The meter that makes the instruments. Unless set, it is the meter `upvest_auth_signing` of
    /// the provider that is global when this is made.
    #[cfg(feature = "otel")]
    pub fn meter(mut self, meter: &opentelemetry::metrics::Meter) -> Self {
        self.metrics = Metrics::of(meter);
        self
    }

    /// The name of the signer.
    pub fn name(&self) -> &str {
        self.signer.name()
    }

    /// The algorithm of the key.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.signer.algorithm()
    }

    /// The public half of the key, if the signer knows it.
    pub fn verifying_key(&self) -> Option<&VerifyingKey> {
        self.public.as_ref()
    }

    /// Signs a signature base.
    ///
    /// # Errors
    ///
    /// A [`SignerError`] that names the signer.
    pub async fn sign(&self, base: &[u8]) -> Result<Signature, SignerError> {
        let span = debug_span!(
            "sign",
            signer = self.name(),
            algorithm = %self.algorithm(),
            "error.type" = field::Empty
        );
        let told = span.clone();
        let record = |metrics: &Metrics, error: Option<&str>, seconds| {
            if let Some(error) = error {
                told.record("error.type", error);
            }
            metrics.remote(self.name(), error, seconds);
        };
        let measured = Measured::begin(&self.metrics, &self.clock, record);
        let signed = self.limited(base).instrument(span).await;
        measured.end(signed.as_ref().err().map(SignerError::kind));
        signed.map_err(|error| error.of(self.name()))
    }

    /// Signs within the limits.
    async fn limited(&self, base: &[u8]) -> Result<Signature, SignerError> {
        if let Some(pause) = self.breaker.pause(self.clock.now()) {
            return Err(SignerError::down(pause));
        }
        let mut limit = self.timer.sleep(self.timeout);
        let turn = match select(pin!(self.in_flight.acquire()), &mut limit).await {
            Either::Left((turn, _)) => turn,
            Either::Right(_) => return Err(SignerError::busy(self.limit, self.timeout)),
        };
        let admission = self.breaker.admit(self.clock.now());
        let admission = admission.map_err(SignerError::down)?;
        let signed = match select(self.signer.sign(base), limit).await {
            Either::Left((signed, _)) => signed,
            Either::Right(_) => Err(SignerError::timeout(self.timeout)),
        };
        drop(turn);
        let is_outage = signed.as_ref().is_err_and(SignerError::is_outage);
        self.breaker.settle(admission, !is_outage, self.clock.now());
        self.checked(base, signed?)
    }

    fn checked(&self, base: &[u8], signature: Signature) -> Result<Signature, SignerError> {
        if signature.algorithm() != self.algorithm() {
            return Err(SignerError::wrong_algorithm(signature.algorithm()));
        }
        if let Some(public) = self.public.as_ref().filter(|_| self.checks) {
            public
                .verify(base, signature.as_bytes())
                .map_err(|_| SignerError::wrong_key())?;
        }
        Ok(signature)
    }
}

impl fmt::Debug for RemoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSigner")
            .field("name", &self.name())
            .field("algorithm", &self.algorithm())
            .field("timeout", &self.timeout)
            .field("max_in_flight", &self.limit)
            .finish_non_exhaustive()
    }
}
