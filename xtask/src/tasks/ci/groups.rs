//! What `cargo xtask ci` runs: every check of the repository, in groups.

/// Checks that belong together: one job of a server.
pub(super) struct Group {
    pub(super) name: &'static str,
    /// Whether it is run when no group is named.
    pub(super) is_default: bool,
    pub(super) commands: &'static [CiCommand],
}

/// One command that has to succeed.
pub(super) struct CiCommand {
    /// The command line, as cargo takes it or, with [`CiCommand::program`], another program.
    pub(super) arguments: &'static [&'static str],
    pub(super) program: &'static str,
    /// What it needs beside a Rust toolchain.
    pub(super) tool: Option<Tool>,
}

/// A program, or a subcommand of cargo, that has to be installed.
pub(super) struct Tool {
    pub(super) program: &'static str,
    /// The subcommand, if there is one.
    pub(super) arguments: &'static [&'static str],
    /// How it is installed.
    pub(super) install: &'static str,
}

const MDBOOK: Tool = Tool {
    program: "mdbook",
    arguments: &[],
    install: "cargo install mdbook --locked",
};

const TYPOS: Tool = Tool {
    program: "typos",
    arguments: &[],
    install: "cargo install typos-cli --locked",
};

/// A command of cargo.
const fn cargo(arguments: &'static [&'static str]) -> CiCommand {
    CiCommand {
        arguments,
        program: "cargo",
        tool: None,
    }
}

/// A command of cargo with a subcommand that has to be installed.
const fn tool(arguments: &'static [&'static str], install: &'static str) -> CiCommand {
    CiCommand {
        arguments,
        program: "cargo",
        tool: Some(Tool {
            program: "cargo",
            arguments: arguments.split_at(1).0,
            install,
        }),
    }
}

/// A command that checks every combination of features of some packages, with one cryptographic library.
/// `default` is one of the others.
macro_rules! hack {
    ($($argument:literal),*) => {
        tool(
            &[
                "hack",
                "--locked",
                "check",
                "--feature-powerset",
                "--features",
                "aws-lc",
                "--ignore-unknown-features",
                "--exclude-features",
                "default,pure-rust",
                $($argument),*
            ],
            "cargo install cargo-hack --locked",
        )
    };
}

/// A command that checks a package with the cryptography in Rust and some features, and without the default ones.
macro_rules! pure_rust {
    ($package:literal, $features:literal) => {
        cargo(&[
            "check",
            "--locked",
            "-p",
            $package,
            "--no-default-features",
            "--features",
            $features,
        ])
    };
}

/// A task of this program.
const fn xtask(arguments: &'static [&'static str]) -> CiCommand {
    CiCommand {
        arguments,
        program: XTASK,
        tool: None,
    }
}

/// A command that checks that the lock file of a crate outside the workspace fits: it is read, and may not change.
macro_rules! lock_file {
    ($manifest:literal) => {
        cargo(&[
            "tree",
            "--locked",
            "--depth",
            "0",
            "--manifest-path",
            $manifest,
        ])
    };
}

/// Stands for the program that is running.
pub(super) const XTASK: &str = "cargo xtask";

