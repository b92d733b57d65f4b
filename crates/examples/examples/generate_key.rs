//! Makes a P-521 key, writes the private half encrypted to a new file, and prints the public half
//! in the form in which it is registered with Upvest:
//!
//! ```sh
//! export UPVEST_PRIVATE_KEY_PASSPHRASE=...
//! cargo run -p upvest-examples --example generate_key key.pem
//! ```

use std::error::Error;

use upvest::{KeyAlgorithm, SigningKey};
use zeroize::Zeroizing;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os()
        .nth(1)
        .ok_or("name the file to write the private key to")?;
    let passphrase = Zeroizing::new(std::env::var("UPVEST_PRIVATE_KEY_PASSPHRASE")?);
    eprintln!("Encrypting the key: without optimisation, that takes some 10 seconds.");
    let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512)?;
    key.write_encrypted_pem_file(path, &passphrase)?;
    print!("{}", key.verifying_key().to_pem());
    Ok(())
}
