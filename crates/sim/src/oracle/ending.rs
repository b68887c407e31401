//! After the end: what the platform says, against what was answered and against the banks' books.

use crate::bank::Standing;
use crate::model::Rule;
use crate::people::{MARKS, eur, of_end_to_end};
use crate::stage::{ALL, Stage};
use evidence::checkpoint::SignedCheckpoint;
use evidence::hash::{Hash, leaf_hash, node_hash};
use evidence::receipt::verify_receipt;
use evidence::tile::{Level, Tile};
use flow::Platform;
use flow::view::{EventView, PaymentDetail, PaymentView, Resolution};
use payment::state::{State, StateName};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use vocab::context::{Actor, Ctx};
use vocab::id::PaymentId;

/// Lines that the log may hold and that are no bug.
const EXPECTED: [&str; 1] = ["without the approvals that it needs"];

impl Stage {
    /// Checks everything once all is quiet.
    pub async fn judge(&mut self) {
        let platform = self.platform();
        let ctx = self.ctx(&platform);
        let views = self.views().await;
        self.payments(&platform, ctx, &views).await;
        self.banks_and_states(&platform, ctx, &views).await;
        self.ledger(&platform, ctx, &views).await;
        self.lines(&platform, ctx).await;
        self.log(&platform).await;
        let report = flow::check::check(&platform).await;
        match report {
            Ok(report) => {
                for problem in report.problems.iter().take(3) {
                    self.model.violated(Rule::Check, format!("{problem:?}"));
                }
            }
            Err(error) => self.model.violated(Rule::Check, format!("{error:?}")),
        }
    }

    async fn payments(&mut self, platform: &Platform, ctx: Ctx, views: &[PaymentView]) {
        let mut seen: BTreeMap<usize, PaymentId> = BTreeMap::new();
        for view in views {
            let Some(payment) = of_end_to_end(view.transfer.end_to_end_id.as_str()) else {
                continue;
            };
            if seen.insert(payment, view.id).is_some() {
                let what = format!("p{payment} was asked for once and is there twice");
                self.model.violated(Rule::ExecutedOnce, what);
            }
            let refused = self.model.payments.get(&payment).is_none_or(|paid| paid.refused);
            if refused {
                let what = format!("p{payment} was refused, and it is there");
                self.model.violated(Rule::NothingLost, what);
            }
        }
        let known: Vec<(usize, PaymentId)> = self
            .model
            .payments
            .iter()
            .filter_map(|(payment, paid)| Some((*payment, paid.id?)))
            .collect();
        for (payment, id) in known {
            match flow::view::payment_detail(platform, ctx, id).await {
                Ok(detail) => self.payment(platform, ctx, payment, &detail).await,
                Err(_) => self.model.violated(
                    Rule::NothingLost,
                    format!("p{payment} was acknowledged and is not there"),
                ),
            }
        }
    }

    async fn payment(&mut self, platform: &Platform, ctx: Ctx, payment: usize, detail: &PaymentDetail) {
        let view = &detail.payment;
        let state = view.state.name();
        let digest = flow::content::digest(&flow::content::canonical(&view.transfer).expect("a transfer"));
        let paid = self.model.payments[&payment].clone();
        if !paid.contents.iter().any(|content| content.digest == digest) {
            let what = format!("p{payment} has a content that nobody gave it");
            self.model.violated(Rule::NothingLost, what);
        }
        if let Some(ended) = paid.ended
            && !matches!(state, StateName::Cancelled | StateName::Rejected)
        {
            let what = format!("p{payment} was {ended} and is {state}");
            self.model.violated(Rule::SentAfterNo, what);
        }
        for given in paid.approvals.iter().filter(|given| given.certain) {
            let member = self.house.members[given.member - 1];
            let kept = detail.approvals.iter().any(|kept| {
                kept.approval.member == member && kept.approval.content_digest == given.digest && kept.approval.approved
            });
            if !kept {
                let what = format!(
                    "the approval of p{payment} by m{} was acknowledged and is not there",
                    given.member
                );
                self.model.violated(Rule::NothingLost, what);
            }
        }
        self.path(payment, detail);
        if !state.is_final() && !self.told(platform, ctx, view.id).await {
            let what = format!("p{payment} is still {:?}, and nobody was told", view.state);
            self.model.violated(Rule::Ends, what);
        }
        if detail.timeline.iter().any(|event| event.position.is_none()) {
            let what = format!("an event of p{payment} has no place in the log");
            self.model.violated(Rule::Proven, what);
        } else if payment % 7 == 1 {
            let receipt = flow::receipt::receipt(platform, ctx, view.id).await;
            let holds = receipt
                .ok()
                .flatten()
                .is_some_and(|bytes| verify_receipt(&bytes, platform.log_verifier()).is_ok());
            if !holds {
                self.model
                    .violated(Rule::Proven, format!("the receipt of p{payment} does not hold"));
            }
        }
    }

