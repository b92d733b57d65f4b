//! The encryption that OpenSSL applies to a PEM block itself: `Proc-Type: 4,ENCRYPTED`.
//!
//! The key comes from the passphrase by one round of MD5 (OpenSSL's `EVP_BytesToKey`), salted
//! with the start of the initialisation vector. It is weak, but it is what the key generation
//! command of the API's guide produces.

use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::pem::Block;
use super::{KeyError, check, error};

const SALT_LENGTH: usize = 8;
const DIGEST_LENGTH: usize = 16;

/// Whether the block is encrypted in this way.
pub(super) fn is_encrypted(block: &Block<'_>) -> bool {
    block
        .header("Proc-Type")
        .is_some_and(|value| value.ends_with("ENCRYPTED"))
}

/// The content of an encrypted block.
pub(super) fn decrypt(
    block: &Block<'_>,
    passphrase: Option<&str>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (name, iv) = block
        .header("DEK-Info")
        .and_then(|value| value.split_once(','))
        .ok_or_else(|| block.malformed("the header `DEK-Info: <cipher>,<iv>` is missing"))?;
    let cipher = match name.trim() {
        "AES-128-CBC" => Cipher::Aes128,
        "AES-192-CBC" => Cipher::Aes192,
        "AES-256-CBC" => Cipher::Aes256,
        "DES-EDE3-CBC" => Cipher::DesEde3,
        other => {
            return Err(KeyError::UnsupportedEncryption {
                found: other.to_owned(),
            });
        }
    };
    let iv = decode_hex(iv.trim())
        .filter(|iv| iv.len() == cipher.block_length())
        .ok_or_else(|| {
            block.malformed(format!(
                "the initialisation vector in `DEK-Info` is not {} hexadecimal digits",
                2 * cipher.block_length()
            ))
        })?;
    let ciphertext = block.decode()?;
    if !cipher.fits(ciphertext.len()) {
        return Err(block.malformed(check::NOT_WHOLE_BLOCKS));
    }
    let key = derive_key(
        check::passphrase(passphrase)?.as_bytes(),
        &iv[..SALT_LENGTH],
        cipher.key_length(),
    );
    cipher
        .decrypt(&key, &iv, &ciphertext)
        .ok_or_else(error::wrong_padding)
}

fn derive_key(passphrase: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(vec![0; length]);
    let mut digest = Zeroizing::new([0; DIGEST_LENGTH]);
    for (round, part) in key.chunks_mut(DIGEST_LENGTH).enumerate() {
        let mut hash = Md5::new();
        if round > 0 {
            hash.update(digest.as_slice());
        }
        hash.update(passphrase);
        hash.update(salt);
        hash.finalize_into((&mut *digest).into());
        part.copy_from_slice(&digest[..part.len()]);
    }
    key
}

fn decode_hex(digits: &str) -> Option<Vec<u8>> {
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
            }
            _ => None,
        })
        .collect()
}
