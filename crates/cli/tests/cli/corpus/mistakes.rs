//! The mistakes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use upvest_auth_signing::{KeyAlgorithm, SigningKey, content_digest, digest};

use super::{CREATED, Draft, Maker, header};

impl Maker {
    /// All of them: the id of the mistake, and the request.
    pub(crate) fn all(&self) -> Vec<(&'static str, String)> {
        [
            self.writing(),
            self.values(),
            self.bodies(),
            self.digests(),
            self.signatures(),
            self.coverage(),
        ]
        .concat()
    }

    fn writing(&self) -> Vec<(&'static str, String)> {
        let swapped = |base: String| {
            let (lines, params) = base
                .split_once("\"@signature-params\"")
                .expect("the last line");
            let mut lines: Vec<&str> = lines.lines().collect();
            lines.sort_unstable();
            format!("{}\n\"@signature-params\"{params}", lines.join("\n"))
        };
        let unquoted = |base: String| {
            let line = |line: &str| {
                let (name, value) = line.split_once(": ").expect("a line");
                format!("{}: {value}", name.trim_matches('"'))
            };
            base.lines().map(line).collect::<Vec<_>>().join("\n")
        };
        let cut = |base: String| {
            base.split("\n\"@signature-params\"")
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        vec![
            ("names-unquoted", self.with_base(unquoted)),
            ("trailing-newline", self.with_base(|base| base + "\n")),
            (
                "line-ends",
                self.with_base(|base| base.replace('\n', "\r\n")),
            ),
            ("params-missing", self.with_base(cut)),
            (
                "params-with-label",
                self.replaced("-params\": (", "-params\": sig1=("),
            ),
            (
                "params-respelled",
                self.with_base(|base| {
                    base.replace(";created", "; created")
                        .replace(";expires", "; expires")
                        .replace(";keyid", "; keyid")
                        .replace(";nonce", "; nonce")
                }),
            ),
            ("order", self.with_base(swapped)),
            (
                "version-missing",
                self.as_is(|draft| draft.remove("upvest-signature-version")),
            ),
        ]
    }

    fn values(&self) -> Vec<(&'static str, String)> {
        let path = "\"@path\": /orders/a%20b";
        vec![
            (
                "method-case",
                self.replaced("\"@method\": POST", "\"@method\": post"),
            ),
            (
                "path-decoded",
                self.replaced(path, "\"@path\": /orders/a b"),
            ),
            (
                "path-with-query",
                self.replaced(path, &format!("{path}?limit=5&dry=true")),
            ),
            (
                "path-whole-address",
                self.replaced(path, "\"@path\": https://sandbox.upvest.co/orders/a%20b"),
            ),
            (
                "path-prefix",
                self.changed_later(|draft| draft.target = "/gateway/orders/a%20b?limit=5&dry=true"),
            ),
            ("path-slash", self.replaced(path, &format!("{path}/"))),
            ("query-form", self.replaced("\"@query\": ?", "\"@query\": ")),
            (
                "query-order",
                self.replaced("?limit=5&dry=true", "?dry=true&limit=5"),
            ),
            (
                "content-type-charset",
                self.changed_later(|draft| {
                    draft.set("content-type", "application/json; charset=utf-8")
                }),
            ),
            ("authorization-form", self.replaced("Bearer ", "")),
            (
                "accept-changed",
                self.changed_later(|draft| draft.set("accept", "*/*")),
            ),
        ]
    }

    fn bodies(&self) -> Vec<(&'static str, String)> {
        let characters = |draft: &mut Draft| {
            let count = draft.body.chars().count().to_string();
            draft.set("content-length", &count);
        };
        let python = |body: &str| body.replace("\":", "\": ").replace(",\"", ", \"");
        vec![
            (
                "body-changed",
                self.changed_later(|draft| draft.body = draft.body.replace("BUY", "SEL")),
            ),
            (
                "body-rewritten",
                self.with_digest(|body| content_digest(python(body).as_bytes())),
            ),
            (
                "body-newline",
                self.with_digest(|body| content_digest(format!("{body}\n").as_bytes())),
            ),
            ("body-lost", self.changed_later(|draft| draft.body.clear())),
            ("length-in-characters", self.as_is(characters)),
        ]
    }

    fn digests(&self) -> Vec<(&'static str, String)> {
        vec![
            ("digest-of-empty", self.with_digest(|_| content_digest(b""))),
            (
                "digest-algorithm",
                self.with_digest(|body| {
                    format!(
                        "sha-256=:{}:",
                        digest(body.as_bytes()).trim_start_matches("SHA-256=")
                    )
                }),
            ),
            (
                "digest-form",
                self.with_digest(|body| {
                    content_digest(body.as_bytes())
                        .replace("sha-512=:", "SHA-512=")
                        .trim_end_matches(':')
                        .to_owned()
                }),
            ),
            (
                "digest-hex",
                self.with_digest(|body| {
                    let bytes = STANDARD
                        .decode(
                            content_digest(body.as_bytes())
                                .split(':')
                                .nth(1)
                                .expect("base64"),
                        )
                        .expect("base64");
                    format!(
                        "sha-512=:{}:",
                        bytes
                            .iter()
                            .map(|byte| format!("{byte:02x}"))
                            .collect::<String>()
                    )
                }),
            ),
        ]
    }

    fn signatures(&self) -> Vec<(&'static str, String)> {
        let other = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("generates");
        let draft = Draft::new();
        let hash = content_digest(draft.base().as_bytes());
        let hash = STANDARD
            .decode(hash.split(':').nth(1).expect("base64"))
            .expect("base64");
        // 2 * 33 bytes of a key on P-256, as DER.
        let p256 = [&[0x30, 0x44, 2, 0x20][..], &[7; 32], &[2, 0x20], &[9; 32]].concat();
        vec![
            (
                "fixed-width",
                self.with_header(|signature| header(&halves(&signature))),
            ),
            (
                "base64-twice",
                self.with_header(|signature| header(STANDARD.encode(signature).as_bytes())),
            ),
            ("base64", draft.text(&url_safe(&self.0, &draft.base()))),
            (
                "colons",
                self.with_header(|signature| {
                    format!("signature: sig1={}\r\n", STANDARD.encode(signature))
                }),
            ),
            (
                "label",
                self.with_header(|signature| header(&signature).replace("sig1", "sig2")),
            ),
            ("header-missing", draft.text("")),
            (
                "hashed-twice",
                draft.text(&header(&self.0.sign(&hash).expect("signs"))),
            ),
            ("other-key", draft.text(&Maker(other).sign(&draft.base()))),
            ("curve", draft.text(&header(&p256))),
            (
                "milliseconds",
                self.as_is(|draft| {
                    draft.created = format!("{CREATED}000");
                    draft.expires = format!("{CREATED}999");
                }),
            ),
            (
                "lifetime",
                self.as_is(|draft| draft.expires = (CREATED + 3600).to_string()),
            ),
        ]
    }

    fn coverage(&self) -> Vec<(&'static str, String)> {
        let without = |component| {
            let draft = Draft::new().without(component);
            draft.text(&self.sign(&draft.base()))
        };
        vec![
            ("authorization-not-covered", without("authorization")),
            ("digest-not-covered", without("content-digest")),
            ("query-not-covered", without("@query")),
            (
                "query-covered-but-absent",
                self.as_is(|draft| draft.target = "/orders/a%20b"),
            ),
            (
                "covered-but-absent",
                self.changed_later(|draft| draft.remove("accept")),
            ),
            (
                "digest-header",
                self.as_is(|draft| {
                    let value = digest(draft.body.as_bytes());
                    draft.remove("content-digest");
                    draft.set("digest", &value);
                    draft.components = draft
                        .components
                        .iter()
                        .map(|one| {
                            if *one == "content-digest" {
                                "digest"
                            } else {
                                *one
                            }
                        })
                        .collect();
                }),
            ),
        ]
    }
}

/// A signature with a character in it that only the alphabet for URLs has.
fn url_safe(key: &SigningKey, base: &str) -> String {
    loop {
        let text = URL_SAFE.encode(key.sign(base.as_bytes()).expect("signs"));
        if text.contains(['-', '_']) {
            return format!("signature: sig1=:{text}:\r\n");
        }
    }
}

/// r and s of a signature in DER, 66 bytes each.
fn halves(der: &[u8]) -> Vec<u8> {
    // 0x30, the length in two bytes, then 0x02, the length, and the number, twice.
    let body = &der[3..];
    let number = |from: &[u8]| {
        let length = usize::from(from[1]);
        let value = &from[2..2 + length];
        let value: Vec<u8> = value
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect();
        ([vec![0; 66 - value.len()], value].concat(), 2 + length)
    };
    let (r, end) = number(body);
    let (s, _) = number(&body[end..]);
    [r, s].concat()
}
