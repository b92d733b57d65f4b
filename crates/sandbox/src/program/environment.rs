use std::path::Path;

use crate::Sandbox;
use serde_json::{Map, Value};

/// What makes a client talk to a sandbox.
pub(crate) struct Environment {
    variables: [(&'static str, String); 5],
    account_group_id: String,
}

impl Environment {
    pub(crate) fn new(sandbox: &Sandbox, url: &str, key_file: &Path) -> Result<Self, String> {
        let key_file = key_file.to_str().ok_or_else(|| {
            format!(
                "the path of the key file `{}` is not UTF-8",
                key_file.display()
            )
        })?;
        let variables = [
            ("UPVEST_BASE_URL", url),
            ("UPVEST_CLIENT_ID", sandbox.client_id()),
            ("UPVEST_CLIENT_SECRET", sandbox.client_secret()),
            ("UPVEST_KEY_ID", sandbox.key_id()),
            ("UPVEST_PRIVATE_KEY_FILE", key_file),
        ];
        Ok(Self {
            variables: variables.map(|(name, value)| (name, value.to_owned())),
            account_group_id: sandbox.account_group_id().to_string(),
        })
    }

    /// Lines for a POSIX shell.
    pub(crate) fn to_shell(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.variables {
            // Between single quotes, only the single quote is special.
            let quoted = value.replace('\'', r"'\''");
            text.push_str(&format!("export {name}='{quoted}'\n"));
        }
        text.push_str(&format!(
            "# Demo account group: {}\n",
            self.account_group_id
        ));
        text
    }

    /// One line with one JSON object.
    pub(crate) fn to_json(&self) -> String {
        format!("{}\n", Value::Object(self.object()))
    }

    /// The same with the private key itself: the file may be out of a client's reach.
    pub(crate) fn to_value(&self, sandbox: &Sandbox) -> Value {
        let mut object = self.object();
        let pem = sandbox.signing_key().to_pkcs8_pem();
        object.insert("private_key".to_owned(), pem.as_str().into());
        object.into()
    }

    fn object(&self) -> Map<String, Value> {
        let variables = self.variables.iter();
        variables
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .chain([(
                "account_group_id".to_owned(),
                self.account_group_id.as_str().into(),
            )])
            .collect()
    }
}
