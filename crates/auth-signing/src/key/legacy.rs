//! The encryption that OpenSSL applies to a PEM block itself: `Proc-Type: 4,ENCRYPTED`.
//!
//! The key comes from the passphrase by one round of MD5 (OpenSSL's `EVP_BytesToKey`), salted
//! with the start of the initialisation vector. It is weak, but it is what the key generation
//! command of the API's guide produces.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::KeyError;
use super::pem::Block;

const SALT_LENGTH: usize = 8;
const IV_LENGTH: usize = 16;

/// Whether the block is encrypted in this way.
pub(super) fn is_encrypted(block: &Block<'_>) -> bool {
    block
        .header("Proc-Type")
        .is_some_and(|value| value.ends_with("ENCRYPTED"))
}

/// The content of an encrypted block.
pub(super) fn decrypt(block: &Block<'_>, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let malformed = |what: &str| KeyError::Malformed {
        label: block.label.to_owned(),
        source: what.into(),
    };
    let (cipher, iv) = block
        .header("DEK-Info")
        .and_then(|value| value.split_once(','))
        .ok_or_else(|| malformed("the header `DEK-Info: <cipher>,<iv>` is missing"))?;
    let decrypt = match cipher.trim() {
        "AES-128-CBC" => decrypt_cbc::<Decryptor<Aes128>, 16>,
        "AES-192-CBC" => decrypt_cbc::<Decryptor<Aes192>, 24>,
        "AES-256-CBC" => decrypt_cbc::<Decryptor<Aes256>, 32>,
        other => {
            return Err(KeyError::UnsupportedEncryption {
                found: other.to_owned(),
                source: None,
            });
        }
    };
    let iv = decode_iv(iv.trim()).ok_or_else(|| {
        malformed("the initialisation vector in `DEK-Info` is not 32 hexadecimal digits")
    })?;
    decrypt(&block.der, passphrase.as_bytes(), &iv)
}

fn decrypt_cbc<D, const KEY_LENGTH: usize>(
    ciphertext: &[u8],
    passphrase: &[u8],
    iv: &[u8; IV_LENGTH],
) -> Result<Zeroizing<Vec<u8>>, KeyError>
where
    D: KeyIvInit + BlockModeDecrypt,
{
    let key = derive_key::<KEY_LENGTH>(passphrase, &iv[..SALT_LENGTH]);
    let decryptor = D::new_from_slices(&*key, iv).expect("key and vector have the cipher's length");
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    let length = decryptor
        .decrypt_padded::<Pkcs7>(&mut plaintext)
        .map_err(|error| KeyError::PassphraseWrong {
            source: error.to_string().into(),
        })?
        .len();
    plaintext.truncate(length);
    Ok(plaintext)
}

fn derive_key<const LENGTH: usize>(passphrase: &[u8], salt: &[u8]) -> Zeroizing<[u8; LENGTH]> {
    let mut key = Zeroizing::new([0; LENGTH]);
    let mut previous = Zeroizing::new(Vec::new());
    for part in key.chunks_mut(16) {
        let digest = Md5::new()
            .chain_update(&*previous)
            .chain_update(passphrase)
            .chain_update(salt)
            .finalize();
        *previous = digest.to_vec();
        part.copy_from_slice(&previous[..part.len()]);
    }
    key
}

fn decode_iv(hex: &str) -> Option<[u8; IV_LENGTH]> {
    let mut iv = [0; IV_LENGTH];
    if hex.len() != 2 * IV_LENGTH {
        return None;
    }
    for (byte, digits) in iv.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(iv)
}
