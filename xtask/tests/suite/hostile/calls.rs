//! What no call could send, and no client read.

use super::{answers, assert_refused, body, operation, parameters};

/// Paths that are refused, and a part of what is told.
struct Case {
    paths: fn() -> String,
    expected: &'static str,
}

fn assert_all_refused(cases: &[Case]) {
    for Case { paths, expected } in cases {
        assert_refused(&[(paths(), "", expected)]);
    }
}

const TEXT: &str = "schema: {type: string}";

const NESTED: &str =
    "{type: object, properties: {a: {type: object, properties: {b: {type: string}}}}}";

const ONE: &str = "{description: a, content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}";

const OTHER: &str = "{description: a, content: {application/json: {schema: {type: object, properties: {b: {type: string}}}}}}";

const HOOK: &str = "{post: {operationId: hook, tags: [A], requestBody: {content: {application/xml: {schema: {type: string}}}}, responses: {'204': {description: ok}}}}";

/// A path with an operation that describes no parameter.
fn of_path(path: &str) -> String {
    operation(path, "put", "")
}

const REQUESTS: &[Case] = &[
    Case {
        paths: || of_path("things"),
        expected: "#/paths/things: \"things\" is not a path",
    },
    Case {
        paths: || of_path("/a b"),
        expected: "is not a path",
    },
    Case {
        paths: || of_path("/a?b=1"),
        expected: "is not a path",
    },
    Case {
        paths: || of_path("/ä"),
        expected: "is not a path",
    },
    Case {
        paths: || of_path("/a/{id"),
        expected: "names a parameter twice, or has other braces",
    },
    Case {
        paths: || of_path("/a/{id}"),
        expected: "`id` is not both in the path and among its parameters",
    },
    Case {
        paths: || {
            operation(
                "/a/{id}/{id}",
                "put",
                &format!("parameters: [{{name: id, in: path, required: true, {TEXT}}}]"),
            )
        },
        expected: "names a parameter twice",
    },
    Case {
        paths: || parameters(&format!("{{name: a b, in: header, {TEXT}}}")),
        expected: "parameters/0/name: \"a b\" is not the name of a header",
    },
    Case {
        paths: || parameters(&format!("{{name: '', in: header, {TEXT}}}")),
        expected: "is not the name of a header",
    },
    Case {
        paths: || parameters(&format!("{{name: ä, in: header, {TEXT}}}")),
        expected: "is not the name of a header",
    },
    Case {
        paths: || {
            parameters(&format!(
                "{{name: a, in: query, {TEXT}}}, {{name: a, in: query, {TEXT}}}"
            ))
        },
        expected: "parameters/1: the parameter `a` is described twice",
    },
    Case {
        paths: || {
            parameters(&format!(
                "{{name: x-a, in: header, {TEXT}}}, {{name: X-A, in: header, {TEXT}}}"
            ))
        },
        expected: "the parameter `X-A` is described twice",
    },
    Case {
        paths: || parameters(&format!("{{name: a, in: cookie, {TEXT}}}")),
        expected: "a parameter in `cookie`",
    },
    Case {
        paths: || {
            parameters(&format!(
                "{{name: a, in: query, style: pipeDelimited, {TEXT}}}"
            ))
        },
        expected: "style `pipeDelimited`",
    },
    Case {
        paths: || {
            parameters(
                "{name: a, in: query, content: {application/json: {schema: {type: string}}}}",
            )
        },
        expected: "`schema` is missing",
    },
    Case {
        paths: || {
            parameters(
                "{name: a, in: query, schema: {type: array, items: {type: array, items: {type: string}}}}",
            )
        },
        expected: "not text, a number, or a list of these",
    },
    Case {
        paths: || {
            parameters(
                "{name: a, in: query, schema: {type: array, items: {type: string, nullable: true}}}",
            )
        },
        expected: "not text, a number, or a list of these",
    },
    Case {
        paths: || body("application/x-www-form-urlencoded", NESTED),
        expected: "a form of anything but texts and numbers",
    },
    Case {
        paths: || {
            body(
                "application/x-www-form-urlencoded",
                "{type: object, properties: {a: {type: array, items: {type: string}}}}",
            )
        },
        expected: "a form of anything but texts and numbers",
    },
    Case {
        paths: || body("application/x-www-form-urlencoded", "{type: string}"),
        expected: "a form of anything but texts and numbers",
    },
    Case {
        paths: || body("multipart/form-data", NESTED),
        expected: "a request body of type `multipart/form-data`",
    },
    Case {
        paths: || {
            operation(
                "/things",
                "get",
                &format!("requestBody: {{content: {{application/json: {{schema: {NESTED}}}}}}}"),
            )
        },
        expected: "a body of the method `get`",
    },
];

#[test]
fn what_no_call_could_send_is_refused() {
    assert_all_refused(REQUESTS);
}

const ANSWERS: &[Case] = &[
    Case {
        paths: || answers(""),
        expected: "there is no response for success",
    },
    Case {
        paths: || answers("default: {description: a}"),
        expected: "there is no response for success",
    },
    Case {
        paths: || answers(&format!("'200': {ONE}, '201': {OTHER}")),
        expected: "responses/201: a second kind of success",
    },
    Case {
        paths: || answers(&format!("'200': {ONE}, '204': {{description: a}}")),
        expected: "a second kind of success",
    },
    Case {
        paths: || answers("'204': {description: a}, '302': {description: b}"),
        expected: "a response for status `302`",
    },
    Case {
        paths: || answers("'204': {description: a}, '999': {description: b}"),
        expected: "a response for status `999`",
    },
    Case {
        paths: || answers("'200': {description: a, content: {text/csv: {schema: {type: string}}}}"),
        expected: "a response of type `text/csv`",
    },
    Case {
        paths: || {
            answers(
                "'200': {description: a, content: {application/json: {schema: {type: string}}, application/xml: {schema: {type: string}}}}",
            )
        },
        expected: "a response of several media types",
    },
    Case {
        paths: || {
            answers(
                "'200': {description: a, content: {application/json: {schema: {type: string, format: decimal}}}}",
            )
        },
        expected: "a body that is a decimal number",
    },
    Case {
        paths: || {
            answers(&format!(
                "'204': {{description: a}}, '400': {ONE}, '404': {OTHER}"
            ))
        },
        expected: "this error differs from the one at",
    },
    Case {
        paths: || format!("}}\nx-webhooks: {{Things: {HOOK}}}\nx-rest: {{"),
        expected: "content: an event of several media types, or of one that is not JSON",
    },
];

#[test]
fn answers_that_no_call_could_read_are_refused() {
    assert_all_refused(ANSWERS);
}
