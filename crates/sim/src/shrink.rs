//! Shrinking: actions are left out as long as the same rule still does not hold.

use crate::plan::Plan;
use crate::planted::Bug;
use crate::run::of_plan;

/// Leaves out what is not needed, in at most so many runs.
pub fn shrink(plan: &Plan, bug: Option<Bug>, runs: usize) -> Plan {
    let Some(rule) = of_plan(plan, bug).first().map(|violation| violation.rule) else {
        return plan.clone();
    };
    let mut left = runs;
    let mut fails = |plan: &Plan| {
        left = left.saturating_sub(1);
        left > 0
            && of_plan(plan, bug)
                .first()
                .is_some_and(|violation| violation.rule == rule)
    };
    let mut best = plan.clone();
    let mut size = best.actions.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < best.actions.len() {
            let mut candidate = best.clone();
            let until = (from + size).min(candidate.actions.len());
            candidate.actions.drain(from..until);
            if fails(&candidate) {
                best = candidate;
            } else {
                from += size;
            }
        }
        size /= 2;
    }
    best
}
