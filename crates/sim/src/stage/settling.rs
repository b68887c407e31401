//! The quiet time after the faults: everybody does what they would do, time passes, and everything has to come to an end.

use super::Stage;
use crate::action::{Asked, Publication};
use crate::oracle::answers::REPEATED_FOR;
use flow::view::{Filter, PaymentView};
use payment::state::State;
use store::scope::Page;
use vocab::context::World;

/// Pauses between two rounds, in seconds: long enough that every retry has its turn, then days.
const PAUSES: [i64; 10] = [6, 12, 30, 70, 150, 310, 610, 610, 610, 610];
/// Rounds after which everything must have come to an end.
const ROUNDS: usize = 44;
/// Jobs of one server in one round at most.
const JOBS: usize = 400;

/// All on one page.
pub const ALL: Page = Page {
    before: None,
    limit: 500,
};

impl Stage {
    /// Stops the faults and lets everything come to an end.
    pub async fn settle_down(&mut self) {
        self.note("the faults stop");
        for number in 1..=self.banks.len() {
            self.bank(number).calm();
        }
        for place in 0..self.servers.len() {
            self.servers[place].hook.calm();
            while self.servers[place].pending.front().is_some() {
                self.goes_on(place + 1).await;
            }
        }
        // Leases end, and what is due by a clock that was set back is due now.
        self.pass(130).await;
        for round in 0..ROUNDS {
            self.model.step += 1;
            self.clients().await;
            let views = self.views().await;
            let ended = self.ended(&views);
            if ended && round > 0 {
                break;
            }
            self.people(&views).await;
            self.work().await;
            let now = self.now();
            for number in 1..=self.banks.len() {
                let mut bank = self.bank(number);
                bank.tell_time(now);
                bank.finish();
            }
            self.work().await;
            let pause = PAUSES
                .get(round)
                .copied()
                .unwrap_or(if round % 3 == 0 { 86_400 } else { 610 });
            self.pass(pause).await;
        }
        while let Ok(1..) = flow::seal::seal(&self.platform()).await {}
        self.ask(1, &Asked::Publish(Publication::Done)).await;
    }

    /// Clients ask again for what was never answered.
    async fn clients(&mut self) {
        let now = self.elapsed();
        let files: Vec<usize> = self
            .model
            .files
            .iter()
            .filter(|(_, filed)| !filed.answered && !filed.refused && now - filed.asked_at < REPEATED_FOR)
            .map(|(file, _)| *file)
            .collect();
        for file in files {
            self.ask(1, &Asked::RepeatFile { file, altered: false }).await;
        }
        let payments: Vec<usize> = self
            .model
            .payments
            .iter()
            .filter(|(_, paid)| paid.file.is_none() && paid.answer.is_none() && !paid.refused)
            .filter(|(_, paid)| now - paid.asked_at < REPEATED_FOR)
            .map(|(payment, _)| *payment)
            .collect();
        for payment in payments {
            self.ask(
                1,
                &Asked::Repeat {
                    payment,
                    altered: false,
                },
            )
            .await;
        }
    }

    /// Every payment as the platform shows it.
    pub async fn views(&self) -> Vec<PaymentView> {
        let platform = self.platform();
        let ctx = self.ctx(&platform);
        flow::view::payments(&platform, ctx, Filter::default(), ALL)
            .await
            .expect("payments can be listed")
    }

    /// People look at what waits for them, and decide.
    async fn people(&mut self, views: &[PaymentView]) {
        for view in views {
            let Some(payment) = self.known_as(view) else { continue };
            self.learn(payment, view);
            match view.state {
                State::Received { .. } => self.ask(1, &Asked::Confirm { payment }).await,
                State::WaitingForApproval { needed } => self.approve(payment, needed).await,
                State::Queued { resend: None, .. } if self.lacks_approvals(view).await => {
                    self.ask(1, &Asked::Cancel { payment }).await;
                }
                _ => {}
            }
        }
    }

    fn known_as(&self, view: &PaymentView) -> Option<usize> {
        let known = self.model.payments.iter().find(|(_, paid)| paid.id == Some(view.id));
        known.map(|(payment, _)| *payment)
    }

    /// Whoever looks at a payment sees whether a change was taken that was never answered.
    fn learn(&mut self, payment: usize, view: &PaymentView) {
        let digest = flow::content::digest(&flow::content::canonical(&view.transfer).expect("a transfer"));
        let Some(paid) = self.model.payments.get_mut(&payment) else {
            return;
        };
        if paid.current().digest != digest
            && let Some(place) = paid.contents.iter().rposition(|content| content.digest == digest)
        {
            let mut content = paid.contents.remove(place);
            content.certain = true;
            paid.contents.push(content);
        }
    }

    async fn approve(&mut self, payment: usize, needed: u32) {
        let paid = &self.model.payments[&payment];
        let digest = paid.current().digest;
        let makers = paid.makers();
        let given = paid.approvers(&digest, true);
        let free: Vec<usize> = (1..=self.setting.approvers)
            .filter(|member| !makers.contains(&crate::action::Who::Member(*member)) && !given.contains(member))
            .collect();
        let missing = usize::try_from(needed).unwrap_or(0).saturating_sub(given.len());
        if free.len() < missing {
            return self.ask(1, &Asked::Cancel { payment }).await;
        }
        for member in free {
            self.ask(
                1,
                &Asked::Decide {
                    member,
                    payment,
                    yes: true,
                    unseen: false,
                    anew: false,
                },
            )
            .await;
        }
    }

    async fn lacks_approvals(&self, view: &PaymentView) -> bool {
        let platform = self.platform();
        let open = flow::view::exceptions(&platform, self.ctx(&platform), true, ALL).await;
        open.expect("exceptions can be listed")
            .iter()
            .any(|exception| exception.code == "approvals_missing" && exception.payment == Some(view.id))
    }

    /// The first server does what is due.
    async fn work(&mut self) {
        let (platform, world) = (self.platform(), self.setting.world);
        for _ in 0..JOBS {
            if world == World::Test {
                drop(platform.refresh_test_clock().await);
            }
            let worked = flow::worker::run_some(&platform, world, 1).await;
            self.listen(self.model.step);
            if !matches!(worked, Ok(1..)) {
                return;
            }
        }
        self.note("there is always something to do");
    }

    /// Whether nobody waits for anything, and the platform has read what the banks had to say.
    fn ended(&self, views: &[PaymentView]) -> bool {
        let waits = self
            .model
            .payments
            .values()
            .any(|paid| paid.id.is_none() && !paid.refused && self.elapsed() - paid.asked_at < REPEATED_FOR);
        let told = (1..=self.banks.len()).all(|number| self.bank(number).has_told_all());
        told && !waits && views.iter().all(|view| view.state.name().is_final())
    }
}
