//! Changes of security, headers, encodings, deprecation and tags.

use super::Case;

pub(super) const CASES: &[Case] = &[
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
            "not understood, check by hand | breaking | who reads, sends it | patch, patch | document: x-audience none → \"partners\"",
        ],
        back: &[
            "not understood, check by hand | breaking | who reads, sends it | patch, patch | document: x-audience \"partners\" → none",
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
