//! Calls of operations that are chosen at run time.

use bytes::Bytes;
use serde_json::Value;
use upvest_models::Given;

use super::call::{Call, Operation};
use super::{Client, Error, File, OperationInfo, Response, exchange};

impl Client {
    /// Makes a call of any operation, such as one of [`OPERATIONS`](crate::OPERATIONS), with
    /// arguments as text and JSON. It is for programs that choose the operation at run time. All
    /// others use the method of the operation, whose arguments have types.
    pub fn call_operation(&self, operation: &'static OperationInfo) -> OperationCall {
        OperationCall(Call::new(self, operation))
    }
}

/// A call of an operation that was chosen at run time: see [`Client::call_operation`]. The body is
/// not checked against the description: the API does that.
///
/// ```
/// # async fn example(client: upvest_client::Client) -> Result<(), upvest_client::Error> {
/// use upvest_client::operations::RETRIEVE_WEBHOOK;
///
/// let call = client.call_operation(&RETRIEVE_WEBHOOK);
/// let call = call.path("webhook_id", "d0fc0305-97b7-4e3b-bddf-66d3c434898c");
/// println!("{} bytes of JSON", call.send().await?.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is called before `send`"]
pub struct OperationCall(Call);

impl OperationCall {
    /// Puts an argument into the path.
    pub fn path(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.path::<String, Given>(name, value.into());
        self
    }

    /// Puts an argument into the query: once for each value.
    pub fn query(mut self, name: &'static str, values: Vec<String>) -> Self {
        self.0.query::<Vec<String>, Given>(name, values);
        self
    }

    /// Puts an argument into the query once, with commas between the values.
    pub fn query_joined(mut self, name: &'static str, values: Vec<String>) -> Self {
        self.0.query_joined::<Vec<String>, Given>(name, values);
        self
    }

    /// Puts an argument into a header, such as `idempotency-key`.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.header::<String, Given>(name, value.into());
        self
    }

    /// Sends a body as JSON.
    pub fn json(mut self, body: Value) -> Self {
        self.0.json::<Value>(body);
        self
    }

    /// Sends the fields of an object as a form. A value that is not an object cannot be sent.
    pub fn form(mut self, fields: Value) -> Self {
        self.0.form::<Value>(fields);
        self
    }

    /// Sends the call, and asks for JSON. It returns the bytes of the answer, which may be empty,
    /// without reading them.
    ///
    /// # Errors
    /// When an argument of the path is missing or cannot be sent, when the API cannot be reached,
    /// and when it answers with anything but success.
    pub async fn send(self) -> Result<Response<Bytes>, Error> {
        let call = self.complete()?;
        exchange::whole(call, "application/json", |body| Ok(body.clone())).await
    }

    /// Sends the call, asks for an answer of a media type such as `application/pdf`, and returns
    /// the answer while it arrives.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_for_file(self, accept: &'static str) -> Result<Response<File>, Error> {
        exchange::file(self.complete()?, accept).await
    }

    /// The call, if no argument of its path is missing.
    fn complete(self) -> Result<Call, Error> {
        let (_, operation, _) = self.0.parts();
        if let Some(name) = self.0.open_place() {
            let message = format!("the path argument `{name}` is missing");
            return Err(Error::invalid_request(message).of(operation));
        }
        Ok(self.0)
    }
}

impl Operation for OperationCall {
    fn call(&mut self) -> &mut Call {
        &mut self.0
    }
}