pub(super) const GROUPS: &[Group] = &[
    Group {
        name: "lint",
        is_default: true,
        commands: &[
            cargo(&["fmt", "--all", "--check"]),
            cargo(&[
                "clippy",
                "--locked",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--",
                "-D",
                "warnings",
            ]),
        ],
    },
    Group {
        name: "drift",
        is_default: true,
        commands: &[
            xtask(&["generate", "--check"]),
            xtask(&["surface", "--check"]),
            xtask(&["msrv"]),
            lock_file!("crates/auth-signing/fuzz/Cargo.toml"),
            lock_file!("crates/client/fuzz/Cargo.toml"),
            lock_file!("crates/webhooks/fuzz/Cargo.toml"),
        ],
    },
    Group {
        name: "test",
        is_default: true,
        commands: &[
            cargo(&["test", "--locked", "--workspace", "--all-features"]),
            cargo(&[
                "test",
                "--config",
                ".ci/pure-rust.toml",
                "--locked",
                "-p",
                "upvest-auth-signing",
                "--no-default-features",
                "--features",
                "otel,pure-rust",
                "--lib",
                "--test",
                "suite",
                "--",
                // The keys and engines that these compare are the same with the other cryptography.
                "--skip",
                "ten_thousand",
            ]),
            // What the README begins with, with the features that it has there.
            cargo(&[
                "run",
                "--locked",
                "-p",
                "upvest-examples",
                "--example",
                "cash_balance",
            ]),
        ],
    },
    Group {
        name: "docs",
        is_default: true,
        commands: &[
            cargo(&[
                "doc",
                "--locked",
                "--workspace",
                "--no-deps",
                "--all-features",
            ]),
            CiCommand {
                arguments: &["build"],
                program: "mdbook",
                tool: Some(MDBOOK),
            },
            CiCommand {
                arguments: &["book"],
                program: XTASK,
                tool: Some(MDBOOK),
            },
        ],
    },
    Group {
        name: "packages",
        is_default: true,
        commands: &[
            xtask(&["packages", "--no-examples"]),
            cargo(&[
                "check",
                "--locked",
                "-p",
                "upvest-client",
                "--no-default-features",
            ]),
            pure_rust!("upvest-client", "auth,pure-rust"),
        ],
    },
    Group {
        name: "supply",
        is_default: true,
        commands: &[
            tool(
                &[
                    "deny",
                    "--all-features",
                    "check",
                    "bans",
                    "licenses",
                    "sources",
                ],
                "cargo install cargo-deny --locked",
            ),
            CiCommand {
                arguments: &[],
                program: "typos",
                tool: Some(TYPOS),
            },
        ],
    },
    Group {
        name: "advisories",
        is_default: false,
        // The advisories do not come from the registry.
        commands: &[tool(
            &["deny", "--all-features", "check", "advisories"],
            "cargo install cargo-deny --locked",
        )],
    },
    Group {
        name: "unpacked",
        is_default: false,
        commands: &[xtask(&["packages"])],
    },
    Group {
        name: "features",
        is_default: false,
        // Features are grouped within a package: cargo-hack gives each group to every package it checks.
        commands: &[
            hack!(
                "--workspace",
                "--ignore-private",
                "--exclude",
                "upvest-inbox",
                "--exclude",
                "upvest-signers"
            ),
            hack!(
                "-p",
                "upvest-inbox",
                "--group-features",
                "postgres,tls,nats",
                "--group-features",
                "axum,otel"
            ),
            hack!(
                "-p",
                "upvest-signers",
                "--group-features",
                "pkcs11,ssh-agent",
                "--group-features",
                "vault,aws-kms,azure,google-kms"
            ),
            pure_rust!("upvest-client", "auth,otel,pure-rust,testing"),
            pure_rust!("upvest", "otel,pure-rust,schemars,testing"),
            pure_rust!("upvest-webhooks", "axum,otel,pure-rust,testing"),
            pure_rust!("upvest-inbox", "axum,otel,pure-rust,sqlite"),
            pure_rust!("upvest-signers", "pkcs11,pure-rust,ssh-agent"),
            pure_rust!("upvest-sandbox", "cli,pure-rust"),
        ],
    },
    Group {
        name: "msrv",
        is_default: false,
        commands: &[cargo(&[
            "check",
            "--locked",
            "--workspace",
            "--all-targets",
            "--all-features",
        ])],
    },
    Group {
        name: "minimal",
        is_default: false,
        commands: &[tool(
            &[
                "minimal-versions",
                "check",
                "--direct",
                "--workspace",
                "--ignore-private",
                "--all-features",
            ],
            "cargo install cargo-hack cargo-minimal-versions --locked",
        )],
    },
    Group {
        name: "semver",
        is_default: false,
        commands: &[xtask(&["semver"])],
    },
];
