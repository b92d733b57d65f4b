use upvest_auth_signing::{KeyAlgorithm, KeyError, SigningKey};
use upvest_models::{JsonWebKey, JsonWebKeyCurve, JsonWebKeyType};
use uuid::Uuid;

/// The key that vouches for webhooks.
pub(crate) struct WebhookKey {
    id: Uuid,
    key: SigningKey,
}

impl WebhookKey {
    pub(crate) fn generate() -> Result<Self, KeyError> {
        Ok(Self {
            id: Uuid::new_v4(),
            key: SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512)?,
        })
    }

    /// Its public half, as it is published.
    pub(crate) fn jwk(&self) -> JsonWebKey {
        let (x, y) = self.key.verifying_key().p521_coordinates().unzip();
        JsonWebKey {
            kid: Some(self.id),
            kty: Some(JsonWebKeyType::Ec),
            crv: Some(JsonWebKeyCurve::P521),
            x,
            y,
        }
    }
}