    /// States only ever moved as the matrix says.
    fn path(&mut self, payment: usize, detail: &PaymentDetail) {
        let mut at: Option<String> = None;
        for event in in_sequence(detail) {
            let Some(data) = event.body.get("data") else { continue };
            let to: Vec<String> = match data.get("transitions").and_then(|list| list.as_array()) {
                Some(list) => list.iter().filter_map(|to| to.as_str().map(str::to_owned)).collect(),
                None if event.kind == "payment.received" => {
                    at = data.get("state").and_then(|state| state.as_str()).map(str::to_owned);
                    continue;
                }
                None => continue,
            };
            for to in to {
                let from = at.replace(to.clone()).unwrap_or_default();
                if !matrix().contains(&(from.clone(), to.clone())) {
                    let what = format!("p{payment} went from {from} to {to}");
                    self.model.violated(Rule::StateMatrix, what);
                }
            }
        }
        let positions: Vec<_> = in_sequence(detail).iter().map(|event| event.position).collect();
        if !positions.is_sorted() {
            let what = format!("the events of p{payment} stand in the log as {positions:?}");
            self.model.violated(Rule::OneLog, what);
        }
        let now = detail.payment.state.name();
        if at.as_deref() != Some(now.name()) {
            let what = format!("p{payment} is {now}, and its events end with {at:?}");
            self.model.violated(Rule::StateMatrix, what);
        }
    }

    /// Whether a person was told about a payment: it is on the list, or somebody has decided about it.
    async fn told(&self, platform: &Platform, ctx: Ctx, payment: PaymentId) -> bool {
        let list = flow::view::exceptions(platform, ctx, false, ALL)
            .await
            .unwrap_or_default();
        list.iter().any(|exception| {
            let by_person = |resolution: &Resolution| matches!(resolution.by, Actor::Member(_));
            exception.payment == Some(payment) && exception.resolved.as_ref().is_none_or(by_person)
        })
    }

    async fn banks_and_states(&mut self, platform: &Platform, ctx: Ctx, views: &[PaymentView]) {
        let states: BTreeMap<String, (PaymentId, StateName)> = views
            .iter()
            .map(|view| (view.transfer.end_to_end_id.to_string(), (view.id, view.state.name())))
            .collect();
        let mut executed = BTreeSet::new();
        for number in 1..=self.banks.len() {
            let (executions, payments) = {
                let bank = self.bank(number);
                (bank.executions(), bank.payments.clone())
            };
            for (reference, times) in executions {
                if times > 1 {
                    let what = format!("{reference} was executed {times} times by bank{number}");
                    self.model.violated(Rule::ExecutedOnce, what);
                }
            }
            // A booking that is not as it should be may spoil what is explained together with it.
            let odd: BTreeSet<usize> = payments.iter().filter(|one| one.odd).map(|one| one.order).collect();
            for payment in payments {
                let reference = payment.transfer.end_to_end_id.to_string();
                let Some((id, state)) = states.get(&reference) else {
                    let what = format!("bank{number} has {reference}, which the platform does not know");
                    self.model.violated(Rule::NothingLost, what);
                    continue;
                };
                let should = match payment.standing {
                    Standing::Rejected => StateName::Rejected,
                    Standing::Cancelled => StateName::Cancelled,
                    Standing::Accepted if payment.returned => StateName::Returned,
                    Standing::Accepted => StateName::Settled,
                };
                if payment.booked > 0 {
                    executed.insert(reference.clone());
                }
                let told = odd.contains(&payment.order) && self.told(platform, ctx, *id).await;
                if should != *state && !told {
                    let what = format!("{reference} is {should} at bank{number} and {state} here");
                    self.model.violated(Rule::StatesAndBank, what);
                }
            }
        }
        for (reference, (_, state)) in states {
            if matches!(state, StateName::Settled | StateName::Returned) && !executed.contains(&reference) {
                let what = format!("{reference} is {state}, and no bank has booked it");
                self.model.violated(Rule::StatesAndBank, what);
            }
        }
    }

