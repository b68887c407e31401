//! The command line.

use clap::{Args as ClapArgs, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A payment platform that an organization runs itself: nothing moves until it has been countersigned.
#[derive(Parser)]
#[command(
    name = "countersign",
    version,
    arg_required_else_help = true,
    after_help = "Begin with: countersign demo"
)]
pub(crate) struct Args {
    /// More words on standard error (-v decisions, -vv requests).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Watch a payment file travel the whole journey, on this machine, with a simulated bank.
    Demo(Demo),
    /// Run the platform.
    Serve(Serve),
    /// Make an organization with members, an application, their keys and an approval policy.
    Setup(Setup),
    /// Run the simulated bank by itself, for several servers.
    Bank(Bank),
    /// Send one signed request to a running platform.
    Api(Api),
    /// Move the clock of the test world.
    Clock(Clock),
    /// Make a link that opens the console once.
    ConsoleLink(ConsoleLink),
    /// Make a link with which the first administrator comes in, while there is none.
    SetupLink(SetupLink),
    /// Make a link with which a member who lost password or app chooses both anew.
    Recover(Recover),
    /// Explain who may do what.
    #[command(subcommand)]
    Access(AccessCommand),
    /// Check receipts offline.
    Verify(Verify),
    /// Look after the tamper-evident log.
    #[command(subcommand)]
    Log(LogCommand),
    /// Make backups, verify them, restore one.
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Explain an error code of the API, or list all of them.
    Explain {
        /// The code, such as `content_changed`.
        code: Option<String>,
    },
    /// Print the OpenAPI description of the API.
    Openapi,
}

#[derive(Subcommand)]
pub(crate) enum LogCommand {
    /// Check every row against the log and name what was altered. Exit code 1 when something was.
    Check(LogCheck),
}

#[derive(Subcommand)]
pub(crate) enum BackupCommand {
    /// Make a key: backups are made for it, and only it opens them.
    Key {
        /// Where to write it. Then take it away from this machine.
        file: PathBuf,
    },
    /// Make a backup now, while the platform runs.
    Create(BackupCreate),
    /// List the backups in a directory.
    List(BackupList),
    /// Restore a backup into a database that is thrown away, and check everything in it. Exit code 1 when something is wrong.
    Verify(BackupVerify),
    /// Restore a backup into a new place.
    Restore(BackupRestore),
    /// After a restore: let payments travel to the bank again.
    Release {
        #[command(flatten)]
        place: Place,
    },
}

/// Where backups go, and who may read them.
#[derive(ClapArgs, Clone)]
pub(crate) struct BackupTarget {
    /// Directory for backups: another disk than the database's.
    #[arg(long = "backup-to", env = "COUNTERSIGN_BACKUP_TO", value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// Who may read them, `age1…` as `countersign backup key` prints it. Repeatable.
    #[arg(
        long = "backup-recipient",
        env = "COUNTERSIGN_BACKUP_RECIPIENT",
        value_delimiter = ',',
        value_name = "RECIPIENT"
    )]
    pub(crate) recipient: Vec<String>,
    /// Who may read the backups of the keys, when that is somebody else. Repeatable.
    #[arg(
        long = "backup-keys-recipient",
        env = "COUNTERSIGN_BACKUP_KEYS_RECIPIENT",
        value_delimiter = ',',
        value_name = "RECIPIENT"
    )]
    pub(crate) keys_recipient: Vec<String>,
}

/// When backups are made by themselves, and how long they are kept.
#[derive(ClapArgs, Clone)]
pub(crate) struct BackupPlan {
    #[command(flatten)]
    pub(crate) target: BackupTarget,
    /// Minutes from one backup to the next.
    #[arg(long = "backup-every", env = "COUNTERSIGN_BACKUP_EVERY", value_name = "MINUTES",
        default_value_t = vocab::limits::BACKUP_MINUTES_DEFAULT,
        value_parser = clap::value_parser!(i64).range(vocab::limits::BACKUP_MINUTES_MIN..=vocab::limits::BACKUP_MINUTES_MAX))]
    pub(crate) every: i64,
    /// Days that backups of the data are kept.
    #[arg(long = "backup-keep", env = "COUNTERSIGN_BACKUP_KEEP", value_name = "DAYS",
        default_value_t = vocab::limits::BACKUP_DATA_DAYS_DEFAULT,
        value_parser = clap::value_parser!(i64).range(1..=vocab::limits::BACKUP_DAYS_MAX))]
    pub(crate) keep: i64,
    /// Days that backups of the keys are kept: so long may an erased key be restored.
    #[arg(long = "backup-keep-keys", env = "COUNTERSIGN_BACKUP_KEEP_KEYS", value_name = "DAYS",
        default_value_t = vocab::limits::BACKUP_KEYS_DAYS_DEFAULT,
        value_parser = clap::value_parser!(i64).range(1..=vocab::limits::BACKUP_DAYS_MAX))]
    pub(crate) keep_keys: i64,
    /// File of the key that opens backups: each is then verified by itself. Whoever takes this machine over can read them then.
    #[arg(long = "backup-identity", env = "COUNTERSIGN_BACKUP_IDENTITY", value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// Directory with room for a whole database, to verify a backup [default: the directory of the data].
    #[arg(long = "backup-scratch", env = "COUNTERSIGN_BACKUP_SCRATCH", value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
    /// Bring an older database up to date without making a backup first.
    #[arg(long)]
    pub(crate) no_backup: bool,
}

