//! A run: a plan is carried out, or drawn while it is carried out; then everything is to come to an end, and the oracle judges.

use crate::draw::{self, Moods};
use crate::logs;
use crate::model::{Rule, Violation};
use crate::plan::{Plan, Setting};
use crate::planted::Bug;
use crate::random::Random;
use crate::stage::Stage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::runtime::{Builder, Runtime};

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The rules that do not hold, oldest first.
    pub violations: Vec<Violation>,
    /// Everything that happened, line by line.
    pub trace: Vec<String>,
    /// Writing transactions of the first server.
    pub commits: u64,
}

impl Outcome {
    /// A number that two equal runs have in common (FNV-1a of the trace).
    pub fn hash(&self) -> u64 {
        let bytes = self.trace.iter().flat_map(|line| line.bytes().chain([b'\n']));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// The first rule that does not hold.
    pub fn first(&self) -> Option<&Violation> {
        self.violations.first()
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Draws the plan of a seed while carrying it out.
pub fn of_seed(seed: u64, bug: Option<Bug>) -> (Plan, Outcome) {
    let mut random = Random::new(seed);
    let setting = Setting::draw(seed, &mut random);
    let mut moods = Moods::draw(&mut random);
    let mut actions = Vec::new();
    let outcome = with_stage(&setting, bug, async |stage: &mut Stage| {
        for _ in 0..moods.actions() {
            let action = draw::action(&mut random, &mut moods, stage);
            actions.push(action.clone());
            stage.act(&action).await;
            if !stage.model.violations.is_empty() {
                return;
            }
        }
    });
    (Plan { setting, actions }, outcome)
}

/// Carries a plan out.
pub fn of_plan(plan: &Plan, bug: Option<Bug>) -> Outcome {
    with_stage(&plan.setting, bug, async |stage: &mut Stage| {
        for action in &plan.actions {
            stage.act(action).await;
            if !stage.model.violations.is_empty() {
                return;
            }
        }
    })
}

fn with_stage(setting: &Setting, bug: Option<Bug>, act: impl AsyncFnOnce(&mut Stage)) -> Outcome {
    let _alone = logs::alone();
    let runtime = runtime();
    let carried_out = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let mut stage = Stage::new(setting, bug).await;
            act(&mut stage).await;
            let commits = stage.commits(1);
            if stage.model.violations.is_empty() {
                stage.settle_down().await;
            }
            if stage.model.violations.is_empty() {
                stage.judge().await;
            }
            if stage.model.violations.is_empty() {
                stage.search();
            }
            stage.close();
            Outcome {
                violations: std::mem::take(&mut stage.model.violations),
                trace: std::mem::take(&mut stage.trace),
                commits,
            }
        })
    }));
    runtime.shutdown_background();
    carried_out.unwrap_or_else(|cause| {
        let words = cause.downcast_ref::<String>().map(String::as_str);
        let words = words.or(cause.downcast_ref::<&str>().copied()).unwrap_or("a panic");
        Outcome {
            violations: vec![Violation {
                rule: Rule::NoBug,
                what: words.to_owned(),
            }],
            trace: Vec::new(),
            commits: 0,
        }
    })
}
