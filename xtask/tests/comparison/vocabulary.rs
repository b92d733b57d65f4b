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
        '200': {description: ok, headers: {x-request-id: {schema: {type: string}}}, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '404': {description: no such thing}
  /pages:
    get:
      operationId: list_pages
      tags: [Pages]
      x-sunset: '2027-01-01'
      parameters:
        - {name: first, in: query, required: true, schema: {type: boolean}}
        - {name: second, in: query, required: true, schema: {type: boolean}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: kinds, in: query, schema: {type: array, items: {type: string}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pages'}}}}
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
  Pulse events:
    post:
      operationId: pulse_event
      tags: [Pulses]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pulse'}}}}
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
        currency: {type: string, format: iso-4217, enum: [EUR, USD]}
        note: {type: string}
        figure: {oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]}
      required: [name, colour]
    Order:
      type: object
      properties:
        amount: {type: string, description: How much., maxLength: 20, default: b}
        side: {type: string, enum: [BUY, SELL]}
        currency: {type: string, format: iso-4217, enum: [EUR]}
        hint: {type: string}
      required: [amount, side]
    Pages:
      type: object
      properties:
        meta: {type: object, properties: {offset: {type: integer}, limit: {type: integer}}}
        data: {type: array, items: {$ref: '#/components/schemas/Circle'}}
      required: [meta, data]
    Pulse:
      type: object
      properties:
        id: {type: string, format: uuid}
        webhook_id: {type: string, format: uuid}
        created_at: {type: string, format: date-time}
        type: {type: string, enum: [PULSE]}
      required: [id, webhook_id, created_at, type]
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
        forth: &[
            "server removed | breaking | who sends it | none, patch | servers: https://a.example",
            "server added | additive | who sends it | none, none | servers: https://b.example",
        ],
        back: &[
            "server removed | breaking | who sends it | none, patch | servers: https://b.example",
            "server added | additive | who sends it | none, none | servers: https://a.example",
        ],
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
            "type removed | breaking | who names it | major, major | ThingId",
        ],
        back: &[
            "parameter removed | breaking | who sends, names it | none, major | get_thing(thing): in the path",
            "required parameter added | breaking | who sends, names it | none, major | get_thing(id): ThingId in the path",
            "type added | additive | who sends, names it | minor, minor | ThingId",
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
            "type no longer used in one way | breaking | who names it | major, major | Left: sent",
        ],
        back: &[
            "answer of another type | breaking | who reads, names it | none, major | place_order: Left → nothing",
            "type used in another way too | additive | who names it | minor, minor | Left: sent",
        ],
    },
    Case {
        from: "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}\n",
        to: "",
        forth: &[
            "body removed | breaking | who sends, names it | none, major | place_order: Order",
            "type used in another way too | additive | who names it | minor, minor | Order: read",
        ],
        back: &[
            "body added | breaking | who sends, names it | none, major | place_order: Order",
            "type no longer used in one way | breaking | who names it | major, major | Order: read",
        ],
    },
    Case {
        from: "schema: {$ref: '#/components/schemas/Order'}",
        to: "schema: {$ref: '#/components/schemas/Left'}",
        forth: &[
            "body of another type | breaking | who sends, names it | none, major | place_order: Order → Left",
            "type no longer used in one way | breaking | who names it | major, major | Left: read",
            "type used in another way too | additive | who names it | minor, minor | Order: read",
        ],
        back: &[
            "body of another type | breaking | who sends, names it | none, major | place_order: Left → Order",
            "type no longer used in one way | breaking | who names it | major, major | Order: read",
            "type used in another way too | additive | who names it | minor, minor | Left: read",
        ],
    },
    Case {
        from: "application/json: {schema: {$ref: '#/components/schemas/Order'}",
        to: "application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Order'}",
        forth: &[
            "body written differently | breaking | who sends it | none, patch | place_order: JSON → a form",
        ],
        back: &[
            "body written differently | breaking | who sends it | none, patch | place_order: a form → JSON",
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
        back: &["parameter optional | breaking | who names it | none, major | get_thing(limit)"],
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
        forth: &["type added | additive | who reads, sends, names it | minor, minor | Right"],
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
            "type of another kind | breaking | who reads, sends, names it | major, major | Left: an object → an enum",
        ],
        back: &[
            "type of another kind | breaking | who reads, sends, names it | major, major | Left: an enum → an object",
        ],
    },
    Case {
        from: "Left: {type: object,",
        to: "Left: {type: object, additionalProperties: {type: string},",
        forth: &[
            "field added | additive | who reads, sends, names it | minor, minor | Left: further fields: string",
        ],
        back: &[
            "field removed | breaking | who reads, sends, names it | major, major | Left: further fields: string",
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
            "field added | additive | who reads, names it | minor, minor | Thing.extra: string",
        ],
        back: &["field removed | breaking | who reads, names it | major, major | Thing.extra"],
    },
    Case {
        from: "        hint: {type: string}\n",
        to: "        hint: {type: string}\n        extra: {type: string}\n",
        forth: &[
            "field added | additive | who sends, names it | minor, minor | Order.extra: string",
        ],
        back: &["field removed | breaking | who sends, names it | major, major | Order.extra"],
    },
    Case {
        from: "        note: {type: string}\n        figure: {oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]}\n      required: [name, colour]",
        to: "        note: {type: string}\n        extra: {type: string}\n        figure: {oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]}\n      required: [name, colour, extra]",
        forth: &[
            "field added | additive | who reads, names it | minor, minor | Thing.extra: string",
        ],
        back: &["field removed | breaking | who reads, names it | major, major | Thing.extra"],
    },
    Case {
        from: "        hint: {type: string}\n      required: [amount, side]",
        to: "        hint: {type: string}\n        extra: {type: string}\n      required: [amount, side, extra]",
        forth: &[
            "required field added | breaking | who sends, names it | major, major | Order.extra: string",
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
        forth: &["field may be null | breaking | who reads, names it | major, major | Thing.note"],
        back: &["field no longer null | breaking | who names it | major, major | Thing.note"],
    },
    Case {
        from: "hint: {type: string}",
        to: "hint: {type: string, nullable: true}",
        forth: &["field may be null | breaking | who names it | major, major | Order.hint"],
        back: &[
            "field no longer null | breaking | who sends, names it | major, major | Order.hint",
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
        forth: &[
            "type no longer used in one way | breaking | who names it | major, major | Left: sent",
            "variant added | additive | who reads, names it | minor, minor | Figure: Left",
        ],
        back: &[
            "variant removed | breaking | who names it | major, major | Figure: Left",
            "type used in another way too | additive | who names it | minor, minor | Left: sent",
        ],
    },
    Case {
        from: "components:\n  sec",
        to: "  Order events:\n    post: {operationId: order_event, tags: [Orders], requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Left'}}}}, responses: {'200': {description: ok}}}\ncomponents:\n  sec",
        forth: &[
            "type no longer used in one way | breaking | who names it | major, major | Left: sent",
            "webhook added | additive | who reads, names it | minor, minor | Order events",
        ],
        back: &[
            "webhook removed | breaking | who reads, names it | major, major | Order events",
            "type used in another way too | additive | who names it | minor, minor | Left: sent",
        ],
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
            "type no longer used in one way | breaking | who names it | major, major | Left: sent",
        ],
        back: &[
            "event of another type | breaking | who reads, names it | major, major | Thing events: Left → Thing",
            "type used in another way too | additive | who names it | minor, minor | Left: sent",
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
    Case {
        from: "    oauth: {type",
        to: "    key: {type: apiKey, in: header, name: k}\n    oauth: {type",
        forth: &["security scheme added | additive | who sends it | none, none | key"],
        back: &["security scheme removed | breaking | who sends it | none, none | key"],
    },
    Case {
        from: "{type: oauth2, flows",
        to: "{type: oauth2, x-by: post, flows",
        forth: &["security scheme changed | breaking | who sends it | none, patch | oauth"],
        back: &["security scheme changed | breaking | who sends it | none, patch | oauth"],
    },
    Case {
        from: "scopes: {}",
        to: "scopes: {'things:read': Read.}",
        forth: &[
            "scopes of a security scheme changed | harmless | who sends it | none, none | oauth",
        ],
        back: &[
            "scopes of a security scheme changed | harmless | who sends it | none, none | oauth",
        ],
    },
    Case {
        from: "offset, in: query",
        to: "start, in: query",
        forth: &[
            "pages removed | breaking | who names it | none, major | list_pages",
            "parameter removed | breaking | who sends, names it | none, major | list_pages(offset): in the query",
            "parameter added | additive | who sends, names it | none, minor | list_pages(start): integer in the query",
        ],
        back: &[
            "parameter removed | breaking | who sends, names it | none, major | list_pages(start): in the query",
            "pages added | additive | who names it | none, minor | list_pages",
            "parameter added | additive | who sends, names it | none, minor | list_pages(offset): integer in the query",
        ],
    },
    Case {
        from: "'2027-01-01'",
        to: "'2026-12-01'",
        forth: &[
            "sunset earlier | breaking | who sends it | none, none | list_pages: 2027-01-01 → 2026-12-01",
        ],
        back: &[
            "sunset later | harmless | who sends it | none, none | list_pages: 2026-12-01 → 2027-01-01",
        ],
    },
    Case {
        from: "      operationId: place_order",
        to: "      x-sunset: '2027-01-01'\n      operationId: place_order",
        forth: &[
            "sunset announced | additive | who sends it | none, none | place_order: none → 2027-01-01",
        ],
        back: &[
            "sunset later | harmless | who sends it | none, none | place_order: 2027-01-01 → none",
        ],
    },
    Case {
        from: "security: [{oauth: [orders:write]}]",
        to: "security: []",
        forth: &[
            "security requirement removed | breaking | who sends it | none, patch | place_order: oauth",
            "scope removed | harmless | who sends it | none, patch | place_order: orders:write",
        ],
        back: &[
            "security requirement added | breaking | who sends it | none, major | place_order: oauth",
            "scope added | breaking | who sends it | none, major | place_order: orders:write",
        ],
    },
    Case {
        from: "      responses:\n        '200': {description: ok}\n",
        to: "      responses:\n        '200': {description: ok}\n        '202': {description: later}\n",
        forth: &[
            "status of success added | additive | who reads it | none, none | place_order: 202",
        ],
        back: &[
            "status of success removed | breaking | who reads it | none, none | place_order: 202",
        ],
    },
    Case {
        from: "headers: {x-request-id: {schema: {type: string}}}",
        to: "headers: {}",
        forth: &[
            "response header removed | breaking | who reads it | none, none | get_thing 200: x-request-id",
        ],
        back: &[
            "response header added | additive | who reads it | none, none | get_thing 200: x-request-id",
        ],
    },
    Case {
        from: "{x-request-id: {schema: {type: string}}}",
        to: "{x-request-id: {required: true, schema: {type: string}}}",
        forth: &[
            "response header always there | harmless | who reads it | none, none | get_thing 200: x-request-id",
        ],
        back: &[
            "response header no longer always there | breaking | who reads it | none, none | get_thing 200: x-request-id",
        ],
    },
    Case {
        from: "{x-request-id: {schema: {type: string}}}",
        to: "{x-request-id: {schema: {type: integer}}}",
        forth: &[
            "response header changed | breaking | who reads it | none, none | get_thing 200: x-request-id: schema",
        ],
        back: &[
            "response header changed | breaking | who reads it | none, none | get_thing 200: x-request-id: schema",
        ],
    },
    Case {
        from: "requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}",
        to: "requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}",
        forth: &["body required | breaking | who sends it | none, patch | place_order"],
        back: &["body optional | additive | who sends it | none, patch | place_order"],
    },
    Case {
        from: "name: sort, in: query",
        to: "x-rust-name: sorting, name: sort, in: query",
        forth: &[
            "parameter renamed | breaking | who names it | none, major | get_thing(sort): sort → sorting",
        ],
        back: &[
            "parameter renamed | breaking | who names it | none, major | get_thing(sort): sorting → sort",
        ],
    },
    Case {
        from: "name: kinds, in: query",
        to: "name: kinds, explode: false, in: query",
        forth: &[
            "parameter written differently | breaking | who sends it | none, patch | list_pages(kinds): one by one → joined by commas",
        ],
        back: &[
            "parameter written differently | breaking | who sends it | none, patch | list_pages(kinds): joined by commas → one by one",
        ],
    },
    Case {
        from: "        - {name: first, in: query, required: true, schema: {type: boolean}}\n        - {name: second, in: query, required: true, schema: {type: boolean}}\n",
        to: "        - {name: second, in: query, required: true, schema: {type: boolean}}\n        - {name: first, in: query, required: true, schema: {type: boolean}}\n",
        forth: &["arguments in another order | breaking | who names it | none, major | list_pages"],
        back: &["arguments in another order | breaking | who names it | none, major | list_pages"],
    },
    Case {
        from: "hint: {type: string}",
        to: "hint: {type: string, x-rust-field: tip}",
        forth: &["field renamed | breaking | who names it | major, major | Order.hint: hint → tip"],
        back: &["field renamed | breaking | who names it | major, major | Order.hint: tip → hint"],
    },
    Case {
        from: "hint: {type: string}",
        to: "hint: {type: string, readOnly: true}",
        forth: &["field read only | breaking | who sends it | patch, none | Order.hint"],
        back: &["field no longer read only | additive | who sends it | patch, none | Order.hint"],
    },
    Case {
        from: "note: {type: string}",
        to: "note: {type: string, writeOnly: true}",
        forth: &["field write only | breaking | who reads it | patch, none | Thing.note"],
        back: &["field no longer write only | additive | who reads it | patch, none | Thing.note"],
    },
    Case {
        from: "        amount: {type: string, description: How much., maxLength: 20, default: b}\n        side: {type: string, enum: [BUY, SELL]}\n",
        to: "        side: {type: string, enum: [BUY, SELL]}\n        amount: {type: string, description: How much., maxLength: 20, default: b}\n",
        forth: &[
            "required fields in another order | breaking | who names it | major, major | Order: amount, side → side, amount",
        ],
        back: &[
            "required fields in another order | breaking | who names it | major, major | Order: side, amount → amount, side",
        ],
    },
    Case {
        from: "side: {type: string,",
        to: "side: {type: string, x-rust-values: {BUY: Purchase},",
        forth: &[
            "enum value renamed | breaking | who names it | major, major | Side: Buy → Purchase",
        ],
        back: &[
            "enum value renamed | breaking | who names it | major, major | Side: Purchase → Buy",
        ],
    },
    Case {
        from: "enum: [EUR]",
        to: "enum: [EUR, USD]",
        forth: &[
            "enum value allowed here too | additive | who reads, sends it | none, none | Order.currency: USD",
        ],
        back: &[
            "enum value no longer allowed here | breaking | who sends it | none, none | Order.currency: USD",
        ],
    },
    Case {
        from: "    Pulse:\n",
        to: "    Pulse:\n      x-rust-name: Beat\n",
        forth: &[
            "event recognised differently | breaking | who names it | major, major | Pulse events: Pulse → Beat",
            "type renamed | breaking | who names it | major, major | BeatType: PulseType → BeatType",
            "type renamed | breaking | who names it | major, major | Beat: Pulse → Beat",
        ],
        back: &[
            "event recognised differently | breaking | who names it | major, major | Pulse events: Beat → Pulse",
            "type renamed | breaking | who names it | major, major | PulseType: BeatType → PulseType",
            "type renamed | breaking | who names it | major, major | Pulse: Beat → Pulse",
        ],
    },
    Case {
        from: "paths:\n  /things",
        to: "x-audience: partners\npaths:\n  /things",
        forth: &[
            "not understood, look | breaking | who reads, sends it | patch, patch | document: x-audience none → \"partners\"",
        ],
        back: &[
            "not understood, look | breaking | who reads, sends it | patch, patch | document: x-audience \"partners\" → none",
        ],
    },
    Case {
        from: "tags: [Pulses]",
        to: "tags: [Beats]",
        forth: &[
            "webhook under another tag | harmless | who names it | patch, none | Pulse events: pulses → beats",
        ],
        back: &[
            "webhook under another tag | harmless | who names it | patch, none | Pulse events: beats → pulses",
        ],
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
        for (old, new, way, expected) in [
            (&base, &other, "forth", case.forth),
            (&other, &base, "back", case.back),
        ] {
            let diff = Diff::between(old, new).unwrap();
            if rows(&diff) != *expected {
                wrong.push(format!("{from:?} and {to:?}, {way}: {:#?}", rows(&diff)));
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
        assert!(
            rust.unwrap_or(Step::None) <= rows,
            "{case:?}: {:?}",
            diff.rust
        );
    }
    let is_lost = diff.rust.iter().any(|change| change.new.is_none());
    assert!(
        !is_lost || diff.class() == Some(Class::Breaking),
        "{case:?}: {:?}",
        diff.rust
    );
    let unexplained = diff
        .changes
        .iter()
        .find(|change| change.kind == Kind::RustChanged);
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
