//! One journey that takes every kind of step, broken once at every durable step and at every call to the bank, in every form; and with
//! every action done twice.

use crate::action::{Action, Asked, Behaviour, Call, Form};
use crate::draw::again;
use crate::plan::Plan;
use crate::run;

/// A journey with payments and a file, a change, approvals, a cancellation, orders, statements, a recall, a return, a decision of a
/// person, and the log.
const WHOLE: &str = include_str!("../plans/whole.journey");

/// What a broken journey must not break: its name, and the rule that does not hold.
pub type Broken = (String, String);

/// How a journey is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// At a commit.
    Commit(Form),
    /// At a call to the bank.
    Call(Call, Behaviour),
    /// An action is done twice.
    Twice,
}

impl Way {
    /// All ways.
    pub fn all() -> Vec<Self> {
        let calls = [
            (Call::Send, Behaviour::LosesRequest),
            (Call::Send, Behaviour::LosesAnswer),
            (Call::Send, Behaviour::Refuses),
            (Call::Send, Behaviour::Babbles),
            (Call::Collect, Behaviour::LosesAnswer),
            (Call::Collect, Behaviour::Tears),
        ];
        let forms = Form::ALL.iter().copied().map(Self::Commit);
        let calls = calls.into_iter().map(|(call, behaviour)| Self::Call(call, behaviour));
        forms.chain(calls).chain([Self::Twice]).collect()
    }
}

/// Breaks the journey in this way at every `stride`-th place from `from` on; returns how many runs that were, and which failed.
pub fn broken(way: Way, from: usize, stride: usize) -> (usize, Vec<Broken>) {
    let whole = Plan::parse(WHOLE).expect("a plan");
    let places = match way {
        Way::Commit(_) => usize::try_from(run::of_plan(&whole, None).commits).unwrap_or(0),
        Way::Call(..) | Way::Twice => whole.actions.len(),
    };
    let (mut runs, mut failing) = (0, Vec::new());
    for place in (from..places).step_by(stride.max(1)) {
        let Some(plan) = at(&whole, way, place) else { continue };
        runs += 1;
        if let Some(violation) = run::of_plan(&plan, None).first() {
            failing.push((format!("{way:?} at {place}"), violation.to_string()));
        }
    }
    (runs, failing)
}

fn at(whole: &Plan, way: Way, place: usize) -> Option<Plan> {
    let mut plan = whole.clone();
    match way {
        Way::Commit(form) => {
            plan.actions
                .insert(0, Action::Fault(1, u64::try_from(place).ok()?, form));
            if form == Form::Stalls {
                // Long enough that whatever it was doing is somebody else's by then.
                let end = plan.actions.len();
                plan.actions.insert(end, Action::Passes(61));
                plan.actions.insert(end + 1, Action::GoesOn(1));
            }
        }
        Way::Call(call, behaviour) => {
            if !matches!(plan.actions[place], Action::Ask(_, Asked::Work)) {
                return None;
            }
            plan.actions.insert(place, Action::Bank(1, call, behaviour));
        }
        Way::Twice => {
            let twice = match &plan.actions[place] {
                Action::Ask(server, asked) => Action::Ask(*server, again(asked)),
                action => action.clone(),
            };
            plan.actions.insert(place + 1, twice);
        }
    }
    Some(plan)
}
