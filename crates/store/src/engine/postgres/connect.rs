//! The way to a PostgreSQL server: address, TLS, time limits, and words for what can go wrong.
//!
//! SECURITY: a password never leaves the driver's configuration; messages name host and port only. Over a network TLS is demanded
//! and the certificate checked, unless the URL says otherwise; on the loopback and on a socket plain is enough.

use crate::error::OpenError;
use postgres::config::{Host, SslMode};
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Seconds to wait for a connection unless the URL says otherwise (`connect_timeout`).
const CONNECT_SECONDS: u64 = 5;
/// Seconds after which silence on a connection is looked into, between the looks, and how often.
const KEEPALIVE: (u64, u64, u32) = (10, 5, 3);
/// Seconds that sent bytes may stay unconfirmed before the connection counts as lost.
const UNCONFIRMED_SECONDS: u64 = 20;

/// How every session plans. Each of our statements is made for an index, and tables grow from nothing to millions of rows between two
/// looks of the statistics collector: a plan that was right for the empty table reads the whole table for every payment until
/// then, and its predicate locks make strangers conflict. Without a fitting index a table is still read as a whole. A bitmap loses the order of
/// its index, and the newest page would be sorted out of all rows. Compiling plans takes longer than running them.
const PLANS: &str =
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET jit = off";