#[derive(ClapArgs)]
pub(crate) struct BackupCreate {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) target: BackupTarget,
}

#[derive(ClapArgs)]
pub(crate) struct BackupList {
    /// Directory with backups.
    #[arg(long = "backup-to", env = "COUNTERSIGN_BACKUP_TO", value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// One JSON object for each.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct BackupVerify {
    /// The data (`data-….age`).
    pub(crate) file: PathBuf,
    /// File of the key that opens it.
    #[arg(long, env = "COUNTERSIGN_BACKUP_IDENTITY", value_name = "FILE")]
    pub(crate) identity: PathBuf,
    /// The keys (`keys-….age`) [default: those beside it].
    #[arg(long, value_name = "FILE")]
    pub(crate) keys_file: Option<PathBuf>,
    /// Directory with room for a whole database [default: the system's for temporary files].
    #[arg(long, env = "COUNTERSIGN_BACKUP_SCRATCH", value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
    /// Directory of the platform that is to remember the result.
    #[arg(long, env = "COUNTERSIGN_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Its keys [default: DIR/keys].
    #[arg(long, env = "COUNTERSIGN_KEYS", value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// Its database [default: sqlite:DIR/countersign.db].
    #[arg(long, env = "COUNTERSIGN_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// One JSON object instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct BackupRestore {
    /// The data (`data-….age`).
    pub(crate) file: PathBuf,
    /// File of the key that opens it.
    #[arg(long, env = "COUNTERSIGN_BACKUP_IDENTITY", value_name = "FILE")]
    pub(crate) identity: PathBuf,
    /// The keys (`keys-….age`) [default: those beside it].
    #[arg(long, value_name = "FILE")]
    pub(crate) keys_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Where the data is.
#[derive(ClapArgs, Clone)]
pub(crate) struct Place {
    /// Directory for the database, keys and receipts.
    #[arg(long, env = "COUNTERSIGN_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Directory of the keys, when several servers share a database [default: DIR/keys].
    #[arg(long, env = "COUNTERSIGN_KEYS", value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, or `sqlite:PATH` [default: sqlite:DIR/countersign.db].
    #[arg(long, env = "COUNTERSIGN_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct Demo {
    /// A pain.001.001.03 or .09 file, or a CSV with the documented columns [default: a sample].
    pub(crate) file: Option<PathBuf>,
    /// Print one machine-readable summary instead of the story.
    #[arg(long)]
    pub(crate) json: bool,
    /// End when the journey is over instead of serving on.
    #[arg(long)]
    pub(crate) exit: bool,
    /// Keep everything in this directory instead of a new temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// `postgres://…` instead of the embedded SQLite. Without `--data` the demo uses a schema of its own there and removes it at the end.
    #[arg(long, env = "COUNTERSIGN_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// Where to serve.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Where the simulated bank begins its references.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(ClapArgs)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Where to serve.
    #[arg(
        long,
        default_value = "127.0.0.1:8420",
        env = "COUNTERSIGN_LISTEN",
        value_name = "ADDRESS"
    )]
    pub(crate) listen: SocketAddr,
    /// Names (host or host:port) under which clients reach this server; signatures are made for one of them. Repeatable.
    #[arg(long, value_name = "AUTHORITY")]
    pub(crate) authority: Vec<String>,
    /// Certificate chain in PEM [default: a self-signed one in the keys directory].
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// Private key of the certificate in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
    /// URL of a simulated bank (`countersign bank`); its token is DIR/bank.token.
    #[arg(long, value_name = "URL")]
    pub(crate) bank: Option<String>,
    #[command(flatten)]
    pub(crate) backup: BackupPlan,
}

