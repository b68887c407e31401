//! What clients, people and workers ask of a server, as futures: signed, with a nonce and an idempotency key, as the API does it.

use crate::action::Publication;
use crate::model::Signed;
use flow::approve::{ApprovalGiven, Approve};
use flow::authenticate::{Idempotency, idempotency};
use flow::intake::Submitted;
use flow::once::Moved;
use flow::resolve::{Action as Decision, Resolve, Resolved};
use flow::upload::{Upload, Uploaded};
use flow::{Code, Error, Platform, Refusal};
use std::pin::Pin;
use vocab::context::{Ctx, World};
use vocab::id::{KeyId, OrganizationId, PaymentId};
use vocab::transfer::CreditTransfer;

/// What came of it.
pub enum Done {
    Worked(Result<usize, Error>),
    Sealed(Result<usize, Error>),
    Published(Publication, Result<String, Error>),
    Submitted {
        payment: usize,
        altered: bool,
        replay: bool,
        signed: Signed,
        result: Result<Submitted, Error>,
    },
    Uploaded {
        file: usize,
        altered: bool,
        result: Result<(Uploaded, Vec<Option<PaymentId>>), Error>,
    },
    Decided {
        member: usize,
        payment: usize,
        yes: bool,
        key: String,
        digest: [u8; 32],
        result: Result<ApprovalGiven, Error>,
    },
    Moved {
        what: Move,
        payment: usize,
        key: String,
        result: Result<Moved, Error>,
    },
    Resolved(String, Result<Resolved, Error>),
    Policy(usize, Result<i64, Error>),
}

/// What moved a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Cancel,
    Recall,
    Confirm,
    /// To this content.
    Change([u8; 32]),
}

/// Something under way at a server.
pub type Task = Pin<Box<dyn Future<Output = Done>>>;

/// Who asks, and how the request is signed.
#[derive(Clone)]
pub struct Request {
    pub platform: Platform,
    pub organization: OrganizationId,
    pub world: World,
    /// The key that signs.
    pub key: KeyId,
    pub signed: Signed,
    /// The idempotency key.
    pub once: String,
    /// The content that is signed.
    pub content: Vec<u8>,
}

impl Request {
    /// Whose key it is.
    async fn ctx(&self) -> Result<Ctx, Error> {
        let known = flow::authenticate::key(&self.platform, self.key).await?;
        let Some(known) = known else {
            return Err(Refusal::new(Code::Unauthenticated, "the key is not known").into());
        };
        Ok(self.platform.ctx(known.organization, known.world, known.holder))
    }

    fn nonce(&self) -> store::requests::Nonce {
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(self.signed.nonce.to_be_bytes()) {
            *to = from;
        }
        flow::authenticate::nonce(self.key, self.signed.expires_at, &digest)
    }

    /// The same, after the signature was noted as seen.
    async fn claimed(&self) -> Result<Ctx, Error> {
        let ctx = self.ctx().await?;
        if flow::authenticate::claim_nonce(&self.platform, self.nonce()).await? {
            Ok(ctx)
        } else {
            Err(Refusal::new(Code::Replayed, "this signature was used before").into())
        }
    }

    fn idempotency(&self, ctx: Ctx, operation: &str) -> Idempotency {
        idempotency(
            &self.platform,
            ctx.organization,
            ctx.world,
            ctx.actor,
            operation,
            &self.once,
            &self.content,
        )
    }

    /// Submits a payment.
    pub async fn submit(self, transfer: CreditTransfer) -> Result<Submitted, Error> {
        let ctx = self.ctx().await?;
        let once = self.idempotency(ctx, "payments");
        flow::intake::submit(&self.platform, ctx, transfer, once, Some(self.nonce())).await
    }

    /// Submits a file and asks what became of its payments.
    pub async fn upload(self) -> Result<(Uploaded, Vec<Option<PaymentId>>), Error> {
        let ctx = self.claimed().await?;
        let once = self.idempotency(ctx, "batches");
        let upload = Upload {
            bytes: self.content.clone(),
            partial: true,
        };
        let uploaded = flow::upload::submit_batch(&self.platform, ctx, upload, once).await?;
        let batch = flow::view::batch(&self.platform, ctx, uploaded.batch, 0, 100).await?;
        let payments = batch.payments.iter().map(|(payment, _)| payment.payment).collect();
        Ok((uploaded, payments))
    }

    /// Approves or declines the content with this digest.
    pub async fn decide(self, payment: PaymentId, digest: [u8; 32], approved: bool) -> Result<ApprovalGiven, Error> {
        let ctx = self.claimed().await?;
        let once = self.idempotency(ctx, "approvals");
        let request = Approve {
            payment,
            content_hash: digest,
            approved,
            note: String::new(),
            key: self.key,
        };
        flow::approve::approve(&self.platform, ctx, request, once).await
    }

    /// Gives a payment another content.
    pub async fn change(self, payment: PaymentId, to: CreditTransfer) -> Result<Moved, Error> {
        let ctx = self.claimed().await?;
        let once = self.idempotency(ctx, "change");
        flow::change::change(&self.platform, ctx, payment, to, once).await
    }

    /// Cancels, recalls or confirms.
    pub async fn moved(self, what: Move, payment: PaymentId) -> Result<Moved, Error> {
        let ctx = self.claimed().await?;
        let once = self.idempotency(ctx, &format!("{what:?}"));
        match what {
            Move::Cancel => flow::cancel::cancel(&self.platform, ctx, payment, "", once).await,
            Move::Recall => flow::recall::recall(&self.platform, ctx, payment, once).await,
            Move::Confirm | Move::Change(_) => {
                flow::cancel::confirm_not_duplicate(&self.platform, ctx, payment, once).await
            }
        }
    }

    /// Decides about the n-th open exception, oldest first.
    pub async fn resolve(self, number: usize, accept: bool) -> Result<Resolved, Error> {
        let ctx = self.claimed().await?;
        let page = store::scope::Page {
            before: None,
            limit: 500,
        };
        let mut open = flow::view::exceptions(&self.platform, ctx, true, page).await?;
        open.reverse();
        let Some(place) = number.checked_rem(open.len()) else {
            return Err(Refusal::new(Code::NotFound, "there is no exception").into());
        };
        let once = self.idempotency(ctx, "exceptions");
        let resolve = Resolve {
            action: if accept {
                Decision::AcceptDifference
            } else {
                Decision::Acknowledge
            },
            note: "looked at".to_owned(),
        };
        flow::resolve::resolve(&self.platform, ctx, open[place].id, resolve, once).await
    }

    /// Sets the policy.
    pub async fn policy(self, text: String) -> Result<i64, Error> {
        let ctx = self.claimed().await?;
        flow::setup::approval_policy(&self.platform, ctx, &text.replace("; ", "\n")).await
    }
}
