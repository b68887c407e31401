//! `countersign serve`: the platform with its API, console, workers and sealer.

use crate::args::Serve;
use crate::data_dir::DataDir;
use crate::{Outcome, backup, output, setup_link, wire};
use edge::{EdgeConfig, EdgeState};
use flow::Platform;
use flow::backup::schedule::Plan;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use vocab::exchange::Channel;

type Failure = Box<dyn std::error::Error>;

pub(crate) async fn run(args: Serve) -> Outcome {
    let dir = DataDir::open(&args.place)?;
    let mut channels: Vec<Arc<dyn Channel>> = Vec::new();
    if let Some(url) = &args.bank {
        channels.push(wire::sandbox(&dir, url).await?);
    }
    let plan = backup::plan(&dir, &args.backup)?;
    let before = backup::before_upgrade(
        &dir,
        args.place.database.as_deref(),
        plan.as_ref(),
        args.backup.no_backup,
    )
    .await?;
    let platform = wire::platform(&dir, args.place.database.clone(), channels).await?;
    if let Some(made) = before {
        backup::remember(&platform, &made).await?;
    }
    let certificate = match (args.tls_certificate, args.tls_key) {
        (Some(certificate), Some(key)) => (certificate, key),
        _ => dir.certificate()?,
    };
    let server = Server::start(platform, args.listen, &certificate, args.authority, plan).await?;
    output::line(&format!(
        "serving at https://{} (certificate {})",
        server.address,
        certificate.0.display()
    ));
    setup_link::announce(&server.platform, &format!("https://{}", server.address)).await?;
    until_told().await;
    output::note("stopping: finishing what has begun");
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Everything that runs for one platform.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) platform: Platform,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Server {
    /// Listens, and starts workers and sealer. Without names given, it is known under its own address and `localhost`.
    pub(crate) async fn start(
        platform: Platform,
        listen: SocketAddr,
        certificate: &(PathBuf, PathBuf),
        mut authorities: Vec<String>,
        backups: Option<Plan>,
    ) -> Result<Self, Failure> {
        let tls = edge::server::tls(&read(&certificate.0)?, &read(&certificate.1)?)?;
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            format!(
                "{listen} cannot be listened on ({error}); is another server running there? choose one with --listen"
            )
        })?;
        let address = listener.local_addr()?;
        if authorities.is_empty() {
            authorities = vec![address.to_string(), format!("localhost:{}", address.port())];
        }
        let metrics = edge::metrics::Metrics::install()?;
        let config = EdgeConfig {
            platform: platform.clone(),
            authorities,
            metrics,
            server_key: None,
            open_metrics: address.ip().is_loopback(),
        };
        let state = EdgeState::new(config);
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(edge::server::serve(listener, tls, state, told(stopping.clone())));
        tasks.spawn(flow::worker::run(platform.clone(), told(stopping.clone())));
        tasks.spawn(flow::seal::run(platform.clone(), told(stopping.clone())));
        if let Some(plan) = backups {
            tasks.spawn(flow::backup::schedule::run(platform.clone(), plan, told(stopping)));
        }
        Ok(Self {
            address,
            platform,
            stop,
            tasks,
        })
    }

    /// Stops taking requests, finishes what has begun, closes the store.
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
        self.platform.store().close().await;
    }
}

async fn told(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Waits for Ctrl-C or the operating system's request to end.
pub(crate) async fn until_told() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()).into())
}
