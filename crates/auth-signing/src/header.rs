//! Names of the header fields that carry identity, digest and signature.

use http::HeaderName;

/// `content-digest`: the digest of the body, RFC 9530 syntax, `sha-512` only.
pub const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// `signature`: a dictionary of signatures by label, RFC 9421 section 4.2.
pub const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// `signature-input`: a dictionary of covered components and parameters by label, RFC 9421
/// section 4.1.
pub const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");

/// `upvest-signature-version`: the version of the rules that the signature follows. The signature
/// never covers this header. The API judges a request without it by version 6.
pub const UPVEST_SIGNATURE_VERSION: HeaderName =
    HeaderName::from_static("upvest-signature-version");

/// `upvest-client-id`: the client (a UUID) on whose behalf a request is made.
pub const UPVEST_CLIENT_ID: HeaderName = HeaderName::from_static("upvest-client-id");

/// `digest`: the digest of the body in signatures of version 6, RFC 3230 syntax, `SHA-256` only.
pub const DIGEST: HeaderName = HeaderName::from_static("digest");
