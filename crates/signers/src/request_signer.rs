//! What the signers have in common.

/// Makes a [`RequestSigner`](upvest_auth_signing::RequestSigner) of a type with a `name`, the `public` half
/// of its key, and a method `signed`, which signs a signature base.
macro_rules! request_signer {
    ($signer:ident) => {
        impl upvest_auth_signing::RequestSigner for $signer {
            fn name(&self) -> &str {
                &self.name
            }

            fn algorithm(&self) -> upvest_auth_signing::KeyAlgorithm {
                self.public.algorithm()
            }

            fn verifying_key(&self) -> Option<upvest_auth_signing::VerifyingKey> {
                Some(self.public.clone())
            }

            fn sign<'a>(
                &'a self,
                base: &'a [u8],
            ) -> futures_util::future::BoxFuture<
                'a,
                Result<upvest_auth_signing::Signature, upvest_auth_signing::SignerError>,
            > {
                Box::pin(self.signed(base))
            }
        }

        impl std::fmt::Debug for $signer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($signer))
                    .field("name", &self.name)
                    .field("algorithm", &self.public.algorithm())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use request_signer;
