//! Block ciphers in CBC mode with the padding of PKCS#7.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cbc::{Decryptor, Encryptor};
use des::TdesEde3;
use zeroize::Zeroizing;

#[derive(Clone, Copy)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    DesEde3,
}

impl Cipher {
    /// In bytes.
    pub(super) const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::DesEde3 => 24,
            Self::Aes256 => 32,
        }
    }

    /// In bytes. The initialisation vector is as long.
    pub(super) const fn block_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::DesEde3 => 8,
        }
    }

    /// Whether encrypted data can have this length, in bytes.
    pub(super) fn fits(self, length: usize) -> bool {
        length > 0 && length.is_multiple_of(self.block_length())
    }

    /// The plaintext, or `None` when the padding is wrong.
    ///
    /// # Panics
    ///
    /// When key or vector have another length than the cipher asks for.
    pub(super) fn decrypt(
        self,
        key: &[u8],
        iv: &[u8],
        ciphertext: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Aes128 => decrypt::<Decryptor<Aes128>>(key, iv, ciphertext),
            Self::Aes192 => decrypt::<Decryptor<Aes192>>(key, iv, ciphertext),
            Self::Aes256 => decrypt::<Decryptor<Aes256>>(key, iv, ciphertext),
            Self::DesEde3 => decrypt::<Decryptor<TdesEde3>>(key, iv, ciphertext),
        }
    }
}

/// What AES-256-CBC makes of a plaintext.
pub(super) fn encrypt_aes256(key: &[u8; 32], iv: &[u8; 16], plaintext: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; (plaintext.len() / iv.len() + 1) * iv.len()];
    buffer[..plaintext.len()].copy_from_slice(plaintext);
    Encryptor::<Aes256>::new(key.into(), iv.into())
        .encrypt_padded::<Pkcs7>(&mut buffer, plaintext.len())
        .expect("there is room for the padding");
    buffer
}

fn decrypt<D: KeyIvInit + BlockModeDecrypt>(
    key: &[u8],
    iv: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let decryptor = D::new_from_slices(key, iv).expect("key and vector have the cipher's length");
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    let length = decryptor
        .decrypt_padded::<Pkcs7>(&mut plaintext)
        .ok()?
        .len();
    plaintext.truncate(length);
    Some(plaintext)
}