    async fn ledger(&mut self, platform: &Platform, ctx: Ctx, views: &[PaymentView]) {
        let balances = flow::view::balances(platform, ctx, None).await.expect("balances");
        let sum: i64 = balances.iter().map(|balance| balance.amount.minor()).sum();
        if sum != 0 {
            self.model
                .violated(Rule::LedgerBalances, format!("the balances come to {sum}"));
        }
        let of = |start: &str| -> i64 {
            let named = balances.iter().filter(|balance| balance.account.starts_with(start));
            named.map(|balance| balance.amount.minor()).sum()
        };
        let open: i64 = views
            .iter()
            .map(|view| match view.state {
                State::AcceptedByBank { booked_minor, .. } => view.transfer.amount.minor() - booked_minor,
                _ => 0,
            })
            .sum();
        if of("in_transit") != -open {
            let what = format!("in transit are {}, and {open} is at banks", of("in_transit"));
            self.model.violated(Rule::LedgerBalances, what);
        }
        for number in 1..=self.banks.len() {
            let account = self.house.accounts[number - 1];
            let (held, balance) = match flow::view::account(platform, ctx, account).await {
                Ok(view) => (view.held.minor(), view.balance.minor()),
                Err(error) => return self.model.violated(Rule::NothingLost, format!("{error:?}")),
            };
            let theirs = self.bank(number).balance();
            if balance != theirs {
                let what = format!("the ledger has {balance} at bank{number}, and the bank {theirs}");
                self.model.violated(Rule::BooksAndBank, what);
            }
            let should: i64 = views
                .iter()
                .filter(|view| view.account == account)
                .map(|view| match view.state {
                    State::AcceptedByBank { booked_minor, .. } => view.transfer.amount.minor() - booked_minor,
                    _ if view.state.name().is_final() => 0,
                    _ => view.transfer.amount.minor(),
                })
                .sum();
            if held != should {
                let what = format!("{held} is held at bank{number}, and {should} should be");
                self.model.violated(Rule::Holds, what);
            }
        }
    }

    async fn lines(&mut self, platform: &Platform, ctx: Ctx) {
        for number in 1..=self.banks.len() {
            let account = self.house.accounts[number - 1];
            let statements = flow::view::statements(platform, ctx, Some(account), ALL)
                .await
                .expect("statements");
            let mut taken: Vec<(String, i64)> = Vec::new();
            let mut unexplained = 0;
            for statement in statements {
                let detail = flow::view::statement(platform, ctx, statement.id, None, 500)
                    .await
                    .expect("a statement");
                for (line, matches) in detail.lines {
                    let reference = line.identity.rsplit('|').next().unwrap_or_default().to_owned();
                    let minor = line.amount.minor();
                    let explained: i64 = matches
                        .iter()
                        .map(|matched| match matched.effect.as_str() {
                            "booked" => -matched.amount_minor,
                            _ => matched.amount_minor,
                        })
                        .sum();
                    let fits = match line.rule.as_str() {
                        "exception" => {
                            unexplained += minor;
                            matches.is_empty()
                        }
                        "by-hand" => explained > minor,
                        _ => explained == minor,
                    };
                    if !fits {
                        let what = format!("{reference} of {minor} is explained by {explained} ({})", line.rule);
                        self.model.violated(Rule::LinesOnce, what);
                    }
                    taken.push((reference, minor));
                }
            }
            taken.sort();
            let mut theirs: Vec<(String, i64)> = {
                let bank = self.bank(number);
                let entries = bank.entries.iter();
                entries.map(|entry| (entry.reference.clone(), entry.minor)).collect()
            };
            theirs.sort();
            if taken != theirs {
                let missing: Vec<_> = theirs.iter().filter(|line| !taken.contains(line)).collect();
                let (ours, bank) = (taken.len(), theirs.len());
                let what = format!("{ours} lines were taken in, bank{number} has {bank}; missing {missing:?}");
                self.model.violated(Rule::LinesOnce, what);
            }
            self.suspense.push(unexplained);
        }
        let balances = flow::view::balances(platform, ctx, None).await.expect("balances");
        let named = balances
            .iter()
            .filter(|balance| balance.account.starts_with("suspense"));
        let suspense: i64 = named.map(|balance| balance.amount.minor()).sum();
        let unexplained: i64 = self.suspense.iter().sum();
        if suspense != -unexplained {
            let what = format!(
                "{suspense} {} waits in suspense, and lines of {unexplained} are unexplained",
                eur()
            );
            self.model.violated(Rule::BooksAndBank, what);
        }
    }