#[derive(ClapArgs)]
pub(crate) struct Setup {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Name of the organization.
    #[arg(long, value_name = "NAME")]
    pub(crate) organization: String,
    /// A person who may approve. Repeatable; two are needed for payments that ask for two.
    #[arg(long, value_name = "NAME", required = true)]
    pub(crate) approver: Vec<String>,
    /// Name of the application that submits payments.
    #[arg(long, value_name = "NAME", default_value = "application")]
    pub(crate) client: String,
    /// Approval policy, rules separated by semicolons.
    #[arg(long, value_name = "RULES", default_value = "any needs 1")]
    pub(crate) policy: String,
    /// An account as NUMBER:CURRENCY:HOLDER at the simulated bank. Repeatable.
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Vec<String>,
    /// URL of the simulated bank that keeps the accounts.
    #[arg(long, value_name = "URL")]
    pub(crate) bank: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct Bank {
    /// Directory for the bank's book and its token.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// A loopback address.
    #[arg(long, default_value = "127.0.0.1:8421", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Where references begin.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Charge per account and day with bookings, in minor units.
    #[arg(long, default_value_t = 0)]
    pub(crate) fee_minor: i64,
}

#[derive(ClapArgs)]
pub(crate) struct Api {
    /// `GET`, `POST` or `PUT`.
    pub(crate) method: String,
    /// Path with query, such as `/v1/payments?limit=5`.
    pub(crate) path: String,
    /// Body; `@FILE` sends a file, `-` standard input.
    #[arg(short, long, value_name = "BODY")]
    pub(crate) data: Option<String>,
    /// Content type of the body.
    #[arg(long, default_value = "application/json")]
    pub(crate) content_type: String,
    /// Idempotency key [default: a fresh one].
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
    /// File with key id and private key, as `setup` and `demo` write them.
    #[arg(long, env = "COUNTERSIGN_KEY", value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Where the platform is.
    #[arg(
        long,
        env = "COUNTERSIGN_URL",
        default_value = "https://127.0.0.1:8420",
        value_name = "URL"
    )]
    pub(crate) url: String,
    /// Certificate to trust, in PEM, besides the public ones.
    #[arg(long, env = "COUNTERSIGN_CA", value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct Clock {
    #[command(subcommand)]
    pub(crate) command: ClockCommand,
}

#[derive(Subcommand)]
pub(crate) enum ClockCommand {
    /// Move it on; running servers follow within a second.
    Advance {
        /// How far: `90s`, `30m`, `12h`, `3d`, `2w`.
        by: String,
        #[command(flatten)]
        place: Place,
    },
    /// Print the time of the test world.
    Show {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(ClapArgs)]
pub(crate) struct ConsoleLink {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Where the platform serves.
    #[arg(
        long,
        env = "COUNTERSIGN_URL",
        default_value = "https://127.0.0.1:8420",
        value_name = "URL"
    )]
    pub(crate) url: String,
    /// Which organization, when there are several.
    #[arg(long, value_name = "ORG_ID")]
    pub(crate) organization: Option<String>,
    /// Open the live world instead of the test world.
    #[arg(long)]
    pub(crate) live: bool,
}

#[derive(ClapArgs)]
pub(crate) struct SetupLink {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Where the platform serves.
    #[arg(
        long,
        env = "COUNTERSIGN_URL",
        default_value = "https://127.0.0.1:8420",
        value_name = "URL"
    )]
    pub(crate) url: String,
    /// Which organization, when there are several.
    #[arg(long, value_name = "ORG_ID")]
    pub(crate) organization: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct Recover {
    /// The address that the member signs in with.
    pub(crate) email: String,
    #[command(flatten)]
    pub(crate) link: SetupLink,
}

#[derive(Subcommand)]
pub(crate) enum AccessCommand {
    /// Tell whether a member may do something, which rule decides, and who else could.
    Explain(AccessExplain),
}

#[derive(ClapArgs)]
pub(crate) struct AccessExplain {
    /// Who, `usr_…`.
    pub(crate) member: String,
    /// What, such as `payment.approve`; `list` names all.
    pub(crate) action: String,
    /// About what: a payment (`pay_…`) or a member (`usr_…`).
    pub(crate) object: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Which organization, when there are several.
    #[arg(long, value_name = "ORG_ID")]
    pub(crate) organization: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct Verify {
    /// Receipts (`.tlog-proof` files).
    #[arg(required = true, value_name = "RECEIPT")]
    pub(crate) receipts: Vec<PathBuf>,
    /// File with the log's public key [default: log.vkey beside each receipt].
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// One JSON object per receipt.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct LogCheck {
    #[command(flatten)]
    pub(crate) place: Place,
    /// One JSON object instead of sentences.
    #[arg(long)]
    pub(crate) json: bool,
}
