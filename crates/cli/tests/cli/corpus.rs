//! Requests that are signed wrongly, as people do it, each with the mistake that was made.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use upvest_auth_signing::{KeyAlgorithm, SigningKey, content_digest, digest};

/// When all of them are signed.
pub(crate) const CREATED: i64 = 1_633_529_659;

/// What must never show.
pub(crate) const TOKEN: &str = "ory_at_do-not-show-this";

/// A request in the making, with the signature that it is to have.
pub(crate) struct Draft {
    pub(crate) method: &'static str,
    pub(crate) target: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) components: Vec<&'static str>,
    pub(crate) created: String,
    pub(crate) expires: String,
}

impl Draft {
    /// One that nothing is wrong with.
    pub(crate) fn new() -> Self {
        let body = r#"{"side":"BUY","note":"Grüße"}"#.to_owned();
        let mut draft = Self {
            method: "POST",
            target: "/orders/a%20b?limit=5&dry=true",
            headers: Vec::new(),
            body,
            components: vec![
                "@method",
                "@path",
                "@query",
                "accept",
                "authorization",
                "content-length",
                "content-type",
                "content-digest",
                "upvest-client-id",
            ],
            created: CREATED.to_string(),
            expires: (CREATED + 30).to_string(),
        };
        draft.set("host", "sandbox.upvest.co");
        draft.set("accept", "application/json");
        draft.set("authorization", &format!("Bearer {TOKEN}"));
        draft.set("content-type", "application/json");
        draft.set("content-length", &draft.body.len().to_string());
        draft.set("content-digest", &content_digest(draft.body.as_bytes()));
        draft.set("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40");
        draft.set("upvest-signature-version", "15");
        draft
    }

    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.remove(name);
        self.headers.push((name, value.to_owned()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.headers.retain(|(one, _)| *one != name);
    }

    pub(crate) fn without(mut self, component: &str) -> Self {
        self.components.retain(|one| *one != component);
        self
    }

    fn value(&self, component: &str) -> String {
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        match component {
            "@method" => self.method.to_owned(),
            "@path" => path.to_owned(),
            "@query" => format!("?{query}"),
            name => {
                let mut headers = self.headers.iter();
                headers
                    .find(|(one, _)| *one == name)
                    .map(|(_, value)| value.clone())
                    .unwrap_or_default()
            }
        }
    }

    pub(crate) fn params(&self) -> String {
        let quoted: Vec<String> = self
            .components
            .iter()
            .map(|one| format!("\"{one}\""))
            .collect();
        let (created, expires) = (&self.created, &self.expires);
        format!(
            "({});keyid=\"8d4997a8-cf7a-4e51-adbb-401656a3e5c2\";created={created};expires={expires};nonce=\"o085M4cMgpbicuOL\"",
            quoted.join(" ")
        )
    }

    /// The signature base as it has to be.
    pub(crate) fn base(&self) -> String {
        let line = |name: &&str| format!("\"{name}\": {}\n", self.value(name));
        let lines: String = self.components.iter().map(line).collect();
        format!("{lines}\"@signature-params\": {}", self.params())
    }

    /// HTTP text, with these signature headers.
    pub(crate) fn text(&self, signature: &str) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!(
            "signature-input: sig1={}\r\n{signature}\r\n{}",
            self.params(),
            self.body
        ));
        text
    }
}

/// The header of a signature.
pub(crate) fn header(signature: &[u8]) -> String {
    format!("signature: sig1=:{}:\r\n", STANDARD.encode(signature))
}

/// The key that signs, and how mistakes are made with it.
pub(crate) struct Maker(pub(crate) SigningKey);

impl Maker {
    pub(crate) fn sign(&self, base: &str) -> String {
        header(&self.0.sign(base.as_bytes()).expect("signs"))
    }

    /// A request that is signed as it is.
    fn as_is(&self, change: impl FnOnce(&mut Draft)) -> String {
        let mut draft = Draft::new();
        change(&mut draft);
        draft.text(&self.sign(&draft.base()))
    }

    /// A good request, the base of which was something else.
    fn with_base(&self, change: impl FnOnce(String) -> String) -> String {
        let draft = Draft::new();
        draft.text(&self.sign(&change(draft.base())))
    }

    fn replaced(&self, from: &str, to: &str) -> String {
        self.with_base(|base| {
            assert!(base.contains(from), "{from} is not in {base}");
            base.replace(from, to)
        })
    }

    /// A good request that was changed after it was signed.
    fn changed_later(&self, change: impl FnOnce(&mut Draft)) -> String {
        let mut draft = Draft::new();
        let signature = self.sign(&draft.base());
        change(&mut draft);
        draft.text(&signature)
    }

    /// A good request with another signature header.
    fn with_header(&self, change: impl Fn(Vec<u8>) -> String) -> String {
        let draft = Draft::new();
        draft.text(&change(
            self.0.sign(draft.base().as_bytes()).expect("signs"),
        ))
    }

    /// The digest of a good request is written in another way, and signed.
    fn with_digest(&self, write: impl FnOnce(&str) -> String) -> String {
        self.as_is(|draft| {
            let digest = write(&draft.body);
            draft.set("content-digest", &digest);
        })
    }

    /// All of them: the id of the mistake, and the request.
    pub(crate) fn all(&self) -> Vec<(&'static str, String)> {
        [
            self.writing(),
            self.values(),
            self.bodies(),
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
            ("length-in-characters", self.as_is(characters)),
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
