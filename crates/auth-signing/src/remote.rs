//! Remote keys: in an HSM, an agent or a key service.

mod breaker;
mod error;
mod request_signer;
mod signature;
mod signer;

pub use error::SignerError;
pub use request_signer::RequestSigner;
pub use signature::{Signature, SignatureFormError};
pub use signer::RemoteSigner;
