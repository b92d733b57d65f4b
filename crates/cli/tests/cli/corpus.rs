//! Requests that are signed wrongly, as people do it, each with the mistake that was made.

mod mistakes;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use upvest_auth_signing::{SigningKey, content_digest};

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
}
