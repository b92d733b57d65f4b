//! The two requests of the agent protocol (draft-miller-ssh-agent, section 3) that signing needs.

use std::io;
use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use upvest_auth_signing::SignerError;

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// The longest message that OpenSSH accepts.
const MAX_MESSAGE: usize = 256 * 1024;

/// A key of an agent.
pub(super) struct Identity {
    pub(super) key: Vec<u8>,
    pub(super) comment: Vec<u8>,
}

/// The keys of the agent.
pub(super) async fn identities(socket: &Path) -> io::Result<Vec<Identity>> {
    let answer = ask(socket, &[REQUEST_IDENTITIES]).await?;
    let invalid = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "the answer is not a list of keys",
        )
    };
    let mut reader = Reader::new(&answer);
    if reader.byte() != Some(IDENTITIES_ANSWER) {
        return Err(invalid());
    }
    let count = reader.number().ok_or_else(invalid)?;
    let mut identities = Vec::new();
    for _ in 0..count {
        let key = reader.string().ok_or_else(invalid)?.to_vec();
        let comment = reader.string().ok_or_else(invalid)?.to_vec();
        identities.push(Identity { key, comment });
    }
    if !reader.is_at_end() {
        return Err(invalid());
    }
    Ok(identities)
}

/// The agent's signature over this data: a kind and its bytes.
pub(super) async fn sign(socket: &Path, key: &[u8], data: &[u8]) -> Result<Vec<u8>, SignerError> {
    let mut request = vec![SIGN_REQUEST];
    for string in [key, data] {
        let length = u32::try_from(string.len()).map_err(SignerError::failed)?;
        request.extend(length.to_be_bytes());
        request.extend_from_slice(string);
    }
    // Flags are for RSA.
    request.extend([0; 4]);
    let answer = ask(socket, &request)
        .await
        .map_err(SignerError::unavailable)?;
    let mut reader = Reader::new(&answer);
    match reader.byte() {
        Some(SIGN_RESPONSE) => reader
            .string()
            .filter(|_| reader.is_at_end())
            .map(<[u8]>::to_vec)
            .ok_or_else(|| SignerError::failed("the answer is not an SSH signature")),
        Some(FAILURE) => Err(SignerError::failed(
            "the agent refuses to sign: is the key still there, the agent unlocked, and the use \
             of the key confirmed?",
        )),
        _ => Err(SignerError::failed("the answer is not an SSH signature")),
    }
}

/// One request on a separate connection.
async fn ask(socket: &Path, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket).await?;
    let length = u32::try_from(request.len()).map_err(io::Error::other)?;
    stream
        .write_all(&[&length.to_be_bytes(), request].concat())
        .await?;
    let length = stream.read_u32().await?;
    let length = usize::try_from(length).map_err(io::Error::other)?;
    if length > MAX_MESSAGE {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the answer has {length} bytes, but at most {MAX_MESSAGE} are read"),
        ));
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// Reads the data types of SSH (RFC 4251 section 5).
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}
