//! From a document to a key pair.

use super::form::{DER_DOCUMENT, Form};
use super::pair::KeyPair;
use super::{KeyError, error, legacy, pbes2, pem, pkcs8, sec1};

/// The first private key of a PEM text.
pub(super) fn from_pem(text: &str, passphrase: Option<&str>) -> Result<KeyPair, KeyError> {
    let blocks = pem::parse(text)?;
    let block = pem::choose(&blocks, |label| label.ends_with(pem::PKCS8));
    let form = Form::of_label(block.label)?;
    if matches!(form, Form::Sec1) && legacy::is_encrypted(block) {
        let document = legacy::decrypt(block, passphrase)?;
        return sec1::decode(&document, &block.name())
            .and_then(KeyPair::from_numbers)
            .map_err(error::wrong_passphrase);
    }
    decode(&block.decode()?, form, passphrase, &block.name())
}

/// The private key in a DER document.
pub(super) fn from_der(document: &[u8], passphrase: Option<&str>) -> Result<KeyPair, KeyError> {
    decode(document, Form::of_der(document)?, passphrase, DER_DOCUMENT)
}

fn decode(
    document: &[u8],
    form: Form,
    passphrase: Option<&str>,
    what: &str,
) -> Result<KeyPair, KeyError> {
    match form {
        Form::Sec1 => sec1::decode(document, what).and_then(KeyPair::from_numbers),
        Form::Pkcs8 => pkcs8::decode(document, what),
        Form::EncryptedPkcs8 => {
            let document = pbes2::decrypt(document, passphrase, what)?;
            pkcs8::decode(&document, what).map_err(error::wrong_passphrase)
        }
        Form::Spki => Err(KeyError::PublicKey),
    }
}
