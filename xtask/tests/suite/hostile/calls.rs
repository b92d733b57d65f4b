//! What no call could send, and no client read.

use super::{answers, assert_refused, body, operation, parameters};

#[test]
fn what_no_call_could_send_is_refused() {
    let text = "schema: {type: string}";
    let in_path = format!("parameters: [{{name: id, in: path, required: true, {text}}}]");
    let of_path = |path: &str| operation(path, "put", "");
    let nested = "{type: object, properties: {a: {type: object, properties: {b: {type: string}}}}}";
    assert_refused(&[
        (
            of_path("things"),
            "",
            "#/paths/things: \"things\" is not a path",
        ),
        (of_path("/a b"), "", "is not a path"),
        (of_path("/a?b=1"), "", "is not a path"),
        (of_path("/ä"), "", "is not a path"),
        (
            of_path("/a/{id"),
            "",
            "names a parameter twice, or has other braces",
        ),
        (
            of_path("/a/{id}"),
            "",
            "`id` is not both in the path and among its parameters",
        ),
        (
            operation("/a/{id}/{id}", "put", &in_path),
            "",
            "names a parameter twice",
        ),
        (
            parameters(&format!("{{name: a b, in: header, {text}}}")),
            "",
            "parameters/0/name: \"a b\" is not the name of a header",
        ),
        (
            parameters(&format!("{{name: '', in: header, {text}}}")),
            "",
            "is not the name of a header",
        ),
        (
            parameters(&format!("{{name: ä, in: header, {text}}}")),
            "",
            "is not the name of a header",
        ),
        (
            parameters(&format!(
                "{{name: a, in: query, {text}}}, {{name: a, in: query, {text}}}"
            )),
            "",
            "parameters/1: the parameter `a` is described twice",
        ),
        (
            parameters(&format!(
                "{{name: x-a, in: header, {text}}}, {{name: X-A, in: header, {text}}}"
            )),
            "",
            "the parameter `X-A` is described twice",
        ),
        (
            parameters(&format!("{{name: a, in: cookie, {text}}}")),
            "",
            "a parameter in `cookie`",
        ),
        (
            parameters(&format!(
                "{{name: a, in: query, style: pipeDelimited, {text}}}"
            )),
            "",
            "style `pipeDelimited`",
        ),
        (
            parameters(
                "{name: a, in: query, content: {application/json: {schema: {type: string}}}}",
            ),
            "",
            "`schema` is missing",
        ),
        (
            parameters(
                "{name: a, in: query, schema: {type: array, items: {type: array, items: {type: string}}}}",
            ),
            "",
            "not text, a number, or a list of these",
        ),
        (
            parameters(
                "{name: a, in: query, schema: {type: array, items: {type: string, nullable: true}}}",
            ),
            "",
            "not text, a number, or a list of these",
        ),
        (
            body("application/x-www-form-urlencoded", nested),
            "",
            "a form of anything but texts and numbers",
        ),
        (
            body(
                "application/x-www-form-urlencoded",
                "{type: object, properties: {a: {type: array, items: {type: string}}}}",
            ),
            "",
            "a form of anything but texts and numbers",
        ),
        (
            body("application/x-www-form-urlencoded", "{type: string}"),
            "",
            "a form of anything but texts and numbers",
        ),
        (
            body("multipart/form-data", nested),
            "",
            "a request body of type `multipart/form-data`",
        ),
        (
            operation(
                "/things",
                "get",
                &format!("requestBody: {{content: {{application/json: {{schema: {nested}}}}}}}"),
            ),
            "",
            "a body of the method `get`",
        ),
    ]);
}

#[test]
fn answers_that_no_call_could_read_are_refused() {
    let json = |schema: &str| {
        format!("{{description: a, content: {{application/json: {{schema: {schema}}}}}}}")
    };
    let (one, other) = (
        json("{type: object, properties: {a: {type: string}}}"),
        json("{type: object, properties: {b: {type: string}}}"),
    );
    let hook = "{post: {operationId: hook, tags: [A], requestBody: {content: {application/xml: {schema: {type: string}}}}, responses: {'204': {description: ok}}}}";
    assert_refused(&[
        (answers(""), "", "there is no response for success"),
        (
            answers("default: {description: a}"),
            "",
            "there is no response for success",
        ),
        (
            answers(&format!("'200': {one}, '201': {other}")),
            "",
            "responses/201: a second kind of success",
        ),
        (
            answers(&format!("'200': {one}, '204': {{description: a}}")),
            "",
            "a second kind of success",
        ),
        (
            answers("'204': {description: a}, '302': {description: b}"),
            "",
            "a response for status `302`",
        ),
        (
            answers("'204': {description: a}, '999': {description: b}"),
            "",
            "a response for status `999`",
        ),
        (
            answers("'200': {description: a, content: {text/csv: {schema: {type: string}}}}"),
            "",
            "a response of type `text/csv`",
        ),
        (
            answers(
                "'200': {description: a, content: {application/json: {schema: {type: string}}, application/xml: {schema: {type: string}}}}",
            ),
            "",
            "a response of several media types",
        ),
        (
            answers(&format!(
                "'200': {}",
                json("{type: string, format: decimal}")
            )),
            "",
            "a body that is a decimal number",
        ),
        (
            answers(&format!(
                "'204': {{description: a}}, '400': {one}, '404': {other}"
            )),
            "",
            "this error differs from the one at",
        ),
        (
            format!("}}\nx-webhooks: {{Things: {hook}}}\nx-rest: {{"),
            "",
            "content: an event of several media types, or of one that is not JSON",
        ),
    ]);
}
