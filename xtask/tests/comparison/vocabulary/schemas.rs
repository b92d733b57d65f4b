//! Changes of schemas, of their properties, limits and values, and of webhooks.

use super::Case;

pub(super) const CASES: &[Case] = &[
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
];
