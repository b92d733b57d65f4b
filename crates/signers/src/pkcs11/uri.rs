//! PKCS#11 URIs (RFC 7512).

use percent_encoding::percent_decode_str;

use super::{Pkcs11Options, Pkcs11Signer};
use crate::{OpenError, Secret};

impl Pkcs11Options {
    /// What a URI says behind `pkcs11:`.
    pub(crate) fn from_uri(rest: &str) -> Result<Self, OpenError> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let attributes = path.split(';').chain(query.split('&'));
        let mut options = Pkcs11Signer::module("").pin(Secret::env("UPVEST_SIGNER_PIN"));
        for attribute in attributes.filter(|attribute| !attribute.is_empty()) {
            options = options.attribute(attribute)?;
        }
        if options.module.as_os_str().is_empty() {
            return Err(OpenError::new("the PKCS#11 URI has no `module-path`"));
        }
        Ok(options)
    }

    fn attribute(mut self, attribute: &str) -> Result<Self, OpenError> {
        let wrong = |name: &str, expected: &str| {
            OpenError::new(format!("`{name}` of the PKCS#11 URI is not {expected}"))
        };
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let bytes: Vec<u8> = percent_decode_str(value).collect();
        if name == "id" {
            return Ok(self.key_id(bytes));
        }
        let text = String::from_utf8(bytes).map_err(|_| wrong(name, "UTF-8"))?;
        Ok(match name {
            "token" => self.token_label(text),
            "object" => self.key_label(text),
            "slot-id" => self.slot(text.parse().map_err(|_| wrong(name, "a number"))?),
            "module-path" => {
                self.module = text.into();
                self
            }
            "pin-source" => {
                let path = text.strip_prefix("file:").unwrap_or(&text);
                self.pin(Secret::file(path.strip_prefix("//").unwrap_or(path)))
            }
            "type" if text == "private" => self,
            other => {
                return Err(OpenError::new(format!(
                    "`{}` of the PKCS#11 URI is not understood: expected token, slot-id, object, \
                     id, module-path or pin-source",
                    other.escape_debug()
                )));
            }
        })
    }
}
