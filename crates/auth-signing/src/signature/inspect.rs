//! What a verifier checks, and in which order: the head of a request first, its key and body last.

use http::uri::{PathAndQuery, Uri};

use super::base::{field_value, query};
use super::coverage::{declares_body, expect_covered, is_about_body, is_digest};
use super::input::{self, SignatureInput};
use super::{Message, SignatureVersion, Unverified, Verified, Verifier, VerifyError};
use crate::header::{SIGNATURE, SIGNATURE_INPUT, UPVEST_SIGNATURE_VERSION};

impl Verifier {
    /// Checks a request with its body bytes as received: a `&Request`, or a [`Message`] of its parts.
    ///
    /// A signature must cover `@method`, `@path`, `@query` when there is a query, and
    /// `content-length`, `content-type` and the digest when there is a body, and the components
    /// that [`require`](Self::require) adds, unless [`required`](Self::required) says otherwise.
    /// All four parameters `keyid`, `created`, `expires` and `nonce` must be there.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`]: the first reason found to refuse the request.
    pub fn verify<'a>(&self, message: impl Into<Message<'a>>) -> Result<Verified, VerifyError> {
        self.verify_requiring(message, &[])
    }

    /// Like [`verify`](Self::verify), for a request whose signature must cover `components` too:
    /// `authorization`, say, for everything but the token request.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`]: the first reason found to refuse the request.
    pub fn verify_requiring<'a>(
        &self,
        message: impl Into<Message<'a>>,
        components: &[&str],
    ) -> Result<Verified, VerifyError> {
        let unverified = self.inspect_requiring(message.into(), components)?;
        let key = self.keys.key(unverified.key_id());
        let key = key.ok_or_else(|| VerifyError::UnknownKey {
            key_id: unverified.key_id().to_owned(),
        })?;
        unverified.verify(&key)
    }

    /// Checks everything that does not need the key: that the headers are well-formed, that the
    /// signature covers what it must, and its time. It is for keys that are fetched, and for
    /// servers that look at the head of a request before they read its body: see [`Unverified`].
    ///
    /// It does not use up the nonce, so a request can be inspected any number of times.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`]: the first reason found to refuse the request.
    pub fn inspect<'a>(
        &'a self,
        message: impl Into<Message<'a>>,
    ) -> Result<Unverified<'a>, VerifyError> {
        self.inspect_requiring(message.into(), &[])
    }

    fn inspect_requiring<'a>(
        &'a self,
        message: Message<'a>,
        components: &[&str],
    ) -> Result<Unverified<'a>, VerifyError> {
        let (headers, body) = (message.headers, message.body);
        let uri = self.path.as_ref().map(|path| with_path(message.uri, path));
        let uri = uri.as_ref().unwrap_or(message.uri);
        let message = Message { uri, ..message };
        let version = self.version_of(message)?;
        let header = |name| input::value(headers, name, &self.limits);
        let input = header(SIGNATURE_INPUT)?;
        let input = SignatureInput::parse(&input, &self.label, &self.limits)?;
        let signature = input::signature(&header(SIGNATURE)?, &self.label, &self.limits)?;

        self.expect_parameters(&input)?;
        self.expect_components(message, &input, components)?;
        if !body.is_empty() || declares_body(headers) {
            self.expect_body_covered(version, |name| input.covers(name))?;
        }
        let now = self.clock.now();
        let last_moment = self.expect_timely(&input, now)?;
        let (base, places) = input.base(message, version)?;
        Ok(Unverified {
            verifier: self,
            headers,
            body,
            algorithm: input.algorithm,
            signature,
            now,
            last_moment,
            unproven: Verified {
                version,
                key_id: input.key_id,
                created: input.created,
                expires: input.expires,
                nonce: input.nonce,
                base,
                places,
            },
        })
    }

    fn version_of(&self, message: Message<'_>) -> Result<SignatureVersion, VerifyError> {
        SignatureVersion::of(message.headers)
            .filter(|version| self.versions.contains(version))
            .ok_or_else(|| VerifyError::Version {
                found: field_value(message.headers, &UPVEST_SIGNATURE_VERSION)
                    .map(|found| String::from_utf8_lossy(&found).into_owned()),
                accepted: self.versions.clone(),
            })
    }

    fn expect_parameters(&self, input: &SignatureInput<'_>) -> Result<(), VerifyError> {
        let missing = |name| Err(VerifyError::MissingParameter { name });
        if self.assumed_lifetime.is_none() && input.expires.is_none() {
            return missing("expires");
        }
        if self.nonces.is_some() && input.nonce.is_none() {
            return missing("nonce");
        }
        Ok(())
    }

    fn expect_components(
        &self,
        message: Message<'_>,
        input: &SignatureInput<'_>,
        more: &[&str],
    ) -> Result<(), VerifyError> {
        let applies = |name: &&str| match *name {
            "@query" => query(message.uri).is_some(),
            name => !is_about_body(name),
        };
        let required = self.required.iter().map(String::as_str).filter(applies);
        let required = required.chain(more.iter().copied());
        expect_covered(required, |name| input.covers(name))
    }

    /// What only a request with a body has to cover.
    pub(super) fn expect_body_covered(
        &self,
        version: SignatureVersion,
        covers: impl Fn(&str) -> bool,
    ) -> Result<(), VerifyError> {
        let digest = version.digest_header();
        let required = self.required.iter().map(String::as_str);
        let required = required.filter(|name| is_about_body(name) && !is_digest(name));
        expect_covered(required.chain([digest.as_str()]), covers)
    }
}

/// The URI with another path and its own query.
fn with_path(uri: &Uri, path: &PathAndQuery) -> Uri {
    let text = match uri.query() {
        Some(query) => format!("{}?{query}", path.path()),
        None => path.path().to_owned(),
    };
    // Both parts come from a valid URI.
    text.parse().unwrap_or_else(|_| uri.clone())
}
