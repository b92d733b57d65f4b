//! Every kind of change with a pair of documents that shows it: what it is called, how bad it is,
//! for whom, and what it asks of `upvest-models` and of `upvest-client`.

use std::collections::BTreeSet;
use std::path::Path;

use xtask::check::diff::{Class, Crate, Diff, Kind, RULES, Step, Version};
use xtask::lower::lock::Lock;
use xtask::read::document::Document;

/// The document that all pairs begin with.
const BASE: &str = "openapi: 3.0.3
info: {title: Test, version: '1'}
servers: [{url: 'https://a.example'}]
paths:
  /things/{id}:
    get:
      operationId: get_thing
      summary: Get a thing.
      tags: [Things]
      security: [{oauth: [things:read]}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: limit, in: query, required: false, description: How many., schema: {type: integer, maximum: 100, default: 10}}
        - {name: sort, in: query, schema: {type: string}}
        - {name: authorization, in: header, schema: {type: string}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '404': {description: no such thing}
  /orders:
    post:
      operationId: place_order
      tags: [Orders]
      security: [{oauth: [orders:write]}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses:
        '200': {description: ok}
x-webhooks:
  Thing events:
    post:
      operationId: thing_event
      summary: A thing happened.
      tags: [Things]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses: {'200': {description: ok}}
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example', scopes: {}}}}
  schemas:
    Thing:
      type: object
      description: A thing.
      properties:
        name: {type: string, description: Its name., maxLength: 10, default: a}
        colour: {type: string, enum: [RED, GREEN]}
        note: {type: string}
        figure: {oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]}
      required: [name, colour]
    Order:
      type: object
      properties:
        amount: {type: string, description: How much., maxLength: 20, default: b}
        side: {type: string, enum: [BUY, SELL]}
        hint: {type: string}
      required: [amount, side]
    Circle: {type: object, properties: {radius: {type: integer}}, required: [radius]}
    Square: {type: object, properties: {width: {type: integer}}, required: [width]}
    Left: {type: object, properties: {left: {type: integer}}}
";

/// A change of the base: what is replaced, what by, what that means, and what the way back means.
struct Case {
    from: &'static str,
    to: &'static str,
    forth: &'static [&'static str],
    back: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        from: "version: '1'",
        to: "version: '2'",
        forth: &["version changed | harmless | nobody | patch, patch | version: 1 → 2"],
        back: &["version changed | harmless | nobody | patch, patch | version: 2 → 1"],
    },
    Case {
        from: "https://a.example'}]",
        to: "https://b.example'}]",
        forth: &["changed elsewhere | harmless | nobody | patch, patch | servers"],
        back: &["changed elsewhere | harmless | nobody | patch, patch | servers"],
    },
    Case {
        from: "radius: {type: integer}",
        to: "radius: {type: integer, example: 3}",
        forth: &[
            "changed elsewhere | harmless | nobody | patch, patch | document: only order, examples, titles or layout",
        ],
        back: &[
            "changed elsewhere | harmless | nobody | patch, patch | document: only order, examples, titles or layout",
        ],
    },
    Case {
        from: "    post:\n      operationId: place_order",
        to: "    get: {operationId: list_orders, tags: [Orders], responses: {'204': {description: ok}}}\n    post:\n      operationId: place_order",
        forth: &[
            "operation added | additive | who sends, names it | none, minor | list_orders: GET /orders",
        ],
        back: &[
            "operation removed | breaking | who sends, names it | none, major | list_orders: GET /orders",
        ],
    },
    Case {
        from: "operationId: get_thing",
        to: "operationId: read_thing",
        forth: &[
            "operation renamed | breaking | who names it | none, major | read_thing: get_thing → read_thing",
        ],
        back: &[
            "operation renamed | breaking | who names it | none, major | get_thing: read_thing → get_thing",
        ],
    },
    // The address is the same, whatever its parts are called.
    Case {
        from: "  /things/{id}:
    get:
      operationId: get_thing
      summary: Get a thing.
      tags: [Things]
      security: [{oauth: [things:read]}]
      parameters:
        - {name: id,",
        to: "  /things/{thing}:
    get:
      operationId: get_thing
      summary: Get a thing.
      tags: [Things]
      security: [{oauth: [things:read]}]
      parameters:
        - {name: thing,",
        forth: &[
            "parameter removed | breaking | who sends, names it | none, major | get_thing(id): in the path",
            "required parameter added | breaking | who sends, names it | none, major | get_thing(thing): string in the path",
        ],
        back: &[
            "parameter removed | breaking | who sends, names it | none, major | get_thing(thing): in the path",
            "required parameter added | breaking | who sends, names it | none, major | get_thing(id): string in the path",
        ],
    },
    Case {
        from: "/orders:",
        to: "/trades:",
        forth: &[
            "operation moved | breaking | who sends it | none, patch | place_order: POST /orders → POST /trades",
        ],
        back: &[
            "operation moved | breaking | who sends it | none, patch | place_order: POST /trades → POST /orders",
        ],
    },
    Case {
        from: "summary: Get a thing.",
        to: "summary: Get a thing.\n      deprecated: true",
        forth: &["operation deprecated | additive | who sends, names it | none, minor | get_thing"],
        back: &[
            "operation no longer deprecated | harmless | who sends, names it | none, patch | get_thing",
        ],
    },
    Case {
        from: "summary: Get a thing.\n      tags: [Things]",
        to: "summary: Get a thing.\n      tags: [Items]",
        forth: &[
            "operation under another tag | harmless | who names it | patch, patch | get_thing: Things → Items",
        ],
        back: &[
            "operation under another tag | harmless | who names it | patch, patch | get_thing: Items → Things",
        ],
    },
    Case {
        from: "summary: Get a thing.",
        to: "summary: Fetch a thing.",
        forth: &["operation described differently | harmless | nobody | none, patch | get_thing"],
        back: &["operation described differently | harmless | nobody | none, patch | get_thing"],
    },
    Case {
        from: "[things:read]",
        to: "[things:read, things:all]",
        forth: &["scope added | breaking | who sends it | none, major | get_thing: things:all"],
        back: &["scope removed | harmless | who sends it | none, patch | get_thing: things:all"],
    },
    Case {
        from: "'404': {description: no such thing}",
        to: "'404': {description: no such thing}\n        '429': {description: slower}",
        forth: &["status added | harmless | who reads it | none, none | get_thing: 429"],
        back: &["status removed | harmless | who reads it | none, none | get_thing: 429"],
    },
    Case {
        from: "      responses:\n        '200': {description: ok}\n",
        to: "      responses:\n        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Left'}}}}\n",
        forth: &[
            "answer of another type | breaking | who reads, names it | none, major | place_order: nothing → Left",
        ],
        back: &[
            "answer of another type | breaking | who reads, names it | none, major | place_order: Left → nothing",
        ],
    },
    Case {
        from: "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}\n",
        to: "",
        forth: &[
            "body removed | breaking | who sends, names it | none, major | place_order: Order",
        ],
        back: &["body added | breaking | who sends, names it | none, major | place_order: Order"],
    },
    Case {
        from: "schema: {$ref: '#/components/schemas/Order'}",
        to: "schema: {$ref: '#/components/schemas/Left'}",
        forth: &[
            "body of another type | breaking | who sends, names it | none, major | place_order: Order → Left",
        ],
        back: &[
            "body of another type | breaking | who sends, names it | none, major | place_order: Left → Order",
        ],
    },
    Case {
        from: "application/json: {schema: {$ref: '#/components/schemas/Order'}",
        to: "application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Order'}",
        forth: &[
            "body written differently | breaking | who sends it | none, patch | place_order: Json → Form",
        ],
        back: &[
            "body written differently | breaking | who sends it | none, patch | place_order: Form → Json",
        ],
    },
    Case {
        from: "        - {name: sort, in: query, schema: {type: string}}\n",
        to: "        - {name: sort, in: query, schema: {type: string}}\n        - {name: page, in: query, schema: {type: integer}}\n",
        forth: &[
            "parameter added | additive | who sends, names it | none, minor | get_thing(page): integer in the query",
        ],
        back: &[
            "parameter removed | breaking | who sends, names it | none, major | get_thing(page): in the query",
        ],
    },
    Case {
        from: "        - {name: sort, in: query, schema: {type: string}}\n",
        to: "        - {name: sort, in: query, schema: {type: string}}\n        - {name: page, in: query, required: true, schema: {type: integer}}\n",
        forth: &[
            "required parameter added | breaking | who sends, names it | none, major | get_thing(page): integer in the query",
        ],
        back: &[
            "parameter removed | breaking | who sends, names it | none, major | get_thing(page): in the query",
        ],
    },
    Case {
        from: "required: false",
        to: "required: true",
        forth: &[
            "parameter required | breaking | who sends, names it | none, major | get_thing(limit)",
        ],
        back: &["parameter optional | additive | who sends it | none, minor | get_thing(limit)"],
    },
    Case {
        from: "name: sort, in: query",
        to: "name: sort, in: header",
        forth: &[
            "parameter moved | breaking | who sends it | none, patch | get_thing(sort): query → header",
        ],
        back: &[
            "parameter moved | breaking | who sends it | none, patch | get_thing(sort): header → query",
        ],
    },
    Case {
        from: "name: sort, in: query, schema: {type: string}",
        to: "name: sort, in: query, schema: {type: boolean}",
        forth: &[
            "parameter of another type | breaking | who sends, names it | none, major | get_thing(sort): string → boolean",
        ],
        back: &[
            "parameter of another type | breaking | who sends, names it | none, major | get_thing(sort): boolean → string",
        ],
    },
    Case {
        from: "name: sort, in: query,",
        to: "name: sort, in: query, deprecated: true,",
        forth: &["parameter deprecated | additive | who sends it | none, patch | get_thing(sort)"],
        back: &[
            "parameter no longer deprecated | harmless | who sends it | none, patch | get_thing(sort)",
        ],
    },
    Case {
        from: "How many.",
        to: "So many.",
        forth: &[
            "parameter described differently | harmless | nobody | none, patch | get_thing(limit)",
        ],
        back: &[
            "parameter described differently | harmless | nobody | none, patch | get_thing(limit)",
        ],
    },
    Case {
        from: "maximum: 100",
        to: "maximum: 50",
        forth: &[
            "limit of a parameter tightened | breaking | who sends it | none, none | get_thing(limit): maximum 100 → 50",
        ],
        back: &[
            "limit of a parameter loosened | additive | who sends it | none, none | get_thing(limit): maximum 50 → 100",
        ],
    },
    Case {
        from: "default: 10}",
        to: "default: 20}",
        forth: &[
            "default of a parameter changed | breaking | who sends it | none, none | get_thing(limit): default 10 → 20",
        ],
        back: &[
            "default of a parameter changed | breaking | who sends it | none, none | get_thing(limit): default 20 → 10",
        ],
    },
    Case {
        from: "name: authorization",
        to: "name: Authorization",
        forth: &[
            "header spelled differently | harmless | who sends it | none, patch | get_thing(Authorization): authorization → Authorization",
        ],
        back: &[
            "header spelled differently | harmless | who sends it | none, patch | get_thing(authorization): Authorization → authorization",
        ],
    },
    Case {
        from: "        - {name: sort, in: query, schema: {type: string}}\n",
        to: "        - {name: sort, in: query, schema: {type: string}}\n        - {name: signature, in: header, required: true, schema: {type: string}}\n",
        forth: &[
            "header of the middleware changed | harmless | who sends it | none, none | get_thing(signature): added",
        ],
        back: &[
            "header of the middleware changed | harmless | who sends it | none, none | get_thing(signature): removed",
        ],
    },
    Case {
        from: "    Left: {type: object, properties: {left: {type: integer}}}\n",
        to: "    Left: {type: object, properties: {left: {type: integer}}}\n    Right: {type: object, properties: {right: {type: integer}}}\n",
        forth: &["type added | additive | who reads, names it | minor, minor | Right"],
        back: &["type removed | breaking | who names it | major, major | Right"],
    },
    Case {
        from: "    Thing:\n      type: object",
        to: "    Thing:\n      x-rust-name: Item\n      type: object",
        forth: &["type renamed | breaking | who names it | major, major | Item: Thing → Item"],
        back: &["type renamed | breaking | who names it | major, major | Thing: Item → Thing"],
    },
    Case {
        from: "Left: {type: object, properties: {left: {type: integer}}}",
        to: "Left: {type: string, enum: [LEFT]}",
        forth: &[
            "type of another kind | breaking | who reads, names it | major, major | Left: Struct → OpenEnum",
        ],
        back: &[
            "type of another kind | breaking | who reads, names it | major, major | Left: OpenEnum → Struct",
        ],
    },
    Case {
        from: "Left: {type: object,",
        to: "Left: {type: object, additionalProperties: {type: string},",
        forth: &[
            "type of another kind | breaking | who reads, names it | major, major | Left: further fields: none → string",
        ],
        back: &[
            "type of another kind | breaking | who reads, names it | major, major | Left: further fields: string → none",
        ],
    },
    Case {
        from: "A thing.",
        to: "Some thing.",
        forth: &["type described differently | harmless | nobody | patch, none | Thing"],
        back: &["type described differently | harmless | nobody | patch, none | Thing"],
    },
    Case {
        from: "        note: {type: string}\n",
        to: "        note: {type: string}\n        extra: {type: string}\n",
        forth: &[
            "field added | additive | who reads, names it | major, major | Thing.extra: string",
        ],
        back: &["field removed | breaking | who reads, names it | major, major | Thing.extra"],
    },
    Case {
        from: "        hint: {type: string}\n",
        to: "        hint: {type: string}\n        extra: {type: string}\n",
        forth: &[
            "field added | additive | who sends, names it | major, major | Order.extra: string",
        ],
        back: &["field removed | breaking | who sends, names it | major, major | Order.extra"],
    },
    Case {
        from: "        note: {type: string}\n        figure: {oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]}\n      required: [name, colour]",
        to: "        note: {type: string}\n        extra: {type: string}\n        figure: {oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]}\n      required: [name, colour, extra]",
        forth: &[
            "required field added | additive | who reads, names it | major, major | Thing.extra: string",
        ],
        back: &["field removed | breaking | who reads, names it | major, major | Thing.extra"],
    },
    Case {
        from: "        hint: {type: string}\n      required: [amount, side]",
        to: "        hint: {type: string}\n        extra: {type: string}\n      required: [amount, side, extra]",
        forth: &[
            "required field added | breaking | who sends it | major, major | Order.extra: string",
        ],
        back: &["field removed | breaking | who sends, names it | major, major | Order.extra"],
    },
    Case {
        from: "note: {type: string}",
        to: "note: {type: integer}",
        forth: &[
            "field of another type | breaking | who reads, names it | major, major | Thing.note: string → integer",
        ],
        back: &[
            "field of another type | breaking | who reads, names it | major, major | Thing.note: integer → string",
        ],
    },
    Case {
        from: "hint: {type: string}",
        to: "hint: {type: string, format: uuid}",
        forth: &[
            "field of another type | breaking | who sends, names it | major, major | Order.hint: string → string (uuid)",
        ],
        back: &[
            "field of another type | breaking | who sends, names it | major, major | Order.hint: string (uuid) → string",
        ],
    },
    Case {
        from: "[name, colour]",
        to: "[name, colour, note]",
        forth: &["field required | breaking | who names it | major, major | Thing.note"],
        back: &["field optional | breaking | who reads, names it | major, major | Thing.note"],
    },
    Case {
        from: "[amount, side]",
        to: "[amount, side, hint]",
        forth: &["field required | breaking | who sends, names it | major, major | Order.hint"],
        back: &["field optional | breaking | who names it | major, major | Order.hint"],
    },
    Case {
        from: "name: {type: string, description",
        to: "name: {type: string, nullable: true, description",
        forth: &["field may be null | breaking | who reads, names it | major, major | Thing.name"],
        back: &["field no longer null | breaking | who names it | major, major | Thing.name"],
    },
    Case {
        from: "amount: {type: string, description",
        to: "amount: {type: string, nullable: true, description",
        forth: &["field may be null | breaking | who names it | major, major | Order.amount"],
        back: &[
            "field no longer null | breaking | who sends, names it | major, major | Order.amount",
        ],
    },
    Case {
        from: "note: {type: string}",
        to: "note: {type: string, nullable: true}",
        forth: &[
            "absence or null of a field allowed too | harmless | who reads it | patch, none | Thing.note",
        ],
        back: &[
            "absence or null of a field ruled out | harmless | who reads it | patch, none | Thing.note",
        ],
    },
    Case {
        from: "hint: {type: string}",
        to: "hint: {type: string, nullable: true}",
        forth: &[
            "absence or null of a field allowed too | additive | who sends it | patch, none | Order.hint",
        ],
        back: &[
            "absence or null of a field ruled out | breaking | who sends it | patch, none | Order.hint",
        ],
    },
    Case {
        from: "note: {type: string}",
        to: "note: {type: string, deprecated: true}",
        forth: &["field deprecated | additive | who reads it | patch, none | Thing.note"],
        back: &["field no longer deprecated | harmless | who reads it | patch, none | Thing.note"],
    },
    Case {
        from: "Its name.",
        to: "What it is called.",
        forth: &["field described differently | harmless | nobody | patch, none | Thing.name"],
        back: &["field described differently | harmless | nobody | patch, none | Thing.name"],
    },
    Case {
        from: "maxLength: 10",
        to: "maxLength: 9",
        forth: &[
            "limit of a field tightened | harmless | who reads it | patch, none | Thing.name: maxLength 10 → 9",
        ],
        back: &[
            "limit of a field loosened | harmless | who reads it | patch, none | Thing.name: maxLength 9 → 10",
        ],
    },
    Case {
        from: "maxLength: 20",
        to: "maxLength: 19",
        forth: &[
            "limit of a field tightened | breaking | who sends it | patch, none | Order.amount: maxLength 20 → 19",
        ],
        back: &[
            "limit of a field loosened | additive | who sends it | patch, none | Order.amount: maxLength 19 → 20",
        ],
    },
    Case {
        from: "hint: {type: string}",
        to: "hint: {type: string, pattern: '^a'}",
        forth: &[
            "limit of a field tightened | breaking | who sends it | patch, none | Order.hint: pattern none → \"^a\"",
        ],
        back: &[
            "limit of a field loosened | additive | who sends it | patch, none | Order.hint: pattern \"^a\" → none",
        ],
    },
    Case {
        from: "default: a",
        to: "default: z",
        forth: &[
            "default of a field changed | harmless | who reads it | patch, none | Thing.name: default \"a\" → \"z\"",
        ],
        back: &[
            "default of a field changed | harmless | who reads it | patch, none | Thing.name: default \"z\" → \"a\"",
        ],
    },
    Case {
        from: "default: b",
        to: "default: z",
        forth: &[
            "default of a field changed | breaking | who sends it | patch, none | Order.amount: default \"b\" → \"z\"",
        ],
        back: &[
            "default of a field changed | breaking | who sends it | patch, none | Order.amount: default \"z\" → \"b\"",
        ],
    },
    Case {
        from: "[RED, GREEN]",
        to: "[GREEN, RED, BLUE]",
        forth: &["enum value added | additive | who reads, names it | minor, minor | Colour: BLUE"],
        back: &["enum value removed | breaking | who names it | major, major | Colour: BLUE"],
    },
    Case {
        from: "[BUY, SELL]",
        to: "[SELL, BUY, HOLD]",
        forth: &["enum value added | additive | who sends, names it | minor, minor | Side: HOLD"],
        back: &["enum value removed | breaking | who sends, names it | major, major | Side: HOLD"],
    },
    Case {
        from: "{$ref: '#/components/schemas/Square'}]",
        to: "{$ref: '#/components/schemas/Square'}, {$ref: '#/components/schemas/Left'}]",
        forth: &["variant added | additive | who reads, names it | minor, minor | Figure: Left"],
        back: &["variant removed | breaking | who names it | major, major | Figure: Left"],
    },
    Case {
        from: "components:\n  sec",
        to: "  Order events:\n    post: {operationId: order_event, tags: [Orders], requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Left'}}}}, responses: {'200': {description: ok}}}\ncomponents:\n  sec",
        forth: &["webhook added | additive | who reads, names it | minor, minor | Order events"],
        back: &["webhook removed | breaking | who reads, names it | major, major | Order events"],
    },
    Case {
        from: "Thing events:",
        to: "Things:",
        forth: &[
            "webhook renamed | harmless | who reads it | patch, none | Things: Thing events → Things",
        ],
        back: &[
            "webhook renamed | harmless | who reads it | patch, none | Thing events: Things → Thing events",
        ],
    },
    Case {
        from: "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}",
        to: "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Left'}}}}",
        forth: &[
            "event of another type | breaking | who reads, names it | major, major | Thing events: Thing → Left",
        ],
        back: &[
            "event of another type | breaking | who reads, names it | major, major | Thing events: Left → Thing",
        ],
    },
    Case {
        from: "summary: A thing happened.",
        to: "summary: A thing happened.\n      deprecated: true",
        forth: &["webhook deprecated | additive | who reads it | patch, none | Thing events"],
        back: &[
            "webhook no longer deprecated | harmless | who reads it | patch, none | Thing events",
        ],
    },
    Case {
        from: "summary: A thing happened.",
        to: "summary: Something happened.",
        forth: &["webhook described differently | harmless | nobody | none, none | Thing events"],
        back: &["webhook described differently | harmless | nobody | none, none | Thing events"],
    },
];

fn version(text: &str) -> Version {
    let document = Document::parse(text, Path::new("pair"));
    let version = document.and_then(|document| Version::of(document, &Lock::default()));
    version.unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn rows(diff: &Diff) -> Vec<String> {
    let changes = diff.changes.iter();
    changes
        .map(|change| {
            let colon = if change.detail.is_empty() { "" } else { ": " };
            format!(
                "{} | {} | {} | {}, {} | {}{colon}{}",
                change.kind.name(),
                change.class.name(),
                change.for_whom(),
                change.models.name(),
                change.client.name(),
                change.place,
                change.detail
            )
        })
        .collect()
}

#[test]
fn every_kind_of_change_is_told_for_what_it_is() {
    let base = version(BASE);
    let mut shown: BTreeSet<Kind> = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in CASES {
        let Case { from, to, .. } = case;
        assert_eq!(BASE.matches(from).count(), 1, "{from} is there once");
        let other = version(&BASE.replacen(from, to, 1));
        for (old, new, expected) in [(&base, &other, case.forth), (&other, &base, case.back)] {
            let diff = Diff::between(old, new).unwrap();
            if rows(&diff) != *expected {
                wrong.push(format!("{from:?} and {to:?}: {:#?}", rows(&diff)));
            }
            agree(&diff, from);
            shown.extend(diff.changes.iter().map(|change| change.kind));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let rules = RULES.iter().filter(|rule| rule.kind != Kind::RustChanged);
    let missing: Vec<&str> = rules
        .filter(|rule| !shown.contains(&rule.kind))
        .map(|rule| rule.name)
        .collect();
    assert!(missing.is_empty(), "no pair shows {missing:?}");
}

/// What vanishes from Rust breaks whoever named it, whatever the description calls it; and what the rows
/// ask for is what the Rust table asks for, from a minor step on.
fn agree(diff: &Diff, case: &str) {
    for of in [Crate::Models, Crate::Client] {
        let rust = diff.rust.iter().filter(|change| change.of == of);
        let (rust, rows) = (rust.map(|change| change.step).max(), diff.step(of));
        assert!(rust.unwrap_or(Step::None) <= rows, "{case:?}: {:?}", diff.rust);
    }
    let is_lost = diff.rust.iter().any(|change| change.new.is_none());
    assert!(!is_lost || diff.class() == Some(Class::Breaking), "{case:?}: {:?}", diff.rust);
    let unexplained = diff.changes.iter().find(|change| change.kind == Kind::RustChanged);
    assert!(unexplained.is_none(), "{case:?}: {unexplained:?}");
}

#[test]
fn each_kind_has_its_own_rule_and_name() {
    for rule in RULES {
        assert_eq!(rule.kind.rule().name, rule.name);
    }
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
}

#[test]
fn nothing_changes_from_a_document_to_itself() {
    let diff = Diff::between(&version(BASE), &version(BASE)).unwrap();
    assert!(diff.changes.is_empty() && diff.rust.is_empty());
    assert_eq!(diff.class(), None);
}