    /// Every checkpoint that was ever published is of this log.
    async fn log(&mut self, platform: &Platform) {
        let verifier = platform.log_verifier().clone();
        let mut heads = Vec::new();
        for text in std::mem::take(&mut self.model.published) {
            let signed = SignedCheckpoint::parse(text.as_bytes()).ok();
            let head = signed.and_then(|signed| {
                let checkpoint = signed.verify(&verifier).ok()?;
                Some((checkpoint.size(), checkpoint.root()))
            });
            match head {
                Some(head) => heads.push(head),
                None => self
                    .model
                    .violated(Rule::OneLog, "a published checkpoint is not signed by the log"),
            }
        }
        let size = heads.last().map_or(0, |(size, _)| *size);
        let leaves = leaves(platform, size).await;
        let mut before = 0;
        for (size, root) in heads {
            let length = usize::try_from(size).unwrap_or(usize::MAX);
            let holds = leaves.get(..length).is_some_and(|leaves| tree(leaves) == root);
            if !holds || size < before {
                let what = format!("the checkpoint of size {size} is not of this log");
                self.model.violated(Rule::OneLog, what);
            }
            before = size;
        }
    }

    /// Nothing secret stands in the files of the database or in the log of the servers, and no bug was reported there.
    pub fn search(&mut self) {
        for (level, line) in crate::logs::take() {
            self.no_marks(&line, "a log line");
            if level == tracing::Level::ERROR && !EXPECTED.iter().any(|expected| line.contains(expected)) {
                self.model.violated(Rule::NoBug, line);
            }
        }
        for ending in ["", "-wal"] {
            let mut path = self.file().into_os_string();
            path.push(ending);
            let bytes = std::fs::read(&path).unwrap_or_default();
            for mark in MARKS {
                if contains(&bytes, mark.as_bytes()) {
                    let what = format!("`{mark}` stands in the database file{ending}");
                    self.model.violated(Rule::Secrecy, what);
                }
            }
        }
    }
}

/// The events that moved a payment, each after the one that it names. Ids are no sequence: they grow with clocks, and servers' clocks differ.
fn in_sequence(detail: &PaymentDetail) -> Vec<&EventView> {
    let mut sequence: Vec<&EventView> = detail
        .timeline
        .iter()
        .filter(|event| event.kind == "payment.received")
        .collect();
    while let Some(last) = sequence.last() {
        let id = last.id.to_string();
        let after = |event: &&EventView| {
            let named = event.body.get("data").and_then(|data| data.get("after"));
            named.and_then(|named| named.as_str()) == Some(id.as_str())
        };
        match detail.timeline.iter().find(after) {
            Some(next) => sequence.push(next),
            None => break,
        }
    }
    sequence
}

/// Whether the mark is in there (Horspool's search: most bytes are never looked at).
fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    let mut skip = [mark.len(); 256];
    for (place, byte) in mark.iter().enumerate().take(mark.len() - 1) {
        skip[usize::from(*byte)] = mark.len() - 1 - place;
    }
    let end = mark.len() - 1;
    let mut at = end;
    while at < bytes.len() {
        let last = bytes[at];
        if last == mark[end] && &bytes[at - end..=at] == mark {
            return true;
        }
        at += skip[usize::from(last)];
    }
    false
}

async fn leaves(platform: &Platform, size: u64) -> Vec<Hash> {
    let mut leaves = Vec::new();
    for index in 0..size.div_ceil(256) {
        let Some(tile) = Tile::in_tree(size, Level::Entries, index) else {
            break;
        };
        let Ok(Some(bytes)) = flow::seal::tile(platform, tile).await else {
            break;
        };
        let mut rest = bytes.as_slice();
        while let [high, low, after @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            leaves.push(leaf_hash(&after[..length]));
            rest = &after[length..];
        }
    }
    leaves
}

/// The root of a tree (RFC 6962, 2.1), as the standard writes it.
fn tree(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY_TREE,
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            node_hash(&tree(&leaves[..split]), &tree(&leaves[split..]))
        }
    }
}

/// Every move that the golden matrix of `payment` allows.
fn matrix() -> &'static BTreeSet<(String, String)> {
    static MATRIX: OnceLock<BTreeSet<(String, String)>> = OnceLock::new();
    MATRIX.get_or_init(|| {
        let mut moves = BTreeSet::new();
        let mut from = String::new();
        for line in include_str!("../../../payment/tests/golden/state_matrix.txt").lines() {
            let name = |text: &str| text.trim().split([' ', ',']).next().unwrap_or_default().to_owned();
            if let Some((_, path)) = line.split_once(" -> ") {
                let mut at = from.clone();
                for to in path.split("->").map(name) {
                    moves.insert((at, to.clone()));
                    at = to;
                }
            } else if !line.starts_with(' ') && !line.is_empty() {
                from = name(line);
            }
        }
        moves
    })
}
