//! Changes of the document, of operations and of their parameters.

use super::Case;

pub(super) const CASES: &[Case] = &[
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
        from: "summary: Get a thing.\n      tags: [Things]",
        to: "summary: Get a thing.\n      tags: [Things, Items]",
        forth: &[
            "operation under another tag | harmless | who names it | patch, patch | get_thing: also under Items",
        ],
        back: &[
            "operation under another tag | harmless | who names it | patch, patch | get_thing: no longer under Items",
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
    // The call as it was answers data as before.
    Case {
        from: "content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}\n        '404'",
        to: "content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}, application/pdf: {schema: {type: string, format: binary}}}}\n        '404'",
        forth: &[
            "answer as a file added | additive | who reads, names it | none, minor | get_thing: application/pdf",
        ],
        back: &[
            "answer as a file removed | breaking | who reads, names it | none, major | get_thing: application/pdf",
        ],
    },
    Case {
        from: "content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}\n        '404'",
        to: "content: {application/pdf: {schema: {type: string, format: binary}}}}\n        '404'",
        forth: &[
            "answer of another type | breaking | who reads, names it | none, major | get_thing: Thing → a file",
        ],
        back: &[
            "answer of another type | breaking | who reads, names it | none, major | get_thing: a file → Thing",
        ],
    },
    Case {
        from: "application/pdf:",
        to: "application/octet-stream:",
        forth: &[
            "file of another type | breaking | who reads it | none, patch | get_file: application/pdf → application/octet-stream",
        ],
        back: &[
            "file of another type | breaking | who reads it | none, patch | get_file: application/octet-stream → application/pdf",
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
];
