//! One journey, broken at some of its durable steps in every form; `cargo xtask sim --steps` breaks it at all of them.

use sim::steps::{Way, broken};

/// Of so many places one is tried in each way.
const STRIDE: usize = 11;

#[test]
fn a_journey_survives_whatever_step_is_broken() {
    let mut all = 0;
    for (from, way) in Way::all().into_iter().enumerate() {
        let (runs, failing) = broken(way, from % STRIDE, STRIDE);
        assert_eq!(failing, []);
        all += runs;
    }
    assert!(all > 60, "{all} runs");
}