/// Where a PostgreSQL database is and how to reach it.
#[derive(Clone)]
pub(crate) struct PostgresAddress {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl PostgresAddress {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=...&sslrootcert=PATH`.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let options = TlsOptions::take_from(url);
        let mut config: Config = options
            .url
            .parse()
            .map_err(|error: postgres::Error| wrong(describe(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("the host is missing".to_owned()));
        }
        set_defaults(&mut config);
        let mode = match options.mode.as_deref() {
            None if is_local(&config) => SslMode::Disable,
            // Trying TLS with a self-made certificate on the same machine would fail for no gain.
            Some("prefer") if is_local(&config) => SslMode::Disable,
            None | Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some("prefer") => SslMode::Prefer,
            Some("disable") => SslMode::Disable,
            Some(_) => {
                return Err(wrong(
                    "sslmode is none of disable, prefer, require, verify-ca, verify-full".to_owned(),
                ));
            }
        };
        config.ssl_mode(mode);
        let tls = match mode == SslMode::Disable {
            true => None,
            false => Some(connector(options.roots.as_deref()).map_err(wrong)?),
        };
        if tls.is_none() && !is_local(&config) {
            tracing::warn!(
                "the connection to PostgreSQL is not encrypted, because the database URL says sslmode=disable"
            );
        }
        Ok(Self { config, tls })
    }

    /// Connects. Blocks for at most the connect timeout for each address of the host.
    pub(crate) fn connect(&self) -> Result<Client, OpenError> {
        let connected = match &self.tls {
            None => self.config.connect(NoTls),
            Some(tls) => self.config.connect(tls.clone()),
        };
        connected
            .and_then(|mut client| client.batch_execute(PLANS).map(|()| client))
            .map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &postgres::Error) -> OpenError {
        let (host, port) = self.place();
        let Some(code) = error.code() else {
            let what = describe(error);
            return match error.source() {
                None => OpenError::Refused { host, port, what },
                Some(_) => OpenError::Unreachable { host, port, what },
            };
        };
        let reason = match *code {
            SqlState::INVALID_PASSWORD => "the password is wrong",
            SqlState::INVALID_AUTHORIZATION_SPECIFICATION => "this user may not log in from here",
            SqlState::INVALID_CATALOG_NAME => "this database does not exist",
            SqlState::TOO_MANY_CONNECTIONS => "it has too many connections already",
            SqlState::CANNOT_CONNECT_NOW => "it is starting up or shutting down",
            _ => "it gave a reason of its own",
        };
        OpenError::Refused {
            host,
            port,
            what: format!("{reason} (SQLSTATE {})", code.code()),
        }
    }

    fn place(&self) -> (String, u16) {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => self
                .config
                .get_hostaddrs()
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
        };
        (host, self.config.get_ports().first().copied().unwrap_or(5432))
    }
}

impl std::fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (host, port) = self.place();
        write!(f, "PostgresAddress({host}:{port})")
    }
}

fn wrong(what: String) -> OpenError {
    OpenError::Url { what }
}

/// The error with its direct cause, which for connections is the reason of the operating system or of TLS.
fn describe(error: &postgres::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn set_defaults(config: &mut Config) {
    if config.get_application_name().is_none() {
        config.application_name("countersign");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(CONNECT_SECONDS));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(UNCONFIRMED_SECONDS));
    }
    let (idle, interval, retries) = KEEPALIVE;
    config.keepalives_idle(Duration::from_secs(idle));
    config.keepalives_interval(Duration::from_secs(interval));
    config.keepalives_retries(retries);
}

fn is_local(config: &Config) -> bool {
    let names = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    names && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

/// The parts of the URL that the driver does not know.
struct TlsOptions {
    url: String,
    mode: Option<String>,
    roots: Option<String>,
}

impl TlsOptions {
    fn take_from(url: &str) -> Self {
        let (start, query) = url.split_once('?').unwrap_or((url, ""));
        let mut options = Self {
            url: start.to_owned(),
            mode: None,
            roots: None,
        };
        let mut separator = '?';
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => options.mode = Some(mode.to_owned()),
                Some(("sslrootcert", path)) => options.roots = Some(path.to_owned()),
                _ => {
                    options.url.push(separator);
                    options.url.push_str(pair);
                    separator = '&';
                }
            }
        }
        options
    }
}

/// TLS with the named root certificates, or else with those that this machine trusts.
fn connector(roots: Option<&str>) -> Result<MakeRustlsConnect, String> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(path) => {
            let unreadable = |error| format!("sslrootcert `{path}` cannot be read: {error}");
            let certificates = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
            store.add_parsable_certificates(certificates.filter_map(Result::ok));
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if store.is_empty() {
        return Err("TLS needs trusted root certificates and there are none; name a file in sslrootcert".to_owned());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> Result<SslMode, String> {
        PostgresAddress::parse(url)
            .map(|address| address.config.get_ssl_mode())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn plain_is_for_this_machine_unless_the_url_says_otherwise() {
        assert_eq!(mode("postgres://u:p@127.0.0.1:5/db"), Ok(SslMode::Disable));
        assert_eq!(mode("postgres://u:p@localhost/db?sslmode=prefer"), Ok(SslMode::Disable));
        assert_eq!(
            mode("postgres://u:p@db.example/db?sslmode=disable"),
            Ok(SslMode::Disable)
        );
    }

    #[test]
    fn unknown_modes_missing_hosts_and_missing_roots_are_refused() {
        assert!(
            mode("postgres://u:p@localhost/db?sslmode=maybe")
                .unwrap_err()
                .contains("sslmode")
        );
        assert!(mode("postgres:///db").unwrap_err().contains("host is missing"));
        let roots = mode("postgres://u:p@db.example/db?sslrootcert=/nowhere.pem");
        assert!(roots.unwrap_err().contains("/nowhere.pem"));
    }

    #[test]
    fn other_parameters_reach_the_driver() {
        let address =
            PostgresAddress::parse("postgres://u@localhost/db?sslmode=disable&options=-c%20a%3Db&connect_timeout=9");
        let config = address.unwrap().config;
        assert_eq!(config.get_options(), Some("-c a=b"));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(9)));
    }

    #[test]
    fn the_password_is_in_no_message() {
        let address = PostgresAddress::parse("postgres://u:hunter2@127.0.0.1:1/db").unwrap();
        let error = address.connect().err().unwrap();
        assert!(matches!(&error, OpenError::Unreachable { port: 1, .. }), "{error}");
        assert!(!format!("{error} {error:?} {address:?}").contains("hunter2"));
    }
}
